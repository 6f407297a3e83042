// Enters readings for a customer who called or wrote: the portal's check with the portal's words.
import { fill, focusOn, h, refusal, sameKey, say } from "/shared/page.js";
import { remembered, showFailure } from "../parts.js";
import { who } from "../staff_session.js";
import { showDoubt } from "./doubt.js";
import { linesOfEntry, showNewer } from "./newer.js";
/** @import { Context } from "../../types/console" */
/** @import { Refused } from "../../types/page" */
/** @import { EntryField, EntryPlace, Finding, KeptEntry, MachineMeter } from "../../types/records" */

const CHANNELS = ["PHONE", "EMAIL", "LETTER", "TECHNICIAN"];
const FINAL = ["released", "billed"];

/** @param {MachineMeter} meter */
const closed = (meter) => Boolean(meter.period?.state && FINAL.includes(meter.period.state));

/**
 * Why nothing can be entered, or "".
 * @param {EntryPlace["machine"]} machine
 */
export function whyNot({ active, due_on: due, meters, replaced_by: other }) {
  if (other) return "entry_replaced";
  const billed = meters.filter((one) => one.period);
  if (!active || !due || !billed.length) return "entry_no_period";
  return billed.every(closed) ? "entry_closed" : "";
}

/**
 * @param {Context} context
 * @param {EntryPlace} place
 */
