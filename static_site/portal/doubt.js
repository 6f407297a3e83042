// What the check says about a value: hints, suggestions by one tap, confirmation, summary of faults.
import { both, fill, focusOn, h, say } from "/shared/page.js";
import { nameOf } from "/entry.js";

export const texts = both({
  errors_title: ["Bitte prüfen Sie Ihre Eingaben", "Please check your entries"],
  hint_prefix: ["Hinweis:", "Note:"],
  take_one: ["{value} übernehmen", "Use {value}"],
  take: ["Übernehmen: {values}", "Use: {values}"],
  taken: ["Übernommen: {values}", "Used: {values}"],
  move: ["Bei {machine} eintragen", "Enter it at {machine}"],
  moved: ["{value} steht jetzt bei {machine}.", "{value} is now entered at {machine}."],
  value_of: ["{label} {value}", "{label} {value}"],
  or_correct: ["Korrigieren Sie den Wert im Feld – oder bestätigen Sie ihn:", "Correct the value in the field – or confirm it:"],
  confirm_of: ["Wert bestätigen: {label}", "Confirm the value: {label}"],
  is_right: ["Der Wert stimmt", "The value is right"],
  reason: ["Begründung", "Reason"],
  reason_choose: ["Bitte wählen", "Please choose"],
  reason_more: ["Mehr gedruckt als sonst", "Printed more than usual"],
  reason_less: ["Weniger gedruckt als sonst", "Printed less than usual"],
  reason_unused: ["Gerät war außer Betrieb oder unbenutzt", "Machine was out of use or idle"],
  reason_board: ["Gerät repariert, Zähler oder Platine getauscht", "Machine repaired, counter or board replaced"],
  reason_last: ["Der letzte Stand war falsch oder geschätzt", "The last reading was wrong or estimated"],
  reason_other: ["Anderer Grund (eigene Worte)", "Another reason (own words)"],
  reason_words: ["Grund in eigenen Worten", "Reason in your own words"],
  error_reason: ["Bitte wählen Sie eine Begründung.", "Please choose a reason."],
  error_words: ["Bitte beschreiben Sie den Grund kurz.", "Please describe the reason briefly."],
  photo: ["Foto des Zählers beilegen", "Add a photo of the counter"],
});

const REASONS = ["more", "less", "unused", "board", "last"]; // where the check names none
const OTHER = "-";
const DATE_FAULTS = ["in_the_future", "before_billed", "too_early"];

/** "S/W 12.345, Farbe 3.210": values by meter id in the words of the machine's own labels. */
export function valuesWords(t, machine, values) {
  return machine.meters
    .filter((meter) => meter.id in values)
    .map((meter) => t("value_of", { label: meter.label, value: Number(values[meter.id]) }))
    .join(", ");
}

/** The list of reasons, as the check names them; own words for the last one. Returns {element, reason(), fault()}. */
function confirmation(card, field, findings) {
  const { t } = card.app;
  const { id } = field.input;
  const words = h("input", { id: `${id}-words`, type: "text", maxlength: "200", autocomplete: "off" });
  const wordsRow = h("div", { class: "words", hidden: true }, h("label", { for: words.id }, t("reason_words")), words);
  const usual = findings.flatMap((finding) => finding.reasons || []);
  const reasonsToChoose = usual.length ? [...new Set(usual)] : REASONS.map((reason) => t(`reason_${reason}`));
  const choice = h("select", { id: `${id}-reason` },
    h("option", { value: "" }, t("reason_choose")),
    reasonsToChoose.map((reason) => h("option", { value: reason }, reason)),
    h("option", { value: OTHER }, t("reason_other")));
  choice.addEventListener("change", () => {
    wordsRow.hidden = choice.value !== OTHER;
    card.drawSubmit();
  });
  const photo = h("div", { class: "photo" }, h("button", { type: "button", class: "link", on: { click: () => attach(card, field, photo) } }, t("photo")));
  const reasons = h("div", { class: "because", hidden: true }, h("label", { for: choice.id }, t("reason")), choice, wordsRow, photo);
  const box = h("input", { id: `${id}-right`, type: "checkbox" });
  box.addEventListener("change", () => {
    reasons.hidden = !box.checked;
    card.drawSubmit();
  });
  return {
    element: h("div", { class: "confirm", role: "group", "aria-label": t("confirm_of", { label: field.meter.label }) },
      h("p", {}, t("or_correct")),
      h("p", { class: "option" }, box, h("label", { for: box.id }, t("is_right"))),
      reasons),
    /** The reason to send; null while the value is not confirmed. */
    reason: () => {
      if (!box.checked || !choice.value) return null;
      return choice.value === OTHER ? words.value.trim() : choice.value;
    },
    /** What is missing for a confirmation that was begun: {text, target}, or null. */
    fault: () => {
      if (!box.checked) return null;
      if (!choice.value) return { text: t("error_reason"), target: choice };
      if (choice.value === OTHER && !words.value.trim()) return { text: t("error_words"), target: words };
      return null;
    },
  };
}

