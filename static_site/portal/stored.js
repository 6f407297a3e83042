// What is stored already: a machine's values with their verdicts, and what can still be done about them.
import { isClosed, lastWords, nameOf, usageWords } from "/meter.js";
import { both, flat, h } from "/shared/page.js";
/** @import { Child, Voice } from "../types/page" */
/** @import { Card, Meter, Reading } from "../types/portal" */

export const texts = both({
  no_meters: ["Für dieses Gerät ist kein Zählerstand zu melden.", "There is no reading to report for this machine."],
  only_shown: [
    "Dieses Gerät meldet jemand anders; Sie sehen nur den Stand.",
    "Somebody else reports this machine; you only see its readings.",
  ],
  problem_read: [
    "Sie haben am {date} ein Problem mit diesem Gerät gemeldet. Den Zählerstand können Sie trotzdem eintragen.",
    "You reported a problem with this machine on {date}. You can enter its reading all the same.",
  ],
  opens: [
    "Den Zählerstand zum {due} nehmen wir mit einem Ablesedatum ab dem {date} an.",
    "The reading for {due} is taken with a date of reading from {date} on.",
  ],
  problem_open: [
    "Sie haben am {date} ein Problem mit diesem Gerät gemeldet. Bis Ihr Händler entschieden hat, ist hier nichts zu tun.",
    "You reported a problem with this machine on {date}. Until your dealer has decided, there is nothing to do here.",
  ],

  stored_on: ["am {date}", "on {date}"],
  by_me: ["Gemeldet von Ihnen, {time}", "Reported by you, {time}"],
  by_other: ["Gemeldet von {name}, {time}", "Reported by {name}, {time}"],
  verdict_plausible: ["gespeichert, passt zum Verlauf", "saved, fits the history"],
  verdict_confirmed: ["gespeichert, mit Ihrer Begründung", "saved, with your reason"],
  verdict_reasoned: ["gespeichert, mit Begründung", "saved, with a reason"],
  verdict_unchecked: ["gespeichert, konnte nicht geprüft werden", "saved, could not be checked"],
  your_reason: ["Begründung: {reason}", "Reason: {reason}"],
  closed_released: ["Freigegeben – kann nicht mehr geändert werden", "Released – can no longer be changed"],
  closed_billed: ["Freigegeben und berechnet – kann nicht mehr geändert werden", "Released and billed – can no longer be changed"],
  closed_help: [
    "Stimmt ein freigegebener Stand nicht, antworten Sie bitte auf die E-Mail Ihres Händlers.",
    "If a released reading is wrong, please reply to your dealer’s e-mail.",
  ],
  still_missing: ["Es fehlt noch: {meters}", "Still missing: {meters}"],
  change_machine: ["{machine} ändern", "change {machine}"],
});

const STORED_SIGN = { plausible: "✓", confirmed: "●", unchecked: "○" };

/**
 * A counter whose value is stored and not being changed; the tick comes from the stored verdict only.
 * @param {Voice} t
 * @param {Meter} meter
 * @param {Reading} reading
 * @param {string} today
 */
function storedMeter(t, meter, reading, today) {
  const reported = reading.state === "reported";
  const by = reading.reported_at && reading.reported_by;
  const verdict = reading.verdict === "confirmed" && by && !by.me ? "reasoned" : reading.verdict;
  const text = t(reported ? `verdict_${verdict}` : reading.state === "billed" ? "closed_billed" : "closed_released");
  const sign = reported && STORED_SIGN[reading.verdict];
  const usage = usageWords(t, meter, reading.value);
  return [
    h("p", { class: "value number" }, t.number(reading.value),
      h("span", { class: reading.read_on === today ? "on of-today" : "on" }, ` ${t("stored_on", { date: t.date(reading.read_on) })}`)),
    h("p", { class: `verdict ${reported ? reading.verdict : "closed"}` },
      sign && h("span", { class: "sign", "aria-hidden": "true" }, sign),
      text),
    usage && h("p", { class: "muted small number used" }, usage),
    reading.reason && h("p", { class: "muted why" }, t("your_reason", { reason: reading.reason })),
    by && h("p", { class: by.me ? "muted small by me" : "muted small by" },
      t(by.me ? "by_me" : "by_other", { name: by.name, time: t.time(reading.reported_at) })),
  ];
}

/**
 * What a card says below its counters; nothing while all is usual.
 * @param {Card} card
 * @returns {Child[]}
 */
function footOf(card) {
  const { app: { t }, machine } = card;
  const { meters, problem } = machine;
  const missing = meters.filter((meter) => !meter.reading).map((meter) => meter.label);
  const partly = missing.length > 0 && missing.length < meters.length;
  /** @param {string | false | null | undefined} text */
  const note = (text) => text && h("p", { class: "muted" }, text);
  return [
    note(problem && t(card.mayReport ? "problem_read" : "problem_open", { date: t.date(problem.reported_on) })),
    note(machine.opens_on && card.overview.single && t("opens", { due: t.date(machine.due_on), date: t.date(machine.opens_on) })),
    note(!meters.length && t("no_meters")),
    note(machine.may_report === false && t("only_shown")),
    note(card.mayReport && partly && t("still_missing", { meters: missing.join(", ") })),
    note(meters.some(isClosed) && t("closed_help")),
    card.isChangeable && h("p", { class: "buttons" },
      h("button", {
        type: "button",
        class: "link",
        "aria-label": t("change_machine", { machine: nameOf(machine) }),
        on: { click: () => card.with("submit", (submit) => submit.correct(card)) },
      }, t("change"))),
  ];
}

/**
 * Completes a card that has been drawn: its stored counters (`shown`, by their elements) and its foot.
 * @param {Card} card
 * @param {[Meter, HTMLElement][]} shown
 * @param {HTMLElement} foot
 */
export function complete(card, shown, foot) {
  const { t } = card.app;
  for (const [meter, element] of shown) {
    element.append(...flat([meter.reading
      ? storedMeter(t, meter, meter.reading, card.overview.today)
      : h("p", { class: "muted" }, lastWords(t, meter))]));
  }
  foot.append(...flat([card.foot() ?? footOf(card)]));
}
