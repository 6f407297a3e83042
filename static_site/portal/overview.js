// The overview: the machines that somebody reports, how much of them is open, and the bar that sends them.
import { atDesk, fill, h, refusal, write } from "/shared/page.js";
import { append } from "/list.js";
import { isComplete, sendWords } from "/meter.js";
import { Card } from "/entry.js";
/** @import { Group, Listing, Machine, MachinePage, SignedIn } from "../types/portal" */

const UNFILTERED = 5; // machines that nobody needs a filter for

/**
 * Appends a page of the API to a list; the filter comes with many, words with none. `list.grown()` hears of it.
 * @param {Listing} list
 * @param {MachinePage} page
 */
export async function grow(list, page) {
  if (page.machines.length > UNFILTERED && !list.filter) (await list.app.part("find")).find(list.app, list);
  await (list.table ? list.table.append(page) : append(list, page));
  list.grown();
  if (!list.cards.length) fill(list.list, (await list.app.part("machines")).nothing(list.app, list));
}

/** The machines that somebody reports, further pages of the API behind the first. `first` is the first page, if known. */
export class Overview {
  /**
   * @param {SignedIn} app
   * @param {MachinePage} [first]
   */
  constructor(app, first) {
    const { session, drafts } = app;
    this.app = app;
    this.session = session;
    this.drafts = drafts;
    this.company = session.company;
    this.today = session.today;
    /** @type {string | null} */
    this.dueOn = null;
    /** @type {string | undefined} */
    this.opensOn = undefined;
    /** @type {Card[]} */
    this.cards = [];
    /** @type {Set<Card>} the cards that hold values */
    this.held = new Set();
    this.counted = { reported: 0, total: 0 };
    this.reported = 0;
    this.waiting = 0;
    this.unplaced = "machines";
    this.apart = true;
    this.loaded = false;
    this.busy = false;
    /** @type {Listing["filter"]} set by the filter, which comes with many machines */
    this.filter = undefined;
    /** @type {Group | undefined} */
    this.group = undefined;
    /** @type {Record<string, Group> | undefined} those that stand apart, by reason and day */
    this.aside = undefined;
    /** One machine is all there is: the page is about it. */
    this.single = false;
    /** Several machines hold values: the bar sends them. */
    this.several = false;
    /** @type {Listing["table"]} what stands in the place of cards at a desk */
    this.table = null;
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.soon = null;
    /** @type {BroadcastChannel} */
    this.channel = new BroadcastChannel(`meterportal/${this.company.id}`);
    const told = (/** @type {MessageEvent<Machine>} */ { data }) => app.part("submit").then((it) => it.elsewhere(this.card(data.id), data));
    this.channel.onmessage = (event) => told(event).catch(() => {}); // The API tells when it is asked.
    app.overview?.channel.close();
    this.head = h("div", { class: "head" });
    this.due = h("div", { class: "until" });
    this.heading = h("h1");
    this.net = h("div", { class: "net" });
    this.notice = h("div", { class: "notice" });
    this.status = h("div", { class: "status" });
    this.find = h("div", { class: "find" });
    this.list = h("div", { class: "list" });
    /** How it goes on behind the only machine, and its ways. */
    this.further = h("div");
    this.behind = h("div", { class: "behind" });
    this.more = h("div", { class: "more" });
    this.told = h("p", { class: "number muted" });
    this.progress = h("div", { class: "progress" });
    const send = () => app.part("send").then((it) => it.sendAll(app)).catch((error) => app.say(app.words(error)));
    this.sendButton = h("button", { type: "button", class: "button", on: { click: send } });
    this.bar = h("div", { class: "sticky", hidden: true }, this.told, this.sendButton);
    const parts = [this.net, this.head, this.notice, this.status, this.find, this.list, this.further, this.behind, this.more, this.bar];
    this.element = h("div", { class: "overview" }, parts);
    this.drawHead();
    this.arranged = this.arrange(first);
    this.whole = this.load();
  }

  /**
   * The first page is known, and whether cards or a table show it.
   * @param {MachinePage | undefined} first
   */
  async arrange(first) {
    const page = first || (await this.app.call("GET", "/api/machines"));
    Object.assign(this, { counted: page.progress, dueOn: page.due_on, opensOn: page.opens_on, today: page.today || this.today });
    this.find.classList.toggle("expected", page.progress.total > UNFILTERED);
    this.single = page.machines.length === 1 && !page.next_cursor;
    this.element.classList.toggle("single", this.single);
    this.drawHead();
    const wide = page.machines.length > UNFILTERED && atDesk();
    if (wide) this.table = await this.app.part("fleet_table/layout").then(({ tableOf }) => tableOf(this)).catch(() => null); // Cards, then.
    return page;
  }

