// What was changed here and somebody has to enter in the ERP: a list that an import shortens by itself.
import { fill, h } from "/shared/page.js";
import { pagedList, showFailure } from "../parts.js";
import { saveSheet } from "../saving.js";
import { addressOf } from "../stock/address.js";
/** @import { Context, Correction, Owed, Place } from "../../types/console" */
/** @import { Voice } from "../../types/page" */

/**
 * @param {Voice} t
 * @param {Owed} change
 * @param {"in_erp" | "here"} side
 */
function words(t, change, side) {
  const value = change[side];
  if (typeof value === "boolean") return t(value ? "correction_active" : "correction_left");
  if (!value) return "–";
  return change.field === "reading_channel" ? t(`channel_${value}`) : value;
}

/**
 * One line for each field of a record, in every column at the same height.
 * @param {Correction} row
 * @param {(change: Owed) => import("../../types/page").Child} line
 */
const lines = (row, line) => row.changes.map((change) => h("span", { class: "line" }, line(change)));

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function correctionsView(context, node, { stopped }) {
  const { t } = context;
  const failure = h("div", { class: "record-fault" });
  const sheet = h("button", {
    type: "button",
    class: "button quiet",
    on: {
      click: async () => {
        fill(failure);
        try {
          await saveSheet(context, "/api/staff/corrections.csv", t("corrections_file"));
        } catch (error) {
          showFailure(context, failure, error);
        }
      },
    },
  }, t("corrections_csv"));
  const heading = h("h1", {}, t("corrections_title"));
  node.classList.add("record");
  fill(node, h("section", { class: "record-page", "aria-label": t("corrections_title") },
    h("div", { class: "record-name" }, heading, h("p", { class: "muted" }, t("corrections_lead"))), sheet),
  failure, h("div", { class: "corrections" }, pagedList(context, {
    path: "/api/staff/corrections",
    query: { limit: "100" },
    rows: (answer) => answer.corrections,
    caption: t("corrections_title"),
    columns: [
      { label: t("company"), cell: (row) => h("a", { href: addressOf("companies", row.company.id, row.company.id) },
        row.company.name || row.company.id) },
      {
        label: t("correction_record"),
        cell: (row) => [
          h("strong", {}, row.kind === "contract" ? `${t("contract")} ${row.id}` : row.name || t("contact_no", { id: row.id })),
          h("span", { class: "line muted" }, row.kind === "contract" ? row.name : row.id),
        ],
      },
      { label: t("correction_field"), cell: (row) => lines(row, (one) => t(`correction_${one.field}`)) },
      { label: t("correction_in_erp"), cell: (row) => lines(row, (one) => h("span", { class: "muted" }, words(t, one, "in_erp"))) },
      { label: t("correction_here"), cell: (row) => lines(row, (one) => h("strong", {}, words(t, one, "here"))) },
      {
        label: t("correction_since"),
        cell: (row) => [t.time(row.at) || "–", h("span", { class: "line muted" }, row.by?.name || "")],
      },
    ],
    empty: t("corrections_none"),
    stopped,
  })));
  return heading;
}
