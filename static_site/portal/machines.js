// All machines of the company that somebody may look at, whoever reports them; and what long or empty lists need.
import { Card } from "/entry.js";
import { isComplete, meterName } from "/meter.js";
import { grow } from "/overview.js";
import { both, fill, h, refusal, say } from "/shared/page.js";
import { complete, texts as storedTexts } from "/stored.js";
/** @import { Child } from "../types/page" */
/** @import { App, Group, Listing, Machine, MachinePage, Meter, Overview, SignedIn, States } from "../types/portal" */

const own = both({
  no_machines: [
    "Für diese Firma ist Ihnen zurzeit kein Gerät zugeordnet. Fehlt eines, antworten Sie bitte auf die E-Mail Ihres Händlers.",
    "No machine of this company is assigned to you at present. If one is missing, please reply to your dealer’s e-mail.",
  ],
  sticker_unknown: [
    "Das Gerät dieses Aufklebers gehört nicht zu denen, die Sie melden.",
    "The machine of this sticker is not among those that you report.",
  ],
  loading_more: ["Weitere Geräte werden geladen …", "Loading more machines …"],
  all_title: ["Alle Geräte", "All machines"],
  all_lead: [
    "Alle Geräte von {company} mit ihren letzten Zählerständen. Eintragen können Sie die Stände der Geräte, die Sie selbst melden.",
    "All machines of {company} with their last readings. You can enter readings for the machines that you report yourself.",
  ],
  all_lead_own: [
    "Die Geräte von {company}, die Sie melden, mit ihren letzten Zählerständen.",
    "The machines of {company} that you report, with their last readings.",
  ],
  all_none: ["Für diese Firma gibt es kein Gerät, das Sie sehen können.", "There is no machine of this company that you can see."],
  all_loading: ["Geräte werden geladen …", "Loading machines …"],
  all_loaded: [["{count} Gerät", "{count} Geräte"], ["{count} machine", "{count} machines"]],
  all_look: ["Alle Geräte der Firma ansehen", "Look at all machines of the company"],
  all_machines: ["Geräte", "Machines"],
  all_entry: ["Zählerstand eintragen", "Enter reading"],
  all_entered: ["Zur Meldung", "To the report"],
  all_problem: ["Am {date} wurde ein Problem mit diesem Gerät gemeldet.", "A problem with this machine was reported on {date}."],
  all_print: ["Drucken", "Print"],
  state_shown: ["Nur zur Ansicht", "View only"],
  find_mine: ["Sie melden", "You report"],
  find_shown: ["Nur zur Ansicht", "View only"],
});

export const texts = { de: { ...storedTexts.de, ...own.de }, en: { ...storedTexts.en, ...own.en } };

const ALL = "/api/machines?scope=company";
/** @type {States} */
const STATES = {
  all: () => true,
  mine: (card) => card.machine.may_report,
  shown: (card) => !card.machine.may_report,
};

const AT_ONCE = 200; // machines drawn before the browser gets its turn

/**
 * Appends all machines behind `page`, the first one, in the order that it tells. What has come to the company since stands last.
 * @param {SignedIn} app
 * @param {Listing} list
 * @param {MachinePage} page
 * @param {string} [path]
 */
export async function appendRest(app, list, page, path = "/api/machines") {
  fill(list.more, h("p", { class: "muted", role: "status", "data-text": "loading_more" }, app.t("loading_more")));
  /** @type {Map<string, Machine>} */
  const come = new Map();
  const asked = `${path}${path.includes("?") ? "&" : "?"}cursor=`;
  let lost = null;
  try {
    for (let cursor = page.next_cursor; cursor;) {
      const next = /** @type {MachinePage} */ (await app.call("GET", asked + encodeURIComponent(cursor)));
      for (const machine of next.machines) come.set(machine.id, machine);
      cursor = next.next_cursor;
    }
  } catch (error) {
    lost = error; // what has come is shown, whatever is missing
  }
  const rest = (page.order ?? []).flatMap((id) => come.get(id) ?? []);
  for (const { id } of [...page.machines, ...rest]) come.delete(id);
  rest.push(...come.values());
  for (let start = 0; start < rest.length; start += AT_ONCE) {
    await grow(list, { ...page, machines: rest.slice(start, start + AT_ONCE) });
    await new Promise((resolve) => setTimeout(resolve));
  }
  if (lost) throw lost;
  fill(list.more);
}

/**
 * What stands in a list without any machine.
 * @param {SignedIn} app
 * @param {Listing} list
 */
export function nothing(app, list) {
  const { t, session } = app;
  const all = list instanceof Machines;
  return h("div", { class: "box" }, h("p", {}, t(all ? "all_none" : "no_machines")),
    !all && session.rights.machines && h("p", {}, h("a", { href: "#/machines" }, t("all_look"))));
}

/**
 * Somebody came for a machine that is not in the list.
 * @param {App} app
 * @param {Overview} overview
 */
export const unknown = ({ t }, overview) => fill(overview.notice, h("p", { class: "box warn", role: "alert" }, t("sticker_unknown")));

/** A card to look at: values are entered on the overview's. */
class Shown extends Card {
  /**
   * @param {SignedIn} app
   * @param {Machine} machine
   * @param {Machines} list
   */
  constructor(app, machine, list) {
    // A card without fields asks its list for nothing but what all lists have.
    super(app, machine, /** @type {Overview} */ (/** @type {unknown} */ (list)));
    this.all = list;
  }

  get mayReport() {
    return false;
  }

  get state() {
    const state = super.state;
    return !this.machine.may_report && (state === "open" || state === "partly") ? "shown" : state;
  }

