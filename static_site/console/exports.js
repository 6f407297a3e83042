// Exports: released readings as files for the ERP, and the ERP's acknowledgement.
import { fill, h, sameKey } from "/shared/page.js";
import { actionButton, figures, follow, head, pagedList, rightNeeded, runBadge, showFailure, staffName } from "./parts.js";

function exportStateWords(t, row) {
  const { acknowledged } = row;
  if (!row.count) return "–";
  if (!acknowledged.at) return t("not_acknowledged");
  return acknowledged.open ? t("acknowledged_partly", { open: acknowledged.open }) : t("acknowledged_on", { date: t.time(acknowledged.at) });
}

export function exportsView(desk, node, { stopped }) {
  const { t } = desk;
  const failure = h("div");
  const key = sameKey();
  const start = async () => {
    fill(failure);
    try {
      const { id } = await desk.call("POST", "/api/staff/exports", { body: {}, key: key({}) });
      desk.go(`#/exports/${encodeURIComponent(id)}`);
    } catch (error) {
      showFailure(desk, failure, error);
    }
  };
  const [heading, top] = head(t("exports_title"), t("exports_lead"), actionButton(desk, { text: t("export_start"), group: "release", action: start }));
  fill(node, top, rightNeeded(desk, "release"), failure, pagedList(desk, {
    path: (cursor) => `/api/staff/exports${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`,
    rows: (answer) => answer.exports,
    caption: t("exports_title"),
    columns: [
      { label: t("started"), cell: (row) => h("a", { href: `#/exports/${encodeURIComponent(row.id)}` }, t.time(row.created_at) || row.id) },
      { label: t("by"), cell: (row) => staffName(t, row.by) },
      { label: t("state"), cell: (row) => runBadge(desk, row) },
      { label: t("readings"), number: true, cell: (row) => t.number(row.count) },
      { label: t("acknowledgement"), cell: (row) => exportStateWords(t, row) },
    ],
    empty: t("exports_none"),
    stopped,
  }));
  return heading;
}

function drawExport(desk, node, answer) {
  const { t } = desk;
  const files = answer.files || [];
  fill(node,
    figures(desk, [
      [t("readings"), answer.count],
      [t("export_sum"), answer.sum],
      ...(answer.already_billed ? [[t("export_already_billed"), answer.already_billed]] : []),
      ...(answer.acknowledged.at ? [[t("billed"), answer.acknowledged.accepted], [t("refused"), answer.acknowledged.refused], [t("open"), answer.acknowledged.open]] : []),
    ]),
    files.length > 0 && h("section", {}, h("h2", {}, t("files")), h("ul", { class: "files" }, files.map((file) =>
      h("li", {},
        h("a", { href: file.url, download: file.name }, file.name),
        file.sha256 && h("p", { class: "muted small" }, "SHA-256 ", h("code", {}, file.sha256)))))),
    answer.state === "done" && !answer.count && !answer.already_billed && h("p", { class: "box" }, t("export_empty")));
}

export function exportView(desk, node, { id, stopped }) {
  const { t } = desk;
  const failure = h("div");
  const state = h("p");
  const body = h("div");
  const decide = h("div");
  const path = `/api/staff/exports/${encodeURIComponent(id)}`;

  async function acknowledge() {
    fill(failure);
    try {
      await desk.call("POST", `${path}/ack`, { body: { accepted: "all" } });
      desk.redraw();
    } catch (error) {
      showFailure(desk, failure, error);
    }
  }

  const [heading, top] = head(t("export_title"), null, h("a", { class: "button quiet", href: "#/exports" }, t("exports_all")));
  fill(node, top, failure, state, decide, body);
  follow(desk, path, {
    stopped,
    failure,
    draw: (answer) => {
      fill(state, runBadge(desk, answer), h("span", { class: "muted" }, ` ${t.time(answer.created_at)}`));
      drawExport(desk, body, answer);
      if (answer.state !== "done" || !answer.count) return;
      if (!answer.acknowledged.open) fill(decide, h("p", { class: "box good" }, t("acknowledged_on", { date: t.time(answer.acknowledged.at) })));
      else fill(decide, h("div", { class: "box decide" }, h("p", {}, t("acknowledge_help")), actionButton(desk, { text: t("acknowledge"), group: "release", action: acknowledge })));
    },
  });
  return heading;
}
