// Statistics of a month: response, days, rounds, channels, estimates, companies; each table as CSV, too.
import { aborted, fill, h, say } from "/shared/page.js";
import { showFailure } from "../parts.js";
import { bars } from "./bars.js";
import { responseCurve } from "./curve.js";
import { daysOf, lastDayOf, monthName, percent, pointsOf, sameDay } from "./figures.js";
import { periodIn, periodSwitch } from "./periods.js";
import {
  channelColumns, channelName, companyColumns, dayColumns, estimateColumns, roundColumns, saveSheetOf, sheetTable,
} from "./sheets.js";
/** @import { Child } from "../../types/page" */
/** @import { Context, Place } from "../../types/console" */
/** @import { CompanyStatistics, MonthStatistics, SheetColumn, Statistics } from "../../types/statistics" */

const PAGE = 50;
const AT_ONCE = 500; // companies of a file
const LOOK = 3000;
const LOOKS = 40;
const CURVE = { width: 640, height: 230 };

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function statisticsView(context, node, { query, stopped }) {
  const { t } = context;
  const wanted = periodIn(query);
  const failure = h("div", { class: "record-fault" });
  const tools = h("div", { class: "statistics-tools" });
  const body = h("div", { class: "record-body statistics" }, h("p", { class: "muted" }, t("loading")));
  const options = { signal: stopped };
  const asking = new URLSearchParams(wanted ? { period: wanted } : {});

  /** @param {() => Promise<void>} load */
  async function attempt(load) {
    try {
      await load();
    } catch (error) {
      if (aborted(error) || stopped.aborted) return;
      showFailure(context, failure, error);
      failure.append(h("button", { type: "button", class: "button quiet", on: { click: () => attempt(load) } }, t("review_again")));
      return;
    }
    fill(failure);
  }

  const load = async () => {
    const found = await context.call("GET", `/api/staff/statistics?${asking}`, options);
    if (stopped.aborted) return;
    drawTools(found);
    draw(found);
  };

  /** @param {Statistics} found */
  function drawTools({ period, periods, this: month }) {
    fill(tools,
      periodSwitch(context, "statistics", period, periods),
      month && h("span", { class: "muted" }, t("statistics_counted", { time: t.time(month.counted_at) })),
      h("button", { type: "button", class: "button quiet", on: { click: () => attempt(() => countAgain(month?.counted_at ?? "")) } },
        t("statistics_again")));
  }

  /** @param {string} before when it was counted last */
  async function countAgain(before) {
    const button = tools.querySelector("button:last-child");
    button?.setAttribute("aria-disabled", "true");
    try {
      await context.call("POST", "/api/staff/portfolio", options);
      say(t("statistics_counting"));
      for (let look = 0; look < LOOKS && !stopped.aborted; look += 1) {
        await new Promise((go) => setTimeout(go, LOOK));
        const found = await context.call("GET", `/api/staff/statistics?${asking}`, options);
        const counted = found.periods.length ? found.this?.counted_at ?? "-" : "";
        if (counted === before || !counted) continue;
        drawTools(found);
        draw(found);
        say(t("statistics_again_said"));
        return;
      }
      if (!stopped.aborted) fill(failure, h("p", { class: "box", role: "status" }, t("statistics_late")));
    } finally {
      button?.removeAttribute("aria-disabled");
    }
  }

  /** @param {Statistics} found */
  function draw({ period, this: month, before }) {
    if (!month) {
      fill(body, h("section", { class: "panel panel-body" }, h("p", {}, t("statistics_none", { month: monthName(t, period) }))));
      return;
    }
    fill(body,
      keyFigures(month, before),
      curvePanel(month, before),
      panel("statistics_rounds", roundColumns(t), month.rounds, "statistics_rounds_none"),
      channelsPanel(month),
      estimatesPanel(month),
      companiesPanel(month));
  }

  /**
   * @param {string} title
   * @param {Child} content
   * @param {(() => unknown) | null} save
   * @param {Child} [end]
   */
  function framed(title, content, save, end = null) {
    return h("section", { class: "panel", "aria-label": title },
      h("div", { class: "panel-head" }, h("h2", {}, title), h("span", { class: "end" }, end,
        save && h("button", { type: "button", class: "tool", "aria-label": t("statistics_csv_of", { table: title }), on: { click: save } },
          t("statistics_csv")))),
      h("div", { class: "panel-body" }, content));
  }

  /**
   * What a chart shows, as a table below it.
   * @template Row
   * @param {string} title
   * @param {SheetColumn<Row>[]} columns
   * @param {Row[]} rows
   */
  const folded = (title, columns, rows) =>
    h("details", {}, h("summary", {}, t("statistics_as_table")), sheetTable(context, title, columns, rows).element);

  /**
   * @template Row
   * @param {string} title
   * @param {SheetColumn<Row>[]} columns
   * @param {Row[]} rows
   * @param {string} none
   */
  function panel(title, columns, rows, none) {
    if (!rows.length) return framed(t(title), h("p", { class: "muted" }, t(none)), null);
    return framed(t(title), sheetTable(context, t(title), columns, rows).element, () => saveSheetOf(fileOf(title), columns, rows));
  }

  /** @param {string} title */
  const fileOf = (title) => `${t(title).toLowerCase().replaceAll(" ", "-")}.csv`;

  /**
   * @param {MonthStatistics} month
   * @param {MonthStatistics | null} before
   */
  function keyFigures(month, before) {
    const { machines, opened, reported, median_days: days } = month.response;
    const compared = sameDay(month, before);
    /** @param {string} label @param {string} value @param {Child[]} more */
    const figure = (label, value, ...more) => h("div", {},
      h("dt", {}, label),
      h("dd", {}, h("strong", { class: "number" }, value), more.map((line) => line && h("span", { class: "muted" }, line))));
    const title = t("statistics_figures", { month: monthName(t, month.period) });
    return h("section", { class: "panel panel-body statistics-figures", "aria-label": title },
      h("dl", {},
        figure(t("statistics_response"), percent(t, reported, machines), t("statistics_response_of", { reported, machines })),
        figure(t("state_opened"), percent(t, opened, machines), t("statistics_opened_of", { opened })),
        figure(t("statistics_days"), daysOf(t, days), t("statistics_days_of"),
          before && before.response.median_days !== null && t("statistics_days_before", {
            month: monthName(t, before.period, false), days: daysOf(t, before.response.median_days),
          })),
        figure(t("statistics_done"), percent(t, month.done, month.due), t("statistics_done_of", { done: month.done, due: month.due }),
          compared && before && [pointsOf(t, compared.points), " ",
            t("statistics_same_day", { month: monthName(t, before.period, false) })])));
  }

  /**
   * @param {MonthStatistics} month
   * @param {MonthStatistics | null} before
   */
  function curvePanel(month, before) {
    const title = before ? t("statistics_against", { month: monthName(t, before.period, false) }) : t("statistics_alone");
    const last = Math.max(lastDayOf(month), before?.first_asked_on ? before.curve.length - 1 : -1);
    const days = Array.from({ length: last + 1 }, (_, day) => day);
    const shown = before ? [month, before] : [month];
    const columns = dayColumns(t, shown, shown.map((one) => monthName(t, one.period)));
    return framed(title, [
      responseCurve(t, month, before, CURVE),
      days.length > 0 && [
        h("p", { class: "muted" }, t("statistics_axis")),
        folded(title, columns, days),
      ],
    ], days.length ? () => saveSheetOf(fileOf("statistics_curve"), columns, days) : null);
  }

  /** @param {MonthStatistics} month */
  function channelsPanel({ channels, done }) {
    const title = t("statistics_channels");
    if (!channels.length) return framed(title, h("p", { class: "muted" }, t("statistics_channels_none")), null);
    const rows = channels.map((one) => /** @type {[string, number]} */ ([channelName(t, one.channel), one.machines]));
    const columns = channelColumns(t, done);
    return framed(title, [bars(t, { label: title, rows, whole: done }), folded(title, columns, channels)],
      () => saveSheetOf(fileOf("statistics_channels"), columns, channels));
  }

  /** @param {MonthStatistics} month */
  function estimatesPanel({ estimates, due }) {
    const title = t("statistics_estimates");
    /** @type {[string, number][]} */
    const rows = [
      [t("statistics_once"), estimates.once], [t("statistics_twice"), estimates.twice], [t("statistics_more"), estimates.more],
    ];
    const any = rows.some(([, machines]) => machines);
    const way = context.may("release") && h("a", { href: "#/estimates" }, t("statistics_to_estimates"));
    if (!any) return framed(title, h("p", { class: "muted" }, t("statistics_estimates_none")), null, way);
    const columns = estimateColumns(t, due);
    return framed(title, [bars(t, { label: title, rows, whole: due }), folded(title, columns, rows)],
      () => saveSheetOf(fileOf("statistics_estimates"), columns, rows), way);
  }

  /** @param {MonthStatistics} month */
  function companiesPanel({ period }) {
    const title = t("statistics_companies");
    const columns = companyColumns(t);
    const made = sheetTable(context, title, columns, /** @type {CompanyStatistics[]} */ ([]));
    const foot = h("div", { class: "foot" });
    const lead = h("p", { class: "muted" }, t("statistics_companies_lead"));
    /** @param {string | null} cursor @param {number} limit */
    const page = (cursor, limit) => {
      const wants = new URLSearchParams({ period, limit: String(limit), ...(cursor ? { cursor } : {}) });
      return context.call("GET", `/api/staff/statistics/companies?${wants}`, options);
    };
    /** @param {string | null} cursor */
    const more = async (cursor) => {
      const found = await page(cursor, PAGE);
      made.append(found.companies);
      const { next_cursor: next } = found;
      const go = () => attempt(() => more(next));
      fill(foot,
        !cursor && !found.companies.length && h("p", { class: "muted" }, t("statistics_companies_none")),
        next && h("button", { type: "button", class: "button quiet", on: { click: go } }, t("statistics_next")));
    };
    const save = () => attempt(async () => {
      const rows = [];
      /** @type {string | null} */
      let next = null;
      do {
        const found = await page(next, AT_ONCE);
        rows.push(...found.companies);
        next = found.next_cursor;
      } while (next);
      saveSheetOf(fileOf("statistics_companies"), columns, rows);
    });
    attempt(() => more(null));
    return framed(title, [lead, made.element, foot], save);
  }

  const heading = h("h1", {}, t("statistics_title"));
  node.classList.add("record");
  fill(node,
    h("section", { class: "record-page", "aria-label": t("statistics_title") }, h("div", { class: "record-name" }, heading), tools),
    failure, body);
  attempt(load);
  return heading;
}
