// Notes: written about a customer or a machine by the button or the key N, withdrawn in the time line.
import { h, sameKey, say } from "/shared/page.js";
import { ask } from "../dialog.js";
import { pageKeys } from "../page_keys.js";
/** @import { Context } from "../../types/console" */
/** @import { Note, NoteSubject } from "../../types/records" */

const LONGEST = 1000;

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {{ about: NoteSubject, name: () => string, stopped: AbortSignal, changed: () => unknown }} subject
 */
export function noteButton(context, node, { about, name, stopped, changed }) {
  const { t } = context;
  if (!context.may("remind")) return null;
  const shelf = `note/${about.machine_id ?? about.company_id}`;

  function write() {
    const text = h("textarea", { id: "note-text", rows: "5", maxlength: String(LONGEST), required: true });
    const key = sameKey();
    text.value = sessionStorage.getItem(shelf) ?? "";
    text.addEventListener("input", () => sessionStorage.setItem(shelf, text.value));
    ask(context, node, {
      title: t("note_title"),
      content: [
        h("p", { class: "muted" }, t("note_lead", { name: name() })),
        h("div", { class: "field" }, h("label", { for: text.id }, t("note_text")), text),
      ],
      go: t("note_save"),
      act: () => {
        const body = { ...about, text: text.value };
        return context.call("POST", "/api/staff/notes", { body, key: key(body), signal: stopped });
      },
      done: () => {
        sessionStorage.removeItem(shelf);
        say(t("note_saved"));
        changed();
      },
    });
    text.focus();
  }

  const button = h("button", { type: "button", class: "button quiet", "aria-keyshortcuts": "n", on: { click: write } },
    t("note_button"), " ", h("kbd", { "aria-hidden": "true" }, "N"));
  pageKeys(node, stopped, (letter) => {
    const meant = letter === "n" && button.isConnected;
    if (meant) write();
    return meant;
  });
  return button;
}

/**
 * The button behind one's own note, as long as it can be withdrawn.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Note} note
 * @param {() => unknown} changed
 */
export function withdrawButton(context, node, { id, text, withdrawable }, changed) {
  const { t } = context;
  if (!withdrawable || !context.may("remind")) return null;
  const withdraw = () => ask(context, node, {
    title: t("note_withdraw_title"),
    content: [h("p", { class: "told" }, t("quoted", { text })), h("p", {}, t("note_withdraw_what"))],
    go: t("note_withdraw_go"),
    act: () => context.call("POST", `/api/staff/notes/${encodeURIComponent(id)}/withdrawal`),
    done: () => {
      say(t("note_withdrawn"));
      changed();
    },
  });
  return h("button", {
    type: "button", class: "link", "aria-label": t("note_withdraw_of", { text }), on: { click: withdraw },
  }, t("note_withdraw"));
}
