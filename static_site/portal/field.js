// A counter that is being reported: its field, and what stands around it.
import { fill, h } from "/shared/page.js";
import { lastWords, meterName, numberOf, usageWords } from "/meter.js";
/** @import { Child, Voice } from "../types/page" */
/** @import { Card, Field, Meter } from "../types/portal" */

/**
 * What the machine's display calls a counter, where that is another word; displays speak German.
 * @param {Voice} t
 * @param {Meter} meter
 */
const onDisplay = (t, { label, display_label: word }) => Boolean(word) && word !== label
  && h("p", { class: "muted small display" }, t("on_display"), h("span", { lang: "de" }, word), t("on_display_end"));

/**
 * The number that is to be compared stands out.
 * @param {string} words
 */
const bold = (words) => words.split(/(^\D*)([\d.,]+)/).map((part, n) => (n === 2 ? h("strong", {}, part) : part));

/**
 * What stands around a card's field: its name, the display's word, the value to compare.
 * @param {Voice} t
 * @param {Field} field
 * @param {HTMLElement} side
 * @returns {Child[]}
 */
const inCard = (t, { meter, input }, side) => [
  h("label", { for: input.id, id: `${input.id}-label` },
    meterName(t, meter),
    h("span", { class: "unit" }, ` ${t(meter.kind === "SCAN" ? "unit_scans" : "unit_pages")}`)),
  onDisplay(t, meter),
  side,
  h("div", { class: "entry" }, input),
];

/**
 * A counter as a field. Nothing is judged while typing; `advice` is filled by the module "doubt", `confirmation` is its question.
 * @param {Card} card
 * @param {Meter} meter
 * @param {typeof inCard} [around] what stands above its faults and hints
 * @returns {Field}
 */
export function meterField(card, meter, around = inCard) {
  const { t } = card.app;
  const id = `m-${card.machine.id}-${meter.id}`;
  const value = card.draft.values[meter.id] ?? (meter.reading ? String(meter.reading.value) : "");
  const names = `${id}-label name-${card.machine.id} place-${card.machine.id}`;
  const named = { "aria-labelledby": names, "aria-describedby": `${id}-last ${id}-error ${id}-advice` };
  const kind = { type: "text", inputmode: "numeric", autocomplete: "off", spellcheck: "false", class: "digits number" };
  const input = h("input", { id, value, ...kind, ...named });
  const error = h("p", { class: "error", id: `${id}-error` });
  const advice = h("div", { class: "advice", id: `${id}-advice` });
  const side = h("p", { class: "muted last number", id: `${id}-last` });
  /** @type {Field} */
  const field = {
    meter, input, advice, judged: input.value.trim(), confirmation: null, told: "", element: h("div", { class: "meter" }),
    value: () => input.value.trim(),
    /** The number to compare; the usage instead once a value was typed and left. */
    compare: () => {
      const { single, today } = card.overview;
      const usage = field.judged && field.judged === field.value() ? usageWords(t, meter, numberOf(field.judged)) : "";
      const words = usage || lastWords(t, meter);
      // In a list the year goes without saying.
      fill(side, single ? bold(words) : words.replace(RegExp(`\\s?${today.slice(0, 4)}`), ""),
        meter.reading && [h("br"), t("now_stored", { value: meter.reading.value, date: t.date(meter.reading.read_on) })]);
    },
    /** No fault any more; a question stays. */
    mend: () => {
      fill(error);
      if (!field.confirmation) input.removeAttribute("aria-invalid");
    },
    /** The value is another one: nothing that was said of it holds. */
    clear: () => {
      const { confirmation } = field;
      Object.assign(field, { confirmation: null, told: "" });
      delete card.draft.asked?.[meter.id];
      input.classList.remove("doubted");
      fill(advice);
      field.mend();
      if (!confirmation) return;
      card.fields.find((other) => other.confirmation === confirmation)?.clear(); // It was about both.
      card.doubtful = card.fields.some((other) => other.confirmation);
    },
    /** The value cannot be stored like this. */
    fail: (text) => {
      fill(error, h("span", { class: "unseen" }, `${t("error_prefix")} `), text);
      input.setAttribute("aria-invalid", "true");
    },
    /** The reason to send; a stored reason goes along with its unchanged value. */
    reason: () => {
      if (field.confirmation) return field.confirmation.reason();
      const { reading } = meter;
      return reading && reading.reason && field.value() === String(reading.value) ? reading.reason : null;
    },
  };
  input.addEventListener("input", () => {
    field.clear();
    card.typed();
  });
  input.addEventListener("blur", () => {
    if (field.value() === field.judged) return;
    field.judged = field.value();
    field.compare();
    if (field.judged) card.left();
  });
  input.addEventListener("keydown", (event) => card.entered(event, field));
  input.addEventListener("paste", (event) => card.pasted(event, field));
  field.compare();
  fill(field.element, around(t, field, side), error, advice);
  return field;
}
