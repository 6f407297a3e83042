// A fleet at a desk: one line a machine.
import { isComplete } from "/meter.js";
import { Bar, texts as barTexts } from "/fleet_table/bar.js";
import { columnOf, headOf, learn, texts as columnTexts, widthsOf } from "/fleet_table/columns.js";
import { Drawn } from "/fleet_table/drawn.js";
import { isUndo } from "/fleet_table/keys.js";
import { Line, lineOf, texts as lineTexts } from "/fleet_table/line.js";
import { Tools, texts as toolTexts } from "/fleet_table/tools.js";
import { both, fill, h, say, write } from "/shared/page.js";
import { texts as storedTexts } from "/stored.js";
/** @import { Column, Item, MachinePage, Meter, Overview, Pasted, States } from "../../types/portal" */

const own = both({
  table_caption: ["Geräte und ihre Zählerstände", "Machines and their readings"],
  table_count: [["{count} Gerät", "{count} Geräte"], ["{count} machine", "{count} machines"]],
  table_open: ["{open} offen", "{open} open"],
  table_due: [", sonst darf Ihr Händler schätzen", ", or your dealer may estimate"],
  find_filled: ["Ausgefüllt", "Filled in"],
});

export const texts = {
  de: { ...storedTexts.de, ...lineTexts.de, ...columnTexts.de, ...toolTexts.de, ...barTexts.de, ...own.de },
  en: { ...storedTexts.en, ...lineTexts.en, ...columnTexts.en, ...toolTexts.en, ...barTexts.en, ...own.en },
};

const LINE = 36; // px, until one is measured
const PLACE = 26;
const MANY = 4; // columns of counters for which hardly a window is wide enough

/** @type {States} */
const STATES = {
  all: () => true,
  open: (card) => lineOf(card).isOpen && !lineOf(card).isFilled,
  filled: (card) => lineOf(card).isFilled && !lineOf(card).isUnsure && !card.waiting,
  check: (card) => lineOf(card).isUnsure || card.waiting,
  done: (card) => isComplete(card.machine) && !lineOf(card).isFilled,
};

/** The table of an overview: its lines are the overview's cards. */
export class Table {
  /** @param {Overview} overview */
  constructor(overview) {
    this.app = overview.app;
    this.overview = overview;
    this.readOn = overview.today;
    /** @type {Column[]} */
    this.columns = [];
    /** @type {Line[]} */
    this.lines = [];
    /** @type {Map<Line, Item>} */
    this.itemOf = new Map();
    /** @type {Pasted[]} what the last paste has put in */
    this.lastPaste = [];
    /** How many of its values found no field. */
    this.left = 0;
    /** @type {Map<string, { element: HTMLElement, name: HTMLElement, count: HTMLElement }>} titles of places */
    this.places = new Map();
    /** What stood in the field with the focus when it got it. */
    this.before = "";
    this.head = h("thead");
    this.widths = h("colgroup");
    this.caption = h("caption", { class: "unseen" });
    this.element = h("table", { class: "fleet-table number", "aria-describedby": "table-keys" }, this.caption, this.widths, this.head);
    this.box = h("div", { class: "wide-fleet" }, this.element);
    this.drawn = new Drawn(this.element, this.head);
    this.tools = new Tools(this);
    this.bar = new Bar(this);
    this.states = STATES;
    overview.element.classList.add("with-table");
    fill(overview.list, this.tools.keys, this.box);
    this.listen();
    this.drawHead();
    this.tools.enter();
  }

