import type { Run } from "./console";

/** Something that waits: of what it consists, and since when. `more`: there are more than were counted. */
export interface Task {
  name:
    | "stopped" | "conspicuous" | "complete" | "unasked" | "addresses" | "answers" | "problems" | "successors" | "calls" | "estimates" | "announced" | "disputed" | "released"
    | "exports" | "corrections";
  href: string;
  count: number;
  more?: boolean;
  what: string;
  /** A day or a moment, "" where it is not known. */
  since: string;
}

/** A run that is under way: how much of what is done. */
export interface Running {
  kind: string;
  run: Pick<Run, "id" | "created_at" | "by" | "dry_run"> & { kind?: string };
  done: number;
  of: number;
}

/** How far each run had come when the page saw it first, and when that was (milliseconds). */
export type Looks = Map<string, { at: number; done: number }>;

/** The newest run of a kind, with the numbers that its sentence names. */
export interface LastRun {
  kind: string;
  run: Pick<Run, "id" | "created_at" | "state" | "dry_run"> & { kind?: string };
  facts: Record<string, number>;
  /** What is still to do about it. */
  left: string;
}
