// Whether Amazon SES itself holds back what is sent to somebody: only SES knows, so it is asked when somebody looks.
import { openDialog } from "/shared/dialog.js";
import { fill, h } from "/shared/page.js";
import { addressOf } from "../stock/address.js";
/** @import { Context } from "../../types/console" */
/** @import { Suppression } from "../../types/records" */

/** @param {Context} context @param {string} contact @returns {Promise<Suppression>} */
export const suppressionOf = (context, contact) =>
  context.call("GET", `/api/staff/contacts/${encodeURIComponent(contact)}/suppression`);

/**
 * Since when and why, or that nothing is held back; it asks by itself, and again where SES did not say.
 * @param {Context} context
 * @param {string} contact
 */
export function suppressionState(context, contact) {
  const { t } = context;
  const state = h("div", { class: "suppression", role: "status" });

  async function look() {
    fill(state, h("p", { class: "muted" }, t("suppression_asked")));
    try {
      const { address, held_back: held } = await suppressionOf(context, contact);
      fill(state, h("p", {}, held
        ? t(`suppression_${held.reason}`, { email: address, time: t.time(held.since) })
        : t("suppression_none", { email: address })));
    } catch {
      fill(state, h("p", {}, t("suppression_unknown")),
        h("button", { type: "button", class: "button quiet", on: { click: look } }, t("suppression_again")));
    }
  }
  look();
  return state;
}

/**
 * The same in a dialog, with the way to where something is done about it.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {{ contact: string, company: string, email: string }} about
 */
export function suppressionShown(context, node, { contact, company, email }) {
  const { t } = context;
  const dialog = openDialog(node, t("suppression_title"), [
    h("p", {}, h("strong", {}, email)),
    suppressionState(context, contact),
    h("p", {}, t("suppression_what_to_do")),
    h("div", { class: "buttons" },
      h("a", { class: "button", href: addressOf("companies", company, company) }, t("suppression_customer")),
      h("button", { type: "button", class: "button quiet", on: { click: () => dialog.close() } }, t("close"))),
  ], "stack");
}
