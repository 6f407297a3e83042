// What is done about a contact's mail: look at it, send a new link, and lift the block of an address that mail did not reach.
import { openDialog } from "/shared/dialog.js";
import { fill, h, sameKey, say } from "/shared/page.js";
import { ask } from "../dialog.js";
import { showFailure } from "../parts.js";
import { suppressionOf, suppressionState } from "./suppressed.js";
/** @import { Context } from "../../types/console" */
/** @import { ContactCard } from "../../types/records" */

/**
 * Asks for the reason, and lifts the block.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {ContactCard} contact
 * @param {() => unknown} changed
 */
export function liftAsked(context, node, contact, changed) {
  const { t } = context;
  const name = contact.name || t("contact_no", { id: contact.id });
  const reason = h("textarea", { id: "lift-reason", rows: "2", maxlength: "500", required: true });
  ask(context, node, {
    title: t("lift_title"),
    content: [
      h("p", {}, t(`lift_what_${contact.delivery}`, { name, email: contact.email })),
      suppressionState(context, contact.id),
      h("div", { class: "field" }, h("label", { for: "lift-reason" }, t("lift_reason")), reason),
    ],
    go: t("lift_go"),
    act: () => context.call("POST", `/api/staff/contacts/${encodeURIComponent(contact.id)}/lift`, {
      body: { reason: reason.value, delivery: contact.delivery },
    }),
    done: async () => {
      say(t("lift_done", { email: contact.email }));
      changed();
      const { held_back: held } = await suppressionOf(context, contact.id).catch(() => ({ held_back: null }));
      if (held) say(t("lift_held", { email: contact.email }));
    },
    renew: changed,
  });
  reason.focus();
}

/**
 * Mails a new link to a person. A `key` of its own for each question: a repeated press sends one mail, the next question another.
 * @param {Context} context
 * @param {string} contact
 * @param {string} key
 */
export const sendLink = (context, contact, key) =>
  context.call("POST", `/api/staff/contacts/${encodeURIComponent(contact)}/links`, { key });

/**
 * Asks whether to send a new link, and sends it.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {ContactCard} contact
 * @param {() => unknown} changed
 */
export function linkAsked(context, node, contact, changed) {
  const { t } = context;
  const name = contact.name || t("contact_no", { id: contact.id });
  const key = sameKey();
  ask(context, node, {
    title: t("link_title"),
    content: h("p", {}, t("link_what", { name, email: contact.email })),
    go: t("link_go"),
    act: () => sendLink(context, contact.id, key(contact.id)),
    done: ({ to }) => {
      say(t("link_done", { email: to }));
      changed();
    },
    renew: changed,
  });
}

/**
 * Shows the newest mail to a contact.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {ContactCard} contact
 */
export async function mailShown(context, node, contact) {
  const { t } = context;
  const body = h("div", { class: "stack" }, h("p", { class: "muted" }, t("loading")));
  const close = h("button", { type: "button", class: "button quiet", on: { click: () => dialog.close() } }, t("close"));
  const dialog = openDialog(node, t("mail_title"), [body, h("div", { class: "buttons" }, close)], "stack letter");
  const path = /** @type {const} */ (
    `/api/staff/contacts/${encodeURIComponent(contact.id)}/mails/${encodeURIComponent(contact.mail?.round_id ?? "")}`);
  try {
    const mail = await context.call("GET", path);
    fill(body,
      h("dl", { class: "facts" },
        h("dt", {}, t("mail_to")), h("dd", {}, mail.to),
        h("dt", {}, t("mail_on")), h("dd", {}, t.time(mail.planned_at)),
        mail.subject && [h("dt", {}, t("mail_subject")), h("dd", {}, h("strong", {}, mail.subject))]),
      mail.text
        ? [h("p", { class: "muted small" }, t("mail_as_today")), h("pre", { class: "mail-text", tabindex: "0" }, mail.text)]
        : h("p", { class: "box" }, t("mail_nothing_left")),
      (contact.delivery !== "ok" || contact.lifted) && suppressionState(context, contact.id),
      h("p", {}, h("a", { href: `#/rounds/${encodeURIComponent(mail.round_id)}` }, t("mail_round"))));
  } catch (error) {
    showFailure(context, body, error);
  }
}
