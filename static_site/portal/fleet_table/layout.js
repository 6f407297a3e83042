// Table or cards: a table for who sits at a desk with more machines than a few, unless they have chosen cards.
import { atDesk, keep, kept } from "/shared/page.js";
import { stylesheet } from "/styles.js";
/** @import { Overview, Table } from "../../types/portal" */

const LAYOUT = "meterportal.layout";

/**
 * What this device draws, from now on `chosen` if that is given.
 * @param {"cards" | "table"} [chosen]
 * @returns {"cards" | "table"}
 */
export function layout(chosen) {
  if (chosen) keep(LAYOUT, chosen);
  return chosen ?? (kept(LAYOUT) === "cards" ? "cards" : "table");
}

/**
 * Whether there is a choice: not on a phone, and not for so few machines that nobody needs a filter.
 * @param {Overview} overview
 */
export const isOffered = ({ filter }) => atDesk() && Boolean(filter);

/**
 * The table of an overview that a desk shows; null: cards were chosen.
 * @param {Overview} overview
 * @returns {Promise<Table | null>}
 */
export async function tableOf(overview) {
  if (layout() !== "table") return null;
  const [{ Table }] = await Promise.all([overview.app.part("fleet_table/table"), stylesheet("/fleet_table/table.css")]);
  return new Table(overview);
}
