// Problems that customers report with their machines, and what the staff decide about them.
import { focusOn, fill, h, say } from "/shared/page.js";
import { ask, choices, chosenOf } from "./dialog.js";
import { head, pagedList, rightNeeded, staffName } from "./parts.js";
import { contractLink } from "./request/reasons.js";
import { addressOf } from "./stock/address.js";
/** @import { Column, Context, Place, Problem } from "../types/console" */
/** @import { Voice } from "../types/page" */

const STATES = ["open", "decided"];
const BY_CUSTOMER = ["withdrawn", "settled"];

/**
 * The place of a machine in a line of words.
 * @param {Pick<Problem["machine"], "location">} machine
 */
const placeWords = ({ location }) => [location.site, location.building, location.floor, location.room].filter(Boolean).join(" · ");

/** @param {Problem} row */
function machineCell({ machine, company }) {
  return [
    h("a", { href: addressOf("machines", company.id, machine.id) }, h("strong", {}, machine.id)),
    ` ${[machine.maker, machine.model].filter(Boolean).join(" ")}`,
    h("span", { class: "line muted" }, [machine.serial, machine.customer_no, placeWords(machine)].filter(Boolean).join(", ")),
  ];
}

/**
 * @param {Voice} t
 * @param {Problem} row
 */
function whatCell(t, row) {
  return [
    h("strong", {}, t(`problem_${row.kind}`)),
    row.meter_id && h("span", { class: "line muted" }, row.meter_label || row.meter_id),
    row.text && h("p", { class: "told" }, t("quoted", { text: row.text })),
  ];
}

/**
 * @param {Voice} t
 * @param {Problem} row
 */
function reporterCell(t, row) {
  return [row.reported_by.name || t("contact_no", { id: row.reported_by.id }), h("span", { class: "line muted" }, t.time(row.reported_at))];
}

/**
 * @param {Voice} t
 * @param {Problem} row
 */
function decisionCell(t, row) {
  const { decision } = row;
  if (!decision) return null;
  return [
    h("span", { class: `badge ${row.state}` }, t(`decision_${row.state}`)),
    decision.note && h("p", { class: "told" }, t("quoted", { text: decision.note })),
    h("span", { class: "line muted" },
      BY_CUSTOMER.includes(row.state) ? t.time(decision.at) : `${staffName(t, decision.by)}, ${t.time(decision.at)}`),
  ];
}

/**
 * What follows from a decision, in words.
 * @param {Voice} t
 * @param {Problem} row
 * @param {string} decision
 */
function consequence(t, row, decision) {
  if (decision === "rejected") return t("problem_then_due");
  return t(`problem_then_${row.kind}`, { due: t.date(row.due_on) });
}

/**
 * The decision about one problem; `done` is called when it is stored.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Problem} row
 * @param {(answer: Problem) => void} done
 */
function askDecision(context, node, row, done) {
  const { t } = context;
  const decision = choices("decision", t("decision"), ["accepted", "rejected"].map((value) => (
    { value, text: t(`decide_${value}`), what: consequence(t, row, value) })));
  const note = h("textarea", { id: "decision-note", rows: "3", maxlength: "500" });
  ask(context, node, {
    title: t("problem_decide_title"),
    content: [
      h("p", {}, t("problem_of", { machine: row.machine.id, company: row.company.name || row.company.id })),
      h("p", {}, whatCell(t, row)),
      decision,
      h("div", { class: "field" }, h("label", { for: "decision-note" }, t("decision_note")), note),
    ],
    go: t("decision_go"),
    act: () => context.call("POST", `/api/staff/problems/${encodeURIComponent(row.id)}/decision`, {
      body: { decision: chosenOf(decision), note: note.value.trim() },
    }),
    done,
  });
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function problemsView(context, node, { query, stopped }) {
  const { t } = context;
  const state = STATES.find((name) => name === query.get("state")) ?? "open";
  const [heading, top] = head(t("problems_title"), t(`problems_${state}_lead`));

  /** @param {Problem} answer */
  function decided(answer) {
    focusOn(context.redraw());
    say(t("problem_decided", { machine: answer.machine.id, decision: t(`decision_${answer.state}`) }));
  }

  /** @type {(Column<Problem> | false)[]} */
  const columns = [
    { label: t("machine"), cell: machineCell },
    {
      label: t("company"),
      cell: (row) => [
        h("a", { class: "line", href: addressOf("companies", row.company.id, row.company.id) }, row.company.name),
        contractLink(row.contract_id),
      ],
    },
    { label: t("problem"), cell: (row) => whatCell(t, row) },
    { label: t("reported_by"), cell: (row) => reporterCell(t, row) },
    state === "open" && { label: t("due_on"), cell: (row) => t.date(row.due_on) || "–" },
    state === "decided" && { label: t("decision"), cell: (row) => decisionCell(t, row) },
    state === "open" && context.may("remind") && {
      label: t("actions"),
      cell: (row) => h("button", {
        type: "button",
        class: "link",
        "aria-label": t("problem_decide_of", { machine: row.machine.id }),
        on: { click: () => askDecision(context, node, row, decided) },
      }, t("decide")),
    },
  ];

  fill(node, top,
    h("nav", { class: "tabs", "aria-label": t("state") }, h("ul", {}, STATES.map((name) =>
      h("li", {}, h("a", { href: `#/problems?state=${name}`, "aria-current": name === state ? "page" : null }, t(`problems_${name}`)))))),
    state === "open" && rightNeeded(context, "remind"),
    pagedList(context, {
      path: "/api/staff/problems",
      query: { state },
      rows: (answer) => answer.problems,
      caption: t(`problems_${state}`),
      columns: columns.filter((column) => column !== false),
      empty: t(`problems_${state}_none`),
      stopped,
    }));
  return heading;
}
