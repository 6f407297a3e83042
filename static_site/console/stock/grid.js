// One grid for any number of rows: only those in sight are elements, placed by transform and used again.
import { fill, h } from "/shared/page.js";
import { ROW, box, place, put, slotOf } from "./slots.js";
import { widths } from "./widths.js";
/** @import { AnyRow, GridColumn, GridHost, Slot, Window } from "../../types/stock" */

const OVERSCAN = 6;
const WINDOW = 120; // rows asked for at once, at most
const AROUND = 36;
const HELD = 1200; // rows kept here
const PAGE_KEYS = ["PageUp", "PageDown", "Home", "End"];

export class Grid {
  /** @param {GridHost} host */
  constructor(host) {
    this.host = host;
    /** @type {GridColumn<any>[]} */
    this.columns = [];
    /** @type {GridColumn<any>[]} those that have room */
    this.fitting = [];
    /** @type {Map<number, Window["rows"][number]>} */
    this.rows = new Map();
    this.total = 0;
    this.active = 0;
    this.cell = -1; // of the active row; -1: the row itself
    this.anchor = 0;
    this.asked = 0;
    this.pending = "";
    this.untold = false; // whether the active row had not come when it became the active one
    this.stale = false; // what is held is to go with the next answer
    this.laid = 0; // the width that the columns were laid for
    this.drawn = 0; // grows when all rows are to be drawn anew
    /** @type {Slot[]} */
    this.pool = [];
    this.head = h("div", { role: "row", class: "grid-head", "aria-rowindex": 1 });
    this.space = h("div", { role: "rowgroup", class: "grid-space" });
    this.element = h("div", {
      role: "grid",
      class: "grid",
      tabindex: 0,
      "aria-label": host.label,
      "aria-multiselectable": "true",
      on: {
        scroll: () => this.soon(),
        keydown: (event) => this.key(event),
        click: (event) => this.click(event),
        dblclick: (event) => this.click(event),
        focus: () => this.mark(),
        blur: () => this.mark(),
      },
    }, this.head, this.space);
    this.counts = { total: 0, chosen: 0, hidden: 0 };
    this.frame = 0;
    new ResizeObserver(() => this.resize()).observe(this.element);
  }

  /** @param {GridColumn<any>[]} columns @param {{ sort: string, down: boolean }} order */
  show(columns, order) {
    this.columns = columns;
    this.order = order;
    this.lay();
  }

  /** Says in the head by what the rows are ordered from here on. @param {{ sort: string, down: boolean }} order */
  turn(order) {
    this.order = order;
    this.fitting.forEach((column, n) => {
      const cell = this.head.children[n + 1];
      if (!cell || !column.sort || cell.getAttribute("aria-sort") === this.sorted(column)) return;
      cell.setAttribute("aria-sort", this.sorted(column));
      fill(/** @type {Element} */ (cell.lastElementChild), this.name(column));
    });
  }

  /** @param {GridColumn<any>} column */
  sorted({ sort }) {
    if (!sort || sort !== this.order?.sort) return "none";
    return this.order.down ? "descending" : "ascending";
  }

  /** What the head says of a column. @param {GridColumn<any>} column */
  name(column) {
    const sorted = this.sorted(column);
    return [column.label, sorted !== "none" && h("span", { class: "arrow", "aria-hidden": "true" }, sorted === "descending" ? " ▼" : " ▲")];
  }

  /** Another width lays the columns anew, another height only takes more or fewer rows. */
  resize() {
    if (this.element.clientWidth === this.laid) this.draw();
    else this.lay();
  }

