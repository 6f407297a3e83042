import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./site.js";
import { packed, snapshot, whole } from "./snapshots.js";

const { standOf, sumUp } = await load("console/model/bar.js");
const { containerOf } = await load("console/model/columns.js");
const { dayOf, folded, isoOf, wordsOf } = await load("console/model/folding.js");
const { Choice, filtered, found, listed, rowsOf: marked } = await load("console/model/lists.js");
const { ROWS } = await load("console/model/rows.js");
const { counted, ranksOf } = await load("console/model/sorting.js");
const { needleOf } = await load("console/model/needle.js");
const { Lines, Words } = await load("console/model/text_index.js");

const TODAY = "2026-11-28";
const SPEC = {
  kind: "contracts", words: "", states: [], channels: [], due: "", ended: true, company: "", contract: "", machine: "", only: "",
  sort: "id", down: false, today: TODAY,
};

/** The list of a spec: the rows that pass, in order. */
const rowsOf = (portfolio, spec) => whole(listed(portfolio, spec, whole(filtered(portfolio, spec))));

/** Everything that is shown, whatever order the rows lie in. */
function shown(portfolio) {
  const all = {};
  sumUp(portfolio, dayOf(TODAY));
  for (const kind of ["companies", "contracts", "machines", "contacts"]) {
    all[kind] = [...rowsOf(portfolio, { ...SPEC, kind })].map((row) => ({ ...ROWS[kind](portfolio, row), row: 0 }))
      .sort((one, other) => `${one.company_id} ${one.id}`.localeCompare(`${other.company_id} ${other.id}`));
  }
  return all;
}

/** The numbers of a list, in its order. */
function ids(portfolio, change) {
  const spec = { ...SPEC, ...change };
  return [...rowsOf(portfolio, spec)].map((row) => portfolio[spec.kind].id.at(row));
}

test("a container gives its numbers and texts back, whatever their width", () => {
  const part = containerOf(packed({
    bytes: ["B", [0, 255]],
    words: ["H", [0, 65535, 258]],
    signed: ["h", [-1, -32768, 32767]],
    wide: ["I", [0, 2_000_000_000]],
    steps: ["i", [100_000, 7, 2_000_000], "delta"],
    texts: ["s", ["", "Öz\tß", ""]],
  }));
  assert.deepEqual([...part.numbers("bytes")], [0, 255]);
  assert.deepEqual([...part.numbers("words")], [0, 65535, 258]);
  assert.deepEqual([...part.numbers("signed")], [-1, -32768, 32767]);
  assert.deepEqual([...part.numbers("wide")], [0, 2_000_000_000]);
  assert.deepEqual([...part.numbers("steps")], [100_000, 7, 2_000_000]);
  const lines = new Lines(part.lines("texts"));
  assert.deepEqual([lines.size, lines.at(0), lines.at(1), lines.at(2)], [3, "", "Öz\tß", ""]);
});

test("days are counted from the last one of 1999", () => {
  assert.deepEqual(["2000-01-01", "", "2026-11-28"].map(dayOf), [1, 0, 9829]);
  assert.deepEqual([1, 0, 9829].map(isoOf), ["2000-01-01", "", "2026-11-28"]);
});

test("text is folded like on the server, and the longest word comes first", () => {
  assert.deepEqual(["JÜRGENS", "Straße", "Dvořák", "Ayşe", "Zoë", "u\u0308"].map(folded), [
    "juergens", "strasse", "dvorak", "ayse", "zoe", "ue",
  ]);
  assert.deepEqual(["Łukasz Sørensen", "Đorđe Þór Guðrún", "Æbleskær, Cœur, Diyarbakır", "Ǿ ǽ ẞ"].map(folded), [
    "lukasz sorensen", "dorde thor gudrun", "aebleskaer, coeur, diyarbakir", "o ae ss",
  ]);
  assert.deepEqual(wordsOf(" ab  Öl abcde "), ["abcde", "oel", "ab"]);
});

