// An import's findings by cause: how many, one of them, and all of a cause where it is opened.
import { fill, h, say } from "/shared/page.js";
import { showFailure } from "../parts.js";
import { saveSheet } from "../saving.js";
import { causeWords } from "./causes.js";
/** @import { Context } from "../../types/console" */
/** @import { Cause, ImportPage } from "../../types/exchange" */

const SEVERITIES = /** @type {const} */ (["error", "warning", "info"]);
const SIGNS = { error: "✕", warning: "▲", info: "·" };
const COLUMNS = 4;

/**
 * @param {Context} context
 * @param {ImportPage} run
 * @param {AbortSignal} stopped
 */
export function findingsPanel(context, run, stopped) {
  const { t } = context;
  const failure = h("div");
  const { causes } = run;
  const labels = [t("import_by_cause"), t("import_file_name"), t("import_rows"), t("import_example")];

  /** @param {string} severity */
  async function save(severity) {
    fill(failure);
    try {
      const path = `/api/staff/imports/${encodeURIComponent(run.id)}/findings.csv?severity=${severity}`;
      await saveSheet(context, path, `${t("import_findings")} ${t(`import_group_${severity}`)}.csv`);
    } catch (error) {
      showFailure(context, failure, error);
    }
  }

  /** @param {"error" | "warning" | "info"} severity */
  function group(severity) {
    const found = causes.filter((cause) => cause.severity === severity);
    if (!found.length) return null;
    const name = t(`import_group_${severity}`);
    const count = found.reduce((sum, cause) => sum + cause.count, 0);
    return h("tbody", {},
      h("tr", { class: `cause-group ${severity}` },
        h("th", { colspan: COLUMNS, scope: "rowgroup" },
          h("span", { class: "cause-sign", "aria-hidden": "true" }, SIGNS[severity]),
          name, " ", h("span", { class: "muted" }, t.number(count)),
          h("button", {
            type: "button", class: "link end", "aria-label": t("import_csv_of", { what: name }), on: { click: () => save(severity) },
          }, t("import_csv")))),
      found.map((cause) => causeRow(context, run.id, cause, labels, stopped)));
  }

  const many = causes.length > 0 && t("import_findings_count", { count: run.finding_count, causes: causes.length });
  return h("section", { class: "panel causes" },
    h("div", { class: "panel-head" }, h("h2", {}, t("import_findings")), many && h("span", { class: "muted" }, many)),
    failure,
    causes.length
      ? h("div", { class: "scroll" }, h("table", {},
        h("caption", { class: "unseen" }, t("import_findings")),
        h("thead", {}, h("tr", {}, labels.map((label, n) => h("th", { scope: "col", class: n === 2 ? "right" : null }, label)))),
        SEVERITIES.map(group)))
      : h("p", { class: "panel-body mark good" }, t("import_clean")));
}

/**
 * @param {Context} context
 * @param {string} id
 * @param {Cause} cause
 * @param {string[]} labels
 * @param {AbortSignal} stopped
 */
function causeRow(context, id, cause, labels, stopped) {
  const { t } = context;
  const example = cause.line ? t("import_example_line", { line: cause.line, text: cause.text }) : cause.text;
  const button = h("button", { type: "button", class: "cause-open", "aria-expanded": "false" }, causeWords(t, cause.code));
  const row = h("tr", {},
    [button, cause.file || "–", t.number(cause.count), h("span", { class: "cut", title: example }, example)].map((cell, n) =>
      h("td", { class: n === 2 ? "number right" : n === 1 ? "muted" : null, "data-label": labels[n] }, cell)));
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    if (open) row.after(linesOf(context, id, cause, stopped));
    else row.nextElementSibling?.remove();
  });
  return row;
}

/**
 * All lines of a cause, part by part.
 * @param {Context} context
 * @param {string} id
 * @param {Cause} cause
 * @param {AbortSignal} stopped
 */
function linesOf(context, id, cause, stopped) {
  const { t } = context;
  const failure = h("div");
  const list = h("ul", { class: "cause-lines" });
  const foot = h("div", { class: "foot" }, h("span", { class: "muted" }, t("loading")));
  let shown = 0;

  /** @param {string | null} cursor */
  async function load(cursor) {
    fill(failure);
    try {
      const query = new URLSearchParams({ cause: String(cause.number), ...(cursor ? { cursor } : {}) });
      const answer = await context.call("GET", `/api/staff/imports/${encodeURIComponent(id)}/findings?${query}`, { signal: stopped });
      list.append(...answer.findings.map((one) => h("li", {},
        one.line && h("span", { class: "muted number" }, `${t("import_line")} ${t.number(one.line)}`),
        one.field && h("span", { class: "muted" }, one.field),
        h("span", {}, one.text))));
      shown += answer.findings.length;
      const next = answer.next_cursor;
      fill(foot, h("span", { class: "muted" }, t("rows_shown", { count: shown })), next && more(next, t("more")));
      if (cursor) say(t("rows_shown", { count: shown }));
    } catch (error) {
      showFailure(context, failure, error);
      if (!stopped.aborted) fill(foot, more(cursor, t("exchange_again")));
    }
  }

  /** @param {string | null} cursor @param {string} text */
  const more = (cursor, text) => h("button", { type: "button", class: "button quiet", on: { click: () => load(cursor) } }, text);

  load(null);
  return h("tr", { class: "detail" }, h("td", { colspan: COLUMNS }, list, failure, foot));
}
