// What stands in the cells: a state with its own sign, how far something has come, values side by side.
import { h } from "/shared/page.js";
import { today } from "../day.js";
import { addressOf } from "./address.js";
/** @import { CompanyRow, ContractRow, GridColumn, MachineRow, MeterValue, Shown } from "../../types/stock" */
/** @import { Voice } from "../../types/page" */
/** @import { Values } from "./values.js" */

/**
 * @param {string} address
 * @param {string} text
 */
const link = (address, text) => h("a", { href: address, title: text, tabindex: -1 }, text);

/**
 * @param {Voice} t
 * @param {string} state
 * @param {boolean} [problem]
 */
export function stateWords(t, state, problem = false) {
  const sign = h("span", { class: "sign", "aria-hidden": "true" });
  return h("span", { class: `state ${state}` }, sign, t(problem ? "state_problem" : `state_${state}`));
}

/**
 * @param {Voice} t
 * @param {number} reported
 * @param {number} total
 */
function progress(t, reported, total) {
  const done = h("span");
  done.style.width = total ? `${(reported / total) * 100}%` : "0";
  return total ? [h("span", { class: "number" }, t.number(reported)), h("span", { class: "track", "aria-hidden": "true" }, done)] : "–";
}

/**
 * A day without its year where that is the present one.
 * @param {Voice} t
 * @param {string} iso
 */
export function shortDay(t, iso) {
  const day = t.date(iso);
  return iso.slice(0, 4) === today().slice(0, 4) ? day.slice(0, t.language === "de" ? 6 : 5) : day;
}

/**
 * @param {Voice} t
 * @param {string} today
 * @returns {GridColumn<ContractRow>[]}
 */
export function contractColumns(t, today) {
  /** @param {ContractRow} row */
  const overdue = (row) => row.due_on < today && row.reported < row.total;
  return [
    {
      key: "id", label: t("contract"), width: 9, priority: 0, sort: "id",
      cell: (row) => link(addressOf("contracts", row.company_id, row.id), row.id),
    },
    {
      key: "company", label: t("company"), width: 22, grow: 3, priority: 0, sort: "company",
      cell: (row) => link(addressOf("companies", row.company_id, row.company_id), row.company || row.company_id),
    },
    { key: "city", label: t("stock_city"), width: 12, grow: 1, priority: 3, sort: "city", look: "cut muted", cell: (row) => row.city },
    {
      key: "channel", label: t("channel"), width: 15, priority: 2, sort: "channel",
      cell: (row) => (t.knows(`channel_${row.channel}`) ? t(`channel_${row.channel}`) : row.channel),
    },
    {
      key: "due_on", label: t("due_on"), width: 12, priority: 0, sort: "due_on",
      cell: (row) => h("span", { class: overdue(row) ? "number late" : "number" }, t.date(row.due_on) || "–"),
    },
    { key: "total", label: t("machines"), width: 9, number: true, priority: 0, sort: "total", cell: (row) => t.number(row.total) },
    {
      key: "reported", label: t("stock_reported"), width: 13, number: true, priority: 0, sort: "reported",
      cell: (row) => progress(t, row.reported, row.total),
    },
    {
      key: "state", label: t("state"), width: 19, priority: 0, sort: "state",
      cell: (row) => stateWords(t, row.state), same: (row) => row.state,
    },
    {
      key: "reporters", label: t("reporters"), width: 16, grow: 2, priority: 1, look: "cut",
      cell: (row) => row.reporters.join(", ") || "–",
    },
    {
      key: "mailed_on", label: t("stock_mailed"), width: 18, priority: 6, sort: "mailed_on",
      cell: (row) => (row.mailed_on ? t("stock_mails", { day: shortDay(t, row.mailed_on), count: row.mails }) : "–"),
    },
    {
      key: "name", label: t("stock_name"), width: 14, grow: 1, priority: 5, sort: "name", optional: true, look: "cut",
      cell: (row) => row.name,
    },
    {
      key: "interval", label: t("stock_interval"), width: 12, priority: 7, sort: "interval", optional: true,
      cell: (row) => (t.knows(`interval_${row.interval}`) ? t(`interval_${row.interval}`) : row.interval),
    },
    { key: "ends_on", label: t("stock_ends"), width: 12, priority: 8, sort: "ends_on", optional: true, cell: (row) => t.date(row.ends_on) },
  ];
}

/**
 * @param {Voice} t
 * @returns {GridColumn<CompanyRow>[]}
 */
