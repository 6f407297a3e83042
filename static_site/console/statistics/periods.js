// The months among which a page turns: one back, one on, or one of all. The address holds the chosen one.
import { h } from "/shared/page.js";
import { monthName } from "./figures.js";
/** @import { Context } from "../../types/console" */

/**
 * The month that an address names, "" for none.
 * @param {URLSearchParams} query
 */
export function periodIn(query) {
  const asked = query.get("period") ?? "";
  return /^20\d\d-(0[1-9]|1[0-2])$/.test(asked) ? asked : "";
}

/**
 * The month after one. @param {string} period
 */
export const monthAfter = (period) => new Date(Date.UTC(Number(period.slice(0, 4)), Number(period.slice(5)), 1)).toISOString().slice(0, 7);

/**
 * "‹ November 2026 ›"
 * @param {Context} context
 * @param {string} view that shows the month
 * @param {string} period the present one
 * @param {string[]} periods all there are
 */
export function periodSwitch(context, view, period, periods) {
  const { t } = context;
  const all = [...new Set([period, ...periods])].sort();
  const at = all.indexOf(period);
  /** @param {string} one */
  const goTo = (one) => context.go(`#/${view}?period=${one}`);
  /** @param {number} place @param {string} label @param {string} sign */
  const step = (place, label, sign) => h("button", {
    type: "button", class: "button quiet", "aria-label": t(label), disabled: !all[place], on: { click: () => goTo(all[place]) },
  }, sign);
  /** @type {HTMLSelectElement} */
  const choice = h("select", { "aria-label": t("statistics_period"), on: { change: () => goTo(choice.value) } },
    all.toReversed().map((one) => h("option", { value: one, selected: one === period }, monthName(t, one))));
  return [step(at - 1, "statistics_before", "‹"), choice, step(at + 1, "statistics_after", "›")];
}
