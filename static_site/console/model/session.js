// What one page asks: parts of lists, its choice among the rows, hits of a search.
import { barOf, standOf, sumUp } from "./bar.js";
import { dayOf } from "./folding.js";
import { Choice, FEW, both, filtered, found, listed, meeting, rowsOf, sum } from "./lists.js";
import { Made } from "./made.js";
import { HIT, needleOf } from "./needle.js";
import { ROWS } from "./rows.js";
import { contractFilter } from "./selection.js";
import { sliced } from "./slices.js";
/** @import { Asked, Found, FromWorker, Kind, Port, Requests, Spec } from "../../types/model" */
/** @import { Keeper } from "./keeper.js" */
/** @import { Portfolio } from "./portfolio.js" */

const MOST = 2000; // rows in an answer
const HITS = 3;
const EXCEPTED = 2000; // rows taken out of a whole list; more are no such list any more

const MOST_KEPT = 5000; // rows that are told one by one for another page

/** @type {Kind[]} */
const KINDS = ["companies", "contacts", "contracts", "machines"];

/** @returns {Record<Kind, Choice>} */
const noChoices = () => ({ companies: new Choice(), contracts: new Choice(), machines: new Choice(), contacts: new Choice() });

export class Session {
  /**
   * @param {Keeper} keeper
   * @param {Port} port
   */
  constructor(keeper, port) {
    this.keeper = keeper;
    this.port = port;
    /** @type {string | null} */
    this.token = null;
    /** @type {string | null} what opens the rows on this device */
    this.key = null;
    /** @type {Map<Kind, { key: string, portfolio: Portfolio, seen: number, rows: Int32Array, all: number, machines: number }>} */
    this.lists = new Map();
    /** @type {Made<Uint8Array>} the rows that meet the conditions of a list, the words aside */
    this.met = new Made();
    /** @type {Made<Int32Array<ArrayBuffer>>} all rows of a kind, in an order */
    this.orders = new Made();
    /** @type {Made<{ text: string, mask: Uint8Array }>} what was found last, by the search and by the filter of each kind */
    this.found = new Made(2 * KINDS.length);
    /** @type {Made<number>} how many rows there are without any condition */
    this.all = new Made();
    this.choices = noChoices();
  }

  /** Nothing of what was asked is held any more. */
  forget() {
    this.lists.clear();
    for (const made of [this.met, this.orders, this.found, this.all]) made.clear();
    this.choices = noChoices();
  }

  /** @param {FromWorker} message */
  tell(message) {
    this.port.postMessage(message);
  }

  /**
   * @param {number} id
   * @param {Asked} what
   * @param {any} given what goes with `what`
   */
  async answer(id, what, given) {
    try {
      this.tell({ kind: "answer", id, answer: await this[what](given) });
    } catch (error) {
      this.tell({ kind: "answer", id, fault: String(error) });
      reportError(error);
    }
  }

  /** How much has changed that a list may show. @param {Portfolio} portfolio @param {Kind} kind */
  seen({ seen }, kind) {
    return kind === "companies" ? seen.companies + seen.contracts : seen.companies + seen.contracts + seen[kind];
  }

  /**
   * The list of a spec: as it was made, until the spec is another one or a fresh one is asked for.
   * @param {Spec} spec
   * @param {boolean} [fresh]
   */
  async list(spec, fresh = false) {
    const portfolio = await this.keeper.rows(spec.kind);
    const key = JSON.stringify(spec);
    const known = this.lists.get(spec.kind);
    const seen = this.seen(portfolio, spec.kind);
    if (spec.kind === "companies") sumUp(portfolio, dayOf(spec.today));
    if (known?.key === key && known.portfolio === portfolio && !(fresh && known.seen !== seen)) return known;
    const rows = await this.rows(portfolio, spec, seen);
    const all = await this.allOf(portfolio, spec, seen);
    let machines = 0;
    if (spec.kind === "contracts") for (const row of rows) machines += portfolio.contracts.numbers.total.at(row);
    const made = { key, portfolio, seen, rows, all, machines };
    this.lists.set(spec.kind, made);
    return made;
  }

