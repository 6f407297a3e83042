// Reads a part of a snapshot: the container of docs/read-model.md, whose columns become arrays.
/** @import { Container, Cut } from "../../types/model" */

/** @type {Record<string, number>} */
const WIDTH = { B: 1, H: 2, h: 2, I: 4, i: 4 };

/**
 * Numbers that grow. What was never set is 0; nothing reaches 2^31.
 */
export class Ints {
  /** @param {Int32Array<ArrayBuffer>} values */
  constructor(values = new Int32Array(0)) {
    this.values = values;
  }

  /** @param {number} row */
  at(row) {
    return this.values[row] ?? 0;
  }

  /**
   * @param {number} row
   * @param {number} value
   */
  put(row, value) {
    if (row >= this.values.length) {
      const grown = new Int32Array(Math.max(row + 1, this.values.length + 1024, Math.ceil(this.values.length * 1.25)));
      grown.set(this.values);
      this.values = grown;
    }
    this.values[row] = value;
  }
}

/**
 * @param {Uint8Array} bytes the planes of wide numbers: all lowest bytes first
 * @param {string} kind
 * @param {boolean} steps whether each value is the difference to the one before
 */
function numbersOf(bytes, kind, steps) {
  const width = WIDTH[kind];
  const size = bytes.length / width;
  const values = new Int32Array(size);
  for (let plane = 0; plane < width; plane += 1) {
    const begin = plane * size;
    const shift = plane * 8;
    for (let n = 0; n < size; n += 1) values[n] |= bytes[begin + n] << shift;
  }
  if (kind === "h") for (let n = 0; n < size; n += 1) values[n] = (values[n] << 16) >> 16;
  if (steps) for (let n = 1; n < size; n += 1) values[n] += values[n - 1];
  return values;
}

/**
 * Where each line of a text begins; one place more than there are lines.
 * @param {string} text each line of which ends by a line feed
 */
export function startsOf(text) {
  let starts = new Int32Array(1024);
  let size = 0;
  for (let at = 0; at < text.length; at = text.indexOf("\n", at) + 1) {
    if (size + 1 >= starts.length) {
      const grown = new Int32Array(starts.length * 2);
      grown.set(starts);
      starts = grown;
    }
    starts[size] = at;
    size += 1;
  }
  starts[size] = text.length;
  return starts.slice(0, size + 1);
}

/**
 * @param {ArrayBuffer} buffer
 * @returns {Container}
 */
export function containerOf(buffer) {
  const decoder = new TextDecoder();
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(decoder.decode(new Uint8Array(buffer, 4, length)));
  /** @param {string} name */
  const bytes = (name) => new Uint8Array(buffer, 4 + length + head[name][1], head[name][2]);
  /**
   * @param {string} name
   * @returns {Cut}
   */
  const lines = (name) => {
    const text = decoder.decode(bytes(name));
    return { text, starts: startsOf(text) };
  };
  return {
    has: (name) => name in head,
    isText: (name) => head[name][0] === "s",
    numbers: (name) => numbersOf(bytes(name), head[name][0], head[name][3] === "delta"),
    lines,
  };
}
