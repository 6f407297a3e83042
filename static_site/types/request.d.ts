// What the parts of the place "Anfordern" hand to each other.
import type { components } from "./api";
import type { Mail } from "./console";
import type { ContactRow, ContractRow } from "./model";

type Json = components["schemas"];

export type Standing = Json["StandingContractJson"];
export type Named = Json["NamedContactJson"];
export type Preview = Json["PreviewJson"];
export type Call = Json["CallJson"];

/** Why a contract is not ready: the groups in which staff mend. */
export type Cause =
  | "email_missing" | "email_invalid" | "email_bounced" | "email_complained" | "email_doubled"
  | "no_reporter" | "reporter_inactive" | "withdrawn" | "other";

/** A contract that is due and not asked for, and what the server says of it; other channels are not asked about. */
export interface Due {
  row: ContractRow;
  found: Standing | null;
}

/** One person, or one company without one, and all contracts that wait for the same. */
export interface Person {
  key: string;
  cause: Cause;
  contact: string;
  company_id: string;
  company: string;
  contracts: Due[];
  machines: number;
  /** The server's sentence. */
  text: string;
}

/** The parts of the equation; each contract is in one. */
export interface Sums {
  due: Due[];
  ready: Due[];
  without_rights: Due[];
  not_ready: Due[];
  other_way: Due[];
}

/** A row that was mended in this tab: what is to be put back, and how many of its contracts are ready now. */
export interface Mended {
  person: Person;
  words: string;
  ready: number;
  back: (() => Promise<void>) | null;
}

/** How a mail of a round stands, by what staff do about it: each mail in one. */
export type DeliveryState =
  | "undeliverable" | "unknown" | "suppressed" | "complained" | "refused" | "full" | "in_doubt" | "left" | "delayed" | "waiting" | "accepted" | "delivered" | "reported" | "skipped";

/** A mail with the names behind its numbers; `reported` of `total` machines of its contracts. */
export interface Delivery {
  mail: Mail;
  state: DeliveryState;
  person: ContactRow | null;
  company: string;
  companies: number;
  mailbox: string;
  reported: number;
  total: number;
}