  /**
   * The rows of a spec in its order. What stays the same while somebody types, and from one order to another, is made once.
   * @param {Portfolio} portfolio
   * @param {Spec} spec
   * @param {number} seen
   */
  async rows(portfolio, spec, seen) {
    const { kind, sort, down } = spec;
    const conditions = JSON.stringify({ ...spec, words: "", sort: "", down: false });
    const met = await this.met.once(conditions, portfolio, seen, () => sliced(meeting(portfolio, spec)));
    const mask = both(met, await this.look("filter", portfolio, kind, spec.words));
    if (sum(mask) <= FEW) return sliced(listed(portfolio, spec, rowsOf(mask)));
    const order = await this.orders.once([kind, sort, down].join(" "), portfolio, seen, () => (
      sliced(listed(portfolio, spec, Int32Array.from(mask.keys())))
    ));
    return rowsOf(mask, order);
  }

  /**
   * How many rows there are without any condition but the ended ones.
   * @param {Portfolio} portfolio
   * @param {Spec} spec
   * @param {number} seen
   */
  allOf(portfolio, spec, seen) {
    const only = /** @type {const} */ ("");
    const nothing = { words: "", states: [], channels: [], due: "", company: "", contract: "", machine: "", only };
    return this.all.once([spec.kind, spec.ended, spec.today].join(" "), portfolio, seen, async () => (
      (await sliced(filtered(portfolio, { ...spec, ...nothing }))).length
    ));
  }

  /** @param {Requests["window"][0]} given */
  async window({ spec, from, count, fresh }) {
    const { portfolio, rows, all, machines, seen } = await this.list(spec, fresh);
    const choice = this.choices[spec.kind];
    const shown = [...rows.subarray(from, from + Math.min(count, MOST))];
    return {
      from,
      rows: shown.map((row) => ({ ...ROWS[spec.kind](portfolio, row), chosen: choice.has(row) })),
      total: rows.length,
      all,
      machines,
      moved: this.seen(portfolio, spec.kind) !== seen,
      ...this.counts(choice, rows),
    };
  }

  /**
   * @param {Choice} choice
   * @param {Int32Array} rows
   */
  counts(choice, rows) {
    const chosen = choice.size;
    let within = 0;
    if (chosen) for (let n = 0; n < rows.length; n += 1) within += Number(choice.has(rows[n]));
    return { chosen, hidden: chosen - within };
  }

  /** The place of a record in a list, -1 for none. @param {Requests["place"][0]} given */
  async place({ spec, company, id }) {
    const { portfolio, rows } = await this.list(spec);
    const row = portfolio[spec.kind].find(portfolio.companies.find(-1, company), id);
    return row < 0 ? -1 : rows.indexOf(row);
  }

  /** @param {Requests["choose"][0]} given */
  async choose({ spec, how, rows: [first, last] = [0, 0], chosen = true }) {
    const { rows } = await this.list(spec);
    const choice = this.choices[spec.kind];
    if (how === "none") choice.clear();
    else if (how === "matching") {
      choice.set(rows, chosen);
      if (chosen && this.counts(choice, rows).hidden === 0) choice.whole = spec;
    }
    else choice.set(rows.subarray(Math.min(first, last), Math.max(first, last) + 1), chosen);
    return this.counts(choice, rows);
  }

  /**
   * The chosen contracts. A list that was chosen as a whole is told by its filter and what was taken out, as long as that says the
   * same; else they are told by number.
   * @param {Requests["selection"][0]} _given
   * @returns {Promise<Requests["selection"][1]>}
   */
  async selection(_given) {
    const portfolio = await this.keeper.rows("contracts");
    const { contracts } = portfolio;
    const choice = this.choices.contracts;
    const filter = choice.whole && contractFilter(choice.whole);
    const whole = filter && await this.whole(portfolio, "contracts");
    const ids = (/** @type {number[]} */ rows) => rows.map((row) => contracts.id.at(row));
    if (filter && whole) return { filter, ...whole.except.length ? { except: ids(whole.except) } : {} };
    return { ids: ids([...choice].filter((row) => contracts.shown(row))) };
  }

