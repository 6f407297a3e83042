// What the check says about a value: hints where it is doubtful, faults, and the summary of them.
import { nearby } from "/list.js";
import { both, fill, focusOn, h, refusal, say } from "/shared/page.js";
import { open as openDay, texts as dayTexts } from "/day.js";
import { headline, offers, question, steady, texts as hintTexts } from "/hint.js";
/** @import { Refused } from "../types/page" */
/** @import { App, Asked, Card, Fault, Field, Finding, Row } from "../types/portal" */

const own = both({
  error_prefix: ["Fehler:", "Error:"],
  errors_title: [
    ["Bitte prüfen Sie {count} Angabe", "Bitte prüfen Sie {count} Angaben"],
    ["Please check {count} entry", "Please check {count} entries"],
  ],
});

export const texts = {
  de: { ...hintTexts.de, ...dayTexts.de, ...own.de },
  en: { ...hintTexts.en, ...dayTexts.en, ...own.en },
};

const DATE_FAULTS = ["in_the_future", "before_billed", "too_early"];

/**
 * Somebody goes on typing, or reads line by line: a hint is one line only until it is opened.
 * @param {Card} card
 */
const isBrief = ({ overview: { table } }) =>
  !table && document.activeElement instanceof HTMLInputElement && document.activeElement.matches(".digits");

/**
 * @param {Card} card
 * @param {Field} field
 * @param {Finding} finding
 */
const taps = (card, field, finding) => h("p", { class: "buttons" }, offers(card, field, [finding]).map(({ text, act }) =>
  h("button", { type: "button", class: "button quiet", on: { click: act } }, text)));

/**
 * What is worth knowing and asks for nothing.
 * @param {Card} card
 * @param {Field} field
 * @param {Finding[]} findings
 */
function advise(card, field, findings) {
  fill(field.advice, findings.length > 0
    && h("div", { class: "box hint" }, findings.map((finding) => [h("p", {}, finding.text), taps(card, field, finding)])));
}

/**
 * Asks to correct the value or to confirm it with a reason. What is asked stays until the value is another one.
 * @param {Card} card
 * @param {Field} field
 * @param {Finding[]} findings
 */
function askToConfirm(card, field, findings) {
  const asked = { value: field.value(), findings };
  card.draft.asked = { ...card.draft.asked, [field.meter.id]: asked };
  card.keep();
  ask(card, field, asked);
}

/**
 * The earlier field that is asked already whether both have been swapped: that is one decision.
 * @param {Card} card
 * @param {Field} field
 * @param {Asked} asked
 */
const twinOf = (card, field, asked) => asked.findings.some((finding) => finding.code === "meters_swapped" && finding.suggestion)
  && card.fields.find((other) => other !== field && other.confirmation
    && card.draft.asked?.[other.meter.id]?.findings.some(({ suggestion }) => suggestion && field.meter.id in suggestion.values));

/**
 * @param {Card} card
 * @param {Field} field
 * @param {Asked} asked
 */
function ask(card, field, asked) {
  const twin = twinOf(card, field, asked);
  if (twin) field.confirmation = twin.confirmation;
  else {
    field.confirmation = question(card, field, asked);
    field.confirmation.shorten(isBrief(card));
    fill(field.advice, field.confirmation.element);
  }
  field.input.classList.add("doubted");
}

/** @param {Card} card */
function nowDoubtful(card) {
  card.doubtful = true;
  card.drawState();
  card.drawSubmit();
}

/**
 * The questions of the draft, in fields that were drawn anew; `focused` is the id of what had the focus.
 * @param {Card} card
 * @param {string | undefined} focused
 */
export function askAgain(card, focused) {
  const { draft: { asked } } = card;
  for (const field of card.fields) {
    const question = asked?.[field.meter.id];
    if (field.confirmation || !question || question.value !== field.value()) continue;
    ask(card, field, question);
    card.doubtful = true;
  }
  card.drawState();
  card.drawSubmit();
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
}

/**
 * The keypad has closed, or a submission was refused: every hint says all it has to say.
 * @param {Card} card
 */
export function unfold(card) {
  for (const field of card.fields) field.confirmation?.shorten(false);
}

/**
 * Nobody types any more, anywhere on the page.
 * @param {App} app
 */
