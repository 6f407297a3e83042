// Starts what is done with a selection of contracts: the check for Portal Ready, requests and reminders.
import { remembered } from "../parts.js";
/** @import { Context } from "../../types/console" */
/** @import { ContractFilter, ContractSelection } from "../../types/model" */

/** Where the outcome of a check that was answered at once is shown, in this tab. */
export const LAST = "last";

const MOST_NUMBERS = 1000;

/**
 * Contracts by number; too many for that by the filter that says the same.
 * @param {string[]} ids
 * @param {ContractFilter} filter
 * @returns {ContractSelection}
 */
export const selectionOf = (ids, filter) => (ids.length > MOST_NUMBERS ? { filter } : { ids });

/**
 * Checks contracts for Portal Ready, and goes to the result.
 * @param {Context} context
 * @param {ContractSelection} selection
 * @param {boolean} dryRun
 */
export async function startReadiness(context, selection, dryRun) {
  const answer = await context.call("POST", "/api/staff/readiness", { body: { selection, dry_run: dryRun } });
  if ("ready" in answer) remembered.put("readiness", { ...answer, dry_run: dryRun });
  context.go(`#/readiness/${"ready" in answer ? `${LAST}?at=${Date.now()}` : encodeURIComponent(answer.id)}`);
}

/**
 * Prepares a round as a dry run, and goes to it. A filter means what is due within it, unless `dueOrNot`.
 * @param {Context} context
 * @param {ContractSelection} selection
 * @param {"request" | "reminder"} kind
 * @param {(body: unknown) => string} key gives the same key for the same body
 * @param {{ dueOrNot?: boolean, early?: boolean }} [options] `early`: reminds before the third day, too
 */
export async function startRound(context, selection, kind, key, { dueOrNot = false, early = false } = {}) {
  const body = { selection, kind, early, dry_run: true, ...(dueOrNot && "filter" in selection ? { due_or_not: true } : {}) };
  const { id } = await context.call("POST", "/api/staff/rounds", { body, key: key(body) });
  context.go(`#/rounds/${encodeURIComponent(id)}`);
}
