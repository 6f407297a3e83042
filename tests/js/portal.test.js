import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { load } from "./site.js";

const { ownerOf, shelf, voice } = await load("shared/page.js");
const { german } = await load("portal/words.js");
const { isComplete, nameOf, numberOf, placeWords, usageWords } = await load("portal/meter.js");
const { haystack, wordsOf } = await load("portal/find.js");
const { withStored } = await load("portal/submit.js");
const { texts: doubtTexts } = await load("portal/doubt.js");
const { rounded, valuesWords } = await load("portal/hint.js");
const { mine } = await load("portal/outbox.js");
const { column } = await load("portal/paste.js");
const { cellsOf, namedBy } = await load("portal/fleet_table/block.js");
const { looksLikeMail } = await load("portal/forms.js");
const { lengthOf } = await load("portal/password.js");
const { checkWords, texts: receiptTexts } = await load("portal/receipt.js");

const texts = { de: { ...german, ...doubtTexts.de, ...receiptTexts.de }, en: {} };
const t = voice(texts, "de");

const aMeter = (more) => ({ id: "1", label: "S/W", kind: "BW", last: null, reading: null, ...more });
const aMachine = (more) => ({
  id: "4711", maker: "Konica Minolta", model: "bizhub C300i", serial: "AA2K011", customer_no: "K-7", version: 3,
  location: { site: "Köln", building: "Haus B", floor: "2. OG", room: "214" },
  meters: [aMeter(), aMeter({ id: "2", label: "Farbe", kind: "COLOUR" })],
  ...more,
});
const found = (text, machine = aMachine()) => wordsOf(text).every((word) => haystack({ machine }).includes(word));

beforeEach(() => localStorage.clear());

test("a machine is found by any of its words, whatever their case, accents and order", () => {
  const places = ["Raum 214", "2. OG", "2.OG raum 21", "haus b 2. obergeschoss"];
  for (const text of ["bizhub", "BIZHUB 4711", "koln", "KÖLN c300i", "aa2k", "2k011", "214 haus", "  K-7 ", "", ...places]) {
    assert.ok(found(text), text);
  }
});

test("a place is found without the letters that not every keyboard has, and with them", () => {
  const machine = aMachine({ location: { site: "Sørby Łódź", building: "Weiße Straße 3", floor: "", room: "" } });
  for (const text of ["sorby", "Sørby", "lodz", "Łódź", "strasse", "weiße", "WEISSE STRASSE"]) assert.ok(found(text, machine), text);
});

test("a machine is not found where one of the words is missing", () => {
  for (const text of ["bizhub Bonn", "215", "ricoh", "Raum 300", "1. OG", "Raum 2k", "22. OG"]) assert.ok(!found(text), text);
});

test("a machine without maker and model has its number for a name", () => {
  assert.equal(nameOf(aMachine()), "Konica Minolta bizhub C300i");
  assert.equal(nameOf(aMachine({ maker: "", model: "" })), "4711");
});

test("a place is told as far as it is known", () => {
  assert.equal(placeWords(t, { floor: "2. OG", room: "214" }), "2. OG, Raum 214");
  assert.equal(placeWords(t, { floor: "", room: "214" }), "Raum 214");
  assert.equal(placeWords(t, { floor: "", room: "" }), "");
});

test("a machine is complete when each of its counters has a value, and never without counters", () => {
  const reading = { value: 1 };
  assert.equal(isComplete({ meters: [] }), false);
  assert.equal(isComplete({ meters: [aMeter({ reading }), aMeter()] }), false);
  assert.equal(isComplete({ meters: [aMeter({ reading })] }), true);
});

test("what was stored joins the machine; other counters stay as they were", () => {
  const before = aMachine();
  const reading = { meter_id: "2", value: 300, read_on: "2026-11-28", state: "reported", verdict: "plausible" };
  const after = withStored(before, { version: 4, readings: [reading] });
  assert.equal(after.version, 4);
  assert.deepEqual(after.meters.map((meter) => meter.reading?.value), [undefined, 300]);
  assert.equal(before.meters[1].reading, null);
});

test("values are told by the names on the contract, in the reader's form", () => {
  assert.equal(valuesWords(t, aMachine(), { 1: "12345", 2: 300 }), "S/W 12.345, Farbe 300");
  assert.equal(valuesWords(t, aMachine(), { 9: 1 }), "");
});

test("what is expected is told in round numbers, but never so that a value outside seems to be inside", () => {
  const reading = { value: 66187, low: 65147, high: 67655 };
  assert.deepEqual(rounded(reading, 6601), { value: 66200, low: 65100, high: 67700 });
  assert.deepEqual(rounded(reading, null), { value: 66200, low: 65100, high: 67700 });
  assert.equal(rounded(reading, 65120), reading);
  assert.deepEqual(rounded({ value: 12, low: 7, high: 31 }, 99), { value: 12, low: 7, high: 31 });
});

test("what waits for the network belongs to one mailbox at one company", () => {
  const session = { contact: { name: "Ada", email_masked: "a…@x.de" }, company: { id: "10077", name: "Bäckerei" } };
  const other = { ...session, company: { id: "10078", name: "Metzgerei" } };
  const outbox = shelf("meterportal.outbox/");
  outbox.put(`${ownerOf(session)}/4711`, {});
  outbox.put(`${ownerOf(other)}/4712`, {});
  assert.deepEqual(mine({ session }), [`${ownerOf(session)}/4711`]);
});

