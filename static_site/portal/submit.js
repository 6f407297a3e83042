// The life of a submission: own faults, sending, the answer, correction; loaded with the first touch.
import { NetworkLost, both, fill, focusOn, refusal, say } from "/shared/page.js";
import { isComplete, nameOf } from "/meter.js";
/** @import { Card, Machine, Parts, Report, Stored } from "../types/portal" */

export const texts = both({
  submitting: ["Wird gespeichert …", "Saving …"],
  stored: ["{machine} gespeichert, {left} offen", "{machine} saved, {left} open"],
  error_empty: ["Bitte geben Sie mindestens einen Zählerstand ein.", "Please enter at least one reading."],
  error_date: ["Bitte geben Sie das Datum der Ablesung an.", "Please enter the date of the reading."],
  error_date_future: ["Das Datum der Ablesung liegt in der Zukunft.", "The date of the reading is in the future."],
});

/**
 * The machine with what an answer or a refusal says is stored now.
 * @param {Machine} machine
 * @param {Stored} answer
 * @returns {Machine}
 */
export function withStored(machine, answer) {
  const stored = new Map(answer.readings.map((reading) => [reading.meter_id, reading]));
  const meters = machine.meters.map((meter) => {
    const reading = stored.get(meter.id);
    return reading ? { ...meter, reading } : meter;
  });
  return { ...machine, version: answer.version, meters };
}

/**
 * @param {Card} card
 * @param {Parts["doubt"]} doubt
 */
function clearFaults(card, doubt) {
  for (const node of [card.notice, card.summary]) fill(node);
  doubt.clearDate(card);
}

/**
 * What can be said without asking the API: nothing typed, no date, a confirmation that was only begun.
 * @param {Card} card
 * @param {Parts["doubt"]} doubt
 */
function ownFaults(card, doubt) {
  const { app: { t }, fields, date, overview } = card;
  const faults = [];
  if (!Object.keys(card.values()).length) {
    fields[0].fail(t("error_empty"));
    faults.push({ text: t("error_empty"), target: fields[0].input });
  }
  for (const field of fields) {
    const fault = field.confirmation?.fault();
    if (!fault) continue;
    field.fail(fault.text);
    faults.push({ ...fault, text: `${field.meter.label}: ${fault.text}` });
  }
  if (date && !date.value) faults.push(doubt.failDate(card, t("error_date")));
  else if (overview.today && (date?.value ?? "") > overview.today) faults.push(doubt.failDate(card, t("error_date_future")));
  return faults;
}

/**
 * What a card sends: for the single route, and for many at once.
 * @param {Card} card
 * @returns {Report}
 */
export function reportOf(card) {
  const confirm = Object.fromEntries(card.fields.map((field) => [field.meter.id, field.reason() ?? ""]).filter(([, reason]) => reason));
  const readOn = card.date ? card.date.value : card.draft.read_on || card.overview.today;
  return { read_on: readOn, values: card.values(), confirm, version: card.machine.version };
}

/**
 * @param {Card} card
 * @param {boolean} busy
 */
function setBusy(card, busy) {
  card.busy = busy;
  card.checks += 1;
  if (card.fields.length) card.drawSubmit();
}

/**
 * Sends one card. Focus and words go to what comes back.
 * @param {Card} card
 */
export async function submit(card) {
  const { app } = card;
  if (card.busy) return;
  const doubt = await app.part("doubt");
  clearFaults(card, doubt);
  const faults = ownFaults(card, doubt);
  if (faults.length) {
    doubt.summary(card, faults);
    return;
  }
  const body = reportOf(card);
  setBusy(card, true);
  try {
    const answer = await app.call("PUT", `${card.path}/readings`, { body, key: card.key(body) });
    if (stored(card, withStored(card.machine, answer), body)) goOn(card);
  } catch (error) {
    setBusy(card, false);
    if (refusal(error).status === 401) await app.signedOut();
    else if (error instanceof NetworkLost) await (await app.part("outbox")).put(card, body, card.key(body));
    else await refused(card, error, { sent: body });
  }
}

