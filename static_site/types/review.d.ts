import type { components } from "./api";
import type { Context, ReadingRow } from "./console";

type Json = components["schemas"];

export type StaffDecision = Json["StaffDecisionJson"];
export type Decided = Json["DecidedJson"];
export type Decision = Json["DecisionKind"];

/** Why a value needs a person. */
export type FindingGroup = "second" | "digits" | "swapped" | "elsewhere" | "lower" | "higher" | "little" | "sums" | "other";

/** What the list shows: values that need a person, or about which the same was decided. */
export type GroupName = FindingGroup | Decision;

/** The bar of release: what a dry run has found. */
export interface DryRun {
  id: string;
  machines: number;
  releasable: number;
  refused: number;
}

/** What a decision needs beyond the value itself. */
export interface Details {
  until?: string;
  note?: string;
}

/** Who carries decisions out, one or a whole group, and what it needs for that. */
export interface DecisionsPlace {
  context: Context;
  node: HTMLElement;
  /** Rows of the group that is shown. */
  shown(): ReadingRow[];
  /** The row that the mark is at. */
  row(): ReadingRow | null;
  carryOut(decision: Decision, details: Details): Promise<void>;
  carryOutAll(decision: Decision, rows: ReadingRow[], details: Details): Promise<void>;
  focus(): void;
}
