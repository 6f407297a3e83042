// A list with one stop of the keyboard: arrows move the mark, the rows themselves never take the focus.
import { h } from "/shared/page.js";
/** @import { ListHost } from "../../types/lists" */

const SCREEN = 15; // rows that a page key moves by

/** @template Row */
export class MarkedList {
  /** @param {ListHost<Row>} host */
  constructor(host) {
    this.host = host;
    /** @type {Row[]} */
    this.rows = [];
    this.at = 0;
    this.body = h("tbody");
    this.element = h("table", {
      class: `marked-list ${host.name}`,
      role: "grid",
      tabindex: 0,
      "aria-label": host.label,
      on: { keydown: (event) => this.keyed(event) },
    },
    h("thead", {}, h("tr", {}, host.heads.map(({ label, kind }) => h("th", { scope: "col", class: kind || null }, label)))),
    this.body);
  }

  /** The row that is marked. */
  get row() {
    return this.rows[this.at] ?? null;
  }

  /**
   * @param {Row[]} rows
   * @param {number} at
   */
  show(rows, at) {
    this.rows = rows;
    this.body.replaceChildren(...rows.map((row, index) => h("tr", {
      id: `row-${index}`,
      on: {
        click: (event) => {
          if (!(event.target instanceof Element && event.target.closest("a, button"))) this.element.focus({ preventScroll: true });
          this.mark(index);
        },
        dblclick: () => this.host.open(row),
      },
    }, this.host.cells(row))));
    this.mark(at);
  }

  /** @param {number} index */
  mark(index) {
    this.body.children[this.at]?.removeAttribute("aria-selected");
    this.at = Math.max(0, Math.min(index, this.rows.length - 1));
    const element = this.body.children[this.at];
    if (element) {
      element.setAttribute("aria-selected", "true");
      element.scrollIntoView({ block: "nearest" });
      this.element.setAttribute("aria-activedescendant", element.id);
    } else {
      this.element.removeAttribute("aria-activedescendant");
    }
    this.host.marked(this.row, this.at);
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target !== this.element) return;
    /** @type {Record<string, number>} */
    const to = {
      ArrowDown: this.at + 1,
      j: this.at + 1,
      ArrowUp: this.at - 1,
      k: this.at - 1,
      PageDown: this.at + SCREEN,
      PageUp: this.at - SCREEN,
      Home: 0,
      End: this.rows.length - 1,
    };
    if (event.key in to) this.mark(to[event.key]);
    else if (event.key === "Enter" && this.row) this.host.open(this.row);
    else return;
    event.preventDefault();
  }
}
