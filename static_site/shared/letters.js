// Letters that stay themselves when their marks are taken away: what people type who have no key for them.

/** @type {Record<string, string>} */
const PLAIN = { ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", æ: "ae", œ: "oe", ß: "ss", ı: "i" };

/**
 * A text in lower case without marks, with these letters as well as without; as in `folded` of the server's snapshots.py.
 * @param {string} text
 */
export const plain = (text) => text.replace(/[øłđðþæœßı]/g, (letter) => PLAIN[letter]);
