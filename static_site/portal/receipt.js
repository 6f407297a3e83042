// The receipt: what stands for this company in this period, from whom and when, to print and to correct.
import { isComplete, nameOf, placeWords } from "/meter.js";
import { both, fill, h } from "/shared/page.js";
import { texts as storedTexts } from "/stored.js";
/** @import { Voice } from "../types/page" */
/** @import { Machine, Reading, SignedIn } from "../types/portal" */

const own = both({
  receipt_title: ["Quittung", "Receipt"],
  receipt_for: ["Gemeldete Zählerstände für {company}, Stand {time}", "Reported readings for {company}, as of {time}"],
  receipt_mail: [
    "Einige Minuten nach Ihrer letzten Eingabe geht diese Quittung auch an {email}.",
    "Some minutes after your last entry, this receipt also goes to {email}.",
  ],
  receipt_none: ["Für diesen Zeitraum ist noch nichts gemeldet.", "Nothing has been reported for this period yet."],
  receipt_all: [
    ["Das Gerät ist gemeldet.", "Alle {count} Geräte sind gemeldet."],
    ["The machine is reported.", "All {count} machines are reported."],
  ],
  receipt_missing: [
    ["Noch offen: {open} von {count} Gerät.", "Noch offen: {open} von {count} Geräten."],
    ["Still open: {open} of {count} machine.", "Still open: {open} of {count} machines."],
  ],
  receipt_to_open: ["Zu den offenen Geräten", "To the open machines"],
  receipt_correct: ["Korrigieren", "Correct"],
  receipt_correct_of: ["{machine} korrigieren", "Correct {machine}"],
  receipt_print: ["Drucken", "Print"],
  receipt_meter: ["Zähler", "Counter"],
  receipt_value: ["Stand", "Reading"],
  receipt_read: ["Abgelesen", "Read on"],
  receipt_state: ["Prüfung", "Check"],
  receipt_plausible: ["passt zum Verlauf", "fits the history"],
  receipt_confirmed: ["bestätigt: {reason}", "confirmed: {reason}"],
  receipt_unchecked: ["konnte nicht geprüft werden", "could not be checked"],
  receipt_released: ["freigegeben", "released"],
  receipt_billed: ["freigegeben und berechnet", "released and billed"],
});

export const texts = { de: { ...storedTexts.de, ...own.de }, en: { ...storedTexts.en, ...own.en } };

const SIGNS = { plausible: "✓", confirmed: "●", unchecked: "○" };

/**
 * @param {Voice} t
 * @param {Reading} reading
 */
export function checkWords(t, { verdict, state, reason }) {
  const judged = `${SIGNS[verdict] || ""} ${t(`receipt_${verdict}`, { reason })}`.trim();
  return state === "reported" ? judged : `${judged}, ${t(`receipt_${state}`)}`;
}

/**
 * Who reported and when: once for the machine, of its latest value.
 * @param {Voice} t
 * @param {Reading[]} readings
 */
function byWhom(t, readings) {
  const latest = readings.filter((reading) => reading.reported_at).sort((a, b) => ((a.reported_at ?? "") < (b.reported_at ?? "")
    ? 1
    : -1))[0];
  if (!latest) return "";
  const time = t.time(latest.reported_at);
  return latest.reported_by?.me || !latest.reported_by?.name
    ? t("by_me", { time })
    : t("by_other", { name: latest.reported_by.name, time });
}

/**
 * @param {SignedIn} app
 * @param {Machine} machine
 */
function part(app, machine) {
  const { t } = app;
  const meters = machine.meters.flatMap(({ label, reading }) => (reading ? [{ label, reading }] : []));
  const correctable = machine.may_report !== false && meters.some((meter) => meter.reading.state === "reported");
  const correct = () => {
    app.wanted = machine.id;
    app.go("#/");
  };
  return h("section", { class: "part", "aria-labelledby": `part-${machine.id}` },
    h("h2", { id: `part-${machine.id}` }, nameOf(machine)),
    h("p", { class: "muted" }, [machine.serial, machine.location.site, placeWords(t, machine.location)].filter(Boolean).join(" · ")),
    h("table", { class: "readings number" },
      h("thead", {},
        h("tr", {},
          ["meter", "value", "read", "state"].map((name) => h("th", { scope: "col", class: name === "value" ? "digits" : null },
            t(`receipt_${name}`))))),
      h("tbody", {}, meters.map(({ label, reading }) => h("tr", {},
        h("th", { scope: "row", "data-label": t("receipt_meter") }, label),
        h("td", { class: "digits", "data-label": t("receipt_value") }, t.number(reading.value)),
        h("td", { "data-label": t("receipt_read") }, t.date(reading.read_on)),
        h("td", { class: `verdict ${reading.verdict}`, "data-label": t("receipt_state") }, checkWords(t, reading)))))),
    h("p", { class: "muted small" }, byWhom(t, meters.map((meter) => meter.reading))),
    correctable && h("p", {},
      h("button", {
        type: "button",
        class: "button quiet",
        "aria-label": t("receipt_correct_of", { machine: nameOf(machine) }),
        on: { click: correct },
      }, t("receipt_correct"))));
}

/**
 * @param {SignedIn} app
 * @param {HTMLElement} node
 */
export async function screen(app, node) {
  const { t, session, overview } = app;
  await overview.whole;
  const machines = overview.cards.map((card) => card.machine);
  const reported = machines.filter((machine) => machine.meters.some((meter) => meter.reading));
  const asked = machines.filter((machine) => isComplete(machine) || (!machine.problem && !machine.opens_on));
  const open = asked.filter((machine) => machine.may_report !== false && !isComplete(machine)).length;
  const heading = h("h1", {}, t("receipt_title"));
  fill(node, h("p", { class: "dealer" }, session.dealer.name), heading,
    h("p", {}, t("receipt_for", { company: session.company.name, time: t.time(new Date().toISOString()) })),
    reported.length === 0 && h("p", { class: "box" }, t("receipt_none")),
    reported.length > 0 && open === 0 && h("p", { class: "box good" }, t("receipt_all", { count: asked.length })),
    open > 0 && h("div", { class: "box" },
      h("p", {}, t("receipt_missing", { open, count: asked.length })),
      h("p", { class: "onward" }, h("a", { href: "#/" }, t("receipt_to_open")))),
    reported.length > 0 && h("p", { class: "muted" }, t("receipt_mail", { email: session.contact.email_masked })),
    reported.map((machine) => part(app, machine)),
    reported.length > 0 && h("p", { class: "buttons" },
      h("button", { type: "button", class: "button quiet", on: { click: () => print() } }, t("receipt_print"))));
  return heading;
}
