// Where a value stands: by what it needs a person for, gravest first, or by what was decided about it.
import { today } from "../day.js";
/** @import { ReadingRow } from "../../types/console" */
/** @import { Decision, FindingGroup, GroupName } from "../../types/review" */

/** @type {Record<FindingGroup, string[]>} finding codes; what no group names stands in the last one */
const CODES = {
  second: [],
  digits: ["digit_missing", "digit_added", "digit_doubled", "digit_wrong", "digits_transposed", "digit_slip", "typed_in_thousands"],
  swapped: ["meters_swapped"],
  elsewhere: ["value_of_other_meter", "value_of_other_machine"],
  lower: ["lower_than_last", "lower_than_estimate", "rolled_over", "negative"],
  higher: ["usage_too_high", "more_than_printable", "too_many_digits", "higher_than_later"],
  little: ["usage_too_low", "no_usage", "unchanged"],
  sums: ["colour_over_total", "parts_do_not_add_up"],
  other: [],
};

export const GROUPS = /** @type {FindingGroup[]} */ (Object.keys(CODES));
export const DECISIONS = /** @type {Decision[]} */ (["accepted", "taken", "asked_back", "estimated", "deferred"]);
const ALL = /** @type {GroupName[]} */ ([...GROUPS, ...DECISIONS]);

/** The name of a list, or undefined for what somebody mistyped. @param {string | null} name */
export const groupNamed = (name) => ALL.find((one) => one === name);

/**
 * The finding that counts most, or undefined where a run refused the value for another reason.
 * @param {Pick<ReadingRow, "findings">} row
 */
export const gravest = ({ findings }) => findings.find((one) => ["block", "warn"].includes(one.severity)) || findings[0];

/**
 * Whether nobody has to decide at present. A deferred value comes back on its day.
 * @param {Pick<ReadingRow, "decision">} row
 */
export function rests({ decision }) {
  if (!decision || decision.waits_for_second) return false;
  return !["deferred", "asked_back"].includes(decision.decision) || (decision.until ?? "") > today();
}

/**
 * @param {Pick<ReadingRow, "findings" | "decision">} row
 * @returns {GroupName}
 */
export function groupOf(row) {
  if (row.decision && rests(row)) return row.decision.decision;
  if (row.decision?.waits_for_second) return "second";
  const code = gravest(row)?.code;
  return GROUPS.find((name) => code !== undefined && CODES[name].includes(code)) ?? "other";
}

/**
 * Rows by group, each group in the order in which the rows came.
 * @param {ReadingRow[]} rows
 * @returns {Map<GroupName, ReadingRow[]>}
 */
export function grouped(rows) {
  const found = new Map(ALL.map((name) => [name, /** @type {ReadingRow[]} */ ([])]));
  for (const row of rows) found.get(groupOf(row))?.push(row);
  return found;
}

/**
 * The decision that a person took last, or undefined.
 * @param {ReadingRow[]} rows
 * @param {string} person
 */
export const lastOf = (rows, person) => rows
  .filter(({ decision }) => decision && (decision.second ?? decision.by).id === person)
  .sort((a, b) => (b.decision?.at ?? "").localeCompare(a.decision?.at ?? ""))[0];
