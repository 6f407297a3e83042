// What stands in the place of a list without rows: what to do, or which condition to lift.
import { fill, h } from "/shared/page.js";
import { LISTS, addressOfList } from "./address.js";
import { tokensOf } from "./conditions.js";
/** @import { Context } from "../../types/console" */
/** @import { Lifted, Shown, Spec, Window } from "../../types/stock" */

/** Nothing but the list itself. @type {Lifted} */
export const NO_CONDITION = { words: "", states: [], channels: [], due: "", company: "", contract: "", machine: "", only: "" };

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Spec & { kind: Shown }} spec
 * @param {Window} window
 * @param {(change: Lifted) => void} change
 */
export async function showEmpty(context, node, spec, window, change) {
  const { t } = context;
  const { kind } = spec;
  if (!window.all && !spec.words && LISTS.includes(kind) && tokensOf(t, spec).length <= 1) {
    fill(node, h("h2", {}, t("stock_empty")), h("a", { class: "button", href: "#/imports" }, t("stock_to_imports")));
    return;
  }
  const ways = tokensOf(t, spec).map((token) => ({ ...token, spec: { ...spec, ...token.without } }));
  if (spec.words) ways.push({ label: "", value: spec.words, without: { words: "" }, spec: { ...spec, words: "" } });
  const counts = await context.model().ask("count", { specs: ways.map((way) => way.spec) });
  fill(node,
    h("h2", {}, t(`stock_none_${kind}`)),
    h("ul", {}, ways.map(({ label, value, without, spec: other }, n) => counts[n] > 0 && h("li", {},
      h("span", {}, t("stock_without", { label, value }).replace("„ ", "„").replace("“ ", "“")),
      h("a", {
        href: addressOfList(other),
        on: {
          click: (event) => {
            if (event.ctrlKey || event.metaKey) return;
            event.preventDefault();
            change(without);
          },
        },
      }, t(`stock_of_${kind}`, { count: counts[n] }))))),
    h("button", { type: "button", class: "button quiet", on: { click: () => change(NO_CONDITION) } }, t("stock_all_off")));
}
