// The console's addresses: what a page says of itself never covers where somebody has just gone.
import assert from "node:assert/strict";
import test from "node:test";
import { keepAddress, placeNamed } from "../../static_site/console/places.js";

/** @param {string} hash */
function at(hash) {
  /** @type {string[]} */
  const kept = [];
  globalThis.location = /** @type {Location} */ ({ hash });
  globalThis.history = /** @type {History} */ (/** @type {unknown} */ ({
    replaceState: (/** @type {unknown} */ _, /** @type {string} */ __, /** @type {string} */ address) => kept.push(address),
  }));
  return kept;
}

test("a page's own address is kept, with what it shows", () => {
  const kept = at("#/stock/contracts?q=a");
  keepAddress(new AbortController().signal, "#/stock/contracts?q=a&at=1~2");
  assert.deepEqual(kept, ["#/stock/contracts?q=a&at=1~2"]);
});

test("the address of the next page stays, though the page is not told yet", () => {
  const kept = at("#/readiness/last?at=17");
  keepAddress(new AbortController().signal, "#/stock/contracts?at=1~2");
  assert.deepEqual(kept, []);
});

test("a page that was left says nothing any more", () => {
  const kept = at("#/stock/contracts");
  const left = new AbortController();
  left.abort();
  keepAddress(left.signal, "#/stock/contracts?at=1~2");
  assert.deepEqual(kept, []);
});

test("a damaged address names what there is none of", () => {
  assert.deepEqual({ ...placeNamed("#/machines/a%2Fb?x=1"), query: null }, { name: "machines", id: "a/b", query: null });
  for (const damaged of ["%", "%E0%A4%A", "10%"]) assert.equal(placeNamed(`#/machines/${damaged}`).id, damaged);
  assert.deepEqual({ ...placeNamed(""), query: null }, { name: "", id: null, query: null });
});
