// Dialogs of both pages. Stands on nothing else: the portal has page.js within another file.

/**
 * Opens a dialog that is named by its heading, over everything else; it leaves the page when it is closed.
 * @param {HTMLElement} node what it belongs to
 * @param {string} title
 * @param {Node | Node[]} content
 * @param {string} [kind] its class
 * @returns {HTMLDialogElement}
 */
export function openDialog(node, title, content, kind = "") {
  const dialog = Object.assign(document.createElement("dialog"), { className: kind });
  const heading = Object.assign(document.createElement("h2"), { id: "dialog-title", textContent: title });
  dialog.setAttribute("aria-labelledby", heading.id);
  dialog.append(heading, ...[content].flat());
  dialog.addEventListener("close", () => dialog.remove());
  node.append(dialog);
  dialog.showModal();
  return dialog;
}
