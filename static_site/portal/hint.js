// The hint below a doubtful value: what is expected, what may be meant, and the answer "it is right" with its reason.
import { both, fill, h, say } from "/shared/page.js";
import { drawn } from "/shared/svg.js";
import { nameOf, numberOf, placeWords } from "/meter.js";
/** @import { Voice } from "../types/page" */
/** @import { Asked, Card, Confirmation, Field, Finding, Machine } from "../types/portal" */

export const texts = both({
  hint_of: ["Hinweis zu {label}, {machine}", "Note on {label}, {machine}"],
  hint_lower: ["Kleiner als zuletzt.", "Lower than last time."],
  hint_more: ["Viel mehr als sonst.", "Much more than usual."],
  hint_less: ["Viel weniger als sonst.", "Much less than usual."],
  cause_digit_missing: ["Fehlt eine Ziffer?", "Is a digit missing?"],
  cause_digit_added: ["Eine Ziffer zu viel?", "One digit too many?"],
  cause_digit_doubled: ["Eine Ziffer doppelt?", "Is a digit doubled?"],
  cause_digit_wrong: ["Eine Ziffer falsch?", "Is a digit wrong?"],
  cause_digits_transposed: ["Zwei Ziffern vertauscht?", "Two digits swapped?"],
  cause_digit_slip: ["Ein Tippfehler?", "A typing error?"],
  cause_typed_in_thousands: ["Sind das Tausender?", "Are these thousands?"],
  hint_swapped: ["{labels} vertauscht?", "{labels} swapped?"],
  hint_machine: ["Gehört der Wert zum {machine} in {place}?", "Is this the value of the {machine} in {place}?"],
  hint_machine_only: ["Gehört der Wert zum {machine}?", "Is this the value of the {machine}?"],
  and: [" und ", " and "],
  expected: ["Erwartet: etwa ", "Expected: about "],
  expected_between: [", zwischen {low} und {high}.", ", between {low} and {high}."],
  meant: ["Ist {value} gemeint?", "Did you mean {value}?"],
  meant_short: ["{value} gemeint?", "{value} meant?"],
  take_one: ["{value} übernehmen", "Use {value}"],
  take_short: ["übernehmen", "use"],
  take_after_all: ["Doch {value} übernehmen", "Use {value} after all"],
  take_both: ["Beide tauschen", "Swap both"],
  take: ["Übernehmen: {values}", "Use: {values}"],
  taken: ["{values} übernommen", "{values} used"],
  move: ["Dort eintragen", "Enter it there"],
  moved: ["{value} steht jetzt bei {machine}.", "{value} is now entered at {machine}."],
  value_of: ["{label} {value}", "{label} {value}"],
  is_right: ["Der Wert stimmt", "The value is right"],
  are_right: ["Beide Werte stimmen", "Both values are right"],
  why: ["Warum stimmt {value}?", "Why is {value} right?"],
  why_both: ["Warum stimmen die Werte?", "Why are the values right?"],
  reason_more: ["Mehr gedruckt als sonst", "Printed more than usual"],
  reason_less: ["Weniger gedruckt als sonst", "Printed less than usual"],
  reason_unused: ["Gerät war außer Betrieb oder unbenutzt", "Machine was out of use or idle"],
  reason_board: ["Gerät repariert, Zähler oder Platine getauscht", "Machine repaired, counter or board replaced"],
  reason_last: ["Der letzte Stand war falsch oder geschätzt", "The last reading was wrong or estimated"],
  reason_other: ["Anderer Grund", "Another reason"],
  reason_words: ["Grund in eigenen Worten", "Reason in your own words"],
  error_reason: ["Bitte wählen Sie einen Grund.", "Please choose a reason."],
  error_words: ["Bitte beschreiben Sie den Grund kurz.", "Please describe the reason briefly."],
  photo: ["Foto beilegen", "Add a photo"],
  scale_last: ["zuletzt {value}", "last {value}"],
});

const REASONS = ["more", "less", "unused", "board", "last"]; // where the check names none
const WIDTH = 320; // of the drawing, in its own units

/**
 * "S/W 12.345, Farbe 3.210": values by meter id in the words of the machine's own labels.
 * @param {Voice} t
 * @param {Pick<Machine, "meters">} machine
 * @param {Record<string, string | number>} values
 */
export function valuesWords(t, machine, values) {
  return machine.meters
    .filter((meter) => meter.id in values)
    .map((meter) => t("value_of", { label: meter.label, value: Number(values[meter.id]) }))
    .join(", ");
}

/**
 * Changes something on the page; the field that is being typed in stays where it stands on the screen.
 * @param {() => void} change
 */
