// Imports: a file in, a report per row out.
import { fill, h, sameKey } from "/shared/page.js";
import { offerMore } from "./more.js";
import { actionButton, figures, follow, head, pagedList, rightNeeded, runBadge, showFailure, staffName, titledTable } from "./parts.js";

const LIMIT = 4 * 1024 * 1024;

function uploadForm(desk, failure) {
  const { t } = desk;
  const file = h("input", { id: "import-file", type: "file", accept: ".zip,.csv,application/zip,text/csv", required: true });
  const asOf = h("input", { id: "import-as-of", type: "date" });
  const key = sameKey();
  const dry = h("input", { id: "import-dry", type: "checkbox", checked: true });

  async function upload() {
    fill(failure);
    const [chosen] = file.files;
    if (!chosen) {
      fill(failure, h("p", { class: "box warn", role: "alert" }, t("import_choose")));
      return;
    }
    if (chosen.size > LIMIT) {
      fill(failure, h("p", { class: "box warn", role: "alert" }, t("import_large")));
      return;
    }
    const zip = chosen.name.toLowerCase().endsWith(".zip");
    const query = new URLSearchParams({ dry_run: String(dry.checked) });
    if (!zip) query.set("file", chosen.name);
    if (asOf.value) query.set("as_of", asOf.value);
    try {
      const { id } = await desk.call("POST", `/api/staff/imports?${query}`, { body: chosen, type: zip ? "application/zip" : "text/csv", key: key([chosen.name, chosen.size, chosen.lastModified, String(query)]) });
      desk.go(`#/imports/${encodeURIComponent(id)}`);
    } catch (error) {
      showFailure(desk, failure, error);
    }
  }

  return h("section", { class: "actions", "aria-label": t("import_start") },
    h("div", { class: "filters" },
      h("div", { class: "field" }, h("label", { for: "import-file" }, t("import_file")), file),
      h("div", { class: "field" }, h("label", { for: "import-as-of" }, t("import_as_of")), asOf),
      h("p", { class: "check" }, dry, h("label", { for: "import-dry" }, t("import_dry")))),
    h("div", { class: "buttons" }, actionButton(desk, { text: t("import_go"), group: "admin", action: upload })),
    rightNeeded(desk, "admin") || h("p", { class: "muted small" }, t("import_help")),
    failure);
}

export function importsView(desk, node, { stopped }) {
  const { t } = desk;
  const [heading, top] = head(t("imports_title"), t("imports_lead"));
  fill(node, top, uploadForm(desk, h("div")), h("h2", {}, t("imports_past")), pagedList(desk, {
    path: (cursor) => `/api/staff/imports${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`,
    rows: (answer) => answer.imports,
    caption: t("imports_past"),
    columns: [
      { label: t("started"), cell: (row) => h("a", { href: `#/imports/${encodeURIComponent(row.id)}` }, t.time(row.created_at) || row.id) },
      { label: t("by"), cell: (row) => staffName(t, row.by) },
      { label: t("file"), cell: (row) => row.file || "–" },
      { label: t("state"), cell: (row) => runBadge(desk, row) },
      { label: t("rows"), number: true, cell: (row) => t.number(row.rows) },
      { label: t("accepted"), number: true, cell: (row) => t.number(row.accepted) },
      { label: t("rejected"), number: true, cell: (row) => t.number(row.rejected) },
    ],
    empty: t("imports_none"),
    stopped,
  }));
  return heading;
}

function drawImport(desk, node, answer) {
  const { t } = desk;
  const findings = answer.findings || [];
  const changes = Object.entries(answer.changes || {}).filter(([, numbers]) => Object.values(numbers).some(Boolean));
  const sample = answer.sample || [];
  const word = (prefix, code) => (t.knows(`${prefix}_${code}`) ? t(`${prefix}_${code}`) : code);
  fill(node,
    figures(desk, [
      [t("rows"), answer.rows],
      [t("accepted"), answer.accepted],
      [t("rejected"), answer.rejected],
    ]),
    changes.length > 0 && titledTable(desk, t(answer.dry_run ? "import_would_change" : "import_changes"), [
      { label: t("record"), cell: ([kind]) => word("record", kind) },
      ...["new", "changed", "unchanged"].map((name) => ({ label: t(`import_${name}`), number: true, cell: ([, numbers]) => t.number(numbers[name] || 0) })),
    ], changes),
    sample.length > 0 && titledTable(desk, t("import_sample"), [
      { label: t("file"), cell: (row) => `${row.file}, ${t("line")} ${t.number(row.line)}` },
      { label: t("record"), cell: (row) => row.key },
      { label: t("field"), cell: (row) => row.field || "–" },
      { label: t("import_old"), cell: (row) => row.old ?? "–" },
      { label: t("import_new_value"), cell: (row) => row.new ?? "–" },
    ], sample),
    findings.length > 0
      ? titledTable(desk, t("import_findings"), [
          { label: t("file"), cell: (row) => row.file || "–" },
          { label: t("line"), number: true, cell: (row) => (row.line ? t.number(row.line) : "–") },
          { label: t("field"), cell: (row) => row.field || "–" },
          { label: t("severity"), cell: (row) => h("span", { class: `badge ${row.severity}` }, word("severity", row.severity)) },
          { label: t("finding"), cell: (row) => row.text },
        ], findings)
      : answer.state === "done" && h("p", { class: "box good" }, t("import_clean")));
}

export function importView(desk, node, { id, stopped }) {
  const { t } = desk;
  const failure = h("div");
  const state = h("p");
  const body = h("div");
  const more = h("div", { class: "foot" });
  const path = `/api/staff/imports/${encodeURIComponent(id)}`;
  const [heading, top] = head(t("import_title"), null, h("a", { class: "button quiet", href: "#/imports" }, t("imports_all")));
  fill(node, top, failure, state, body, more);
  follow(desk, path, {
    stopped,
    failure,
    draw: (answer) => {
      fill(state, runBadge(desk, answer), h("span", { class: "muted" }, ` ${t.time(answer.created_at)}`));
      drawImport(desk, body, answer);
      offerMore(desk, more, { answer, path, lists: ["findings"], draw: (all) => drawImport(desk, body, all), stopped });
    },
  });
  return heading;
}
