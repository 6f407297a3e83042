// A question that must be answered before something happens: a form in a dialog of its own.
import { openDialog } from "/shared/dialog.js";
import { fill, h, refusal } from "/shared/page.js";
import { showFailure } from "./parts.js";
/** @import { Context, Question } from "../types/console" */
/** @import { Child, Voice } from "../types/page" */

/** The question was about what is no more: answered again it would be refused again. */
const STALE = [
  "changed_meanwhile", "not_released", "already_exported", "not_exported_yet", "not_found", "not_replaced", "replacement_taken_over",
  "nothing_missing",
];

/**
 * Below a refusal: what differs, where it can be read, and the way to the newer state, which leaves the dialog.
 * @param {Voice} t
 * @param {HTMLElement} failure
 * @param {{ close(): void }} dialog
 * @param {() => void} renew
 * @param {() => Promise<Child>} [newer]
 */
export function offerNewer(t, failure, dialog, renew, newer) {
  const differs = h("div");
  failure.append(differs, h("p", { class: "buttons" }, h("button", {
    type: "button",
    class: "button quiet",
    on: {
      click: () => {
        dialog.close();
        renew();
      },
    },
  }, t("entry_reload"))));
  newer?.().then((told) => fill(differs, told), () => {}); // The way on is there without it.
}

/**
 * Opens a dialog over `node`. `content` stands above the buttons; `act()` does what is asked: its refusal is
 * shown in the dialog, which then stays. Afterwards `done(answer)` is called. Escape and "cancel" give up.
 * With `renew()` a question that has become stale offers to see the newer state; `newer()` is what differs.
 * @param {Context} context
 * @param {HTMLElement} node
 * @template Result
 * @param {Question<Result>} question
 */
export function ask(context, node, { title, content, go, act, done, renew, newer }) {
  const { t } = context;
  const failure = h("div");
  let busy = false;

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    busy = true;
    fill(failure);
    try {
      const answer = await act();
      dialog.close();
      done(answer);
    } catch (error) {
      showFailure(context, failure, error);
      if (renew && STALE.includes(refusal(error).code)) offerNewer(t, failure, dialog, renew, newer);
    } finally {
      busy = false;
    }
  }

  const dialog = openDialog(node, title,
    h("form", { class: "stack", on: { submit } },
      content,
      failure,
      h("div", { class: "buttons" },
        h("button", { type: "submit", class: "button", "aria-keyshortcuts": "Control+Enter" }, go),
        h("button", { type: "button", class: "button quiet", on: { click: () => dialog.close() } }, t("cancel")))), "stack");
  return dialog;
}

/**
 * One of several, each with what follows from it: [{value, text, what}]. Nothing is chosen beforehand.
 * @param {string} name
 * @param {string} legend
 * @param {{ value: string, text: string, what: string }[]} options
 */
export function choices(name, legend, options) {
  return h("fieldset", { class: "choices" },
    h("legend", {}, legend),
    options.map(({ value, text, what }) => {
      const id = `${name}-${value}`;
      return h("div", { class: "choice" },
        h("input", { type: "radio", name, value, id, required: true, "aria-describedby": `${id}-what` }),
        h("div", {}, h("label", { for: id }, text), h("p", { class: "muted small", id: `${id}-what` }, what)));
    }));
}

/**
 * The chosen value of `choices` in a form.
 * @param {HTMLElement} element
 * @returns {string}
 */
export const chosenOf = (element) => {
  const chosen = element.querySelector("input:checked");
  return chosen instanceof HTMLInputElement ? chosen.value : "";
};