  listen() {
    const ended = new AbortController();
    const { signal } = ended;
    const soon = () => {
      if (this.app.overview === this.overview) this.soon();
      else ended.abort();
    };
    addEventListener("scroll", soon, { passive: true, signal });
    addEventListener("resize", soon, { signal });
    addEventListener("beforeprint", () => this.drawn.whole(), { signal });
    addEventListener("afterprint", soon, { signal });
    document.addEventListener("paste", (event) => {
      const [line] = this.lines;
      if (!isTypedIn(event.target) && line && this.element.isConnected && !signal.aborted) this.pasted(event, line, undefined);
    }, { signal });
    document.addEventListener("keydown", (event) => {
      if (!signal.aborted && this.element.isConnected && !isTypedIn(event.target) && isUndo(event) && this.lastPaste.length) {
        event.preventDefault();
        this.undo();
      }
    }, { signal });
    new ResizeObserver(soon).observe(this.element);
    // A box that scrolls sideways has no head that stays in sight: only where the counters do not fit.
    new ResizeObserver(() => this.box.classList.toggle("scrolls", this.element.offsetWidth > this.box.clientWidth)).observe(this.box);
    this.element.addEventListener("focusin", ({ target }) => {
      if (target instanceof HTMLInputElement && target.classList.contains("digits")) this.before = target.value;
    });
  }

  /**
   * Appends a page of the API.
   * @param {MachinePage} page
   */
  async append(page) {
    const { cards } = this.overview;
    const known = this.columns.length;
    for (const machine of page.machines) {
      const line = new Line(this.app, machine, this);
      cards.push(line);
      this.itemOf.set(line, { element: line.element, height: LINE, line });
      this.learn(machine.meters);
    }
    if (this.columns.length > known) {
      this.drawHead();
      for (const card of cards) if (card.built) card.draw();
    }
    this.tools.drawCount();
    this.list();
  }

  /** @param {Meter[]} meters */
  learn(meters) {
    learn(this.columns, meters);
    this.element.dataset.kinds = String(Math.min(this.columns.length, MANY)); // so many counters want so wide a window
    this.element.style.setProperty("--kinds", String(this.columns.length));
  }

  /** For whom somebody reports, in the page's head. */
  whom() {
    return this.tools.drawWhom();
  }

  drawHead() {
    const { t } = this.app;
    this.places.clear();
    this.tools.draw();
    fill(this.caption, t("table_caption"));
    fill(this.widths, widthsOf(this.columns));
    fill(this.head, headOf(t, this.columns));
  }

  /**
   * The day of what is typed from now on, and of what is typed already.
   * @param {string} day
   */
  readAt(day) {
    if (!day) return;
    this.readOn = day;
    for (const line of this.overview.cards.map(lineOf)) {
      if (line.waiting || line.busy) continue;
      if (line.date) line.date.value = day;
      if (line.isFilled) line.readAt(day);
    }
    this.overview.changed();
  }

  /** What is not filtered out, place by place in walking order; what is not due yet at the end. */
  list() {
    const shown = this.overview.cards.map(lineOf).filter((line) => !line.element.hidden);
    const due = shown.filter(({ machine }) => !machine.opens_on);
    const later = shown.filter(({ machine }) => machine.opens_on).sort((one, other) => dayOf(one).localeCompare(dayOf(other)));
    const { t } = this.app;
    this.lines = [...due, ...later];
    /** @type {Item[]} */
    const items = [];
    /** @type {Line[]} */
    let together = [];
    const close = () => {
      if (!together.length) return;
      const [{ machine: { opens_on: notYet, location: { site, building, floor } } }] = together;
      const place = notYet ? t("later", { date: t.date(notYet) }) : [site, building, floor].filter(Boolean).join(" · ") || t("elsewhere");
      const open = together.filter((line) => line.isOpen).length;
      const words = [t("table_count", { count: together.length }), open > 0 && t("table_open", { open })].filter(Boolean).join(", ");
      const element = this.titleOf(`${placeKey(together[0])}\n${items.length}`, place, ` · ${words}`);
      items.push({ element, height: PLACE, line: null }, ...together.map((line) => /** @type {Item} */ (this.itemOf.get(line))));
      together = [];
    };
    for (const line of this.lines) {
      if (together.length && placeKey(together[0]) !== placeKey(line)) close();
      together.push(line);
    }
    close();
    this.drawn.show(items);
  }

