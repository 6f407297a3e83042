// QR stickers: one per machine; its code opens that machine's card. Chosen here, printed by the browser.
import { placeWords } from "/meter.js";
import { both, fill, h } from "/shared/page.js";
import { drawn } from "/shared/svg.js";
/** @import { Answer, Voice } from "../types/page" */
/** @import { SignedIn, Sticker } from "../types/portal" */

export const texts = both({
  stickers_title: ["QR-Aufkleber drucken", "Print QR stickers"],
  stickers_lead: [
    "Ein Aufkleber je Gerät: Mit der Handykamera gelesen, führt er nach der Anmeldung direkt zu diesem Gerät.",
    "One sticker per machine: read by a phone’s camera, it leads straight to that machine after signing in.",
  ],
  stickers_none: ["Für diese Firma ist Ihnen kein Gerät zugeordnet.", "No machine of this company is assigned to you."],
  stickers_place: ["Standort", "Location"],
  stickers_everywhere: ["Alle Standorte", "All locations"],
  stickers_nowhere: ["Ohne Standort", "No location"],
  stickers_size: ["Größe", "Size"],
  stickers_small: ["Klein (3 je Reihe)", "Small (3 in a row)"],
  stickers_large: ["Groß (2 je Reihe)", "Large (2 in a row)"],
  stickers_count: [["{count} Aufkleber", "{count} Aufkleber"], ["{count} sticker", "{count} stickers"]],
  stickers_print: ["Drucken", "Print"],
  stickers_scan: ["Zählerstand melden", "Report meter reading"],
  stickers_code: ["QR-Code für {machine}", "QR code for {machine}"],
  stickers_loading: ["Aufkleber werden vorbereitet …", "Preparing stickers …"],
});

/**
 * @param {Voice} t
 * @param {Sticker} sticker
 */
function code(t, sticker) {
  return drawn("svg", {
    viewBox: `0 0 ${sticker.size} ${sticker.size}`,
    role: "img",
    class: "code",
    "aria-label": t("stickers_code", { machine: sticker.serial || sticker.machine_id }),
  }, drawn("path", { d: sticker.path }));
}

/**
 * @param {Voice} t
 * @param {Sticker} sticker
 */
function sheet(t, sticker) {
  const { location } = sticker;
  const lines = [sticker.serial, sticker.customer_no, [location.site, placeWords(t, location)].filter(Boolean).join(" · ")];
  return h("li", { class: "sticker" }, code(t, sticker),
    h("div", {},
      h("p", {}, h("strong", {}, t("stickers_scan"))),
      h("p", {}, sticker.model),
      lines.filter(Boolean).map((line) => h("p", { class: "small" }, line))));
}

/**
 * @param {SignedIn} app
 * @param {(count: number) => unknown} told
 */
async function everySticker(app, told) {
  const found = [];
  /** @type {string | null} */
  let cursor = null;
  do {
    /** @type {Answer<"GET", "/api/stickers">} */
    const page = await app.call("GET", cursor ? `/api/stickers?cursor=${encodeURIComponent(cursor)}` : "/api/stickers");
    found.push(...page.stickers);
    cursor = page.next_cursor;
    told(found.length);
  } while (cursor);
  return found;
}

/**
 * @param {SignedIn} app
 * @param {HTMLElement} node
 */
export async function screen(app, node) {
  const { t } = app;
  const heading = h("h1", {}, t("stickers_title"));
  const progress = h("p", { class: "muted", role: "status" }, t("stickers_loading"));
  fill(node, heading, progress);
  const stickers = await everySticker(app, (count) => fill(progress, `${t("stickers_loading")} ${t.number(count)}`));
  if (!stickers.length) {
    fill(node, heading, h("p", { class: "box" }, t("stickers_none")));
    return heading;
  }
  const sites = [...new Set(stickers.map((sticker) => sticker.location.site || ""))];
  const place = h("select", { id: "sticker-place" },
    h("option", { value: "*" }, t("stickers_everywhere")),
    sites.map((site) => h("option", { value: site }, site || t("stickers_nowhere"))));
  const size = h("select", { id: "sticker-size" }, ["small", "large"].map((name) => h("option", { value: name }, t(`stickers_${name}`))));
  const count = h("p", { role: "status" });
  const list = h("ul", { class: "stickers" });
  const draw = () => {
    const chosen = stickers.filter((sticker) => place.value === "*" || (sticker.location.site || "") === place.value);
    list.className = `stickers ${size.value}`;
    fill(list, chosen.map((sticker) => sheet(t, sticker)));
    fill(count, t("stickers_count", { count: chosen.length }));
  };
  [place, size].forEach((choice) => choice.addEventListener("change", draw));
  fill(node, heading, h("p", { class: "no-print" }, t("stickers_lead")),
    h("div", { class: "buttons no-print" },
      sites.length > 1 && h("div", { class: "field" }, h("label", { for: place.id }, t("stickers_place")), place),
      h("div", { class: "field" }, h("label", { for: size.id }, t("stickers_size")), size)),
    h("div", { class: "buttons no-print" },
      count,
      h("button", { type: "button", class: "button", on: { click: () => print() } }, t("stickers_print"))),
    list);
  draw();
  return heading;
}
