// The address says everything of the place: list, filter, order, the row that is open.
import { today } from "../day.js";
import { STATES } from "../model/progress.js";
/** @import { Kind } from "../../types/model" */
/** @import { Shown, Spec } from "../../types/stock" */

/** @type {Shown[]} */
export const LISTS = ["contracts", "companies", "machines"];

/** @type {Record<Shown, string>} */
const ORDER = { contracts: "due_on", companies: "company", machines: "company" };

const CHANNELS = ["PORTAL", "MPS", "TECHNICIAN", "PHONE", "EMAIL", "LETTER", "ESTIMATE"];

/**
 * The values of an address that there are; what somebody mistyped is no condition.
 * @param {string | null} text
 * @param {string[]} known
 */
const several = (text, known) => (text ?? "").split(",").filter((one) => known.includes(one));

/** @type {Spec["only"][]} */
const ONLY = ["undecided", "unasked"];

/**
 * @param {string} name of a list; anything else is the first one
 * @param {URLSearchParams} query
 * @returns {Spec & { kind: Shown }}
 */
export function specOf(name, query) {
  const kind = LISTS.find((one) => one === name) ?? LISTS[0];
  const sort = query.get("sort") || ORDER[kind];
  return {
    kind,
    words: query.get("q") ?? "",
    states: several(query.get("state"), STATES),
    channels: several(query.get("channel"), CHANNELS),
    due: /^\d{4}-\d\d-\d\d$/.test(query.get("due") ?? "") ? query.get("due") ?? "" : "",
    ended: query.get("ended") === "1",
    company: query.get("company") ?? "",
    contract: query.get("contract") ?? "",
    machine: query.get("machine") ?? "",
    only: ONLY.find((one) => one === query.get("only")) ?? "",
    sort: sort.replace(/^-/, ""),
    down: sort.startsWith("-"),
    today: today(),
  };
}

/**
 * A list in an order that it has: an address may name a column that there is none of.
 * @template {Spec & { kind: Shown }} S
 * @param {S} spec
 * @param {{ sort?: string }[]} columns
 * @returns {S}
 */
export const inOrder = (spec, columns) => (columns.some(({ sort }) => sort === spec.sort)
  ? spec : { ...spec, sort: ORDER[spec.kind], down: false });

/**
 * The address of a list. `at` names the row that is open: company and number.
 * @param {Partial<Spec> & { kind: Shown }} spec
 * @param {string} [at]
 */
export function addressOfList(spec, at = "") {
  const order = spec.sort ? `${spec.down ? "-" : ""}${spec.sort}` : "";
  const query = new URLSearchParams(Object.entries({
    q: spec.words ?? "",
    state: (spec.states ?? []).join(","),
    channel: (spec.channels ?? []).join(","),
    due: spec.due ?? "",
    ended: spec.ended ? "1" : "",
    company: spec.company ?? "",
    contract: spec.contract ?? "",
    machine: spec.machine ?? "",
    only: spec.only ?? "",
    sort: order === ORDER[spec.kind] ? "" : order,
    at,
  }).filter(([, value]) => value));
  return `#/stock/${spec.kind}${query.size ? `?${query}` : ""}`;
}

/**
 * Where a record is shown: the one place that knows.
 * @param {Kind} kind
 * @param {string} companyId
 * @param {string} id
 */
export function addressOf(kind, companyId, id) {
  if (kind === "machines") return `#/machines/${encodeURIComponent(id)}`;
  if (kind === "contracts") return addressOfList({ kind: "machines", contract: id, company: companyId, ended: true });
  return `#/companies/${encodeURIComponent(companyId)}`;
}

/**
 * A record as the address names it.
 * @param {{ company_id: string, id: string }} row
 */
export const nameOf = (row) => `${row.company_id}~${row.id}`;

/**
 * Goes to an address of the console: in this tab, or in another one that is signed in like this one.
 * @param {string} address
 * @param {boolean} elsewhere
 */
export function goTo(address, elsewhere) {
  if (elsewhere) window.open(`/staff/${address}`);
  else location.hash = address;
}
