// "I am not in charge": whom customers name instead, what the staff decide, and what the ERP must learn.
import { fill, focusOn, h, say } from "/shared/page.js";
import { ask, choices, chosenOf } from "./dialog.js";
import { head, pagedList, rightNeeded, staffName } from "./parts.js";
import { contractLink } from "./request/reasons.js";
/** @import { Column, Context, Place, Successor } from "../types/console" */
/** @import { Voice } from "../types/page" */

const STATES = ["open", "decided"];
const DECISIONS = ["approved", "refused"];

/**
 * @param {Voice} t
 * @param {Successor} row
 */
const contactName = (t, row) => row.contact.name || t("contact_no", { id: row.contact.id });
/** @param {string[]} ids */
const contractLinks = (ids) => h("span", { class: "ids" }, ids.map((id) => [contractLink(id), " "]));

/**
 * @param {Voice} t
 * @param {Successor} row
 */
function namedCell(t, row) {
  return [
    h("strong", {}, row.name), h("span", { class: "line" }, row.email),
    row.text && h("p", { class: "told" }, t("quoted", { text: row.text })),
  ];
}

/**
 * @param {Voice} t
 * @param {Successor} row
 */
function askerCell(t, row) {
  return [contactName(t, row), h("span", { class: "line muted" }, [row.contact.email, t.time(row.asked_at)].filter(Boolean).join(", "))];
}

/**
 * @param {Voice} t
 * @param {Successor} row
 */
function decisionCell(t, row) {
  return [
    h("span", { class: `badge ${row.state}` }, t(`successor_${row.state}`)),
    row.note && h("p", { class: "told" }, t("quoted", { text: row.note })),
    h("span", { class: "line muted" }, `${staffName(t, row.decided_by)}, ${t.time(row.decided_at)}`),
  ];
}

/**
 * What the ERP does not know yet. An import that brings it takes it off this list by itself.
 * @param {Voice} t
 * @param {Successor} row
 */
function erpCell(t, row) {
  if (row.state !== "approved") return "–";
  const there = row.person?.in_erp ? row.person : null;
  if (!row.carry_over.length) return h("span", { class: "badge done" }, t("erp_done"));
  return [
    h("span", { class: "badge warning" }, t("erp_open")),
    h("ol", { class: "carry-over" },
      h("li", {},
        there
          ? t("erp_person_there", { id: there.id })
          : t("erp_person_new", { name: row.name, email: row.email, company: row.company.id })),
      h("li", {}, t("erp_contracts", { count: row.carry_over.length, contact: row.contact.id }), " ", contractLinks(row.carry_over))),
  ];
}

/**
 * @param {Voice} t
 * @param {Successor} row
 * @param {string} decision
 */
function consequence(t, row, decision) {
  const facts = {
    name: row.name,
    email: row.email,
    contact: contactName(t, row),
    company: row.company.name || row.company.id,
    count: row.contract_ids.length,
    contracts: row.contract_ids.join(", "),
  };
  return t(`successor_then_${decision}`, facts);
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Successor} row
 * @param {(answer: Successor) => void} done
 */
function askDecision(context, node, row, done) {
  const { t } = context;
  const decision = choices("decision", t("decision"), DECISIONS.map((value) => (
    { value, text: t(`successor_decide_${value}`), what: consequence(t, row, value) })));
  const note = h("textarea", { id: "decision-note", rows: "3", maxlength: "500" });
  ask(context, node, {
    title: t("successor_decide_title"),
    content: [
      h("p", {}, t("successor_of", { contact: contactName(t, row), company: row.company.name || row.company.id })),
      h("p", {}, namedCell(t, row)),
      decision,
      h("div", { class: "field" }, h("label", { for: "decision-note" }, t("decision_note")), note),
    ],
    go: t("decision_go"),
    act: () => context.call("POST", `/api/staff/successors/${encodeURIComponent(row.id)}/decision`, {
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
export function successorsView(context, node, { query, stopped }) {
  const { t } = context;
  const state = STATES.find((name) => name === query.get("state")) ?? "open";
  const [heading, top] = head(t("successors_title"), t(`successors_${state}_lead`));

  /** @param {Successor} answer */
  function decided(answer) {
    focusOn(context.redraw());
    say(t("successor_decided", { name: answer.name, decision: t(`successor_${answer.state}`) }));
  }

  /** @type {(Column<Successor> | false)[]} */
  const columns = [
    { label: t("successor"), cell: (row) => namedCell(t, row) },
    { label: t("company"), cell: (row) => row.company.name || row.company.id },
    { label: t("contracts"), cell: (row) => contractLinks(row.contract_ids) },
    { label: t("successor_named_by"), cell: (row) => askerCell(t, row) },
    state === "decided" && { label: t("decision"), cell: (row) => decisionCell(t, row) },
    state === "decided" && { label: t("erp"), cell: (row) => erpCell(t, row) },
    state === "open" && context.may("remind") && {
      label: t("actions"),
      cell: (row) => h("button", {
        type: "button",
        class: "link",
        "aria-label": t("successor_decide_of", { name: row.name }),
        on: { click: () => askDecision(context, node, row, decided) },
      }, t("decide")),
    },
  ];

  fill(node, top,
    h("nav", { class: "tabs", "aria-label": t("state") }, h("ul", {}, STATES.map((name) =>
      h("li", {},
        h("a", { href: `#/successors?state=${name}`, "aria-current": name === state ? "page" : null }, t(`successors_${name}`)))))),
    state === "open" && rightNeeded(context, "remind"),
    pagedList(context, {
      path: "/api/staff/successors",
      query: { state },
      rows: (answer) => answer.successors,
      caption: t(`successors_${state}`),
      columns: columns.filter((column) => column !== false),
      empty: t(`successors_${state}_none`),
      stopped,
    }));
  return heading;
}