test("a snapshot's rows are read as they were written", () => {
  const { companies, contracts, machines, contacts } = shown(snapshot());
  assert.deepEqual(contracts[0], {
    row: 0, id: "70001", company_id: "10007", company: "Bäckerei Öz", city: "Köln", name: "Service", channel: "PORTAL",
    interval: "MONTHLY", due_on: "2026-11-28", ends_on: "", total: 2, reported: 1, state: "partly", asked: 1, mails: 2,
    mailed_on: "2026-11-23", reporters: ["Ayşe Öz"],
  });
  assert.deepEqual(contracts[1].reporters, ["Jürgen Dvořák", "99"]);
  assert.equal(contracts[1].due_on, "2026-11-27"); // the earlier of the next bill and the end
  assert.deepEqual(machines.map(({ id, due_on: due, state, rev }) => [id, due, state, rev]), [
    ["200", "2026-11-28", "complete", 301], ["201", "2026-11-28", "opened", 1],
  ]); // the third one has rev 0: only others have named it so far
  assert.deepEqual([machines[0].maker, machines[0].model, machines[0].place], ["Ricoh", "IM C3000", "Werk 2, EG, 7"]);
  assert.equal(companies[1].street, "Platz 2");
  assert.deepEqual(contacts.map(({ name, email }) => [name, email])[0], ["Ayşe Öz", "a@oez.example"]);
});

const machine = (company, id, rev, contract, flags, serial = "N-1") => [
  "machine", company, id, rev, contract, rev, "open", "2026-12-31", serial, "Canon", "C 1", "K", "Werk", "", "", "", flags, "", "",
];
const contract = (company, id, rev, name, asked = 0) => [
  "contract", company, id, rev, name, "MPS", "YEARLY", "", "", "2027-01-15", ["5"], asked, asked, asked ? "2026-11-20" : "",
];
const company = (id, rev, name) => ["company", id, id, rev, name, "de", "Allee 3", "10115", "Berlin"];
const CHANGES = [
  company("10007", 2, "Bäckerei Aab"),
  company("10014", 3, "Zürn"),
  company("20000", 1, "Neu GmbH"),
  company("20000", 2, "Neu & Söhne"),
  contract("10007", "70001", 4, "Anders", 0),
  contract("20000", "80000", 1, "Neu", 1),
  machine("10007", "200", 302, "70001", 1 | 2),
  machine("10007", "201", 2, "70001", 1 | 2 | 4 | 16 | 32, "ZZ-78"),
  ["machine", "10014", "X-9", 4],
  machine("20000", "X-9", 5, "80000", 1 | 2 | 256, "77-A1"),
  machine("20000", "300", 1, "80001", 1 | 2, "late"),
  machine("20000", "300", 2, "80000", 1 | 2 | 4 | 32, "later"),
  ["contact", "10014", "6", 2],
  ["contact", "10007", "5", 2, "Frau", "Ayşe", "Öztürk", "neu@oez.example", "1", "", "de", 1],
  ["contract", "10014", "70002", 2],
  ["contract", "30000", "90000", 7], // never held: it is remembered all the same
  contract("30000", "90000", 6, "zu spät"),
  ["opening", "20000", "r1#neu@oez.example", 1, [["20000", "80000", "2027-01-15"], ["10007", "70001", "2026-11-28"]]],
];

/** Numbers by a seed, for orders that can be repeated. */
function* dice(seed) {
  for (let state = seed; ;) {
    state = (state * 1103515245 + 12345) % 2147483648;
    yield state / 2147483648;
  }
}

test("changes in any order, doubled and late leave the same rows", () => {
  const inOrder = snapshot();
  inOrder.apply(CHANGES);
  const expected = shown(inOrder);
  assert.deepEqual(expected.contracts.map((row) => [row.id, row.name, row.total, row.reported, row.state]), [
    ["70001", "Anders", 2, 1, "partly"], ["80000", "Neu", 2, 1, "conspicuous"],
  ]);
  assert.deepEqual(expected.companies.map((row) => row.company), ["Bäckerei Aab", "Zürn", "Neu & Söhne"]);
  assert.deepEqual(expected.machines.map((row) => [row.company_id, row.id, row.serial, row.state]), [
    ["10007", "200", "N-1", "unasked"], ["10007", "201", "ZZ-78", "released"],
    ["20000", "300", "later", "complete"], ["20000", "X-9", "77-A1", "conspicuous"],
  ]);
  for (let seed = 1; seed <= 200; seed += 1) {
    const throws = dice(seed);
    const doubled = [...CHANGES, ...CHANGES.filter(() => throws.next().value < 0.4)];
    const mixed = doubled.map((change) => [throws.next().value, change]).sort(([one], [other]) => one - other).map(([, change]) => change);
    const other = snapshot();
    while (mixed.length) other.apply(mixed.splice(0, 1 + Math.floor(throws.next().value * 5)));
    assert.deepEqual(shown(other), expected, `seed ${seed}`);
  }
});

