// Above which usage a second person has to accept a value: two numbers, none at first.
import { fill, h, refusal, say } from "/shared/page.js";
import { showFailure, showLost } from "./parts.js";
/** @import { Context } from "../types/console" */

const PATH = "/api/staff/release-limits";

/**
 * @param {Context} context
 * @param {AbortSignal} stopped
 */
export function secondPersonSection(context, stopped) {
  const { t } = context;
  const may = context.may("admin");
  const failure = h("div");
  const told = h("div");
  const [pages, times] = ["pages", "times"].map((name) => h("input", {
    id: `second-${name}`,
    type: "text",
    inputmode: "numeric",
    autocomplete: "off",
    readonly: true, // until what is stored has come
    "aria-describedby": "second-what",
  }));
  let version = 0;

  /** @param {{ pages: number | null, times: number | null, version: number }} stored */
  function show(stored) {
    pages.value = stored.pages === null ? "" : t.number(stored.pages);
    times.value = stored.times === null ? "" : t.number(stored.times);
    version = stored.version;
    for (const field of [pages, times]) field.readOnly = !may;
  }

  /** Digits, with or without separators; nothing is no limit. @param {string} text */
  const numberOf = (text) => (text.trim() ? Number(text.replace(/[\s.,]/g, "")) : null);

  async function load() {
    fill(failure);
    try {
      show(await context.call("GET", PATH, { signal: stopped }));
    } catch (error) {
      showLost(context, failure, error, load);
    }
  }

  /** @param {SubmitEvent} event */
  async function save(event) {
    event.preventDefault();
    fill(failure);
    fill(told);
    const body = { pages: numberOf(pages.value), times: numberOf(times.value), version };
    if ([body.pages, body.times].some((one) => one !== null && !(Number.isSafeInteger(one) && one > 0))) {
      fill(failure, h("p", { class: "box bad", role: "alert" }, t("second_wrong")));
      return;
    }
    try {
      show(await context.call("PUT", PATH, { body }));
      fill(told, h("p", { class: "box good" }, t("second_saved")));
      say(t("second_saved"));
    } catch (error) {
      showFailure(context, failure, error);
      if (refusal(error).status !== 412) return;
      failure.append(h("button", { type: "button", class: "button quiet", on: { click: load } }, t("entry_reload")));
    }
  }

  load();
  return h("section", { class: "second-person" },
    h("h2", {}, t("second_title")),
    h("p", { id: "second-what", class: "muted" }, t("second_what")),
    h("form", { class: "stack", on: { submit: save } },
      h("div", { class: "field" }, h("label", { for: pages.id }, t("second_pages")), pages),
      h("div", { class: "field" }, h("label", { for: times.id }, t("second_times")), times),
      failure,
      told,
      may && h("div", { class: "buttons" }, h("button", { type: "submit", class: "button" }, t("second_save")))));
}