/** Lets somebody show the counter; the module draws itself into `node`. */
async function attach(card, field, node) {
  try {
    const { photo } = await card.app.part("photo");
    await photo(card.app, node, card.machine, field.meter);
  } catch (error) {
    fill(node, h("p", { class: "error" }, card.app.words(error)));
  }
}

function take(card, values) {
  const { t } = card.app;
  for (const [meterId, value] of Object.entries(values)) card.put(meterId, value);
  say(t("taken", { values: valuesWords(t, card.machine, values) }));
  card.fieldOf(Object.keys(values)[0])?.input.focus();
  check(card);
}

/** The value was read at another machine: it goes into that machine's field, this one is free again. */
function moveTo(card, field, target, meterId) {
  const { t } = card.app;
  const value = field.value();
  if (!target.put(meterId, value)) return;
  card.put(field.meter.id, "");
  say(t("moved", { value, machine: nameOf(target.machine) }));
  target.focus();
  check(target);
}

/** What one tap can do about a finding: [{text, act}]. */
function offers(card, field, finding) {
  const { t } = card.app;
  const found = [];
  for (const values of [finding.suggestion?.values, finding.or_meant && { [field.meter.id]: finding.or_meant }]) {
    if (!values || !Object.keys(values).length) continue;
    const [[only, value], ...others] = Object.entries(values);
    const alone = only === field.meter.id && !others.length;
    found.push({
      text: alone ? t("take_one", { value: Number(value) }) : t("take", { values: valuesWords(t, card.machine, values) }),
      act: () => take(card, values),
    });
  }
  const target = finding.machine_id && card.overview.card(finding.machine_id);
  if (target && target.build().fieldOf(finding.machine_meter_id)) {
    const place = nameOf(target.machine) + (target.machine.serial ? ` (${target.machine.serial})` : "");
    found.push({ text: t("move", { machine: place }), act: () => moveTo(card, field, target, finding.machine_meter_id) });
  }
  return found;
}

const taps = (card, field, finding) => h("p", { class: "buttons" }, offers(card, field, finding).map(({ text, act }) =>
  h("button", { type: "button", class: "button quiet", on: { click: act } }, text)));

const sentences = (card, field, findings) => findings.map((finding) => [
  h("p", {}, h("strong", {}, `${card.app.t("hint_prefix")} `), finding.text),
  taps(card, field, finding),
]);

/** A neutral hint after leaving the field. */
function advise(card, field, findings) {
  const kind = findings.some((finding) => finding.severity === "warn") ? "box warn" : "box";
  fill(field.advice, findings.length > 0 && h("div", { class: kind }, sentences(card, field, findings)));
}

/** Asks to correct the value or to confirm it with a reason. */
function askToConfirm(card, field, findings) {
  field.confirmation = confirmation(card, field, findings);
  fill(field.advice, h("div", { class: "box warn" }, sentences(card, field, findings), field.confirmation.element));
  field.input.setAttribute("aria-invalid", "true");
}

