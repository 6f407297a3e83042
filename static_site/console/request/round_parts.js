// All mails of a round and all it has left out, part by part.
/** @import { Context, Mail, RoundPage } from "../../types/console" */

const PART = 1000;

/**
 * @param {Context} context
 * @param {string} id
 * @param {AbortSignal} stopped
 */
export async function wholeRound(context, id, stopped) {
  /** @type {Mail[]} */
  const mails = [];
  /** @type {RoundPage["left_out"]} */
  const leftOut = [];
  /** @type {string | null} */
  let cursor = null;
  let head;
  do {
    /** @type {URLSearchParams} */
    const asked = new URLSearchParams({ limit: String(PART), ...(cursor ? { cursor } : {}) });
    const path = /** @type {const} */ (`/api/staff/rounds/${encodeURIComponent(id)}?${asked}`);
    /** @type {RoundPage} */
    const answer = await context.call("GET", path, { signal: stopped });
    mails.push(...answer.mails);
    leftOut.push(...answer.left_out);
    cursor = answer.next_cursor;
    head ??= answer;
  } while (cursor);
  return { head, mails, leftOut };
}
