import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load } from "./site.js";

const { voice } = await load("shared/page.js");
const { differences, emptyEntry, entriesOf, faultsOf, joined, tolerancesOf, typed, written } = await load("console/limits.js");
const { summed } = await load("console/backtest.js");
const { sameText } = await load("console/help_fields.js");
const { filterOf } = await load("console/parts.js");
const { contractState, machineState, monthOf } = await load("console/customer/standing.js");
const { told } = await load("console/customer/timeline.js");
const { billings, stepOf } = await load("console/machine/chart.js");
const { rowsOf } = await load("console/machine/past.js");
const { texts: journal } = await load("console/journal/texts.js");
const { fieldWords, sideWords, valueWords } = await load("console/journal/words.js");

const [de, en] = ["de", "en"].map((language) => voice({ de: {}, en: {} }, language));
const NONE = { dealer: {}, families: {}, kinds: {}, contracts: {} };

test("a limit is read with a comma or a point", () => {
  assert.deepEqual(["1,5", " 1.5 ", "20", ""].map(typed), [1.5, 1.5, 20, null]);
  for (const wrong of ["1,5,0", "-1", "1.", ".5", "viel", "1e3", "Infinity"]) assert.ok(Number.isNaN(typed(wrong)), wrong);
});

test("a limit is written as it is read", () => {
  assert.deepEqual([written(de, 1.5), written(en, 1.5), written(de, null), written(de, 0)], ["1,5", "1.5", "", "0"]);
});

test("what the API gives comes back as it was", () => {
  const given = { dealer: { ceiling: 3 }, families: { "bizhub C": { width: 1.5 } }, kinds: { BW: { quiet_pages: 20 } }, contracts: {} };
  assert.equal(differences(given, tolerancesOf(entriesOf(de, given))), 0);
});

test("a field is wrong that holds no number, or half a page", () => {
  const half = { ...emptyEntry("dealer", ""), texts: { ceiling: "x", width: "1,5", quiet_pages: "0,5" } };
  const found = faultsOf([half]).map(({ limit, why }) => [limit, why]);
  assert.deepEqual(found, [["ceiling", "limit_no_number"], ["quiet_pages", "limit_not_whole"]]);
});

test("an entry by name needs a limit; the dealer's and those of a kind do not", () => {
  assert.deepEqual(faultsOf([emptyEntry("families", "bizhub")]).map(({ why }) => why), ["limit_none"]);
  assert.deepEqual(faultsOf([emptyEntry("dealer", ""), emptyEntry("kinds", "BW")]), []);
});

test("two people's changes become one; what both changed is asked about", () => {
  const base = { ...NONE, dealer: { ceiling: 3, width: 1 }, contracts: { V1: { width: 2 } } };
  const mine = { ...NONE, dealer: { ceiling: 4, width: 1 } };
  const theirs = { ...NONE, dealer: { ceiling: 5, width: 2 }, contracts: { V1: { width: 2 } } };
  const { tolerances, conflicts, taken } = joined(base, mine, theirs);
  assert.deepEqual({ ...tolerances.dealer }, { ceiling: 4, width: 2 });
  assert.deepEqual(Object.keys(tolerances.contracts), []);
  assert.deepEqual(conflicts, [{ level: "dealer", name: "", limit: "ceiling", mine: 4, theirs: 5 }]);
  assert.equal(taken, 1);
});

test("a contract may be called like anything that objects have", () => {
  const given = { ...NONE, contracts: JSON.parse('{ "__proto__": { "width": 2 }, "constructor": { "width": 3 } }') };
  assert.deepEqual(Object.keys(tolerancesOf(entriesOf(de, given)).contracts).sort(), ["__proto__", "constructor"]);
});

