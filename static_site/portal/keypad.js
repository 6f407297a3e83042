// The phone's keypad: field and button in view above it while it is open, whole hints once it closes.
/** @import { App, Card, Row } from "../types/portal" */

const EDGE = 8; // pixels that field and button keep from what covers the page

/**
 * The card of a field.
 * @param {EventTarget | null} target
 * @returns {Card | undefined}
 */
const cardOf = (target) => (target instanceof HTMLInputElement && target.matches(".digits")
  ? /** @type {Row | null} */ (target.closest("li"))?.card
  : undefined);

/** What the keypad leaves of the window. */
function seen() {
  const view = window.visualViewport;
  return view ? { top: view.offsetTop, bottom: view.offsetTop + view.height } : { top: 0, bottom: innerHeight };
}

/**
 * Scrolls only where the field in use or its card's button is covered: then both are in view, the field winning.
 * @param {EventTarget | null} target
 */
function bring(target) {
  const card = cardOf(target);
  if (!card || !(target instanceof HTMLElement)) return;
  const { top, bottom } = seen();
  const bar = card.overview.bar?.hidden === false ? card.overview.bar.offsetHeight : 0;
  const field = (target.closest(".meter") || target).getBoundingClientRect();
  const button = card.submitButton.getBoundingClientRect();
  const below = button.bottom + EDGE - (bottom - bar);
  const above = field.top - EDGE - top;
  if (above < 0) scrollBy(0, above);
  else if (below > 0) scrollBy(0, Math.min(below, above));
}

let begun = false;

/**
 * Goes along with the page from its first touch on.
 * @param {App} app
 */
export function begin(app) {
  if (begun) return;
  begun = true;
  let pointed = false;
  addEventListener("pointerdown", () => { pointed = true; }, { capture: true, passive: true });
  addEventListener("keydown", () => { pointed = false; }, { capture: true, passive: true });
  document.addEventListener("focusin", ({ target }) => setTimeout(bring, 0, target));
  window.visualViewport?.addEventListener("resize", () => bring(document.activeElement));
  document.addEventListener("focusout", ({ target, relatedTarget }) => {
    const card = cardOf(target);
    if (!card || cardOf(relatedTarget)) return;
    // What a finger is about to press stays under it.
    const pressed = relatedTarget instanceof Element && relatedTarget.matches("button, a, input, select, summary");
    if (pointed && pressed && card.element.contains(relatedTarget)) return;
    setTimeout(() => {
      if (!cardOf(document.activeElement)) app.part("doubt").then((doubt) => doubt.unfoldAll(app), () => {});
    });
  });
}