export function entryForm(context, place) {
  const { t } = context;
  const { machine, contacts, stopped } = place;
  const meters = machine.meters.filter((one) => one.period);
  const shelf = `entry.${who().id}.${machine.id}`;
  const draft = /** @type {KeptEntry | null} */ (remembered.get(shelf)) ?? place.proposed ?? null;
  const key = sameKey();
  let version = draft?.version ?? machine.version;
  let busy = false;
  const failure = h("div");

  const readOn = meters.map((one) => one.period?.read_on).find(Boolean) ?? "";
  const day = h("input", { type: "date", id: "entry-day", "aria-describedby": "entry-day-help", value: draft?.read_on ?? readOn });
  const channel = h("select", { id: "entry-channel", value: "" },
    CHANNELS.map((name) => h("option", { value: name }, t(`channel_${name}`))));
  channel.value = draft?.channel ?? CHANNELS[0];
  const known = contacts.filter((one) => one.active);
  const reporter = h("select", { id: "entry-reporter" },
    h("option", { value: "" }, t("entry_nobody")),
    known.map((one) => h("option", { value: one.id }, one.name || t("contact_no", { id: one.id }))));
  reporter.value = draft?.reporter ?? known.find((one) => one.reports.includes(machine.contract.id))?.id ?? "";

  /** @param {MachineMeter} meter @returns {EntryField} */
  function fieldOf(meter) {
    const before = String(meter.period?.value ?? "");
    const id = `entry-${meter.id}`;
    const wrong = h("p", { class: "error", id: `${id}-wrong` });
    const input = h("input", {
      type: "text",
      inputmode: "numeric",
      class: "digits",
      id,
      autocomplete: "off",
      "aria-describedby": `${wrong.id} ${id}-expected`,
      value: draft?.values[meter.id] ?? before,
      on: {
        input: () => {
          fill(wrong);
          fill(field.advice);
          input.removeAttribute("aria-invalid");
        },
      },
    });
    const field = { meter, input, before, wrong, advice: h("div") };
    return field;
  }

  const fields = meters.filter((meter) => !closed(meter)).map(fieldOf);

  /** @param {EntryField} field */
  function row({ meter, input, wrong, advice }) {
    const { period, expected } = meter;
    const previous = period?.previous;
    const last = previous ? t("entry_last", { value: previous.value, day: t.date(previous.read_on) }) : t("entry_first");
    const range = expected && previous && t("entry_expected", { low: previous.value + expected.low, high: previous.value + expected.high });
    return h("div", { class: "enter-meter" },
      h("label", { for: input.id }, meter.label, " ", h("span", { class: "muted" }, last)),
      h("div", { class: "row" }, input, h("span", { class: "muted", id: `${input.id}-expected` }, range)),
      wrong, advice);
  }

  const changed = () => fields.filter((field) => field.input.value.trim() && field.input.value.trim() !== field.before);

  function keep() {
    const values = Object.fromEntries(fields.map((field) => [field.meter.id, field.input.value]));
    /** @type {KeptEntry} */
    const entry = { version, values, read_on: day.value, channel: channel.value, reporter: reporter.value };
    remembered.put(shelf, changed().length ? entry : null);
  }

  function drop() {
    remembered.put(shelf, null);
    place.reload();
  }

  /** @param {Finding[]} findings */
  function ask(findings) {
    /** @type {HTMLElement | null} */
    let first = null;
    for (const field of fields) {
      const about = findings.filter((one) => one.meter_id === field.meter.id && ["block", "warn"].includes(one.severity));
      if (!about.length) continue;
      field.input.setAttribute("aria-invalid", "true");
      const box = showDoubt(t, field, about, {
        meters,
        take: (values) => {
          for (const other of fields) {
            if (!(other.meter.id in values)) continue;
            other.input.value = String(values[other.meter.id]);
            fill(other.advice);
          }
          reasons.clear();
          save();
        },
        insist: (reason) => {
          reasons.set(field.meter.id, { value: field.input.value.trim(), reason });
          save();
        },
      });
      first ??= box;
    }
    const general = findings.filter((one) => !fields.some((field) => field.meter.id === one.meter_id));
    if (general.length) fill(failure, h("div", { class: "box warn" }, general.map((one) => h("p", {}, one.text))));
    focusOn(first ?? failure);
    say(findings.map((one) => one.text).join(" "));
  }

  /** @type {Map<string, { value: string, reason: string }>} */
  const reasons = new Map();

  /** @param {Refused} error */
  function released({ message, facts }) {
    const on = facts.released_on && ` ${t("entry_released_on", { day: t.date(facts.released_on) })}`;
    fill(failure, h("div", { class: "box warn", role: "alert" },
      h("p", {}, message, on),
      h("div", { class: "buttons" }, h("button", { type: "button", class: "button quiet", on: { click: drop } }, t("entry_reload")))));
  }

  /** @param {unknown} error @param {Record<string, string>} typed */
  function refused(error, typed) {
    const told = refusal(error);
    const at = fields.find((field) => told.field === `values.${field.meter.id}`);
    if (told.code === "needs_confirmation") ask(told.facts.findings ?? []);
    else if (told.code === "already_released") released(told);
    else if (told.code === "changed_meanwhile") {
      const lines = linesOfEntry(t, { facts: told.facts, meters, typed });
      showNewer(t, failure, { lines, mine: "newer_mine", reload: drop, keep: () => {
        version = told.facts.version ?? version;
        keep();
        fill(failure, h("p", { class: "box", role: "status" }, t("newer_kept")));
        fields.find((field) => field.meter.id in typed)?.input.focus();
      } });
    } else if (at) {
      fill(at.wrong, told.message);
      at.input.setAttribute("aria-invalid", "true");
      at.input.focus();
    } else showFailure(context, failure, error);
  }

  async function save() {
    if (busy) return;
    fill(failure);
    const sent = changed();
    if (!sent.length) {
      fill(failure, h("p", { class: "box warn", role: "alert" }, t("entry_nothing")));
      fields[0]?.input.focus();
      return;
    }
    busy = true;
    button.setAttribute("aria-disabled", "true");
    keep();
    const values = Object.fromEntries(sent.map((field) => [field.meter.id, field.input.value.trim()]));
    const confirm = Object.fromEntries(sent.flatMap((field) => {
      const given = reasons.get(field.meter.id);
      return given && given.value === field.input.value.trim() ? [[field.meter.id, given.reason]] : [];
    }));
    const body = {
      values,
      version,
      channel: channel.value,
      ...(day.value ? { read_on: day.value } : {}),
      ...(reporter.value ? { reporter: reporter.value } : {}),
      ...(Object.keys(confirm).length ? { confirm } : {}),
    };
    try {
      const path = /** @type {const} */ (`/api/staff/machines/${encodeURIComponent(machine.id)}/readings`);
      const { readings } = await context.call("PUT", path, { body, key: key(body), signal: stopped });
      remembered.put(shelf, null);
      context.model().ask("refresh", {});
      const words = meters.flatMap((meter) => {
        const stored = readings.find((one) => one.meter_id === meter.id);
        return stored ? [t("machine_meter_value", { meter: meter.label, value: stored.value })] : [];
      });
      await place.saved(t("entry_saved", { values: words.join(", ") }));
    } catch (error) {
      refused(error, values);
    } finally {
      busy = false;
      button.removeAttribute("aria-disabled");
    }
  }

  const button = h("button", { type: "submit", class: "button", "aria-keyshortcuts": "Control+Enter" }, t("entry_save"));
  const form = h("form", {
    class: "enter panel-body",
    novalidate: true,
    on: {
      submit: (event) => {
        event.preventDefault();
        save();
      },
      input: keep,
    },
  },
  h("div", { class: "enter-how" },
    h("div", {}, h("label", { for: day.id }, t("entry_day")), day,
      h("p", { class: "muted help", id: "entry-day-help" }, t("entry_day_help"))),
    h("div", {}, h("label", { for: channel.id }, t("entry_channel")), channel),
    h("div", { class: "whole" }, h("label", { for: reporter.id }, t("entry_reporter")), reporter)),
  meters.map((meter) => {
    const field = fields.find((one) => one.meter === meter);
    return field ? row(field) : h("p", {}, h("strong", {}, meter.label), ` ${t.number(meter.period?.value)} `,
      h("span", { class: "mark good" }, t("entry_released")));
  }),
  failure,
  h("div", { class: "buttons" }, button,
    h("button", { type: "button", class: "button quiet", on: { click: drop } }, t("entry_drop"))));
  return { element: form, focus: () => fields[0]?.input.focus() };
}
