// What the editor of mail texts hands to its parts.
import type { components } from "./api";

type Json = components["schemas"];

export type MailText = Json["TextJson"];
export type TextRow = Json["TextRowJson"];
export type TriedText = Json["TriedTextJson"];
export type TextFault = Json["TextFaultJson"];
export type Placeholder = Json["PlaceholderJson"];
export type Words = Pick<MailText, "subject" | "preheader" | "html" | "text">;

/** What was typed and not saved, in this tab, and the version it was typed on. */
export interface UnsavedWords {
  words: Words;
  version: number;
}

/** The fields of a mail's words. */
export interface WordsFields {
  element: HTMLElement;
  words: () => Words;
  set: (words: Words) => void;
  offer: (placeholders: Placeholder[], language: string) => void;
  show: (faults: TextFault[]) => void;
  /** Puts the cursor on the spot. */
  mark: (fault: TextFault) => void;
}