  lay() {
    this.laid = this.element.clientWidth;
    if (!this.laid || !this.columns.length) return;
    const { fitting, pixels } = widths(this.element, this.columns);
    this.fitting = fitting;
    let left = 40;
    pixels.forEach((width, n) => {
      this.element.style.setProperty(`--c${n}`, `${width}px`);
      left += width;
    });
    this.element.style.setProperty("--all", `${left}px`);
    this.element.classList.toggle("sideways", left > this.laid);
    this.element.classList.toggle("two-levels", fitting.some((column) => column.group));
    this.drawHead();
    for (const slot of this.pool) slot.element.remove();
    this.pool = [];
    this.draw();
  }

  drawHead() {
    const cells = this.fitting.map((column, n) => {
      const looks = ["cell", column.number && "right", column.group && "grouped", column.begins && "begins", column.sort && "sortable"];
      const cell = h("div", {
        role: "columnheader",
        id: `head-${n}`,
        class: looks.filter(Boolean).join(" "),
        "aria-sort": column.sort ? this.sorted(column) : null,
        "aria-label": column.group ? `${column.group}, ${column.label}` : null,
        "data-column": n,
      }, column.group && h("span", { class: "group-name" }, column.begins && column.group),
      h("span", { class: "label" }, this.name(column)));
      cell.style.width = `var(--c${n})`;
      return cell;
    });
    this.all = h("div", { role: "columnheader", id: "head-all", class: "cell pick" },
      h("span", { class: "unseen" }, this.host.pick), box());
    fill(this.head, this.all, cells);
    this.element.setAttribute("aria-colcount", String(this.fitting.length + 1));
    this.showChoice(this.counts);
  }

  /** The choice as the head shows it. @param {{ total: number, chosen: number, hidden: number }} counts */
  showChoice(counts) {
    this.counts = counts;
    const { total, chosen, hidden } = counts;
    const within = chosen - hidden;
    this.all?.setAttribute("data-chosen", within === 0 ? "none" : within === total ? "all" : "some");
  }

  /** Other rows are shown from here on; `fresh`: in an order made now. @param {{ fresh?: boolean, top?: boolean }} options */
  reload({ fresh = false, top = false } = {}) {
    if (top) {
      this.element.scrollTop = 0;
      this.active = 0;
      this.untold = false;
      this.anchor = 0;
      this.rows.clear();
      this.drawn += 1;
    }
    this.pending = "";
    return this.fetch(fresh, true);
  }

  /** Rows stand where they stood, but are chosen or not. */
  touch() {
    for (const slot of this.pool) slot.drawn = -1;
    this.draw();
  }

  /** What came later than its rows: only the columns that wait for it are drawn. @param {Set<string>} ids of their rows */
  fillLate(ids) {
    for (const slot of this.pool) {
      const row = this.rows.get(slot.index);
      if (!row || !ids.has(row.id)) continue;
      this.fitting.forEach((column, n) => column.late && put(slot, n, column, row));
    }
  }

  range() {
    const height = this.element.clientHeight;
    const top = this.element.scrollTop;
    const first = Math.max(0, Math.floor(top / ROW) - OVERSCAN);
    const last = Math.min(this.total, Math.ceil((top + height) / ROW) + OVERSCAN, first + WINDOW);
    return { first, last };
  }

  /** @param {boolean} fresh @param {boolean} anew whether what is held is to go */
  async fetch(fresh, anew) {
    const { first } = this.range();
    const from = Math.max(0, first - AROUND);
    const name = `${from}`;
    if (!anew && this.pending === name) return;
    this.pending = name;
    this.asked += 1;
    this.stale ||= anew;
    const asked = this.asked;
    const window = await this.host.ask(from, WINDOW, fresh);
    if (asked !== this.asked) return;
    this.pending = "";
    if (this.stale || this.rows.size > HELD) this.rows.clear();
    if (this.stale) this.drawn += 1;
    this.stale = false;
    window.rows.forEach((row, n) => this.rows.set(window.from + n, row));
    this.total = window.total;
    if (this.active >= 0) this.active = Math.max(0, Math.min(this.active, this.total - 1)); // who stands in the head stays there
    this.element.setAttribute("aria-rowcount", String(this.total + 1));
    this.space.style.height = `${this.total * ROW}px`;
    this.showChoice(window);
    this.host.came(window);
    this.draw();
    if (this.untold && this.rows.has(this.active)) this.tell();
  }

