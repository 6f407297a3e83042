// What a person has set for the lists: views with a name, and which columns are shown. It lies at the server; this device
// keeps what it knew last, so that a list has its columns at once.
import { aborted, refusal, shelf } from "/shared/page.js";
import { who } from "../staff_session.js";
/** @import { Context } from "../../types/console" */
/** @import { Shelf } from "../../types/page" */
/** @import { GridColumn, ListSettings, Shown } from "../../types/stock" */

const PATH = "/api/staff/views";
const TRIES = 4; // of one change, each on what another window has kept meanwhile
const MOST = 50;
const LONGEST = 800; // characters of a view's query

/** @type {ListSettings} */
const NOTHING = { version: 0, views: [], columns: { contracts: {}, companies: {}, machines: {} } };

/** @type {() => Shelf<ListSettings>} */
const lastKnown = () => shelf("meterportal.stock.kept/");

/**
 * Settings with a view; one of the same list and name gives way.
 * @param {ListSettings} settings
 * @param {ListSettings["views"][number]} view
 */
export const withView = (settings, view) => ({ ...withoutView(settings, view), views: [...withoutView(settings, view).views, view] });

/**
 * @param {ListSettings} settings
 * @param {{ list: string, name: string }} view
 */
export const withoutView = (settings, { list, name }) =>
  ({ ...settings, views: settings.views.filter((one) => one.list !== list || one.name !== name) });

/**
 * Settings with a column of a list shown or not; `null`: all as usual.
 * @param {ListSettings} settings
 * @param {Shown} list
 * @param {Record<string, boolean> | null} shown
 */
export const withColumns = (settings, list, shown) =>
  ({ ...settings, columns: { ...settings.columns, [list]: shown ? { ...settings.columns[list], ...shown } : {} } });

/**
 * What earlier versions left in this browser, put behind what the server has: that wins.
 * @param {ListSettings} settings
 * @param {{ views: Partial<Record<Shown, Record<string, string>>>, columns: Partial<Record<Shown, Record<string, boolean>>> }} left
 * @returns {ListSettings}
 */
export function takenOver(settings, left) {
  const lists = /** @type {Shown[]} */ (["contracts", "companies", "machines"]);
  const views = lists.flatMap((list) => Object.entries(left.views[list] ?? {}).map(([name, address]) =>
    ({ list, name, query: address.split("?")[1] ?? "" })));
  const further = views.filter(({ list, name, query }) =>
    query.length <= LONGEST && !settings.views.some((one) => one.list === list && one.name === name));
  return {
    ...settings,
    views: [...settings.views, ...further].slice(0, Math.max(MOST, settings.views.length)),
    columns: /** @type {ListSettings["columns"]} */ (Object.fromEntries(lists.map((list) =>
      [list, { ...left.columns[list], ...settings.columns[list] }]))),
  };
}

/** What one person has set, in this tab. Each change shows at once and is made anew on what another window has kept meanwhile. */
export class Kept {
  /**
   * @param {Context} context
   * @param {{ stopped: AbortSignal, changed: () => void, refused: (error: unknown) => void }} host
   */
  constructor(context, host) {
    this.context = context;
    this.host = host;
    this.stored = lastKnown().get(who().id) ?? NOTHING;
    /** @type {((settings: ListSettings) => ListSettings)[]} */
    this.pending = [];
    /** @type {Promise<boolean>} */
    this.queue = Promise.resolve(true);
  }

  /** The settings with what is on its way. */
  get now() {
    return this.pending.reduce((settings, change) => change(settings), this.stored);
  }

  /**
   * The columns that the person wants of all there are.
   * @param {Shown} kind
   * @param {GridColumn<any>[]} all
   */
  wanted(kind, all) {
    const set = this.now.columns[kind];
    return all.filter((column) => set[column.key] ?? !column.optional);
  }

  /** Reads what the server has. Where that fails, the list says so itself, and what was known last holds. */
  async load() {
    const known = this.stored;
    try {
      const found = await this.context.call("GET", PATH, { signal: this.host.stopped });
      // A change that was kept meanwhile has overtaken this answer.
      if (this.stored === known || found.version > this.stored.version) this.take(found);
    } catch {
      return;
    }
    const { views, columns } = this.left();
    const left = /** @type {Parameters<typeof takenOver>[1]} */ ({
      views: Object.fromEntries(views.ids().map((list) => [list, views.get(list)])),
      columns: Object.fromEntries(columns.ids().map((list) => [list, columns.get(list)])),
    });
    if (!views.ids().length && !columns.ids().length) return;
    if (!await this.keep((settings) => takenOver(settings, left))) return;
    views.clear();
    columns.clear();
  }

  /** Where earlier versions kept both, in the browser alone. */
  left() {
    return { views: shelf(`meterportal.stock.views/${who().id}/`), columns: shelf(`meterportal.stock.columns/${who().id}/`) };
  }

  /** @param {ListSettings} stored */
  take(stored) {
    const before = JSON.stringify(this.now);
    this.stored = stored;
    lastKnown().put(who().id, stored);
    if (JSON.stringify(this.now) !== before) this.host.changed();
  }

  /**
   * Keeps a change; false: it was refused, and stands there no more.
   * @param {(settings: ListSettings) => ListSettings} change
   */
  keep(change) {
    this.pending.push(change);
    this.host.changed();
    this.queue = this.queue.then(() => this.send(change));
    return this.queue;
  }

  /** @param {(settings: ListSettings) => ListSettings} change */
  async send(change) {
    try {
      const stored = await this.written(change, TRIES);
      this.pending.shift();
      this.take(stored);
      return true;
    } catch (error) {
      this.pending.shift();
      this.host.changed();
      if (!aborted(error)) this.host.refused(error);
      return false;
    }
  }

  /**
   * @param {(settings: ListSettings) => ListSettings} change
   * @param {number} tries
   * @returns {Promise<ListSettings>}
   */
  async written(change, tries) {
    try {
      return await this.context.call("PUT", PATH, { body: change(this.stored) });
    } catch (error) {
      if (refusal(error).status !== 412 || tries === 1) throw error;
      this.stored = await this.context.call("GET", PATH);
      return this.written(change, tries - 1);
    }
  }
}
