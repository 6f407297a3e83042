// Release runs: what would be released, the decision, the run, and its release report.
import { fill, h, sameKey } from "/shared/page.js";
import { actionButton, figures, follow, head, pagedList, runBadge, showFailure, showRunProblem, staffName } from "./parts.js";
import { saveFile, saveSheet } from "./saving.js";
import { reportPanels } from "./release_report.js";
/** @import { Context, Place, ReleasePage } from "../types/console" */

const MOST_IN_A_BOOK = 5000; // machines; longer reports come as CSV

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function releasesView(context, node, { stopped }) {
  const { t } = context;
  const [heading, top] = head(
    t("releases_title"),
    t("releases_lead"),
    h("a", { class: "button quiet", href: "#/readings" }, t("releases_new")),
  );
  fill(node, top, pagedList(context, {
    path: "/api/staff/releases",
    rows: (answer) => answer.releases,
    caption: t("releases_title"),
    columns: [
      {
        label: t("started"),
        cell: (row) => h("a", { href: `#/releases/${encodeURIComponent(row.id)}` }, t.time(row.created_at) || row.id),
      },
      { label: t("by"), cell: (row) => staffName(t, row.by) },
      {
        label: t("state"),
        cell: (row) => [runBadge(context, row), row.kind === "manual" && [" ", h("span", { class: "badge" }, t("by_hand"))]],
      },
      { label: t("machines"), number: true, cell: (row) => t.number(row.machines) },
      { label: t("released"), number: true, cell: (row) => t.number(row.dry_run ? row.releasable : row.released) },
      { label: t("refused"), number: true, cell: (row) => t.number(row.refused) },
    ],
    empty: t("releases_none"),
    stopped,
  }));
  return heading;
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {ReleasePage} answer
 */
function drawRelease(context, node, answer) {
  const { t } = context;
  fill(node,
    figures(context, [
      [t("machines"), answer.machines],
      [t(answer.dry_run ? "releasable" : "released"), answer.dry_run ? answer.releasable : answer.released],
      [t("refused"), answer.refused],
    ]),
    answer.state === "running" && answer.machines > 0 && h("div", { class: "progress" },
      h("label", { for: "release-progress" }, t("machines_progress", { done: answer.done, count: answer.machines })),
      h("progress", { id: "release-progress", max: answer.machines, value: answer.done })),
    answer.state === "running" && h("p", { class: "muted" }, t("release_goes_on")),
    answer.state === "done" && !answer.total && h("p", { class: "box" }, t("release_report_none")));
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function releaseView(context, node, { id, stopped }) {
  const { t } = context;
  const failure = h("div");
  const state = h("p");
  const decide = h("div");
  const body = h("div");
  const report = reportPanels(context, node, { id, stopped });
  const key = sameKey();
  const path = /** @type {const} */ (`/api/staff/releases/${encodeURIComponent(id)}`);

  /** @param {() => Promise<void>} action */
  async function act(action) {
    fill(failure);
    try {
      await action();
    } catch (error) {
      showFailure(context, failure, error);
    }
  }

  /**
   * After a dry run: release exactly what it showed; what changed since is refused by the server.
   * @param {ReleasePage} answer
   */
  function offerRelease(answer) {
    const count = answer.releasable;
    if (!answer.dry_run || answer.state !== "done") return;
    if (!count) {
      fill(decide, h("p", { class: "box" }, t("release_nothing")));
      return;
    }
    const run = () => act(async () => {
      const body = { selection: { filter: {}, snapshot: id }, dry_run: false };
      const started = await context.call("POST", "/api/staff/releases", { body, key: key(body) });
      context.go(`#/releases/${encodeURIComponent(started.id)}`);
    });
    fill(decide, h("div", { class: "box decide" },
      h("p", {}, t("release_decide", { count, refused: answer.refused })),
      actionButton(context, { text: t("release_go", { count }), group: "release", action: run })));
  }

  const download = h("button", {
    type: "button",
    class: "button quiet",
    hidden: true,
    on: { click: () => act(() => saveSheet(context, `${path}/protocol.csv`, `protokoll-${id}.csv`)) },
  }, t("release_report_csv"));
  const book = h("button", {
    type: "button",
    class: "button quiet",
    hidden: true,
    on: {
      click: () => act(async () => {
        const response = await context.call("GET", `${path}/protocol.xlsx`, { file: true });
        saveFile(await response.blob(), `protokoll-${id}.xlsx`);
      }),
    },
  }, t("release_report_xlsx"));
  const [heading, top] = head(t("release_title"), null, [
    download,
    book,
    h("a", { class: "button quiet", href: "#/releases" }, t("releases_all")),
  ]);
  fill(node, top, failure, state, decide, body, report.element);
  follow(context, path, {
    stopped,
    failure,
    draw: (answer) => {
      showRunProblem(context, failure, answer, { kind: "releases", group: "release" });
      fill(state, runBadge(context, answer), h("span", { class: "muted" }, ` ${t.time(answer.created_at)}, ${staffName(t, answer.by)}`));
      download.hidden = answer.state === "running";
      book.hidden = download.hidden || answer.machines > MOST_IN_A_BOOK;
      drawRelease(context, body, answer);
      offerRelease(answer);
      if (answer.state !== "running") report.draw(answer);
    },
  });
  return heading;
}