  /** Says which row has the keyboard; one that is still coming, once it is there. */
  tell() {
    const row = this.rows.get(this.active) ?? null;
    this.untold = this.active >= 0 && !row;
    this.host.active(row, this.active);
  }

  soon() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  draw() {
    const { first, last } = this.range();
    const size = Math.min(WINDOW, Math.ceil(this.element.clientHeight / ROW) + OVERSCAN * 2 + 2);
    if (this.pool.length < size && this.fitting.length) this.grow(size);
    let missing = false;
    for (let index = first; index < last && this.pool.length; index += 1) {
      const slot = this.pool[index % this.pool.length];
      const row = this.rows.get(index);
      if (!row) missing = true;
      if (slot.index === index && slot.drawn === this.drawn) continue;
      slot.drawn = row ? this.drawn : -1;
      place(slot, index, this.fitting, row);
    }
    for (const slot of this.pool) {
      if (slot.index < 0 || (slot.index >= first && slot.index < last)) continue;
      slot.index = -1;
      slot.element.hidden = true;
    }
    this.mark();
    if (missing) this.fetch(false, false);
  }

  /** More elements: each row gets another place among them. @param {number} size */
  grow(size) {
    for (const slot of this.pool) {
      slot.index = -1;
      slot.element.hidden = true;
    }
    while (this.pool.length < size) {
      const slot = slotOf(this.pool.length, this.fitting);
      this.space.append(slot.element);
      this.pool.push(slot);
    }
  }

  /** Shows which row has the keyboard. */
  mark() {
    const on = document.activeElement === this.element;
    for (const { element, index } of this.pool) element.classList.toggle("active", index === this.active && this.total > 0);
    this.head.querySelectorAll(".active").forEach((one) => one.classList.remove("active"));
    this.space.querySelectorAll(".cell.active").forEach((one) => one.classList.remove("active"));
    const slot = this.pool.find(({ index }) => index === this.active);
    let target = slot?.element.id ?? "";
    if (this.active < 0) target = this.cell < 0 ? "head-all" : `head-${this.cell}`;
    else if (slot && this.cell >= 0) target = slot.cells[Math.min(this.cell, slot.cells.length - 1)].id;
    this.element.classList.toggle("focused", on);
    if (this.active < 0 || this.cell >= 0) document.getElementById(target)?.classList.add("active");
    if (target) this.element.setAttribute("aria-activedescendant", target);
    else this.element.removeAttribute("aria-activedescendant");
  }

  /** @param {number} index @param {{ keep?: boolean }} [options] whether the range goes on from where it began */
  go(index, { keep = false } = {}) {
    if (!this.total && index >= 0) return;
    this.active = Math.max(-1, Math.min(index, this.total - 1));
    if (!keep) this.anchor = Math.max(0, this.active);
    this.reveal(this.active);
    this.draw();
    this.tell();
  }

  /** @param {number} index */
  reveal(index) {
    const head = this.head.offsetHeight;
    const height = this.element.clientHeight - head;
    const top = Math.max(0, index) * ROW;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    else if (top + ROW > this.element.scrollTop + height) this.element.scrollTop = top + ROW - height;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { key, shiftKey: shift } = event;
    const control = event.ctrlKey || event.metaKey;
    if (control && key.toLowerCase() === "a") this.pick("matching", [0, Infinity], true);
    else if (control && key === "Enter" && !this.opens()) return;
    else if (event.altKey || (control && !["Enter", "Home", "End"].includes(key))) return;
    else if (key === "ArrowDown" || key === "j") this.step(this.active + 1, shift);
    else if (key === "ArrowUp" || key === "k") this.step(this.active - 1, shift);
    else if (PAGE_KEYS.includes(key)) this.step(this.farOff(key), shift);
    else if (key === "ArrowRight") this.sideways(1);
    else if (key === "ArrowLeft") this.sideways(-1);
    else if (key === " ") this.toggle();
    else if (key === "Enter") this.enter(control);
    else if (key === "Escape") this.host.escape();
    else return;
    event.preventDefault();
  }

