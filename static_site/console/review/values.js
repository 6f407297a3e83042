// The values of a group as rows of a list: last, reported, usage, what was expected as a small bar, the suggestion.
import { h } from "/shared/page.js";
import { drawn } from "/shared/svg.js";
import { MarkedList } from "../lists/marked.js";
import { gravest } from "./groups.js";
import { scaleOf, suggestedOf, usageOf } from "./numbers.js";
/** @import { ReadingRow } from "../../types/console" */
/** @import { Voice } from "../../types/page" */

const HEIGHT = 16;
const MIDDLE = HEIGHT / 2;

/**
 * Grey: the expected range with its median; amber: what was reported, an arrow where it lies beyond; ring: the suggestion.
 * @param {Voice} t
 * @param {ReadingRow} row
 */
function bar(t, row) {
  const expected = gravest(row)?.expected;
  const usage = usageOf(row);
  if (!expected || usage === null) return null;
  const scale = scaleOf(expected);
  const beyond = scale.beyond(usage);
  const at = scale.place(usage);
  const meant = suggestedOf(row);
  const reported = beyond
    ? `M${at} ${MIDDLE - 5} l${beyond * 6} 5 l${beyond * -6} 5 z`
    : `M${at} ${MIDDLE - 5} l5 5 l-5 5 l-5 -5 z`;
  return drawn("svg", {
    viewBox: `-8 0 116 ${HEIGHT}`,
    class: "review-bar",
    role: "img",
    "aria-label": t("review_range", { low: expected.low, high: expected.high, usage }),
  },
  drawn("line", { x1: 0, x2: 100, y1: MIDDLE, y2: MIDDLE, class: "line" }),
  drawn("rect", { x: scale.low, width: Math.max(scale.high - scale.low, 2), y: 2, height: HEIGHT - 4, class: "band" }),
  drawn("line", { x1: scale.pages, x2: scale.pages, y1: 2, y2: HEIGHT - 2, class: "median" }),
  drawn("path", { d: reported, class: "reported" }),
  ...(meant === null || !row.last
    ? []
    : [drawn("circle", { cx: scale.place(meant - row.last.value), cy: MIDDLE, r: 4, class: "meant" })]));
}

/**
 * @param {Voice} t
 * @param {ReadingRow} row
 */
function cells(t, row) {
  const { company, serial, id } = row.machine;
  const meant = suggestedOf(row);
  return [
    h("th", { scope: "row", title: company.name }, company.name),
    h("td", { class: "serial" }, serial || id),
    h("td", {}, row.label || row.meter_id),
    h("td", { class: "number" }, row.last ? t.number(row.last.value) : "–"),
    h("td", { class: "number strong" }, t.number(row.value)),
    h("td", { class: "number doubt" }, usageOf(row) === null ? "–" : t.number(usageOf(row))),
    h("td", {}, bar(t, row)),
    h("td", { class: "number meant" }, meant === null ? "" : t.number(meant)),
  ];
}

/** The heads of the columns, by key and kind. */
const HEADS = [
  ["company", ""],
  ["review_serial", ""],
  ["meter", ""],
  ["review_last", "number"],
  ["review_value", "number"],
  ["review_usage", "number"],
  ["review_expected", ""],
  ["review_suggestion", "number"],
];

/**
 * The list of values, one stop of the keyboard.
 * @param {Voice} t
 * @param {{ marked: (row: ReadingRow | null, index: number) => void, open: (row: ReadingRow) => void }} told
 * @returns {MarkedList<ReadingRow>}
 */
export const valueList = (t, told) => new MarkedList({
  name: "review-list",
  label: t("review_list"),
  heads: HEADS.map(([key, kind]) => ({ label: t(key), kind })),
  cells: (row) => cells(t, row),
  ...told,
});