export function steady(change) {
  const field = document.activeElement;
  const top = field?.getBoundingClientRect().top ?? 0;
  change();
  if (!(field instanceof HTMLInputElement) || !field.isConnected) return;
  const moved = () => field.getBoundingClientRect().top - top;
  scrollBy(0, moved());
  if (moved() <= 0.5) return;
  // The page ends above what it has to be moved by: it gets the room, for good.
  document.body.style.minHeight = `${document.documentElement.scrollHeight + moved()}px`;
  scrollBy(0, moved());
}

/**
 * The usual reasons, as the check names them and in its language.
 * @param {Voice} t
 * @param {Finding[]} findings
 */
function reasonsOf(t, findings) {
  const usual = [...new Set(findings.flatMap((finding) => finding.reasons || []))];
  return usual.length ? usual : REASONS.map((reason) => t(`reason_${reason}`));
}

/**
 * What is odd, in one short line.
 * @param {Card} card
 * @param {Pick<Field, "meter" | "value">} field
 * @param {Finding} finding
 */
export function headline(card, field, finding) {
  const { t } = card.app;
  if (finding.code === "meters_swapped" && finding.suggestion) {
    return t("hint_swapped", {
      labels: card.machine.meters.filter(({ id }) => id in (finding.suggestion?.values ?? {})).map((meter) => meter.label).join(t("and")),
    });
  }
  if (finding.machine_id) {
    const other = card.overview.card(finding.machine_id)?.machine;
    const machine = (other && nameOf(other)) || finding.machine_model || finding.machine_serial || finding.machine_id;
    const place = other ? placeWords(t, other.location) : "";
    return place ? t("hint_machine", { machine, place }) : t("hint_machine_only", { machine });
  }
  const value = numberOf(field.value());
  const { expected: { reading = null } = {}, code } = finding;
  const cause = t.knows(`cause_${code}`) && t(`cause_${code}`);
  if (value === null || !reading || !(cause || code.startsWith("usage_too_") || code === "lower_than_last")) return finding.text;
  const { last } = field.meter;
  const odd = [
    [last && value < last.value, "hint_lower"],
    [value > reading.high, "hint_more"],
    [value < reading.low, "hint_less"],
  ].find(([is]) => is);
  return [odd && t(String(odd[1])), cause].filter(Boolean).join(" ") || finding.text;
}

/**
 * The reading that is expected, in round numbers: two digits of the range's width say it.
 * Exact where that would hide that a value is outside.
 * @param {{ value: number, low: number, high: number }} reading
 * @param {number | null} typed
 */
export function rounded(reading, typed) {
  const { value, low, high } = reading;
  const unit = 10 ** Math.max(String(high - low).length - 2, 0);
  const round = { value: Math.round(value / unit) * unit, low: Math.floor(low / unit) * unit, high: Math.ceil(high / unit) * unit };
  return typed !== null && typed >= round.low && typed <= round.high ? reading : round;
}

/**
 * The number line: range as a box, suggestion as a ring, the last reading as a tick, what was typed as a dot or, far outside, an arrow.
 * @param {Voice} t
 * @param {number} last
 * @param {{ low: number, high: number }} range
 * @param {number | null} typed
 * @param {number | undefined} meant
 */
function drawing(t, last, { low, high }, typed, meant) {
  const inside = [last, low, high, ...(meant === undefined ? [] : [meant])];
  const [least, most] = [Math.min(...inside), Math.max(...inside)];
  const room = Math.max(most - least, 1);
  /** @param {number} value */
  const x = (value) => Math.min(Math.max(24 + ((value - least) / room) * (WIDTH - 64), 6), WIDTH - 6);
  /**
   * @param {number} at
   * @param {number} y
   * @param {string} text
   * @param {string} kind
   */
  const label = (at, y, text, kind) => drawn("text", {
    x: Math.min(Math.max(at, 26), WIDTH - 26),
    y,
    "text-anchor": "middle",
    class: kind,
  }, text);
  const parts = [
    drawn("line", { x1: 6, x2: WIDTH - 6, y1: 30, y2: 30, class: "axis" }),
    drawn("rect", { x: x(low), y: 21, width: Math.max(x(high) - x(low), 6), height: 18, rx: 2, class: "range" }),
    drawn("line", { x1: x(last), x2: x(last), y1: 24, y2: 36, class: "tick" }),
  ];
  if (x(high) - x(low) > 64) parts.push(label(x(low), 56, t.number(low), "limits"), label(x(high), 56, t.number(high), "limits"));
  else parts.push(label((x(low) + x(high)) / 2, 56, `${t.number(low)} – ${t.number(high)}`, "limits"));
  if (x(low) - x(last) > 120) parts.push(label(x(last) + 24, 56, t("scale_last", { value: last }), "side"));
  if (meant !== undefined) {
    parts.push(drawn("circle", { cx: x(meant), cy: 30, r: 6, class: "ring" }), label(x(meant), 14, t.number(meant), "meant"));
  }
  if (typed !== null) {
    const out = typed < least ? -1 : typed > most ? 1 : 0;
    const at = x(typed);
    const apart = meant === undefined || Math.abs(x(meant) - at) > 60;
    parts.push(out
      ? drawn("path", { d: out < 0 ? "M4 30l12-8v16z" : `M${WIDTH - 4} 30l-12-8v16z`, class: "typed" })
      : drawn("circle", { cx: at, cy: 30, r: 5, class: "typed" }));
    if (apart) parts.push(label(at, 14, t.number(typed), "typed"));
  }
  return drawn("svg", { viewBox: `0 0 ${WIDTH} 60`, class: "scale", "aria-hidden": "true" }, ...parts);
}

