// Portal Ready: which contracts can be asked, and every reason why the others cannot.
import { fill, h } from "/shared/page.js";
import { offerMore } from "./more.js";
import { figures, follow, head, remembered, runBadge, titledTable } from "./parts.js";

export const contractLink = (id) => h("a", { href: `#/contracts?contract_id=${encodeURIComponent(id)}` }, id);

/** Reasons in words, each with the record to fix. */
export function reasonList(t, reasons) {
  return h("ul", { class: "reasons" }, reasons.map((reason) =>
    h("li", {}, reason.text, reason.contact_id && h("span", { class: "muted" }, ` (${t("contact_no", { id: reason.contact_id })})`))));
}

function rightsWords(t, rights) {
  const modules = [rights.readings && t("right_readings"), rights.machines && t("right_machines"), rights.service_orders && rights.service_orders !== "none" && t("right_service_orders")];
  return modules.filter(Boolean).join(", ") || "–";
}

function drawOutcome(desk, node, answer) {
  const { t } = desk;
  const notReady = answer.not_ready || [];
  const granted = (answer.granted || []).filter((grant) => grant.new);
  const notes = answer.notes || [];
  const count = (list) => t.number(list.length) + (answer.next_cursor ? " +" : "");
  fill(node,
    figures(desk, [[t("ready"), count(answer.ready)], [t("not_ready"), count(notReady)], [t(answer.dry_run ? "would_be_granted" : "granted"), count(granted)]]),
    notReady.length > 0
      ? titledTable(desk, t("not_ready"), [
          { label: t("contract"), cell: (row) => contractLink(row.contract_id) },
          { label: t("reasons"), cell: (row) => reasonList(t, row.reasons) },
        ], notReady)
      : h("p", { class: "box good" }, t(answer.ready.length ? "all_ready" : "none_checked")),
    granted.length > 0 && titledTable(desk, t(answer.dry_run ? "would_be_granted" : "granted"), [
      { label: t("contact"), cell: (row) => row.contact_id },
      { label: t("company"), cell: (row) => h("a", { href: `#/contracts?company_id=${encodeURIComponent(row.company_id)}` }, row.company_id) },
      { label: t("rights"), cell: (row) => rightsWords(t, row.rights) },
    ], granted),
    notes.length > 0 && titledTable(desk, t("notes"), [
      { label: t("contract"), cell: (row) => contractLink(row.contract_id) },
      { label: t("note"), cell: (row) => reasonList(t, [row]) },
    ], notes),
    answer.ready.length > 0 && h("section", {}, h("h2", {}, t("ready")), h("p", { class: "ids" }, answer.ready.map((id) => [contractLink(id), " "]))));
}

export function readinessView(desk, node, { id, stopped }) {
  const { t } = desk;
  const failure = h("div");
  const state = h("p");
  const body = h("div");
  const more = h("div", { class: "foot" });
  const back = h("a", { class: "button quiet", href: "#/contracts" }, t("to_contracts"));
  const [heading, top] = head(t("readiness_title"), t("readiness_lead"), back);
  fill(node, top, failure, state, body, more);
  const at = remembered.get("readiness");
  if (id) {
    const path = `/api/staff/readiness/${encodeURIComponent(id)}`;
    follow(desk, path, {
      stopped,
      failure,
      draw: (answer) => {
        fill(state, runBadge(desk, answer), answer.state === "running" && h("span", { class: "muted" }, ` ${t("readiness_running")}`));
        if (answer.state === "running") return;
        drawOutcome(desk, body, answer);
        offerMore(desk, more, { answer, path, lists: ["ready", "not_ready", "granted", "notes"], draw: (all) => drawOutcome(desk, body, all), stopped });
      },
    });
  } else if (at) {
    fill(state, at.dry_run && h("span", { class: "badge" }, t("dry_run")));
    drawOutcome(desk, body, at);
  } else {
    fill(body, h("p", { class: "box" }, t("readiness_none")));
  }
  return heading;
}