  /** All of it at once: what was painted without its values would grow a moment later, and move what stands below. */
  drawWhole() {
    const { app: { t }, machine } = this;
    Object.assign(this, { built: true, fields: [], notice: h("div") });
    const shown = machine.meters.map((meter) => /** @type {[Meter, HTMLElement]} */ (
      [meter, h("div", { class: "meter stored" }, h("p", { class: "label" }, meterName(t, meter)))]));
    const foot = h("div", { class: "foot" });
    this.outline();
    this.element.append(this.notice, h("div", { class: "meters" }, shown.map(([, element]) => element)), foot);
    complete(this, shown, foot);
  }

  /** They stand in the foot: a list to look at has nothing else. */
  ways() {
    return null;
  }

  /** @returns {Child[]} */
  foot() {
    const { app: { t }, machine } = this;
    const { id, problem } = machine;
    const number = encodeURIComponent(id);
    /**
     * @param {string} href
     * @param {string} key
     */
    const way = (href, key) => h("li", {},
      h("a", { href, "aria-describedby": `name-${id}`, on: { click: () => this.all.leave(this, href) } }, t(key)));
    return [
      problem && h("p", { class: "muted" }, t("all_problem", { date: t.date(problem.reported_on) })),
      !machine.meters.length && h("p", { class: "muted" }, t("no_meters")),
      machine.opens_on && h("p", { class: "muted" }, t("opens", { due: t.date(machine.due_on), date: t.date(machine.opens_on) })),
      h("ul", { class: "ways" },
        machine.may_report && !machine.opens_on && way(`#m=${number}`, problem || isComplete(machine) ? "all_entered" : "all_entry"),
        way(`#/history/${number}/machines`, "way_history"),
        way(`#/help/${number}/machines`, "way_help")),
    ].filter(Boolean);
  }
}

/** The list, as long as its session and overview last: who comes back from a machine finds it as it was. */
export class Machines {
  /** @param {SignedIn} app */
  constructor(app) {
    const { session, overview, t } = app;
    this.app = app;
    this.session = session;
    this.drafts = app.drafts;
    this.own = overview;
    this.language = t.language;
    /** @type {Card[]} */
    this.cards = [];
    /** @type {Set<Card>} */
    this.held = new Set();
    this.states = STATES;
    this.unplaced = "all_machines";
    /** @type {string | null} */
    this.dueOn = null;
    /** @type {Listing["filter"]} set by the filter, which comes with many machines */
    this.filter = undefined;
    /** @type {Group | undefined} */
    this.group = undefined;
    /** @type {{ card: Card, href: string } | null} where somebody left for a machine */
    this.left = null;
    this.counted = { total: 0 };
    this.find = h("div", { class: "find" });
    this.list = h("div", { class: "list" });
    this.more = h("div", { class: "more" });
    this.load();
  }

  async load() {
    const { app } = this;
    try {
      fill(this.more, h("p", { class: "muted", role: "status", "data-text": "all_loading" }, app.t("all_loading")));
      const page = await app.call("GET", ALL);
      this.dueOn = page.due_on;
      this.counted = { total: page.order?.length ?? page.machines.length };
      fill(this.more);
      await grow(this, page);
      await appendRest(app, this, page, ALL);
      if (this.list.isConnected) say(app.t("all_loaded", { count: this.cards.length }));
    } catch (error) {
      if (kept !== this || app.session !== this.session) return;
      kept = null;
      if (refusal(error).status === 401) app.signedOut();
      else fill(this.more, h("div", { class: "box bad", role: "alert" }, h("p", {}, app.words(error)), app.retry(app.refresh)));
    }
  }

  /**
   * A due date matters to those who report.
   * @param {Machine} machine
   */
  make(machine) {
    return new Shown(this.app, machine.may_report ? machine : { ...machine, due_on: null }, this);
  }

  grown() {
    this.filter?.();
  }

  changed() {
    this.filter?.();
  }

  /**
   * @param {Card} card
   * @param {string} href
   */
  leave(card, href) {
    this.left = { card, href };
  }

  /** What has been stored on the overview since. */
  follow() {
    for (const card of this.cards) {
      const now = this.own.card(card.machine.id)?.machine;
      if (now && now.version > card.machine.version) card.update({ ...now, may_report: true });
    }
  }

  /** Back where somebody left for a machine; gives what to focus. */
  back() {
    const { left } = this;
    this.left = null;
    this.follow();
    if (!left) return null;
    const { card, href } = left;
    return [...card.element.querySelectorAll("a")].find((way) => way.getAttribute("href") === href)
      || /** @type {HTMLElement | null} */ (card.element.querySelector(".name"));
  }

  spoken() {
    this.language = this.app.t.language;
    this.cards.forEach((card) => (card.built ? card.draw() : card.outline()));
    this.filter?.();
  }
}

/** @type {Machines | null} */
let kept = null;

/**
 * @param {SignedIn} app
 * @param {HTMLElement} node
 */
export async function screen(app, node) {
  const { t, session } = app;
  const same = kept && kept.session === session && kept.own === app.overview ? kept : null;
  const returned = same?.left;
  const respoken = same && same.language !== t.language;
  const list = same && (returned || respoken) ? same : new Machines(app);
  kept = list;
  if (respoken) list.spoken();
  const heading = h("h1", {}, t("all_title"));
  fill(node, h("div", { class: "all-machines" }, heading,
    h("p", {}, t(session.rights.machines ? "all_lead" : "all_lead_own", { company: session.company.name })),
    h("p", { class: "no-print" }, h("button", { type: "button", class: "button quiet", on: { click: () => print() } }, t("all_print"))),
    list.find, list.list, list.more));
  return returned ? list.back() : heading;
}
