// All keys that work, over any page: what "?" opens.
import { openDialog } from "/shared/dialog.js";
import { h } from "/shared/page.js";
/** @import { Context } from "../types/console" */

/** @type {[group: string, keys: [key: string, does: string][]][]} what each place adds stands here, and nowhere else */
const KEYS = [
  ["keys_everywhere", [
    ["/", "keys_search"],
    ["1 … 6", "keys_places"],
    ["Tab", "keys_tab"],
    ["keys_control_enter", "keys_submit"],
    ["?", "keys_sheet"],
  ]],
  ["keys_list", [
    ["↑ ↓", "keys_row"],
    ["K J", "keys_row"],
    ["← →", "keys_cell"],
    ["keys_pages", "keys_far"],
    ["↵", "keys_open"],
    ["keys_space", "keys_choose"],
    ["⇧ ↑ ↓", "keys_range"],
    ["keys_control_a", "keys_all"],
    ["F", "keys_filter"],
    ["Esc", "keys_escape"],
  ]],
  ["keys_review", [
    ["A", "keys_accept"],
    ["V", "keys_take"],
    ["R", "keys_ask"],
    ["S", "keys_estimate"],
    ["Z", "keys_defer"],
    ["⇧ A V R S Z", "keys_group"],
    ["U", "keys_undo"],
    ["B", "keys_photo"],
    ["G", "keys_release"],
  ]],
  ["keys_request", [
    ["T", "keys_test_mail"],
    ["W", "keys_resend"],
    ["X", "keys_revoke"],
    ["E", "keys_enter"],
  ]],
  ["keys_customer", [
    ["N", "keys_note"],
    ["W", "keys_link"],
    ["X", "keys_revoke"],
    ["L", "keys_lift"],
  ]],
  ["keys_machine", [
    ["E", "keys_enter"],
    ["N", "keys_note"],
    ["K", "machine_previous"],
    ["J", "machine_next"],
  ]],
  ["journal_title", [
    ["P", "keys_person"],
    ["O", "keys_record"],
  ]],
];

/**
 * Listens on the whole page; whoever writes in a field writes a question mark.
 * @param {() => Context} context
 * @param {() => HTMLElement} over
 */
export function keySheetByKey(context, over) {
  addEventListener("keydown", (event) => {
    const writes = event.target instanceof Element && event.target.closest("input, select, textarea, [contenteditable], dialog");
    if (event.key !== "?" || event.ctrlKey || event.altKey || event.metaKey || writes) return;
    event.preventDefault();
    openSheet(context(), over());
  });
}

/** Control and Enter press the filled button of a form from any of its fields: in a text of several lines Enter alone is a line. */
export function sendByKey() {
  addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
    const form = event.target instanceof Element ? event.target.closest("form") : null;
    const button = form?.querySelector("button[type=submit]:not(.quiet, :disabled, [hidden])");
    if (!form || !(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    form.requestSubmit(button);
  });
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 */
function openSheet({ t }, node) {
  /** A name of a key, or the sign that it carries. @param {string} key */
  const sign = (key) => (key.startsWith("keys_") ? t(key) : key);
  const dialog = openDialog(node, t("keys_title"), [
    h("div", { class: "key-sheet" }, KEYS.map(([group, keys]) => h("section", {},
      h("h3", {}, t(group)),
      h("dl", {}, keys.map(([key, does]) => h("div", {}, h("dt", {}, h("kbd", {}, sign(key))), h("dd", {}, t(does)))))))),
    h("div", { class: "buttons" },
      h("button", { type: "button", class: "button quiet", on: { click: () => dialog.close() } }, t("keys_close"))),
  ], "keys-dialog");
}
