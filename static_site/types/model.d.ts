// What the console's worker and its page hand to each other, and what the worker is made of.
import type { components } from "./api";

export type Kind = "companies" | "contracts" | "machines" | "contacts";

// Columns.

/** A joined text and where each of its lines begins; one place more than there are lines. */
export interface Cut {
  text: string;
  starts: Int32Array;
}

/** A part of a snapshot. */
export interface Container {
  has(name: string): boolean;
  isText(name: string): boolean;
  numbers(name: string): Int32Array<ArrayBuffer>;
  lines(name: string): Cut;
}

/** What is looked for: folded, as text and as bytes; the bits that a line which holds it has; whether they say that it does. */
export interface Needle {
  text: string;
  bytes: Uint8Array;
  sign: number[];
  signed: boolean;
}

/** What a word may stand in. */
export interface Field {
  ready(): Generator<void, void>;
  has(row: number, needle: Needle): boolean;
  /** Marks the rows that hold it. */
  mark(needle: Needle, mask: Uint8Array): void;
}

export type Rank = (row: number) => number;

export interface TextColumn extends Field {
  size: number;
  at(row: number): string;
  put(row: number, text: string): void;
  /** Those of the marked rows whose folded text is exactly this one. */
  same(needle: Needle, mask: Uint8Array): number[];
  ranks(): Generator<void, Rank>;
}

/** A changed row as the API tells it; one of four places is gone. */
export type Change = [kind: string, companyId: string, id: string, rev: number, ...places: unknown[]];

// Rows as the page gets them. `row` is the row's place in the worker, until the next snapshot.

interface Owned {
  row: number;
  id: string;
  company_id: string;
  company: string;
  city: string;
}

export interface CompanyRow extends Owned {
  street: string;
  postcode: string;
  contracts: number;
  total: number;
  reported: number;
}

export interface ContractRow extends Owned {
  name: string;
  channel: string;
  interval: string;
  due_on: string;
  ends_on: string;
  total: number;
  reported: number;
  state: string;
  asked: number;
  mails: number;
  mailed_on: string;
  reporters: string[];
}

export interface MachineRow extends Owned {
  contract: string;
  serial: string;
  maker: string;
  model: string;
  customer_no: string;
  place: string;
  due_on: string;
  state: string;
  problem: boolean;
  active: boolean;
  reported_on: string;
  channel: string;
  rev: number;
}

export interface ContactRow extends Owned {
  name: string;
  /** The person's, else the company's. */
  language: string;
  email: string;
  phone: string;
}

export interface Rows {
  companies: CompanyRow;
  contracts: ContractRow;
  machines: MachineRow;
  contacts: ContactRow;
}
export type AnyRow = Rows[Kind];

// What the page asks.

/** A list: what must hold, and the order. Empty texts and lists are no condition. */
export interface Spec {
  kind: Kind;
  words: string;
  states: string[];
  channels: string[];
  due: string;
  ended: boolean;
  company: string;
  contract: string;
  machine: string;
  /** What waits for somebody: machines with a value to decide, contracts that are open and not asked for. */
  only: "" | "undecided" | "unasked";
  sort: string;
  down: boolean;
  today: string;
}

/** A part of a list. `moved`: rows have changed since its order was made; `chosen` of them all, `hidden` by the filter. */
export interface Window {
  from: number;
  rows: (AnyRow & { chosen: boolean })[];
  total: number;
  all: number;
  machines: number;
  moved: boolean;
  chosen: number;
  hidden: number;
}

export type ContractFilter = components["schemas"]["ContractFilterBody"];

/** The chosen contracts as the API takes them: by number, or a whole list by its filter, without some. */
export type ContractSelection = { ids: string[] } | { filter: ContractFilter; except?: string[] };

/** Chosen records; with `whole` those that were taken out of that list. */
export interface KeptChoice {
  whole: Spec | null;
  records: { company_id: string; id: string }[];
}

export interface Chosen {
  chosen: number;
  hidden: number;
}

/** Three hits a kind, and how many there are. */
export type Found = Record<Kind, { total: number; rows: AnyRow[] }>;

/** The schedule's last step, the dealer's and those of contracts that have their own. */
export interface LastSteps {
  last_step: string;
  contracts: Record<string, { last_step: string | null }>;
}

/**
 * How the machines that are due stand; `since`: when the first value came, "" for none. `often`: estimated three times in a row.
 * `overdue` is what staff estimate, `announced` what the schedule does from its `first` to its `last` day.
 */
export interface MonthStand {
  states: Record<string, { machines: number; contracts: number; since: string }>;
  contracts: number;
  overdue: { machines: number; since: string; often: number };
  announced: { machines: number; first: string; last: string };
  /** Of all machines, due or not: those with a value that somebody has to decide. */
  undecided: { machines: number; since: string };
}

/** What a page may ask of the worker, and what it answers. */
export interface Requests {
  window: [{ spec: Spec; from: number; count: number; fresh?: boolean }, Window];
  place: [{ spec: Spec; company: string; id: string }, number];
  choose: [{ spec: Spec; how: "row" | "range" | "matching" | "none"; rows?: [number, number]; chosen?: boolean }, Chosen];
  selection: [{}, ContractSelection];
  chosen: [{ kind: Kind }, KeptChoice | null];
  rechoose: [{ kind: Kind } & KeptChoice, null];
  contracts: [{ kind: Kind; today: string }, null];
  records: [{ kind: Kind; ids: { company_id: string; id: string }[]; today: string }, (AnyRow | null)[]];
  count: [{ specs: Spec[] }, number[]];
  bar: [{ spec: Spec }, Record<string, number>];
  stand: [{ spec: Spec; steps?: LastSteps }, MonthStand];
  open: [{ spec: Spec }, { contracts: number; machines: number }];
  find: [{ text: string; today: string }, Found];
  refresh: [{}, null];
  retry: [{}, null];
}
export type Asked = keyof Requests;

/** How the worker stands: what it holds, and what went wrong last. `checkedAt`, `retryAt` in milliseconds. */
export interface Standing {
  phase: "idle" | "loading" | "building" | "ready";
  parts: string[];
  /** Milliseconds: as of when the rows are; until a look for changes has ended, the snapshot's time. */
  checkedAt: number;
  /** Whether all changes since the snapshot are in the rows. */
  current: boolean;
  fault: { status: number; correlation: string; retryAt: number } | null;
  /** Grows with each change of the rows. */
  generation: number;
  /** Which snapshot lies beneath. */
  version: string;
}

/** From the page to the worker. */
export type ToWorker =
  | { kind: "hello"; token: string | null; key: string | null }
  | { kind: "bye" }
  | { kind: "ask"; id: number; what: Asked; given: Requests[Asked][0] };

/** From the worker to the page. */
export type FromWorker =
  | { kind: "standing"; standing: Standing }
  | { kind: "signed out" }
  | { kind: "answer"; id: number; answer?: Requests[Asked][1]; fault?: string };

export type Snapshot = components["schemas"]["SnapshotJson"];
/** A snapshot that a device keeps: its files by the names of their parts, as they were sent. */
export type HeldSnapshot = Pick<Snapshot, "version" | "after" | "built_at"> & { files: Record<string, ArrayBuffer> };
export type Changes = components["schemas"]["ChangesJson"];

/** A port of a worker, as far as it is used here. */
export interface Port {
  postMessage(message: FromWorker): void;
}
