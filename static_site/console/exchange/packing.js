// Several files as one archive, so that what belongs together is imported together. Stored, not compressed.
/** @import { Packable } from "../../types/exchange" */

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const UTF_8 = 1 << 11;
const VERSION = 20;
const FIRST_DAY = 0x21; // 1980-01-01: the same files make the same archive

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** @param {Uint8Array} bytes */
export function crc32(bytes) {
  let sum = ~0;
  for (const byte of bytes) sum = (sum >>> 8) ^ TABLE[(sum ^ byte) & 0xff];
  return ~sum >>> 0;
}

/**
 * The fields of a header, each [bytes, value], little-endian.
 * @param {[2 | 4, number][]} fields
 */
function header(fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
}

/**
 * @param {Packable[]} files of different names
 * @returns {Promise<Blob>}
 */
export async function packed(files) {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const contents = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const list = [];
  let offset = 0;
  for (const file of files) {
    const content = new Uint8Array(await file.arrayBuffer());
    const name = new Uint8Array(new TextEncoder().encode(file.name));
    /** @type {[2 | 4, number][]} */
    const shared = [
      [2, VERSION], [2, UTF_8], [2, 0], [2, 0], [2, FIRST_DAY], [4, crc32(content)], [4, content.length], [4, content.length],
      [2, name.length], [2, 0],
    ];
    const before = header([[4, LOCAL], ...shared]);
    contents.push(before, name, content);
    list.push(header([[4, CENTRAL], [2, VERSION], ...shared, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]), name);
    offset += before.length + name.length + content.length;
  }
  const size = list.reduce((sum, part) => sum + part.length, 0);
  const end = header([[4, END], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, offset], [2, 0]]);
  return new Blob([...contents, ...list, end], { type: "application/zip" });
}
