// What the place "Übergabe ERP" works with.
import type { components } from "./api";

type Json = components["schemas"];

export type ImportRun = Json["ImportJson"];
export type ImportPage = Json["ImportPageJson"];
export type Cause = Json["CauseJson"];
export type ImportFinding = Json["ImportFindingJson"];
export type MissingRecord = Json["MissingRecordJson"];
export type MissingPage = Json["MissingJson"];
export type ExportLines = Json["ExportLinesJson"];
export type ExportRun = Json["ExportJson"];
export type ExportPage = Json["ExportPageJson"];
export type ExportLine = Json["ExportLineJson"];

/** Names of colleagues by their number. */
export type Names = Map<string, string>;

/** A file for an archive. */
export interface Packable {
  name: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}
