// What the list of estimates and the dialog of one machine show of an estimate.
import { h } from "/shared/page.js";
import { addressOf } from "./stock/address.js";
/** @import { Estimate, EstimatedMachine } from "../types/console" */
/** @import { Child, Voice } from "../types/page" */

/** @param {EstimatedMachine} row */
export const nameOf = (row) => row.serial || row.machine_id;

/** @param {EstimatedMachine} row */
export const machineLink = (row) => (row.company_id
  ? h("a", { href: addressOf("machines", row.company_id, row.machine_id) }, nameOf(row))
  : nameOf(row));

/**
 * How many times in a row a counter was estimated, where somebody should look closer; else nothing.
 * @param {Voice} t
 * @param {Estimate[]} estimates
 * @returns {Child}
 */
export function oftenBadge(t, estimates) {
  const most = Math.max(0, ...estimates.filter((one) => one.look_closer).map((one) => one.in_a_row));
  return most > 0 && h("span", { class: "badge warning" }, most === 3 ? t("estimates_third") : t("estimates_nth", { n: most }));
}

/**
 * @param {Voice} t
 * @param {Estimate} one
 */
export const lastWords = (t, { last }) => (last ? t("estimates_last_value", { value: last.value, day: t.date(last.read_on) }) : "–");

/**
 * What a run made of its machines as lines of a file, one for each counter.
 * @param {Voice} t
 * @param {EstimatedMachine[]} rows
 * @returns {[labels: string[], lines: unknown[][]]}
 */
export function protocolOf(t, rows) {
  const labels = [
    t("company_no"), t("company"), t("machine"), t("stock_serial"), t("due_on"), t("meter"), t("estimates_last"), t("read_on"),
    t("estimates_value"), t("estimates_days"), t("estimates_per_day"), t("estimates_in_a_row"), t("estimates_outcome"),
    t("estimates_reason"),
  ];
  const lines = rows.flatMap((row) => {
    const about = [row.company_id ?? "", row.company, row.machine_id, row.serial, t.date(row.due_on)];
    const written = row.outcome === "estimated";
    /** @param {unknown[]} figures @param {string} reason @param {boolean} done */
    const line = (figures, reason, done) => [...about, ...figures, t(done ? "estimate_estimated" : "estimate_not_estimated"), reason];
    /** @param {string} meter */
    const bare = (meter) => [meter, "", "", "", "", "", ""];
    const why = written ? "" : t(`estimate_${row.outcome}`);
    const found = row.estimates.map((one) => line([
      one.label, one.last?.value ?? "", t.date(one.last?.read_on), one.value, one.days, decimal(t, one.per_day), one.in_a_row,
    ], why, written));
    const without = row.without.map((meter) => line(bare(meter), t("estimate_no_basis"), false));
    return found.length || without.length ? [...found, ...without] : [line(bare(""), why, written)];
  });
  return [labels, lines];
}

/** As a spreadsheet of the language reads it. @param {Voice} t @param {number} value */
const decimal = (t, value) => (t.language === "de" ? String(value).replace(".", ",") : value);
