// The four fields of a mail's words, with the placeholders that may be inserted, and the spots that are wrong.
import { fill, focusOn, h } from "/shared/page.js";
/** @import { Context } from "../../types/console" */
/** @import { Placeholder, TextFault, Words, WordsFields } from "../../types/words" */

const PARTS = /** @type {const} */ (["subject", "preheader", "html", "text"]);

/**
 * @param {Context} context
 * @param {{ editable: boolean, changed: () => void }} options
 * @returns {WordsFields}
 */
export function source({ t }, { editable, changed }) {
  /** @param {"subject" | "preheader"} part */
  const line = (part) => h("input", {
    id: `words-${part}`, type: "text", maxlength: "1000", autocomplete: "off", on: { input: changed },
  });
  /** @param {"html" | "text"} part @param {string} rows */
  const area = (part, rows) => h("textarea", {
    id: `words-${part}`, rows, spellcheck: part === "text" ? "true" : "false", on: { input: changed },
  });
  const inputs = { subject: line("subject"), preheader: line("preheader"), html: area("html", "18"), text: area("text", "8") };
  /** @type {HTMLInputElement | HTMLTextAreaElement} */
  let last = inputs.html;
  for (const part of PARTS) {
    inputs[part].readOnly = !editable;
    inputs[part].addEventListener("focus", () => {
      last = inputs[part];
    });
  }
  const placeholders = h("select", { id: "words-insert", on: { change: insert } });

  function insert() {
    const chosen = placeholders.value;
    placeholders.value = "";
    if (!chosen || !editable) return;
    last.setRangeText(chosen, last.selectionStart ?? last.value.length, last.selectionEnd ?? last.value.length, "end");
    focusOn(last);
    changed();
  }

  return {
    element: h("div", { class: "words-fields" },
      h("div", { class: "field" }, h("label", { for: "words-insert" }, t("words_insert")), placeholders),
      PARTS.map((part) => h("div", { class: "field" }, h("label", { for: `words-${part}` }, t(`words_${part}`)),
        part === "text" && h("p", { class: "muted small" }, t("words_text_made")), inputs[part]))),
    words: () => /** @type {Words} */ (Object.fromEntries(PARTS.map((part) => [part, inputs[part].value]))),
    set: (words) => {
      for (const part of PARTS) inputs[part].value = words[part];
    },
    offer: (/** @type {Placeholder[]} */ offered, language) => {
      fill(placeholders, h("option", { value: "" }, t("words_choose")),
        offered.map((one) => h("option", { value: one.name }, `${one.name} – ${one.meaning}`)));
      for (const part of PARTS) inputs[part].lang = language;
    },
    show: (/** @type {TextFault[]} */ faults) => {
      for (const part of PARTS) inputs[part].setAttribute("aria-invalid", String(faults.some((fault) => fault.part === part)));
    },
    mark: (fault) => {
      const input = inputs[fault.part];
      focusOn(input);
      input.setSelectionRange(fault.position, fault.position + Math.max(fault.length, 1));
    },
  };
}
