// All machines of the company that somebody may look at, whoever reports them; and what long or empty lists need.
import { Card, isComplete } from "/entry.js";
import { append, retry } from "/portal.js";
import { both, fill, h, say } from "/shared/page.js";

export const texts = both({
  no_machines: ["Für diese Firma ist Ihnen zurzeit kein Gerät zugeordnet. Fehlt eines, antworten Sie bitte auf die E-Mail Ihres Händlers.", "No machine of this company is assigned to you at present. If one is missing, please reply to your dealer’s e-mail."],
  loading_more: ["Weitere Geräte werden geladen …", "Loading more machines …"],
  all_title: ["Alle Geräte", "All machines"],
  all_lead: ["Alle Geräte von {company} mit ihren letzten Zählerständen. Eintragen können Sie die Stände der Geräte, die Sie selbst melden.", "All machines of {company} with their last readings. You can enter readings for the machines that you report yourself."],
  all_lead_own: ["Die Geräte von {company}, die Sie melden, mit ihren letzten Zählerständen.", "The machines of {company} that you report, with their last readings."],
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
  find_mine: ["Sie melden ({n})", "You report ({n})"],
  find_shown: ["Nur zur Ansicht ({n})", "View only ({n})"],
});

const ALL = "/api/machines?scope=company";
const STATES = {
  all: () => true,
  mine: (card) => card.machine.may_report,
  shown: (card) => !card.machine.may_report,
};

/** Appends all pages behind `page`, each asked for while the one before it is drawn. */
export async function appendRest(app, list, page, path = "/api/machines") {
  const after = async ({ next_cursor: cursor }) => cursor && app.call("GET", `${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}`);
  fill(list.more, h("p", { class: "muted", role: "status", "data-text": "loading_more" }, app.t("loading_more")));
  for (let next = after(page); (page = await next); await append(list, page)) {
    next = after(page);
    next.catch(() => {}); // Told when its turn comes.
  }
  fill(list.more);
}

/** What stands in a list without any machine. */
export function nothing(app, list) {
  const { t, session } = app;
  const all = list instanceof Machines;
  return h("div", { class: "box" }, h("p", {}, t(all ? "all_none" : "no_machines")),
    !all && session.rights.machines && h("p", {}, h("a", { href: "#/machines" }, t("all_look"))));
}

/** A card to look at: values are entered on the overview's. */
class Shown extends Card {
  get mayReport() {
    return false;
  }

  get state() {
    const state = super.state;
    return !this.machine.may_report && (state === "open" || state === "partly") ? "shown" : state;
  }

  foot() {
    const { app: { t }, machine } = this;
    const { id, problem } = machine;
    const number = encodeURIComponent(id);
    const way = (href, key) => h("li", {}, h("a", { href, "aria-describedby": `name-${id}`, on: { click: () => this.overview.leave(this, href) } }, t(key)));
    return [
      problem && h("p", { class: "muted" }, t("all_problem", { date: t.date(problem.reported_on) })),
      !machine.meters.length && h("p", { class: "muted" }, t("no_meters")),
      h("ul", { class: "ways" },
        machine.may_report && way(`#m=${number}`, problem || isComplete(machine) ? "all_entered" : "all_entry"),
        way(`#/history/${number}/machines`, "way_history"),
        way(`#/help/${number}/machines`, "way_help")),
    ].filter(Boolean);
  }
}

/** The list, as long as its session and overview last: who comes back from a machine finds it as it was. */
class Machines {
  constructor(app) {
    const { session, overview, t } = app;
    Object.assign(this, { app, session, own: overview, language: t.language, cards: [], states: STATES, unplaced: "all_machines" });
    for (const name of ["find", "list", "more"]) this[name] = h("div", { class: name });
    this.load();
  }

  async load() {
    const { app } = this;
    try {
      fill(this.more, h("p", { class: "muted", role: "status", "data-text": "all_loading" }, app.t("all_loading")));
      const page = await app.call("GET", ALL);
      this.dueOn = page.due_on;
      await append(this, page);
      await appendRest(app, this, page, ALL);
      if (this.list.isConnected) say(app.t("all_loaded", { count: this.cards.length }));
    } catch (error) {
      if (kept !== this || app.session !== this.session) return;
      kept = null;
      if (error.status === 401) app.signedOut();
      else fill(this.more, h("div", { class: "box bad", role: "alert" }, h("p", {}, app.words(error)), retry(app.refresh)));
    }
  }

  /** A due date matters to those who report. */
  make(machine) {
    return new Shown(this.app, machine.may_report ? machine : { ...machine, due_on: null }, this);
  }

  grown() {
    this.filter?.();
  }

  changed() {
    this.filter?.();
  }

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
    const { card, href } = this.left;
    this.left = null;
    this.follow();
    return [...card.element.querySelectorAll("a")].find((way) => way.getAttribute("href") === href) || card.element.querySelector("h3");
  }

  spoken() {
    this.language = this.app.t.language;
    this.cards.forEach((card) => (card.built ? card.draw() : card.outline()));
    this.filter?.();
  }
}

let kept = null;

export async function screen(app, node) {
  const { t, session } = app;
  const same = kept?.session === session && kept.own === app.overview;
  const returned = same && kept.left;
  const respoken = same && kept.language !== t.language;
  if (!returned && !respoken) kept = new Machines(app);
  if (respoken) kept.spoken();
  const heading = h("h1", {}, t("all_title"));
  fill(node, h("div", { class: "all-machines" }, heading,
    h("p", {}, t(session.rights.machines ? "all_lead" : "all_lead_own", { company: session.company.name })),
    h("p", { class: "no-print" }, h("button", { type: "button", class: "button quiet", on: { click: () => print() } }, t("all_print"))),
    kept.find, kept.list, kept.more));
  return returned ? kept.back() : heading;
}
