// Colleagues by name: runs hold the pool's number of a person.
import { who } from "../staff_session.js";
import { staffName } from "../parts.js";
/** @import { Context } from "../../types/console" */
/** @import { Names } from "../../types/exchange" */

/**
 * Who of the staff has changed something so far; nobody where that cannot be read, for it is only a name.
 * @param {Context} context
 * @param {AbortSignal} signal
 * @returns {Promise<Names>}
 */
export async function names(context, signal) {
  try {
    const { colleagues } = await context.call("GET", "/api/staff/colleagues", { signal });
    return new Map(colleagues.map(({ id, name }) => [id, name]));
  } catch {
    return new Map();
  }
}

/**
 * When a run was begun, and by whom.
 * @param {Context} context
 * @param {Names} known
 * @param {{ by: string, created_at: string }} run
 */
export function begunWords(context, known, { by, created_at }) {
  const time = context.t.time(created_at);
  return by === who().id ? context.t("import_begun_you", { time }) : context.t("import_begun", { time, name: nameOf(context, known, by) });
}

/**
 * @param {Context} context
 * @param {Names} known
 * @param {string} by
 */
export const nameOf = (context, known, by) => (by === who().id ? staffName(context.t, by) : known.get(by) || staffName(context.t, by));
