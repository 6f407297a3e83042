// Styles of a part of the page that only some people see.
import { h } from "/shared/page.js";

/** @type {Map<string, Promise<unknown>>} each asked for once; settled also where they do not come */
const asked = new Map();

/** @param {string} href */
export function stylesheet(href) {
  const found = asked.get(href) ?? new Promise((go) => {
    document.head.append(h("link", { rel: "stylesheet", href, on: { load: go, error: go } }));
  });
  asked.set(href, found);
  return found;
}