/**
 * Puts suggested values in; the focus goes to the next empty field of the machine, else to its button.
 * @param {Card} card
 * @param {Record<string, number>} values
 */
export function take(card, values) {
  const { t } = card.app;
  for (const [meterId, value] of Object.entries(values)) card.put(meterId, value);
  say(t("taken", { values: valuesWords(t, card.machine, values) }));
  (card.fields.find((field) => !field.value())?.input ?? card.submitButton).focus();
  card.left();
}

/**
 * The value was read at another machine: it goes into that machine's field, this one is free again.
 * @param {Card} card
 * @param {Field} field
 * @param {Card} target
 * @param {string} meterId
 */
function moveTo(card, field, target, meterId) {
  const { t } = card.app;
  const value = field.value();
  if (!target.put(meterId, value)) return;
  card.put(field.meter.id, "");
  say(t("moved", { value, machine: nameOf(target.machine) }));
  target.focus();
  target.left();
}

/**
 * What one tap can do about findings: the number that is meant, both swapped, or the other machine.
 * @param {Card} card
 * @param {Field} field
 * @param {Finding[]} findings
 */
export function offers(card, field, findings) {
  const { t } = card.app;
  /** @type {{ text: string, value?: number, act: () => void }[]} */
  const found = [];
  for (const finding of findings) {
    for (const values of [finding.suggestion?.values, finding.or_meant && { [field.meter.id]: finding.or_meant }]) {
      if (!values || !Object.keys(values).length) continue;
      const [[only, value], ...others] = Object.entries(values);
      const alone = only === field.meter.id && !others.length;
      const words = finding.code === "meters_swapped" && others.length
        ? t("take_both")
        : t("take", { values: valuesWords(t, card.machine, values) });
      found.push({
        text: alone ? t("take_one", { value: Number(value) }) : words,
        value: alone ? Number(value) : undefined,
        act: () => take(card, values),
      });
    }
    const target = finding.machine_id && card.overview.card(finding.machine_id);
    const meterId = finding.machine_meter_id;
    if (target && meterId && target.build().fieldOf(meterId)) {
      found.push({ text: t("move"), act: () => moveTo(card, field, target, meterId) });
    }
  }
  return found;
}

/**
 * Lets somebody show the counter; the module draws itself into `node`.
 * @param {Card} card
 * @param {Field} field
 * @param {HTMLElement} node
 */
async function attach(card, field, node) {
  try {
    const { photo } = await card.app.part("photo");
    await photo(card.app, node, card.machine, field.meter);
  } catch (error) {
    fill(node, h("p", { class: "error" }, card.app.words(error)));
  }
}

/**
 * The question whether a value is right: one line while typing goes on, whole once it was opened. `asked` is what
 * the draft keeps of it: {value, findings, right, choice, words}, the choice by its place in the list.
 * @param {Card} card
 * @param {Field} field
 * @param {Asked} asked
 * @returns {Confirmation}
 */
