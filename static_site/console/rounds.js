// Rounds of requests and reminders: what is planned, what went out, who was left out and why.
import { fill, h, sameKey } from "/shared/page.js";
import { offerMore } from "./more.js";
import {
  actionButton, figures, follow, head, pagedList, remembered, rightNeeded, runBadge, showFailure, staffName, titledTable,
} from "./parts.js";
import { contractLink, reasonList } from "./readiness.js";

const roundLink = (t, row) => h("a", { href: `#/rounds/${encodeURIComponent(row.id)}` }, t.time(row.created_at) || row.id);

/** A dry run of either kind over everything; what it would send can be sent from its own page. */
function startAll(desk, failure) {
  const { t } = desk;
  const key = sameKey();
  const options = ["request", "reminder"].map((kind) => {
    const input = h("input", { type: "radio", name: "kind", value: kind, checked: kind === "request" });
    return { kind, input, label: h("label", { class: "option" }, input, h("span", {}, t(`rounds_start_${kind}`))) };
  });
  async function tryOut() {
    const { kind } = options.find(({ input }) => input.checked);
    const body = { selection: { filter: {} }, kind, dry_run: true };
    fill(failure);
    try {
      const { id } = await desk.call("POST", "/api/staff/rounds", { body, key: key(body) });
      remembered.put(id, body);
      desk.go(`#/rounds/${encodeURIComponent(id)}`);
    } catch (error) {
      showFailure(desk, failure, error);
    }
  }
  return h("section", { class: "actions", "aria-label": t("actions") },
    h("fieldset", { class: "scope" }, h("legend", {}, t("rounds_start")), options.map(({ label }) => label)),
    h("div", { class: "buttons" }, actionButton(desk, { text: t("rounds_start_try"), group: "remind", action: tryOut })),
    rightNeeded(desk, "remind"));
}

export function roundsView(desk, node, { stopped }) {
  const { t } = desk;
  const failure = h("div");
  const [heading, top] = head(t("rounds_title"), t("rounds_lead"), [
    h("a", { class: "button quiet", href: "#/phone-list" }, t("calls_link")),
    h("a", { class: "button quiet", href: "#/contracts" }, t("rounds_new")),
  ]);
  fill(node, top, startAll(desk, failure), failure, pagedList(desk, {
    path: (cursor) => `/api/staff/rounds${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`,
    rows: (answer) => answer.rounds,
    caption: t("rounds_title"),
    columns: [
      { label: t("started"), cell: (row) => roundLink(t, row) },
      { label: t("kind"), cell: (row) => t(`kind_${row.kind}`) },
      { label: t("by"), cell: (row) => staffName(t, row.by) },
      { label: t("state"), cell: (row) => runBadge(desk, row) },
      { label: t("planned"), number: true, cell: (row) => t.number(row.planned) },
      { label: t("sent"), number: true, cell: (row) => t.number(row.sent) },
      { label: t("failed"), number: true, cell: (row) => t.number(row.failed) },
    ],
    empty: t("rounds_none"),
    stopped,
  }));
  return heading;
}

function mailColumns(t) {
  const word = (prefix, code) => (t.knows(`${prefix}_${code}`) ? t(`${prefix}_${code}`) : code);
  return [
    { label: t("mailbox"), cell: (row) => row.mailbox_masked },
    { label: t("contracts"), cell: (row) => row.contract_ids.join(", ") },
    { label: t("machines"), number: true, cell: (row) => t.number(row.machines) },
    { label: t("state"), cell: (row) => h("span", { class: `badge ${row.state}` }, word("mail", row.state)) },
    {
      label: t("delivery"),
      cell: (row) => [
        row.delivery ? word("fate", row.delivery) : "–",
        row.problem && ` (${row.problem})`,
        row.fell_out.length > 0 && [h("p", {}, t("fell_out")), row.fell_out.map((one) => [contractLink(one.contract_id), reasonList(t, one.reasons)])],
      ],
    },
  ];
}

function drawRound(desk, node, answer) {
  const { t } = desk;
  const leftOut = answer.left_out || [];
  const mails = answer.mails || [];
  fill(node,
    figures(desk, [
      [t(answer.dry_run ? "mails_proposed" : "planned"), answer.planned],
      ...(answer.dry_run ? [] : [[t("sent"), answer.sent], [t("failed"), answer.failed], [t("bounced"), answer.bounced]]),
      [t("left_out"), t.number(leftOut.length) + (answer.next_cursor ? " +" : "")],
      [t(answer.kind === "reminder" ? "not_due_reminder" : "not_due_yet"), answer.not_due || null],
    ]),
    !answer.dry_run && answer.state === "running" && answer.planned > 0 && h("div", { class: "progress" },
      h("label", { for: "round-progress" }, t("mails_progress", { sent: answer.sent, count: answer.planned })),
      h("progress", { id: "round-progress", max: answer.planned, value: answer.planned - (answer.waiting || 0) })),
    answer.problem && h("p", { class: "box bad" }, t.knows(`round_problem_${answer.problem}`) ? t(`round_problem_${answer.problem}`) : answer.problem),
    mails.length > 0 && titledTable(desk, t("mails"), mailColumns(t), mails),
    leftOut.length > 0 && titledTable(desk, t("left_out"), [
      { label: t("contract"), cell: (row) => contractLink(row.contract_id) },
      { label: t("reasons"), cell: (row) => reasonList(t, row.reasons) },
    ], leftOut));
}

export function roundView(desk, node, { id, stopped }) {
  const { t } = desk;
  const failure = h("div");
  const state = h("p");
  const send = h("div");
  const body = h("div");
  const more = h("div", { class: "foot" });
  const key = sameKey();
  const path = `/api/staff/rounds/${encodeURIComponent(id)}`;

  /** After a dry run: the same selection, for real. */
  function offerSending(answer) {
    const asked = remembered.get(id);
    if (!answer.dry_run || answer.state !== "done") return;
    if (!answer.planned) fill(send, h("p", { class: "box" }, t("round_nobody")));
    else if (!asked) fill(send, h("p", { class: "box" }, t("round_forgotten")));
    else {
      fill(send, h("div", { class: "box decide" }, h("p", {}, t("round_decide", { count: answer.planned })),
        actionButton(desk, {
          text: t("round_send", { count: answer.planned }),
          group: "remind",
          action: async () => {
            const body = { ...asked, dry_run: false };
            try {
              const started = await desk.call("POST", "/api/staff/rounds", { body, key: key(body) });
              desk.go(`#/rounds/${encodeURIComponent(started.id)}`);
            } catch (error) {
              showFailure(desk, failure, error);
            }
          },
        })));
    }
  }

  const [heading, top] = head(t("round_title"), null, h("a", { class: "button quiet", href: "#/rounds" }, t("rounds_all")));
  fill(node, top, failure, state, send, body, more);
  follow(desk, path, {
    stopped,
    failure,
    draw: (answer) => {
      heading.textContent = t(answer.kind === "reminder" ? "round_title_reminder" : "round_title");
      fill(state, runBadge(desk, answer), h("span", { class: "muted" }, ` ${t.time(answer.created_at)}`));
      drawRound(desk, body, answer);
      offerSending(answer);
      offerMore(desk, more, { answer, path, lists: ["left_out", "mails"], draw: (all) => drawRound(desk, body, all), stopped });
    },
  });
  return heading;
}