  /**
   * The title of a place, the same as long as it is the same place.
   * @param {string} key
   * @param {string} place
   * @param {string} words
   */
  titleOf(key, place, words) {
    let title = this.places.get(key);
    if (!title) {
      const [name, count] = [h("span"), h("span", { class: "muted" })];
      const head = h("th", { colspan: String(3 + 3 * this.columns.length), scope: "rowgroup" }, name, count);
      title = { element: h("tbody", { class: "place" }, h("tr", {}, h("td"), head)), name, count };
      this.places.set(key, title);
    }
    write(title.name, place);
    write(title.count, words);
    return title.element;
  }

  /** What has come near the window stands there before the next frame. */
  soon() {
    this.drawn.soon();
  }

  /**
   * A line that is to be used now stands in the document, wherever the window is and whatever the filter hides.
   * @param {Line} line
   */
  bring(line) {
    line.build();
    this.drawn.bring(this.itemOf.get(line));
    if (line.element.hidden) {
      line.element.hidden = false;
      this.list();
    } else if (!line.element.isConnected) this.drawn.arrange();
  }

  /**
   * Cells of a spreadsheet go down and to the right from here; anything else is pasted as usual.
   * @param {ClipboardEvent} event
   * @param {Line} line
   * @param {Meter | undefined} meter undefined: from the first column on
   */
  async pasted(event, line, meter) {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!/\S\s*[\r\n\t]\s*\S/.test(text)) return;
    event.preventDefault();
    const column = meter ? columnOf(this.columns, line.machine, meter) : this.columns[0];
    await line.with("fleet_table/block", async (block) => {
      ({ pasted: this.lastPaste, left: this.left } = await block.paste(this, line, column, text));
      this.bar.draw();
    });
  }

  /** Takes the last paste back, where nobody has typed something else since. */
  async undo() {
    const { t } = this.app;
    const pasted = this.lastPaste;
    const byButton = this.bar.undo === document.activeElement;
    Object.assign(this, { lastPaste: [], left: 0 });
    const { undo } = await this.app.part("fleet_table/block");
    const count = await undo(pasted);
    this.bar.draw();
    if (byButton) this.overview.sendButton.focus(); // The button that was pressed is gone.
    this.overview.changed();
    say(t("bar_undone", { count }));
  }

  /** What has gone out is taken back no more. */
  sent() {
    this.lastPaste = this.lastPaste.filter(({ line }) => line.isFilled && !line.waiting);
    this.left = 0;
    this.drawBar();
  }

  /** @returns {Line[]} what the next sending takes */
  ready() {
    return this.overview.cards.map(lineOf).filter((line) => line.isReady);
  }

  /** @returns {Line[]} where somebody has to look first */
  unsure() {
    return this.overview.cards.map(lineOf).filter((line) => line.isUnsure);
  }

  /** To the next machine to check behind the one with the focus, around the end; also one that the filter hides. */
  nextUnsure() {
    const all = this.overview.cards.map(lineOf);
    const here = all.findIndex(({ element }) => element.contains(document.activeElement));
    (all.slice(here + 1).find((line) => line.isUnsure) ?? this.unsure()[0])?.focus();
  }

  drawBar() {
    this.bar.soon();
  }

  /** The language has changed; the overview has its lines drawn anew. */
  spoken() {
    this.drawHead();
    this.list();
    this.bar.draw();
  }
}

/** @param {EventTarget | null} target */
const isTypedIn = (target) => target instanceof Element && target.closest("input, textarea, select, dialog");

/** @param {Line} line */
const dayOf = ({ machine }) => machine.opens_on ?? "";

/** @param {Line} line */
const placeKey = ({ machine: { opens_on: later, location: { site, building, floor } } }) =>
  later ?? [site, building, floor].join("\n");
