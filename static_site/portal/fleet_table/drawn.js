// What of the table stands in the document: only lines near the window, gaps for the others.
import { h } from "/shared/page.js";
/** @import { Item } from "../../types/portal" */

const MARGIN = 600; // px above and below the window that are drawn, too
const AT_ONCE = 2; // lines that come into the document between two frames, those in the window first

export class Drawn {
  /**
   * @param {HTMLTableElement} element
   * @param {HTMLElement} head
   */
  constructor(element, head) {
    this.element = element;
    this.head = head;
    /** @type {Item[]} what stands in the table and is not filtered out, in order */
    this.items = [];
    /** @type {Item[]} what stands in the document */
    this.here = [];
    /** @type {Item | undefined} what somebody is brought to */
    this.brought = undefined;
    /** @type {HTMLElement[]} what stands for lines that are not drawn */
    this.gaps = [];
    this.frame = 0;
  }

  /**
   * Draws these from now on, unless they are the same.
   * @param {Item[]} items
   */
  show(items) {
    if (items.length === this.items.length && items.every(({ element }, at) => element === this.items[at].element)) return;
    this.items = items;
    this.element.setAttribute("aria-rowcount", String(items.length + 2));
    this.arrange();
  }

  /** Draws what has come near the window, before the next frame. */
  soon() {
    this.frame ||= requestAnimationFrame(() => this.arrange());
  }

  /** On paper everything stands there. */
  whole() {
    this.arrange(Infinity);
  }

  /**
   * Puts the lines near the window into the document, gaps for the others; the line with the focus stays.
   * @param {number} [margin] px
   */
  arrange(margin = MARGIN) {
    this.frame = 0;
    if (!this.element.isConnected) return;
    this.measure();
    const top = this.element.getBoundingClientRect().top + this.head.offsetHeight;
    const [from, to] = [-top - margin, innerHeight - top + margin];
    /** @type {Item[]} */
    const here = [];
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
      here.push(item);
    }
    gap();
    this.here = here;
    this.place(wanted);
  }

  /** How high what stands there is; what the filter hides keeps the height that it had, for when it comes back. */
  measure() {
    for (const item of this.here) if (item.element.isConnected && !item.element.hidden) item.height = item.element.offsetHeight;
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

  /** @param {Item | undefined} item */
  bring(item) {
    this.brought = item;
  }
}
