// What is due and not asked for yet: the contracts from the rows, what stands in their way from the server.
import { specOf } from "../stock/address.js";
/** @import { Context } from "../../types/console" */
/** @import { ContractRow } from "../../types/model" */
/** @import { Due, Named } from "../../types/request" */

const PAGE = 2000;
const AT_ONCE = 50; // contracts asked about by one request
const BESIDE = 4; // requests at a time

/**
 * The contracts of which something is due until a day, open, and not asked for, as a list's conditions.
 * @param {string} until
 */
const openSpec = (until) => ({ ...specOf("contracts", new URLSearchParams({ only: "unasked" })), due: until });

/**
 * How many contracts and machines `openUntil` has, without the rows.
 * @param {Context} context
 * @param {string} until
 */
export const countOpen = (context, until) => context.model().ask("open", { spec: openSpec(until) });

/**
 * The contracts of which something is due until a day, open, and not asked for.
 * @param {Context} context
 * @param {string} until
 */
export async function openUntil(context, until) {
  const spec = openSpec(until);
  /** @type {ContractRow[]} */
  const found = [];
  for (let from = 0; ; from += PAGE) {
    const { rows, total } = await context.model().ask("window", { spec, from, count: PAGE, fresh: from === 0 });
    found.push(.../** @type {ContractRow[]} */ (rows));
    if (from + PAGE >= total) break;
  }
  return found;
}

/** The day until which contracts are due. @param {Context} context @param {AbortSignal} stopped */
export const dueBy = async (context, stopped) => (await context.call("GET", "/api/staff/readiness", { signal: stopped })).due_by;

/**
 * Asks what stands in the way of contracts, some at a time; `came(done)` after each part. Other channels are not asked about.
 * @param {Context} context
 * @param {ContractRow[]} rows
 * @param {{ contracts: Map<string, Due>, people: Map<string, Named>, stopped: AbortSignal, came?: (done: number) => void }} place
 */
export async function lookAt(context, rows, { contracts, people, stopped, came }) {
  for (const row of rows) contracts.set(row.id, { row, found: null });
  const asked = rows.filter((row) => row.channel === "PORTAL");
  let done = rows.length - asked.length;
  let next = 0;
  async function work() {
    while (next < asked.length) {
      const part = asked.slice(next, next + AT_ONCE);
      next += AT_ONCE;
      const path = /** @type {const} */ (`/api/staff/readiness?${new URLSearchParams({ ids: part.map((row) => row.id).join(",") })}`);
      const answer = await context.call("GET", path, { signal: stopped });
      for (const person of answer.contacts) people.set(person.id, person);
      const told = new Map(answer.contracts.map((one) => [one.id, one]));
      for (const row of part) {
        const found = told.get(row.id);
        if (found) contracts.set(row.id, { row, found });
        else contracts.delete(row.id); // gone since the rows were told
      }
      done += part.length;
      came?.(done);
    }
  }
  await Promise.all(Array.from({ length: BESIDE }, work));
}
