// The history of a machine: a row per day, each meter with its value and usage; the numbers of the chart.
import { fill, h } from "/shared/page.js";
import { panel, smallTable } from "../customer/tables.js";
/** @import { Column, Context } from "../../types/console" */
/** @import { Child, Voice } from "../../types/page" */
/** @import { MachineMeter, MachinePage, PastReading } from "../../types/records" */

const FIRST = 15;

/** @typedef {{ day: string, entries: Map<string, PastReading> }} Row */

/**
 * Newest first. Two values of a meter on one day are two rows.
 * @param {MachineMeter[]} meters
 * @returns {Row[]}
 */
export function rowsOf(meters) {
  /** @type {Map<string, Row>} */
  const rows = new Map();
  for (const meter of meters) {
    /** @type {Map<string, number>} */
    const seen = new Map();
    for (const entry of meter.history) {
      const nth = seen.get(entry.read_on) ?? 0;
      seen.set(entry.read_on, nth + 1);
      const key = `${entry.read_on} ${nth}`;
      const row = rows.get(key) ?? { day: entry.read_on, entries: new Map() };
      row.entries.set(meter.id, entry);
      rows.set(key, row);
    }
  }
  return [...rows.values()].sort((one, other) => other.day.localeCompare(one.day));
}

/**
 * How a value looks that waits and about which nobody has decided yet.
 * @param {MachineMeter} meter
 * @param {PastReading | undefined} entry
 */
const doubt = ({ period }, entry) => (entry?.state === "reported" && period?.needs_a_person ? "doubtful" : "");

/**
 * @param {Voice} t
 * @param {Row} row
 * @param {MachineMeter[]} meters
 */
function stateCell(t, row, meters) {
  const entries = [...row.entries.values()];
  const doubted = meters.some((one) => doubt(one, row.entries.get(one.id)));
  const states = [...new Set(entries.map((one) => one.state))];
  const words = doubted
    ? h("span", { class: "state conspicuous" }, h("span", { class: "sign", "aria-hidden": "true" }), t("past_conspicuous"))
    : states.map((state) => t(`past_${state}`)).join(", ");
  return [words, entries.some((one) => one.estimated) && [" ", h("span", { class: "tag" }, t("past_estimate"))]];
}

/**
 * @param {Context} context
 * @param {MachinePage} machine
 */
export function pastPanel(context, { meters }) {
  const { t } = context;
  const rows = rowsOf(meters);
  /** @param {string} id @param {(entry: PastReading) => Child} pick */
  const of = (id, pick) => (/** @type {Row} */ row) => {
    const entry = row.entries.get(id);
    return entry ? pick(entry) : "";
  };
  /** @type {Column<Row>[]} */
  const columns = [
    { label: t("read_on"), cell: (row) => t.date(row.day) },
    ...meters.flatMap((meter) => [
      {
        label: meter.label, number: true,
        cell: of(meter.id, (entry) => h("span", { class: `bold ${doubt(meter, entry)}` }, t.number(entry.value))),
      },
      {
        label: t("stock_usage"), number: true,
        cell: of(meter.id, (entry) =>
          h("span", { class: doubt(meter, entry) || "muted" }, entry.usage === null ? "–" : t.number(entry.usage))),
      },
    ]),
    {
      label: t("channel"),
      cell: (row) => [...new Set([...row.entries.values()].map((one) => t(`channel_${one.channel}`)))].join(", "),
    },
    { label: t("state"), cell: (row) => stateCell(t, row, meters) },
    {
      label: t("past_note"),
      cell: (row) => [...row.entries.values()].flatMap((one) => (one.reset ? t("past_reset", { ...one.reset }) : [])).join(", "),
    },
  ];
  const noted = rows.some((row) => [...row.entries.values()].some((one) => one.reset));
  const shown = noted ? columns : columns.slice(0, -1);
  const holder = h("div");
  /** @param {Row[]} some */
  function draw(some) {
    const more = h("button", { type: "button", class: "link", on: { click: () => draw(rows) } }, t("past_all", { count: rows.length }));
    fill(holder, smallTable(context, t("past_title"), shown, some), some.length < rows.length && h("div", { class: "foot" }, more));
  }
  draw(rows.slice(0, FIRST));
  return panel(t("past_title"), h("span", { class: "muted" }, t.number(rows.length)),
    rows.length ? holder : h("p", { class: "foot muted" }, t("past_none")));
}
