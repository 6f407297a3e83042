// Lists: which rows pass a filter, in which order; the choice among them; what a search finds.
import { stateOf } from "./bar.js";
import { dayOf, wordsOf } from "./folding.js";
import { HIT, OPEN, needleOf, onlyAmong, settle, spread } from "./needle.js";
import { STATES, inService, isUndecided } from "./progress.js";
import { counted } from "./sorting.js";
import { Words } from "./text_index.js";
/** @import { Ints } from "./columns.js" */
/** @import { Field, Kind, Needle, Rank, Spec, TextColumn } from "../../types/model" */
/** @import { Portfolio } from "./portfolio.js" */

export const FEW = 4000; // rows that are looked at one by one, not column by column
const SOME = 65_536; // rows looked at before others have their turn

/** Columns that are searched. @type {Record<Kind, string[]>} */
const SEARCHED = {
  companies: ["name", "city", "street", "postcode"],
  contracts: ["name"],
  machines: ["serial", "maker", "model", "customer_no", "site", "room"],
  contacts: ["first_name", "last_name", "email", "phone"],
};
const OF_THE_COMPANY = ["name", "city"];

/**
 * What a word may stand in, for the rows of a kind.
 * @param {Portfolio} portfolio
 * @param {Kind} kind
 * @returns {Field[]}
 */
function fieldsOf(portfolio, kind) {
  const table = portfolio[kind];
  const own = [table.id, ...SEARCHED[kind].map((name) => table.texts[name])].filter(Boolean);
  const { companies } = portfolio;
  const owners = kind === "companies" ? []
    : OF_THE_COMPANY.map((name) => ownersField(companies.texts[name], table.company, () => [companies.size, table.size]));
  // Texts that recur first: what they mark need not be looked for in those that are read to the end.
  return [...own.filter((one) => one instanceof Words), ...owners, ...own.filter((one) => !(one instanceof Words))];
}

/**
 * A column of the company, as one of its rows.
 * @param {TextColumn} column
 * @param {Ints} company
 * @param {() => [number, number]} sizes
 * @returns {Field}
 */
function ownersField(column, company, sizes) {
  return {
    ready: () => column.ready(),
    has: (row, needle) => column.has(company.at(row), needle),
    mark: (needle, mask) => {
      const [companies, rows] = sizes();
      const hits = new Uint8Array(companies);
      column.mark(needle, hits);
      if (!hits.includes(HIT)) return;
      spread(hits, company.values.subarray(0, rows), mask);
    },
  };
}

/**
 * Makes the search in a kind ready, in slices.
 * @param {Portfolio} portfolio
 * @param {Kind} kind
 */
export function* searchable(portfolio, kind) {
  for (const field of fieldsOf(portfolio, kind)) yield* field.ready();
}

/**
 * The rows that hold every word, as a byte each; all of them without a word.
 * @param {Portfolio} portfolio
 * @param {Kind} kind
 * @param {string} text
 * @param {{ text: string, mask: Uint8Array } | null} [before] what was found for another text in the same rows: where this one
 *   says more than that, only what is new is looked for, and only in those rows
 * @returns {Generator<void, Uint8Array>}
 */
export function* found(portfolio, kind, text, before = null) {
  const { size } = portfolio[kind];
  let words = wordsOf(text);
  if (!words.length) return new Uint8Array(size).fill(HIT);
  yield* searchable(portfolio, kind);
  const fields = fieldsOf(portfolio, kind);
  const known = before ? wordsOf(before.text) : [];
  const narrows = known.length > 0 && known.every((one) => words.some((word) => word.includes(one)));
  if (narrows) words = words.filter((word) => !known.some((one) => one.includes(word)));
  let among = narrows ? before?.mask : null;
  for (const word of words) among = yield* holding(fields, needleOf(word), among ?? size);
  return /** @type {Uint8Array} */ (among);
}

/**
 * The rows in which any of the fields holds a word.
 * @param {Field[]} fields
 * @param {Needle} word
 * @param {Uint8Array | number} among the rows that are looked at, as they were found, or how many rows there are
 * @returns {Generator<void, Uint8Array>}
 */
