// How many of a month's machines are complete by each day after the first request, beside the month before.
import { h } from "/shared/page.js";
import { drawn } from "/shared/svg.js";
import { lastDayOf, monthName, reachedBy } from "./figures.js";
/** @import { Voice } from "../../types/page" */
/** @import { MonthStatistics } from "../../types/statistics" */

const [LEFT, RIGHT, TOP, BOTTOM] = [32, 52, 14, 24];
const LEAST = 14; // days that are drawn at least
const NEAR = 9; // percent points at which the two labels would touch

/**
 * @param {Voice} t
 * @param {MonthStatistics | null} month
 * @param {MonthStatistics | null} before
 * @param {{ width: number, height: number }} size
 */
export function responseCurve(t, month, before, { width, height }) {
  const shown = [before, month].filter((one) => one !== null).filter((one) => one.first_asked_on);
  if (!shown.length) return h("p", { class: "muted" }, t("statistics_no_curve"));
  const present = month ? lastDayOf(month) : -1;
  const past = before?.first_asked_on ? before.curve.length - 1 : 0;
  const days = Math.max(LEAST, present, Math.min(past, Math.max(LEAST, present + 7)));
  const step = Math.ceil(days / 7);
  /** @param {number} day */
  const x = (day) => LEFT + ((width - LEFT - RIGHT) * day) / days;
  /** @param {number} share */
  const y = (share) => TOP + (height - TOP - BOTTOM) * (1 - share / 100);
  /** @type {Node[]} */
  const parts = [];
  for (const share of [0, 25, 50, 75, 100]) {
    parts.push(drawn("line", { x1: LEFT, x2: width - RIGHT, y1: y(share), y2: y(share), class: "scale" }));
    parts.push(drawn("text", { x: LEFT - 6, y: y(share) + 4, "text-anchor": "end" }, String(share)));
  }
  for (let day = 0; day <= days; day += step) {
    parts.push(drawn("text", { x: x(day), y: height - 6, "text-anchor": "middle" }, String(day)));
  }
  /**
   * @param {MonthStatistics} one
   * @param {number} last
   * @param {string} look
   */
  const line = (one, last, look) => {
    const points = Array.from({ length: last + 1 }, (_, day) => `${x(day)},${y(reachedBy(one, day) ?? 0)}`);
    parts.push(drawn("polyline", { points: points.join(" "), class: look }));
  };
  /** @param {number} share */
  const words = (share) => `${t.number(Math.round(share))} %`;
  const said = [];
  if (before?.first_asked_on) {
    const [end, same] = [reachedBy(before, days) ?? 0, reachedBy(before, present) ?? 0];
    line(before, days, "past");
    parts.push(drawn("text", { x: x(days) + 6, y: y(end) + 4 }, words(end)));
    if (present >= 0) parts.push(drawn("circle", { cx: x(present), cy: y(same), r: 3, class: "past" }));
    said.push(t("statistics_curve_said", { month: monthName(t, before.period), day: days, share: words(end) }));
  }
  if (month && present >= 0) {
    const now = reachedBy(month, present) ?? 0;
    const same = before ? reachedBy(before, present) ?? 0 : 0;
    line(month, present, "present");
    parts.push(drawn("circle", { cx: x(present), cy: y(now), r: 4, class: "present" }));
    const left = present > days / 2;
    const above = now >= same || Math.abs(now - same) > NEAR;
    parts.push(drawn("text", {
      x: x(present) + (left ? -8 : 8), y: y(now) + (above ? -8 : 18), "text-anchor": left ? "end" : "start", class: "present",
    }, `${monthName(t, month.period, false)} ${words(now)}`));
    said.unshift(t("statistics_curve_said", { month: monthName(t, month.period), day: present, share: words(now) }));
  }
  return h("div", { class: "curve", role: "group", tabindex: 0, "aria-label": t("statistics_curve") },
    drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": said.join(" ") }, ...parts));
}
