// What is done about counters that are final: a release is withdrawn, an exported value corrected, a reset entered.
import { fill, h, sameKey } from "/shared/page.js";
import { panel } from "../customer/tables.js";
import { ask } from "../dialog.js";
import { today } from "../day.js";
import { estimable, estimateAct } from "./estimate.js";
import { sinceDrawn } from "./newer.js";
import { askReplacement, replaceable } from "./replacement.js";
/** @import { Context } from "../../types/console" */
/** @import { Child, Voice } from "../../types/page" */
/** @import { ActsPlace, MachineMeter, ReleasedValue } from "../../types/records" */

/**
 * @param {string} label
 * @param {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} input
 * @param {Child} [help]
 */
const field = (label, input, help = null) => h("div", { class: "field" }, h("label", { for: input.id }, label), input, help);

const reasonField = () => h("textarea", { id: "act-reason", rows: "3", minlength: "3", maxlength: "500", required: true });

/** @param {string} id @param {string} [help] */
const counter = (id, help = "") => h("input", {
  id, type: "text", inputmode: "numeric", autocomplete: "off", required: true, "aria-describedby": help || null,
});

/**
 * @param {Voice} t
 * @param {MachineMeter[]} meters
 * @param {ReleasedValue} value
 */
function named(t, meters, value) {
  const label = meters.find((one) => one.id === value.meter_id)?.label ?? value.meter_id;
  return { meter: label, value: value.value, day: t.date(value.read_on) };
}

/**
 * The panel for those who release; `said` is what was done just before.
 * @param {Context} context
 * @param {ActsPlace} place
 */
export function actsPanel(context, { node, machine, stopped, done, reload, said }) {
  const { t } = context;
  const { meters, version } = machine;

  /** @param {string} words */
  function finished(words) {
    context.model().ask("refresh", {});
    done(words);
  }

  /** @param {string[]} about meters */
  const newer = (about) => sinceDrawn(context, machine, about, stopped);

  /** @param {ReleasedValue} value */
  function withdraw(value) {
    const facts = named(t, meters, value);
    const reason = reasonField();
    const key = sameKey();
    ask(context, node, {
      title: t("acts_withdraw_title"),
      content: [h("p", {}, t("acts_withdraw_what", facts)), field(t("reason"), reason)],
      go: t("acts_withdraw_go"),
      act: () => {
        const body = { reason: reason.value.trim(), version };
        const path = /** @type {const} */ (`/api/staff/readings/${encodeURIComponent(value.id)}/withdrawal`);
        return context.call("POST", path, { body, key: key(body), signal: stopped });
      },
      done: () => finished(t("acts_withdrawn", facts)),
      renew: reload,
      newer: () => newer([value.meter_id]),
    });
  }

  /** @param {ReleasedValue} value */
  function correct(value) {
    const facts = named(t, meters, value);
    const right = counter("act-value");
    const reason = reasonField();
    const key = sameKey();
    ask(context, node, {
      title: t("acts_correct_title"),
      content: [h("p", {}, t("acts_correct_what", facts)), field(t("acts_value"), right), field(t("reason"), reason)],
      go: t("acts_correct_go"),
      act: () => {
        const body = { value: right.value.trim(), reason: reason.value.trim(), version };
        const path = /** @type {const} */ (`/api/staff/readings/${encodeURIComponent(value.id)}/reversal`);
        return context.call("POST", path, { body, key: key(body), signal: stopped });
      },
      done: (answer) => finished(t("acts_corrected", { meter: facts.meter, before: facts.value, value: answer.value })),
      renew: reload,
      newer: () => newer([value.meter_id]),
    });
  }

  function reset() {
    const meter = h("select", { id: "act-meter" }, meters.map((one) => h("option", { value: one.id }, one.label)));
    const end = counter("act-end", "act-last");
    const start = counter("act-start");
    const day = h("input", { id: "act-day", type: "date", required: true, max: today(), value: today() });
    const last = h("p", { class: "muted small", id: "act-last" });
    const key = sameKey();
    const chosen = () => meters.find((one) => one.id === meter.value);
    function known() {
      const newest = chosen()?.history[0];
      fill(last, newest ? t("entry_last", { value: newest.value, day: t.date(newest.read_on) }) : t("entry_first"));
    }
    start.value = "0";
    meter.addEventListener("change", known);
    known();
    ask(context, node, {
      title: t("acts_reset_title"),
      content: [
        h("p", {}, t("acts_reset_what")),
        field(t("meter"), meter),
        field(t("acts_end"), end, last),
        field(t("acts_start"), start),
        field(t("acts_day"), day),
      ],
      go: t("acts_reset_go"),
      act: () => {
        const body = { meter_id: meter.value, read_on: day.value, end: end.value.trim(), start: start.value.trim(), version };
        const path = /** @type {const} */ (`/api/staff/machines/${encodeURIComponent(machine.id)}/resets`);
        return context.call("POST", path, { body, key: key(body), signal: stopped });
      },
      done: (answer) => finished(t("acts_reset_done", { meter: chosen()?.label ?? "", value: answer.value })),
      renew: reload,
      newer: () => newer([meter.value]),
    });
  }

  /** @param {NonNullable<ActsPlace["machine"]["replaced_by"]>} other */
  function takeBack(other) {
    const old = machine.serial || machine.id;
    const key = sameKey();
    ask(context, node, {
      title: t("swap_undo_title"),
      content: [
        h("p", {}, t("swap_undo_old", { old, day: t.date(other.on) })),
        h("p", {}, t("swap_undo_new", { serial: other.serial || other.id })),
      ],
      go: t("swap_undo_go"),
      act: () => {
        const body = { version };
        const path = /** @type {const} */ (`/api/staff/machines/${encodeURIComponent(machine.id)}/replacement/withdrawal`);
        return context.call("POST", path, { body, key: key(body), signal: stopped });
      },
      done: () => finished(t("swap_undone", { old })),
      renew: reload,
      newer: () => newer([]),
    });
  }

  /** @param {ReleasedValue} value @returns {Child} */
  function line(value) {
    const facts = named(t, meters, value);
    const [act, words] = value.exported ? [correct, "acts_correct"] : [withdraw, "acts_withdraw"];
    return h("li", {},
      h("span", {}, h("strong", {}, t("machine_meter_value", facts)), " ",
        h("span", { class: "muted" }, t(value.exported ? "acts_exported" : "acts_waiting", facts))),
      h("button", {
        type: "button", class: "link", "aria-label": t(`${words}_of`, facts), on: { click: () => act(value) },
      }, t(words)));
  }

  const { replaced_by: successor } = machine;
  const estimate = estimable(machine) ? estimateAct(context, { node, machine, stopped, done: finished, reload }) : null;
  const told = said && h("p", { class: "box good", tabindex: -1 }, said);
  const element = panel(t("acts"), null, h("div", { class: "panel-body acts" },
    told,
    machine.released.length > 0 && h("ul", {}, machine.released.map(line)),
    estimate?.failure,
    meters.length > 0 && h("div", { class: "buttons" },
      estimate?.button,
      h("button", { type: "button", class: "button quiet", on: { click: reset } }, t("acts_reset")),
      replaceable(machine) && h("button", {
        type: "button",
        class: "button quiet",
        on: { click: () => askReplacement(context, { node, machine, stopped, done: finished, reload }) },
      }, t("swap")),
      successor && h("button", {
        type: "button", class: "button quiet", on: { click: () => takeBack(successor) },
      }, t("swap_undo")))));
  return { element, told };
}
