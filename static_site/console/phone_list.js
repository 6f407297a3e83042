// The phone list: whom to call once no mail helps any more.
import { fill, h } from "/shared/page.js";
import { head, pagedList, saveSheet, showFailure } from "./parts.js";
import { contractLink, reasonList } from "./readiness.js";

const PATH = "/api/staff/phone-list";

function person(t, contact) {
  const dial = contact.phone && contact.phone.replace(/[^+\d]/g, "");
  return h("p", {}, contact.name, h("br"),
    dial ? h("a", { href: `tel:${dial}` }, contact.phone) : h("span", { class: "muted" }, contact.phone || t("calls_phone_unknown")));
}

function machine(one) {
  return h("li", {}, [one.model, one.serial].filter(Boolean).join(", ") || one.id,
    one.location && h("span", { class: "muted" }, ` ${one.location}`), `: ${one.missing.join(", ")}`);
}

export function phoneListView(desk, node, { stopped }) {
  const { t } = desk;
  const failure = h("div");

  async function save() {
    fill(failure);
    try {
      await saveSheet(desk, `${PATH}.csv`, t.language === "de" ? "telefonliste.csv" : "phone-list.csv");
    } catch (error) {
      showFailure(desk, failure, error);
    }
  }

  const [heading, top] = head(t("calls_title"), t("calls_lead"), [
    h("button", { type: "button", class: "button quiet", on: { click: save } }, t("calls_csv")),
    h("a", { class: "button quiet", href: "#/rounds" }, t("rounds_all")),
  ]);
  fill(node, top, failure, pagedList(desk, {
    path: (cursor) => `${PATH}${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`,
    rows: (answer) => answer.calls,
    caption: t("calls_title"),
    columns: [
      { label: t("due_on"), cell: (row) => t.date(row.due_on) },
      { label: t("company"), cell: (row) => [row.company.name, h("br"), contractLink(row.contract.id)] },
      { label: t("calls_phone"), cell: (row) => row.contacts.map((contact) => person(t, contact)) },
      { label: t("calls_missing"), cell: (row) => h("ul", { class: "reasons" }, row.machines.map(machine)) },
      { label: t("reasons"), cell: (row) => reasonList(t, row.reasons) },
      { label: t("calls_mailed_on"), cell: (row) => (row.mailed_on ? t.date(row.mailed_on) : "–") },
    ],
    empty: t("calls_none"),
    stopped,
  }));
  return heading;
}
