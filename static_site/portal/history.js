// A machine's past: per counter a small chart of its usage, and the table that says the same.
import { nameOf, placeWords } from "/meter.js";
import { both, fill, focusOn, h, refusal } from "/shared/page.js";
import { drawn } from "/shared/svg.js";
import { texts as storedTexts } from "/stored.js";
/** @import { Voice } from "../types/page" */
/** @import { PastMeter, PastReading, SignedIn } from "../types/portal" */

const own = both({
  history_title: ["Verlauf", "History"],
  history_of: ["Verlauf {machine}", "History of {machine}"],
  history_unknown: ["Dieses Gerät steht nicht in Ihrer Liste.", "This machine is not in your list."],
  history_none: ["Für diesen Zähler ist noch kein Stand bekannt.", "No reading of this counter is known yet."],
  history_chart: [
    "{meter}: {unit} von Ablesung zu Ablesung, {first} bis {last}. Die Zahlen stehen in der Tabelle darunter.",
    "{meter}: {unit} from reading to reading, {first} to {last}. The numbers are in the table below.",
  ],
  history_scale: ["{unit} von Ablesung zu Ablesung", "{unit} from reading to reading"],
  history_now: ["jetzt gemeldet", "reported now"],
  history_guess: ["geschätzt", "estimated"],
  history_older: [
    ["{count} früheren Stand zeigen", "{count} frühere Stände zeigen"],
    ["Show {count} earlier reading", "Show {count} earlier readings"],
  ],
  history_date: ["Abgelesen", "Read on"],
  history_value: ["Stand", "Reading"],
  history_origin: ["Zustand", "State"],
  history_reported: ["gemeldet", "reported"],
  history_released: ["freigegeben", "released"],
  history_imported: ["vom Händler", "from the dealer"],
  history_estimated: ["geschätzt", "estimated"],
  history_reset: ["Zähler neu: alt {end}, neu ab {start}", "counter anew: old {end}, new from {start}"],
  history_print: ["Drucken", "Print"],
});

export const texts = { de: { ...storedTexts.de, ...own.de }, en: { ...storedTexts.en, ...own.en } };

const WIDTH = 350; // of the drawing, in its own units, as are all below
const HEIGHT = 150;
const BASE = 128; // the line on which bars stand
const MOST = { wide: 9, narrow: 6 }; // bars whose numbers have room
const SHOWN = 8; // readings of the table, until somebody wants the older ones

/**
 * The pages from reading to reading as bars from zero, each with its number and month; the newest ones.
 * @param {Voice} t
 * @param {PastMeter} meter
 */
function chart(t, meter) {
  const most = matchMedia("(max-width: 22rem)").matches ? MOST.narrow : MOST.wide;
  const steps = meter.readings.flatMap((reading) => (reading.usage === null ? [] : [{ ...reading, usage: reading.usage }]))
    .slice(0, most).reverse();
  const [first, last] = [steps[0], steps.at(-1)];
  if (!last || steps.length < 2) return null;
  const highest = Math.max(...steps.map((step) => step.usage), 1);
  const slot = WIDTH / Math.max(steps.length, MOST.narrow);
  const bars = steps.flatMap((step, n) => {
    const height = Math.max((step.usage / highest) * (BASE - 24), 1);
    const [x, y] = [n * slot + 4, BASE - height];
    const middle = { x: x + (slot - 8) / 2, "text-anchor": "middle" };
    const kind = ["bar", step.estimated && "estimated", step.origin === "reported" && step.state === "reported" && "now"];
    const [year, month] = step.read_on.split("-");
    return [
      drawn("rect", { x, y, width: slot - 8, height, rx: 2, class: kind.filter(Boolean).join(" ") }),
      drawn("text", { ...middle, y: y - 5, class: "of-bar" }, t.number(step.usage)),
      drawn("text", { ...middle, y: HEIGHT - 6, class: "side" }, `${month}/${year.slice(2)}`),
    ];
  });
  const words = { meter: meter.label, unit: meter.unit, first: t.date(first.read_on), last: t.date(last.read_on) };
  /** @param {string} kind */
  const legend = (kind) => h("span", { class: `key ${kind}` }, t(`history_${kind}`));
  return h("figure", { class: "chart" },
    h("figcaption", {}, t("history_scale", words)),
    drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": t("history_chart", words) },
      ...bars, drawn("line", { x1: 0, x2: WIDTH, y1: BASE, y2: BASE, class: "base" })),
    h("p", { class: "muted small", "aria-hidden": "true" },
      steps.some((step) => step.origin === "reported" && step.state === "reported") && legend("now"),
      steps.some((step) => step.estimated) && legend("guess")));
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
  const columns = [[t("history_date"), ""], [t("history_value"), "digits"], [meter.unit, "digits"], [t("history_origin"), "origin"]];
  /**
   * @param {PastReading} reading
   * @param {number} n
   */
  const row = (reading, n) => h("tr", { hidden: n >= SHOWN },
    h("th", { scope: "row" }, t.date(reading.read_on)),
    h("td", { class: "digits" }, h("strong", {}, t.number(reading.value))),
    h("td", { class: "digits" }, t.number(reading.usage)),
    h("td", { class: "origin" }, originWords(t, reading)));
  const rows = meter.readings.map(row);
  const more = h("button", { type: "button", class: "link", on: { click: () => {
    for (const one of rows) one.hidden = false;
    more.remove();
    rows[SHOWN].querySelector("th")?.setAttribute("tabindex", "-1");
    focusOn(rows[SHOWN].querySelector("th"));
  } } }, t("history_older", { count: rows.length - SHOWN }));
  return [
    h("table", { class: "readings past-readings number" },
      h("caption", { class: "unseen" }, meter.label),
      h("thead", {}, h("tr", {}, columns.map(([text, kind]) => h("th", { scope: "col", class: kind || null }, text)))),
      h("tbody", {}, rows)),
    rows.length > SHOWN && more,
  ];
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
  const { site, building } = machine.location;
  heading.textContent = t("history_of", { machine: nameOf(machine) });
  fill(node, heading,
    h("p", { class: "muted small" },
      [[site, building, placeWords(t, machine.location)].filter(Boolean).join(", "), machine.serial].filter(Boolean).join(" · ")),
    !past.meters.length && h("p", { class: "box" }, t("no_meters")),
    past.meters.map((meter) => h("section", { class: "past stacked" }, h("h2", {}, meter.label),
      meter.readings.length ? [chart(t, meter), table(t, meter)] : h("p", { class: "muted" }, t("history_none")))),
    h("p", { class: "buttons" }, h("button", { type: "button", class: "button quiet", on: { click: () => print() } }, t("history_print"))));
  return heading;
}
