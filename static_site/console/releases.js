// Release runs: what would be released, the decision, the run, and its protocol.
import { fill, h, sameKey } from "/shared/page.js";
import { offerMore } from "./more.js";
import { actionButton, figures, follow, head, pagedList, runBadge, saveSheet, showFailure, staffName, titledTable } from "./parts.js";

export function releasesView(desk, node, { stopped }) {
  const { t } = desk;
  const [heading, top] = head(t("releases_title"), t("releases_lead"), h("a", { class: "button quiet", href: "#/readings" }, t("releases_new")));
  fill(node, top, pagedList(desk, {
    path: (cursor) => `/api/staff/releases${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`,
    rows: (answer) => answer.releases,
    caption: t("releases_title"),
    columns: [
      { label: t("started"), cell: (row) => h("a", { href: `#/releases/${encodeURIComponent(row.id)}` }, t.time(row.created_at) || row.id) },
      { label: t("by"), cell: (row) => staffName(t, row.by) },
      { label: t("state"), cell: (row) => [runBadge(desk, row), row.kind === "manual" && [" ", h("span", { class: "badge" }, t("by_hand"))]] },
      { label: t("machines"), number: true, cell: (row) => t.number(row.machines) },
      { label: t("released"), number: true, cell: (row) => t.number(row.dry_run ? row.releasable : row.released) },
      { label: t("refused"), number: true, cell: (row) => t.number(row.refused) },
    ],
    empty: t("releases_none"),
    stopped,
  }));
  return heading;
}

function protocolColumns(t) {
  return [
    { label: t("machine"), cell: (row) => [h("strong", {}, row.machine_id), h("span", { class: "line muted" }, [row.company, row.serial].filter(Boolean).join(", "))] },
    { label: t("meter"), cell: (row) => row.label || row.meter_id || "–" },
    { label: t("value"), number: true, cell: (row) => (row.value === null || row.value === undefined ? "–" : t.number(row.value)) },
    { label: t("result"), cell: (row) => h("span", { class: `badge ${row.result}` }, t.knows(`result_${row.result}`) ? t(`result_${row.result}`) : row.result) },
    { label: t("reason"), cell: (row) => row.reason || "–" },
  ];
}

function drawRelease(desk, node, answer) {
  const { t } = desk;
  const protocol = answer.protocol || [];
  fill(node,
    figures(desk, [
      [t("machines"), answer.machines],
      [t(answer.dry_run ? "releasable" : "released"), answer.dry_run ? answer.releasable : answer.released],
      [t("refused"), answer.refused],
    ]),
    answer.state === "running" && answer.machines > 0 && h("div", { class: "progress" },
      h("label", { for: "release-progress" }, t("machines_progress", { done: answer.done, count: answer.machines })),
      h("progress", { id: "release-progress", max: answer.machines, value: answer.done })),
    protocol.length > 0 ? titledTable(desk, t("protocol"), protocolColumns(t), protocol) : answer.state === "done" && h("p", { class: "box" }, t("protocol_none")));
}

export function releaseView(desk, node, { id, stopped }) {
  const { t } = desk;
  const failure = h("div");
  const state = h("p");
  const decide = h("div");
  const body = h("div");
  const more = h("div", { class: "foot" });
  const key = sameKey();
  const path = `/api/staff/releases/${encodeURIComponent(id)}`;

  async function act(action) {
    fill(failure);
    try {
      await action();
    } catch (error) {
      showFailure(desk, failure, error);
    }
  }

  /** After a dry run: release exactly what it showed; what changed since is refused by the server. */
  function offerRelease(answer) {
    const count = answer.releasable;
    if (!answer.dry_run || answer.state !== "done") return;
    if (!count) {
      fill(decide, h("p", { class: "box" }, t("release_nothing")));
      return;
    }
    const run = () => act(async () => {
      const body = { selection: { filter: {}, snapshot: id }, dry_run: false };
      const started = await desk.call("POST", "/api/staff/releases", { body, key: key(body) });
      desk.go(`#/releases/${encodeURIComponent(started.id)}`);
    });
    fill(decide, h("div", { class: "box decide" },
      h("p", {}, t("release_decide", { count, refused: answer.refused })),
      actionButton(desk, { text: t("release_go", { count }), group: "release", action: run })));
  }

  const download = h("button", { type: "button", class: "button quiet", on: { click: () => act(() => saveSheet(desk, `${path}/protocol.csv`, `protokoll-${id}.csv`)) } }, t("protocol_csv"));
  const [heading, top] = head(t("release_title"), null, [download, h("a", { class: "button quiet", href: "#/releases" }, t("releases_all"))]);
  fill(node, top, failure, state, decide, body, more);
  follow(desk, path, {
    stopped,
    failure,
    draw: (answer) => {
      fill(state, runBadge(desk, answer), h("span", { class: "muted" }, ` ${t.time(answer.created_at)}, ${staffName(t, answer.by)}`));
      download.hidden = answer.state === "running";
      drawRelease(desk, body, answer);
      offerRelease(answer);
      offerMore(desk, more, { answer, path, lists: ["protocol"], draw: (all) => drawRelease(desk, body, all), stopped });
    },
  });
  return heading;
}
