// What the statistics hand to their parts.
import type { components } from "./api";
import type { Child } from "./page";

type Json = components["schemas"];

export type Statistics = Json["StatisticsJson"];
export type MonthStatistics = Json["MonthStatisticsJson"];
export type RoundStatistics = Json["RoundStatisticsJson"];
export type CompanyStatistics = Json["CompanyStatisticsJson"];

/** A column of a table that is saved as CSV, too: `value` as the file has it, `cell` where the page shows more. */
export interface SheetColumn<Row> {
  label: string;
  number?: boolean;
  value(row: Row): string | number;
  cell?(row: Row): Child;
}
