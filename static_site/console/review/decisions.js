// What a decision does at the server, and the buttons that ask for one: for the marked value, with Shift for all of the group.
import { fill, h, sameKey } from "/shared/page.js";
import { ask } from "../dialog.js";
import { actionButton } from "../parts.js";
import { today } from "../day.js";
import { suggestedOf, usageOf } from "./numbers.js";
/** @import { Context, ReadingRow } from "../../types/console" */
/** @import { Voice } from "../../types/page" */
/** @import { Decided, Decision, DecisionsPlace, Details } from "../../types/review" */

const WEEK = 7;
const key = sameKey();

/** @type {Record<string, Decision>} letter -> decision */
const LETTERS = { a: "accepted", v: "taken", r: "asked_back", s: "estimated", z: "deferred" };

/**
 * @param {Context} context
 * @param {ReadingRow} row
 * @param {Decision} decision
 * @param {Details} details
 * @returns {Promise<Decided>}
 */
export function decide(context, row, decision, { until, note = "" }) {
  const codes = row.findings.filter((one) => ["block", "warn"].includes(one.severity)).map((one) => one.code);
  const value = decision === "taken" ? suggestedOf(row) : row.value;
  const body = {
    decision,
    version: row.version,
    note,
    ...(["accepted", "taken"].includes(decision) ? { value: value ?? 0, findings: codes } : {}),
    ...(until ? { until } : {}),
  };
  return context.call("POST", `/api/staff/readings/${encodeURIComponent(row.id)}/decision`, { body, key: key([row.id, body]) });
}

/**
 * Takes the last decision about a value back.
 * @param {Context} context
 * @param {ReadingRow} row
 * @returns {Promise<Decided>}
 */
export const undo = (context, row) => context.call("POST", `/api/staff/readings/${encodeURIComponent(row.id)}/undo`, {
  body: { version: row.version },
});

/**
 * How a decision is said to screen readers.
 * @param {Voice} t
 * @param {ReadingRow} row
 * @param {string} what
 */
export const said = (t, row, what) => t("review_said", {
  machine: row.machine.serial || row.machine_id,
  meter: row.label || row.meter_id,
  what,
});

/**
 * The gravest first: what lies farthest from the expected.
 * @param {ReadingRow} a
 * @param {ReadingRow} b
 */
export const byWeight = (a, b) => Math.abs(usageOf(b) ?? 0) - Math.abs(usageOf(a) ?? 0);

/** The rows for which a decision is possible. @param {Decision} decision @param {ReadingRow[]} rows */
export const possible = (decision, rows) => (decision === "taken" ? rows.filter((row) => suggestedOf(row) !== null) : rows);

function inAWeek() {
  const [year, month, day] = today().split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, day + WEEK)).toISOString().slice(0, 10);
}

/**
 * The row of buttons below the list. Letters press them; nothing happens for who may not release.
 * @param {DecisionsPlace} place
 */
export function decisionButtons({ context, node, shown, row, carryOut, carryOutAll, focus }) {
  const { t } = context;
  const may = context.may("release");
  const element = h("div", { class: "review-decisions" });
  const wholeGroup = h("div", { class: "buttons" });

  /** The day on which a value comes back, and a note. */
  function deferral() {
    const until = h("input", { id: "review-until", type: "date", required: true, min: today(), value: inAWeek() });
    const note = h("input", { id: "review-note", type: "text", maxlength: "500", autocomplete: "off" });
    return {
      content: [
        h("div", { class: "field" }, h("label", { for: until.id }, t("review_until")), until),
        h("div", { class: "field" }, h("label", { for: note.id }, t("review_note")), note),
      ],
      details: () => ({ until: until.value, note: note.value.trim() }),
    };
  }

  /** @param {Decision} decision */
  function one(decision) {
    const here = row();
    if (!may || !here || !possible(decision, [here]).length) return;
    if (decision !== "deferred") {
      carryOut(decision, {});
      return;
    }
    const fields = deferral();
    ask(context, node, {
      title: t("review_defer_title"),
      content: [h("p", {}, t("review_defer_what")), fields.content],
      go: t("review_defer_go"),
      act: () => carryOut(decision, fields.details()),
      done: focus,
    });
  }

  /** @param {Decision} decision */
  function all(decision) {
    const meant = possible(decision, shown());
    if (!may || !meant.length) return;
    const fields = decision === "deferred" ? deferral() : null;
    ask(context, node, {
      title: t(`review_all_${decision}`, { count: meant.length }),
      content: [h("p", {}, t(`review_all_${decision}_what`, { count: meant.length })), fields?.content],
      go: t(`review_all_${decision}_go`, { count: meant.length }),
      act: () => carryOutAll(decision, meant, fields?.details() ?? {}),
      done: focus,
    });
  }

  /**
   * A button with the letter that presses it.
   * @param {string} letter
   * @param {string} text
   * @param {() => void} action
   * @param {string} [kind]
   */
  function lettered(letter, text, action, kind = "quiet") {
    const button = actionButton(context, { text, group: "release", kind, action });
    button.prepend(h("kbd", {}, letter));
    return button;
  }

  return {
    element,
    wholeGroup,
    /**
     * The decision for a key that was pressed, or null where it means none.
     * @param {KeyboardEvent} event
     */
    forKey: (event) => {
      const decision = LETTERS[event.key.toLowerCase()];
      return decision ? () => (event.shiftKey ? all(decision) : one(decision)) : null;
    },
    /** @param {() => void} takeBack */
    draw: (takeBack) => {
      const here = row();
      const meant = here && suggestedOf(here);
      fill(element, may && here && [
        lettered("A", t("review_accept"), () => one("accepted")),
        meant !== null && lettered("V", t("review_take", { value: meant }), () => one("taken"), ""),
        lettered("R", t("review_ask"), () => one("asked_back")),
        lettered("S", t("review_estimate"), () => one("estimated")),
        lettered("Z", t("review_defer"), () => one("deferred")),
      ], may && h("button", {
        type: "button", class: "link review-undo", "aria-label": t("review_undo"), on: { click: takeBack },
      }, h("kbd", {}, "U"), " ", h("span", { class: "what" }, t("review_undo"))));
      const count = possible("taken", shown()).length;
      fill(wholeGroup, may && count > 1 && h("button", { type: "button", class: "button quiet", on: { click: () => all("taken") } },
        t("review_take_group", { count }), h("kbd", {}, "⇧ V")));
    },
  };
}
