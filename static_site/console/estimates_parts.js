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
 * How many times in a row a counter was estimated, where somebody should look closer; else "".
 * @param {Voice} t
 * @param {Estimate[]} estimates
 */
export function oftenWords(t, estimates) {
  const most = Math.max(0, ...estimates.filter((one) => one.look_closer).map((one) => one.in_a_row));
  if (!most) return "";
  return most === 3 ? t("estimates_third") : t("estimates_nth", { n: most });
}

/**
 * @param {Voice} t
 * @param {Estimate[]} estimates
 * @returns {Child}
 */
export function oftenBadge(t, estimates) {
  const words = oftenWords(t, estimates);
  return words && h("span", { class: "badge warning" }, words);
}

/**
 * @param {Voice} t
 * @param {Estimate} one
 */
export const lastWords = (t, { last }) => (last ? t("estimates_last_value", { value: last.value, day: t.date(last.read_on) }) : "–");
