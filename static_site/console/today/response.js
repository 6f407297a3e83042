// How the month's response stands: its rounds, and its curve beside the month before.
import { h } from "/shared/page.js";
import { responseCurve } from "../statistics/curve.js";
import { monthName } from "../statistics/figures.js";
import { roundColumns, sheetTable } from "../statistics/sheets.js";
/** @import { Context } from "../../types/console" */
/** @import { Statistics } from "../../types/statistics" */

const ROUNDS = 5;
const CURVE = { width: 400, height: 210 };

/**
 * @param {Context} context
 * @param {Statistics} found
 */
export function roundsPanel(context, { period, this: month }) {
  const { t } = context;
  const title = t("statistics_rounds");
  return [
    h("h2", {}, title, h("a", { class: "end", href: `#/statistics?period=${period}` }, t("statistics_title"))),
    month?.rounds.length
      ? sheetTable(context, title, roundColumns(t), month.rounds.slice(0, ROUNDS)).element
      : h("p", { class: "muted" }, t("statistics_rounds_none")),
  ];
}

/**
 * @param {Context} context
 * @param {Statistics} found
 */
export function curvePanel(context, { period, this: month, before }) {
  const { t } = context;
  return [
    h("h2", {}, before ? t("statistics_against", { month: monthName(t, before.period, false) }) : t("statistics_alone"),
      h("a", { class: "end", href: `#/statistics?period=${period}` }, t("statistics_as_table"))),
    responseCurve(t, month, before, CURVE),
    month?.first_asked_on && h("p", { class: "muted" }, t("statistics_axis")),
  ];
}
