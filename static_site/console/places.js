// The places of the console in the order of the month's work, and the views that stand in each.
/** @import { Group } from "../types/console" */

/** @type {Record<string, string[]>} place -> views; the first is where the place begins */
export const PLACES = {
  today: ["today", "statistics"],
  stock: ["stock"],
  request: ["readiness", "sending", "deliveries", "addresses", "answers", "phone-list", "rounds"],
  check: ["review", "readings", "problems", "successors", "estimates", "releases"],
  exchange: ["imports", "exports", "corrections"],
  settings: ["plausibility", "schedule", "words", "look", "sender", "help", "journal", "people", "erasures"],
};

/** @type {Record<string, string>} views without a tab of their own -> the view whose tab is theirs */
const WITHIN = { companies: "stock", machines: "stock", view: "stock" };

/** Views that show nothing but what a group may do. @type {Record<string, Group>} */
export const FOR_GROUP = { people: "admin", erasures: "admin", estimates: "release" };

export const FIRST = "today";

/** The tab to which a view belongs. @param {string} view */
export const tabOf = (view) => WITHIN[view] || view;

/** The place in which a view stands. @param {string} view */
export const placeOf = (view) => Object.keys(PLACES).find((place) => PLACES[place].includes(tabOf(view))) || FIRST;

/**
 * What an address names. A damaged one, as mails and chats leave them, names what there is none of, never nothing at all.
 * @param {string} hash "#/name/id?query"
 */
export function placeNamed(hash) {
  const [path, query] = hash.replace(/^#\/?/, "").split("?");
  const [name, id] = path.split("/");
  return { name, id: id ? decoded(id) : null, query: new URLSearchParams(query || "") };
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Lets the address say what a page shows: its row, its filter. Whoever has just followed a way on has set the next
 * page's address, a moment before that page is told; it stays.
 * @param {AbortSignal} stopped
 * @param {string} address of the page that shows it
 */
export function keepAddress(stopped, address) {
  /** @param {string} hash */
  const view = (hash) => hash.match(/^#\/[^/?]*/)?.[0];
  if (!stopped.aborted && view(location.hash) === view(address)) history.replaceState(null, "", address);
}

/** Conditions of the list of contracts that earlier releases had, by their names in the portfolio. @type {Record<string, string>} */
const RENAMED = { contract_id: "contract", company_id: "company", reading_channel: "channel", due_before: "due" };

/** An address as it is now: kept ones and mailed ones may name the list of contracts of earlier releases. @param {string} hash */
export function currentAddress(hash) {
  const found = hash.match(/^#\/contracts(?:\?(.*))?$/);
  if (!found) return hash;
  const now = new URLSearchParams([...new URLSearchParams(found[1])].map(([name, value]) => [RENAMED[name] ?? name, value]));
  return `#/stock/contracts${now.size ? `?${now}` : ""}`;
}
