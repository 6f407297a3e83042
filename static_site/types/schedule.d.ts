// When the schedule writes.
import type { components } from "./api";

type Json = components["schemas"];

export type Schedule = Json["ScheduleJson"];
export type ReminderDay = Json["ReminderDayJson"];
export type OwnTerms = Json["OwnTermsJson"];

/** The days of up to two reminders as a person edits them; "own" fields may leave it to the dealer's. */
export interface ReminderFields {
  element: HTMLElement;
  show(days: ReminderDay[] | null): void;
  /** null: as the dealer's; NaN stands where a number is missing. */
  days(): ReminderDay[] | null;
}

/** A contract with terms of its own, as a person edits it. */
export interface OwnRow {
  number: HTMLInputElement;
  lead: HTMLInputElement;
  grace: HTMLInputElement;
  reminders: ReminderFields;
  step: HTMLSelectElement;
  element: HTMLElement;
}

/** What the fields say; NaN stands where a number is missing. */
export interface TypedSchedule {
  lead_days: number;
  grace_days: number;
  hour: number;
  reminders: ReminderDay[];
  weekends: boolean;
  land: Schedule["land"];
  last_step: Schedule["last_step"];
  announce_after: number;
  contracts: Record<string, OwnTerms>;
}

/** What was typed and not saved, in this tab, and the version it was typed on. */
export interface UnsavedSchedule {
  typed: TypedSchedule;
  version: number;
}
