// What nobody reported though it is due: proposals by a dry run, and estimates for the chosen machines. What the schedule has
// announced stands apart: it is estimated on the day that the customer was told.
import { fill, focusOn, h, say } from "/shared/page.js";
import { today } from "./day.js";
import { lastWords, machineLink, nameOf, oftenBadge, protocolOf } from "./estimates_parts.js";
import { actionButton, choiceOf, head, rightNeeded, showFailure, showLost, table } from "./parts.js";
import { restWords } from "./rest.js";
import { saveTable } from "./stock/sheet.js";
import { dueNow } from "./today/period.js";
/** @import { Column, Context, Estimate, EstimatedMachine, Place } from "../types/console" */
/** @import { Child, Voice } from "../types/page" */

/** Machines of one request. */
const MOST = 200;
const NAMED = 20; // refusals that are named; the protocol has all

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
    row.announced_for && h("span", { class: "line" }, t("estimates_announced", { day: t.date(row.announced_for) })),
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
const refusedLines = (t, rows) => rows.map((row) => h("li", {}, machineLink(row), `: ${t(`estimate_${row.outcome}`)}`));

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function estimatesView(context, node, { query, stopped }) {
  const { t } = context;
  const announced = query.get("announced") === "yes";
  const [heading, top] = head(t("estimates_title"), t(announced ? "estimates_announced_lead" : "estimates_lead"));
  if (!context.may("release")) {
    fill(node, top, rightNeeded(context, "release"));
    return heading;
  }
  const told = h("div");
  const failure = h("div");
  const running = h("div");
  const list = h("div", { class: "list" });
  const button = actionButton(context, { text: "", group: "release", action: () => alone(estimate) });
  const every = actionButton(context, { text: t("estimates_all"), group: "release", kind: "quiet", action: () => alone(chooseAll) });
  /** What became of each machine since the view was opened. @type {Map<string, EstimatedMachine>} */
  const outcomes = new Map();
  let choice = newChoice([]);
  let busy = false;
  /** How many machines the choice of all has looked at, and where it goes on; null: from the start. @type {[number, string | null]} */
  let looked = [0, null];
  let mirror = () => {};

  /** @param {EstimatedMachine[]} rows chosen from the start */
  function newChoice(rows) {
    const count = () => {
      button.textContent = t("estimates_go", { count: made.size });
      button.classList.toggle("quiet", !made.size);
    };
    const made = choiceOf((/** @type {EstimatedMachine} */ row) => row.machine_id, nameOf, count);
    for (const row of rows) made.set(row, true);
    count();
    return made;
  }

  /** One at a time: what is being estimated is not chosen anew. @param {() => Promise<void>} work */
  async function alone(work) {
    if (busy) return;
    busy = true;
    try {
      await work();
    } finally {
      busy = false;
      fill(running);
    }
  }

  /**
   * How far it has come: n of m, and the rest.
   * @param {string} words
   * @param {{ spent: number, recent: number, done: number, of: number }} work `recent`: what was done in the time that was `spent`
   */
  function tellProgress(words, { spent, recent, done, of }) {
    const rest = restWords(t, { spent, done: recent, left: of - done });
    fill(running, h("div", { class: "progress" },
      h("label", { for: "estimates-progress" }, [t(words, { done, of: Math.max(done, of) }), rest].filter(Boolean).join(", ")),
      h("progress", { id: "estimates-progress", max: Math.max(done, of, 1), value: done })));
  }

  /** All that can be estimated, page by page; what failed goes on where it was. */
  async function chooseAll() {
    fill(failure);
    let of = 0;
    context.model().ask("stand", { spec: dueNow() }).then(({ overdue }) => {
      of = overdue.machines;
    }, () => {}); // Without it there is no "of m".
    const begun = Date.now();
    const before = looked[0];
    try {
      do {
        const [seen, cursor] = looked;
        tellProgress("estimates_choosing", { spent: Date.now() - begun, recent: seen - before, done: seen, of });
        const { machines, next_cursor: next } = await page(cursor);
        for (const row of machines) {
          if (row.outcome === "proposed") choice.set(row, true);
          else outcomes.set(row.machine_id, row);
        }
        looked = next ? [seen + machines.length, next] : [0, null];
      } while (looked[1] && !stopped.aborted);
      say(t("estimates_chosen", { count: choice.size }));
    } catch (error) {
      showFailure(context, failure, error);
    }
    mirror();
  }

  /** @param {EstimatedMachine[]} done */
  function tell(done) {
    const refused = done.filter((row) => row.outcome !== "estimated");
    const words = t("estimates_done", { count: done.length - refused.length });
    const box = h("div", { class: refused.length ? "box warn" : "box good", tabindex: -1 },
      h("p", {}, words),
      refused.length > 0 && [
        h("p", {}, t("estimates_refused", { count: refused.length })),
        h("ul", {}, refusedLines(t, refused.slice(0, NAMED)),
          refused.length > NAMED && h("li", {}, t("estimates_refused_more", { count: refused.length - NAMED }))),
      ],
      h("div", { class: "buttons" },
        h("button", { type: "button", class: "button quiet", on: { click: save } }, t("estimates_protocol"))));
    fill(told, box);
    focusOn(box);
    say(words);
  }

  function save() {
    const [labels, lines] = protocolOf(t, [...outcomes.values()]);
    saveTable(`${t("estimates_file")}-${today()}.csv`, labels, lines);
  }

  async function estimate() {
    fill(failure);
    fill(told);
    const chosen = choice.rows();
    if (!chosen.length) {
      fill(failure, h("p", { class: "box warn", role: "alert" }, t("estimates_choose")));
      return;
    }
    const begun = Date.now();
    /** @type {EstimatedMachine[]} */
    const done = [];
    try {
      while (done.length < chosen.length && !stopped.aborted) {
        tellProgress("estimates_running", { spent: Date.now() - begun, recent: done.length, done: done.length, of: chosen.length });
        const part = chosen.slice(done.length, done.length + MOST);
        const versions = Object.fromEntries(part.map((row) => [row.machine_id, row.version]));
        const answer = await context.call("POST", "/api/staff/estimates", { body: { versions }, signal: stopped });
        done.push(...answer.machines);
      }
    } catch (error) {
      showFailure(context, failure, error);
      if (!done.length) return;
    }
    for (const row of done) outcomes.set(row.machine_id, row);
    context.model().ask("refresh", {});
    await propose(chosen.slice(done.length));
    tell(done);
  }

  /** What a dry run proposes, a page of it. @param {string | null} cursor */
  const page = (cursor) => context.call("POST", "/api/staff/estimates", {
    body: { dry_run: true, announced, ...(cursor ? { cursor } : {}) }, signal: stopped,
  });

  /** Begins the list anew. @param {EstimatedMachine[]} kept what is chosen still */
  async function propose(kept = []) {
    choice = newChoice(kept);
    looked = [0, null];
    const grid = table(context, { caption: t("estimates_title"), columns: columnsOf(t), choice: announced ? null : choice });
    mirror = () => grid.append([]);
    const wrong = h("div");
    const holder = h("div", {}, h("p", { class: "muted" }, t("loading")));
    const foot = h("div", { class: "foot" });
    const hopeless = h("ul");
    let shown = 0;

    /** @param {string | null} cursor */
    async function load(cursor) {
      fill(wrong);
      try {
        const { machines, next_cursor: next } = await page(cursor);
        const proposed = machines.filter((row) => row.outcome === "proposed");
        if (!proposed.length && next) {
          await load(next);
          return;
        }
        shown += proposed.length;
        grid.append(proposed);
        hopeless.append(...refusedLines(t, machines.filter((row) => row.outcome !== "proposed")));
        every.hidden = !shown;
        if (!shown) fill(holder, h("p", { class: "box" }, t(announced ? "estimates_announced_none" : "estimates_none")));
        else if (!holder.contains(grid.element)) fill(holder, h("div", { class: "scroll" }, grid.element));
        fill(foot,
          shown > 0 && h("p", { class: "muted" }, t("rows_shown", { count: shown })),
          next && h("button", { type: "button", class: "button quiet", on: { click: () => load(next) } }, t("more")),
          hopeless.childElementCount > 0 && h("section", {}, h("h2", {}, t("estimates_hopeless")), hopeless));
        if (cursor) say(t("rows_shown", { count: shown }));
      } catch (error) {
        if (!shown) fill(holder);
        showLost(context, wrong, error, () => load(cursor));
      }
    }

    fill(list, holder, wrong, foot);
    await load(null);
  }

  every.hidden = true;
  fill(node, top,
    h("nav", { class: "tabs", "aria-label": t("estimates_by") }, h("ul", {}, [false, true].map((by) => h("li", {},
      h("a", { href: by ? "#/estimates?announced=yes" : "#/estimates", "aria-current": by === announced ? "page" : null },
        t(by ? "estimates_by_schedule" : "estimates_by_hand")))))),
    !announced && h("section", { class: "actions", "aria-label": t("actions") },
      h("div", { class: "buttons" }, button, every), running, failure),
    told, list);
  propose();
  return heading;
}
