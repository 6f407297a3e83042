// Numbers side by side as bars from zero, each with its name, its value and its share.
import { h } from "/shared/page.js";
import { drawn } from "/shared/svg.js";
import { percent } from "./figures.js";
/** @import { Voice } from "../../types/page" */

const [WIDTH, ROW, NAME, VALUE] = [520, 28, 150, 120];

/**
 * @param {Voice} t
 * @param {{ label: string, rows: [string, number][], whole: number }} told
 */
export function bars(t, { label, rows, whole }) {
  const most = Math.max(1, ...rows.map(([, value]) => value));
  const parts = rows.flatMap(([name, value], place) => {
    const middle = place * ROW + ROW / 2;
    return [
      drawn("text", { x: 0, y: middle + 4 }, name),
      drawn("rect", { x: NAME, y: middle - 7, height: 14, width: ((WIDTH - NAME - VALUE) * value) / most }),
      drawn("text", { x: WIDTH, y: middle + 4, "text-anchor": "end", class: "value" }, `${t.number(value)} · ${percent(t, value, whole)}`),
    ];
  });
  const said = rows.map(([name, value]) => `${name}: ${t.number(value)}`).join(", ");
  return h("div", { class: "bars", role: "group", tabindex: 0, "aria-label": label },
    drawn("svg", { viewBox: `0 0 ${WIDTH} ${rows.length * ROW}`, role: "img", "aria-label": said }, ...parts));
}
