// What the customer's page works with: the API's answers by name, and what its modules hand to each other.
import type { components } from "./api";
import type { Call, Child, Facts, Language, Shelf, Texts, Voice } from "./page";
import type { Card } from "../portal/entry.js";
import type { Line } from "../portal/fleet_table/line.js";
import type { Table } from "../portal/fleet_table/table.js";
import type { Machines } from "../portal/machines.js";
import type { Overview } from "../portal/overview.js";

export type { Card, Line, Machines, Overview, Table };

type Json = components["schemas"];

export type Session = Json["SessionJson"];
/** The part of the dealer's look that is no style; only what is set. */
export interface Look {
  name?: string;
  imprint?: string;
  privacy?: string;
}

export type Company = Json["CompanyJson"];
export type Place = Json["LocationJson"];
export type Finding = Json["FindingJson"];
export type Told = Json["HandedInJson"];
export type ReadSheet = Json["ReadSheetJson"];
export type PastMeter = Json["PastMeterJson"];
export type PastReading = Json["PastReadingJson"];
export type Sticker = Json["StickerJson"];

type Known = "value" | "read_on" | "state" | "verdict" | "reason";

/** A stored reading: of the list, of a moment ago, or as a refusal tells of it; each knows some more. */
export type Reading = Pick<Json["StoredReadingJson"], Known> & Partial<Json["ReportedReadingJson"]>;
export type Meter = Omit<Json["MeterJson"], "reading"> & { reading: Reading | null };
export type Machine = Omit<Json["MachineJson"], "meters"> & { meters: Meter[] };
export type MachinePage = Omit<Json["OverviewJson"], "machines"> & { machines: Machine[] };

/** What a submission is answered with, also within a refusal. */
export interface Stored {
  version: number;
  readings: (Reading & { meter_id: string })[];
}

/** What a submission says. */
export interface Report {
  read_on: string;
  values: Record<string, string>;
  confirm: Record<string, string>;
  version: number;
}

/** A question about a value, and how far it was answered; `choice` is a place in the list of reasons. */
export interface Asked {
  value: string;
  findings: Finding[];
  right?: boolean;
  choice?: number;
  words?: string;
}

/** What was typed and not stored yet, by meter. */
export interface Draft {
  due_on: string | null;
  values: Record<string, string>;
  read_on: string | null;
  asked?: Record<string, Asked>;
}

export interface Drafts {
  of(machine: Machine): Draft;
  keep(machine: Machine, draft: Draft): void;
  clear(): void;
}

/** A submission that waits for the network. */
export interface Waiting {
  key: string;
  body: Report;
  machine_id: string;
  due_on: string | null;
  at: string;
}

/** A fault, and the control that mends it. */
export interface Fault {
  text: string;
  target: HTMLElement;
}

/** The question about a value, as it stands below its field. */
export interface Confirmation {
  element: HTMLElement;
  shorten(less: boolean): void;
  isShort(): boolean;
  tell(findings: Finding[]): void;
  reason(): string | null;
  fault(): Fault | null;
}

/** A counter that is being reported. */
export interface Field {
  meter: Meter;
  input: HTMLInputElement;
  advice: HTMLElement;
  element: HTMLElement;
  judged: string;
  confirmation: Confirmation | null;
  told: string;
  value(): string;
  compare(): void;
  mend(): void;
  clear(): void;
  fail(text: string): void;
  reason(): string | null;
}

/** A field of a form of its own (forms.js). */
export interface FormField<Input extends HTMLElement = HTMLInputElement> {
  input: Input;
  element: HTMLElement;
  fail(text: string): void;
  clear(): void;
}

/** What a field of a form is made of beside its name; further entries are attributes of its input. */
export type FieldOptions<Tag extends keyof HTMLElementTagNameMap> = { tag?: Tag; hint?: string } & { [attribute: string]: string | undefined };

/** The box that sends a new link, and the way there with an address. */
export interface NewLink {
  box: HTMLElement;
  lead(address: string): void;
}

/** A row of a list, which knows its card. */
export type Row = HTMLLIElement & { card: Card };

/** Machines at one place, or those that are not due yet. */
export interface Group {
  place: string;
  /** The words of its heading where it has no place. */
  key: string;
  cards: HTMLElement;
  section: HTMLElement;
  heading: HTMLElement;
  /** Its rows are watched, each of them. */
  near: boolean;
}

/** The element of a group. */
export type Section = HTMLElement & { group: Group };

/** Whether a card is in a state of the filter. */
export type States = Record<string, (card: Card) => unknown>;

/** A counter's columns in the table: the `nth` counter of its kind in a machine, from 0. */
export interface Column {
  kind: string;
  nth: number;
}

/** What stands in the table, line by line; `height` in pixels, as last measured. */
export interface Item {
  element: HTMLElement;
  height: number;
  line: Line | null;
}