test("parts of a back-test add up", () => {
  const stored = { hints_total: 1, by_code: { a: 1 } };
  const part = (judged, codes, hints) => ({ judged, hints_total: hints.length, by_code: codes, hints, stored });
  const sum = summed(part(10, { a: 1 }, ["x"]), part(5, { a: 2, b: 1 }, ["y", "z"]));
  assert.deepEqual([sum.judged, sum.hints_total, sum.by_code, sum.hints], [15, 3, { a: 3, b: 1 }, ["x", "y", "z"]]);
  assert.deepEqual(sum.stored, { hints_total: 2, by_code: { a: 2 } });
});

test("two texts are the same when they say the same, whatever is left out", () => {
  const text = { title: "So", steps: ["1"], picture: null, meters: {} };
  assert.ok(sameText(text, { title: "So", steps: ["1"] }));
  assert.ok(sameText(null, null));
  assert.ok(!sameText(text, null));
  assert.ok(!sameText(text, { ...text, meters: { BW: "oben" } }));
});

test("a filter is what the address says, and nothing empty", () => {
  const address = new URLSearchParams("company_id=10077&state=&x=1");
  assert.deepEqual(filterOf(address, ["company_id", "state", "contract_id"]), { company_id: "10077" });
});

const contract = (number, due, more = {}) => ({
  id: number, due_on: due, ends_on: null, state: "open", mails: [], machines: { total: 2, reported: 1, released: 0 }, ...more,
});
const mail = (on, number) => ({ contact_id: "1", round_id: "r", number, on });

test("the month that counts is the earliest in which something is not released", () => {
  const released = { machines: { total: 2, reported: 2, released: 2 } };
  const contracts = [
    contract("V3", "2027-02-28"), contract("V1", "2026-08-28", released),
    contract("V2", "2026-11-28", { mails: [mail("2026-11-16", 0), mail("2026-11-21", 1)] }),
    contract("V4", "2026-11-30", { mails: [mail("2026-11-24", 3)] }),
    contract("V5", "2026-11-30", { machines: { total: 0, reported: 0, released: 0 } }),
  ];
  assert.deepEqual(monthOf(contracts), {
    due_on: "2026-11-28", contracts: ["V2", "V4"], total: 4, reported: 2, asked_on: "2026-11-16", reminded_on: "2026-11-21",
    announced_on: "2026-11-24",
  });
  assert.equal(monthOf([contract("V1", "2026-08-28", released)])?.due_on, "2026-08-28");
  assert.equal(monthOf([contract("V6", null)]), null);
});

test("a machine's state is what somebody must do next", () => {
  const meter = (value, state) => ({ value, state, needs_a_person: false });
  const machine = (meters, more = {}) => ({ problem: null, active: true, due_on: "2026-11-28", meters, ...more });
  const [open, reported] = [meter(null, null), meter(5, "reported")];
  const asked = contract("V1", "2026-11-28", { mails: [mail("2026-11-16", 0)] });
  const opened = contract("V1", "2026-11-28", { mails: [mail("2026-11-16", 0), { ...mail("2026-11-21", 1), opened: true }] });
  const exported = { ...meter(7, "released"), exported: true };
  for (const [expected, given] of [
    ["unasked", [machine([open, open]), undefined]],
    ["asked", [machine([open]), asked]],
    ["partly", [machine([open, reported]), asked]],
    ["complete", [machine([reported, meter(7, "released")]), asked]],
    ["opened", [machine([open]), opened]],
    ["released", [machine([meter(7, "released"), meter(8, "billed")]), asked]],
    ["exported", [machine([exported, { ...exported, state: "billed" }]), asked]],
    ["billed", [machine([{ ...exported, state: "billed" }]), asked]],
    ["conspicuous", [machine([{ ...reported, needs_a_person: true }, open]), asked]],
    ["conspicuous", [machine([open], { problem: "gone" }), asked]],
    ["idle", [machine([open], { active: false }), asked]],
    ["idle", [machine([]), asked]],
  ]) assert.equal(machineState(...given), expected);
  assert.equal(contractState(asked, ["asked", "conspicuous"]), "conspicuous");
  assert.equal(contractState(asked, []), "asked");
  assert.equal(contractState(opened, []), "opened");
  const done = contract("V1", "2026-11-28", { state: "released" });
  for (const [expected, states] of [
    ["released", ["released", "exported"]], ["released", []], ["exported", ["idle", "exported", "billed"]], ["billed", ["billed"]],
  ]) assert.equal(contractState(done, states), expected);
  assert.equal(contractState(contract("V1", null, { state: "empty" }), []), "idle");
});

