// Contracts: find, choose, check readiness, ask for readings.
import { fill, h, sameKey } from "/shared/page.js";
import { actionButton, choiceOf, filterBar, filterOf, head, pagedList, remembered, rightNeeded, showFailure } from "./parts.js";
import { reasonList } from "./readiness.js";

const FILTERS = ["company_id", "contract_id", "reading_channel", "due_before", "state"];
const CHANNELS = ["PORTAL", "MPS", "TECHNICIAN", "PHONE", "EMAIL", "LETTER"];
const STATES = ["open", "partly", "complete", "released", "empty"];

/** Ready, or what stands in the way; the reasons open on demand. */
function readiness(t, row) {
  if (row.ready) return h("span", { class: "badge done" }, t("ready_badge"));
  return h("details", {}, h("summary", {}, t("reasons_count", { count: row.reasons.length })), reasonList(t, row.reasons));
}

function columns(t) {
  return [
    { label: t("contract"), cell: (row) => [h("strong", {}, row.id), h("span", { class: "line" }, row.name)] },
    { label: t("company"), cell: (row) => [h("a", { href: `#/contracts?company_id=${encodeURIComponent(row.company.id)}` }, row.company.name), h("span", { class: "line muted" }, row.company.id)] },
    { label: t("channel"), cell: (row) => t(`channel_${row.reading_channel}`) },
    { label: t("due_on"), cell: (row) => t.date(row.due_on) || "–" },
    {
      label: t("machines_reported"),
      number: true,
      cell: (row) => h("a", { href: `#/readings?contract_id=${encodeURIComponent(row.id)}`, "aria-label": t("readings_of", { id: row.id, reported: row.machines.reported, total: row.machines.total }) },
        t("reported_of", { reported: row.machines.reported, total: row.machines.total })),
    },
    { label: t("state"), cell: (row) => [h("span", { class: `badge ${row.state}` }, t(`slot_${row.state}`)), row.asked && row.state !== "released" && h("span", { class: "muted" }, ` ${t("asked")}`)] },
    { label: t("readiness_title"), cell: (row) => readiness(t, row) },
    { label: t("reporters"), cell: (row) => (row.reporters || []).map((person) => person.name || person.id).join(", ") || "–" },
  ];
}

/** The choice between rows, filter and all that is due; selection() is what the API takes, or null. */
function scopePicker(desk, choice, query) {
  const { t } = desk;
  const filter = filterOf(query, FILTERS);
  const radio = (value, text) => h("label", { class: "option" }, h("input", { type: "radio", name: "scope", value, checked: value === "rows" }), h("span", {}, text));
  const chosen = h("span", {}, "");
  const due = h("input", { type: "date", value: query.get("due_before") || "", "aria-label": t("scope_due_until") });
  const element = h("fieldset", { class: "scope" },
    h("legend", {}, t("scope")),
    h("label", { class: "option" }, h("input", { type: "radio", name: "scope", value: "rows", checked: true }), chosen),
    radio("filter", Object.keys(filter).length ? t("scope_filter") : t("scope_everything")),
    h("div", { class: "option" }, radio("due", t("scope_due")), h("span", { class: "muted" }, t("scope_due_until")), due));
  const count = () => {
    chosen.textContent = t("scope_rows", { count: choice.size });
  };
  count();
  return {
    element,
    count,
    selection: () => {
      const scope = element.querySelector("input[name=scope]:checked").value;
      if (scope === "filter") return { filter };
      if (scope === "due") return { filter: { reading_channel: "PORTAL", ...(due.value ? { due_before: due.value } : {}) } };
      return choice.size ? { ids: choice.rows().map((row) => row.id) } : null;
    },
  };
}

export function contractsView(desk, node, { query, stopped }) {
  const { t } = desk;
  const failure = h("div");
  const key = sameKey();
  const choice = choiceOf((row) => row.id, (row) => row.id, () => scope.count());
  const scope = scopePicker(desk, choice, query);

  async function withSelection(action) {
    fill(failure);
    const selection = scope.selection();
    if (!selection) {
      fill(failure, h("p", { class: "box warn", role: "alert" }, t("choose_first")));
      return;
    }
    try {
      await action(selection);
    } catch (error) {
      showFailure(desk, failure, error);
    }
  }

  const checkReadiness = (dryRun) => () => withSelection(async (selection) => {
    const answer = await desk.call("POST", "/api/staff/readiness", { body: { selection, dry_run: dryRun } });
    if (answer.ready) remembered.put("readiness", { ...answer, dry_run: dryRun });
    desk.go(answer.ready ? `#/readiness?at=${Date.now()}` : `#/readiness/${encodeURIComponent(answer.id)}`);
  });

  const prepareRound = (kind) => () => withSelection(async (selection) => {
    const dueOn = selection.filter && selection.filter.due_before;
    const body = { selection, kind, dry_run: true, ...(dueOn ? { due_on: dueOn } : {}) };
    const { id } = await desk.call("POST", "/api/staff/rounds", { body, key: key(body) });
    remembered.put(id, body);
    desk.go(`#/rounds/${encodeURIComponent(id)}`);
  });

  const [heading, top] = head(t("contracts_title"), t("contracts_lead"));
  const filters = filterBar(desk, "contracts", query, [
    { name: "company_id", label: t("company_no") },
    { name: "contract_id", label: t("contract_no") },
    { name: "reading_channel", label: t("channel"), options: CHANNELS.map((code) => [code, t(`channel_${code}`)]) },
    { name: "due_before", label: t("due_until"), type: "date" },
    { name: "state", label: t("state"), options: STATES.map((code) => [code, t(`slot_${code}`)]) },
  ]);
  const filter = filterOf(query, FILTERS);
  fill(node, top, filters,
    h("section", { class: "actions", "aria-label": t("actions") },
      scope.element,
      h("div", { class: "buttons" },
        actionButton(desk, { text: t("ready_dry"), group: "remind", kind: "quiet", action: checkReadiness(true) }),
        actionButton(desk, { text: t("ready_run"), group: "remind", action: checkReadiness(false) }),
        actionButton(desk, { text: t("reminder_dry"), group: "remind", kind: "quiet", action: prepareRound("reminder") }),
        actionButton(desk, { text: t("round_dry"), group: "remind", action: prepareRound("request") })),
      rightNeeded(desk, "remind"),
      failure),
    pagedList(desk, {
      path: (cursor) => `/api/staff/contracts?${new URLSearchParams({ ...filter, ...(cursor ? { cursor } : {}) })}`,
      rows: (answer) => answer.contracts,
      caption: t("contracts_title"),
      columns: columns(t),
      choice,
      empty: Object.keys(filter).length ? t("contracts_none_found") : t("contracts_none"),
      stopped,
    }));
  return heading;
}
