// Somebody else was faster: what stands there now beside what was typed, and a way on with either.
import { fill, focusOn, h } from "/shared/page.js";
/** @import { Facts, Voice } from "../../types/page" */
/** @import { MachineMeter } from "../../types/records" */

/**
 * @param {Voice} t
 * @param {HTMLElement} node
 * @param {{ facts: Facts, meters: MachineMeter[], typed: Record<string, string>, reload: () => void, keep: () => void }} place
 */
export function showNewer(t, node, { facts, meters, typed, reload, keep }) {
  const standing = facts.readings ?? [];
  const rows = meters.filter((meter) => meter.id in typed || standing.some((one) => one.meter_id === meter.id)).map((meter) => {
    const now = standing.find((one) => one.meter_id === meter.id);
    const who = now && [now.reported_by?.name, t.time(now.reported_at)].filter(Boolean).join(", ");
    return h("tr", {},
      h("th", { scope: "row" }, meter.label),
      h("td", { "data-label": t("newer_now") },
        now ? [t("newer_value", { value: now.value, day: t.date(now.read_on) }), h("span", { class: "line muted" }, who)] : "–"),
      h("td", { "data-label": t("newer_mine"), class: "bold" }, typed[meter.id] ?? "–"));
  });
  const box = h("div", { class: "box warn", role: "alert" },
    h("p", {}, h("strong", {}, t("newer"))),
    h("table", {},
      h("thead", {}, h("tr", {}, ["meter", "newer_now", "newer_mine"].map((name) => h("th", { scope: "col" }, t(name))))),
      h("tbody", {}, rows)),
    h("div", { class: "buttons" },
      h("button", { type: "button", class: "button", on: { click: reload } }, t("entry_reload")),
      h("button", { type: "button", class: "button quiet", on: { click: keep } }, t("newer_keep"))));
  fill(node, box);
  focusOn(box);
}
