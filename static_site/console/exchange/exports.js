// Exports: released readings as files for the ERP, and what the ERP has said of them.
import { fill, h, sameKey } from "/shared/page.js";
import { actionButton, pagedList, runBadge, showFailure } from "../parts.js";
import { nameOf, names } from "./people.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { ExportRun } from "../../types/exchange" */
/** @import { Voice } from "../../types/page" */

/**
 * What the ERP has said of an export, in words; nothing of an empty one.
 * @param {Voice} t
 * @param {ExportRun} run
 */
export function answerWords(t, { count, acknowledged }) {
  if (!count) return "–";
  const { at, open, refused } = acknowledged;
  const answered = !at ? t("not_acknowledged") : open ? t("acknowledged_partly", { open }) : t("acknowledged_on", { date: t.time(at) });
  return [
    h("span", { class: open ? "warning" : null }, answered),
    refused > 0 && [", ", h("span", { class: "bad" }, t("acknowledged_refused", { count: refused }))],
  ];
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function exportsView(context, node, { stopped }) {
  const { t } = context;
  const failure = h("div", { class: "record-fault" });
  const heading = h("h1", {}, t("exports_title"));
  const list = h("section", { class: "panel" });
  const key = sameKey();
  const start = async () => {
    fill(failure);
    try {
      const { id } = await context.call("POST", "/api/staff/exports", { body: {}, key: key({}) });
      context.go(`#/exports/${encodeURIComponent(id)}`);
    } catch (error) {
      showFailure(context, failure, error);
    }
  };
  node.classList.add("record");
  fill(node,
    h("section", { class: "record-page", "aria-label": t("exports_title") },
      h("div", { class: "record-name" }, heading, h("p", { class: "muted" }, t("exports_lead"))),
      context.may("release") && actionButton(context, { text: t("export_start"), group: "release", action: start })),
    failure,
    h("div", { class: "exchange-list" }, list));
  names(context, stopped).then((known) => stopped.aborted || fill(list, pagedList(context, {
    path: "/api/staff/exports",
    rows: (answer) => answer.exports,
    caption: t("exports_title"),
    columns: [
      { label: t("started"), cell: (row) => h("a", { href: `#/exports/${encodeURIComponent(row.id)}` }, t.time(row.created_at)) },
      { label: t("by"), cell: (row) => nameOf(context, known, row.by) },
      { label: t("state"), cell: (row) => runBadge(context, { state: row.state }) },
      { label: t("readings"), number: true, cell: (row) => t.number(row.count) },
      { label: t("acknowledgement"), cell: (row) => answerWords(t, row) },
    ],
    empty: t("exports_none"),
    stopped,
  })));
  return heading;
}
