// Fields of the schedule: the days of reminders, and contracts with terms of their own.
import { fill, h } from "/shared/page.js";
/** @import { Voice } from "../../types/page" */
/** @import { OwnRow, OwnTerms, ReminderDay, ReminderFields } from "../../types/schedule" */

/** Where a person counts from. @param {ReminderDay} day */
const kindOf = (day) => {
  if (day.since === "request") return "request";
  return day.days < 0 ? "before" : "after";
};

/** As all others. @type {OwnTerms} */
const OPEN_TERMS = { lead_days: null, grace_days: null, reminders: null, last_step: null };

/** A whole number as typed; NaN for everything else. @param {string} text */
export const whole = (text) => (/^\d{1,4}$/.test(text.trim()) ? Number(text) : Number.NaN);

/** An own number of days, null where the field leaves it to the dealer's. @param {HTMLInputElement} field */
const ownNumber = (field) => field.value.trim() ? whole(field.value) : null;

/** A field for a number of days. @param {string} id @param {Record<string, unknown>} more */
export const daysInput = (id, more = {}) => h("input", {
  id, type: "text", inputmode: "numeric", maxlength: "4", autocomplete: "off", class: "limit", ...more,
});

/**
 * What follows on the last reminder.
 * @param {Voice} t
 * @param {string} id
 * @param {{ own?: string, editable: boolean }} options `own`: the contract's number, where "as above" is a choice
 */
export const lastStepSelect = (t, id, { own, editable }) => h("select", {
  id, disabled: !editable, "aria-label": own === undefined ? null : t("schedule_step_of", { number: own }),
}, [...(own === undefined ? [] : [""]), "calls", "estimate"].map((one) => h("option", { value: one }, t(`schedule_step_${one || "own"}`))));

/**
 * @param {Voice} t
 * @param {string} id
 * @param {{ own?: string, editable: boolean }} options `own`: the contract's number, where "as above" is a choice
 * @returns {ReminderFields}
 */
export function reminderFields(t, id, { own, editable }) {
  const rows = [1, 2].map((place) => {
    const name = [t(`schedule_reminder_${place}`), own].filter(Boolean).join(" ");
    const kinds = [...(own === undefined || place > 1 ? [] : ["own_none"]), "none", "request", "before", "after"];
    const kind = h("select", { id: `${id}-${place}-kind`, "aria-label": name, disabled: !editable },
      kinds.map((one) => h("option", { value: one }, t(`schedule_${one}`))));
    const days = daysInput(`${id}-${place}-days`, { "aria-label": t("schedule_days_of", { name }), readonly: !editable });
    kind.addEventListener("change", draw);
    return { kind, days };
  });

  function draw() {
    for (const { kind, days } of rows) days.hidden = ["none", "own_none"].includes(kind.value);
    rows[1].kind.hidden = rows[0].days.hidden;
    rows[1].days.hidden ||= rows[0].days.hidden;
  }

  return {
    element: h("div", { class: "filters" }, rows.map(({ kind, days }) => [days, kind])),
    show(found) {
      for (const [place, { kind, days }] of rows.entries()) {
        const day = found?.[place];
        kind.value = day ? kindOf(day) : "none";
        days.value = day && !Number.isNaN(day.days) ? String(Math.abs(day.days)) : "";
      }
      if (!found) rows[0].kind.value = "own_none";
      draw();
    },
    days() {
      if (rows[0].kind.value === "own_none") return null;
      return rows.filter(({ days }) => !days.hidden).map(({ kind, days }) => ({
        since: kind.value === "request" ? "request" : "due",
        days: whole(days.value) * (kind.value === "before" ? -1 : 1),
      }));
    },
  };
}

/**
 * A row for each contract with terms of its own.
 * @param {Voice} t
 * @param {boolean} editable
 * @param {() => void} changed is told when a row is added or taken away
 */
export function ownTerms(t, editable, changed) {
  /** @type {OwnRow[]} */
  let rows = [];
  let made = 0;
  const list = h("ul", { class: "own-terms" });
  const add = h("button", { type: "button", class: "button quiet", on: { click: another } }, t("schedule_own_add"));

  /** @param {string} name @param {OwnTerms} terms @returns {OwnRow} */
  function row(name, terms) {
    made += 1;
    const id = `own-${made}`;
    const shown = name || t("schedule_own_number");
    const number = h("input", { id: `${id}-number`, type: "text", maxlength: "64", autocomplete: "off", value: name, readonly: !editable });
    const lead = daysInput(`${id}-lead`, { value: String(terms.lead_days ?? ""), readonly: !editable });
    const grace = daysInput(`${id}-grace`, { value: String(terms.grace_days ?? ""), readonly: !editable });
    const reminders = reminderFields(t, id, { own: shown, editable });
    reminders.show(terms.reminders);
    const step = lastStepSelect(t, `${id}-step`, { own: shown, editable });
    step.value = terms.last_step ?? "";
    const remove = h("button", {
      type: "button", class: "link", "aria-label": t("schedule_own_remove_full", { number: shown }),
      on: { click: () => take(number) },
    }, t("schedule_own_remove"));
    const element = h("li", { class: "filters" },
      h("div", { class: "field" }, h("label", { for: number.id }, t("schedule_own_number")), number),
      h("div", { class: "field" }, h("label", { for: lead.id }, t("schedule_own_lead")), lead),
      h("div", { class: "field" }, h("label", { for: grace.id }, t("schedule_grace_days")), grace),
      reminders.element, step, editable && remove);
    return { number, lead, grace, reminders, step, element };
  }

  /** @param {string} name @param {OwnTerms} terms */
  function append(name, terms) {
    const added = row(name, terms);
    rows.push(added);
    list.append(added.element);
    return added;
  }

  function another() {
    append("", OPEN_TERMS).number.focus();
    changed();
  }

  /** @param {HTMLInputElement} number whose row goes */
  function take(number) {
    rows.find((one) => one.number === number)?.element.remove();
    rows = rows.filter((one) => one.number !== number);
    add.focus();
    changed();
  }

  return {
    element: h("div", {}, list, editable && add),
    /** @param {Record<string, OwnTerms>} found */
    show(found) {
      rows = Object.entries(found).map(([name, terms]) => row(name, terms));
      fill(list, rows.map((one) => one.element));
    },
    /**
     * Turns to the row of a contract, which is begun where it may be; nothing is kept of it before somebody types.
     * @param {string} name
     * @returns {boolean} whether it has terms of its own
     */
    turnTo(name) {
      const found = rows.find((one) => one.number.value.trim() === name);
      (found ?? (editable ? append(name, OPEN_TERMS) : null))?.lead.focus();
      return Boolean(found);
    },
    /** @returns {Record<string, OwnTerms>} */
    terms: () => Object.fromEntries(rows.filter((one) => one.number.value.trim()).map(({ number, lead, grace, reminders, step }) => [
      number.value.trim(),
      {
        lead_days: ownNumber(lead), grace_days: ownNumber(grace), reminders: reminders.days(),
        last_step: /** @type {OwnTerms["last_step"]} */ (step.value || null),
      }])),
  };
}