/** A finding belongs to the field of its counter; one without a field of its own to the first. */
const findingsOf = (card, field, findings) => findings.filter((finding) => (card.fieldOf(finding.meter_id) || card.fields[0]) === field);

function showFindings(card, field, findings, show) {
  const blocking = findings.find((finding) => finding.severity === "block");
  if (blocking && DATE_FAULTS.includes(blocking.code)) failDate(card, blocking.text);
  else if (blocking) field.fail(blocking.text);
  show(card, field, findings.filter((finding) => finding.severity !== "block"));
  if (blocking) field.advice.append(taps(card, field, blocking));
}

/** Asks what the values look like. Nothing is stored; an older answer never covers a newer value. */
export async function check(card) {
  const { app } = card;
  card.app.styles();
  card.checks += 1;
  const mine = card.checks;
  const values = card.values();
  if (!Object.keys(values).length) return;
  clearDate(card);
  try {
    const answer = await app.call("POST", `${card.path}/check`, { body: { read_on: card.date.value || null, values } });
    if (mine !== card.checks || card.busy) return;
    for (const field of card.fields) {
      if (!field.value() || field.confirmation?.reason() || field.confirmation?.fault()) continue;
      field.clear();
      showFindings(card, field, findingsOf(card, field, answer.findings), advise);
    }
    say(answer.findings.map((finding) => finding.text).join(" "));
  } catch (error) {
    if (mine !== card.checks || card.busy) return;
    if (error.status === 401) app.signedOut();
    else if (error.status === 422) fault(card, error, false);
    // Anything else: the hint is a courtesy, the submission itself says what is wrong.
  }
}

/** A submission was refused because values are doubtful: each with its question. Returns the faults. */
export function doubts(card, findings) {
  const faults = [];
  card.build();
  card.app.styles();
  for (const field of card.fields) {
    const own = findingsOf(card, field, findings);
    field.clear();
    if (!own.length) continue;
    const toConfirm = own.some((finding) => finding.severity === "warn");
    showFindings(card, field, own, toConfirm ? askToConfirm : advise);
    const found = own.find((finding) => ["block", "warn"].includes(finding.severity));
    if (found) faults.push({ text: `${field.meter.label}: ${found.text}`, target: field.input });
  }
  card.doubtful = true;
  card.drawState();
  card.drawSubmit();
  return faults;
}

/** A refusal of one value, `field` being like "values.1", "confirm.1" or "read_on". */
export function fault(card, error, focus = true) {
  const [where, meterId] = (error.field || "").split(".");
  const field = card.build().fieldOf(meterId);
  if (where === "read_on" && card.date) return failDate(card, error.message, focus);
  if (!field) return card.tell(card.app.words(error), "bad");
  field.fail(error.message);
  const blocking = error.facts.findings?.find((finding) => finding.severity === "block" && finding.meter_id === meterId);
  fill(field.advice, blocking && taps(card, field, blocking));
  if (focus) field.input.focus();
  else say(error.message);
  return null;
}

export function clearDate(card) {
  fill(card.dateError);
  card.date.removeAttribute("aria-invalid");
}

export function failDate(card, text, focus) {
  fill(card.dateError, h("span", { class: "unseen" }, `${card.app.t("error_prefix")} `), text);
  card.date.setAttribute("aria-invalid", "true");
  if (focus) card.date.focus();
  return { text, target: card.date };
}

/** One fault: focus goes there. Several: a summary with links gets it. `faults`: [{text, target}] */
export function summary(card, faults) {
  if (faults.length === 1) {
    faults[0].target.focus();
    say(faults[0].text);
    return;
  }
  const id = `faults-${card.machine.id}`;
  const goTo = (target) => (event) => {
    event.preventDefault();
    target.focus();
  };
  const links = faults.map(({ text, target }) => h("li", {}, h("a", { href: `#${target.id}`, on: { click: goTo(target) } }, text)));
  fill(card.summary, h("div", { class: "box bad", role: "group", "aria-labelledby": id },
    h("h4", { id }, card.app.t("errors_title")), h("ul", { class: "faults" }, links)));
  focusOn(card.summary.firstChild);
}
