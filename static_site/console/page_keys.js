// Letters that act on a page as a whole.

/**
 * Tells of letters as long as the page is there: pressed on the page, or where nothing has the focus, as after a reload;
 * never in a field or a dialog. `act(letter)` says whether it was one of its own.
 * @param {HTMLElement} node
 * @param {AbortSignal} stopped
 * @param {(letter: string) => unknown} act
 */
export function pageKeys(node, stopped, act) {
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (!(target instanceof Element) || (target !== document.body && !node.contains(target))) return;
    if (target.closest("input, select, textarea, dialog") || document.querySelector("dialog[open]")) return;
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (act(event.key.toLowerCase())) event.preventDefault();
  }, { signal: stopped });
}
