// Who was erased: numbers, whether it is finished, and letting an import bring somebody back.
import { fill, h, say } from "/shared/page.js";
import { eraseToTheEnd } from "../customer/person.js";
import { ask } from "../dialog.js";
import { head, pagedList, showFailure } from "../parts.js";
import { addressOf } from "../stock/address.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { Erasure } from "../../types/records" */

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function erasuresView(context, node, { stopped }) {
  const { t } = context;
  const [heading, top] = head(t("erasures_title"), t("erasures_lead"));
  const failure = h("div");

  /** @param {Erasure} row */
  const readmit = (row) => ask(context, node, {
    title: t("erasures_readmit_title", { id: row.contact_id }),
    content: h("p", {}, t("erasures_readmit_what")),
    go: t("erasures_readmit_go"),
    act: () => context.call("POST", `/api/staff/contacts/${encodeURIComponent(row.contact_id)}/readmission`),
    done: () => {
      say(t("erasures_readmitted", { id: row.contact_id }));
      context.redraw();
    },
  });

  /** @param {Erasure} row */
  async function goOn(row) {
    fill(failure, h("p", { class: "muted", role: "status" }, t("erase_progress")));
    try {
      await eraseToTheEnd(context, row.contact_id, () => {});
      context.redraw();
    } catch (error) {
      showFailure(context, failure, error);
    }
  }

  const list = pagedList(context, {
    path: "/api/staff/erasures",
    rows: (answer) => answer.erasures,
    caption: t("erasures_title"),
    columns: [
      { label: t("erasures_contact"), cell: (row) => h("strong", {}, row.contact_id) },
      { label: t("company"), cell: (row) => h("a", { href: addressOf("companies", row.company_id, row.company_id) }, row.company_id) },
      { label: t("erasures_at"), cell: (row) => t.time(row.at) },
      { label: t("erasures_by"), cell: (row) => row.by.name || row.by.id },
      {
        label: t("state"),
        cell: (row) => h("span", { class: `mark ${row.state === "done" ? "good" : "bad"}` }, t(`erasures_state_${row.state}`)),
      },
      {
        label: t("erasures_act"),
        cell: (row) => (row.state === "done"
          ? h("button", {
            type: "button",
            class: "link",
            "aria-label": t("erasures_readmit_of", { id: row.contact_id }),
            on: { click: () => readmit(row) },
          }, t("erasures_readmit"))
          : h("button", { type: "button", class: "link", on: { click: () => goOn(row) } }, t("erasures_on"))),
      },
    ],
    empty: t("erasures_none"),
    stopped,
  });
  fill(node, top, failure, list);
  return heading;
}
