// The dealer's look.
import type { components } from "./api";

export type Look = components["schemas"]["BrandJson"];

/** What was typed and not saved, in this tab, and the version it was typed on. */
export interface UnsavedLook {
  typed: Pick<Look, "name" | "head" | "accent" | "imprint" | "privacy">;
  version: number;
}
