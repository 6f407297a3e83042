// How wide columns are: in characters of the page's own face, and what has no room goes by priority.
import { h } from "/shared/page.js";
/** @import { GridColumn } from "../../types/stock" */

const PICK = 40;
const PADDING = 16;

/**
 * The columns that fit and their widths in pixels; what is left over goes to those that grow.
 * @param {HTMLElement} element
 * @param {GridColumn<any>[]} columns
 */
export function widths(element, columns) {
  const probe = h("span", { class: "probe", "aria-hidden": "true" }, "0".repeat(100));
  element.append(probe);
  const digit = probe.getBoundingClientRect().width / 100;
  probe.remove();
  /** @param {GridColumn<any>} column */
  const least = (column) => Math.ceil(column.width * digit) + PADDING;
  const room = element.clientWidth - PICK;
  let fitting = [...columns];
  const needed = () => fitting.reduce((sum, column) => sum + least(column), 0);
  while (needed() > room && fitting.some((column) => column.priority > 0)) {
    const last = Math.max(...fitting.map((column) => column.priority));
    const { group } = fitting.splice(fitting.findLastIndex((column) => column.priority === last), 1)[0];
    if (group) fitting = fitting.filter((column) => column.group !== group);
  }
  const left = Math.max(0, room - needed());
  const shares = fitting.reduce((sum, column) => sum + (column.grow ?? 0), 0) || 1;
  return { fitting, pixels: fitting.map((column) => least(column) + Math.floor((left * (column.grow ?? 0)) / shares)) };
}
