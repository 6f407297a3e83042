// What the page /_local/erp makes of the feed.
import assert from "node:assert/strict";
import { test } from "node:test";

const { Book, stateOf } = await import("../../infra/local/pages/erp_book.js");

const event = (version, kind, fields = {}, meter_id = "1") => ({
  id: `1.2.${version}.${meter_id}`,
  source: "https://portal.example",
  type: `meterportal.reading.${kind}`,
  partitionkey: "1.2",
  sequence: `${String(version).padStart(8, "0")}.001`,
  data: { meter_id, due_on: "2026-11-28", value: 10, state: "reported", entry: "reading", estimated: false, ...fields },
});
const words = (book) => book.newest(9).map((line) => line.word);

test("what is not released is said so, however it came", () => {
  const told = (kind, fields) => stateOf(event(2, kind, fields));
  assert.deepEqual(told("reported"), { word: "nicht freigegeben", billable: false });
  assert.deepEqual(told("corrected"), { word: "nicht freigegeben", billable: false });
  assert.equal(told("estimated", { estimated: true }).word, "nicht freigegeben (geschätzt)");
  assert.equal(told("withdrawn").billable, false);
  assert.equal(told("reset", { state: null, due_on: null }).billable, false);
  assert.equal(told("reversed", { state: "released", entry: "reversal" }).billable, false);
  assert.deepEqual(told("released", { state: "released" }), { word: "freigegeben", billable: true });
  assert.equal(told("released", { state: "released", entry: "correction" }).word, "freigegeben (Korrektur)");
});

test("an event that comes again changes nothing, one that is older neither", () => {
  const book = new Book();
  book.take([event(3, "released", { state: "released" })]);
  book.take([event(3, "released", { state: "released" }), event(2, "reported")]);
  assert.deepEqual(words(book), ["freigegeben"]);
  assert.equal(book.count, 2);
  assert.equal(book.doubled, 1);
});

test("each meter and period has its line, the newest first", () => {
  const book = new Book();
  book.take([event(2, "reported"), event(2, "reported", {}, "2"), event(3, "released", { state: "released" })]);
  assert.deepEqual(words(book), ["freigegeben", "nicht freigegeben"]);
  assert.deepEqual(book.newest(1).map((line) => line.event.data.meter_id), ["1"]);
});