test("what is opened, exported and billed is told from the way it went", () => {
  const portfolio = snapshot();
  const state = (id) => shown(portfolio).machines.find((row) => row.id === id).state;
  const contractState = () => ROWS.contracts(portfolio, portfolio.contracts.find(0, "70001")).state;
  const [REPORTED, RELEASED, EXPORTED, BILLED] = [1 | 2 | 4 | 32, 16, 512, 1024];
  const next = (rev, due, asked) => ["contract", "10007", "70001", rev, "S", "PORTAL", "MONTHLY", "", "", due, ["5"], asked, asked, ""];
  portfolio.apply([next(4, "2027-02-28", 1), ["machine", "10007", "200", 302]]);
  assert.deepEqual([state("201"), contractState()], ["asked", "asked"]); // what was opened was the period before
  portfolio.apply([["opening", "10007", "r2#a@oez.example", 1, [["10007", "70001", "2027-02-28"]]]]);
  assert.deepEqual([state("201"), contractState()], ["opened", "opened"]);
  portfolio.apply([["opening", "10007", "r1#a@oez.example", 1, [["10007", "70001", "2026-11-28"]]]]);
  assert.deepEqual([state("201"), contractState()], ["opened", "opened"]);
  portfolio.apply([next(5, "2027-02-28", 0)]);
  assert.deepEqual([state("201"), contractState()], ["unasked", "unasked"]);
  for (const [rev, flags, expected] of [
    [10, REPORTED | RELEASED, "released"], [11, REPORTED | RELEASED | EXPORTED, "exported"],
    [12, REPORTED | RELEASED | EXPORTED | BILLED, "billed"], [13, REPORTED | RELEASED | EXPORTED | BILLED | 256, "conspicuous"],
  ]) {
    portfolio.apply([machine("10007", "201", rev, "70001", flags)]);
    assert.deepEqual([state("201"), contractState()], [expected, expected]);
  }
  assert.deepEqual(ids(portfolio, { kind: "machines", states: ["billed", "exported"] }), []);
});

test("a snapshot of an earlier version is read without the columns that it has not", () => {
  const portfolio = snapshot({ without: ["contracts.exported", "contracts.billed", "contracts.opened"] });
  assert.equal(shown(portfolio).contracts[0].state, "partly");
  assert.equal(shown(portfolio).machines[1].state, "asked");
  assert.equal(portfolio.apply([["invoice", "10007", "1", 1, "of a later version"]]), 0);
});

test("a row that is gone is found by no search, and comes back by a newer one only", () => {
  const portfolio = snapshot();
  portfolio.apply([["machine", "10007", "201", 3]]);
  assert.deepEqual(ids(portfolio, { kind: "machines", words: "zz" }), []);
  portfolio.apply([machine("10007", "201", 2, "70001", 3, "ZZ-78")]);
  assert.deepEqual(ids(portfolio, { kind: "machines", words: "zz" }), []);
  portfolio.apply([machine("10007", "201", 4, "70001", 3, "ZZ-79")]);
  assert.deepEqual(ids(portfolio, { kind: "machines", words: "zz-79" }), ["201"]);
});

test("a changed text is found by what it is now, and no more by what it was", () => {
  const portfolio = snapshot();
  assert.deepEqual(ids(portfolio, { kind: "companies", words: "jür" }), ["10014"]);
  portfolio.apply([company("10014", 3, "Klinikum Öfen")]);
  assert.deepEqual(ids(portfolio, { kind: "companies", words: "jür" }), []);
  assert.deepEqual(ids(portfolio, { kind: "companies", words: "oef klin" }), ["10014"]);
  assert.deepEqual(ids(portfolio, { kind: "contracts", words: "ÖFEN" }), ["70002"]);
});

test("what is typed with an umlaut finds what is written without, by any part", () => {
  const portfolio = snapshot();
  assert.deepEqual(ids(portfolio, { kind: "contacts", words: "jür" }), ["6"]);
  assert.deepEqual(ids(portfolio, { kind: "contacts", words: "juergens dvor" }), ["6"]);
  assert.deepEqual(ids(portfolio, { kind: "machines", words: "b2c" }), ["200"]);
  assert.deepEqual(ids(portfolio, { kind: "machines", words: "c3000 bäck werk" }), ["200"]);
});

test("conditions hold together, and ended contracts are hidden", () => {
  const portfolio = snapshot();
  assert.deepEqual(ids(portfolio, { ended: false }), ["70001"]);
  assert.deepEqual(ids(portfolio, { states: ["partly"], channels: ["PORTAL"], due: TODAY }), ["70001"]);
  assert.deepEqual(ids(portfolio, { states: ["partly"], channels: ["PHONE"] }), []);
  assert.deepEqual(ids(portfolio, { kind: "machines", contract: "70001", channels: ["PORTAL"] }), ["200", "201"]);
});

