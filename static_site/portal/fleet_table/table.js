// A fleet at a desk: one line a machine. Only lines near the window stand in the document.
import { isComplete } from "/meter.js";
import { Bar, texts as barTexts } from "/fleet_table/bar.js";
import { Line, lineOf, meterIn, texts as lineTexts } from "/fleet_table/line.js";
import { both, fill, h, say, write } from "/shared/page.js";
import { texts as storedTexts } from "/stored.js";
/** @import { Column, Field, Item, MachinePage, Meter, Overview, Pasted, States } from "../../types/portal" */

const own = both({
  table_caption: ["Geräte und ihre Zählerstände", "Machines and their readings"],
  table_machine: ["Gerät", "Machine"],
  table_room: ["Raum", "Room"],
  table_last: ["zuletzt", "last"],
  table_new: ["neu", "new"],
  table_pages: ["Seiten", "pages"],
  table_scans: ["Scans", "scans"],
  table_state: ["Zustand", "State"],
  table_nth: ["{kind} {nth}", "{kind} {nth}"],
  table_count: [["{count} Gerät", "{count} Geräte"], ["{count} machine", "{count} machines"]],
  table_open: ["{open} offen", "{open} open"],
  table_date: ["Abgelesen am", "Read on"],
  table_files: ["Datei hochladen oder herunterladen", "Upload or download a file"],
  table_keys: [
    "Enter und Pfeile gehen die Spalte hinunter, Esc holt den Wert davor zurück. Zellen aus einer Tabelle lassen sich in jedes Feld einfügen.",
    "Enter and arrows go down the column, Esc brings back the value before. Cells of a spreadsheet can be pasted into any field.",
  ],
  find_filled: ["Ausgefüllt ({n})", "Filled in ({n})"],
});

export const texts = {
  de: { ...storedTexts.de, ...lineTexts.de, ...barTexts.de, ...own.de },
  en: { ...storedTexts.en, ...lineTexts.en, ...barTexts.en, ...own.en },
};

const MARGIN = 600; // px above and below the window that are drawn, too
const AT_ONCE = 2; // lines that come into the document between two frames, those in the window first
const LINE = 36; // px, until one is measured
const PLACE = 28;
const MANY = 4; // columns of counters for which hardly a window is wide enough
const KINDS = ["BW", "COLOUR", "SCAN", "TOTAL"];

