// The outcome of Portal Ready for chosen contracts: which can be asked, and every reason why the others cannot.
import { fill, h } from "/shared/page.js";
import { offerMore } from "../more.js";
import { figures, follow, head, remembered, runBadge, showRunProblem, titledTable } from "../parts.js";
import { addressOf } from "../stock/address.js";
import { contractLink, reasonList } from "./reasons.js";
import { LAST } from "./starting.js";
/** @import { Context, Outcome, Place, Rights } from "../../types/console" */
/** @import { Voice } from "../../types/page" */

/**
 * @param {Voice} t
 * @param {Rights} rights
 */
function rightsWords(t, rights) {
  const modules = [
    rights.readings && t("rights_readings"),
    rights.machines && t("rights_machines"),
    rights.service_orders && rights.service_orders !== "none" && t("rights_service"),
  ];
  return modules.filter(Boolean).join(", ") || "–";
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Outcome} answer
 */
function drawOutcome(context, node, answer) {
  const { t } = context;
  const notReady = answer.not_ready || [];
  const granted = (answer.granted || []).filter((grant) => grant.new);
  const notes = answer.notes || [];
  /** @param {unknown[]} list */
  const count = (list) => t.number(list.length) + (answer.next_cursor ? " +" : "");
  fill(node,
    figures(context, [
      [t("ready"), count(answer.ready)],
      [t("not_ready"), count(notReady)],
      [t(answer.dry_run ? "would_be_granted" : "granted"), count(granted)],
    ]),
    notReady.length > 0
      ? titledTable(context, t("not_ready"), [
          { label: t("contract"), cell: (row) => contractLink(row.contract_id) },
          { label: t("reasons"), cell: (row) => reasonList(t, row.reasons) },
        ], notReady)
      : h("p", { class: "box good" }, t(answer.ready.length ? "all_ready" : "none_checked")),
    granted.length > 0 && titledTable(context, t(answer.dry_run ? "would_be_granted" : "granted"), [
      { label: t("contact"), cell: (row) => row.contact_id },
      {
        label: t("company"),
        cell: (row) => h("a", { href: addressOf("companies", row.company_id, row.company_id) }, row.company_id),
      },
      { label: t("rights"), cell: (row) => rightsWords(t, row.rights) },
    ], granted),
    notes.length > 0 && titledTable(context, t("notes"), [
      { label: t("contract"), cell: (row) => contractLink(row.contract_id) },
      { label: t("note"), cell: (row) => reasonList(t, [row]) },
    ], notes),
    answer.ready.length > 0 && h("section", {},
      h("h2", {}, t("ready")),
      h("p", { class: "ids" }, answer.ready.map((id) => [contractLink(id), " "]))));
}

/**
 * How far a check has come.
 * @param {Voice} t
 * @param {Outcome} answer
 */
function runningWords(t, { progress }) {
  return [progress && t("readiness_progress", { done: progress.done, of: progress.of }), t("readiness_running")].filter(Boolean).join(" ");
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function outcomeView(context, node, { id, stopped }) {
  const { t } = context;
  const failure = h("div");
  const state = h("p");
  const body = h("div");
  const more = h("div", { class: "foot" });
  const back = h("a", { class: "button quiet", href: "#/readiness" }, t("to_readiness"));
  const [heading, top] = head(t("readiness_title"), t("readiness_lead"), back);
  fill(node, top, failure, state, body, more);
  const at = /** @type {Outcome | null} */ (remembered.get("readiness"));
  if (id !== LAST) {
    const path = /** @type {const} */ (`/api/staff/readiness/${encodeURIComponent(id)}`);
    follow(context, path, {
      stopped,
      failure,
      draw: (answer) => {
        fill(state, runBadge(context, answer), answer.state === "running" && h("span", { class: "muted" }, ` ${runningWords(t, answer)}`));
        showRunProblem(context, failure, answer, { kind: "readiness", group: "remind" });
        if (answer.state !== "done") return;
        drawOutcome(context, body, answer);
        offerMore(context, more, {
          answer,
          path,
          lists: ["ready", "not_ready", "granted", "notes"],
          draw: (all) => drawOutcome(context, body, all),
          stopped,
        });
      },
    });
  } else if (at) {
    fill(state, at.dry_run && h("span", { class: "badge" }, t("dry_run")));
    drawOutcome(context, body, at);
  } else {
    fill(body, h("p", { class: "box" }, t("readiness_none")));
  }
  return heading;
}
