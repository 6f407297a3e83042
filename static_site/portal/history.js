// A machine's past: per counter a small chart of its usage, and the table that says the same.
import { nameOf, placeWords } from "/entry.js";
import { both, fill, h, refusal } from "/shared/page.js";
import { drawn } from "/shared/svg.js";
import { texts as storedTexts } from "/stored.js";
/** @import { Voice } from "../types/page" */
/** @import { PastMeter, PastReading, SignedIn } from "../types/portal" */

const own = both({
  history_title: ["Verlauf", "History"],
  history_unknown: ["Dieses Gerät steht nicht in Ihrer Liste.", "This machine is not in your list."],
  history_none: ["Für diesen Zähler ist noch kein Stand bekannt.", "No reading of this counter is known yet."],
  history_chart: [
    "{meter}: Verbrauch je Tag zwischen den Ablesungen, von {first} bis {last}. Höchster Wert {most} je Tag. Die Zahlen stehen in der Tabelle darunter.",
    "{meter}: usage per day between the readings, from {first} to {last}. Highest value {most} per day. The numbers are in the table below.",
  ],
  history_scale: ["{unit} je Tag", "{unit} per day"],
  history_date: ["Abgelesen", "Read on"],
  history_value: ["Stand", "Reading"],
  history_usage: ["Verbrauch", "Usage"],
  history_daily: ["je Tag", "per day"],
  history_origin: ["Herkunft", "Origin"],
  history_reported: ["Gemeldet, noch nicht freigegeben", "Reported, not released yet"],
  history_released: ["Gemeldet und freigegeben", "Reported and released"],
  history_imported: ["Vom Händler übernommen", "Taken over from the dealer"],
  history_estimated: ["Geschätzt", "Estimated"],
  history_reset: ["Zähler neu begonnen: alt {end}, neu ab {start}", "Counter began anew: old {end}, new from {start}"],
  history_print: ["Drucken", "Print"],
});

export const texts = { de: { ...storedTexts.de, ...own.de }, en: { ...storedTexts.en, ...own.en } };

const WIDTH = 600;
const HEIGHT = 120;
const DAY = 86_400_000;

/**
 * Bars as wide as the time between two readings, as high as the pages of a day: equal areas are equal pages.
 * @param {Voice} t
 * @param {PastMeter} meter
 */
function chart(t, meter) {
  const steps = meter.readings
    .flatMap((reading, n) => {
      const from = meter.readings[n + 1]?.read_on;
      return reading.per_day !== null && from ? [{ ...reading, per_day: reading.per_day, from }] : [];
    })
    .reverse();
  const [first, last] = [steps[0], steps.at(-1)];
  if (!last || steps.length < 2) return null;
  /** @param {string} day */
  const time = (day) => Date.parse(`${day}T00:00:00Z`);
  const [begin, end] = [time(first.from), time(last.read_on)];
  const most = Math.max(...steps.map((step) => step.per_day), 1);
  /** @param {string} day */
  const x = (day) => ((time(day) - begin) / Math.max(end - begin, DAY)) * WIDTH;
  const bars = steps.map((step) => {
    const height = Math.max((step.per_day / most) * (HEIGHT - 4), 1);
    const [left, right] = [x(step.from), x(step.read_on)];
    return drawn("rect", {
      x: left.toFixed(1),
      y: (HEIGHT - height).toFixed(1),
      width: Math.max(right - left - 2, 1).toFixed(1),
      height: height.toFixed(1),
      class: step.estimated ? "bar estimated" : "bar",
    });
  });
  const said = t("history_chart", { meter: meter.label, first: t.date(first.from), last: t.date(last.read_on), most: Math.round(most) });
  return h("figure", { class: "chart" },
    drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": said, preserveAspectRatio: "none" },
      ...bars, drawn("line", { x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT, class: "base" })),
    h("figcaption", { class: "muted small" },
      h("span", {}, t.date(first.from)),
      h("span", {}, `0–${t.number(Math.round(most))} ${t("history_scale", { unit: meter.unit })}`),
      h("span", {}, t.date(last.read_on))));
}

/**
 * @param {Voice} t
 * @param {PastReading} reading
 */
function originWords(t, reading) {
  const origin = reading.origin === "reported" && reading.state !== "reported" ? "released" : reading.origin;
  if (reading.reset) return t("history_reset", reading.reset);
  return t(reading.estimated ? "history_estimated" : `history_${t.knows(`history_${origin}`) ? origin : "imported"}`);
}

/**
 * @param {Voice} t
 * @param {PastMeter} meter
 */
function table(t, meter) {
  const columns = [
    ["history_date", ""],
    ["history_value", "digits"],
    ["history_usage", "digits"],
    ["history_daily", "digits"],
    ["history_origin", "origin"],
  ];
  /** @param {PastReading} reading */
  const row = (reading) => {
    const cells = [
      t.date(reading.read_on),
      t.number(reading.value),
      t.number(reading.usage),
      t.number(reading.per_day === null ? null : Math.round(reading.per_day * 10) / 10),
      originWords(t, reading),
    ];
    return h("tr", {},
      cells.map((cell, n) => h(n ? "td" : "th", { class: columns[n][1] || null, scope: n ? null : "row", "data-label": t(columns[n][0]) },
        cell)));
  };
  return h("table", { class: "readings number" },
    h("caption", { class: "unseen" }, meter.label),
    h("thead", {}, h("tr", {}, columns.map(([key, kind]) => h("th", { scope: "col", class: kind || null }, t(key))))),
    h("tbody", {}, meter.readings.map(row)));
}

/**
 * @param {SignedIn} app
 * @param {HTMLElement} node
 * @param {string[]} params
 */
export async function screen(app, node, [machineId]) {
  const { t } = app;
  const heading = h("h1", {}, t("history_title"));
  let past;
  try {
    past = await app.call("GET", `/api/machines/${encodeURIComponent(machineId || "-")}/history`);
  } catch (error) {
    if (refusal(error).status !== 404) throw error;
    fill(node, heading, h("p", { class: "box" }, t("history_unknown")));
    return heading;
  }
  const { machine } = past;
  fill(node, heading,
    h("p", {},
      h("strong", {}, nameOf(machine)),
      ` · ${[machine.serial, machine.location.site, placeWords(t, machine.location)].filter(Boolean).join(" · ")}`),
    !past.meters.length && h("p", { class: "box" }, t("no_meters")),
    past.meters.map((meter) => h("section", { class: "past stacked" }, h("h2", {}, meter.label),
      meter.readings.length ? [chart(t, meter), table(t, meter)] : h("p", { class: "muted" }, t("history_none")))),
    h("p", { class: "buttons" }, h("button", { type: "button", class: "button quiet", on: { click: () => print() } }, t("history_print"))));
  return heading;
}
