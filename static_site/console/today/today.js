// The place "Heute": where the month stands, what waits for somebody, what has run last.
import { aborted, fill, h, redrawn } from "/shared/page.js";
import { today } from "../day.js";
import { showFailure } from "../parts.js";
import { monthAfter, periodIn, periodSwitch } from "../statistics/periods.js";
import { statusOf } from "../stock/status.js";
import { drawPast, drawPeriod, dueNow, thisMonth } from "./period.js";
import { curvePanel, roundsPanel } from "./response.js";
import { lastList, runningList, runsOf } from "./runs.js";
import { taskList, tasksOf } from "./tasks.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { LastSteps, MonthStand } from "../../types/model" */
/** @import { Statistics } from "../../types/statistics" */
/** @import { Looks } from "../../types/today" */

const AGAIN = 3000; // milliseconds, while something is under way

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function todayView(context, node, { query, stopped }) {
  const { t } = context;
  const model = context.model();
  const heading = h("h1", {}, t("today_title"));
  const locale = t.language === "de" ? "de-DE" : "en-GB";
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeZone: "UTC" }).format(new Date(today()));
  const month = periodIn(query) || thisMonth();
  const over = month < thisMonth();
  const turn = h("div", { class: "today-turn" });
  const period = h("section", { class: "today-period", "aria-label": t("today_bar") }, h("p", { class: "muted" }, t("today_loading")));
  /** @param {string} title */
  const waiting = (title) => h("section", {}, h("h2", {}, t(title)), h("p", { class: "muted" }, t("loading")));
  const tasks = waiting("today_todo");
  const [rounds, curve, running, last] = ["statistics_rounds", "statistics_alone", "today_running", "today_last"].map(waiting);
  const [taskFault, runFault, countFault] = [h("div"), h("div"), h("div")];
  const status = statusOf(context, { stopped, again: () => model.retry(), reorder: () => {} });
  /** @type {Looks} */
  const looks = new Map();
  /** The schedule says whose turn it is where something is overdue. @type {LastSteps | null} */
  let steps = null;
  let generation = -1;
  /** Where this month stands: what is to do is to do now. @type {MonthStand | null} */
  let stand = null;
  /** Where the chosen one stands. @type {MonthStand | null} */
  let shown = null;
  /** @type {Statistics | null} */
  let statistics = null;

  /**
   * @param {() => Promise<void>} load
   * @param {HTMLElement} fault where it is told what went wrong
   */
  async function attempt(load, fault) {
    try {
      await load();
    } catch (error) {
      if (aborted(error) || stopped.aborted) return;
      showFailure(context, fault, error);
      fault.append(h("button", { type: "button", class: "button quiet", on: { click: () => attempt(load, fault) } }, t("review_again")));
      return;
    }
    fill(fault);
  }

  fill(node,
    h("div", { class: "today" },
      h("div", { class: "today-head" }, heading, h("p", { class: "muted" }, day), turn, status.freshness),
      taskFault,
      runFault,
      countFault,
      period,
      h("div", { class: "today-columns" }, h("div", {}, tasks, rounds), h("div", {}, running, last, curve))));

  function draw() {
    if (over && statistics) drawPast(context, period, statistics);
    else if (!over && shown) redrawn(period, () => drawPeriod(context, period, month, /** @type {MonthStand} */ (shown), statistics));
  }

  async function follow() {
    const found = await runsOf(context, { stopped, waiting: stand?.states.released.machines ?? null });
    if (stopped.aborted) return;
    redrawn(running, () => fill(running, runningList(context, found.running, looks)));
    redrawn(last, () => fill(last, lastList(context, found.last)));
    if (!found.running.length) return;
    const timer = setTimeout(() => attempt(follow, runFault), AGAIN);
    stopped.addEventListener("abort", () => clearTimeout(timer), { once: true });
  }

  model.watch((standing) => {
    status.stand(standing);
    if (standing.generation === generation || !standing.parts.includes("machines")) return;
    generation = standing.generation;
    attempt(async () => {
      steps ??= await context.call("GET", "/api/staff/schedule", { signal: stopped });
      stand = await model.ask("stand", { spec: dueNow(), steps });
      shown = month > thisMonth() ? await model.ask("stand", { spec: dueNow([], month) }) : stand;
      if (stopped.aborted) return;
      draw();
      const found = await tasksOf(context, stand, stopped);
      if (!stopped.aborted) redrawn(tasks, () => fill(tasks, taskList(context, found)));
    }, taskFault);
  }, stopped);
  attempt(follow, runFault);
  attempt(async () => {
    statistics = await context.call("GET", `/api/staff/statistics?period=${month}`, { signal: stopped });
    fill(turn, periodSwitch(context, "today", month, [...statistics.periods, thisMonth(), monthAfter(thisMonth())]));
    fill(rounds, roundsPanel(context, statistics));
    fill(curve, curvePanel(context, statistics));
    draw();
  }, countFault);
  return heading;
}
