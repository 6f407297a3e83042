// Why something is not ready or left out, in the server's words.
import { h } from "/shared/page.js";
import { addressOfList } from "../stock/address.js";
/** @import { Reason } from "../../types/console" */
/** @import { Voice } from "../../types/page" */

/** @param {string} id */
export const contractLink = (id) => h("a", { href: addressOfList({ kind: "contracts", contract: id, ended: true }) }, id);

/**
 * Reasons in words, each with the record to fix.
 * @param {Voice} t
 * @param {Reason[]} reasons
 */
export function reasonList(t, reasons) {
  return h("ul", { class: "reasons" }, reasons.map((reason) =>
    h("li", {}, reason.text, reason.contact_id && h("span", { class: "muted" }, ` (${t("contact_no", { id: reason.contact_id })})`))));
}