function* holding(fields, word, among) {
  if (typeof among === "number") {
    const mask = new Uint8Array(among);
    yield* markAll(fields, word, mask);
    return mask;
  }
  if (sum(among) <= FEW) {
    const mask = among.slice();
    for (let row = mask.indexOf(HIT); row >= 0; row = mask.indexOf(HIT, row + 1)) {
      if (!fields.some((field) => field.has(row, word))) mask[row] = OPEN;
    }
    return mask;
  }
  const mask = onlyAmong(among);
  yield* markAll(fields, word, mask);
  settle(mask);
  return mask;
}

/**
 * @param {Field[]} fields
 * @param {Needle} word
 * @param {Uint8Array} mask
 */
function* markAll(fields, word, mask) {
  for (const field of fields) {
    field.mark(word, mask);
    yield;
  }
}

/** @param {Uint8Array} mask */
export function sum(mask) {
  let total = 0;
  for (let row = 0; row < mask.length; row += 1) total += mask[row];
  return total;
}

/**
 * Whether a row meets the conditions, the words aside.
 * @param {Portfolio} portfolio
 * @param {Spec} spec
 * @returns {(row: number) => boolean}
 */
function conditions(portfolio, spec) {
  const { kind } = spec;
  const table = portfolio[kind];
  /** @type {((row: number) => boolean)[]} */
  const all = [];
  if (spec.company) {
    const company = portfolio.companies.find(-1, spec.company);
    all.push((row) => table.company.at(row) === company);
  }
  if (kind === "companies" || kind === "contacts") return every(all);
  const { due_on: due, ends_on: ends, flags, contract } = table.numbers;
  if (spec.due) {
    const last = dayOf(spec.due);
    all.push((row) => due.at(row) > 0 && due.at(row) <= last);
  }
  if (spec.states.length) {
    const wanted = STATES.map((name) => spec.states.includes(name));
    const state = stateOf(portfolio, kind);
    all.push((row) => wanted[state(row)]);
  }
  const today = dayOf(spec.today);
  const contracts = portfolio.contracts;
  if (spec.channels.length) {
    const { channel } = contracts.texts;
    const wanted = new Set(spec.channels);
    all.push(kind === "contracts" ? (row) => wanted.has(channel.at(row)) : (row) => wanted.has(channel.at(contract.at(row))));
  }
  if (kind === "contracts") {
    if (!spec.ended) all.push((row) => !ends.at(row) || ends.at(row) >= today);
    if (spec.contract) all.push((row) => table.id.at(row) === spec.contract);
    if (spec.only === "unasked") {
      const { asked, reported, total } = table.numbers;
      all.push((row) => asked.at(row) === 0 && reported.at(row) < total.at(row));
    }
    return every(all);
  }
  if (!spec.ended) all.push((row) => inService(flags.at(row)));
  if (spec.contract) all.push((row) => contract.at(row) >= 0 && contracts.id.at(contract.at(row)) === spec.contract);
  if (spec.only === "undecided") all.push((row) => isUndecided(flags.at(row)));
  if (spec.machine) all.push((row) => table.id.at(row) === spec.machine);
  return every(all);
}

/** @param {((row: number) => boolean)[]} all @returns {(row: number) => boolean} */
function every(all) {
  const [only] = all;
  if (all.length < 2) return only ?? (() => true);
  return (row) => all.every((one) => one(row));
}

/** Columns whose order is that of several. @type {Record<string, string[]>} */
const TOGETHER = { place: ["site", "building", "floor", "room"], model: ["model", "maker"] };

/**
 * How the rows of a kind are ordered by a column. `none`: 0 is no value.
 * @param {Portfolio} portfolio
 * @param {{ kind: Kind, sort: string }} by
 * @returns {Generator<void, { rank: Rank, none?: boolean }>}
 */