test("one deed at several machines is one line of the time line", () => {
  const entry = (happening, machine, more = {}) => ({
    happening, machine_id: machine, on: "2026-11-23", at: "2026-11-23T10:30:12Z", action: null, by: { id: "1", name: "A" }, reporter: null,
    contact: null, round_id: null, contract_id: null, channel: null, changes: [], text: "", ...more,
  });
  const lines = told([entry("reported", "1"), entry("reported", "2"), entry("corrected", "1"), entry("reported", "3")]);
  assert.deepEqual(lines.map((line) => line.all.map((one) => one.machine_id)), [["1", "2"], ["1"], ["3"]]);
  assert.equal(told([entry("reported", "1"), entry("reported", "2", { by: { id: "2", name: "B" } })]).length, 2);
});

test("a scale is read in steps of one, two or five", () => {
  assert.deepEqual([0, 3, 7, 1900, 6450, 41_000].map(stepOf), [1, 1, 2, 500, 2000, 20_000]);
});

test("two values of a day are two rows of the history", () => {
  const past = (day, value, more = {}) => ({ read_on: day, value, usage: null, reset: null, ...more });
  const meters = [
    { id: "1", history: [past("2026-08-28", 9, { usage: 4 }), past("2026-05-28", 5), past("2026-05-28", 4)] },
    { id: "2", history: [past("2026-05-28", 7)] },
  ];
  const values = rowsOf(meters).map((row) => [row.day, row.entries.get("1")?.value, row.entries.get("2")?.value]);
  assert.deepEqual(values, [["2026-08-28", 9, undefined], ["2026-05-28", 5, 7], ["2026-05-28", 4, undefined]]);
  assert.deepEqual(billings(meters).map((one) => [one.day, one.used.map((entry) => entry?.usage ?? null)]), [["2026-08-28", [4, null]]]);
});

test("the journal's values are words, and a value of a code without words is the code", () => {
  const words = voice({ de: { ...journal.de, channel_PHONE: "Telefon" }, en: {} }, "de");
  const said = (value, field = "x") => valueWords(words, value, field);
  assert.deepEqual([true, false, null, 12_345, "2026-11-23", "PHONE", "request", "xyz"].map((one) => said(one)), [
    "ja", "nein", "–", "12.345", "23.11.2026", "Telefon", "Anforderung", "xyz",
  ]);
  assert.equal(said(1200, "version"), "1200");
  assert.equal(fieldWords(words, "meter 2"), "Zähler 2");
  const changes = [{ field: "meter 1", before: 5, after: 7 }, { field: "channel", before: null, after: "PHONE" }];
  assert.equal(sideWords(words, changes, "before"), "Zähler 1: 5");
  assert.equal(sideWords(words, changes, "after"), "Zähler 1: 7, Meldung durch: Telefon");
});

test("no two subjects give the same key other words", async () => {
  const console = readFileSync(new URL("../../static_site/console/console.js", import.meta.url), "utf8");
  const subjects = [...console.matchAll(/import \{ texts as \w+ \} from "\.\/(.+?)"/g)].map(([, path]) => path);
  assert.ok(subjects.length > 15);
  const owners = new Map();
  for (const path of subjects) {
    const { texts } = await load(`console/${path}`);
    for (const [key, words] of Object.entries(texts.de)) {
      const known = owners.get(key);
      if (known) assert.deepEqual([key, words, texts.en[key]], [key, known.de, known.en], `${path} and ${known.path}`);
      owners.set(key, { de: words, en: texts.en[key], path });
    }
  }
});
