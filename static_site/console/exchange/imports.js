// Imports: a new one, and those there were.
import { fill, h } from "/shared/page.js";
import { pagedList, rightNeeded, runBadge } from "../parts.js";
import { nameOf, names } from "./people.js";
import { uploadPanel } from "./upload.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { ImportRun } from "../../types/exchange" */

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function importsView(context, node, { stopped }) {
  const { t } = context;
  const heading = h("h1", {}, t("imports_title"));
  const past = h("section", { class: "panel" });
  node.classList.add("record");
  fill(node,
    h("section", { class: "record-page", "aria-label": t("imports_title") },
      h("div", { class: "record-name" }, heading, h("p", { class: "muted" }, t("imports_lead")))),
    h("div", { class: "exchange-list" },
      context.may("admin") ? uploadPanel(context, node) : rightNeeded(context, "admin"),
      past));

  /** @param {ImportRun} run */
  const kind = (run) => t(!run.dry_run ? "import_is_real" : run.applied ? "import_is_dry_applied" : "import_is_dry");

  names(context, stopped).then((known) => stopped.aborted || fill(past,
    h("div", { class: "panel-head" }, h("h2", {}, t("imports_past"))),
    pagedList(context, {
      path: "/api/staff/imports",
      rows: (answer) => answer.imports,
      caption: t("imports_past"),
      columns: [
        { label: t("started"), cell: (run) => h("a", { href: `#/imports/${encodeURIComponent(run.id)}` }, t.time(run.created_at)) },
        { label: t("by"), cell: (run) => nameOf(context, known, run.by) },
        { label: t("import_file_name"), cell: (run) => h("span", { class: "cut", title: run.file }, run.file || "–") },
        { label: t("import_kind"), cell: kind },
        { label: t("import_rows"), number: true, cell: (run) => t.number(run.rows) },
        {
          label: t("import_rejected"),
          number: true,
          cell: (run) => h("span", { class: run.rejected ? "bad" : "muted" }, t.number(run.rejected)),
        },
        { label: t("state"), cell: (run) => runBadge(context, { state: run.state }) },
      ],
      empty: t("imports_empty"),
      stopped,
    })));
  return heading;
}
