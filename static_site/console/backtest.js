// "What would have been?": the readings of the past, checked once more with other limits.
import { aborted, fill, focusOn, h, say } from "/shared/page.js";
import { figures, showFailure, table } from "./parts.js";
/** @import { Backtest, Column, Context, Hint, Table, Tolerances } from "../types/console" */
/** @import { Voice } from "../types/page" */

const PATH = "/api/staff/plausibility/backtest";
const AT_ONCE = 50;

/**
 * @param {Voice} t
 * @param {string} code
 */
const codeWords = (t, code) => (t.knows(`code_${code}`) ? t(`code_${code}`) : code);

/**
 * Adds what the next part found.
 * @param {Backtest} one
 * @param {Backtest} other
 * @returns {Backtest}
 */
export function summed(one, other) {
  /**
   * @param {Record<string, number> | undefined} mine
   * @param {Record<string, number> | undefined} theirs
   */
  const numbers = (mine, theirs) => {
    const all = { ...mine };
    for (const [code, number] of Object.entries(theirs || {})) all[code] = (all[code] || 0) + number;
    return all;
  };
  return {
    ...one,
    ...other,
    judged: one.judged + other.judged,
    hints_total: one.hints_total + other.hints_total,
    by_code: numbers(one.by_code, other.by_code),
    hints: [...one.hints, ...other.hints],
    stored: {
      ...other.stored,
      hints_total: one.stored.hints_total + other.stored.hints_total,
      by_code: numbers(one.stored.by_code, other.stored.by_code),
    },
  };
}

/**
 * @param {Voice} t
 * @returns {Column<Hint>[]}
 */
function hintColumns(t) {
  return [
    {
      label: t("machine"),
      cell: (row) => [h("strong", {}, row.machine_id), row.model && ` ${row.model}`, h("span", { class: "line muted" }, row.serial)],
    },
    {
      label: t("company_no"),
      cell: (row) => h("a", { href: `#/readings?company_id=${encodeURIComponent(row.company_id)}` }, row.company_id),
    },
    { label: t("meter"), cell: (row) => row.label || row.meter_id },
    { label: t("backtest_day"), cell: (row) => t.date(row.read_on) },
    { label: t("value"), number: true, cell: (row) => t.number(row.value) },
    { label: t("backtest_hint"), cell: (row) => row.text },
  ];
}

/**
 * The hints, `AT_ONCE` at a time. `total` is how many there are altogether.
 * @param {Context} context
 * @param {{ title: string, hints: Hint[], total: number }} options
 */
function hintList(context, { title, hints, total }) {
  const { t } = context;
  const grid = table(context, { caption: title, columns: hintColumns(t) });
  const foot = h("div", { class: "foot" });
  let shown = 0;
  function more() {
    grid.append(hints.slice(shown, shown + AT_ONCE));
    shown = Math.min(shown + AT_ONCE, hints.length);
    fill(foot,
      shown < total && h("p", { class: "muted" }, t("backtest_first", { shown, count: total })),
      shown < hints.length && h("button", { type: "button", class: "button quiet", on: { click: next } }, t("backtest_more")));
  }
  function next() {
    more();
    say(t("backtest_first", { shown, count: total }));
    focusOn(foot.querySelector("button"));
  }
  more();
  return [h("h3", {}, title), h("div", { class: "scroll" }, grid.element), foot];
}

/**
 * The section with its form and its result. `readFields({ trying })` gives the limits above, or null when they are wrong.
 * {element, aged()}: `aged` says that the limits are other ones now.
 * @param {Context} context
 * @param {{ readFields: (how: { trying: boolean }) => Tolerances | null, failure: HTMLElement, stopped: AbortSignal }} options
 */