export function question(card, field, asked) {
  const { t } = card.app;
  const { id } = field.input;
  const shared = () => asked.findings.some((finding) => finding.code === "meters_swapped" && finding.suggestion);
  const brief = h("div", { class: "brief" });
  const said = h("div", { class: "sentences" });
  const words = h("input", { id: `${id}-words`, type: "text", maxlength: "200", autocomplete: "off", value: asked.words || "" });
  const wordsRow = h("div", { class: "words" }, h("label", { for: words.id }, t("reason_words")), words);
  const radios = h("div", { class: "reasons" });
  const why = h("legend");
  const back = h("button", { type: "button", class: "link" });
  const photo = h("div", { class: "photo" });
  fill(photo, h("button", { type: "button", class: "link", on: { click: () => attach(card, field, photo) } }, t("photo")));
  const because = h("fieldset", { class: "because" }, why, radios, wordsRow, h("div", { class: "buttons" }, photo, back));
  const asking = h("p");
  const answers = h("p", { class: "buttons answers" });
  const element = h("div", { class: "box warn hint", role: "group" }, brief, said, asking, answers, because);
  const warnings = () => asked.findings.filter((finding) => finding.severity !== "block");
  const own = () => Boolean(asked.choice) && asked.choice === reasonsOf(t, asked.findings).length + 1;
  let short = false;
  const keep = () => {
    card.keep();
    field.mend();
    show();
    card.drawSubmit();
  };
  const show = () => {
    brief.hidden = !short;
    said.hidden = short;
    answers.hidden = short || Boolean(asked.right);
    asking.hidden = answers.hidden || !asking.firstChild;
    because.hidden = short || !asked.right;
    wordsRow.hidden = !own();
    element.classList.toggle("short", short);
  };
  const right = () => {
    asked.right = true;
    keep();
    because.querySelector("input")?.focus();
  };
  /** @param {boolean} less */
  const shorten = (less) => {
    short = less && !asked.right;
    show();
    card.drawSubmit(); // It is filled as long as no question is open.
  };
  const draw = () => {
    const [first] = warnings();
    const found = offers(card, field, warnings());
    const title = warnings().map((finding) => headline(card, field, finding));
    const exact = first?.expected?.reading;
    const meant = found.find(({ value }) => value !== undefined);
    const typed = numberOf(field.value());
    const reading = exact && rounded(exact, typed);
    const name = nameOf(card.machine);
    // Below a line of a table stand the hints of all its counters.
    const label = Boolean(card.overview.table) && !shared() && card.machine.meters.length > 1 && `${field.meter.label}: `;
    element.setAttribute("aria-label", t("hint_of", { label: field.meter.label, machine: name }));
    /** @param {Element} [node] */
    const inFocus = (node = element) => [...node.querySelectorAll("button, input")].findIndex((one) => one === document.activeElement);
    const focused = inFocus();
    fill(said,
      title.map((text) => h("p", { class: "title" }, h("strong", {}, label, text))),
      reading && h("p", {}, t("expected"), h("strong", {}, t.number(reading.value)), t("expected_between", reading)),
      reading && field.meter.last && drawing(t, field.meter.last.value, reading, typed, meant?.value));
    fill(asking, meant?.value !== undefined && h("strong", {}, t("meant", { value: meant.value })));
    fill(answers,
      found.map(({ text, act }, n) => h("button", { type: "button", class: n ? "button quiet" : "button", on: { click: act } }, text)),
      h("button", { type: "button", class: "button quiet", on: { click: right } }, t(shared() ? "are_right" : "is_right")));
    fill(brief,
      h("button", { type: "button", class: "link more", "aria-expanded": "false", on: { click: () => shorten(false) } },
        meant?.value === undefined ? title[0] : t("meant_short", { value: meant.value })),
      meant && h("button", { type: "button", class: "button quiet", "aria-label": meant.text, on: { click: meant.act } }, t("take_short")));
    why.textContent = shared() ? t("why_both") : t("why", { value: typed ?? field.value() });
    const usual = [...reasonsOf(t, asked.findings), t("reason_other")];
    fill(radios, usual.map((reason, n) => h("p", { class: "option" },
      h("input", {
        type: "radio",
        name: `${id}-reason`,
        id: `${id}-reason-${n}`,
        checked: asked.choice === n + 1,
        on: {
          change: () => {
            asked.choice = n + 1;
            keep();
          },
        },
      }),
      h("label", { for: `${id}-reason-${n}` }, reason))));
    back.hidden = !meant;
    back.textContent = meant?.value === undefined ? "" : t("take_after_all", { value: meant.value });
    back.onclick = meant ? meant.act : null;
    show();
    if (focused >= 0 && inFocus() < 0) {
      const controls = [.../** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll("button, input"))];
      controls[focused]?.focus();
    }
  };
  words.addEventListener("input", () => {
    asked.words = words.value;
    keep();
  });
  draw();
  return {
    element,
    shorten,
    isShort: () => short,
    /** The same question in newer words; where nothing is new, nothing moves. */
    tell: (findings) => {
      if (JSON.stringify(findings) === JSON.stringify(asked.findings)) return;
      asked.findings = findings;
      card.keep();
      draw();
    },
    /** The reason to send; null while the value is not confirmed. */
    reason: () => {
      if (!asked.right || !asked.choice) return null;
      return own() ? words.value.trim() : reasonsOf(t, asked.findings)[asked.choice - 1] ?? null;
    },
    /** What is missing for a confirmation that was begun: {text, target}, or null. */
    fault: () => {
      if (!asked.right) return null;
      if (!asked.choice) return { text: t("error_reason"), target: radios.querySelector("input") ?? words };
      if (own() && !words.value.trim()) return { text: t("error_words"), target: words };
      return null;
    },
  };
}
