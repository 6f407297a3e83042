// What the pages of a customer and of a machine, and the journal, hand to their parts.
import type { components } from "./api";

type Json = components["schemas"];

export type CompanyPage = Json["CompanyPageJson"];
export type ContactCard = Json["ContactCardJson"];
export type Suppression = Json["SuppressionJson"];
export type ContractCard = Json["ContractCardJson"];
export type MachineCard = Json["MachineCardJson"];
export type MeterValue = Json["MeterValueJson"];
export type Timeline = Json["TimelineJson"];
export type TimelineEntry = Json["TimelineEntryJson"];
export type Note = Json["StaffNoteJson"];
export type StaffPerson = Json["StaffPersonJson"];
export type PersonalData = Json["PersonalDataJson"];
export type Erased = Json["ErasedJson"];
export type Erasure = Json["ErasureJson"];
export type ContactView = Json["ContactViewJson"];
export type ViewedMachine = ContactView["machines"][number];
export type ViewedMeter = ViewedMachine["meters"][number];
export type MachinePage = Json["MachinePageJson"];
export type MachineMeter = Json["MachineMeterJson"];
export type PastReading = Json["PastReadingJson"];
export type ReleasedValue = Json["ReleasedValueJson"];
export type Finding = Json["FindingJson"];
export type Standing = Json["StandingReadingJson"];
export type JournalEntry = Json["JournalEntryJson"];
export type FieldChange = Json["FieldChangeJson"];

/** What a note is about: one of the two. */
export type NoteSubject = { company_id: string; machine_id?: undefined } | { machine_id: string; company_id?: undefined };

/** What a customer has to report by a day; mails are the last ones. */
export interface Month {
  due_on: string;
  contracts: string[];
  total: number;
  reported: number;
  asked_on: string;
  reminded_on: string;
  announced_on: string;
}

/** What can be done about a person, behind the button of their row; `key` does it from the row, too. */
export interface PersonAct {
  words: string;
  key?: string;
  what: string;
  act(): unknown;
}

/** A machine as a line of the time line names it. */
export interface Known {
  serial: string;
  meters: Record<string, string>;
}

/** Entries that one line tells: the same deed of the same person at the same time. */
export interface Told {
  entry: TimelineEntry;
  all: TimelineEntry[];
}

/** A meter's field in the form that enters readings. */
export interface EntryField {
  meter: MachineMeter;
  input: HTMLInputElement;
  /** What stood there when the form was drawn. */
  before: string;
  wrong: HTMLElement;
  advice: HTMLElement;
}

/** An entry as the tab keeps it over a reload; `version` is what was seen. */
export interface KeptEntry {
  version: number;
  values: Record<string, string>;
  read_on: string;
  channel: string;
  reporter: string;
}

/** What the acts on final values work on; `done(words)` and `reload()` draw the page anew. */
export interface ActsPlace {
  node: HTMLElement;
  machine: MachinePage;
  stopped: AbortSignal;
  said: string;
  done(words: string): void;
  reload(): void;
}

/** What a dialog of one act on the machine works on. */
export type ActPlace = Omit<ActsPlace, "said">;

export interface SwapField {
  input: HTMLInputElement;
  wrong: HTMLElement;
  element: HTMLElement;
}

/** A meter's value as it is now, who made it so, and what was typed or seen. */
export interface NewerLine {
  label: string;
  now: string;
  who: string;
  mine: string;
}

/** What the form works on. */
export interface EntryPlace {
  machine: MachinePage;
  contacts: ContactCard[];
  stopped: AbortSignal;
  /** What fills the form where the person has typed nothing yet. */
  proposed?: KeptEntry;
  /** Stored: the page is to be drawn anew, with the words that say so. */
  /** Comes back when the page shows what was stored; tells itself what goes wrong on the way. */
  saved(words: string): Promise<void>;
  reload(): void;
}
