// The tables of a month's statistics: what they show, and the same as a CSV file.
import { h } from "/shared/page.js";
import { table } from "../parts.js";
import { addressOf, addressOfList } from "../stock/address.js";
import { saveTable } from "../stock/sheet.js";
import { daysOf, percent, reachedBy } from "./figures.js";
/** @import { Child, Voice } from "../../types/page" */
/** @import { Column, Context } from "../../types/console" */
/** @import { CompanyStatistics, MonthStatistics, RoundStatistics, SheetColumn } from "../../types/statistics" */

/**
 * @param {Voice} t
 * @param {RoundStatistics} one
 */
const roundName = (t, one) => `${t(`statistics_round_${one.kind}`)} ${t.date(one.on)}`;

/**
 * @param {Voice} t
 * @returns {SheetColumn<RoundStatistics>[]}
 */
export const roundColumns = (t) => [
  {
    label: t("statistics_round"),
    value: (one) => roundName(t, one),
    cell: (one) => h("a", { href: `#/rounds/${encodeURIComponent(one.round_id)}` }, roundName(t, one)),
  },
  { label: t("statistics_mails"), number: true, value: (one) => one.mails ?? "" },
  { label: t("machines"), number: true, value: (one) => one.response.machines },
  ...responseColumns(t, (/** @type {RoundStatistics} */ one) => one.response),
];

/**
 * @param {Voice} t
 * @template Row
 * @param {(row: Row) => RoundStatistics["response"]} of
 * @returns {SheetColumn<Row>[]}
 */
function responseColumns(t, of) {
  return [
    { label: t("state_opened"), number: true, value: (row) => percent(t, of(row).opened, of(row).machines) },
    { label: t("stock_reported"), number: true, value: (row) => of(row).reported },
    {
      label: t("statistics_response"), number: true, value: (row) => percent(t, of(row).reported, of(row).machines),
      cell: (row) => h("strong", {}, percent(t, of(row).reported, of(row).machines)),
    },
    { label: t("statistics_days"), number: true, value: (row) => daysOf(t, of(row).median_days) },
  ];
}

/**
 * @param {Voice} t
 * @returns {SheetColumn<CompanyStatistics>[]}
 */
export const companyColumns = (t) => [
  { label: t("company_no"), value: (one) => one.company.id },
  {
    label: t("company"), value: (one) => one.company.name,
    cell: (one) => h("a", { href: addressOf("companies", one.company.id, one.company.id) }, one.company.name || one.company.id),
  },
  {
    label: t("statistics_due"), number: true, value: (one) => one.due,
    cell: (one) => h("a", { href: addressOfList({ kind: "machines", company: one.company.id }) }, t.number(one.due)),
  },
  { label: t("statistics_done"), number: true, value: (one) => one.done },
  { label: t("statistics_asked"), number: true, value: (one) => one.response.machines },
  ...responseColumns(t, (/** @type {CompanyStatistics} */ one) => one.response),
  { label: t("statistics_estimated"), number: true, value: (one) => one.estimated },
  { label: t("statistics_in_a_row"), number: true, value: (one) => (one.in_a_row > 2 ? "3+" : one.in_a_row) },
];

/**
 * @param {Voice} t
 * @param {number} done machines that are complete: all channels together
 * @returns {SheetColumn<MonthStatistics["channels"][number]>[]}
 */
export const channelColumns = (t, done) => [
  { label: t("channel"), value: (one) => channelName(t, one.channel) },
  { label: t("machines"), number: true, value: (one) => one.machines },
  { label: t("statistics_share"), number: true, value: (one) => percent(t, one.machines, done) },
];

/**
 * @param {Voice} t
 * @param {string} channel
 */
export const channelName = (t, channel) => (t.knows(`channel_${channel}`) ? t(`channel_${channel}`) : channel || "–");

/**
 * @param {Voice} t
 * @param {number} due machines of the month
 * @returns {SheetColumn<[string, number]>[]}
 */
export const estimateColumns = (t, due) => [
  { label: t("statistics_in_a_row"), value: ([name]) => name },
  { label: t("machines"), number: true, value: ([, machines]) => machines },
  { label: t("statistics_share"), number: true, value: ([, machines]) => percent(t, machines, due) },
];

/**
 * Days after the first request with what was complete by then.
 * @param {Voice} t
 * @param {(MonthStatistics | null)[]} months with their names
 * @param {string[]} names
 * @returns {SheetColumn<number>[]}
 */
export const dayColumns = (t, months, names) => [
  { label: t("statistics_day"), number: true, value: (day) => day },
  ...months.map((month, place) => ({
    label: names[place],
    number: true,
    value: (/** @type {number} */ day) => {
      const share = month && reachedBy(month, day);
      return share === null ? "–" : percent(t, share, 100);
    },
  })),
];

/**
 * @param {Context} context
 * @template Row
 * @param {string} caption
 * @param {SheetColumn<Row>[]} columns
 * @param {Row[]} rows
 */
export function sheetTable(context, caption, columns, rows) {
  /** @type {Column<Row>[]} */
  const shown = columns.map(({ label, number, value, cell }) => ({ label, number, cell: cell ?? ((row) => inWords(context, value(row))) }));
  const made = table(context, { caption, columns: shown });
  made.append(rows);
  return { append: made.append, element: h("div", { class: "scroll wide-table" }, made.element) };
}

/**
 * @param {Context} context
 * @param {string | number} value
 * @returns {Child}
 */
const inWords = ({ t }, value) => (typeof value === "number" ? t.number(value) : value);

/**
 * @template Row
 * @param {string} name of the file
 * @param {SheetColumn<Row>[]} columns
 * @param {Row[]} rows
 */
export function saveSheetOf(name, columns, rows) {
  saveTable(name, columns.map(({ label }) => label), rows.map((row) => columns.map(({ value }) => value(row))));
}
