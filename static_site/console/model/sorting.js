// Order by counting: over ranks that are made once, in slices, because sorting 300,000 texts takes a third of a second.

const RUN = 2048; // so many are sorted at once, a few milliseconds
const BITS = 16;
const LAST = 2 ** 31 - 1;

/**
 * The rank of each of `size` texts; equal ones have the same. Yields between slices of work.
 * @param {number} size
 * @param {(row: number) => string} textOf
 * @returns {Generator<void, Int32Array<ArrayBuffer>>}
 */
export function* ranksOf(size, textOf) {
  /** @type {string[]} */
  const texts = new Array(size);
  for (let row = 0; row < size; row += 1) {
    texts[row] = textOf(row);
    if (row % RUN === 0) yield;
  }
  let order = new Int32Array(size);
  for (let row = 0; row < size; row += 1) order[row] = row;
  for (let begin = 0; begin < size; begin += RUN) {
    order.subarray(begin, begin + RUN).sort((one, other) => (texts[one] < texts[other] ? -1 : Number(texts[one] > texts[other])));
    yield;
  }
  let other = new Int32Array(size);
  for (let width = RUN; width < size; width *= 2) {
    for (let begin = 0; begin < size; begin += width * 2) yield* merged(order, other, begin, Math.min(begin + width, size), width, texts);
    [order, other] = [other, order];
  }
  const ranks = other;
  let rank = 0;
  for (let n = 0; n < size; n += 1) {
    if (n && texts[order[n]] !== texts[order[n - 1]]) rank += 1;
    ranks[order[n]] = rank;
    if (n % (RUN * 8) === 0) yield;
  }
  return ranks;
}

/**
 * @param {Int32Array} from
 * @param {Int32Array} to
 * @param {number} begin
 * @param {number} middle
 * @param {number} width
 * @param {string[]} texts
 * @returns {Generator<void, void>}
 */
function* merged(from, to, begin, middle, width, texts) {
  const end = Math.min(middle + width, from.length);
  let left = begin;
  let right = middle;
  for (let n = begin; n < end; n += 1) {
    const takeLeft = left < middle && (right >= end || texts[from[left]] <= texts[from[right]]);
    to[n] = takeLeft ? from[left] : from[right];
    if (takeLeft) left += 1;
    else right += 1;
    if ((n - begin) % (RUN * 4) === RUN) yield;
  }
}

/**
 * Rows by their keys, those of the same key as they stood. 0 is "none" where `none` says so: it goes to the end both ways.
 * @param {Int32Array<ArrayBuffer>} rows
 * @param {(row: number) => number} keyOf from 0
 * @param {{ down?: boolean, none?: boolean }} [options]
 */
export function counted(rows, keyOf, { down = false, none = false } = {}) {
  const size = rows.length;
  let keys = new Int32Array(size);
  let most = 0;
  for (let n = 0; n < size; n += 1) {
    keys[n] = keyOf(rows[n]);
    if (keys[n] > most) most = keys[n];
  }
  let empty = false;
  for (let n = 0; n < size; n += 1) {
    if (none && keys[n] === 0) {
      keys[n] = LAST;
      empty = true;
    } else if (down) keys[n] = most - keys[n];
  }
  let order = rows;
  for (let shift = 0; shift < (empty || most >= 1 << BITS ? 32 : BITS); shift += BITS) {
    const counts = new Int32Array((1 << BITS) + 1);
    for (let n = 0; n < size; n += 1) counts[((keys[n] >>> shift) & 0xffff) + 1] += 1;
    for (let n = 1; n < counts.length; n += 1) counts[n] += counts[n - 1];
    const sorted = new Int32Array(size);
    const moved = new Int32Array(size);
    for (let n = 0; n < size; n += 1) {
      const at = counts[(keys[n] >>> shift) & 0xffff];
      counts[(keys[n] >>> shift) & 0xffff] += 1;
      sorted[at] = order[n];
      moved[at] = keys[n];
    }
    [order, keys] = [sorted, moved];
  }
  return order;
}
