// Files that a person saves: sheets of the API, in however many parts they come, and what a page has made itself.
import { h } from "/shared/page.js";
/** @import { Context } from "../types/console" */

const BOM_BYTES = 3;

/**
 * Saves a sheet of the API; a long one comes in parts, each named by the one before in its Link header.
 * @param {Context} context
 * @param {string} path
 * @param {string} name
 */
export async function saveSheet(context, path, name) {
  const parts = [];
  let next = path;
  while (next) {
    const response = await context.call("GET", next, { file: true });
    const part = await response.blob();
    parts.push(parts.length ? part.slice(BOM_BYTES) : part);
    [, next] = (response.headers.get("link") || "").match(/<([^>]+)>;\s*rel="next"/) || [];
  }
  saveFile(new Blob(parts, { type: "text/csv" }), name);
}

/**
 * @param {Blob} content
 * @param {string} name
 */
export function saveFile(content, name) {
  const address = URL.createObjectURL(content);
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
