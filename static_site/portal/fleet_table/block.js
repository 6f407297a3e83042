// A block of cells from a spreadsheet: into the fields down and to the right, checked in one go, and back again.
import { both, fill, h, say } from "/shared/page.js";
import { meterIn } from "/fleet_table/columns.js";
import { lineOf } from "/fleet_table/line.js";
/** @import { Column, Line, Pasted, Table } from "../../types/portal" */

export const texts = both({
  block_pasted: [["{count} Wert eingefügt", "{count} Werte eingefügt"], ["{count} value pasted", "{count} values pasted"]],
  block_check: ["{count} zu prüfen", "{count} to check"],
  block_file: [
    "Hier stehen mehrere Zeilen für ein Gerät. Es ist nichts eingefügt; bitte geben Sie das als Datei ab, dort passt ein Zähler je Zeile.",
    "Several rows are for one machine here. Nothing was pasted; please hand it in as a file, where a row is a counter.",
  ],
  block_left: [
    ["{count} Wert hatte kein Feld", "{count} Werte hatten kein Feld"],
    ["{count} value had no field", "{count} values had no field"],
  ],
});

const AT_ONCE = 25; // lines between two breaths of the page
const BYTES = "application/octet-stream"; // the gateway would take text/* for UTF-8
const breath = () => new Promise((go) => setTimeout(go));

/**
 * Rows of cells. Empty rows at the end and a first row of headings are no values. Without a tab, semicolons part cells.
 * @param {string} text
 */
export function cellsOf(text) {
  const sign = text.includes("\t") ? "\t" : ";";
  const rows = text.replace(/\r\n?/g, "\n").split("\n").map((row) => row.split(sign).map((cell) => cell.trim()));
  while (rows.length && !rows.at(-1)?.some(Boolean)) rows.pop();
  if (rows.length > 1 && rows[0].some(Boolean) && !rows[0].some((cell) => /\d/.test(cell))) rows.shift();
  return rows;
}

/**
 * The machine that each row names by its serial in the first cell; null where the first column holds no serials. A row of a
 * serial that nobody knows has none.
 * @param {Line[]} lines
 * @param {string[][]} rows
 */
export function namedBy(lines, rows) {
  /** @param {string | null} text */
  const plain = (text) => (text ?? "").toUpperCase().replace(/[^\p{L}\d]/gu, "");
  const bySerial = new Map(lines.map((line) => [plain(line.machine.serial), line]));
  bySerial.delete("");
  const found = rows.map(([first]) => bySerial.get(plain(first)));
  const named = rows.every((row) => row.length > 1) && found.filter(Boolean).length * 2 > rows.length;
  return named ? found : null;
}

/**
 * Puts a block into the table, from a line and column on, past machines that have no field in its columns; where its first column
 * names machines, each row goes to its own. Gives what stood there before, value by value, and how many values found no field.
 * @param {Table} table
 * @param {Line} line
 * @param {Column} column
 * @param {string} text
 * @returns {Promise<{ pasted: Pasted[], left: number }>}
 */
export async function paste(table, line, column, text) {
  const cells = cellsOf(text);
  const named = namedBy(table.overview.cards.map(lineOf), cells);
  if (named && new Set(named.filter(Boolean)).size < named.filter(Boolean).length) return refuse(table, cells.length);
  const rows = named ? cells.map((row) => row.slice(1)) : cells;
  const width = Math.max(...rows.map((row) => row.length));
  const columns = table.columns.slice(table.columns.indexOf(column)).slice(0, width);
  /** @param {Line} one */
  const fieldsOf = (one) => columns.map((each) => meterIn(one.machine, each)).map((meter) => (meter && one.edits(meter) ? meter : null));
  const targets = named ?? table.lines.slice(table.lines.indexOf(line)).filter((one) => fieldsOf(one).some(Boolean));
  /** @type {Pasted[]} */
  const pasted = [];
  let left = 0;
  for (const [index, row] of rows.entries()) {
    const target = targets[index];
    const meters = target ? fieldsOf(target) : [];
    for (const [place, after] of row.entries()) {
      if (!after) continue;
      const meter = meters[place];
      const before = target?.values()[meter?.id ?? ""] ?? "";
      if (target && meter && target.put(meter.id, after)) pasted.push({ line: target, meterId: meter.id, before, after });
      else left += 1;
    }
    if (index % AT_ONCE === AT_ONCE - 1) await breath();
  }
  const doubtful = await check(table, pasted);
  table.overview.changed();
  const { t } = table.app;
  say([
    t("block_pasted", { count: pasted.length }),
    doubtful > 0 && t("block_check", { count: doubtful }),
    left > 0 && t("block_left", { count: left }),
  ].filter(Boolean).join(", "));
  return { pasted, left };
}

/**
 * A row a counter is the form of a file, which says which: the table would not know.
 * @param {Table} table
 * @param {number} left
 */
function refuse({ app: { t }, overview: { notice } }, left) {
  fill(notice, h("p", { class: "box warn" }, t("block_file"), " ", h("a", { href: "#/fleet" }, t("tools_upload"))));
  say(t("block_file"));
  return { pasted: [], left };
}

/**
 * Asks about all that was pasted at once, as if it were a sheet that is only looked at. A hint is a courtesy: without an
 * answer there is none, and the sending itself says what is wrong. Gives the number of machines to check.
 * @param {Table} table
 * @param {Pasted[]} pasted
 */
async function check(table, pasted) {
  const { app } = table;
  const heads = ["Maschinennummer", "Zählernummer", "Neuer Stand", "Abgelesen am"];
  const rows = pasted.map(({ line, meterId, after }) => [line.machine.id, meterId, after, line.draft.read_on || table.readOn]);
  const body = await new Blob([[heads, ...rows].map((row) => row.join("\t")).join("\n")]).arrayBuffer();
  try {
    const [told, doubt] = await Promise.all([
      app.call("POST", "/api/fleet?dry_run=1", { body, type: BYTES }),
      app.part("doubt"),
    ]);
    const lines = new Set();
    for (const [index, { machine_id: id, findings }] of told.to_check.entries()) {
      const line = pasted.find((one) => one.line.machine.id === id)?.line;
      if (!line || line.waiting || line.busy) continue;
      doubt.doubts(line, findings);
      lines.add(line);
      if (index % AT_ONCE === AT_ONCE - 1) await breath();
    }
    for (const { line: row, reason } of told.not_recognised) {
      const one = pasted[row - 2]; // the first row is that of the headings
      if (!one) continue;
      one.line.build().fieldOf(one.meterId)?.fail(reason);
      one.line.drawState();
      lines.add(one.line);
    }
    return lines.size;
  } catch {
    return 0;
  }
}

/**
 * Takes a paste back; what was typed or sent since stays. Gives the number of values.
 * @param {Pasted[]} pasted
 */
export async function undo(pasted) {
  let count = 0;
  for (const [index, { line, meterId, before, after }] of pasted.entries()) {
    if (line.waiting || line.busy || line.values()[meterId] !== after) continue;
    if (line.put(meterId, before)) count += 1;
    if (index % AT_ONCE === AT_ONCE - 1) await breath();
  }
  return count;
}