/**
 * What was typed into a card since it was sent; a value that was taken out is none.
 * @param {Card} card
 * @param {Report} sent
 */
const typedSince = (card, { values }) => Object.fromEntries(Object.entries(card.values()).filter(([id, value]) => value !== values[id]));

/**
 * The machine is stored like this: the card shows it, the draft is over, other tabs hear of it. What was typed after it was sent stays
 * as a correction that is not sent yet. Returns whether nothing was.
 * @param {Card} card
 * @param {Machine} machine
 * @param {Report} [sent]
 */
export function stored(card, machine, sent) {
  const values = sent ? typedSince(card, sent) : {};
  const { read_on: readOn } = card.draft;
  const over = !Object.keys(values).length;
  card.forget();
  card.busy = false;
  if (!over) {
    card.draft = { due_on: machine.due_on, values, read_on: readOn };
    card.keep();
    card.correcting = machine.meters.some((meter) => meter.reading && meter.id in values);
  }
  card.update(machine);
  card.overview.channel.postMessage(machine);
  return over;
}

/**
 * Where to after a machine is stored: the heading of the next open one, since one walks there, but not at a desk; after the last one
 * what is said of the whole; what was stored where it has something left to say.
 * @param {Card} card
 */
function goOn(card) {
  const { overview, app } = card;
  const { cards } = overview;
  overview.draw();
  const from = cards.indexOf(card) + 1;
  const others = [...cards.slice(from), ...cards.slice(0, from)];
  const next = !overview.table && isComplete(card.machine) && others.find((other) => other.isOpen && !other.row.hidden);
  const own = card.element.querySelector(".verdict");
  if (next) focusOn(next.element.querySelector(".name"));
  else if (overview.reported < overview.counted.total || !isComplete(card.machine)) focusOn(own);
  else app.part("companies").then(() => setTimeout(() => focusOn(overview.status.querySelector("h2") ?? own)), () => focusOn(own));
  say(app.t("stored", { machine: nameOf(card.machine), left: overview.counted.total - overview.reported }));
}

/**
 * What the API would not store, in the card. Needs a draft that is still there. A value that was typed after it was sent is not what
 * was refused.
 * @param {Card} card
 * @param {unknown} error
 * @param {{ focus?: boolean, sent?: Report }} [options]
 */
export async function refused(card, error, { focus = true, sent } = {}) {
  const doubt = await card.app.part("doubt");
  const reason = refusal(error);
  if (reason.code === "needs_confirmation") {
    const faults = doubt.doubts(card, reason.facts.findings ?? [], sent && Object.keys(typedSince(card, sent)));
    if (focus && faults.length) doubt.summary(card, faults);
  } else if (["changed_meanwhile", "already_released"].includes(reason.code)) {
    await (await card.app.part("conflict")).conflict(card, reason, focus);
  } else if (reason.status === 422) {
    doubt.fault(card, reason, focus);
  } else {
    card.tell(card.app.words(error), "bad", focus);
  }
}

/**
 * Another tab of this device has stored the machine; what is typed here stays in its fields.
 * @param {Card | undefined} card
 * @param {Machine} machine
 */
export async function elsewhere(card, machine) {
  if (!card || machine.version <= card.machine.version) return;
  const typed = Object.entries(card.values());
  const same = typed.every(([id, text]) => text.replace(
    /\D/g,
    "",
  ) === String(machine.meters.find((meter) => meter.id === id)?.reading?.value));
  if (card.waiting || same) {
    card.forget();
    card.update(machine);
  } else await (await card.app.part("conflict")).elsewhere(card, machine);
}

/**
 * Opens the stored values of a card for a correction.
 * @param {Card} card
 */
export function correct(card) {
  card.correcting = true;
  card.aside = null;
  card.draft.read_on ||= card.machine.meters.find((meter) => meter.reading?.state === "reported")?.reading?.read_on ?? null;
  card.draw();
  card.focus();
}

/** @param {Card} card */
export function cancel(card) {
  card.forget();
  card.draw();
  card.overview.drawBar();
  focusOn(card.element.querySelector(".name"));
}
