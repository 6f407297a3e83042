// A question that must be answered before something happens: a form in a dialog of its own.
import { fill, h } from "/shared/page.js";
import { showFailure } from "./parts.js";

/**
 * Opens a dialog over `node`. `content` stands above the buttons; `act()` does what is asked: its refusal is
 * shown in the dialog, which then stays. Afterwards `done(answer)` is called. Escape and "cancel" give up.
 */
export function ask(desk, node, { title, content, go, act, done }) {
  const { t } = desk;
  const failure = h("div");
  let busy = false;

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
      showFailure(desk, failure, error);
    } finally {
      busy = false;
    }
  }

  const dialog = h("dialog", { "aria-labelledby": "dialog-title" },
    h("form", { class: "stack", on: { submit } },
      h("h2", { id: "dialog-title" }, title),
      content,
      failure,
      h("div", { class: "buttons" },
        h("button", { type: "submit", class: "button" }, go),
        h("button", { type: "button", class: "button quiet", on: { click: () => dialog.close() } }, t("cancel")))));
  dialog.addEventListener("close", () => dialog.remove());
  node.append(dialog);
  dialog.showModal();
  return dialog;
}

/** One of several, each with what follows from it: [{value, text, what}]. Nothing is chosen beforehand. */
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

/** The chosen value of `choices` in a form. */
export const chosenOf = (element) => element.querySelector("input:checked").value;
