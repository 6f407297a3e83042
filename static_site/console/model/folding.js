// How text is compared: the same for what is searched and for what is typed, as in `folded` of the server's snapshots.py.
import { plain } from "/shared/letters.js";

/** @type {Record<string, string>} */
const SPREAD = { ä: "ae", ö: "oe", ü: "ue" };

/**
 * Lower case, umlauts as two letters, other letters without their marks ("ø" is "o"). Ends of lines stay.
 * @param {string} text
 */
export function folded(text) {
  // eslint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  const spread = text.normalize("NFC").toLowerCase().replace(/[äöü]/g, (letter) => SPREAD[letter]);
  return plain(spread.normalize("NFD").replace(/\p{M}/gu, ""));
}

/**
 * The words of a query, the longest first: it leaves the fewest rows for the others.
 * @param {string} text
 */
export const wordsOf = (text) => folded(text).split(/\s+/).filter(Boolean).sort((one, other) => other.length - one.length);

const DAY = 86_400_000;
const DAY_ZERO = Date.UTC(1999, 11, 31);

/** Of a machine in a snapshot, instead of the due date of its contract: it has none (9999-12-31). */
export const NO_DAY = (Date.UTC(9999, 11, 31) - DAY_ZERO) / DAY;

/**
 * An ISO day as its number, 0 for none.
 * @param {string} iso
 */
export const dayOf = (iso) => (iso ? (Date.parse(`${iso}T00:00:00Z`) - DAY_ZERO) / DAY : 0);

/**
 * The ISO day of a number, "" for 0.
 * @param {number} day
 */
export const isoOf = (day) => (day ? new Date(DAY_ZERO + day * DAY).toISOString().slice(0, 10) : "");