  /**
   * The list that was chosen as a whole and the rows that were taken out of it, as long as that says the same.
   * @param {Portfolio} portfolio
   * @param {Kind} kind
   */
  async whole(portfolio, kind) {
    const choice = this.choices[kind];
    if (!choice.whole) return null;
    const rows = await sliced(filtered(portfolio, choice.whole));
    const except = [...rows].filter((row) => !choice.has(row));
    const chosen = [...choice].filter((row) => portfolio[kind].shown(row)).length;
    return except.length <= EXCEPTED && rows.length - except.length === chosen ? { spec: choice.whole, except } : null;
  }

  /**
   * What is chosen, by records, so that another page can choose it again; null where these are too many.
   * @param {Requests["chosen"][0]} given
   */
  async chosen({ kind }) {
    const portfolio = await this.keeper.rows(kind);
    const table = portfolio[kind];
    const whole = await this.whole(portfolio, kind);
    const rows = whole ? whole.except : [...this.choices[kind]];
    if (rows.length > MOST_KEPT) return null;
    const records = rows.map((row) => ({ company_id: portfolio.companies.id.at(table.company.at(row)), id: table.id.at(row) }));
    return { whole: whole && whole.spec, records };
  }

  /** Chooses what another page has chosen. @param {Requests["rechoose"][0]} given */
  async rechoose({ kind, whole, records }) {
    const portfolio = await this.keeper.rows(kind);
    const choice = new Choice();
    if (whole) choice.set(await sliced(filtered(portfolio, whole)), true);
    choice.whole = whole;
    const rows = records.map(({ company_id: company, id }) => portfolio[kind].find(portfolio.companies.find(-1, company), id));
    choice.set(rows.filter((row) => row >= 0), !whole);
    this.choices[kind] = choice;
    return null;
  }

  /**
   * Chooses the contracts of the chosen companies (those that run) or machines, and no others.
   * @param {Requests["contracts"][0]} given
   */
  async contracts({ kind, today }) {
    const portfolio = await this.keeper.rows(kind);
    const { contracts, machines } = portfolio;
    const choice = new Choice();
    const [day, ends] = [dayOf(today), contracts.numbers.ends_on];
    for (const row of this.choices[kind]) {
      if (kind === "machines") choice.set([machines.numbers.contract.at(row)].filter((contract) => contract >= 0), true);
      else choice.set([...contracts.of(row)].filter((contract) => !ends.at(contract) || ends.at(contract) >= day), true);
    }
    choice.set([...choice].filter((row) => !contracts.shown(row)), false);
    this.choices.contracts = choice;
    return null;
  }

  /** Rows by company and number, null for what is not there. @param {Requests["records"][0]} given */
  async records({ kind, ids, today }) {
    const portfolio = await this.keeper.rows(kind);
    const table = portfolio[kind];
    if (kind === "companies") sumUp(portfolio, dayOf(today));
    return ids.map(({ company_id: company, id }) => {
      const row = table.find(portfolio.companies.find(-1, company), id);
      return row >= 0 && table.shown(row) ? ROWS[kind](portfolio, row) : null;
    });
  }

  /** How many rows each spec has. @param {Requests["count"][0]} given */
  async count({ specs }) {
    const counts = [];
    for (const spec of specs) counts.push((await sliced(filtered(await this.keeper.rows(spec.kind), spec))).length);
    return counts;
  }

  /** @param {Requests["bar"][0]} given */
  async bar({ spec }) {
    const portfolio = await this.keeper.rows(spec.kind);
    return barOf(portfolio, spec.kind, await sliced(filtered(portfolio, { ...spec, states: [] })));
  }

