// Readings in four buckets; from here machines are released, or one reading by hand.
import { fill, h, sameKey } from "/shared/page.js";
import { actionButton, choiceOf, filterBar, filterOf, head, pagedList, rightNeeded, showFailure } from "./parts.js";
import { photosOf } from "./photos.js";

const BUCKETS = ["reported", "implausible", "released", "missing"];
const FILTERS = ["company_id", "contract_id"];

function tabs(t, bucket, query) {
  return h("nav", { class: "tabs", "aria-label": t("buckets") }, h("ul", {}, BUCKETS.map((name) => {
    const target = new URLSearchParams([...query].filter(([key]) => key !== "bucket"));
    target.set("bucket", name);
    return h("li", {}, h("a", { href: `#/readings?${target}`, "aria-current": name === bucket ? "page" : null }, t(`bucket_${name}`)));
  })));
}

function verdict(t, row) {
  const state = ["released", "billed"].includes(row.state) ? row.state : row.verdict;
  return [
    h("span", { class: `badge ${state}` }, t(`verdict_${state}`)),
    row.refused && h("span", { class: "muted" }, ` ${t("refused_before")}`),
    row.export_refused && h("span", { class: "warning" }, ` ${t("export_refused", { reason: row.export_refused })}`),
  ];
}

const placeWords = ({ location }) => [location.site, location.building, location.floor, location.room].filter(Boolean).join(" · ");

/** The answer's machines as one row per counter; rows of one machine belong together. */
function rowsOf(answer) {
  return answer.machines.flatMap((machine) => machine.readings.map((reading) => ({ ...reading, machine, machine_id: machine.id, version: machine.version })));
}

function why(t, row) {
  const findings = (row.findings || []).map((finding) => finding.text);
  return [row.reason && h("p", {}, t("quoted", { text: row.reason })), row.release_reason && h("p", {}, t("quoted", { text: row.release_reason })), findings.map((text) => h("p", { class: "muted" }, text))];
}

function columns(desk, node, bucket, byHand) {
  const { t } = desk;
  const all = [
    { label: t("machine"), cell: (row) => [h("strong", {}, row.machine_id), row.machine.model && ` ${row.machine.model}`, h("span", { class: "line muted" }, [row.machine.serial, placeWords(row.machine)].filter(Boolean).join(", "))] },
    { label: t("company"), cell: (row) => [h("span", { class: "line" }, row.machine.company.name), h("a", { href: `#/contracts?contract_id=${encodeURIComponent(row.machine.contract_id)}` }, row.machine.contract_id)] },
    { label: t("meter"), cell: (row) => row.label || row.meter_id },
    { label: t("due_on"), cell: (row) => t.date(row.due_on) },
  ];
  if (bucket === "missing") return [...all, { label: t("last_value"), number: true, cell: (row) => (row.last ? `${t.number(row.last.value)} (${t.date(row.last.read_on)})` : "–") }];
  return [
    ...all,
    { label: t("value"), number: true, cell: (row) => t.number(row.value) },
    { label: t("read_on"), cell: (row) => t.date(row.read_on) },
    { label: t("verdict"), cell: (row) => verdict(t, row) },
    { label: t("reason"), cell: (row) => [why(t, row), photosOf(desk, node, row)] },
    bucket !== "released" && desk.may("release") && { label: t("by_hand"), cell: (row) => h("button", { type: "button", class: "link", "aria-label": t("by_hand_of", { id: row.id }), on: { click: () => byHand(row) } }, t("by_hand_do")) },
  ].filter(Boolean);
}

/** Asks for the reason of a release by hand; resolves when it is done or given up. */
function askReason(desk, node, row, done) {
  const { t } = desk;
  const failure = h("div");
  const reason = h("textarea", { id: "release-reason", rows: "3", minlength: "3", maxlength: "500", required: true });
  const dialog = h("dialog", { "aria-labelledby": "release-title" },
    h("form", {
      class: "stack",
      on: {
        submit: async (event) => {
          event.preventDefault();
          try {
            await desk.call("POST", `/api/staff/readings/${encodeURIComponent(row.id)}/release`, { body: { reason: reason.value.trim(), version: row.version } });
            dialog.close();
            done();
          } catch (error) {
            showFailure(desk, failure, error);
          }
        },
      },
    },
    h("h2", { id: "release-title" }, t("by_hand_title")),
    h("p", {}, t("by_hand_what", { machine: row.machine_id, meter: row.label || row.meter_id, value: row.value, date: t.date(row.read_on) })),
    why(t, row),
    photosOf(desk, node, row),
    h("div", { class: "field" }, h("label", { for: "release-reason" }, t("by_hand_reason")), reason),
    failure,
    h("div", { class: "buttons" },
      h("button", { type: "submit", class: "button" }, t("by_hand_go")),
      h("button", { type: "button", class: "button quiet", on: { click: () => dialog.close() } }, t("cancel")))));
  dialog.addEventListener("close", () => dialog.remove());
  node.append(dialog);
  dialog.showModal();
}

export function readingsView(desk, node, { query, stopped }) {
  const { t } = desk;
  const bucket = BUCKETS.includes(query.get("bucket")) ? query.get("bucket") : "reported";
  const filter = filterOf(query, FILTERS);
  const failure = h("div");
  const key = sameKey();
  const waits = bucket === "reported";
  const choice = waits ? choiceOf((row) => row.machine_id, (row) => `${row.machine_id} ${row.label || row.meter_id}`, () => count()) : null;
  const chosen = h("p", { class: "muted" }, "");
  const machines = () => new Map(choice.rows().map((row) => [row.machine_id, row.version]));

  function count() {
    chosen.textContent = t("machines_chosen", { count: machines().size });
  }

  async function dryRun(selection) {
    fill(failure);
    const body = { selection, dry_run: true };
    try {
      const { id } = await desk.call("POST", "/api/staff/releases", { body, key: key(body) });
      desk.go(`#/releases/${encodeURIComponent(id)}`);
    } catch (error) {
      showFailure(desk, failure, error);
    }
  }

  function releaseChosen() {
    const versions = Object.fromEntries(machines());
    const ids = Object.keys(versions);
    if (ids.length) return dryRun({ ids, versions });
    fill(failure, h("p", { class: "box warn", role: "alert" }, t("choose_machines")));
    return null;
  }

  const byHand = (row) => askReason(desk, node, row, () => desk.redraw());
  const [heading, top] = head(t("readings_title"), t(`bucket_${bucket}_lead`));
  const filters = filterBar(desk, "readings", query, [
    { name: "company_id", label: t("company_no") },
    { name: "contract_id", label: t("contract_no") },
  ]);
  fill(node, top, tabs(t, bucket, query), filters,
    waits && h("section", { class: "actions", "aria-label": t("actions") },
      chosen,
      h("div", { class: "buttons" },
        actionButton(desk, { text: t("release_chosen"), group: "release", action: releaseChosen }),
        actionButton(desk, { text: t(Object.keys(filter).length ? "release_filtered" : "release_all"), group: "release", kind: "quiet", action: () => dryRun({ filter }) })),
      rightNeeded(desk, "release") || h("p", { class: "muted small" }, t("release_by_machine"))),
    failure,
    pagedList(desk, {
      path: (cursor) => `/api/staff/readings?${new URLSearchParams({ bucket, ...filter, ...(cursor ? { cursor } : {}) })}`,
      rows: rowsOf,
      caption: t(`bucket_${bucket}`),
      columns: columns(desk, node, bucket, byHand),
      choice,
      empty: t(`bucket_${bucket}_none`),
      stopped,
    }));
  if (waits) count();
  return heading;
}
