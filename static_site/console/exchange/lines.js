// The lines of an export by the ERP's answer; chosen ones are acknowledged or refused.
import { fill, h, say } from "/shared/page.js";
import { addressOf } from "../stock/address.js";
import { ask } from "../dialog.js";
import { choiceOf, showFailure, table } from "../parts.js";
/** @import { Choice, Context } from "../../types/console" */
/** @import { ExportLine, ExportLines, ExportRun } from "../../types/exchange" */

const STATES = ["open", "accepted", "refused"];
const KINDS = { open: "muted", accepted: "mark good", refused: "mark bad" };
const LONGEST_REASON = 500;

/**
 * `state` is what the address asks for, "" for all lines. `act(body)` sends an answer of the ERP; `chosen(buttons)`
 * is told what can be done with the lines that are chosen.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {{ run: ExportRun, state: string, stopped: AbortSignal,
 *   answer: (body: object) => Promise<unknown>, chosen: (buttons: HTMLElement[], count: number) => void }} options
 */
export function linesPanel(context, node, { run, state, stopped, answer, chosen }) {
  const { t } = context;
  const path = /** @type {const} */ (`/api/staff/exports/${encodeURIComponent(run.id)}/lines`);
  const failure = h("div");
  const foot = h("div", { class: "foot" });
  const holder = h("div", {}, h("p", { class: "panel-body muted" }, t("loading")));
  const { accepted, refused, open } = run.acknowledged;
  const counts = { "": run.count, open, accepted, refused };
  /** @type {Choice<ExportLine>} */
  const choice = choiceOf((line) => line.reading_id, (line) => `${line.serial || line.machine_id} ${line.label}`, () => tell());
  const rows = table(context, {
    caption: t("export_lines"),
    choice: context.may("release") ? choice : null,
    columns: [
      {
        label: t("company"),
        cell: ({ company: { id, name } }) => h("a", { class: "cut", href: addressOf("companies", id, id) }, name || id),
      },
      {
        label: t("machine"),
        cell: ({ company, machine_id: id, serial }) => h("a", { href: addressOf("machines", company.id, id) }, serial || id),
      },
      { label: t("meter"), cell: (line) => line.label },
      { label: t("due_on"), number: true, cell: (line) => t.date(line.due_on) },
      { label: t("read_on"), number: true, cell: (line) => t.date(line.read_on) },
      {
        label: t("value"),
        number: true,
        cell: ({ entry, value }) => [
          entry !== "reading" && h("span", { class: "tag" }, t(`entry_kind_${entry}`)), " ", h("strong", {}, t.number(value)),
        ],
      },
      {
        label: t("acknowledgement"),
        cell: ({ answer: said }) => h("span", { class: KINDS[said] }, t(`line_${said}`)),
      },
      { label: t("refuse_reason"), cell: (line) => line.reason && h("span", { class: "cut", title: line.reason }, line.reason) },
    ],
  });

  /** @param {object} body @param {number} count */
  async function send(body, count) {
    fill(failure);
    try {
      await answer(body);
      say(t("acknowledged_some", { count }));
    } catch (error) {
      showFailure(context, failure, error);
    }
  }

  function tell() {
    const ids = choice.rows().filter((line) => line.answer !== "accepted").map((line) => line.reading_id);
    const count = ids.length;
    /** @param {string} kind @param {string} text @param {() => unknown} click */
    const button = (kind, text, click) => h("button", { type: "button", class: kind, on: { click } }, text);
    chosen(count ? [
      button("button quiet", t("refuse_chosen", { count }), () => refuseThem(ids)),
      button("button", t("acknowledge_chosen", { count }), () => send({ accepted: ids }, count)),
    ] : [], choice.size);
  }

  /** @param {string[]} ids */
  function refuseThem(ids) {
    const reason = h("textarea", { id: "refuse-reason", rows: 2, required: true, maxlength: LONGEST_REASON });
    ask(context, node, {
      title: t("refuse_title", { count: ids.length }),
      content: [h("p", {}, t("refuse_lead")), h("div", {}, h("label", { for: "refuse-reason" }, t("refuse_reason")), reason)],
      go: t("refuse_go"),
      act: () => answer({ accepted: [], refused: ids.map((id) => ({ reading_id: id, reason: reason.value })) }),
      done: () => say(t("acknowledged_some", { count: ids.length })),
    });
  }

  /** @param {string | null} cursor @param {number} before */
  async function load(cursor, before) {
    fill(failure);
    try {
      const asked = new URLSearchParams({ ...(STATES.includes(state) ? { state } : {}), ...(cursor ? { cursor } : {}) });
      const page = /** @type {ExportLines} */ (await context.call("GET", `${path}?${asked}`, { signal: stopped }));
      rows.append(page.lines);
      const shown = before + page.lines.length;
      const next = page.next_cursor;
      if (!shown && next) return await load(next, shown);
      fill(holder, shown
        ? h("div", { class: "scroll" }, rows.element)
        : h("p", { class: "panel-body muted" }, t("export_lines_none")));
      fill(foot, shown > 0 && h("span", { class: "muted" }, t("rows_shown", { count: shown })), next && more(next, shown, t("more")));
      if (cursor) say(t("rows_shown", { count: shown }));
    } catch (error) {
      showFailure(context, failure, error);
      if (!stopped.aborted) fill(foot, more(cursor, before, t("exchange_again")));
    }
    return undefined;
  }

  /** @param {string | null} cursor @param {number} shown @param {string} text */
  const more = (cursor, shown, text) => h("button", {
    type: "button", class: "button quiet", on: { click: () => load(cursor, shown) },
  }, text);

  load(null, 0);
  const home = `#/exports/${encodeURIComponent(run.id)}`;
  return h("section", { class: "panel" },
    h("div", { class: "panel-head" },
      h("h2", {}, t("export_lines")),
      h("nav", { class: "exchange-views", "aria-label": t("export_views") }, Object.entries(counts).map(([name, count]) => h("a", {
        href: name ? `${home}?state=${name}` : home,
        "aria-current": name === (STATES.includes(state) ? state : "") ? "true" : null,
      }, t(`export_view_${name || "all"}`, { count }))))),
    failure, holder, foot);
}
