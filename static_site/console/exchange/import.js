// One import: what its files are, what is wrong with them by cause, what will change; then "take over now".
import { fill, h } from "/shared/page.js";
import { actionButton, follow, runBadge, showFailure, showRunProblem } from "../parts.js";
import { saveSheet } from "../saving.js";
import { restWords } from "../rest.js";
import { panel, smallTable } from "../customer/tables.js";
import { fieldsPanel, missingPanel, monthPanel } from "./changes.js";
import { findingsPanel } from "./findings.js";
import { missingView } from "./missing.js";
import { begunWords, names } from "./people.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { ImportPage, Names } from "../../types/exchange" */

const STATES = /** @type {const} */ (["new", "changed", "unchanged"]);

/**
 * @param {Context} context
 * @param {ImportPage} run
 */
function filesPanel(context, run) {
  const { t } = context;
  const { files, changes } = run;
  const known = files.filter((file) => file.kind);
  const alone = (/** @type {string | null} */ kind) => known.filter((file) => file.kind === kind).length === 1;
  /** @param {number} count @param {string} kind */
  const figure = (count, kind) => h("span", { class: count ? kind : "muted" }, t.number(count));
  /** @param {string} state */
  const sum = (state) => Object.values(changes).reduce((total, numbers) => total + (numbers[state] ?? 0), 0);
  const list = smallTable(context, t("import_files"), [
    { label: t("import_file_name"), cell: (file) => h("strong", { class: "cut", title: readAs(file) }, file.file) },
    { label: t("import_record"), cell: (file) => (file.kind ? t(`record_${file.kind}`) : t("import_unknown_kind")) },
    { label: t("import_rows"), number: true, cell: (file) => t.number(file.rows) },
    ...STATES.map((state) => ({
      label: t(`import_${state}`),
      number: true,
      cell: (/** @type {ImportPage["files"][number]} */ file) => (alone(file.kind) && file.kind
        ? figure(changes[file.kind]?.[state] ?? 0, state === "unchanged" ? "muted" : "") : null),
    })),
    { label: t("import_rejected"), number: true, cell: (file) => figure(file.rejected, "bad") },
  ], files);
  const last = [t("import_sum"), "", t.number(run.rows), ...STATES.map((state) => t.number(sum(state))), figure(run.rejected, "bad")];
  list.querySelector("table")?.append(h("tfoot", {}, h("tr", {},
    last.map((cell, n) => h("td", { class: n > 1 ? "number right" : null }, cell)))));
  const recognised = t("import_files_known", { known: known.length, count: files.length });
  return panel(t("import_files"), h("span", { class: "muted" }, recognised), list);
}

