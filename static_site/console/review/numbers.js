// What stands beside a value: the last one, the usage, what was expected, what was probably meant.
import { gravest } from "./groups.js";
/** @import { ReadingRow } from "../../types/console" */

/**
 * Pages since the last value, or null without one.
 * @param {Pick<ReadingRow, "value" | "last">} row
 */
export const usageOf = ({ value, last }) => (value === null || !last ? null : value - last.value);

/**
 * The value that was probably meant, or null; also where it stands there already.
 * @param {Pick<ReadingRow, "findings" | "meter_id" | "value">} row
 * @returns {number | null}
 */
export function suggestedOf(row) {
  const values = gravest(row)?.suggestion?.values;
  const meant = values?.[row.meter_id] ?? null;
  return meant === row.value ? null : meant;
}

/**
 * Places on a line of 100 from the least to the most usage shown: the expected range always has the same width, what
 * lies far beyond it stands at the end (`beyond` says at which).
 * @param {{ low: number, high: number, pages: number }} expected
 */
export function scaleOf({ low, high, pages }) {
  const width = Math.max(high - low, 1);
  const from = low - width;
  /** @param {number} usage */
  const place = (usage) => Math.round(Math.min(100, Math.max(0, (100 * (usage - from)) / (3 * width))) * 10) / 10;
  return {
    place,
    /** @param {number} usage @returns {-1 | 0 | 1} */
    beyond: (usage) => (usage < from ? -1 : usage > from + 3 * width ? 1 : 0),
    low: place(low),
    high: place(high),
    pages: place(pages),
  };
}