/** @type {States} */
const STATES = {
  all: () => true,
  open: (card) => lineOf(card).isOpen && !lineOf(card).isFilled,
  filled: (card) => lineOf(card).isFilled && !lineOf(card).isUnsure,
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
    /** @type {Item[]} what stands in the table and is not filtered out, in order */
    this.items = [];
    /** @type {Line[]} */
    this.lines = [];
    /** @type {Map<Line, Item>} */
    this.itemOf = new Map();
    /** @type {Item[]} what stands in the document */
    this.drawn = [];
    /** @type {Item | undefined} */
    this.brought = undefined;
    /** @type {Pasted[]} what the last paste has put in */
    this.lastPaste = [];
    /** @type {Map<string, { element: HTMLElement, name: HTMLElement, count: HTMLElement }>} titles of places */
    this.places = new Map();
    /** @type {HTMLElement[]} what stands for lines that are not drawn */
    this.gaps = [];
    this.before = "";
    this.frame = 0;
    this.tools = h("div", { class: "table-tools" });
    this.head = h("thead");
    this.caption = h("caption", { class: "unseen" });
    this.element = h("table", { class: "fleet-table number" }, this.caption, this.head);
    this.bar = new Bar(this);
    this.states = STATES;
    overview.element.classList.add("with-table");
    fill(overview.list, this.tools, h("div", { class: "wide-fleet" }, this.element));
    this.listen();
    this.drawHead();
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
    addEventListener("beforeprint", () => this.arrange(Infinity), { signal });
    addEventListener("afterprint", soon, { signal });
    document.addEventListener("paste", (event) => {
      const inField = event.target instanceof Element && event.target.closest("input, textarea, select, dialog");
      const [line] = this.lines;
      if (!inField && line && this.element.isConnected && !signal.aborted) this.pasted(event, line, undefined);
    }, { signal });
    new ResizeObserver(soon).observe(this.element);
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
    this.list();
  }

  /**
   * A counter that no machine has gets no column.
   * @param {Meter[]} meters
   */
  learn(meters) {
    /** @type {Record<string, number>} */
    const seen = {};
    for (const { kind } of meters) {
      const nth = seen[kind] ?? 0;
      seen[kind] = nth + 1;
      if (!this.columns.some((column) => column.kind === kind && column.nth === nth)) this.columns.push({ kind, nth });
    }
    this.columns.sort((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind) || one.nth - other.nth);
    this.element.dataset.kinds = String(Math.min(this.columns.length, MANY)); // so many counters want so wide a window
  }

  drawHead() {
    const { t } = this.app;
    this.places.clear();
    /** @param {string} key */
    const head = (key) => h("th", { scope: "col", rowspan: "2", class: key === "table_room" ? "room" : null }, t(key));
    const date = h("input", { type: "date", id: "table-date", max: this.overview.today, value: this.readOn });
    date.addEventListener("change", () => this.readAt(date.value));
    fill(this.tools,
      h("p", { class: "muted" }, t("table_keys")),
      h("p", { class: "read-on" }, h("label", { for: date.id }, t("table_date")), date),
      h("p", {}, h("a", { class: "button quiet", href: "#/fleet" }, t("table_files"))));
    fill(this.caption, t("table_caption"));
    fill(this.head,
      h("tr", {},
        h("td", { rowspan: "2" }), head("table_machine"), head("table_room"),
        this.columns.map(({ kind, nth }) => h("th", { scope: "colgroup", colspan: "3", class: "kind-of" },
          h("span", { class: `swatch ${kind.toLowerCase()}`, "aria-hidden": "true" }),
          nth ? t("table_nth", { kind: t(`kind_${kind}`), nth: nth + 1 }) : t(`kind_${kind}`))),
        head("table_state")),
      h("tr", {}, this.columns.map(({ kind }) => [
        h("th", { scope: "col", class: "last" }, t("table_last")),
        h("th", { scope: "col", class: "new" }, t("table_new")),
        h("th", { scope: "col", class: `usage ${kind.toLowerCase()}` }, t(kind === "SCAN" ? "table_scans" : "table_pages")),
      ])));
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
    if (items.length === this.items.length && items.every(({ element }, at) => element === this.items[at].element)) return;
    this.items = items;
    this.element.setAttribute("aria-rowcount", String(items.length + 2));
    this.arrange();
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
      const head = h("th", { colspan: String(4 + 3 * this.columns.length), scope: "rowgroup" }, name, count);
      title = { element: h("tbody", { class: "place" }, h("tr", {}, head)), name, count };
      this.places.set(key, title);
    }
    write(title.name, place);
    write(title.count, words);
    return title.element;
  }

  /** Draws what has come near the window, before the next frame. */
  soon() {
    this.frame ||= requestAnimationFrame(() => this.arrange());
  }

  /**
   * Puts the lines near the window into the document, gaps for the others; the line with the focus stays.
   * @param {number} [margin] px
   */
  arrange(margin = MARGIN) {
    this.frame = 0;
    if (!this.element.isConnected) return;
    for (const item of this.drawn) if (item.element.isConnected) item.height = item.element.offsetHeight;
    const top = this.element.getBoundingClientRect().top + this.head.offsetHeight;
    const [from, to] = [-top - margin, innerHeight - top + margin];
    /** @type {Item[]} */
    const drawn = [];
    /** @type {HTMLElement[]} */
    const wanted = [];
    let [y, skipped, gaps] = [0, 0, 0];
    const coming = this.coming(from, to, margin);
    const inUse = document.activeElement?.closest("tbody");
    const gap = () => {
      if (!skipped) return;
      const body = this.gaps[gaps] ??= h("tbody", { class: "gap", "aria-hidden": "true" }, h("tr", {}, h("td")));
      gaps += 1;
      const [cell] = body.getElementsByTagName("td");
      const height = `${skipped}px`;
      if (cell.style.height !== height) cell.style.height = height;
      wanted.push(body);
      skipped = 0;
    };
    for (const item of this.items) {
      const near = y + item.height > from && y < to;
      const waits = near && item.line && !item.line.element.isConnected && !coming.has(item);
      y += item.height;
      if ((!near || waits) && item !== this.brought && item.element !== inUse) {
        if (waits) this.soon();
        skipped += item.height;
        continue;
      }
      gap();
      item.line?.build();
      wanted.push(item.element);
      drawn.push(item);
    }
    gap();
    this.drawn = drawn;
    this.place(wanted);
  }

  /**
   * The lines that come into the document now; on paper all of them.
   * @param {number} from px, as `to`
   * @param {number} to
   * @param {number} margin px
   */
  coming(from, to, margin) {
    /** @type {Item[]} */
    const seen = [];
    /** @type {Item[]} */
    const ahead = [];
    let y = 0;
    for (const item of this.items) {
      const below = y + item.height;
      if (y >= to) break;
      const away = below > from && item.line && !item.line.element.isConnected;
      if (away) (below > from + margin && y < to - margin ? seen : ahead).push(item);
      y = below;
    }
    return new Set([...seen, ...ahead].slice(0, margin === Infinity ? undefined : AT_ONCE));
  }

  /**
   * Lines that stay are not touched: one of them may have the focus. Gaps go where they are wanted.
   * @param {HTMLElement[]} wanted
   */
  place(wanted) {
    const keep = new Set(wanted);
    for (const body of [...this.element.tBodies]) if (!keep.has(body)) body.remove();
    /** @type {Element | null} */
    let at = this.element.tBodies[0] ?? null;
    for (const node of wanted) {
      while (at && at !== node && at.matches(".gap")) {
        const misplaced = at;
        at = at.nextElementSibling;
        misplaced.remove();
      }
      if (node === at) at = at.nextElementSibling;
      else this.element.insertBefore(node, at);
    }
  }

  /**
   * A line that is to be used now stands in the document, wherever the window is and whatever the filter hides.
   * @param {Line} line
   */
  bring(line) {
    line.build();
    this.brought = this.itemOf.get(line);
    if (line.element.hidden) {
      line.element.hidden = false;
      this.list();
    } else if (!line.element.isConnected) this.arrange();
  }

  /**
   * The keys of a field: down and up the column, back to the value before, other ways of the machine, undo of a paste.
   * @param {KeyboardEvent} event
   * @param {Line} line
   * @param {Field} field
   */
  keyed(event, line, field) {
    const { key } = event;
    const down = key === "ArrowDown" || (key === "Enter" && !event.shiftKey);
    const plain = !event.isComposing && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.altKey && key === "ArrowDown") line.toggle();
    else if (plain && (down || key === "ArrowUp" || key === "Enter")) this.step(line, field, down ? 1 : -1);
    else if (plain && key === "Escape" && field.input.value !== this.before) {
      field.input.value = this.before;
      field.input.dispatchEvent(new Event("input"));
    } else if ((event.ctrlKey || event.metaKey) && key === "z" && this.lastPaste.length && !this.isTyped(line, field)) this.undo();
    else return;
    event.preventDefault();
  }

  /**
   * Somebody has typed in the field since it has the focus: there, undoing is the browser's.
   * @param {Line} line
   * @param {Field} field
   */
  isTyped(line, { meter, input }) {
    return input.value !== this.before && !this.lastPaste.some((one) =>
      one.line === line && one.meterId === meter.id && one.after === input.value);
  }

  /**
   * To the next field of the same column; behind the last one to the button.
   * @param {Line} line
   * @param {Field} field
   * @param {1 | -1} by
   */
  step(line, { meter }, by) {
    const column = this.columnOf(line, meter);
    for (let at = this.lines.indexOf(line) + by; this.lines[at]; at += by) {
      const next = this.lines[at];
      const there = meterIn(next.machine, column);
      if (!there || !next.edits(there)) continue;
      this.bring(next);
      const input = next.fieldOf(there.id)?.input;
      input?.focus();
      input?.select();
      return;
    }
    if (by > 0) this.overview.sendButton.focus();
  }

  /**
   * @param {Line} line
   * @param {Meter} meter
   * @returns {Column}
   */
  columnOf({ machine }, meter) {
    const found = this.columns.find((column) => meterIn(machine, column) === meter);
    if (!found) throw new Error(`no column for ${machine.id}.${meter.id}`);
    return found;
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
    const column = meter ? this.columnOf(line, meter) : this.columns[0];
    await line.with("fleet_table/block", async (block) => {
      this.lastPaste = await block.paste(this, line, column, text);
      this.bar.draw();
    });
  }

  /** Takes the last paste back, where nobody has typed something else since. */
  async undo() {
    const { t } = this.app;
    const pasted = this.lastPaste;
    const byButton = this.bar.undo === document.activeElement;
    this.lastPaste = [];
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

/** @param {Line} line */
const dayOf = ({ machine }) => machine.opens_on ?? "";

/** @param {Line} line */
const placeKey = ({ machine: { opens_on: later, location: { site, building, floor } } }) =>
  later ?? [site, building, floor].join("\n");
