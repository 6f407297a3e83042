// The present list as a CSV file: what is shown, in its order, with everything a row knows.
import { saveFile } from "../saving.js";
/** @import { Voice } from "../../types/page" */
/** @import { AnyRow, ContractRow, MachineRow, CompanyRow, Shown, Window } from "../../types/stock" */

const AT_ONCE = 2000;

/**
 * @param {Voice} t
 * @returns {{ contracts: [string, (row: ContractRow) => unknown][], companies: [string, (row: CompanyRow) => unknown][],
 *   machines: [string, (row: MachineRow) => unknown][] }}
 */
const sheets = (t) => ({
  contracts: [
    [t("contract"), (row) => row.id], [t("stock_name"), (row) => row.name], [t("company_no"), (row) => row.company_id],
    [t("company"), (row) => row.company], [t("stock_city"), (row) => row.city],
    [t("channel"), (row) => row.channel && t(`channel_${row.channel}`)],
    [t("due_on"), (row) => t.date(row.due_on)], [t("stock_ends"), (row) => t.date(row.ends_on)], [t("machines"), (row) => row.total],
    [t("stock_reported"), (row) => row.reported], [t("state"), (row) => t(`state_${row.state}`)],
    [t("reporters"), (row) => row.reporters.join(", ")], [t("stock_mailed"), (row) => t.date(row.mailed_on)],
  ],
  companies: [
    [t("company_no"), (row) => row.id], [t("company"), (row) => row.company], [t("stock_street"), (row) => row.street],
    [t("stock_postcode"), (row) => row.postcode], [t("stock_city"), (row) => row.city], [t("contracts"), (row) => row.contracts],
    [t("machines"), (row) => row.total], [t("stock_reported"), (row) => row.reported],
  ],
  machines: [
    [t("machine"), (row) => row.id], [t("stock_serial"), (row) => row.serial], [t("stock_maker"), (row) => row.maker],
    [t("stock_model"), (row) => row.model], [t("company_no"), (row) => row.company_id], [t("company"), (row) => row.company],
    [t("contract"), (row) => row.contract], [t("stock_place"), (row) => row.place], [t("stock_customer_no"), (row) => row.customer_no],
    [t("state"), (row) => t(`state_${row.state}`)], [t("due_on"), (row) => t.date(row.due_on)],
    [t("stock_reported_on"), (row) => t.date(row.reported_on)],
  ],
});

/**
 * A cell that no spreadsheet takes for a formula.
 * @param {unknown} value
 */
export function cellOf(value) {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value ?? "");
  return /[";\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * @param {Voice} t
 * @param {Shown} kind
 * @param {(from: number, count: number) => Promise<Window>} ask
 */
export async function saveList(t, kind, ask) {
  const columns = /** @type {[string, (row: AnyRow) => unknown][]} */ (sheets(t)[kind]);
  /** @type {unknown[][]} */
  const lines = [];
  let total = 1;
  for (let from = 0; from < total; from += AT_ONCE) {
    const window = await ask(from, AT_ONCE);
    total = window.total;
    for (const row of window.rows) lines.push(columns.map(([, value]) => value(row)));
  }
  saveTable(`${t(kind).toLowerCase()}.csv`, columns.map(([label]) => label), lines);
}

/**
 * @param {string} name of the file
 * @param {string[]} labels
 * @param {unknown[][]} lines
 */
export function saveTable(name, labels, lines) {
  const rows = [labels, ...lines].map((line) => line.map(cellOf).join(";"));
  saveFile(new Blob(["\ufeff", rows.join("\r\n"), "\r\n"], { type: "text/csv" }), name);
}