test("order by counting is the order of a comparison, with none at the end both ways", () => {
  const throws = dice(7);
  for (const most of [3, 70_000, 2_000_000_000]) {
    const keys = Array.from({ length: 3000 }, () => Math.floor(throws.next().value * most));
    const rows = Int32Array.from(keys.keys());
    const by = (sign) => [...rows].sort((one, other) => {
      if (!keys[one] || !keys[other]) return Number(!keys[one]) - Number(!keys[other]) || one - other;
      return sign * (keys[one] - keys[other]) || one - other;
    });
    assert.deepEqual([...counted(rows, (row) => keys[row], { none: true })], by(1));
    assert.deepEqual([...counted(rows, (row) => keys[row], { none: true, down: true })], by(-1));
  }
});

test("ranks are those of a sorted list, and equal texts have the same", () => {
  const throws = dice(3);
  const texts = Array.from({ length: 9000 }, () => String(Math.floor(throws.next().value * 5000)));
  const ranks = whole(ranksOf(texts.length, (row) => texts[row]));
  const places = new Map([...new Set(texts)].sort().map((text, place) => [text, place]));
  assert.deepEqual([...ranks], texts.map((text) => places.get(text)));
});

test("numbers are ordered by their size", () => {
  const lines = Lines.of(["9", "10", "A", "100"]);
  const rank = whole(lines.ranks());
  assert.deepEqual([0, 1, 3, 2].map(rank), [0, 1, 2, 3]);
});

test("the search in a joined text finds each line that holds the word, once", () => {
  const throws = dice(11);
  const texts = Array.from({ length: 4000 }, () => Array.from({ length: 6 }, () => "ab1ü "[Math.floor(throws.next().value * 5)]).join(""));
  const { text, starts } = Lines.of(texts);
  for (const column of [Lines.of(texts), new Words({ text, starts }, Int32Array.from(texts.keys()))]) {
    column.put(17, "neu");
    whole(column.ready());
    for (const word of ["a", "u", "1", " ", "ab", "1ue", "bbb", "neu", "zzz"]) {
      const mask = new Uint8Array(texts.length);
      column.mark(needleOf(word), mask);
      const expected = texts.map((one, row) => Number((row === 17 ? "neu" : folded(one)).includes(word)));
      assert.deepEqual([...mask], expected, word);
    }
  }
});

test("several columns order together, the first one first", () => {
  const portfolio = snapshot();
  portfolio.apply([
    ["machine", "10007", "202", 1, "70001", 1, "open", "", "S", "A", "Z", "", "Werk 2", "A", "EG", "2", 1, "", ""],
    ["machine", "10007", "203", 1, "70001", 1, "open", "", "S", "Z", "A", "", "Werk 10", "", "", "", 1, "", ""],
  ]);
  assert.deepEqual(ids(portfolio, { kind: "machines", sort: "place", words: "werk" }), ["203", "200", "202"]);
  assert.deepEqual(ids(portfolio, { kind: "machines", sort: "model" }), ["203", "200", "201", "202"]);
  assert.deepEqual(ids(portfolio, { kind: "machines", words: "ricoh c3" }), ["200", "201"]);
});

test("the marked rows of an order are those rows, put in order by themselves", () => {
  const throws = dice(3);
  const portfolio = snapshot();
  const some = (n) => String(Math.floor(throws.next().value * n));
  portfolio.apply(Array.from({ length: 600 }, (_, n) => (
    ["machine", "10007", `m${n}`, 1, "70001", 1, "open", "", some(9), some(3), some(5), "", some(2), "", "", some(4), 1, "", ""]
  )));
  const { size } = portfolio.machines;
  const mask = Uint8Array.from({ length: size }, () => Number(some(2)));
  for (const sort of ["id", "serial", "company", "place", "model", "state", "due_on", "contract"]) {
    for (const down of [false, true]) {
      const spec = { kind: "machines", sort, down };
      const order = whole(listed(portfolio, spec, Int32Array.from({ length: size }, (_, row) => row)));
      assert.deepEqual([...marked(mask, order)], [...whole(listed(portfolio, spec, marked(mask)))], `${sort} ${down}`);
    }
  }
  assert.deepEqual([...marked(Uint8Array.of(0, 1), Int32Array.of(2, 1, 0))], [1], "a row that came after the mask was made");
});