function* orderOf(portfolio, { kind, sort }) {
  const table = portfolio[kind];
  const { companies, contracts } = portfolio;
  if (sort === "id") return { rank: yield* table.id.ranks() };
  if (sort === "company" || sort === "city") {
    const rank = yield* companies.texts[sort === "company" ? "name" : "city"].ranks();
    return { rank: (row) => rank(table.company.at(row)) };
  }
  if (sort === "state") return { rank: stateOf(portfolio, kind) };
  if (sort === "contract") {
    const rank = yield* contracts.id.ranks();
    return { rank: (row) => (table.numbers.contract.at(row) < 0 ? 0 : rank(table.numbers.contract.at(row)) + 1), none: true };
  }
  const number = table.numbers[sort];
  if (number) return { rank: (row) => number.at(row), none: sort.endsWith("_on") };
  return { rank: yield* table.texts[sort].ranks() };
}

/**
 * Rows in the order of a spec.
 * @param {Portfolio} portfolio
 * @param {{ kind: Kind, sort: string, down: boolean }} spec
 * @param {Int32Array<ArrayBuffer>} passed as they lie; they stay as they are
 * @returns {Generator<void, Int32Array<ArrayBuffer>>}
 */
export function* listed(portfolio, { kind, sort, down }, passed) {
  let rows = passed;
  for (const one of (TOGETHER[sort] ?? [sort]).toReversed()) {
    const { rank, none } = yield* orderOf(portfolio, { kind, sort: one });
    rows = counted(rows, rank, { down, none });
    yield;
  }
  return rows;
}

/**
 * The rows that are shown and meet the conditions of a spec, the words aside, as a byte each.
 * @param {Portfolio} portfolio
 * @param {Spec} spec
 * @returns {Generator<void, Uint8Array>}
 */
export function* meeting(portfolio, spec) {
  const table = portfolio[spec.kind];
  const passes = conditions(portfolio, spec);
  const mask = new Uint8Array(table.size);
  for (let row = 0; row < mask.length; row += 1) {
    if (table.shown(row) && passes(row)) mask[row] = HIT;
    if (row % SOME === 0) yield;
  }
  return mask;
}

/**
 * The rows that pass a filter, as they lie.
 * @param {Portfolio} portfolio
 * @param {Spec} spec
 * @returns {Generator<void, Int32Array<ArrayBuffer>>}
 */
export function* filtered(portfolio, spec) {
  const met = yield* meeting(portfolio, spec);
  return rowsOf(both(met, yield* found(portfolio, spec.kind, spec.words)));
}

/**
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
export function both(one, other) {
  const mask = new Uint8Array(one.length);
  for (let row = 0; row < mask.length; row += 1) mask[row] = one[row] & other[row];
  return mask;
}

/**
 * The marked rows, in an order.
 * @param {Uint8Array} mask
 * @param {Int32Array} [order] all rows; without it as they lie
 */
export function rowsOf(mask, order) {
  const all = order?.length ?? mask.length;
  const rows = new Int32Array(all + 1); // each row is written, and stays where it counts
  let size = 0;
  for (let n = 0; n < all; n += 1) {
    const row = order ? order[n] : n;
    rows[size] = row;
    size += mask[row] | 0; // one that came since is in no mask
  }
  return rows.slice(0, size);
}

/** What a person has chosen of a kind: a byte a row, whatever the filter shows. */
export class Choice {
  constructor() {
    this.mask = new Uint8Array(0);
    /** @type {Spec | null} the list that was chosen as a whole, when no other row was */
    this.whole = null;
  }

  /** @param {number} row */
  has(row) {
    return this.mask[row] === 1;
  }

  /**
   * @param {Iterable<number>} rows
   * @param {boolean} chosen
   */
  set(rows, chosen) {
    for (const row of rows) {
      if (row >= this.mask.length) {
        const grown = new Uint8Array(row + 1024);
        grown.set(this.mask);
        this.mask = grown;
      }
      this.mask[row] = Number(chosen);
    }
  }

  clear() {
    this.whole = null;
    this.mask.fill(0);
  }

  get size() {
    return sum(this.mask);
  }

  *[Symbol.iterator]() {
    for (let row = this.mask.indexOf(1); row >= 0; row = this.mask.indexOf(1, row + 1)) yield row;
  }
}
