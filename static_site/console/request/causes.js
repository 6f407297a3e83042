// Why contracts are not ready, by cause and person: each contract counts once, for its first reason.
/** @import { Cause, Due, Person, Sums } from "../../types/request" */

/** Causes in the order in which they are mended, with the codes of their reasons. @type {Record<Cause, string[]>} */
const CODES = {
  email_missing: ["email_missing"],
  email_invalid: ["email_invalid"],
  email_bounced: ["email_bounced"],
  no_reporter: ["no_reporter", "reporter_unknown"],
  email_doubled: ["email_doubled"],
  reporter_inactive: ["reporter_inactive"],
  email_complained: ["email_complained"],
  withdrawn: ["rights_missing"],
  other: [],
};

export const CAUSES = /** @type {Cause[]} */ (Object.keys(CODES));

/** Causes that another address mends. @type {Cause[]} */
export const BY_ADDRESS = ["email_missing", "email_invalid", "email_bounced", "email_doubled", "email_complained"];

/** Causes that another reporter mends. @type {Cause[]} */
export const BY_REPORTER = ["no_reporter", "reporter_inactive"];

/**
 * @param {string} code
 * @returns {Cause}
 */
const causeOf = (code) => CAUSES.find((name) => CODES[name].includes(code)) ?? "other";

/**
 * The parts of the equation. What nobody has been asked about yet (`found` null) reports in another way.
 * @param {Iterable<Due>} contracts
 * @returns {Sums}
 */
export function sumsOf(contracts) {
  /** @type {Sums} */
  const sums = { due: [], ready: [], without_rights: [], not_ready: [], other_way: [] };
  for (const one of contracts) {
    sums.due.push(one);
    sums[one.found?.standing ?? "other_way"].push(one);
  }
  return sums;
}

/** @param {Due[]} contracts */
export const machinesOf = (contracts) => contracts.reduce((sum, { row }) => sum + row.total - row.reported, 0);

/**
 * Who stands in the way of contracts, by cause; within one the person with most contracts first.
 * @param {Due[]} contracts those that are not ready
 * @returns {Map<Cause, Person[]>} causes without anybody are not in it
 */
export function personsOf(contracts) {
  /** @type {Map<string, Person>} */
  const persons = new Map();
  for (const due of contracts) {
    const [reason] = due.found?.reasons ?? [];
    if (!reason) continue;
    const cause = causeOf(reason.code);
    const contact = cause === "no_reporter" ? "" : reason.contact_id ?? "";
    const key = [cause, due.row.company_id, contact].join("~");
    const known = persons.get(key) ?? {
      key, cause, contact, company_id: due.row.company_id, company: due.row.company, contracts: [], machines: 0, text: reason.text,
    };
    known.contracts.push(due);
    known.machines += machinesOf([due]);
    persons.set(key, known);
  }
  const sorted = [...persons.values()].sort((a, b) => b.contracts.length - a.contracts.length || a.company.localeCompare(b.company, "de"));
  return new Map(CAUSES.map((cause) => /** @type {[Cause, Person[]]} */ ([cause, sorted.filter((one) => one.cause === cause)]))
    .filter(([, found]) => found.length));
}

/**
 * Contracts by channel, most first.
 * @param {Due[]} contracts
 * @returns {[string, Due[]][]}
 */
export function channelsOf(contracts) {
  const found = Map.groupBy(contracts, ({ row }) => row.channel);
  return [...found].sort(([, a], [, b]) => b.length - a.length);
}
