// A button that opens a small panel below it; Escape, and whatever takes the focus out of it, close it.
import { h } from "/shared/page.js";

/**
 * @param {string} label
 * @param {string} kind
 * @param {(panel: HTMLElement, close: () => void) => void} draw each time it is opened
 */
export function menu(label, kind, draw) {
  const id = `panel-${kind}`;
  const panel = h("div", { class: `menu-panel ${kind}`, id, role: "group", tabindex: -1, "aria-label": label, hidden: true });
  const button = h("button", { type: "button", class: "tool", "aria-expanded": "false", "aria-controls": panel.id }, label);
  const element = h("div", { class: "menu-of" }, button, panel);
  /** @param {boolean} open */
  const show = (open) => {
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => {
    if (panel.hidden) draw(panel, () => show(false));
    show(panel.hidden);
    (panel.querySelector("input") ?? panel).focus();
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    event.stopPropagation();
    show(false);
    button.focus();
  });
  // Not at once: what is drawn anew loses the focus, and gets it back.
  element.addEventListener("focusout", () => setTimeout(() => element.contains(document.activeElement) || show(false)));
  return element;
}