  /** @param {string} key */
  farOff(key) {
    const page = Math.max(1, Math.floor((this.element.clientHeight - this.head.offsetHeight) / ROW) - 1);
    if (key === "Home") return 0;
    if (key === "End") return this.total - 1;
    return key === "PageDown" ? this.active + page : Math.max(0, this.active - page);
  }

  opens() {
    return this.active >= 0 && this.rows.has(this.active);
  }

  /** @param {number} index @param {boolean} shift */
  step(index, shift) {
    this.go(index, { keep: shift });
    if (shift && this.active >= 0) this.pick("range", [this.anchor, this.active], true);
  }

  /** @param {number} by */
  sideways(by) {
    this.cell = Math.max(-1, Math.min(this.cell + by, this.fitting.length - 1));
    this.mark();
    const at = document.getElementById(this.element.getAttribute("aria-activedescendant") ?? "");
    at?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  toggle() {
    if (this.active < 0) this.chooseAll();
    else this.choose(this.active);
  }

  chooseAll() {
    this.pick("matching", [0, Infinity], this.all?.getAttribute("data-chosen") !== "all");
  }

  /** @param {number} index */
  choose(index) {
    const row = this.rows.get(index);
    if (row) this.pick("row", [index, index], !row.chosen);
  }

  /**
   * @param {"matching" | "row" | "range"} how
   * @param {[number, number]} rows
   * @param {boolean} chosen
   */
  pick(how, rows, chosen) {
    this.shows(rows, chosen);
    this.host.choose(how, how === "matching" ? [0, 0] : rows, chosen);
  }

  /**
   * What is held is shown as chosen or not before it is told so: the next key goes on from there.
   * @param {[number, number]} rows
   * @param {boolean} chosen
   */
  shows([one, other], chosen) {
    const [first, last] = [Math.min(one, other), Math.max(one, other)];
    for (const [index, row] of this.rows) if (index >= first && index <= last) this.rows.set(index, { ...row, chosen });
    this.touch();
  }

  /** @param {boolean} elsewhere */
  enter(elsewhere) {
    const row = this.rows.get(this.active);
    if (this.active < 0 && this.cell < 0) this.chooseAll();
    else if (this.active < 0) this.sort(this.cell);
    else if (row) this.host.open(row, elsewhere);
  }

  /** @param {number} place */
  sort(place) {
    const { sort } = this.fitting[place] ?? {};
    if (sort) this.host.sort(sort);
  }

  /** @param {MouseEvent} event */
  click(event) {
    const target = event.target instanceof Element ? event.target : null;
    const link = target?.closest("a");
    if (link && (event.ctrlKey || event.metaKey)) {
      event.preventDefault(); // a tab that the page opens is signed in
      window.open(link.href);
    }
    if (!target || link) return;
    const slot = this.pool.find(({ element }) => element.contains(target));
    const row = slot && this.rows.get(slot.index);
    if (slot && row) {
      this.cell = -1;
      this.go(slot.index, { keep: event.shiftKey });
      if (event.type === "dblclick") this.host.open(row, event.ctrlKey);
      else if (event.shiftKey) this.pick("range", [this.anchor, slot.index], true);
      else if (target.closest(".pick") || event.ctrlKey) this.choose(slot.index);
    } else if (event.type === "click" && this.head.contains(target)) {
      const column = target.closest("[data-column]");
      if (target.closest(".pick")) this.chooseAll();
      else if (column) this.sort(Number(column.getAttribute("data-column")));
    }
  }
}
