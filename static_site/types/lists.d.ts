// What a list with one stop of the keyboard asks of its place.
import type { Child } from "./page";

/** A list with one stop of the keyboard. */
export interface ListHost<Row> {
  /** The class that its columns get their widths by. */
  name: string;
  label: string;
  heads: { label: string; kind?: string }[];
  cells(row: Row): Child[];
  marked(row: Row | null, index: number): void;
  open(row: Row): void;
}