/** A value that was pasted, and what stood there before. */
export interface Pasted {
  line: Line;
  meterId: string;
  before: string;
  after: string;
}

/**
 * A sheet that was handed in: its bytes, what was said of it in a language, and suggestions that were taken, by machine and meter.
 * With a `fault` it could not be read. Cells that were pasted have no name.
 */
export interface Sheet {
  body: ArrayBuffer;
  name: string;
  told: Told | null;
  language: Language | null;
  isStored: boolean;
  drafted: Record<string, Record<string, number>>;
  fault: string | null;
}

/** A sheet's result as it stands on its page: where its parts and failures go, and the button for another file. */
export interface Shown {
  app: SignedIn;
  sheet: Sheet;
  told: Told;
  notice: HTMLElement;
  node: HTMLElement;
  other: HTMLButtonElement;
}

/** What a list of machines is for those who fill it, find in it, and draw its cards. */
export interface Listing {
  app: SignedIn;
  drafts: Drafts;
  dueOn: string | null;
  cards: Card[];
  list: HTMLElement;
  find: HTMLElement;
  more: HTMLElement;
  unplaced: string;
  apart?: boolean;
  states?: States;
  group?: Group;
  aside?: Record<string, Group>;
  table?: Table | null;
  /** `total`: machines that it will hold, as far as known before all have come. */
  counted?: { total: number };
  /** `card`: nothing but that has changed. */
  filter?: (card?: Card) => void;
  make(machine: Machine): Card;
  changed(): void;
  grown(): void;
}

/** Modules that are loaded when they are needed. */
export interface Parts {
  account: typeof import("../portal/account.js");
  companies: typeof import("../portal/companies.js");
  conflict: typeof import("../portal/conflict.js");
  day: typeof import("../portal/day.js");
  door: typeof import("../portal/door.js");
  doubt: typeof import("../portal/doubt.js");
  find: typeof import("../portal/find.js");
  english: typeof import("../portal/english.js");
  "fleet_table/block": typeof import("../portal/fleet_table/block.js");
  "fleet_table/layout": typeof import("../portal/fleet_table/layout.js");
  "fleet_table/table": typeof import("../portal/fleet_table/table.js");
  fleet: typeof import("../portal/fleet.js");
  help: typeof import("../portal/help.js");
  history: typeof import("../portal/history.js");
  keypad: typeof import("../portal/keypad.js");
  language: typeof import("../portal/language.js");
  machines: typeof import("../portal/machines.js");
  menu: typeof import("../portal/menu.js");
  outbox: typeof import("../portal/outbox.js");
  password: typeof import("../portal/password.js");
  paste: typeof import("../portal/paste.js");
  photo: typeof import("../portal/photo.js");
  problem: typeof import("../portal/problem.js");
  receipt: typeof import("../portal/receipt.js");
  screens: typeof import("../portal/screens.js");
  send: typeof import("../portal/send.js");
  "sheet/page": typeof import("../portal/sheet/page.js");
  stickers: typeof import("../portal/stickers.js");
  stored: typeof import("../portal/stored.js");
  submit: typeof import("../portal/submit.js");
  successor: typeof import("../portal/successor.js");
}

export type Screen = "account" | "fleet" | "help" | "history" | "machines" | "problem" | "receipt" | "stickers" | "successor";
export type Door = "deadLink" | "noLink" | "loginPage" | "signedOut" | "loggedOut";

/** What is focused when a view stands. */
export type Heading = HTMLElement | null | undefined | void;
export type View = (node: HTMLElement) => Heading | Promise<Heading>;

/** What all modules share; see portal.js. */
export interface App {
  t: Voice;
  session: Session | null;
  overview: Overview | null;
  token: string | null;
  drafts: Drafts | null;
  wanted: string | null;
  cookie: boolean | null;
  prepared?: boolean;
  call: Call;
  learn(more: Texts): void;
  renew(): void;
  go(fragment: string): void;
  part<Name extends keyof Parts>(name: Name): Promise<Parts[Name]>;
  late(kind: string, label: string, list: () => Promise<Child>): HTMLElement;
  retry(again: () => unknown): HTMLElement;
  say(text: string): void;
  words(error: unknown): string;
  learned(language: Language): Promise<void>;
  speak(language: Language): void;
  redraw(): Promise<void>;
  show(view: View, options?: { focus?: boolean }): Promise<void>;
  door(page: Door, reason?: unknown): Promise<void>;
  failed(error: unknown, again: () => unknown): Promise<void>;
  open(): Promise<void>;
  resume(): Promise<void>;
  welcome(session: Session): Promise<void>;
  signedOut(): Promise<void>;
  machine(id: string): Promise<Machine | null>;
  refresh(): Promise<void> | undefined;
}

/** The same while somebody is signed in: what screens and cards are given. */
export interface SignedIn extends App {
  session: Session;
  overview: Overview;
  drafts: Drafts;
}
