import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { load } from "./site.js";

const page = await load("shared/page.js");
const { NetworkLost, Refused, both, decoded, draftsOf, inWords, languageFor, ownerOf, refusal, sameKey, shelf, tokenFrom, voice } = page;

const TEXTS = both({
  left: [["{count} Gerät", "{count} Geräte"], ["{count} machine", "{count} machines"]],
  hello: ["Guten Tag, {name}", "Hello {name}"],
  network: ["Keine Verbindung", "No connection"],
  trouble: ["Das hat nicht geklappt", "That did not work"],
  number_of_fault: ["Kennnummer {id}", "Reference {id}"],
});
const de = voice(TEXTS, "de");
const en = voice(TEXTS, "en");
const SESSION = { contact: { name: "Ada", email_masked: "a…@x.de" }, company: { id: "10077", name: "Bäckerei" } };

beforeEach(() => localStorage.clear());

test("a text is filled in, and a count chooses between one and many", () => {
  assert.equal(de("hello", { name: "Ada" }), "Guten Tag, Ada");
  assert.equal(de("left", { count: 1 }), "1 Gerät");
  assert.equal(en("left", { count: 2000 }), "2,000 machines");
  assert.equal(de("left", { count: 0 }), "0 Geräte");
});

test("a name without a value stays as it is, an unknown text is a mistake", () => {
  assert.equal(de("hello"), "Guten Tag, {name}");
  assert.throws(() => de("nothing"), /no text "nothing" in de/);
  assert.equal(de.knows("nothing"), false);
});

test("numbers and days have the reader's form; a day is never shifted", () => {
  assert.equal(de.number(12345), "12.345");
  assert.equal(en.number(12345), "12,345");
  assert.equal(de.number(null), "");
  assert.equal(de.date("2026-11-28"), "28.11.2026");
  assert.equal(en.date("2026-01-01T23:30:00Z"), "1 Jan 2026");
  assert.equal(de.date(null), "");
  assert.match(de.time("2026-11-28T12:30:00Z"), /^28\.11\.2026, \d\d:\d\d$/);
  assert.match(en.time("2026-11-28T12:30:00Z"), /^28 Nov 2026, \d\d:\d\d$/);
});

test("a link's token survives what mail programs do to it", () => {
  for (const address of [
    "https://x.example/#t=v1.k1.abc",
    "https://x.example/%23t=v1.k1.abc",
    "https://x.example/%2523t%3Dv1.k1.abc",
    "https://x.example/?t=v1.k1.abc",
    "https://x.example/#t=3Dv1.k1.a=\r\nbc",
    "https://x.example/#t=v1.k1.abc.",
    "<https://x.example/#t=v1.k1. abc>",
    "https://x.example/#t=v1.k1.a\u200bbc",
    "https://x.example/#t=v1.k1.a%E2%80%8Bbc",
  ]) assert.equal(tokenFrom(address), "v1.k1.abc", address);
});

test("an address without a token has none", () => {
  for (const address of ["https://x.example/", "https://x.example/#/history/4711", "https://x.example/#t="]) {
    assert.equal(tokenFrom(address), null, address);
  }
});

test("decoding never fails on what is no escape", () => {
  assert.equal(decoded("100%"), "100%");
  assert.equal(decoded("%41%zz%E4"), "A%zz%E4");
});

test("the same body has the same key, another one another", () => {
  const key = sameKey();
  const first = key({ value: 1 });
  assert.equal(key({ value: 1 }), first);
  assert.notEqual(key({ value: 2 }), first);
});

test("a failure is told in the API's words, with a number where it is the server's", () => {
  assert.equal(inWords(de, new NetworkLost()), "Keine Verbindung");
  assert.equal(inWords(de, new Refused(422, { code: "too_early", detail: "Zu früh", correlation_id: "c1" })), "Zu früh");
  const broken = new Refused(503, { code: "unavailable", detail: "Bitte später", correlation_id: "c1" });
  assert.equal(inWords(de, broken), "Bitte später Kennnummer c1");
  assert.equal(inWords(de, new TypeError("x is undefined")), "Das hat nicht geklappt");
});

test("what is no refusal has neither status nor code", () => {
  const refused = new Refused(401, { code: "unauthorized" });
  assert.equal(refusal(refused), refused);
  for (const other of [new NetworkLost(), new Error("x"), undefined, null, "x"]) {
    assert.deepEqual([refusal(other).status, refusal(other).code], [0, ""]);
  }
});

test("the reader's choice comes before the contact's language, that before German", () => {
  assert.equal(languageFor("en"), "en");
  assert.equal(languageFor("fr"), languageFor());
  page.chooseLanguage("de");
  assert.equal(languageFor("en"), "de");
});

test("a shelf keeps its own and nothing else", () => {
  const [mine, other] = [shelf("mine/"), shelf("other/")];
  mine.put("1", { a: 1 });
  other.put("2", {});
  localStorage.setItem("mine/broken", "{");
  assert.deepEqual(mine.get("1"), { a: 1 });
  assert.equal(mine.get("broken"), null);
  assert.deepEqual(mine.ids().sort(), ["1", "broken"]);
  mine.clear();
  assert.deepEqual([mine.ids(), other.ids()], [[], ["2"]]);
});

test("who has logged out gets no draft back from an answer that comes late", () => {
  const machine = { id: "4711", due_on: "2026-11-30" };
  const draft = { due_on: "2026-11-30", values: { 1: "12345" }, read_on: null };
  const drafts = draftsOf(SESSION);
  drafts.keep(machine, draft);
  drafts.clear();
  drafts.keep(machine, draft);
  assert.deepEqual(Object.keys(localStorage), []);
  draftsOf(SESSION).keep(machine, draft); // Who comes in again is kept for, as before.
  assert.equal(Object.keys(localStorage).length, 1);
});

test("a draft belongs to a mailbox, a company, a machine and a due date", () => {
  const machine = { id: "4711", due_on: "2026-11-30" };
  const draft = { due_on: "2026-11-30", values: { 1: "12345" }, read_on: "2026-11-28" };
  const drafts = draftsOf(SESSION);
  const empty = (due) => ({ due_on: due, values: {}, read_on: null });
  drafts.keep(machine, draft);
  assert.deepEqual(drafts.of(machine), draft);
  assert.deepEqual(drafts.of({ ...machine, due_on: "2027-02-28" }), empty("2027-02-28"));
  assert.deepEqual(draftsOf({ ...SESSION, company: { id: "10078" } }).of(machine), empty("2026-11-30"));
  drafts.keep(machine, { ...draft, values: {} });
  assert.equal(localStorage.getItem(`meterportal.draft/${ownerOf(SESSION)}/4711`), null);
});