export const unfoldAll = (app) => app.overview?.cards.filter((card) => card.doubtful).forEach(unfold);

/**
 * A finding belongs to the field of its counter; one without a field of its own to the first.
 * @param {Card} card
 * @param {Field} field
 * @param {Finding[]} findings
 */
const findingsOf = (card, field, findings) => findings.filter((finding) => (card.fieldOf(finding.meter_id) || card.fields[0]) === field);

/** @param {Finding[]} findings */
const asksOf = (findings) => findings.some((finding) => finding.severity === "warn");

/**
 * What is said of a field; a question that stands there is only told what is new. Nothing moves without news.
 * @param {Card} card
 * @param {Field} field
 * @param {Finding[]} findings
 */
function showFindings(card, field, findings) {
  const { confirmation: standing } = field;
  const blocking = findings.find((finding) => finding.severity === "block");
  const ofTheDay = blocking && DATE_FAULTS.includes(blocking.code);
  if (ofTheDay) failDate(card, blocking.text);
  const news = JSON.stringify(findings);
  if (!standing && field.told === news) return;
  if (standing) field.mend();
  else field.clear();
  field.told = news;
  if (blocking && !ofTheDay) field.fail(blocking.text);
  if (standing) {
    if (asksOf(findings)) standing.tell(findings);
    return;
  }
  (asksOf(findings) ? askToConfirm : advise)(card, field, findings.filter((finding) => finding.severity !== "block"));
  if (blocking) field.advice.append(taps(card, field, blocking));
}

const FRESH = 400; // ms after a key or a tap in which what changes is its doing
const PAUSE = 3000; // ms without either: nobody types any more, but looks what comes
let touched = 0;
/** @type {(() => void)[]} */
const waiting = [];
const release = () => waiting.splice(0).forEach((go) => go());
const touch = () => {
  touched = performance.now();
  release();
};
function paused() {
  const left = touched + PAUSE - performance.now();
  if (left > 0) setTimeout(paused, left);
  else release();
}
for (const name of ["pointerdown", "keydown", "beforeinput"]) addEventListener(name, touch, { capture: true, passive: true });
addEventListener("focusout", release); // The keypad closes.

/**
 * While somebody types, a question that comes late waits for the next key or tap, or for a pause: between two keys nothing moves.
 * @returns {Promise<void> | void}
 */
function attended() {
  if (performance.now() - touched < FRESH || !document.activeElement?.matches("input.digits")) return undefined;
  setTimeout(paused, PAUSE);
  return new Promise((go) => { waiting.push(go); });
}

/**
 * Asks what the values look like. Nothing is stored; an older answer never covers a newer value.
 * @param {Card} card
 * @param {boolean} [aloud]
 */
export async function check(card, aloud = true) {
  const { app } = card;
  card.checks += 1;
  const mine = card.checks;
  const values = card.values();
  if (!Object.keys(values).length) return;
  clearDate(card);
  try {
    const readOn = card.date ? card.date.value : card.draft.read_on;
    const answer = await app.call("POST", `${card.path}/check`, { body: { read_on: readOn || null, values } });
    await attended();
    if (mine !== card.checks || card.busy || !app.session) return; // Newer values, or logged out meanwhile.
    steady(() => {
      for (const field of card.fields) {
        if (field.value()) showFindings(card, field, findingsOf(card, field, answer.findings));
      }
      if (asksOf(answer.findings)) nowDoubtful(card);
    });
    if (aloud) say(answer.findings.map((finding) => aloudOf(card, finding)).join(" "));
  } catch (error) {
    if (mine !== card.checks || card.busy) return;
    const refused = refusal(error);
    if (refused.status === 401) app.signedOut();
    else if (refused.status === 422) fault(card, refused, false, aloud);
    // Anything else: the hint is a courtesy, the submission itself says what is wrong.
  }
}

/**
 * "Schwarzweiß: Kleiner als zuletzt. Erwartet: … Ist 66.601 gemeint?"
 * @param {Card} card
 * @param {Finding} finding
 */
