// The conditions of a list: tokens that can be taken away, and the menu that adds some.
import { fill, h } from "/shared/page.js";
import { STATES as ALL } from "../model/progress.js";
import { menu } from "./menu.js";
/** @import { Voice } from "../../types/page" */
/** @import { Lifted, Shown, Spec, Token } from "../../types/stock" */

const CHANNELS = ["PORTAL", "MPS", "TECHNICIAN", "PHONE", "EMAIL", "LETTER", "ESTIMATE"];

const STATES = [...ALL.slice(1), ALL[0]]; // what has nothing to report comes last

/**
 * The conditions of a spec as they are shown, each with the spec's part that lifts it.
 * @param {Voice} t
 * @param {Spec} spec
 * @returns {Token[]}
 */
export function tokensOf(t, spec) {
  /** @type {Token[]} */
  const tokens = [];
  /** @param {string} label @param {string} value @param {Lifted} without */
  const add = (label, value, without) => value && tokens.push({ label, value, without });
  add(t("company"), spec.company, { company: "" });
  add(t("contract"), spec.contract, { contract: "" });
  add(t("machine"), spec.machine, { machine: "" });
  if (spec.kind === "companies") return tokens;
  add(t("due_until"), t.date(spec.due), { due: "" });
  add(t("state"), spec.states.map((state) => t(`state_${state}`)).join(", "), { states: [] });
  add(t("channel"), spec.channels.map((channel) => t(`channel_${channel}`)).join(", "), { channels: [] });
  add(t("stock_only"), spec.only && t(`stock_only_${spec.only}`), { only: "" });
  add(t("stock_ended"), t(spec.ended ? "stock_ended_shown" : "stock_ended_hidden"), { ended: !spec.ended });
  return tokens;
}

/**
 * @param {Voice} t
 * @param {Token} token
 * @param {(without: Lifted) => void} change
 */
export function tokenElement(t, { label, value, without }, change) {
  return h("span", { class: "token" }, `${label} `, h("strong", {}, value),
    h("button", {
      type: "button",
      "aria-label": t("stock_condition_off", { label, value }),
      on: { click: () => change(without) },
    }, "×"));
}

/**
 * The menu of conditions. `counts()` tells how many rows stand in each state.
 * @param {Voice} t
 * @param {() => Spec & { kind: Shown }} spec
 * @param {(change: Lifted) => void} change
 * @param {() => Promise<Record<string, number>>} counts
 */
export function conditionMenu(t, spec, change, counts) {
  return menu(t("stock_condition"), "conditions", (panel) => {
    const { states, channels, due, ended } = spec();
    const numbers = new Map(STATES.map((state) => [state, h("span", { class: "muted number" })]));
    const count = () => counts().then((found) => {
      for (const [state, element] of numbers) element.textContent = t.number(found[state] ?? 0);
    });
    /** @param {Lifted} lifted */
    const changed = (lifted) => {
      change(lifted);
      count();
    };
    /**
     * @param {string} name
     * @param {string[]} all
     * @param {string[]} chosen
     * @param {(chosen: string[]) => Lifted} lifted
     */
    const several = (name, all, chosen, lifted) => {
      const now = new Set(chosen);
      return all.map((code) => h("label", { class: "menu-option" },
        h("input", {
          type: "checkbox",
          value: code,
          checked: now.has(code),
          on: {
            change: () => {
              if (!now.delete(code)) now.add(code);
              changed(lifted(all.filter((one) => now.has(one))));
            },
          },
        }),
        h("span", {}, t(`${name}_${code}`)),
        name === "state" && numbers.get(code)));
    };
    /** @type {HTMLInputElement} */
    const day = h("input", { type: "date", value: due, on: { change: () => changed({ due: day.value }) } });
    /** @type {HTMLInputElement} */
    const past = h("input", { type: "checkbox", checked: ended, on: { change: () => changed({ ended: past.checked }) } });
    fill(panel,
      h("fieldset", {}, h("legend", {}, t("state")), several("state", STATES, states, (chosen) => ({ states: chosen }))),
      h("fieldset", {}, h("legend", {}, t("channel")), several("channel", CHANNELS, channels, (chosen) => ({ channels: chosen }))),
      h("label", { class: "menu-day" }, h("span", {}, t("due_until")), day),
      h("label", { class: "menu-option" }, past, h("span", {}, t("stock_show_ended"))));
    count();
  });
}
