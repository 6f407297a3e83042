// The usage of a machine's meters per billing: bars from zero, estimates outlined, the expected range as a frame.
import { h } from "/shared/page.js";
import { drawn } from "/shared/svg.js";
/** @import { Voice } from "../../types/page" */
/** @import { MachineMeter, MachinePage, PastReading } from "../../types/records" */

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [940, 250, 62, 24, 26];
const MOST = 15;
const TICKS = 4;
const BEYOND = 1.5; // so much of the usual is shown; a value that is doubted does not flatten the others

/**
 * The step of a scale from zero that is easy to read: 1, 2 or 5 of a power of ten.
 * @param {number} most
 */
export function stepOf(most) {
  const rough = Math.max(most, 1) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? rough;
  return Math.max(1, step);
}

/**
 * The days on which something was read, oldest first, the last ones; each with its usage by meter.
 * @param {MachineMeter[]} meters
 */
export function billings(meters) {
  const days = [...new Set(meters.flatMap((one) => one.history.filter((past) => past.usage !== null).map((past) => past.read_on)))];
  return days.sort().slice(-MOST).map((day) => ({
    day,
    used: meters.map((meter) => meter.history.find((past) => past.read_on === day && past.usage !== null) ?? null),
  }));
}

/** @param {string} day */
const month = (day) => `${day.slice(5, 7)}/${day.slice(2, 4)}`;

/** @param {PastReading} past */
const waits = (past) => past.state === "reported";

/**
 * @param {Voice} t
 * @param {MachinePage} machine
 * @returns {{ legend: HTMLElement | null, element: HTMLElement }}
 */
export function usageChart(t, machine) {
  const meters = machine.meters.filter((one) => one.billable);
  const columns = billings(meters);
  const expects = meters.some((one) => one.expected);
  const open = expects && !meters.some((one) => one.history.some(waits));
  if (columns.length + Number(open) < 2) {
    return { legend: null, element: h("p", { class: "panel-body muted" }, t("chart_none")) };
  }
  const all = open ? [...columns, { day: "", used: meters.map(() => null) }] : columns;
  const used = columns.flatMap((one) => one.used.flatMap((past) => past?.usage ?? []));
  const usual = columns.flatMap((one) => one.used.flatMap((past) => (past && !waits(past) ? past.usage ?? [] : [])));
  const expected = Math.max(...meters.map((one) => one.expected?.high ?? 0));
  const most = Math.max(expected, Math.min(Math.max(...used, 1), BEYOND * Math.max(...usual, expected, 1)));
  const step = stepOf(most);
  const top = Math.max(Math.ceil(most / step) * step, step);
  const wide = (WIDTH - LEFT) / all.length;
  const bar = Math.min(18, (wide - 8) / meters.length);
  /** @param {number} pages */
  const y = (pages) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.max(0, pages) / top);
  /** @param {number} place @param {number} meter */
  const x = (place, meter) => LEFT + wide * (place + 0.5) + (meter - meters.length / 2) * bar;
  /** @type {Node[]} */
  const parts = [];

  for (let pages = 0; pages <= top; pages += step) {
    parts.push(drawn("line", { x1: LEFT, x2: WIDTH, y1: y(pages), y2: y(pages), class: "scale" }));
    parts.push(drawn("text", { x: LEFT - 8, y: y(pages) + 4, "text-anchor": "end" }, t.number(pages)));
  }
  all.forEach(({ day, used: here }, place) => {
    const label = place < columns.length ? month(day) : t("chart_open");
    parts.push(drawn("text", { x: LEFT + wide * (place + 0.5), y: HEIGHT - 8, "text-anchor": "middle" }, label));
    here.forEach((past, n) => {
      if (!past) return;
      const doubted = waits(past) && meters[n].period?.verdict === "confirmed" && "doubted";
      const usage = Math.min(past.usage ?? 0, top);
      if (past.usage !== null && past.usage > top) {
        parts.push(drawn("text", { x: x(place, n) + bar / 2, y: TOP - 8, "text-anchor": "middle" }, `↑ ${t.number(past.usage)}`));
      }
      parts.push(drawn("rect", {
        x: x(place, n) + 0.5,
        y: y(usage),
        width: bar - 1,
        height: Math.max(1, y(0) - y(usage)),
        class: [meters[n].kind, past.estimated && "estimated", doubted].filter(Boolean).join(" "),
      }));
    });
    const swap = here.find((past) => past?.reset);
    if (swap) {
      const at = LEFT + wide * place;
      parts.push(drawn("line", { x1: at, x2: at, y1: TOP, y2: y(0), class: "swap" }));
      const right = place > all.length / 2;
      parts.push(drawn("text", { x: at + (right ? -6 : 6), y: TOP - 8, "text-anchor": right ? "end" : "start" },
        t("chart_reset", { day: t.date(swap.read_on) })));
    }
  });
  const last = all.length - 1;
  const present = open || all[last].used.some((past) => past && waits(past));
  meters.forEach(({ expected }, n) => {
    if (!expected || !present) return;
    const height = Math.max(2, y(expected.low) - y(expected.high));
    parts.push(drawn("rect", { x: x(last, n) - 2, y: y(expected.high), width: bar + 4, height, class: "frame" }));
  });

  const said = t("chart_said", { first: t.date(all[0].day), last: t.date(columns.at(-1)?.day), most: Math.max(0, ...used) });
  return {
    legend: h("p", { class: "legend end" },
      meters.map((meter) => h("span", { class: meter.kind }, meter.label)),
      columns.some((one) => one.used.some((past) => past?.estimated)) && h("span", { class: "estimated" }, t("chart_estimated")),
      present && expects && h("span", { class: "frame" }, t("chart_expected"))),
    element: h("div", { class: "usage-chart", role: "group", tabindex: 0, "aria-label": t("chart") },
      drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": said }, ...parts)),
  };
}
