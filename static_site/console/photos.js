// Photos that customers send to show a disputed value: small beside the value, in full size over the page.
import { h } from "/shared/page.js";

function showLarge(desk, node, photo, words) {
  const { t } = desk;
  const dialog = h("dialog", { class: "large", "aria-labelledby": "photo-title" },
    h("h2", { id: "photo-title" }, words),
    h("img", { src: photo.url, alt: words }),
    h("div", { class: "buttons" }, h("button", { type: "button", class: "button", on: { click: () => dialog.close() } }, t("photo_close"))));
  dialog.addEventListener("close", () => dialog.remove());
  node.append(dialog);
  dialog.showModal();
}

/** The photos of a reading, each opening in full size over `node`. Their addresses are good for 15 minutes. */
export function photosOf(desk, node, row) {
  const { t } = desk;
  return (row.photos || []).map((photo) => {
    const words = t("photo_of", { machine: row.machine_id, meter: row.label || row.meter_id, time: t.time(photo.sent_at) });
    return h("button", { type: "button", class: "photo", on: { click: () => showLarge(desk, node, photo, words) } },
      h("img", { src: photo.url, alt: words, width: "120", height: "90", loading: "lazy" }), h("span", { class: "small" }, t("photo_open")));
  });
}
