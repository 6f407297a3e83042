// What is looked for in folded texts, and the texts as they are looked through: bytes (UTF-8), and of each line a sign of 128
// bits that says at once which lines cannot hold it.
import { folded } from "./folding.js";
/** @import { Cut, Needle } from "../../types/model" */

const encoder = new TextEncoder();

// A row of a mask: not hit yet; hit; one that does not count, hit or not. Bits, so that whole columns are taken in without a
// decision a row: what a processor cannot foresee costs it ten times the work.
export const OPEN = 0;
export const HIT = 1;
export const OUT = 2;

/**
 * A mask in which only rows that were hit in another one can be hit.
 * @param {Uint8Array} among
 */
export function onlyAmong(among) {
  const mask = new Uint8Array(among.length);
  for (let row = 0; row < mask.length; row += 1) mask[row] = OUT - among[row] * OUT;
  return mask;
}

/**
 * Takes out of a mask what does not count: rows are open or hit from here on.
 * @param {Uint8Array} mask
 */
export function settle(mask) {
  for (let row = 0; row < mask.length; row += 1) mask[row] = mask[row] & HIT & ~(mask[row] >> 1);
}

/**
 * Marks the rows whose place is hit.
 * @param {Uint8Array} hits
 * @param {Int32Array} places
 * @param {Uint8Array} mask
 */
export function spread(hits, places, mask) {
  for (let row = 0; row < places.length; row += 1) mask[row] |= hits[places[row]];
}

const LINE_FEED = 10;
const CHUNK = 2048; // lines made ready at once, some milliseconds

// The sign: a bit for each letter that a line holds, and one for each two that follow each other, shared by many such pairs.
const WORDS = 4;
const OWN = "abcdefghijklmnopqrstuvwxyz0123456789.-@/"; // letters that have a bit of their own
const LETTERS = 48;
const PAIRS = WORDS * 32 - LETTERS;
const PLACES = Uint8Array.from({ length: 256 }, (_, byte) => {
  const own = byte < 128 ? OWN.indexOf(String.fromCharCode(byte)) : -1;
  return own >= 0 ? own : OWN.length + (byte % (LETTERS - OWN.length));
});

/** @param {number} first byte @param {number} second byte */
const pairOf = (first, second) => LETTERS + ((PLACES[first] * 41 + PLACES[second] * 7) % PAIRS);

/**
 * @param {string} word
 * @returns {Needle}
 */
export function needleOf(word) {
  const text = folded(word);
  const bytes = encoder.encode(text);
  const signs = Array.from({ length: WORDS }, () => new Int32Array(1));
  sum(bytes, [0, bytes.length], signs, 0);
  const sign = signs.map((one) => one[0]);
  return { text, bytes, sign, signed: bytes.length === 1 && OWN.includes(text) };
}

/**
 * Puts the bits of some bytes into the sign of a line.
 * @param {Uint8Array} bytes
 * @param {[number, number]} place
 * @param {Int32Array[]} signs
 * @param {number} line
 */
function sum(bytes, [begin, end], signs, line) {
  for (let at = begin; at < end; at += 1) {
    const letter = PLACES[bytes[at]];
    signs[letter >> 5][line] |= 1 << (letter & 31);
    if (at === begin) continue;
    const pair = pairOf(bytes[at - 1], bytes[at]);
    signs[pair >> 5][line] |= 1 << (pair & 31);
  }
}

/** Folded texts, one a line. */
export class Haystack {
  /**
   * @param {Uint8Array} bytes each line ends by a line feed
   * @param {Int32Array} starts one place more than there are lines
   * @param {Int32Array[]} signs the first 32 bits of all lines, the next, ...
   */
  constructor(bytes, starts, signs) {
    this.bytes = bytes;
    this.starts = starts;
    this.signs = signs;
  }

  /**
   * Whether a line holds a needle.
   * @param {number} line
   * @param {Needle} needle
   */
  has(line, { bytes: needle, sign }) {
    const { bytes, starts, signs } = this;
    for (let n = 0; n < WORDS; n += 1) if ((signs[n][line] & sign[n]) !== sign[n]) return false;
    const last = starts[line + 1] - 1 - needle.length;
    const [first] = needle;
    for (let from = starts[line]; from <= last; from += 1) {
      if (bytes[from] === first && begins(bytes, from, needle)) return true;
    }
    return false;
  }

  /**
   * Marks the lines that hold a needle.
   * @param {Needle} needle
   * @param {Uint8Array} mask
   */
  mark(needle, mask) {
    // The bits that fewest lines have are looked at first: they decide most of the lines.
    const n = needle.sign.findLastIndex((bits) => bits !== 0);
    const [signs, bits] = [this.signs[n], needle.sign[n]];
    if (needle.signed) {
      const shift = 31 - Math.clz32(bits);
      for (let line = 0; line < signs.length; line += 1) mask[line] |= (signs[line] >>> shift) & HIT;
      return;
    }
    for (let line = 0; line < signs.length; line += 1) {
      if ((signs[line] & bits) === bits && mask[line] === OPEN && this.has(line, needle)) mask[line] = HIT;
    }
  }

  /**
   * Those of the marked lines that are a needle.
   * @param {Needle} needle
   * @param {Uint8Array} mask
   * @param {Map<number, string>} except lines that do not count
   */
  same({ bytes: needle }, mask, except) {
    const { bytes, starts } = this;
    const long = needle.length + 1;
    const lines = [];
    for (let line = 0; line < starts.length - 1; line += 1) {
      if (starts[line + 1] - starts[line] !== long || mask[line] !== HIT) continue;
      if (begins(bytes, starts[line], needle) && !except.has(line)) lines.push(line);
    }
    return lines;
  }
}

/**
 * Whether a needle stands at a place of the bytes.
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {Uint8Array} needle
 */
function begins(bytes, at, needle) {
  for (let n = 0; n < needle.length; n += 1) if (bytes[at + n] !== needle[n]) return false;
  return true;
}

/**
 * Makes texts ready to be looked through, some at a time.
 * @param {Cut} cut
 * @returns {Generator<void, Haystack>}
 */
export function* haystackOf({ text, starts }) {
  const lines = starts.length - 1;
  const own = new Int32Array(starts.length);
  const signs = Array.from({ length: WORDS }, () => new Int32Array(lines));
  let bytes = new Uint8Array(text.length);
  let size = 0;
  for (let line = 0; line < lines;) {
    const chunk = encoder.encode(folded(text.slice(starts[line], starts[Math.min(line + CHUNK, lines)])));
    if (size + chunk.length > bytes.length) {
      const grown = new Uint8Array(Math.max(size + chunk.length, Math.ceil(bytes.length * 1.25)));
      grown.set(bytes);
      bytes = grown;
    }
    bytes.set(chunk, size);
    size += chunk.length;
    for (let at = own[line]; at < size; at = own[line]) {
      const end = bytes.indexOf(LINE_FEED, at);
      sum(bytes, [at, end], signs, line);
      line += 1;
      own[line] = end + 1;
    }
    yield;
  }
  return new Haystack(size < bytes.length ? bytes.slice(0, size) : bytes, own, signs);
}
