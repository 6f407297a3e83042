// The parts of a sheet's result that ask for no decision: rows that are not recognised, machines that are ready.
import { button } from "/forms.js";
import { h } from "/shared/page.js";
/** @import { Child, Voice } from "../../types/page" */
/** @import { Told } from "../../types/portal" */

/** @typedef {Told["not_recognised"][number]} Left */

/**
 * A part: its sign and heading, what is said beside them, what can be done, and its table.
 * @param {{ sign: string, kind: string, title: string, beside: Child, act: Child }} head
 * @param {...Child} children
 */
export const part = ({ sign, kind, title, beside, act }, ...children) => h("section", { class: "sheet-part" },
  h("div", { class: "part-head" },
    h("h2", {}, h("span", { class: `sign of-${kind}`, "aria-hidden": "true" }, sign), title),
    h("p", { class: "muted" }, beside),
    act),
  children);

/**
 * A table with a name, which scrolls by itself where it is wider than the window.
 * @param {Voice} t
 * @param {string} label
 * @param {string[]} columns
 * @param {Child} bodies
 * @param {string} [kind]
 */
export const table = (t, label, columns, bodies, kind = "") =>
  h("div", { class: "wide-table", tabindex: "0", role: "region", "aria-label": label },
    h("table", { class: `sheet-table number ${kind}`.trim() },
      h("thead", {}, h("tr", {}, columns.map((key) => h("th", { scope: "col", class: key }, t(key))))),
      bodies));

/** @param {{ model: string, serial: string }} machine */
export const named = ({ model, serial }) => [h("strong", {}, model), " ", serial];

/**
 * The rows, each once, with all that is said of it.
 * @param {Left[]} left
 */
export function linesOf(left) {
  /** @type {Map<number, { line: number, text: string, reasons: Set<string> }>} */
  const lines = new Map();
  for (const { line, text, reason } of left) {
    const found = lines.get(line) ?? { line, text, reasons: new Set() };
    lines.set(line, found);
    found.reasons.add(reason);
  }
  return [...lines.values()];
}

/**
 * @param {Voice} t
 * @param {Told} told
 * @param {() => unknown} mend
 */
export function notRecognised(t, { not_recognised: left }, mend) {
  if (!left.length) return null;
  const lines = linesOf(left);
  const title = t("sheet_left", { count: lines.length });
  const act = button(t("sheet_mend", { count: lines.length }), "quiet", mend);
  return part({ sign: "✕", kind: "left", title, beside: t("sheet_mended"), act },
    table(t, title, ["sheet_line", "sheet_text", "sheet_reason"], h("tbody", {}, lines.map(({ line, text, reasons }) =>
      h("tr", {}, h("td", {}, t.number(line)), h("td", {}, text), h("td", {}, [...reasons].join(" ")))))));
}

const FEW = 10; // machines that are shown at once

/**
 * @param {Voice} t
 * @param {Told} told
 */
export function ready(t, { dry_run: isPreview, taken }) {
  if (!taken.length) return null;
  const title = t(isPreview ? "sheet_ready" : "sheet_stored", { count: taken.length });
  const readings = taken.flatMap((one) => one.readings);
  const kinds = [...new Set(readings.map(({ kind }) => kind))].map((kind) =>
    t("sheet_kind", { n: readings.filter((one) => one.kind === kind).length, kind: t(`kind_${kind}`) }));
  const beside = t("sheet_of_kinds", { values: t("sheet_values", { count: readings.length }), kinds: kinds.join(", ") });
  const rows = h("div", { hidden: taken.length > FEW });
  const draw = () => rows.replaceChildren(table(t, title, ["sheet_line", "sheet_machine", "sheet_meter", "sheet_new"],
    h("tbody", {}, taken.map((one) => one.readings.map((reading) => h("tr", {},
      h("td", {}, t.number(one.lines[reading.meter_id] ?? one.line)),
      h("td", {}, named(one)),
      h("td", {}, h("span", { class: `swatch ${reading.kind.toLowerCase()}`, "aria-hidden": "true" }), reading.label),
      h("td", { class: "count" }, t.number(reading.value))))))));
  if (!rows.hidden) draw();
  const act = h("button", { type: "button", class: "link fold", "aria-expanded": String(!rows.hidden), on: { click: () => {
    rows.hidden = !rows.hidden;
    if (!rows.hasChildNodes()) draw();
    act.setAttribute("aria-expanded", String(!rows.hidden));
  } } }, t("sheet_show"), h("span", { class: "unseen" }, `, ${title}`));
  return part({ sign: "✓", kind: isPreview ? "ready" : "stored", title, beside, act }, rows);
}
