// Readings in four buckets; from here machines are released, or one reading by hand.
import { fill, h, sameKey } from "/shared/page.js";
import { ask } from "./dialog.js";
import { actionButton, choiceOf, filterBar, filterOf, head, pagedList, rightNeeded, showFailure } from "./parts.js";
import { contractLink } from "./request/reasons.js";
import { photosOf } from "./photos.js";
import { addressOf } from "./stock/address.js";
/** @import { Choice, Column, Context, Place, ReadingRow, Selection, ShownMachine } from "../types/console" */
/** @import { Child, Voice } from "../types/page" */

const BUCKETS = ["reported", "implausible", "released", "missing"];
const FILTERS = ["company_id", "contract_id"];

/**
 * @param {Voice} t
 * @param {string} bucket
 * @param {URLSearchParams} query
 */
function tabs(t, bucket, query) {
  return h("nav", { class: "tabs", "aria-label": t("buckets") }, h("ul", {}, BUCKETS.map((name) => {
    const target = new URLSearchParams([...query].filter(([key]) => key !== "bucket"));
    target.set("bucket", name);
    return h("li", {}, h("a", { href: `#/readings?${target}`, "aria-current": name === bucket ? "page" : null }, t(`bucket_${name}`)));
  })));
}

/**
 * @param {Voice} t
 * @param {ReadingRow} row
 * @returns {Child[]}
 */
function verdict(t, row) {
  const state = ["released", "billed"].includes(row.state) ? row.state : row.verdict;
  return [
    h("span", { class: `badge ${state}` }, t(`verdict_${state}`)),
    row.refused && h("span", { class: "muted" }, ` ${t("refused_before")}`),
    row.export_refused && h("span", { class: "warning" }, ` ${t("export_refused", { reason: row.export_refused })}`),
  ];
}

/** @param {Pick<ShownMachine, "location">} machine */
const placeWords = ({ location }) => [location.site, location.building, location.floor, location.room].filter(Boolean).join(" · ");

/**
 * The answer's machines as one row per counter; rows of one machine belong together.
 * @param {{ machines: ShownMachine[] }} answer
 * @returns {ReadingRow[]}
 */
function rowsOf(answer) {
  return answer.machines.flatMap((machine) => machine.readings.map((reading) => ({
    ...reading,
    machine,
    machine_id: machine.id,
    version: machine.version,
  })));
}

/**
 * @param {Voice} t
 * @param {ReadingRow} row
 * @returns {Child[]}
 */
