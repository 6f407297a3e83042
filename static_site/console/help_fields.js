// One language of a page that explains how to read a counter: its fields, and how customers see it.
import { fill, focusOn, h } from "/shared/page.js";
import { chosenOf } from "./dialog.js";
import { KINDS } from "./limits.js";
/** @import { Context, HelpField, HelpInputs, HelpPicture } from "../types/console" */
/** @import { HelpText, Kind, LanguageFields, LanguageOptions, Shipped } from "../types/console" */
/** @import { Child, Language, Voice } from "../types/page" */

const TITLE_LENGTH = "120";
const STEPS_LENGTH = "3800";
const SENTENCE_LENGTH = "300";

/**
 * Whether two texts say the same; null is "nothing of our own".
 * @param {HelpText | null} one
 * @param {HelpText | null} other
 */
export const sameText = (one, other) => JSON.stringify(plainText(one)) === JSON.stringify(plainText(other));

/** @param {HelpText | null} text */
const plainText = (text) => (text ? [text.title, text.steps, text.picture || null, KINDS.map((kind) => sentence(text, kind))] : null);

/**
 * The own sentence about a kind of meter; drafts of an earlier version of this page have none.
 * @param {HelpText} text
 * @param {Kind} kind
 */
const sentence = (text, kind) => text.meters?.[kind] || "";

/**
 * The name of a kind of meter in staff's words.
 * @param {Voice} t
 * @param {Kind} kind
 */
export const meterName = (t, kind) => t("help_meter", { kind: t(`kind_${kind}`) });

/**
 * A text as customers see it, in its own language. `without`: what they see where the dealer wrote nothing.
 * @param {Context} context
 * @param {Language} language
 * @param {HelpText} text
 * @param {{ without: Shipped, pictures: HelpPicture[] }} options
 */
export function preview(context, language, text, { without, pictures }) {
  const { t } = context;
  const picture = pictures.find((one) => one.name === text.picture);
  const said = KINDS.some((kind) => sentence(text, kind));
  if (!text.title && !text.steps.length && !picture && !said) return h("p", { class: "muted" }, t("help_preview_empty"));
  return h("div", { class: "preview", lang: language },
    h("p", { class: "preview-title" }, text.title),
    picture && h("img", { src: picture.src, alt: picture.alt, lang: t.language, width: "480", height: "270" }),
    h("ol", {}, text.steps.map((step) => h("li", {}, step))),
    h("dl", { class: "explained" }, KINDS.map((kind) => [
      h("dt", { lang: t.language }, meterName(t, kind)),
      h("dd", {}, sentence(text, kind) || without.meters[kind]),
    ])));
}

/**
 * The fields of one language. `without`: what customers see where the dealer wrote nothing.
 * {element, text(), show(text), clear(), fail(part, words), first()}; `text` is null without an own text.
 * A part is "title", "steps", "picture" or a kind of meter.
 * @param {Context} context
 * @param {Language} language
 * @param {LanguageOptions} options
 * @returns {LanguageFields}
 */
