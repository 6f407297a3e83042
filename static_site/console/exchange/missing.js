// What a full export lacks, of one kind: a list to look through; staff may end what is chosen.
import { fill, h, say } from "/shared/page.js";
import { addressOf } from "../stock/address.js";
import { ask } from "../dialog.js";
import { choiceOf, showFailure, table } from "../parts.js";
import { saveSheet } from "../saving.js";
/** @import { Choice, Context, Place, Table } from "../../types/console" */
/** @import { ImportPage, MissingPage, MissingRecord } from "../../types/exchange" */

const KINDS = ["contracts", "machines", "contacts"];
const KINDS_OF = { in_use: "", ended: "mark good", gone: "muted" };
const MOST = 25;
const DAY = 24 * 60 * 60 * 1000;

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function missingView(context, node, { id, query, stopped }) {
  const { t } = context;
  const kind = KINDS.find((one) => one === query.get("missing")) ?? KINDS[0];
  const path = `/api/staff/imports/${encodeURIComponent(id)}`;
  const heading = h("h1", {}, t("missing_of", { kind: t(`record_${kind}`) }));
  const failure = h("div", { class: "record-fault" });
  const note = h("p", { class: "muted" });
  const holder = h("div", {}, h("p", { class: "panel-body muted" }, t("loading")));
  const foot = h("div", { class: "foot" });
  const bar = h("section", { class: "exchange-bar", "aria-label": t("exchange_actions") });
  /** @type {ImportPage | null} */
  let run = null;
  /** @type {Choice<MissingRecord>} */
  const choice = choiceOf((record) => record.id, (record) => `${record.id} ${record.name}`, () => drawBar());
  const mayEnd = () => run !== null && !run.dry_run && run.state === "done" && context.may("admin");

  function drawBar() {
    const count = choice.size;
    fill(bar,
      h("p", {},
        count > 0 && h("strong", {}, t("exchange_chosen", { count })),
        count > MOST && h("span", { class: "warning" }, ` ${t("missing_most")}`)),
      run?.dry_run && h("p", { class: "muted" }, t("missing_after_import")),
      h("div", { class: "buttons" },
        h("button", { type: "button", class: "button quiet", on: { click: save } }, t("import_csv")),
        mayEnd() && count > 0 && count <= MOST
          && h("button", { type: "button", class: "button", on: { click: end } }, t("missing_end", { count }))));
  }

  async function save() {
    fill(failure);
    try {
      await saveSheet(context, `${path}/missing.csv?kind=${kind}`, `${t("missing_of", { kind: t(`record_${kind}`) })}.csv`);
    } catch (error) {
      showFailure(context, failure, error);
    }
  }

  function end() {
    const ids = choice.rows().map((record) => record.id);
    const before = new Date(Date.parse(`${run?.as_of.slice(0, 10)}T00:00:00Z`) - DAY).toISOString();
    ask(context, node, {
      title: t("missing_end_title", { count: ids.length }),
      content: [
        h("p", {}, t(`missing_end_${kind}`, { date: t.date(before) })),
        h("p", { class: "muted" }, ids.slice(0, MOST).join(", ")),
      ],
      go: t("missing_end_go"),
      act: () => context.call("POST", `/api/staff/imports/${encodeURIComponent(id)}/missing/end`, { body: { kind, ids } }),
      done: (answer) => {
        say(t("missing_ended", { count: answer.records.filter(({ standing }) => standing === "ended").length }));
        context.redraw();
      },
    });
  }

  /** @param {MissingRecord} record */
  function name(record) {
    if (kind === "machines") return h("a", { href: addressOf("machines", record.company.id, record.id) }, record.id);
    return record.id;
  }

  async function start() {
    run = await context.call("GET", /** @type {const} */ (`/api/staff/imports/${encodeURIComponent(id)}`), { signal: stopped });
    const unnamed = run.missing.find((one) => one.kind === kind)?.unnamed ?? 0;
    fill(note, t("missing_lead"), unnamed > 0 && [" ", h("strong", { class: "warning" }, t("missing_unnamed", { count: unnamed }))]);
    const rows = table(context, {
      caption: heading.textContent ?? "",
      choice: mayEnd() ? choice : null,
      columns: [
        { label: t("missing_number"), cell: name },
        { label: t("missing_name"), cell: (record) => h("span", { class: "cut", title: record.name }, record.name) },
        {
          label: t("company"),
          cell: ({ company }) => h("a", { class: "cut", href: addressOf("companies", company.id, company.id) }, company.name || company.id),
        },
        ...(kind === "contacts" ? [] : [{
          label: t("due_on"), number: true, cell: (/** @type {MissingRecord} */ record) => t.date(record.due_on),
        }]),
        { label: t("standing"), cell: ({ standing }) => h("span", { class: KINDS_OF[standing] }, t(`standing_${standing}`)) },
      ],
    });
    fill(holder, h("div", { class: "scroll" }, rows.element));
    drawBar();
    await load(rows, null, 0);
  }

  /**
   * @param {Table<MissingRecord>} rows
   * @param {string | null} cursor
   * @param {number} before
   */
  async function load(rows, cursor, before) {
    const asked = new URLSearchParams({ kind, ...(cursor ? { cursor } : {}) });
    const answer = /** @type {MissingPage} */ (await context.call("GET", `${path}/missing?${asked}`, { signal: stopped }));
    rows.append(answer.records);
    const shown = before + answer.records.length;
    const next = answer.next_cursor;
    const more = () => attempt(() => load(rows, next, shown));
    fill(foot, h("span", { class: "muted" }, t("rows_shown", { count: shown })),
      next && h("button", { type: "button", class: "button quiet", on: { click: more } }, t("more")));
  }

  /** @param {() => Promise<void>} act */
  async function attempt(act) {
    fill(failure);
    try {
      await act();
    } catch (error) {
      showFailure(context, failure, error);
      if (!stopped.aborted) {
        const again = h("button", { type: "button", class: "button quiet", on: { click: () => attempt(act) } }, t("exchange_again"));
        failure.append(again);
      }
    }
  }

  node.classList.add("record");
  fill(node,
    h("section", { class: "record-page", "aria-label": t("missing_title") },
      h("nav", { class: "crumbs", "aria-label": t("customer_path") },
        h("a", { href: "#/imports" }, t("imports_title")), " › ",
        h("a", { href: `#/imports/${encodeURIComponent(id)}` }, t("import_title")), " ›"),
      h("div", { class: "record-name" }, heading)),
    h("section", { class: "record-state" }, note),
    failure,
    h("div", { class: "exchange-list" }, h("section", { class: "panel" }, holder, foot)),
    bar);
  attempt(start);
  return heading;
}
