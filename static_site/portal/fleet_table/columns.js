// The columns of the table: one group for each kind of counter that a machine has.
import { both, h } from "/shared/page.js";
/** @import { Voice } from "../../types/page" */
/** @import { Column, Machine, Meter } from "../../types/portal" */

export const texts = both({
  table_machine: ["Gerät", "Machine"],
  table_room: ["Raum", "Room"],
  table_last: ["zuletzt", "last"],
  table_new: ["neu", "new"],
  table_pages: ["Seiten", "pages"],
  table_scans: ["Scans", "scans"],
  table_state: ["Zustand", "State"],
  table_nth: ["{kind} {nth}", "{kind} {nth}"],
});

const KINDS = ["BW", "COLOUR", "SCAN", "TOTAL"];

/**
 * A machine's counter in a column, if it has one.
 * @param {Machine} machine
 * @param {Column} column
 * @returns {Meter | undefined}
 */
export const meterIn = ({ meters }, { kind, nth }) => meters.filter((meter) => meter.kind === kind)[nth];

/**
 * @param {Column[]} columns
 * @param {Machine} machine
 * @param {Meter} meter
 * @returns {Column}
 */
export function columnOf(columns, machine, meter) {
  const found = columns.find((column) => meterIn(machine, column) === meter);
  if (!found) throw new Error(`no column for ${machine.id}.${meter.id}`);
  return found;
}

/**
 * Adds the columns of counters that no machine before had: one that no machine has gets none.
 * @param {Column[]} columns
 * @param {Meter[]} meters
 */
export function learn(columns, meters) {
  /** @type {Record<string, number>} */
  const seen = {};
  for (const { kind } of meters) {
    const nth = seen[kind] ?? 0;
    seen[kind] = nth + 1;
    if (!columns.some((column) => column.kind === kind && column.nth === nth)) columns.push({ kind, nth });
  }
  columns.sort((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind) || one.nth - other.nth);
}

/**
 * Their widths, which hold whatever stands in the lines: no line that comes moves those that are there.
 * @param {Column[]} columns
 */
export const widthsOf = (columns) => [
  ...["mark", "machine", "room"].map((name) => h("col", { class: name })),
  ...columns.flatMap(({ kind }) => ["last", "new", `usage ${kind.toLowerCase()}`].map((name) => h("col", { class: name }))),
  h("col", { class: "state" }),
];

/**
 * @param {Voice} t
 * @param {Column[]} columns
 */
export function headOf(t, columns) {
  /** @param {string} key */
  const head = (key) => h("th", { scope: "col", rowspan: "2", class: key === "table_room" ? "room" : null }, t(key));
  return [
    h("tr", {},
      h("td", { rowspan: "2" }), head("table_machine"), head("table_room"),
      columns.map(({ kind, nth }) => h("th", { scope: "colgroup", colspan: "3", class: "kind-of" },
        h("span", { class: `swatch ${kind.toLowerCase()}`, "aria-hidden": "true" }),
        nth ? t("table_nth", { kind: t(`kind_${kind}`), nth: nth + 1 }) : t(`kind_${kind}`))),
      head("table_state")),
    h("tr", {}, columns.map(({ kind }) => [
      h("th", { scope: "col", class: "last" }, t("table_last")),
      h("th", { scope: "col", class: "new" }, t("table_new")),
      h("th", { scope: "col", class: `usage ${kind.toLowerCase()}` }, t(kind === "SCAN" ? "table_scans" : "table_pages")),
    ])),
  ];
}
