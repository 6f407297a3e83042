// The elements of the grid's rows: each is used by one row after another.
import { fill, h } from "/shared/page.js";
/** @import { AnyRow, GridColumn, Slot } from "../../types/stock" */

export const ROW = 32; // pixels

export const box = () => h("span", { class: "box-mark", "aria-hidden": "true" });

/**
 * @param {number} n which one it is
 * @param {GridColumn<any>[]} columns
 * @returns {Slot}
 */
export function slotOf(n, columns) {
  const cells = columns.map((column, place) => {
    const cell = h("div", {
      role: place ? "gridcell" : "rowheader",
      id: `cell-${n}-${place}`,
      class: ["cell", column.number && "right", !place && "first", column.begins && "begins", column.look].filter(Boolean).join(" "),
      "data-column": place,
    });
    cell.style.width = `var(--c${place})`;
    return cell;
  });
  const element = h("div", { role: "row", id: `row-${n}`, class: "grid-row", hidden: true },
    h("div", { role: "gridcell", id: `pick-${n}`, class: "cell pick" }, box()), cells);
  return { element, cells, shown: cells.map(() => ""), index: -1, drawn: -1 };
}

/**
 * Shows a row, or that it is still coming, at its place.
 * @param {Slot} slot
 * @param {number} index
 * @param {GridColumn<any>[]} columns
 * @param {(AnyRow & { chosen: boolean }) | undefined} row
 */
export function place(slot, index, columns, row) {
  const { element } = slot;
  slot.index = index;
  element.hidden = false;
  element.style.transform = `translateY(${index * ROW}px)`;
  element.setAttribute("aria-rowindex", String(index + 2));
  element.setAttribute("aria-selected", String(Boolean(row?.chosen)));
  element.classList.toggle("coming", !row);
  columns.forEach((column, n) => put(slot, n, column, row));
  element.firstElementChild?.setAttribute("aria-label", row ? String(row.id) : "");
}

/**
 * Puts into a cell what it shows of a row, unless that stands there already.
 * @param {Slot} slot
 * @param {number} n
 * @param {GridColumn<any>} column
 * @param {AnyRow | undefined} row
 */
export function put({ cells, shown }, n, column, row) {
  const content = row ? column.same?.(row) ?? column.cell(row) : "";
  const text = content && typeof content === "object" ? null : String(content ?? "");
  if (text !== null && text === shown[n]) return;
  shown[n] = text;
  const made = row && column.same ? column.cell(row) : content;
  if (made && typeof made === "object") fill(cells[n], made);
  else cells[n].textContent = text;
  if (column.look?.startsWith("cut")) cells[n].title = text ?? "";
}
