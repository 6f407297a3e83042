// The small tables of a customer's page, and that of the machines.
import { h } from "/shared/page.js";
import { table } from "../parts.js";
import { addressOf, addressOfList } from "../stock/address.js";
import { stateWords } from "../stock/cells.js";
import { ORDER, machineState } from "./standing.js";
/** @import { Column, Context } from "../../types/console" */
/** @import { Child, Voice } from "../../types/page" */
/** @import { CompanyPage, MachineCard, MeterValue } from "../../types/records" */

/**
 * A panel with a heading, what stands beside it, and its content.
 * @param {string} title
 * @param {Child} beside
 * @param {...Child} content
 */
export function panel(title, beside, ...content) {
  return h("section", { class: "panel" }, h("div", { class: "panel-head" }, h("h2", {}, title), beside), ...content);
}

/**
 * @template Row
 * @param {Context} context
 * @param {string} caption
 * @param {Column<Row>[]} columns
 * @param {Row[]} rows
 */
export function smallTable(context, caption, columns, rows) {
  const made = table(context, { caption, columns });
  made.append(rows);
  return h("div", { class: "scroll" }, made.element);
}

/** @param {string} text @param {string} [kind] */
export const cut = (text, kind = "") => h("span", { class: `cut ${kind}`.trim(), title: text }, text);

/** @param {string} text @param {string} [kind] */
export const tag = (text, kind = "") => [" ", h("span", { class: `tag ${kind}`.trim() }, text)];

/**
 * @param {Voice} t
 * @param {number} reported
 * @param {number} total
 */
export function progress(t, reported, total) {
  const done = h("span");
  done.style.width = total ? `${(reported / total) * 100}%` : "0";
  return total ? [t.number(reported), h("span", { class: "track", "aria-hidden": "true" }, done)] : "–";
}

const COUNTERS = /** @type {const} */ ([["BW", "bw"], ["COLOUR", "colour"], ["SCAN", "scan"], ["TOTAL", "total"]]);

/** @param {MachineCard["location"]} location */
export const placeWords = ({ site, building, floor, room }) => [site, building, floor, room].filter(Boolean).join(", ");

/**
 * Conspicuous machines first, then open ones, then the rest.
 * @param {Context} context
 * @param {CompanyPage} page
 * @param {boolean} whole whether all machines are loaded
 */
export function machinesPanel(context, { company, contracts, machines, machine_count: count }, whole) {
  const { t } = context;
  const byId = new Map(contracts.map((one) => [one.id, one]));
  const rows = machines
    .map((machine) => ({ machine, state: machineState(machine, byId.get(machine.contract_id)) }))
    .sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state));
  /** @param {MachineCard} machine @param {string} kind */
  const meter = (machine, kind) => machine.meters.find((one) => one.kind === kind);
  /** @typedef {typeof rows[number]} Row */
  /** @param {Row} row @param {string} kind @param {(one: MeterValue) => Child} pick */
  const value = (row, kind, pick) => {
    const found = meter(row.machine, kind);
    return found ? pick(found) : "";
  };
  /** @param {number | null | undefined} pages @param {string} look */
  const number = (pages, look) => (pages === null || pages === undefined ? "" : h("span", { class: look }, t.number(pages)));
  /** @param {MeterValue} one */
  const doubt = (one) => (one.state === "reported" && one.verdict === "confirmed" ? "doubtful" : "");
  const kinds = COUNTERS.filter(([kind]) => machines.some((machine) => meter(machine, kind)));
  const narrow = kinds.length > 2 ? "few" : "";
  /** @type {Column<Row>[]} */
  const columns = [
    {
      label: t("stock_serial"),
      cell: ({ machine }) => h("a", { href: addressOf("machines", company.id, machine.id) }, h("strong", {}, machine.serial || machine.id)),
    },
    { label: t("stock_model"), cell: ({ machine }) => cut(machine.model, narrow) },
    { label: t("stock_place"), cell: ({ machine }) => cut(placeWords(machine.location), `muted ${narrow}`) },
    { label: t("state"), cell: ({ machine, state }) => stateWords(t, state, Boolean(machine.problem)) },
    ...kinds.flatMap(([kind, name]) => [
      {
        label: t(`${name}_last`), number: true,
        cell: (/** @type {Row} */ row) => value(row, kind, (one) => number(one.previous?.value, "muted")),
      },
      {
        label: t(`${name}_new`), number: true,
        cell: (/** @type {Row} */ row) => value(row, kind, (one) => number(one.value, `bold ${doubt(one)}`)),
      },
      {
        label: t("stock_usage"), number: true,
        cell: (/** @type {Row} */ row) => value(row, kind, (one) => number(one.usage, doubt(one))),
      },
    ]),
  ];
  return panel(t("machines"),
    [
      h("span", { class: "muted" }, t.number(count), count > 1 && `, ${t("machines_order")}`,
        !whole && `, ${t("machines_loaded", { shown: machines.length, count })}`),
      h("a", { class: "end", href: addressOfList({ kind: "machines", company: company.id, ended: true }) }, t("machines_list")),
    ],
    machines.length ? smallTable(context, t("machines"), columns, rows) : h("p", { class: "foot muted" }, t("machines_no")));
}
