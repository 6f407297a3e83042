// Addresses that no mail reaches, with whom they are on file for: a list that gets shorter as they are mended or lifted.
import { fill, h } from "/shared/page.js";
import { pagedList } from "../parts.js";
import { suppressionShown } from "../customer/suppressed.js";
import { addressOf } from "../stock/address.js";
/** @import { Context, Place, UnreachableAddress } from "../../types/console" */
/** @import { Child } from "../../types/page" */

/**
 * One line for each person who has the address, in every column at the same height.
 * @param {(person: UnreachableAddress["people"][number]) => Child} line
 * @returns {(row: UnreachableAddress) => Child}
 */
const lines = (line) => (row) => row.people.map((person) => h("span", { class: "line" }, line(person)));

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function addressesView(context, node, { stopped }) {
  const { t } = context;
  const heading = h("h1", {}, t("addresses_title"));
  node.classList.add("record");
  fill(node, h("section", { class: "record-page", "aria-label": t("addresses_title") },
    h("div", { class: "record-name" }, heading, h("p", { class: "muted" }, t("addresses_lead")))),
  h("div", { class: "corrections" }, pagedList(context, {
    path: "/api/staff/addresses",
    query: { limit: "100" },
    rows: (answer) => answer.addresses,
    caption: t("addresses_title"),
    columns: [
      { label: t("mailbox"), cell: (row) => h("strong", {}, row.address) },
      { label: t("addresses_why"), cell: (row) => [
        h("span", { class: "delivery-sign mail-undeliverable", "aria-hidden": "true" }), t(`addresses_${row.state}`),
      ] },
      { label: t("addresses_since"), cell: (row) => (row.since ? t.time(row.since) : "–") },
      { label: t("addresses_ses"), cell: ({ address, people: [{ contact, company }] }) => h("button", {
        type: "button",
        class: "link",
        "aria-label": t("suppression_look_of", { email: address }),
        on: { click: () => suppressionShown(context, node, { contact: contact.id, company: company.id, email: address }) },
      }, t("suppression_look")) },
      { label: t("company"), cell: lines(({ company }) => h("a", { href: addressOf("companies", company.id, company.id) },
        company.name || company.id)) },
      { label: t("deliveries_to"), cell: lines(({ contact }) => contact.name || t("contact_no", { id: contact.id })) },
      { label: t("correction_phone"), cell: lines(({ phone }) => (
        phone ? h("a", { href: `tel:${phone.replace(/[^+\d]/g, "")}` }, phone) : "–")) },
    ],
    empty: t("addresses_none"),
    stopped,
  })));
  return heading;
}
