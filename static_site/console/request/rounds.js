// Rounds of requests and reminders, newest first; and a dry run over everything.
import { fill, h, sameKey } from "/shared/page.js";
import { actionButton, head, pagedList, rightNeeded, runBadge, showFailure, staffName } from "../parts.js";
import { startRound } from "./starting.js";
/** @import { Context, Place, Round } from "../../types/console" */
/** @import { Voice } from "../../types/page" */

/**
 * @param {Voice} t
 * @param {Round} row
 */
const roundLink = (t, row) => h("a", { href: `#/rounds/${encodeURIComponent(row.id)}` }, t.time(row.created_at) || row.id);

/**
 * A dry run of either kind over everything; what it would send can be sent from its own page.
 * @param {Context} context
 * @param {HTMLElement} failure
 */
function startAll(context, failure) {
  const { t } = context;
  const key = sameKey();
  const options = /** @type {const} */ (["request", "reminder"]).map((kind) => {
    const input = h("input", { type: "radio", name: "kind", value: kind, checked: kind === "request" });
    return { kind, input, label: h("label", { class: "option" }, input, h("span", {}, t(`rounds_start_${kind}`))) };
  });
  async function tryOut() {
    const kind = options.find(({ input }) => input.checked)?.kind ?? "request";
    fill(failure);
    try {
      await startRound(context, { filter: {} }, kind, key);
    } catch (error) {
      showFailure(context, failure, error);
    }
  }
  return h("section", { class: "actions", "aria-label": t("actions") },
    h("fieldset", { class: "scope" }, h("legend", {}, t("rounds_start")), options.map(({ label }) => label)),
    h("div", { class: "buttons" }, actionButton(context, { text: t("rounds_start_try"), group: "remind", action: tryOut })),
    rightNeeded(context, "remind"));
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function roundsView(context, node, { stopped }) {
  const { t } = context;
  const failure = h("div");
  const [heading, top] = head(t("rounds_title"), t("rounds_lead"), h("a", { class: "button quiet", href: "#/readiness" }, t("rounds_new")));
  fill(node, top, startAll(context, failure), failure, pagedList(context, {
    path: "/api/staff/rounds",
    rows: (answer) => answer.rounds,
    caption: t("rounds_title"),
    columns: [
      { label: t("started"), cell: (row) => roundLink(t, row) },
      { label: t("kind"), cell: (row) => t(`kind_${row.kind}`) },
      { label: t("by"), cell: (row) => staffName(t, row.by) },
      { label: t("state"), cell: (row) => runBadge(context, row) },
      { label: t("planned"), number: true, cell: (row) => t.number(row.planned) },
      { label: t("sent"), number: true, cell: (row) => t.number(row.sent) },
      { label: t("failed"), number: true, cell: (row) => t.number(row.failed) },
    ],
    empty: t("rounds_none"),
    stopped,
  }));
  return heading;
}
