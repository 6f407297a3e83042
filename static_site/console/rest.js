// How long a long work still takes, from how it went until now.
/** @import { Voice } from "../types/page" */

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/**
 * "noch etwa 3 min"; "" while nothing can be said, or nothing is left.
 * @param {Voice} t
 * @param {{ spent: number, done: number, left: number }} work `spent`: milliseconds for the `done`
 */
export function restWords(t, { spent, done, left }) {
  if (done <= 0 || left <= 0 || spent <= 0) return "";
  const rest = (spent * left) / done;
  return rest > MINUTE ? t("rest_minutes", { count: Math.ceil(rest / MINUTE) }) : t("rest_seconds", { count: Math.ceil(rest / SECOND) });
}
