// The keys of a field of the table: down and up the column, back to the value before, undo of a paste.
import { columnOf, meterIn } from "/fleet_table/columns.js";
/** @import { Field, Line, Table } from "../../types/portal" */

/** @param {KeyboardEvent} event */
export const isUndo = ({ key, ctrlKey, metaKey, shiftKey }) => (ctrlKey || metaKey) && !shiftKey && key === "z";

/**
 * @param {Table} table
 * @param {KeyboardEvent} event
 * @param {Line} line
 * @param {Field} field
 */
export function keyed(table, event, line, field) {
  const { key } = event;
  const down = key === "ArrowDown" || (key === "Enter" && !event.shiftKey);
  const plain = !event.isComposing && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (event.altKey && key === "ArrowDown") line.toggle();
  else if (key === "Enter" && (event.ctrlKey || event.metaKey)) table.overview.sendButton.focus();
  else if (plain && (down || key === "ArrowUp" || key === "Enter")) step(table, line, field, down ? 1 : -1);
  else if (plain && key === "Escape" && field.input.value !== table.before) {
    field.input.value = table.before;
    field.input.dispatchEvent(new Event("input"));
  } else if (isUndo(event) && table.lastPaste.length && !isTyped(table, line, field)) table.undo();
  else return;
  event.preventDefault();
}

/**
 * Somebody has typed in the field since it has the focus: there, undoing is the browser's.
 * @param {Table} table
 * @param {Line} line
 * @param {Field} field
 */
const isTyped = (table, line, { meter, input }) => input.value !== table.before && !table.lastPaste.some((one) =>
  one.line === line && one.meterId === meter.id && one.after === input.value);

/**
 * To the next field of the same column; behind the last one to the button.
 * @param {Table} table
 * @param {Line} line
 * @param {Field} field
 * @param {1 | -1} by
 */
function step(table, line, { meter }, by) {
  const column = columnOf(table.columns, line.machine, meter);
  for (let at = table.lines.indexOf(line) + by; table.lines[at]; at += by) {
    const next = table.lines[at];
    const there = meterIn(next.machine, column);
    if (!there || !next.edits(there)) continue;
    table.bring(next);
    const input = next.fieldOf(there.id)?.input;
    input?.focus();
    input?.select();
    return;
  }
  if (by > 0) table.overview.sendButton.focus();
}