/** @param {ImportPage["files"][number]} file */
const readAs = ({ file, encoding, delimiter }) => [
  file, encoding, delimiter && `„${delimiter === "\t" ? "Tab" : delimiter}“`,
].filter(Boolean).join(", ");

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function importView(context, node, place) {
  if (place.query.get("missing")) return missingView(context, node, place);
  const { id, stopped } = place;
  const { t } = context;
  const path = /** @type {const} */ (`/api/staff/imports/${encodeURIComponent(id)}`);
  const heading = h("h1", {}, t("import_title"));
  const about = h("p", { class: "muted import-about" });
  const begun = h("p", { class: "muted side" });
  const failure = h("div", { class: "record-fault" });
  const problem = h("div", { class: "record-fault" });
  const body = h("div", { class: "record-body" });
  const bar = h("section", { class: "exchange-bar", "aria-label": t("exchange_actions") });
  /** @type {Promise<Names>} */
  const people = names(context, stopped);
  /** @type {{ at: number, done: number } | null} */
  let since = null;

  async function apply() {
    fill(failure);
    try {
      const started = await context.call("POST", `${path}/apply`);
      context.go(`#/imports/${encodeURIComponent(started.id)}`);
    } catch (error) {
      showFailure(context, failure, error);
    }
  }

  async function save() {
    fill(failure);
    try {
      await saveSheet(context, `${path}/findings.csv`, `${t("import_findings")}.csv`);
    } catch (error) {
      showFailure(context, failure, error);
    }
  }

  /** @param {ImportPage} run */
  function drawState(run) {
    heading.textContent = run.file || t("import_title");
    document.title = `${heading.textContent} – Meterportal`;
    const dry = run.dry_run && h("span", { class: "tag warn" }, t(run.applied ? "import_taken_over" : "import_nothing_stored"));
    const encodings = [...new Set(run.files.map((file) => file.encoding).filter(Boolean))];
    fill(about,
      runBadge(context, { state: run.state }), " ", dry, " ",
      [t("import_of", { date: t.date(run.as_of) }), t(run.full ? "import_is_full" : "import_is_part"), ...encodings].join(", "),
      run.applies && [", ", h("a", { href: `#/imports/${encodeURIComponent(run.applies)}` }, t("import_see_dry"))]);
    people.then((known) => fill(begun, begunWords(context, known, run)));
  }

  /** @param {ImportPage} run */
  function drawRunning({ progress }) {
    if (!progress) {
      fill(body, h("p", { class: "muted" }, t("import_reading"), " ", t("import_leave")));
      return;
    }
    const { done, of } = progress;
    since ??= { at: Date.now(), done };
    const rest = restWords(t, { spent: Date.now() - since.at, done: done - since.done, left: of - done });
    const track = h("span", { class: "track" }, h("span", {}));
    /** @type {HTMLElement} */ (track.firstElementChild).style.width = `${(100 * done) / of}%`;
    fill(body, h("p", { class: "exchange-progress" },
      track, h("strong", { class: "number" }, t("import_progress", { done, of })),
      rest && h("span", { class: "muted" }, rest),
      h("span", { class: "muted" }, t("import_leave"))));
  }

  /** @param {ImportPage} run */
  function drawBar(run) {
    const { accepted, rows, rejected } = run;
    const sum = run.checksum?.replace(/(.{4})(?=.)/, "$1 ");
    fill(bar,
      h("p", {}, h("strong", {}, t(run.dry_run ? "import_will" : "import_took", { accepted, rows, rejected }))),
      run.dry_run && !run.applied && sum && h("p", { class: "muted" }, t("import_same_file", { sum })),
      h("div", { class: "buttons" },
        run.finding_count > 0 && h("button", { type: "button", class: "button quiet", on: { click: save } }, t("import_findings_csv")),
        run.applied && h("a", { class: "button", href: `#/imports/${encodeURIComponent(run.applied)}` }, t("import_see_run")),
        run.dry_run && !run.applied && context.may("admin") && [
          h("a", { class: "button quiet", href: "#/imports" }, t("import_discard")),
          run.accepted > 0 && run.state === "done" && actionButton(context, { text: t("import_apply"), group: "admin", action: apply }),
        ]));
  }

  /** @param {ImportPage} run */
  function drawEnded(run) {
    fill(body,
      h("div", { class: "record-column" }, run.files.length > 0 && filesPanel(context, run), findingsPanel(context, run, stopped)),
      h("div", { class: "record-column" },
        run.dry_run && [fieldsPanel(context, run), monthPanel(context, run)],
        run.missing.length > 0 && missingPanel(context, run)));
    drawBar(run);
  }

  node.classList.add("record");
  fill(node,
    h("section", { class: "record-page", "aria-label": t("import_title") },
      h("nav", { class: "crumbs", "aria-label": t("customer_path") }, h("a", { href: "#/imports" }, t("imports_title")), " ›"),
      h("div", { class: "record-name" }, heading, about),
      begun),
    failure, problem, body, bar);
  follow(context, path, {
    stopped,
    failure,
    draw: (run) => {
      drawState(run);
      fill(problem);
      showRunProblem(context, problem, run, { kind: "imports", group: "admin" });
      if (run.state === "running") drawRunning(run);
      else drawEnded(run);
    },
  });
  return heading;
}