export function backtestSection(context, { readFields, failure, stopped }) {
  const { t } = context;
  const since = h("input", { id: "backtest-since", type: "date" });
  const until = h("input", { id: "backtest-until", type: "date" });
  const company = h("input", { id: "backtest-company", type: "text", autocomplete: "off", maxlength: "64" });
  const progress = h("div");
  const aging = h("div");
  const result = h("div", { class: "backtest" });
  /** @type {AbortController | null} */
  let running = null;
  /** @type {string | null} */
  let tested = null;

  /** @param {Backtest} answer */
  const span = (answer) => t(since.value || until.value ? "backtest_span" : "backtest_span_year", {
    since: t.date(answer.since),
    until: t.date(answer.until),
  });

  /** @param {Backtest | null} answer */
  function drawProgress(answer) {
    const words = answer ? t("backtest_running", { count: answer.judged, hints: answer.hints_total }) : t("backtest_starting");
    fill(progress, h("div", { class: "box decide" }, h("p", { role: "status" }, words),
      h("button", { type: "button", class: "button quiet", on: { click: () => running?.abort() } }, t("backtest_stop"))));
  }

  /**
   * @param {Backtest} answer
   * @param {boolean} stoppedEarly
   */
  function drawResult(answer, stoppedEarly) {
    const count = answer.hints_total;
    const list = h("div");
    const codes = Object.entries(answer.by_code);
    /** @type {Table<[string, number]>} */
    const grid = table(context, {
      caption: t("backtest_by_code"),
      columns: [
        {
          label: t("backtest_code"),
          cell: ([code]) => h("button", {
            type: "button",
            class: "link",
            "aria-label": t("backtest_only", { code: codeWords(t, code) }),
            on: { click: () => drawList(code, true) },
          },
            codeWords(t, code)),
        },
        { label: t("backtest_number"), number: true, cell: ([, number]) => t.number(number) },
        { label: t("backtest_number_stored"), number: true, cell: ([code]) => t.number(answer.stored.by_code[code] || 0) },
      ],
    });

    /**
     * @param {string | null} code
     * @param {boolean} moved
     */
    function drawList(code, moved) {
      const hints = code ? answer.hints.filter((hint) => hint.code === code) : answer.hints;
      const title = code ? t("backtest_list_code", { code: codeWords(t, code) }) : t("backtest_list");
      fill(list, hintList(context, { title, hints, total: code ? answer.by_code[code] : count }),
        code && h("button", { type: "button", class: "button quiet", on: { click: () => drawList(null, true) } }, t("backtest_all")));
      if (moved) focusOn(list.querySelector("h3"));
    }

    grid.append(codes);
    const says = answer.judged ? t("backtest_says", { span: span(answer), count, stored: answer.stored.hints_total }) : t("backtest_none");
    const headline = h("p", { class: "box" }, h("strong", {}, says));
    fill(result, stoppedEarly && h("p", { class: "box warn" }, t("backtest_stopped")), headline,
      answer.judged > 0 && figures(context, [
        [t("backtest_judged"), answer.judged],
        [t("backtest_hints"), count],
        [t("backtest_stored"), answer.stored.hints_total],
      ]),
      answer.judged > 0 && !count && h("p", { class: "box good" }, t("backtest_no_hint")),
      codes.length > 0 && [h("h3", {}, t("backtest_by_code")), h("div", { class: "scroll" }, grid.element), list]);
    if (codes.length) drawList(null, false);
    focusOn(headline);
  }

  async function calculate() {
    if (progress.childElementCount) return;
    const tolerances = readFields({ trying: true });
    if (!tolerances) return;
    fill(failure);
    fill(aging);
    fill(result);
    running = new AbortController();
    drawProgress(null);
    const asked = {
      tolerances,
      ...(since.value ? { since: since.value } : {}),
      ...(until.value ? { until: until.value } : {}),
      ...(company.value.trim() ? { company_id: company.value.trim() } : {}),
    };
    /** @type {Backtest | null} */
    let answer = null;
    try {
      /** @type {string | null} */
      let cursor = null;
      do {
        /** @type {Backtest} */
        const part = await context.call("POST", PATH, {
          body: { ...asked, ...(cursor ? { cursor } : {}) },
          signal: AbortSignal.any([stopped, running.signal]),
        });
        answer = answer ? summed(answer, part) : part;
        cursor = part.next_cursor;
        if (cursor) drawProgress(answer);
      } while (cursor);
    } catch (error) {
      showFailure(context, failure, error);
      if (!aborted(error)) answer = null;
    }
    fill(progress);
    tested = JSON.stringify(tolerances);
    if (answer) drawResult(answer, Boolean(answer.next_cursor));
  }

  /**
   * @param {HTMLInputElement} input
   * @param {string} label
   */
  const field = (input, label) => h("div", { class: "field" }, h("label", { for: input.id }, label), input);
  const element = h("section", { class: "whatif", "aria-labelledby": "backtest-title" },
    h("h2", { id: "backtest-title" }, t("backtest_title")),
    h("p", { class: "muted" }, t("backtest_lead")),
    h("div", { class: "filters" }, field(since, t("backtest_since")), field(until, t("backtest_until")), field(company, t("company_no")),
      h("div", { class: "buttons" }, h("button", { type: "button", class: "button", on: { click: calculate } }, t("backtest_go")))),
    progress, aging, result);

  return {
    element,
    /**
     * Called with the present limits, or null while they are wrong.
     * @param {Tolerances | null} now
     */
    aged: (now) => {
      if (tested && result.childElementCount) {
        fill(aging,
          JSON.stringify(now) !== tested && h("p", { class: "box warn" }, t("backtest_old")));
      }
    },
  };
}
