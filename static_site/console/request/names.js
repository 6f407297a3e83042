// The names behind a round's numbers: people, companies and how far their contracts have come, from the rows.
import { today } from "../day.js";
/** @import { Context, Mail } from "../../types/console" */
/** @import { CompanyRow, ContactRow, ContractRow } from "../../types/model" */

/**
 * @param {Context} context
 * @param {Mail[]} mails
 */
export async function namesOf(context, mails) {
  const model = context.model();
  // A mail names its contacts and companies in its own order; what belongs together is found by trying.
  const people = mails.flatMap((mail) => mail.contact_ids.flatMap((id) => mail.company_ids.map((company_id) => ({ company_id, id }))));
  const papers = mails.flatMap((mail) => mail.contract_ids.flatMap((id) => mail.company_ids.map((company_id) => ({ company_id, id }))));
  const firms = [...new Set(mails.flatMap((mail) => mail.company_ids))].map((id) => ({ company_id: id, id }));
  const [contacts, contracts, companies] = await Promise.all([
    model.ask("records", { kind: "contacts", ids: people, today: today() }),
    model.ask("records", { kind: "contracts", ids: papers, today: today() }),
    model.ask("records", { kind: "companies", ids: firms, today: today() }),
  ]);
  /** @template Row @param {(unknown | null)[]} rows @returns {Map<string, Row>} */
  const byId = (rows) => new Map(/** @type {any[]} */ (rows).filter(Boolean).map((row) => [row.id, row]));
  /** @type {{ contacts: Map<string, ContactRow>, contracts: Map<string, ContractRow>, companies: Map<string, CompanyRow> }} */
  const found = { contacts: byId(contacts), contracts: byId(contracts), companies: byId(companies) };
  return found;
}

/**
 * An address that others may not read in full: m***@muster.example.
 * @param {string} address
 */
export function masked(address) {
  const at = address.lastIndexOf("@");
  return at < 0 ? address : `${address.slice(0, 1)}***${address.slice(at)}`;
}

/**
 * The address of a mail: in full where the person still has it, else as the round tells it.
 * @param {Mail} mail
 * @param {ContactRow | null | undefined} person
 */
export const mailboxOf = (mail, person) => (person && masked(person.email.toLowerCase()) === mail.mailbox_masked
  ? person.email : mail.mailbox_masked);
