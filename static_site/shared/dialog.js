// Dialogs of both pages.
import { h } from "/shared/page.js";
/** @import { Child } from "../types/page" */

/**
 * Opens a dialog that is named by its heading, over everything else; it leaves the page when it is closed.
 * @param {HTMLElement} node what it belongs to
 * @param {string} title
 * @param {Child} content
 * @param {string} [kind] its class
 * @returns {HTMLDialogElement}
 */
export function openDialog(node, title, content, kind = "") {
  const dialog = h("dialog", { class: kind, "aria-labelledby": "dialog-title" }, h("h2", { id: "dialog-title" }, title), content);
  dialog.addEventListener("close", () => dialog.remove());
  node.append(dialog);
  dialog.showModal();
  return dialog;
}