  /** How the machines of a spec stand, whatever its states. @param {Requests["stand"][0]} given */
  async stand({ spec, steps }) {
    const portfolio = await this.keeper.rows(spec.kind);
    return standOf(portfolio, await sliced(filtered(portfolio, { ...spec, states: [] })), dayOf(spec.today), steps);
  }

  /** Of the contracts of a spec: how many there are, and how many of their machines are not complete. @param {Requests["open"][0]} given */
  async open({ spec }) {
    const portfolio = await this.keeper.rows(spec.kind);
    const { total, reported } = portfolio.contracts.numbers;
    const rows = await sliced(filtered(portfolio, spec));
    return { contracts: rows.length, machines: rows.reduce((sum, row) => sum + total.at(row) - reported.at(row), 0) };
  }

  /**
   * Three hits a kind, a record of exactly this number first; a total of -1: these rows are not there yet.
   * @param {Requests["find"][0]} given
   */
  async find({ text, today }) {
    const portfolio = await this.keeper.rows("companies");
    /** @type {[Kind, { total: number, rows: any[] }][]} */
    const groups = [];
    for (const kind of KINDS) groups.push([kind, await this.hits(portfolio, kind, text, today)]);
    return /** @type {Found} */ (Object.fromEntries(groups));
  }

  /**
   * @param {Portfolio} portfolio
   * @param {Kind} kind
   * @param {string} text
   * @param {string} today
   */
  async hits(portfolio, kind, text, today) {
    if (!this.keeper.holds(kind)) return { total: -1, rows: [] };
    const table = portfolio[kind];
    const mask = await this.look("search", portfolio, kind, text);
    const total = table.shownOf(mask);
    const own = needleOf(text.trim());
    const rows = total && own.text
      ? [...table.id.same(own, mask), ...table.texts.serial?.same(own, mask) ?? []].filter((row) => table.shown(row)) : [];
    for (let row = mask.indexOf(HIT); row >= 0 && rows.length < HITS; row = mask.indexOf(HIT, row + 1)) {
      if (table.shown(row) && !rows.includes(row)) rows.push(row);
    }
    if (kind === "companies") sumUp(portfolio, dayOf(today));
    return { total, rows: rows.slice(0, HITS).map((row) => ROWS[kind](portfolio, row)) };
  }

  /**
   * The rows that hold every word of a text; while somebody types on, only among those of the text before.
   * @param {"search" | "filter"} who looks
   * @param {Portfolio} portfolio
   * @param {Kind} kind
   * @param {string} text
   */
  async look(who, portfolio, kind, text) {
    const name = `${who} ${kind}`;
    const seen = this.seen(portfolio, kind);
    const mask = await sliced(found(portfolio, kind, text, this.found.of(name, portfolio, seen)));
    return this.found.keep(name, portfolio, seen, { text, mask }).mask;
  }

  /** @param {Requests["refresh"][0]} _given */
  async refresh(_given) {
    this.keeper.refresh();
    return null;
  }

  /** @param {Requests["retry"][0]} _given */
  async retry(_given) {
    this.keeper.wake();
    return null;
  }

  /**
   * Another snapshot takes the place of the one before: the choice goes with its records.
   * @param {Portfolio} before
   * @param {Portfolio} after
   */
  move(before, after) {
    this.lists.clear();
    for (const made of [this.met, this.orders, this.found, this.all]) made.clear();
    for (const kind of KINDS) {
      const moved = new Choice();
      for (const row of this.choices[kind]) {
        const company = after.companies.find(-1, before.companies.id.at(before[kind].company.at(row)));
        const place = after[kind].find(company, before[kind].id.at(row));
        if (place >= 0) moved.set([place], true);
      }
      moved.whole = this.choices[kind].whole;
      this.choices[kind] = moved;
    }
  }
}
