// The life of a submission: own faults, sending, the answer, correction; loaded with the first touch.
import { NetworkLost, both, fill, focusOn, h, say } from "/shared/page.js";
import { nameOf } from "/entry.js";

export const texts = both({
  next: ["Weiter zum nächsten offenen Gerät", "Continue to the next open machine"],
});

/** The machine with what an answer or a refusal says is stored now. */
export function withStored(machine, answer, readOn) {
  const stored = new Map(answer.readings.map((reading) => [reading.meter_id, reading]));
  const meters = machine.meters.map((meter) =>
    stored.has(meter.id) ? { ...meter, reading: { read_on: readOn, ...stored.get(meter.id) } } : meter);
  return { ...machine, version: answer.version, meters };
}

function clearFaults(card, doubt) {
  for (const node of [card.notice, card.summary]) fill(node);
  doubt.clearDate(card);
}

/** What can be said without asking the API: nothing typed, no date, a confirmation that was only begun. */
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
  if (!date.value) faults.push(doubt.failDate(card, t("error_date")));
  else if (overview.today && date.value > overview.today) faults.push(doubt.failDate(card, t("error_date_future")));
  return faults;
}

/** What a card sends: for the single route, and for many at once. */
export function reportOf(card) {
  const confirm = Object.fromEntries(card.fields.filter((field) => field.reason()).map((field) => [field.meter.id, field.reason()]));
  const readOn = card.built && card.date ? card.date.value : card.draft.read_on || card.overview.today;
  return { read_on: readOn, values: card.values(), confirm, version: card.machine.version };
}

function setBusy(card, busy) {
  card.busy = busy;
  card.checks += 1;
  if (card.fields.length) card.drawSubmit();
}

/** Sends one card. Focus and words go to what comes back. */
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
    stored(card, withStored(card.machine, answer, body.read_on));
    focusOn(card.element.querySelector(".verdict"));
    say(app.t("stored", { machine: nameOf(card.machine) }));
  } catch (error) {
    setBusy(card, false);
    if (error.status === 401) await app.signedOut();
    else if (error instanceof NetworkLost) await (await app.part("outbox")).put(card, body, card.key(body));
    else await refused(card, error);
  }
}

/** The machine is stored like this: the card shows it, the draft is over, other tabs hear of it. */
export function stored(card, machine) {
  card.forget();
  card.busy = false;
  card.aside = () => offerNext(card);
  card.update(machine);
  card.overview.channel.postMessage(machine);
}

/** The way to the card after this one that is still open, if there is any. */
function offerNext(card) {
  const { cards } = card.overview;
  const from = cards.indexOf(card) + 1;
  const next = [...cards.slice(from), ...cards.slice(0, from)].find((other) => other !== card && other.isOpen);
  const button = next && h("button", { type: "button", class: "button", on: { click: () => next.focus() } }, card.app.t("next"));
  if (next) card.element.querySelector(".ways").before(h("p", { class: "buttons" }, button));
}

/** What the API would not store, in the card. Needs a draft that is still there. */
export async function refused(card, error, focus = true) {
  const doubt = await card.app.part("doubt");
  if (error.code === "needs_confirmation") {
    const faults = doubt.doubts(card, error.facts.findings);
    if (focus && faults.length) doubt.summary(card, faults);
  } else if (["changed_meanwhile", "already_released"].includes(error.code)) {
    await (await card.app.part("conflict")).conflict(card, error, focus);
  } else if (error.status === 422) {
    doubt.fault(card, error, focus);
  } else {
    card.tell(card.app.words(error), "bad", focus);
  }
}

/** Another tab of this device has stored the machine; what is typed here stays in its fields. */
export async function elsewhere(card, machine) {
  if (!card || machine.version <= card.machine.version) return;
  const typed = Object.entries(card.values());
  const same = typed.every(([id, text]) => text.replace(/\D/g, "") === String(machine.meters.find((meter) => meter.id === id)?.reading?.value));
  if (card.waiting || same) {
    card.forget();
    card.update(machine);
  } else await (await card.app.part("conflict")).elsewhere(card, machine);
}

/** Opens the stored values of a card for a correction. */
export function correct(card) {
  card.correcting = true;
  card.aside = null;
  card.draft.read_on ||= card.machine.meters.find((meter) => meter.reading?.state === "reported").reading.read_on;
  card.draw();
  card.focus();
}

export function cancel(card) {
  card.forget();
  card.draw();
  card.overview.drawBar();
  focusOn(card.element.querySelector("h3"));
}
