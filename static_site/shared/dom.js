// Elements without markup strings: what people or the API wrote is only ever text here.

/**
 * Builds an element. `props`: attributes by name; `class`; `on` = {event: listener};
 * true sets an empty attribute, false/null/undefined leave it out. Children: nodes, text, lists; null is skipped.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "value") {
      element.value = value;
    } else {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Replaces the content of a node. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Moves focus to something that is not a control, without leaving it in the tab order. */
export function focusOn(element) {
  if (!element) return;
  if (!element.matches("a[href], button, input, select, textarea")) element.setAttribute("tabindex", "-1");
  element.focus();
}

/** Says something to screen readers through the page's one polite live region (`#said`). */
export function say(text) {
  const region = document.getElementById("said");
  region.textContent = "";
  setTimeout(() => {
    region.textContent = text;
  }, 60);
}
