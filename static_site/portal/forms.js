// Forms of the screens on demand: labelled fields with room for their fault, sending once at a time.
import { both, fill, h } from "/shared/page.js";
/** @import { Child, Voice } from "../types/page" */
/** @import { App, FieldOptions, FormField } from "../types/portal" */

export const texts = both({
  error_sign: ["Fehler:", "Error:"],
  email: ["E-Mail-Adresse", "E-mail address"],
  email_bad: [
    "Bitte geben Sie eine E-Mail-Adresse ein, zum Beispiel name@firma.de.",
    "Please enter an e-mail address, for example name@company.com.",
  ],
});

/**
 * A button that does `action`, or without one submits its form. `kind`: "", "quiet".
 * @param {string} text
 * @param {string} kind
 * @param {(event: MouseEvent) => unknown} [action]
 */
export const button = (text, kind, action) => h("button", {
  type: action ? "button" : "submit",
  class: `button ${kind}`.trim(),
  on: action ? { click: action } : {},
},
  text);

/** @param {...string | false | null | undefined} lines */
export const paragraphs = (...lines) => lines.filter(Boolean).map((line) => h("p", {}, line));

/**
 * A labelled field with room for its fault: {element, input, fail(text), clear()}. `attributes` are the
 * input's; with `tag` it is another element, with `hint` a sentence stands below the label.
 * @param {Voice} t
 * @param {string} id
 * @param {string} label
 * @template {"input" | "textarea"} [Tag="input"]
 * @param {FieldOptions<Tag>} [options]
 * @returns {FormField<HTMLElementTagNameMap[Tag]>}
 */
export function field(t, id, label, { tag, hint, ...attributes } = {}) {
  const input = /** @type {HTMLElementTagNameMap[Tag]} */ (h(tag ?? "input", {
    id,
    class: "wide",
    "aria-describedby": `${id}-hint ${id}-error`,
    ...attributes,
  }));
  const error = h("p", { class: "error", id: `${id}-error` });
  return {
    input,
    element: h("div", { class: "field" },
      h("label", { for: id }, label),
      h("p", { class: "muted small", id: `${id}-hint` }, hint),
      error,
      input),
    /** @param {string} text */
    fail(text) {
      fill(error, h("span", { class: "unseen" }, `${t("error_sign")} `), text);
      input.setAttribute("aria-invalid", "true");
      input.focus();
    },
    clear() {
      fill(error);
      input.removeAttribute("aria-invalid");
    },
  };
}

/**
 * Whether a text has the form of an address; whether it exists, only a mail can tell.
 * @param {string} text
 */
export const looksLikeMail = (text) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);

/**
 * A form that sends once at a time; `send` throws what the API refuses, `more(error)` is what stands below its words.
 * @param {App} app
 * @param {Child} children
 * @param {() => unknown} send
 * @param {(error: unknown) => Child} [more]
 */
export function form(app, children, send, more = () => null) {
  const notice = h("div", { role: "alert" });
  let busy = false;
  return h("form", {
    novalidate: true,
    class: "stacked",
    on: {
      submit: async (event) => {
        event.preventDefault();
        if (busy) return;
        busy = true;
        fill(notice);
        try {
          await send();
        } catch (error) {
          if (error instanceof TypeError) reportError(error); // Our own mistake: not to be hidden by the words.
          fill(notice, h("div", { class: "box bad" }, h("p", {}, app.words(error)), more(error)));
        }
        busy = false;
      },
    },
  }, notice, children);
}
