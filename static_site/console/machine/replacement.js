// A machine was replaced: end values of the old one, number and start values of the new one; seen first, then stored.
import { openDialog } from "/shared/dialog.js";
import { fill, focusOn, h, refusal, sameKey, say } from "/shared/page.js";
import { showFailure } from "../parts.js";
import { today } from "../day.js";
import { offerNewer } from "../dialog.js";
import { showDoubt } from "./doubt.js";
import { sinceDrawn } from "./newer.js";
/** @import { Context } from "../../types/console" */
/** @import { EntryField, Finding, MachineMeter, ActPlace, SwapField } from "../../types/records" */

const STALE = ["changed_meanwhile", "no_period", "not_found"];

/** Whether a machine can be replaced here. @param {ActPlace["machine"]} machine */
export const replaceable = ({ active, due_on: due, meters }) => active && Boolean(due) && meters.some((one) => one.period);

/**
 * Opens the dialog. Whatever is typed, the check says what it thinks and what would happen; only then can it be stored.
 * @param {Context} context
 * @param {ActPlace} place
 */
export function askReplacement(context, { node, machine, stopped, done, reload }) {
  const { t } = context;
  const meters = machine.meters.filter((one) => one.period);
  const key = sameKey();
  /** @type {Map<string, { value: string, reason: string }>} */
  const reasons = new Map();
  let seen = "";
  let busy = false;
  const failure = h("div");
  const preview = h("div");

  /** @param {string} id @param {string} label @param {HTMLInputElement} input @returns {SwapField} */
  const fieldOf = (id, label, input) => {
    const wrong = h("p", { class: "error", id: `${id}-wrong` });
    input.id = id;
    input.setAttribute("aria-describedby", wrong.id);
    return { input, wrong, element: h("div", { class: "field" }, h("label", { for: id }, label), input, wrong) };
  };
  /** @param {string} value */
  const text = (value) => h("input", { type: "text", maxlength: "60", autocomplete: "off", value });
  /** @param {string} value */
  const counter = (value) => h("input", { type: "text", inputmode: "numeric", class: "digits", autocomplete: "off", value });

  const day = fieldOf("swap-day", t("acts_day"), h("input", { type: "date", max: today(), value: today() }));
  const serial = fieldOf("swap-serial", t("swap_serial"), text(""));
  const maker = fieldOf("swap-maker", t("stock_maker"), text(machine.maker));
  const model = fieldOf("swap-model", t("stock_model"), text(machine.model));

  const ends = meters.map((meter) => {
    const { input, wrong, element } = fieldOf(`swap-end-${meter.id}`, t("swap_end"), counter(String(meter.period?.value ?? "")));
    return { meter, input, wrong, element, before: "", advice: h("div") };
  });
  const starts = meters.map((meter) => ({ meter, ...fieldOf(`swap-start-${meter.id}`, t("swap_start"), counter("0")) }));

  /** @param {MachineMeter} meter @param {number} n */
  function row(meter, n) {
    const previous = meter.period?.previous;
    const last = previous ? t("entry_last", { value: previous.value, day: t.date(previous.read_on) }) : t("entry_first");
    return h("fieldset", { class: "swap-meter" },
      h("legend", {}, meter.label, " ", h("span", { class: "muted" }, last)),
      h("div", { class: "swap-pair" }, ends[n].element, starts[n].element), ends[n].advice);
  }

  /** @param {{ input: HTMLInputElement }} field */
  const typed = ({ input }) => input.value.trim();

  function body() {
    const confirm = Object.fromEntries(ends.flatMap((field) => {
      const given = reasons.get(field.meter.id);
      return given && given.value === typed(field) ? [[field.meter.id, given.reason]] : [];
    }));
    return {
      read_on: day.input.value,
      values: Object.fromEntries(ends.map((field) => [field.meter.id, typed(field)])),
      starts: Object.fromEntries(starts.map((field) => [field.meter.id, typed(field)])),
      serial: typed(serial),
      maker: typed(maker),
      model: typed(model),
      version: machine.version,
      ...(Object.keys(confirm).length ? { confirm } : {}),
    };
  }

  /** @type {[string, SwapField][]} */
  const fields = [
    ["read_on", day], ["serial", serial], ["maker", maker], ["model", model],
    ...ends.map((field) => /** @type {[string, SwapField]} */ ([`values.${field.meter.id}`, field])),
    ...starts.map((field) => /** @type {[string, SwapField]} */ ([`starts.${field.meter.id}`, field])),
  ];

  function clear() {
    fill(failure);
    fill(preview);
    for (const [, { input, wrong }] of fields) {
      fill(wrong);
      input.removeAttribute("aria-invalid");
    }
    for (const field of ends) fill(field.advice);
  }

  /** @param {Finding[]} findings */
  function doubt(findings) {
    /** @type {HTMLElement | null} */
    let first = null;
    for (const field of /** @type {EntryField[]} */ (ends)) {
      const about = findings.filter((one) => one.meter_id === field.meter.id && ["block", "warn"].includes(one.severity));
      if (!about.length) continue;
      field.input.setAttribute("aria-invalid", "true");
      first ??= showDoubt(t, field, about, {
        meters,
        take: (values) => {
          for (const other of ends) if (other.meter.id in values) other.input.value = String(values[other.meter.id]);
          reasons.clear();
          look();
        },
        insist: (reason) => {
          reasons.set(field.meter.id, { value: typed(field), reason });
          look();
        },
      });
    }
    const general = findings.filter((one) => !ends.some((field) => field.meter.id === one.meter_id));
    if (general.length) fill(failure, h("div", { class: "box warn" }, general.map((one) => h("p", {}, one.text))));
    focusOn(first ?? failure);
    say(findings.map((one) => one.text).join(" "));
  }

  /** @param {unknown} error */
  function refused(error) {
    const told = refusal(error);
    const wrong = fields.find(([name]) => name === told.field)?.[1];
    if (told.facts.findings?.length) doubt(told.facts.findings);
    else if (wrong && !STALE.includes(told.code)) {
      fill(wrong.wrong, told.message);
      wrong.input.setAttribute("aria-invalid", "true");
      wrong.input.focus();
    } else {
      showFailure(context, failure, error);
      if (STALE.includes(told.code)) offerNewer(t, failure, dialog, reload, () => sinceDrawn(context, machine, [], stopped));
    }
  }

  const path = /** @type {const} */ (`/api/staff/machines/${encodeURIComponent(machine.id)}/replacement`);

  /** @param {() => Promise<void>} act */
  async function once(act) {
    if (busy) return;
    busy = true;
    button.setAttribute("aria-disabled", "true");
    try {
      await act();
    } catch (error) {
      refused(error);
    } finally {
      busy = false;
      button.removeAttribute("aria-disabled");
    }
  }

  /** The check, and in words what would happen. */
  function look() {
    return once(async () => {
      const asked = body();
      clear();
      const { readings } = await context.call("POST", path, { body: { ...asked, dry_run: true }, signal: stopped });
      if (JSON.stringify(asked) !== JSON.stringify(body())) return; // Typed on meanwhile: that is to be looked at, not this.
      const last = meters.map((meter) => (
        t("machine_meter_value", { meter: meter.label, value: readings.find((one) => one.meter_id === meter.id)?.value ?? "" })));
      const first = starts.map((field) => `${field.meter.label} ${typed(field)}`);
      const box = h("div", { class: "box", tabindex: -1, role: "group", "aria-label": t("swap_preview") },
        h("p", {}, t("swap_old", { old: machine.serial || machine.id, day: t.date(asked.read_on), values: last.join(", ") })),
        h("p", {}, t("swap_new", {
          serial: asked.serial, model: asked.model, contract: machine.contract.id, values: first.join(", "),
          day: t.date(machine.due_on ?? asked.read_on),
        })),
        h("p", { class: "muted" }, t("swap_provisional")));
      fill(preview, box);
      seen = JSON.stringify(asked);
      button.textContent = t("swap_go");
      focusOn(box);
      say(box.textContent ?? "");
    });
  }

  function store() {
    return once(async () => {
      const asked = body();
      await context.call("POST", path, { body: asked, key: key(asked), signal: stopped });
      dialog.close();
      done(t("swap_done", { old: machine.serial || machine.id, serial: asked.serial }));
    });
  }

  const button = h("button", { type: "submit", class: "button" }, t("swap_look"));
  const dialog = openDialog(node, t("swap_title"), h("form", {
    class: "stack swap",
    novalidate: true,
    on: {
      submit: (event) => {
        event.preventDefault();
        if (seen === JSON.stringify(body())) store();
        else look();
      },
      input: () => {
        if (seen === JSON.stringify(body())) return;
        seen = "";
        fill(preview);
        button.textContent = t("swap_look");
      },
    },
  },
  h("p", {}, t("swap_what")),
  day.element, meters.map(row),
  h("div", { class: "swap-pair" }, serial.element, model.element, maker.element),
  failure, preview,
  h("div", { class: "buttons" }, button,
    h("button", { type: "button", class: "button quiet", on: { click: () => dialog.close() } }, t("cancel")))), "stack");
}