  async load() {
    const { app } = this;
    try {
      const page = await this.arranged;
      this.draw();
      await grow(this, page);
      const [only] = this.cards;
      if (only && this.cards.every((card) => card.apart === "done")) only.element.closest("details")?.setAttribute("open", "");
      if (page.next_cursor) await (await app.part("machines")).appendRest(app, this, page);
      this.loaded = true;
      this.drawBar();
    } catch (error) {
      if (app.overview !== this) return;
      if (refusal(error).status === 401) app.signedOut();
      else fill(this.more, h("div", { class: "box bad", role: "alert" }, h("p", {}, app.words(error)), app.retry(app.refresh)));
    }
  }

  grown() {
    this.drawBar();
    this.filter?.();
  }

  /** @param {string} id */
  card(id) {
    return this.cards.find((card) => card.machine.id === id);
  }

  drawHead() {
    const { app, session: { companies } } = this;
    const name = [h("span", { class: "for" }, `${app.t("reporting_for")} `), this.company.name];
    this.heading = h("h1", {}, name);
    fill(this.head, this.single ? h("p", { class: "whom" }, name) : this.heading,
      companies.length > 1 && app.late("switch", app.t("switch"), async () => (await app.part("companies")).switch(app)),
      this.single ? null : this.due);
  }

  /** @param {Machine} machine */
  make(machine) {
    return new Card(this.app, machine, this);
  }

  /** Something is stored now that was not: progress, bar and filter follow, once for many changes. */
  changed() {
    this.soon ||= setTimeout(() => this.draw());
  }

  draw() {
    const { app, app: { t } } = this;
    this.soon = null;
    const { total } = this.counted;
    this.reported = this.counted.reported
      + this.cards.reduce((sum, card) => sum + Number(isComplete(card.machine)) - Number(card.wasComplete), 0);
    const late = this.dueOn && this.dueOn < this.today;
    const due = total > 0 && this.dueOn && [t(late ? "overdue" : "due"), " ", h("strong", {}, t.date(this.dueOn)),
      t(this.single || late ? "due_consequence" : this.table ? "table_due" : "due_else")];
    const done = total > 0 && this.reported >= total;
    const next = !due && this.opensOn && t("later_from", { date: t.date(this.opensOn) });
    fill(this.due, done ? !this.single && t("due_none") : [h("p", {}, due || t("due_none")), next && h("p", {}, next)]);
    // What is done comes first, what is due behind the only machine.
    if (this.single && !done) this.list.after(this.due, this.status);
    else this.find.before(this.status);
    if (!done) for (const one of [this.status, this.further]) fill(one);
    if (done || (!total && this.session.companies.length > 1)) app.part("companies").then((it) => it.finish(app, this), () => {});
    this.waiting = this.cards.filter((card) => card.waiting && !isComplete(card.machine)).length;
    fill(this.progress, total > 0 && !this.single && [
      h("label", { for: "progress" }, t("progress", { reported: this.reported, count: total }),
        this.waiting > 0 && t("net_waiting", { count: this.waiting })),
      h("progress", { id: "progress", max: total, value: this.reported })]);
    this.drawBar();
    this.filter?.();
  }

  /** What is open and filled in, in sight at the bottom of the window; one machine has its own button. */
  drawBar() {
    if (this.table) return this.table.drawBar();
    if (!this.cards.length && !this.loaded) return; // What stands below the machines comes with them.
    const { t } = this.app;
    const open = this.counted.total - this.reported;
    const filled = [...this.held].filter((card) => card.mayReport && !card.waiting && card.filled);
    const count = filled.reduce((sum, card) => sum + card.filled, 0);
    this.bar.hidden = this.cards.length < 2 || (!open && !filled.length);
    if (this.progress.parentNode !== (this.bar.hidden ? this.element : this.bar)) {
      (this.bar.hidden ? this.more : this.told)[this.bar.hidden ? "after" : "before"](this.progress);
    }
    write(this.told, t("bar", { count: open - this.waiting }));
    this.sendButton.hidden = filled.length < 2 && !this.busy;
    write(this.sendButton, this.busy ? t("submitting") : sendWords(t, count));
    this.sendButton.disabled = Boolean(this.busy);
    if (this.several === filled.length > 1) return;
    this.several = filled.length > 1;
    for (const card of filled) if (card.built) card.drawSubmit();
  }
}
