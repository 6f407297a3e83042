// What the check says about a value that staff entered: its own words, the suggestion, or a reason to insist.
import { fill, h } from "/shared/page.js";
/** @import { Voice } from "../../types/page" */
/** @import { EntryField, Finding, MachineMeter } from "../../types/records" */

const OTHER = "-";

/**
 * Values by meter in words: the number alone where it is of the meter asked about.
 * @param {Voice} t
 * @param {MachineMeter[]} meters
 * @param {Record<string, number>} values
 * @param {string} own
 */
function takeWords(t, meters, values, own) {
  const entries = Object.entries(values);
  if (entries.length === 1 && entries[0][0] === own) return t("doubt_take", { value: entries[0][1] });
  const words = meters
    .filter((one) => one.id in values)
    .map((one) => t("machine_meter_value", { meter: one.label, value: values[one.id] }));
  return t("doubt_take_all", { values: words.join(", ") });
}

/**
 * What one button can take: each suggestion once.
 * @param {Finding[]} findings
 * @param {string} meterId
 */
function suggestions(findings, meterId) {
  /** @type {Map<string, Record<string, number>>} */
  const found = new Map();
  for (const { suggestion, or_meant: meant } of findings) {
    for (const values of [suggestion?.values, meant === undefined ? undefined : { [meterId]: meant }]) {
      if (values && Object.keys(values).length) found.set(JSON.stringify(values), values);
    }
  }
  return [...found.values()];
}

/**
 * Draws the question into the field's place. `take(values)` saves the suggestion, `insist(reason)` the value as it is.
 * @param {Voice} t
 * @param {EntryField} field
 * @param {Finding[]} findings
 * @param {{ meters: MachineMeter[], take: (values: Record<string, number>) => void, insist: (reason: string) => void }} place
 */
export function showDoubt(t, field, findings, { meters, take, insist }) {
  const { id } = field.input;
  const blocked = findings.some((finding) => finding.severity === "block");
  const usual = [...new Set(findings.flatMap((finding) => finding.reasons ?? []))];
  const reasons = h("div", { class: "reasons", hidden: true });
  const wrong = h("p", { class: "error", id: `${id}-why-wrong` });
  const choice = h("select", { id: `${id}-why`, "aria-describedby": wrong.id },
    h("option", { value: "" }, t("doubt_choose")),
    usual.map((reason) => h("option", { value: reason }, reason)),
    h("option", { value: OTHER }, t("doubt_other")));
  const words = h("input", { id: `${id}-words`, type: "text", maxlength: "500", autocomplete: "off" });
  const own = h("div", { hidden: true }, h("label", { for: words.id }, t("doubt_words")), words);
  choice.addEventListener("change", () => {
    own.hidden = choice.value !== OTHER;
  });

  function save() {
    const reason = choice.value === OTHER ? words.value.trim() : choice.value;
    fill(wrong, !reason && t("doubt_needs_reason"));
    if (reason) insist(reason);
    else (choice.value === OTHER ? words : choice).focus();
  }

  fill(reasons,
    h("div", {}, h("label", { for: choice.id }, t("doubt_reason")), choice), own, wrong,
    h("div", { class: "buttons" }, h("button", { type: "button", class: "button", on: { click: save } }, t("doubt_save"))));
  const value = field.input.value.trim();
  const insisting = h("button", {
    type: "button",
    class: "button quiet",
    "aria-expanded": "false",
    on: {
      click: () => {
        reasons.hidden = false;
        insisting.setAttribute("aria-expanded", "true");
        choice.focus();
      },
    },
  }, t("doubt_insist", { value }));
  const box = h("div", { class: "box warn", role: "group", "aria-label": field.meter.label, tabindex: -1 },
    findings.map((finding) => h("p", {}, finding.text)),
    h("div", { class: "buttons" },
      suggestions(findings, field.meter.id).map((values) =>
        h("button", { type: "button", class: "button", on: { click: () => take(values) } }, takeWords(t, meters, values, field.meter.id))),
      !blocked && insisting),
    !blocked && reasons);
  fill(field.advice, box);
  return box;
}