function aloudOf(card, finding) {
  const { t } = card.app;
  const field = card.fieldOf(finding.meter_id);
  if (!field || finding.severity !== "warn") return finding.text;
  const reading = finding.expected?.reading;
  const meant = finding.suggestion?.values[field.meter.id];
  return [
    `${field.meter.label}: ${headline(card, field, finding)}`,
    reading && t("expected", reading),
    meant !== undefined && t("meant", { value: meant }),
  ].filter(Boolean).join(" ");
}

let judged = Promise.resolve();
const near = nearby((/** @type {Row} */ { card }) => {
  judged = judged.then(async () => {
    if (untouched(card)) await check(card, false);
  });
});
/** @param {Card} card */
const untouched = (card) => card.overview === card.app.overview && !card.checks && !card.busy && !card.waiting;

/**
 * What was typed before a reload: judged silently near the window, one machine after another, unless somebody goes on with it.
 * @param {Card} card
 */
export const restored = (card) => near.observe(card.row);

/**
 * A submission was refused because values are doubtful: each with its question. Returns the faults.
 * @param {Card} card
 * @param {Finding[]} findings
 * @param {string[]} [newer] counters whose value is another one by now
 * @returns {Fault[]}
 */
export function doubts(card, findings, newer = []) {
  const faults = [];
  card.build();
  for (const field of card.fields) {
    if (newer.includes(field.meter.id)) continue;
    const own = findingsOf(card, field, findings);
    showFindings(card, field, own);
    const begun = field.confirmation?.fault();
    if (begun) field.fail(begun.text);
    const found = own.find((finding) => ["block", "warn"].includes(finding.severity));
    if (found) faults.push({ target: field.input, ...begun, text: `${field.meter.label}: ${begun?.text || headline(card, field, found)}` });
  }
  if (!card.overview.table) unfold(card);
  card.checks += 1; // What is asked now is newer than a check that is still on its way.
  nowDoubtful(card);
  return faults;
}

/**
 * A refusal of one value, `field` being like "values.1", "confirm.1" or "read_on".
 * @param {Card} card
 * @param {Refused} error
 * @param {boolean} [focus]
 * @param {boolean} [aloud]
 */
export function fault(card, error, focus = true, aloud = true) {
  const [where, meterId] = (error.field || "").split(".");
  const field = card.build().fieldOf(meterId);
  if (where === "read_on" && card.fields.length) return failDate(card, error.message, focus);
  if (!field) return card.tell(card.app.words(error), "bad", focus);
  field.fail(error.message);
  const blocking = error.facts.findings?.find((finding) => finding.severity === "block" && finding.meter_id === meterId);
  if (!field.confirmation) fill(field.advice, blocking && taps(card, field, blocking));
  if (focus) field.input.focus();
  else if (aloud) say(error.message);
  return null;
}

/** @param {Card} card */
export function clearDate(card) {
  if (card.dateError) fill(card.dateError);
  card.date?.removeAttribute("aria-invalid");
}

/**
 * @param {Card} card
 * @param {string} text
 * @param {boolean} [focus]
 * @returns {Fault}
 */
export function failDate(card, text, focus) {
  const date = openDay(card);
  if (card.dateError) fill(card.dateError, h("span", { class: "unseen" }, `${card.app.t("error_prefix")} `), text);
  date.setAttribute("aria-invalid", "true");
  if (focus) date.focus();
  return { text, target: date };
}

/**
 * One fault: focus goes there. Several: a summary with links gets it. `faults`: [{text, target}]
 * @param {Card} card
 * @param {Fault[]} faults
 */
export function summary(card, faults) {
  if (faults.length === 1) {
    faults[0].target.focus();
    say(faults[0].text);
    return;
  }
  const id = `faults-${card.machine.id}`;
  /**
   * @param {HTMLElement} target
   * @returns {(event: Event) => void}
   */
  const goTo = (target) => (event) => {
    event.preventDefault();
    target.focus();
  };
  const links = faults.map(({ text, target }) => h("li", {}, h("a", { href: `#${target.id}`, on: { click: goTo(target) } }, text)));
  fill(card.summary, h("div", { class: "box bad", role: "group", "aria-labelledby": id },
    h(card.titles, { id }, card.app.t("errors_title", { count: faults.length })), h("ul", { class: "faults" }, links)));
  focusOn(card.summary.firstElementChild);
}