test("a pasted column keeps its gaps, and only its first column", () => {
  assert.deepEqual(column("100\t5\r\n\r\n 300 \n\n"), ["100", "", "300"]);
  assert.deepEqual(column("\n"), []);
});

test("an address needs a name, a host and a dot", () => {
  for (const good of ["a@b.de", "a.b+c@d.example"]) assert.ok(looksLikeMail(good), good);
  for (const bad of ["", "a@b", "a b@c.de", "@b.de", "a@b@c.de"]) assert.ok(!looksLikeMail(bad), bad);
});

test("a password's length counts signs as people see them typed", () => {
  assert.equal(lengthOf("schlüssel"), 9);
  assert.equal(lengthOf("schlu\u0308ssel"), 9);
  assert.equal(lengthOf("🔑🔑"), 2);
});

test("a pasted block loses its headings and the empty rows behind it, and keeps its gaps", () => {
  const block = "S/W\tFarbe\r\n 1.200 \t34\r\n\t\r\n\t56\r\n\r\n";
  assert.deepEqual(cellsOf(block), [["1.200", "34"], ["", ""], ["", "56"]]);
  assert.deepEqual(cellsOf("abc"), [["abc"]]);
  assert.deepEqual(cellsOf("1;2\n3;4"), [["1", "2"], ["3", "4"]]);
  assert.deepEqual(cellsOf("1;2\t3"), [["1;2", "3"]]);
  assert.deepEqual(cellsOf("1;2\n3;4"), [["1", "2"], ["3", "4"]]);
  assert.deepEqual(cellsOf("1;2\t3"), [["1;2", "3"]]);
});

test("rows find their machines by a serial in the first cell, written as people write it", () => {
  const [one, other] = [{ machine: { serial: "K1Y-01" } }, { machine: { serial: "K1Y-02" } }];
  const nameless = { machine: { serial: null } };
  assert.deepEqual(namedBy([one, nameless, other], [["k1y 02", "7"], ["K1Y01", "8"], ["?", "9"]]), [other, one, undefined]);
  assert.equal(namedBy([one, other], [["1200", "K1Y-01"], ["1300", "K1Y-02"]]), null);
  assert.equal(namedBy([one, other], [["K1Y-01"], ["K1Y-02"]]), null);
  assert.equal(namedBy([nameless], [["", "1"]]), null);
});

test("a receipt says what the check said, and what became of it", () => {
  assert.equal(checkWords(t, { verdict: "plausible", state: "reported" }), "✓ passt zum Verlauf");
  assert.equal(checkWords(t, { verdict: "confirmed", state: "billed", reason: "Messe" }), "● bestätigt: Messe, freigegeben und berechnet");
});

test("every text of the contact's modules stands in both languages", async () => {
  const modules = ["companies", "conflict", "door", "doubt", "find", "help", "hint", "history", "paste", "photo", "send", "stored"];
  const table = ["bar", "block", "columns", "line", "table", "tools"].map((name) => `fleet_table/${name}`);
  for (const name of [...modules, "menu", "screens", "submit", ...table]) {
    const { texts: own } = await load(`portal/${name}.js`);
    const named = (text) => [...new Set(String(text).match(/\{\w+\}/g))].sort();
    assert.deepEqual(Object.keys(own.de), Object.keys(own.en), name);
    for (const key of Object.keys(own.de)) assert.deepEqual(named(own.de[key]), named(own.en[key]), `${name}.${key}`);
  }
});

test("no two of the contact's modules say different things by one key", async () => {
  const found = globSync("**/*.js", { cwd: new URL("../../static_site/portal/", import.meta.url) });
  const said = new Map();
  for (const name of found.filter((one) => !["sw.js", "foot.js", "portal.js"].includes(one))) {
    const { texts: own = {}, german: words = own.de } = await load(`portal/${name}`);
    for (const [key, text] of Object.entries(words ?? {})) {
      assert.equal(JSON.stringify(said.get(key) ?? text), JSON.stringify(text), `${name}: ${key}`);
      said.set(key, text);
    }
  }
  assert.ok(said.size > 300);
});

test("the first load's words in English have the places of the German ones", async () => {
  const { texts: { en } } = await load("portal/english.js");
  const named = (text) => [...new Set(String(text).match(/\{\w+\}/g))].sort();
  for (const key of Object.keys(german)) assert.deepEqual(named(en[key]), named(german[key]), key);
});

test("a typed counter is read as the API reads it", () => {
  const same = ["48120", "48.120", "48 120", "48,120", "48'120", "48.120 Seiten", " 48120 S. "];
  for (const text of same) assert.equal(numberOf(text), 48120, text);
  for (const text of ["", "12,5", "1.2", "abc", "48.12.0", "-5"]) assert.equal(numberOf(text), null, text);
});

test("the usage is told once there is something to count from", () => {
  const last = { value: 23426, read_on: "2026-08-27", estimated: false };
  assert.equal(usageWords(t, aMeter({ last }), 24817), "1.391 Seiten seit 27.08.2026");
  assert.equal(usageWords(t, aMeter({ last, kind: "SCAN" }), 23427), "1 Scan seit 27.08.2026");
  assert.equal(usageWords(t, aMeter({ last }), 23425), "");
  assert.equal(usageWords(t, aMeter(), 5), "");
});
