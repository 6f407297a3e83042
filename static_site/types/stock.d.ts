// What the parts of the place "Bestand" hand to each other.
import type { components } from "./api";
import type { AnyRow, CompanyRow, ContractRow, MachineRow, Spec, Window } from "./model";
import type { Child } from "./page";

/** What a person has set for the lists, as the server keeps it. */
export type ListSettings = components["schemas"]["ViewsJson"];

/** The lists of the place. */
export type Shown = "contracts" | "companies" | "machines";

/** A column of the grid. `width` in characters; those with `grow` share what is left; the highest `priority` goes first. */
export interface GridColumn<Row> {
  key: string;
  label: string;
  /** Columns of a group stand side by side, and go together; the first one begins it. */
  group?: string;
  begins?: boolean;
  width: number;
  grow?: number;
  priority: number;
  sort?: string;
  number?: boolean;
  optional?: boolean;
  /** What stands in it comes later than its row. */
  late?: boolean;
  /** Classes of its cells; a text that may be cut is their title, too. */
  look?: string;
  cell(row: Row): Child;
  /** Cells of rows that are the same in this are the same. */
  same?(row: Row): string;
}

/** A row's elements, which other rows use after it; `shown` is what each cell shows, null where that cannot be told. */
export interface Slot {
  element: HTMLElement;
  cells: HTMLElement[];
  shown: (string | null)[];
  index: number;
  drawn: number;
}

/** What the grid asks of its place. */
export interface GridHost {
  label: string;
  /** The head of the column of choices. */
  pick: string;
  ask(from: number, count: number, fresh: boolean): Promise<Window>;
  came(window: Window): void;
  active(row: AnyRow | null, index: number): void;
  open(row: AnyRow, elsewhere: boolean): void;
  choose(how: "row" | "range" | "matching", rows: [number, number], chosen: boolean): void;
  sort(column: string): void;
  escape(): void;
}

export type MachineValues = components["schemas"]["MachineValuesJson"];
export type MeterValue = components["schemas"]["MeterValueJson"];

/** What another list of the same kind differs in. */
export type Lifted = Partial<Omit<Spec, "kind">>;

/** A condition of the list, as its token shows it. */
export interface Token {
  label: string;
  value: string;
  without: Lifted;
}

export type { AnyRow, CompanyRow, ContractRow, MachineRow, Spec, Window };