function why(t, row) {
  const findings = (row.findings || []).map((finding) => finding.text);
  return [
    row.reason && h("p", {}, t("quoted", { text: row.reason })),
    row.release_reason && h("p", {}, t("quoted", { text: row.release_reason })),
    findings.map((text) => h("p", { class: "muted" }, text)),
  ];
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {string} bucket
 * @param {(row: ReadingRow) => void} byHand
 * @returns {Column<ReadingRow>[]}
 */
function columns(context, node, bucket, byHand) {
  const { t } = context;
  /** @type {Column<ReadingRow>[]} */
  const all = [
    {
      label: t("machine"),
      cell: (row) => [
        h("a", { href: addressOf("machines", row.machine.company.id, row.machine_id) }, h("strong", {}, row.machine_id)),
        row.machine.model && ` ${row.machine.model}`,
        h("span", { class: "line muted" }, [row.machine.serial, placeWords(row.machine)].filter(Boolean).join(", ")),
      ],
    },
    {
      label: t("company"),
      cell: (row) => [
        h("a", { class: "line", href: addressOf("companies", row.machine.company.id, row.machine.company.id) }, row.machine.company.name),
        contractLink(row.machine.contract_id),
      ],
    },
    { label: t("meter"), cell: (row) => row.label || row.meter_id },
    { label: t("due_on"), cell: (row) => t.date(row.due_on) },
  ];
  if (bucket === "missing") {
    return [
      ...all,
      {
        label: t("last_value"),
        number: true,
        cell: (row) => (row.last ? `${t.number(row.last.value)} (${t.date(row.last.read_on)})` : "–"),
      },
    ];
  }
  /** @type {(Column<ReadingRow> | false)[]} */
  const some = [
    ...all,
    { label: t("value"), number: true, cell: (row) => t.number(row.value) },
    { label: t("read_on"), cell: (row) => t.date(row.read_on) },
    { label: t("verdict"), cell: (row) => verdict(t, row) },
    { label: t("reason"), cell: (row) => [why(t, row), photosOf(context, node, row)] },
    bucket !== "released" && context.may("release") && {
      label: t("by_hand"),
      cell: (row) => h("button", {
        type: "button",
        class: "link",
        "aria-label": t("by_hand_of", { id: row.id }),
        on: { click: () => byHand(row) },
      }, t("by_hand_do")),
    },
  ];
  return some.filter((column) => column !== false);
}

/**
 * Asks for the reason of a release by hand; resolves when it is done or given up.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {ReadingRow} row
 * @param {() => unknown} done
 */
function askReason(context, node, row, done) {
  const { t } = context;
  const reason = h("textarea", { id: "release-reason", rows: "3", minlength: "3", maxlength: "500", required: true });
  ask(context, node, {
    title: t("by_hand_title"),
    content: [
      h("p", {},
        t("by_hand_what", { machine: row.machine_id, meter: row.label || row.meter_id, value: row.value, date: t.date(row.read_on) })),
      why(t, row),
      photosOf(context, node, row),
      h("div", { class: "field" }, h("label", { for: "release-reason" }, t("by_hand_reason")), reason),
    ],
    go: t("by_hand_go"),
    act: () => context.call("POST", `/api/staff/readings/${encodeURIComponent(row.id)}/release`, {
      body: { reason: reason.value.trim(), version: row.version },
    }),
    done,
  });
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function readingsView(context, node, { query, stopped }) {
  const { t } = context;
  const bucket = BUCKETS.find((name) => name === query.get("bucket")) ?? "reported";
  const filter = filterOf(query, FILTERS);
  const failure = h("div");
  const key = sameKey();
  const waits = bucket === "reported";
  /** @type {Choice<ReadingRow> | null} */
  const choice = waits ? choiceOf((row) => row.machine_id, (row) => `${row.machine_id} ${row.label || row.meter_id}`, () => count()) : null;
  const chosen = h("p", { class: "muted" }, "");
  const machines = () => new Map((choice ? choice.rows() : []).map((row) => [row.machine_id, row.version]));

  function count() {
    chosen.textContent = t("machines_chosen", { count: machines().size });
  }

  /** @param {Selection} selection */
  async function dryRun(selection) {
    fill(failure);
    const body = { selection, dry_run: true };
    try {
      const { id } = await context.call("POST", "/api/staff/releases", { body, key: key(body) });
      context.go(`#/releases/${encodeURIComponent(id)}`);
    } catch (error) {
      showFailure(context, failure, error);
    }
  }

  function releaseChosen() {
    const versions = Object.fromEntries(machines());
    const ids = Object.keys(versions);
    if (ids.length) return dryRun({ ids, versions });
    fill(failure, h("p", { class: "box warn", role: "alert" }, t("choose_machines")));
    return null;
  }

  /** @param {ReadingRow} row */
  const byHand = (row) => askReason(context, node, row, () => context.redraw());
  const [heading, top] = head(t("readings_title"), t(`bucket_${bucket}_lead`));
  const filters = filterBar(context, "readings", query, [
    { name: "company_id", label: t("company_no") },
    { name: "contract_id", label: t("contract_no") },
  ]);
  fill(node, top, tabs(t, bucket, query), filters,
    waits && h("section", { class: "actions", "aria-label": t("actions") },
      chosen,
      h("div", { class: "buttons" },
        actionButton(context, { text: t("release_chosen"), group: "release", action: releaseChosen }),
        actionButton(context, {
          text: t(Object.keys(filter).length ? "release_filtered" : "release_all"),
          group: "release",
          kind: "quiet",
          action: () => dryRun({ filter }),
        })),
      rightNeeded(context, "release") || h("p", { class: "muted small" }, t("release_by_machine"))),
    failure,
    pagedList(context, {
      path: "/api/staff/readings",
      query: { bucket, ...filter },
      rows: rowsOf,
      caption: t(`bucket_${bucket}`),
      columns: columns(context, node, bucket, byHand),
      choice,
      empty: t(`bucket_${bucket}_none`),
      stopped,
    }));
  if (waits) count();
  return heading;
}
