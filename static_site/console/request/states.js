// How a mail of a round stands, by what staff do about it: each mail in exactly one state, what does not work first.
/** @import { Mail } from "../../types/console" */
/** @import { DeliveryState } from "../../types/request" */

/** In the order of the list. @type {DeliveryState[]} */
export const STATES = [
  "undeliverable", "unknown", "suppressed", "complained", "refused", "full", "in_doubt", "left", "delayed", "waiting",
  "accepted", "delivered", "skipped", "reported",
];

/** What the mail system told last. @type {Record<string, DeliveryState>} */
const FATES = {
  accepted: "accepted",
  delayed: "delayed",
  soft_bounced: "delayed",
  content_refused: "refused",
  mailbox_full: "full",
  delivered: "delivered",
  undetermined: "in_doubt",
  rejected: "undeliverable",
  not_rendered: "undeliverable",
  bounced: "undeliverable",
  address_unknown: "unknown",
  suppressed: "suppressed",
  complained: "complained",
};

/** What is known before it has told anything. @type {Record<Mail["state"], DeliveryState>} */
const SENDING = {
  proposed: "waiting",
  planned: "waiting",
  sending: "waiting",
  in_doubt: "in_doubt",
  sent: "accepted",
  skipped: "skipped",
  undeliverable: "undeliverable",
};

/**
 * @param {Pick<Mail, "state" | "delivery" | "left">} mail
 * @param {{ reported: number, total: number }} done machines of its contracts
 * @returns {DeliveryState}
 */
export function stateOf(mail, { reported, total }) {
  if (total > 0 && reported >= total) return "reported";
  if (mail.left) return "left";
  return mail.delivery ? FATES[mail.delivery] : SENDING[mail.state];
}

/**
 * What happened, as the key of its sentence.
 * @param {Pick<Mail, "state" | "delivery" | "left">} mail
 * @param {DeliveryState} state
 * @param {{ reported: number }} done
 */
export function whatHappened(mail, state, { reported }) {
  if (state === "reported") return "";
  if (state === "delivered") return reported ? "happened_partly" : "happened_silent";
  if (state === "left") return "happened_left";
  return `happened_${mail.delivery ?? mail.state}`;
}
