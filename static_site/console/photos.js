// Photos that customers send to show a disputed value: small beside the value, in full size over the page.
import { openDialog } from "/shared/dialog.js";
import { h } from "/shared/page.js";
/** @import { Context, Photo, ReadingRow } from "../types/console" */

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Photo} photo
 * @param {string} words
 */
function showLarge(context, node, photo, words) {
  const { t } = context;
  const dialog = openDialog(node, words, [
    h("img", { src: photo.url, alt: words }),
    h("div", { class: "buttons" },
      h("button", { type: "button", class: "button", on: { click: () => dialog.close() } }, t("photo_close"))),
  ], "large");
}

/**
 * The photos of a reading, each opening in full size over `node`. Their addresses are good for 15 minutes.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Pick<ReadingRow, "photos" | "machine_id" | "label" | "meter_id">} row
 */
export function photosOf(context, node, row) {
  const { t } = context;
  return (row.photos || []).map((photo) => {
    const words = t("photo_of", { machine: row.machine_id, meter: row.label || row.meter_id, time: t.time(photo.sent_at) });
    return h("button", { type: "button", class: "photo", on: { click: () => showLarge(context, node, photo, words) } },
      h("img", {
        src: photo.url,
        alt: words,
        width: "120",
        height: "90",
        loading: "lazy",
      }), h("span", { class: "small" }, t("photo_open")));
  });
}
