// One language of a page that explains how to read a counter: its fields, and how customers see it.
import { fill, focusOn, h } from "/shared/page.js";
import { KINDS } from "./limits.js";

const TITLE_LENGTH = "120";
const STEPS_LENGTH = "3800";
const SENTENCE_LENGTH = "300";

/** Whether two texts say the same; null is "nothing of our own". */
export const sameText = (one, other) => JSON.stringify(plainText(one)) === JSON.stringify(plainText(other));

const plainText = (text) => (text ? [text.title, text.steps, text.picture || null, KINDS.map((kind) => sentence(text, kind))] : null);

/** The own sentence about a kind of meter; drafts of an earlier version of this page have none. */
const sentence = (text, kind) => text.meters?.[kind] || "";

/** The name of a kind of meter in the clerk's words. */
export const meterName = (t, kind) => t("help_meter", { kind: t(`kind_${kind}`) });

/** A text as customers see it, in its own language. `without`: what they see where the dealer wrote nothing. */
export function preview(desk, language, text, { without, pictures }) {
  const { t } = desk;
  const picture = pictures.find((one) => one.name === text.picture);
  if (!text.title && !text.steps.length && !picture && !KINDS.some((kind) => sentence(text, kind))) return h("p", { class: "muted" }, t("help_preview_empty"));
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
 */
export function languageFields(desk, language, { without, name, pictures, editable, changed }) {
  const { t } = desk;
  const spoken = t(`help_language_${language}`);
  const body = h("div", { class: "stack" });
  const seen = h("div");
  let inputs = null;

  const element = h("fieldset", { class: "language" }, h("legend", {}, spoken), body);

  function typed() {
    if (!inputs) return null;
    const steps = inputs.steps.value.split("\n").map((step) => step.trim()).filter(Boolean);
    const picture = inputs.pictures.querySelector("input:checked").value;
    const meters = Object.fromEntries(KINDS.map((kind) => [kind, inputs.parts[kind].input.value.replace(/\s+/g, " ").trim()]).filter(([, words]) => words));
    return { title: inputs.title.value.trim(), steps, picture: picture || null, meters };
  }

  function drawPreview() {
    fill(seen, preview(desk, language, typed(), { without, pictures }));
  }

  function field(part, input, label, help) {
    const wrong = h("p", { class: "fault", id: `${input.id}-fault` });
    input.addEventListener("input", () => {
      unmark(input, wrong, help);
      drawPreview();
      changed();
    });
    return { input, wrong, help, element: h("div", { class: "field" }, h("label", { for: input.id }, label), help, input, wrong) };
  }

  function unmark(input, wrong, help) {
    input.removeAttribute("aria-invalid");
    if (help) input.setAttribute("aria-describedby", help.id);
    else input.removeAttribute("aria-describedby");
    wrong.textContent = "";
  }

  function meterField(kind, text) {
    const id = `meter-${kind}-${language}`;
    const help = h("p", { class: "muted small", id: `${id}-help` }, t("help_meter_without"), " ", h("span", { lang: language }, without.meters[kind]));
    const input = h("textarea", { id, rows: "2", maxlength: SENTENCE_LENGTH, lang: language, readonly: !editable, "aria-describedby": help.id });
    input.value = sentence(text, kind);
    return field(kind, input, meterName(t, kind), help);
  }

  function pictureChoice(chosen) {
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
      preview(desk, language, without, { without, pictures }),
      editable && h("button", { type: "button", class: "button quiet", "aria-label": t("help_write_of", { language: spoken }), on: { click: write } }, t("help_write")));
  }

  function write() {
    show({ ...without, meters: {} });
    changed();
    focusOn(inputs.title);
  }

  function drop() {
    show(null);
    body.prepend(h("p", { class: "box" }, t("help_dropped", { from: name(without.from) })));
    changed();
    focusOn(body.querySelector("button"));
  }

  function show(text) {
    if (!text) {
      showShipped();
      return;
    }
    const help = h("p", { class: "muted small", id: `steps-${language}-help` }, t("help_field_steps_help"));
    const title = field("title", h("input", { id: `title-${language}`, type: "text", maxlength: TITLE_LENGTH, lang: language, value: text.title, readonly: !editable }), t("help_field_title"));
    const steps = field("steps", h("textarea", { id: `steps-${language}`, rows: "9", maxlength: STEPS_LENGTH, lang: language, readonly: !editable, "aria-describedby": help.id }), t("help_field_steps"), help);
    steps.input.value = text.steps.join("\n");
    const drawings = editable ? pictureChoice(text.picture) : h("fieldset", { hidden: true }, h("input", { type: "radio", checked: true, value: text.picture || "", "aria-label": t("help_field_picture") }));
    const meters = Object.fromEntries(KINDS.map((kind) => [kind, meterField(kind, text)]));
    const told = h("p", { class: "muted small", id: `meters-${language}-help` }, t("help_meters_help"));
    inputs = { title: title.input, steps: steps.input, pictures: drawings, parts: { title, steps, picture: steps, ...meters } };
    drawPreview();
    fill(body, title.element, steps.element,
      h("fieldset", { class: "stack", "aria-describedby": told.id }, h("legend", {}, t("help_meters")), told, KINDS.map((kind) => meters[kind].element)),
      drawings,
      h("section", {}, h("h2", {}, t("help_preview")), seen),
      editable && h("button", { type: "button", class: "button quiet", "aria-label": t("help_drop_of", { language: spoken }), on: { click: drop } }, t("help_drop")));
  }

  return {
    element,
    text: typed,
    show,
    clear: () => {
      if (inputs) for (const part of Object.values(inputs.parts)) unmark(part.input, part.wrong, part.help);
    },
    fail: (part, words) => {
      const { input, wrong } = inputs.parts[part];
      wrong.textContent = words;
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", wrong.id);
      focusOn(input);
    },
    first: () => (inputs ? inputs.title : body.querySelector("button")),
  };
}
