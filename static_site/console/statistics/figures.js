// What a month's statistics say in numbers: shares, the same day of the month before, names of months.
/** @import { Voice } from "../../types/page" */
/** @import { MonthStatistics } from "../../types/statistics" */

const LONGEST = 60; // days that the server tells one by one

/** @param {Voice} t */
const localeOf = (t) => (t.language === "de" ? "de-DE" : "en-GB");

/**
 * A share as "67,8 %"; a dash where there is nothing to have a share of.
 * @param {Voice} t
 * @param {number} part
 * @param {number} whole
 */
export const percent = (t, part, whole) => (whole
  ? `${((100 * part) / whole).toLocaleString(localeOf(t), { minimumFractionDigits: 1, maximumFractionDigits: 1 })} %`
  : "–");

/**
 * Days as "2" or "2,5".
 * @param {Voice} t
 * @param {number | null} days
 */
export const daysOf = (t, days) => (days === null ? "–" : days.toLocaleString(localeOf(t), { maximumFractionDigits: 1 }));

/**
 * "2026-11" -> "November 2026", or "November" alone.
 * @param {Voice} t
 * @param {string} period
 * @param {boolean} [year]
 */
export function monthName(t, period, year = true) {
  const day = new Date(`${period}-15T12:00:00Z`);
  return new Intl.DateTimeFormat(localeOf(t), { month: "long", year: year ? "numeric" : undefined, timeZone: "UTC" }).format(day);
}

/**
 * Up to which day after its first request a month was counted; -1: nobody was asked.
 * @param {MonthStatistics} month
 */
export function lastDayOf({ first_asked_on: first, counted_at: counted, curve }) {
  if (!first) return -1;
  const days = Math.floor((Date.parse(counted.slice(0, 10)) - Date.parse(first)) / 86_400_000);
  return Math.min(LONGEST, Math.max(days, curve.length - 1, 0));
}

/**
 * The share of the machines due that were complete by the n-th day, in percent; null: nobody was asked.
 * @param {MonthStatistics} month
 * @param {number} day
 */
export function reachedBy({ first_asked_on: first, due, curve }, day) {
  if (!first || !due) return null;
  return (100 * (curve[Math.min(day, curve.length - 1)] ?? 0)) / due;
}

/**
 * How a month stands beside the one before on the same day; null where they cannot be compared.
 * @param {MonthStatistics | null} month
 * @param {MonthStatistics | null} before
 */
export function sameDay(month, before) {
  if (!month || !before) return null;
  const day = lastDayOf(month);
  const [now, then] = [reachedBy(month, day), reachedBy(before, day)];
  return now === null || then === null ? null : { day, now, then, points: now - then };
}

/**
 * A difference as "+4,7 Punkte".
 * @param {Voice} t
 * @param {number} points
 */
export const pointsOf = (t, points) => t("statistics_points", {
  points: points.toLocaleString(localeOf(t), { minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: "exceptZero" }),
});
