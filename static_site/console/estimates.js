// What nobody reported though it is due: proposals by a dry run, and estimates for the chosen machines.
import { fill, focusOn, h, say } from "/shared/page.js";
import { lastWords, machineLink, nameOf, oftenBadge } from "./estimates_parts.js";
import { actionButton, choiceOf, head, rightNeeded, showFailure, table } from "./parts.js";
/** @import { Column, Context, Estimate, EstimatedMachine, Place } from "../types/console" */
/** @import { Child, Voice } from "../types/page" */

/** Machines of one request. */
const MOST = 200;

/**
 * A cell with a line for each meter.
 * @param {(one: Estimate) => Child} pick
 * @returns {(row: EstimatedMachine) => Child}
 */
const lines = (pick) => (row) => row.estimates.map((one) => h("span", { class: "line" }, pick(one)));

/**
 * @param {Voice} t
 * @param {EstimatedMachine} row
 */
function hints(t, row) {
  return [
    oftenBadge(t, row.estimates),
    row.without.length > 0 && h("span", { class: "line muted" }, t("estimates_without", { count: row.without.length })),
  ];
}

/**
 * @param {Voice} t
 * @returns {Column<EstimatedMachine>[]}
 */
const columnsOf = (t) => [
  { label: t("company"), cell: (row) => row.company || row.company_id || "–" },
  { label: t("machine"), cell: machineLink },
  { label: t("meter"), cell: lines((one) => one.label) },
  { label: t("estimates_last"), number: true, cell: lines((one) => lastWords(t, one)) },
  { label: t("estimates_value"), number: true, cell: lines((one) => h("strong", {}, t.number(one.value))) },
  { label: t("note"), cell: (row) => hints(t, row) },
];

/**
 * @param {Voice} t
 * @param {EstimatedMachine[]} rows
 */
const refusedList = (t, rows) => h("ul", {}, rows.map((row) => h("li", {}, machineLink(row), `: ${t(`estimate_${row.outcome}`)}`)));

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function estimatesView(context, node, { stopped }) {
  const { t } = context;
  const [heading, top] = head(t("estimates_title"), t("estimates_lead"));
  if (!context.may("release")) {
    fill(node, top, rightNeeded(context, "release"));
    return heading;
  }
  const told = h("div");
  const failure = h("div");
  const list = h("div", { class: "list" });
  const button = actionButton(context, { text: "", group: "release", action: estimate });
  let choice = newChoice();

  function newChoice() {
    button.textContent = t("estimates_go", { count: 0 });
    return choiceOf((/** @type {EstimatedMachine} */ row) => row.machine_id, nameOf, () => {
      button.textContent = t("estimates_go", { count: choice.size });
    });
  }

  /** @param {EstimatedMachine[]} done */
  function tell(done) {
    const refused = done.filter((row) => row.outcome !== "estimated");
    const words = t("estimates_done", { count: done.length - refused.length });
    const box = h("div", { class: refused.length ? "box warn" : "box good", tabindex: -1 },
      h("p", {}, words),
      refused.length > 0 && [h("p", {}, t("estimates_refused", { count: refused.length })), refusedList(t, refused)]);
    fill(told, box);
    focusOn(box);
    say(words);
  }

  async function estimate() {
    fill(failure);
    fill(told);
    const chosen = choice.rows();
    if (!chosen.length) {
      fill(failure, h("p", { class: "box warn", role: "alert" }, t("estimates_choose")));
      return;
    }
    /** @type {EstimatedMachine[]} */
    const done = [];
    try {
      for (let from = 0; from < chosen.length; from += MOST) {
        const versions = Object.fromEntries(chosen.slice(from, from + MOST).map((row) => [row.machine_id, row.version]));
        const answer = await context.call("POST", "/api/staff/estimates", { body: { versions }, signal: stopped });
        done.push(...answer.machines);
      }
    } catch (error) {
      showFailure(context, failure, error);
      if (!done.length) return;
    }
    context.model().ask("refresh", {});
    await propose();
    tell(done);
  }

  /** Begins the list anew. */
  async function propose() {
    choice = newChoice();
    const grid = table(context, { caption: t("estimates_title"), columns: columnsOf(t), choice });
    const wrong = h("div");
    const holder = h("div", {}, h("p", { class: "muted" }, t("loading")));
    const foot = h("div", { class: "foot" });
    const hopeless = h("ul");
    let shown = 0;

    /** @param {string | null} cursor */
    async function load(cursor) {
      fill(wrong);
      try {
        const body = { dry_run: true, ...(cursor ? { cursor } : {}) };
        const { machines, next_cursor: next } = await context.call("POST", "/api/staff/estimates", { body, signal: stopped });
        const proposed = machines.filter((row) => row.outcome === "proposed");
        if (!proposed.length && next) {
          await load(next);
          return;
        }
        shown += proposed.length;
        grid.append(proposed);
        hopeless.append(...refusedList(t, machines.filter((row) => row.outcome !== "proposed")).children);
        if (!shown) fill(holder, h("p", { class: "box" }, t("estimates_none")));
        else if (!holder.contains(grid.element)) fill(holder, h("div", { class: "scroll" }, grid.element));
        fill(foot,
          shown > 0 && h("p", { class: "muted" }, t("rows_shown", { count: shown })),
          next && h("button", { type: "button", class: "button quiet", on: { click: () => load(next) } }, t("more")),
          hopeless.childElementCount > 0 && h("section", {}, h("h2", {}, t("estimates_hopeless")), hopeless));
        if (cursor) say(t("rows_shown", { count: shown }));
      } catch (error) {
        if (!shown) fill(holder);
        showFailure(context, wrong, error);
      }
    }

    fill(list, holder, wrong, foot);
    await load(null);
  }

  fill(node, top,
    h("section", { class: "actions", "aria-label": t("actions") }, h("div", { class: "buttons" }, button), failure),
    told, list);
  propose();
  return heading;
}