test("a choice stays with its rows, whatever is shown", () => {
  const choice = new Choice();
  choice.set([1, 5000, 3], true);
  choice.set([3], false);
  assert.deepEqual([[...choice], choice.size, choice.has(5000), choice.has(3)], [[1, 5000], 2, true, false]);
  choice.clear();
  assert.equal(choice.size, 0);
});

test("several words are looked for in all columns together", () => {
  const portfolio = snapshot();
  const mask = whole(found(portfolio, "machines", "köln ricoh"));
  assert.deepEqual([...mask], [1, 1, 0]);
});

test("the rows of exactly one text are found, whatever its case, changed ones as they are now", () => {
  const all = (column) => new Uint8Array(column.size).fill(1);
  const same = (column, text) => column.same(needleOf(text), all(column)).sort();
  const lines = Lines.of(["1", "11", "1", "x1", "1"]);
  whole(lines.ready());
  assert.deepEqual(same(lines, "1"), [0, 2, 4]);
  assert.deepEqual(lines.same(needleOf("1"), Uint8Array.of(1, 1, 0, 1, 1)), [0, 4]);
  lines.put(0, "x1");
  lines.put(5, "1");
  assert.deepEqual(same(lines, "1"), [2, 4, 5]);
  assert.deepEqual(same(lines, "X1"), [0, 3]);
  assert.deepEqual(same(lines, "x"), []);
  const words = new Words({ text: "a\nb\n", starts: new Int32Array([0, 2, 4]) }, new Int32Array([1, 0, 1]));
  whole(words.ready());
  assert.deepEqual([same(words, "b"), same(words, "c")], [[0, 2], []]);
});

test("a search that goes on finds what one from the start finds, with a fraction of the work", () => {
  const throws = dice(5);
  const letters = "aabe12-.ü ";
  const text = () => Array.from({ length: 8 }, () => letters[Math.floor(throws.next().value * letters.length)]).join("");
  const portfolio = snapshot();
  const contact = (n) => ["contact", "10007", `n${n}`, 1, "", text(), text(), `${text()}@x.de`, "", "", "", 0];
  portfolio.apply(Array.from({ length: 9000 }, (_, n) => contact(n)));
  const steps = ["a", "ab", "ab ", "ab 1", "ab 12", "a 12", "a", "ü", "üa", "üa x.de", "x.de ab", "q", "qq", "-", "-2"];
  let before = null;
  for (const typed of steps) {
    const mask = whole(found(portfolio, "contacts", typed, before));
    assert.deepEqual(mask, whole(found(portfolio, "contacts", typed)), typed);
    before = { text: typed, mask };
  }
  let looked = 0;
  const { email } = portfolio.contacts.texts;
  const { mark } = email;
  email.mark = (...given) => {
    looked += 1;
    return mark.apply(email, given);
  };
  const many = { text: "a", mask: whole(found(portfolio, "contacts", "a")) };
  looked = 0;
  const both = { text: "a e", mask: whole(found(portfolio, "contacts", "a e", many)) };
  assert.equal(looked, 1, "what holds the first word is known");
  whole(found(portfolio, "contacts", "a e", both));
  assert.equal(looked, 1, "all of it is known");
});

test("letters that have no bit of their own, and texts that grow when they are folded, are found as they stand", () => {
  const texts = ["Straße 5", "ΑΘΗΝΑ", "a+b", "a_b", "ÄÖÜäöü", "", "Łódź", "日本", "a\u0301"];
  const column = Lines.of(texts);
  whole(column.ready());
  for (const word of ["ss", "ß", "θην", "+", "_", "a+b", "aeoeue", "lodz", "日", "本", "a", "zz"]) {
    const mask = new Uint8Array(texts.length);
    column.mark(needleOf(word), mask);
    assert.deepEqual([...mask], texts.map((one) => Number(folded(one).includes(folded(word)))), word);
  }
});

test("a problem is no value to decide, and the number of what is to decide is that of its list", () => {
  const portfolio = snapshot();
  const { flags } = portfolio.machines.numbers;
  flags.put(0, flags.at(0) | 256);
  flags.put(1, flags.at(1) | 128);
  const stand = standOf(portfolio, [], dayOf(TODAY));
  assert.deepEqual(stand.undecided, { machines: 1, since: TODAY });
  assert.deepEqual(ids(portfolio, { kind: "machines", only: "undecided" }), ["200"]);
});

test("what is open and not asked for is listed by contract", () => {
  const portfolio = snapshot();
  assert.deepEqual(ids(portfolio, { only: "unasked" }), ["70002"]);
  portfolio.contracts.numbers.reported.put(1, 1);
  assert.deepEqual(ids(portfolio, { only: "unasked" }), []);
});