export function languageFields(context, language, { without, name, pictures, editable, changed }) {
  const { t } = context;
  const spoken = t(`help_language_${language}`);
  const body = h("div", { class: "stack" });
  const seen = h("div");
  /** @type {HelpInputs | null} */
  let inputs = null;

  const element = h("fieldset", { class: "language" }, h("legend", {}, spoken), body);

  /** @returns {HelpText | null} */
  function typed() {
    if (!inputs) return null;
    const { title, steps: lines, pictures: drawings, meters: sentences } = inputs;
    const steps = lines.value.split("\n").map((step) => step.trim()).filter(Boolean);
    const picture = chosenOf(drawings);
    const meters = Object.fromEntries(KINDS.map((kind) => [
      kind,
      sentences[kind].input.value.replace(/\s+/g, " ").trim(),
    ]).filter(([, words]) => words));
    return { title: title.value.trim(), steps, picture: picture || null, meters };
  }

  function drawPreview() {
    const text = typed();
    if (text) fill(seen, preview(context, language, text, { without, pictures }));
  }

  /**
   * @param {HTMLInputElement | HTMLTextAreaElement} input
   * @param {string} label
   * @param {HTMLElement} [help]
   * @returns {HelpField}
   */
  function field(input, label, help) {
    const wrong = h("p", { class: "fault", id: `${input.id}-fault` });
    input.addEventListener("input", () => {
      unmark(input, wrong, help);
      drawPreview();
      changed();
    });
    return { input, wrong, help, element: h("div", { class: "field" }, h("label", { for: input.id }, label), help, input, wrong) };
  }

  /**
   * @param {HTMLInputElement | HTMLTextAreaElement} input
   * @param {HTMLElement} wrong
   * @param {HTMLElement | undefined} help
   */
  function unmark(input, wrong, help) {
    input.removeAttribute("aria-invalid");
    if (help) input.setAttribute("aria-describedby", help.id);
    else input.removeAttribute("aria-describedby");
    wrong.textContent = "";
  }

  /**
   * @param {Kind} kind
   * @param {HelpText} text
   */
  function meterField(kind, text) {
    const id = `meter-${kind}-${language}`;
    const help = h("p", { class: "muted small", id: `${id}-help` },
      t("help_meter_without"),
      " ",
      h("span", { lang: language }, without.meters[kind]));
    const input = h("textarea", {
      id,
      rows: "2",
      maxlength: SENTENCE_LENGTH,
      lang: language,
      readonly: !editable,
      "aria-describedby": help.id,
    });
    input.value = sentence(text, kind);
    return field(input, meterName(t, kind), help);
  }

  /** @param {string | null} chosen */
  function pictureChoice(chosen) {
    /**
     * @param {string} value
     * @param {Child} content
     * @param {string} words
     */
    const option = (value, content, words) => h("label", { class: "drawing" },
      h("input", { type: "radio", name: `picture-${language}`, value, checked: value === (chosen || ""), "aria-label": words }),
      content);
    const group = h("fieldset", { class: "drawings" }, h("legend", {}, t("help_field_picture")),
      option("", h("span", {}, t("help_no_picture")), t("help_no_picture")),
      pictures.map((one) => option(one.name, h("img", { src: one.src, alt: "", width: "160", height: "90" }), one.alt)));
    group.addEventListener("change", () => {
      drawPreview();
      changed();
    });
    return group;
  }

  function showShipped() {
    inputs = null;
    fill(body,
      h("p", {}, t("help_sees", { from: name(without.from) })),
      preview(context, language, without, { without, pictures }),
      editable && h("button", {
        type: "button",
        class: "button quiet",
        "aria-label": t("help_write_of", { language: spoken }),
        on: { click: write },
      }, t("help_write")));
  }

  function write() {
    show({ ...without, meters: {} });
    changed();
    focusOn(inputs?.title);
  }

  function drop() {
    show(null);
    body.prepend(h("p", { class: "box" }, t("help_dropped", { from: name(without.from) })));
    changed();
    focusOn(body.querySelector("button"));
  }

  /** @param {HelpText | null} text */
  function show(text) {
    if (!text) {
      showShipped();
      return;
    }
    const help = h("p", { class: "muted small", id: `steps-${language}-help` }, t("help_field_steps_help"));
    const titleInput = h("input", {
      id: `title-${language}`,
      type: "text",
      maxlength: TITLE_LENGTH,
      lang: language,
      value: text.title,
      readonly: !editable,
    });
    const title = field(titleInput, t("help_field_title"));
    const lines = h("textarea", {
      id: `steps-${language}`, rows: "9", maxlength: STEPS_LENGTH, lang: language, readonly: !editable, "aria-describedby": help.id,
    });
    lines.value = text.steps.join("\n");
    const steps = field(lines, t("help_field_steps"), help);
    const drawings = editable
      ? pictureChoice(text.picture)
      : h("fieldset", { hidden: true },
        h("input", { type: "radio", checked: true, value: text.picture || "", "aria-label": t("help_field_picture") }));
    const [bw, colour, scan, total] = KINDS.map((kind) => meterField(kind, text));
    const meters = { BW: bw, COLOUR: colour, SCAN: scan, TOTAL: total };
    const told = h("p", { class: "muted small", id: `meters-${language}-help` }, t("help_meters_help"));
    inputs = { title: titleInput, steps: lines, pictures: drawings, meters, parts: { title, steps, picture: steps, ...meters } };
    drawPreview();
    fill(body, title.element, steps.element,
      h("fieldset", { class: "stack", "aria-describedby": told.id },
        h("legend", {}, t("help_meters")),
        told,
        KINDS.map((kind) => meters[kind].element)),
      drawings,
      h("section", {}, h("h2", {}, t("help_preview")), seen),
      editable && h("button", {
        type: "button",
        class: "button quiet",
        "aria-label": t("help_drop_of", { language: spoken }),
        on: { click: drop },
      }, t("help_drop")));
  }

  return {
    element,
    text: typed,
    show,
    clear: () => {
      if (inputs) for (const part of Object.values(inputs.parts)) unmark(part.input, part.wrong, part.help);
    },
    fail: (part, words) => {
      const found = inputs?.parts[part];
      if (!found) return;
      const { input, wrong } = found;
      wrong.textContent = words;
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", wrong.id);
      focusOn(input);
    },
    first: () => (inputs ? inputs.title : body.querySelector("button")),
  };
}
