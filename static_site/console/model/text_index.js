// Columns of texts, and the search in them: one joined text a column, in which `indexOf` looks for a word.
import { Ints, startsOf } from "./columns.js";
import { folded } from "./folding.js";
import { ranksOf } from "./sorting.js";
/** @import { Cut } from "../../types/model" */

const CHUNK = 4096; // lines folded at once, some milliseconds

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
    this.fold = new Once(() => this.foldedLines());
    this.order = new Once(() => ranksOf(this.size, (row) => padded(this.foldedAt(row))));
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

  /** @returns {Generator<void, Cut>} */
  *foldedLines() {
    const parts = [];
    for (let row = 0; row < this.base; row += CHUNK) {
      parts.push(folded(this.text.slice(this.starts[row], this.starts[Math.min(row + CHUNK, this.base)])));
      yield;
    }
    const text = parts.join("");
    return { text, starts: text === this.text ? this.starts : startsOf(text) };
  }

  /** Makes the search ready. */
  *ready() {
    yield* this.fold.done();
  }

  /** @param {number} row */
  foldedAt(row) {
    const cut = this.fold.result;
    const own = this.changedFolded.get(row);
    if (own !== undefined || row >= this.base) return own ?? "";
    return cut ? cut.text.slice(cut.starts[row], cut.starts[row + 1] - 1) : folded(this.at(row));
  }

  /**
   * @param {number} row
   * @param {string} word
   */
  has(row, word) {
    return this.foldedAt(row).includes(word);
  }

  /**
   * Marks the rows that hold a folded word. Only after `ready`.
   * @param {string} word
   * @param {Uint8Array} mask a byte a row
   */
  mark(word, mask) {
    const cut = this.fold.result;
    if (cut) {
      const { text, starts } = cut;
      let row = 0;
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, starts[row])) {
        row = lineAt(starts, at, row);
        if (!this.changed.has(row)) mask[row] = 1;
        // What is marked already, by this column or another, is not looked at.
        do row += 1; while (mask[row]);
        if (row >= this.base) break;
      }
    }
    for (const [row, text] of this.changedFolded) if (text.includes(word)) mask[row] = 1;
  }

  /**
   * The rows whose text is exactly this one, which holds no line feed.
   * @param {string} text
   */
  same(text) {
    const rows = [];
    for (const [row, changed] of this.changed) if (changed === text) rows.push(row);
    const whole = `\n${text}\n`;
    if (this.text.startsWith(whole.slice(1)) && !this.changed.has(0)) rows.push(0);
    let row = 0;
    for (let at = this.text.indexOf(whole); at >= 0; at = this.text.indexOf(whole, at + 1)) {
      row = lineAt(this.starts, at + 1, row);
      if (!this.changed.has(row)) rows.push(row);
    }
    return rows;
  }

  /** @returns {Generator<void, (row: number) => number>} */
  *ranks() {
    yield* this.ready();
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

/**
 * The line that holds a place, from line `low` on: in doubling steps, then by halves.
 * @param {Int32Array} starts
 * @param {number} at
 * @param {number} low
 */
function lineAt(starts, at, low) {
  let step = 1;
  let high = low + 1;
  while (high < starts.length - 1 && starts[high] <= at) {
    low = high;
    step *= 2;
    high = Math.min(low + step, starts.length - 1);
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= at) low = middle;
    else high = middle;
  }
  return low;
}

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

  /** @param {string} text */
  same(text) {
    const rows = [];
    for (const code of this.words.same(text)) {
      for (let row = this.codes.values.indexOf(code); row >= 0; row = this.codes.values.indexOf(code, row + 1)) rows.push(row);
    }
    return rows;
  }

  /**
   * @param {number} row
   * @param {string} word
   */
  has(row, word) {
    return row < this.size && this.words.has(this.codes.at(row), word);
  }

  /**
   * @param {string} word
   * @param {Uint8Array} mask
   */
  mark(word, mask) {
    const hits = new Uint8Array(this.words.size);
    this.words.mark(word, hits);
    if (!hits.includes(1)) return;
    const codes = this.codes.values;
    for (let row = 0; row < this.size; row += 1) if (hits[codes[row]]) mask[row] = 1;
  }

  /** @returns {Generator<void, (row: number) => number>} */
  *ranks() {
    const rank = yield* this.words.ranks();
    return (row) => (row < this.size ? rank(this.codes.at(row)) : 0);
  }
}
