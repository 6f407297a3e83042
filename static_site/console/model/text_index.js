// Columns of texts, and the search in them.
import { Ints, startsOf } from "./columns.js";
import { folded } from "./folding.js";
import { HIT, haystackOf, spread } from "./needle.js";
import { ranksOf } from "./sorting.js";
/** @import { Cut, Needle } from "../../types/model" */

const CHUNK = 4096; // numbers made a text at once

/**
 * Work that several ask for and that is done once, step by step: whoever needs it first goes on with it.
 * @template Result
 */
class Once {
  /** @param {() => Generator<void, Result>} begin */
  constructor(begin) {
    this.begin = begin;
    this.work = /** @type {Generator<void, Result> | null} */ (null);
    this.result = /** @type {Result | null} */ (null);
  }

  /** @returns {Generator<void, Result>} */
  *done() {
    while (this.result === null) {
      this.work ??= this.begin();
      const step = this.work.next();
      if (step.done) this.result = step.value;
      else yield;
    }
    return this.result;
  }

  /** What it was made of has changed. */
  again() {
    this.work = null;
    this.result = null;
  }
}

/** Texts, one a row. Those that have changed lie beside the joined text; their old lines do not count. */
export class Lines {
  /** @param {Cut} cut */
  constructor({ text, starts }) {
    this.text = text;
    this.starts = starts;
    this.base = starts.length - 1;
    this.size = this.base;
    /** @type {Map<number, string>} */
    this.changed = new Map();
    /** @type {Map<number, string>} */
    this.changedFolded = new Map();
    this.fold = new Once(() => haystackOf({ text, starts }));
    this.order = new Once(() => ranksOf(this.size, (row) => padded(folded(this.at(row)))));
  }

  /** @param {Iterable<string | number>} values */
  static of(values) {
    const text = [...values, ""].join("\n");
    return new Lines({ text, starts: startsOf(text) });
  }

  /** @param {number} row */
  at(row) {
    return this.changed.get(row) ?? (row < this.base ? this.text.slice(this.starts[row], this.starts[row + 1] - 1) : "");
  }

  /**
   * @param {number} row
   * @param {string} text
   */
  put(row, text) {
    this.size = Math.max(this.size, row + 1);
    if (this.at(row) === text && (row < this.base || this.changed.has(row))) return;
    this.changed.set(row, text);
    this.changedFolded.set(row, folded(text));
    this.order.again();
  }

  /** Makes the search ready. */
  *ready() {
    yield* this.fold.done();
  }

  /** The joined text, where the search is ready. */
  get joined() {
    if (!this.fold.result) throw new Error("The column is not ready to be searched.");
    return this.fold.result;
  }

  /**
   * Only after `ready`, like what follows.
   * @param {number} row
   * @param {Needle} needle
   */
  has(row, needle) {
    const own = this.changedFolded.get(row);
    if (own !== undefined) return own.includes(needle.text);
    return row < this.base && this.joined.has(row, needle);
  }

  /**
   * Marks the rows that hold a needle.
   * @param {Needle} needle
   * @param {Uint8Array} mask a byte a row
   */
  mark(needle, mask) {
    const { changed, changedFolded, joined } = this;
    const before = [...changed.keys()].map((row) => mask[row]);
    joined.mark(needle, mask);
    [...changed.keys()].forEach((row, n) => (mask[row] = before[n])); // what stands in the joined text is no longer so
    for (const [row, text] of changedFolded) if (text.includes(needle.text)) mask[row] |= HIT;
  }

  /**
   * Those of the marked rows whose folded text is exactly this one.
   * @param {Needle} needle
   * @param {Uint8Array} mask
   */
  same(needle, mask) {
    const rows = this.joined.same(needle, mask, this.changed);
    for (const [row, text] of this.changedFolded) if (mask[row] === HIT && text === needle.text) rows.push(row);
    return rows;
  }

  /** @returns {Generator<void, (row: number) => number>} */
  *ranks() {
    const ranks = yield* this.order.done();
    return (row) => ranks[row] ?? 0;
  }
}

/**
 * Numbers as texts.
 * @param {Int32Array} values
 * @returns {Generator<void, Lines>}
 */
export function* linesOf(values) {
  let text = "";
  for (let row = 0; row < values.length; row += CHUNK) {
    text += `${values.subarray(row, row + CHUNK).join("\n")}\n`;
    yield;
  }
  return new Lines({ text, starts: startsOf(text) });
}

/**
 * Numbers in a text by their size: 9 before 10.
 * @param {string} text
 */
const padded = (text) => (/^\d+$/.test(text) ? text.padStart(12, "0") : text);

/** Texts that recur: each stands once, and a row holds its place. */
export class Words {
  /**
   * @param {Cut} cut
   * @param {Int32Array<ArrayBuffer>} codes
   */
  constructor(cut, codes) {
    this.words = new Lines(cut);
    this.codes = new Ints(codes);
    this.size = codes.length;
    /** @type {Map<string, number> | null} */
    this.places = null;
  }

  /** @param {number} row */
  at(row) {
    return row < this.size ? this.words.at(this.codes.at(row)) : "";
  }

  /**
   * @param {number} row
   * @param {string} text
   */
  put(row, text) {
    this.places ??= new Map(Array.from({ length: this.words.size }, (_, place) => [this.words.at(place), place]));
    let place = this.places.get(text);
    if (place === undefined) {
      place = this.words.size;
      this.places.set(text, place);
      this.words.put(place, text);
    }
    this.size = Math.max(this.size, row + 1);
    this.codes.put(row, place);
  }

  *ready() {
    yield* this.words.ready();
  }

  /**
   * @param {Needle} needle
   * @param {Uint8Array} mask
   */
  same(needle, mask) {
    const words = new Set(this.words.same(needle, new Uint8Array(this.words.size).fill(HIT)));
    /** @type {number[]} */
    const rows = [];
    if (!words.size) return rows;
    for (let row = mask.indexOf(HIT); row >= 0; row = mask.indexOf(HIT, row + 1)) if (words.has(this.codes.at(row))) rows.push(row);
    return rows;
  }

  /**
   * @param {number} row
   * @param {Needle} needle
   */
  has(row, needle) {
    return row < this.size && this.words.has(this.codes.at(row), needle);
  }

  /**
   * @param {Needle} needle
   * @param {Uint8Array} mask
   */
  mark(needle, mask) {
    const hits = new Uint8Array(this.words.size);
    this.words.mark(needle, hits);
    if (!hits.includes(HIT)) return;
    spread(hits, this.codes.values.subarray(0, this.size), mask);
  }

  /** @returns {Generator<void, (row: number) => number>} */
  *ranks() {
    const rank = yield* this.words.ranks();
    return (row) => (row < this.size ? rank(this.codes.at(row)) : 0);
  }
}
