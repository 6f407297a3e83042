// When the portal asks and reminds by itself: lead time, hour, reminders, quiet days, and contracts of their own.
import { aborted, fill, focusOn, h, refusal } from "/shared/page.js";
import { actionButton, head, remembered, rightNeeded, showFailure, showLost } from "../parts.js";
import { daysInput, lastStepSelect, ownTerms, reminderFields, whole } from "./fields.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { Schedule, TypedSchedule, UnsavedSchedule } from "../../types/schedule" */

const PATH = "/api/staff/schedule";
const KEPT = "schedule";
const HOURS = Array.from({ length: 16 }, (_, place) => place + 5);
const LANDS = ["BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH"];
const FIELDS = /** @type {const} */ (["lead_days", "grace_days", "announce_after", "hour", "reminders", "land", "contracts"]);

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function scheduleView(context, node, { query, stopped }) {
  const { t } = context;
  const editable = context.may("admin");
  // Set by load(), before anything of the view can be used.
  /** @type {Schedule} */
  let stored;
  const failure = h("div");
  const told = h("div");
  const usual = h("div");
  const lead = daysInput("schedule-lead", { readonly: !editable, "aria-describedby": "schedule-lead_days-fault" });
  const grace = daysInput("schedule-grace", { readonly: !editable, "aria-describedby": "schedule-grace_days-fault" });
  const hour = h("select", { id: "schedule-hour", disabled: !editable },
    HOURS.map((one) => h("option", { value: String(one) }, t("schedule_hour_is", { hour: one }))));
  const reminders = reminderFields(t, "schedule-reminder", { editable });
  const weekends = h("input", { id: "schedule-weekends", type: "checkbox", disabled: !editable });
  const land = h("select", { id: "schedule-land", disabled: !editable },
    h("option", { value: "" }, t("schedule_land_none")), LANDS.map((one) => h("option", { value: one }, t(`land_${one}`))));
  const step = lastStepSelect(t, "schedule-step", { editable });
  const after = daysInput("schedule-after", { readonly: !editable, "aria-describedby": "schedule-announce_after-fault" });
  const own = ownTerms(t, editable, keep);
  const pointed = h("p", { class: "muted", role: "status" });
  const coming = h("ul", { class: "coming" });
  const faults = Object.fromEntries(FIELDS.map((field) => [
    field, h("p", { class: "fault", id: `schedule-${field}-fault`, tabindex: -1 })]));
  const body = h("div", { class: "levels", on: { input: keep, change: keep } }, h("p", { class: "muted" }, t("loading")));

  /** @returns {TypedSchedule} */
  const typed = () => ({
    lead_days: whole(lead.value),
    grace_days: whole(grace.value),
    hour: Number(hour.value),
    reminders: reminders.days() ?? [],
    weekends: weekends.checked,
    land: /** @type {TypedSchedule["land"]} */ (land.value || null),
    last_step: /** @type {TypedSchedule["last_step"]} */ (step.value),
    announce_after: whole(after.value),
    contracts: own.terms(),
  });

  /** @param {TypedSchedule} found */
  function put(found) {
    lead.value = Number.isInteger(found.lead_days) ? String(found.lead_days) : "";
    grace.value = Number.isInteger(found.grace_days) ? String(found.grace_days) : "";
    hour.value = String(found.hour);
    reminders.show(found.reminders);
    weekends.checked = found.weekends;
    land.value = found.land ?? "";
    step.value = found.last_step;
    after.value = Number.isInteger(found.announce_after) ? String(found.announce_after) : "";
    own.show(found.contracts);
  }

  /** @param {Schedule} found */
  function show(found) {
    stored = found;
    put(found);
    fill(usual, found.version === 0 && h("p", { class: "muted" }, t("schedule_usual")));
    fill(coming, found.coming.map((day) => h("li", {},
      h("span", {}, t.date(day.on)), " ", h("span", { class: day.quiet ? "muted" : null }, day.quiet ?? t("schedule_sends")))));
  }

  function tellTheirs() {
    const take = () => {
      show(stored);
      remembered.put(KEPT, null);
      fill(told);
      lead.focus();
    };
    fill(told, h("div", { class: "box warn", tabindex: -1 }, h("p", {}, t("schedule_changed_meanwhile")),
      h("button", { type: "button", class: "button quiet", on: { click: take } }, t("schedule_theirs"))));
  }

  /** Where a number is missing, by its field; null where all are there. @param {TypedSchedule} given */
  function missing(given) {
    const wrong = (/** @type {{ days: number }[] | null} */ days) => days?.some((one) => Number.isNaN(one.days));
    if (Number.isNaN(given.lead_days)) return "lead_days";
    if (Number.isNaN(given.grace_days)) return "grace_days";
    if (wrong(given.reminders)) return "reminders";
    if (Number.isNaN(given.announce_after)) return "announce_after";
    const bad = Object.values(given.contracts).some((one) => [one.lead_days, one.grace_days].some(Number.isNaN) || wrong(one.reminders));
    return bad ? "contracts" : null;
  }

  /** @param {string} field @param {string} words */
  function mark(field, words) {
    fill(faults[field], words);
    focusOn({ lead_days: lead, grace_days: grace, announce_after: after }[field] ?? faults[field]);
  }

  async function save() {
    fill(failure);
    fill(told);
    for (const field of FIELDS) fill(faults[field]);
    const given = typed();
    const lacking = missing(given);
    if (lacking) {
      mark(lacking, t("schedule_no_number"));
      return;
    }
    try {
      show(await context.call("PUT", PATH, { body: { ...given, version: stored.version }, signal: stopped }));
      remembered.put(KEPT, null);
      fill(told, h("p", { class: "box good", tabindex: -1 }, t("schedule_saved")));
      focusOn(told.firstElementChild);
    } catch (error) {
      const reason = refusal(error);
      const [place, number] = reason.field?.split(".") ?? [];
      if (reason.status === 412) await outrun();
      else if (place in faults) mark(place, [number, reason.message].filter(Boolean).join(": "));
      else showFailure(context, failure, error);
    }
  }

  async function outrun() {
    try {
      stored = await context.call("GET", PATH, { signal: stopped });
      tellTheirs();
      focusOn(told.firstElementChild);
    } catch (error) {
      if (!aborted(error)) showFailure(context, failure, error);
    }
  }

  /** What was typed in this tab and not saved, before a change of the language or a way back. */
  function restore() {
    const unsaved = editable ? /** @type {UnsavedSchedule | null} */ (remembered.get(KEPT)) : null;
    if (!unsaved) return;
    put(unsaved.typed);
    if (unsaved.version !== stored.version) tellTheirs();
    else fill(told, h("p", { class: "box", role: "status" }, t("schedule_back")));
  }

  function keep() {
    remembered.put(KEPT, { typed: typed(), version: stored.version });
  }

  /**
   * @param {HTMLElement} input
   * @param {string} label
   * @param {string} hint
   * @param {HTMLElement} fault
   */
  const labelled = (input, label, hint, fault) => h("div", {},
    h("label", { for: input.id }, label), h("p", { class: "muted small" }, hint), fault, h("div", { class: "filters" }, input));

  function draw() {
    fill(body, usual,
      labelled(lead, t("schedule_lead_days"), t("schedule_lead_days_hint"), faults.lead_days),
      labelled(grace, t("schedule_grace_days"), t("schedule_grace_days_hint"), faults.grace_days),
      labelled(hour, t("schedule_hour"), t("schedule_hour_hint"), faults.hour),
      h("fieldset", {}, h("legend", {}, t("schedule_reminder_1"), " / ", t("schedule_reminder_2")),
        h("p", { class: "muted small" }, t("schedule_reminders_hint")), faults.reminders, reminders.element),
      h("fieldset", {}, h("legend", {}, t("schedule_step")),
        h("p", { class: "muted small" }, t("schedule_step_hint", { days: stored.notice_days })), faults.announce_after,
        h("div", { class: "filters" },
          h("div", { class: "field" }, h("label", { for: step.id }, t("schedule_step_what")), step),
          h("div", { class: "field" }, h("label", { for: after.id }, t("schedule_after_days")), after))),
      h("fieldset", {}, h("legend", {}, t("schedule_quiet")),
        h("p", { class: "muted small" }, t("schedule_land_hint", { year: String(stored.holidays_until) })), faults.land,
        h("div", { class: "filters" },
          h("label", { class: "option" }, weekends, h("span", {}, t("schedule_weekends"))),
          h("div", { class: "field" }, h("label", { for: land.id }, t("schedule_land")), land))),
      h("fieldset", {}, h("legend", {}, t("schedule_own")),
        h("p", { class: "muted small" }, t("schedule_own_hint")), pointed, faults.contracts, own.element),
      told, editable
        ? h("div", { class: "buttons" }, actionButton(context, { text: t("schedule_save"), group: "admin", action: save }))
        : rightNeeded(context, "admin"),
      h("section", { "aria-label": t("schedule_coming") }, h("h2", {}, t("schedule_coming")), coming));
  }

  /** The fields come with what stands there: nobody types into one that is filled a moment later. */
  async function load() {
    try {
      show(await context.call("GET", PATH, { signal: stopped }));
      restore();
      draw();
      const contract = query.get("contract");
      if (contract && !own.turnTo(contract)) fill(pointed, t("schedule_own_as_all", { number: contract }));
    } catch (error) {
      fill(body);
      showLost(context, failure, error, context.redraw);
    }
  }

  const [heading, top] = head(t("schedule_title"), t("schedule_lead"));
  fill(node, top, failure, body);
  load();
  return heading;
}