export function companyColumns(t) {
  return [
    {
      key: "company", label: t("company"), width: 24, grow: 3, priority: 0, sort: "company",
      cell: (row) => link(addressOf("companies", row.id, row.id), row.company || row.id),
    },
    { key: "id", label: t("stock_number"), width: 9, priority: 0, sort: "id", cell: (row) => row.id },
    {
      key: "street", label: t("stock_street"), width: 18, grow: 2, priority: 3, sort: "street", look: "cut muted",
      cell: (row) => row.street,
    },
    { key: "postcode", label: t("stock_postcode"), width: 7, priority: 2, sort: "postcode", cell: (row) => row.postcode },
    { key: "city", label: t("stock_city"), width: 14, grow: 2, priority: 1, sort: "city", look: "cut muted", cell: (row) => row.city },
    {
      key: "contracts", label: t("contracts"), width: 10, number: true, priority: 0, sort: "contracts",
      cell: (row) => t.number(row.contracts),
    },
    { key: "total", label: t("machines"), width: 9, number: true, priority: 0, sort: "total", cell: (row) => t.number(row.total) },
    {
      key: "reported", label: t("stock_reported"), width: 13, number: true, priority: 0, sort: "reported",
      cell: (row) => progress(t, row.reported, row.total),
    },
  ];
}

const COUNTERS = /** @type {const} */ ([["BW", "stock_bw"], ["COLOUR", "stock_colour"]]);

/**
 * @param {Voice} t
 * @param {Values} values
 * @returns {GridColumn<MachineRow>[]}
 */
export function machineColumns(t, values) {
  /**
   * @param {MachineRow} row
   * @param {string} kind
   * @param {(meter: MeterValue) => number | null | undefined} pick
   */
  const value = (row, kind, pick) => {
    const meter = values.of(row, kind);
    return meter ? t.number(pick(meter)) : "";
  };
  /** @param {MachineRow} row @param {string} kind */
  const usage = (row, kind) => {
    const used = value(row, kind, (one) => one.usage);
    return used && row.state === "conspicuous" ? h("span", { class: "doubtful" }, used) : used;
  };
  return [
    {
      key: "serial", label: t("stock_serial"), width: 13, priority: 0, sort: "serial",
      cell: (row) => link(addressOf("machines", row.company_id, row.id), row.serial || row.id),
    },
    { key: "model", label: t("stock_model"), width: 15, grow: 1, priority: 1, sort: "model", look: "cut", cell: (row) => row.model },
    {
      key: "company", label: t("company"), width: 18, grow: 3, priority: 0, sort: "company",
      cell: (row) => link(addressOf("companies", row.company_id, row.company_id), row.company || row.company_id),
    },
    { key: "place", label: t("stock_place"), width: 15, grow: 2, priority: 2, sort: "place", look: "cut muted", cell: (row) => row.place },
    {
      key: "customer_no", label: t("stock_customer_no"), width: 9, priority: 5, sort: "customer_no", look: "cut",
      cell: (row) => row.customer_no,
    },
    {
      key: "state", label: t("state"), width: 18, priority: 0, sort: "state",
      cell: (row) => stateWords(t, row.state, row.problem), same: (row) => `${row.state} ${row.problem}`,
    },
    ...COUNTERS.flatMap(([kind, label]) => [
      {
        key: `${kind}-last`, begins: true, group: t(label), label: t("stock_last"), width: 8, number: true, late: true, priority: 4,
        look: "muted",
        cell: (/** @type {MachineRow} */ row) => value(row, kind, (one) => one.previous?.value),
      },
      {
        key: `${kind}-new`, group: t(label), label: t("stock_new"), width: 8, number: true, late: true, priority: 4, look: "bold",
        cell: (/** @type {MachineRow} */ row) => value(row, kind, (one) => one.value),
      },
      {
        key: `${kind}-usage`, group: t(label), label: t("stock_usage"), width: 8, number: true, late: true, priority: 4,
        cell: (/** @type {MachineRow} */ row) => usage(row, kind),
      },
    ]),
    {
      key: "reported_on", label: t("stock_reported_on"), width: 9, priority: 6, sort: "reported_on",
      cell: (row) => shortDay(t, row.reported_on),
    },
    { key: "due_on", label: t("due_on"), width: 12, priority: 7, sort: "due_on", optional: true, cell: (row) => t.date(row.due_on) },
    { key: "contract", label: t("contract"), width: 9, priority: 8, sort: "contract", optional: true, cell: (row) => row.contract },
    { key: "maker", label: t("stock_maker"), width: 14, priority: 9, optional: true, cell: (row) => row.maker },
  ];
}

/**
 * How to open what a row stands for.
 * @param {Shown} kind
 * @param {{ company_id: string, id: string }} row
 */
export const addressOfRow = (kind, row) => addressOf(kind, row.company_id, row.id);
