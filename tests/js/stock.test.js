import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./site.js";

const { addressOf, addressOfList, inOrder, nameOf, specOf } = await load("console/stock/address.js");
const { STATES } = await load("console/model/progress.js");
const { cellOf } = await load("console/stock/sheet.js");
const { takenOver, withColumns, withView, withoutView } = await load("console/stock/kept.js");
const { texts } = await load("console/stock/texts.js");

/** The spec that an address says. */
function read(address) {
  const [path, query] = address.split("?");
  return specOf(path.split("/")[2], new URLSearchParams(query));
}

test("an address says everything of a list", () => {
  const spec = {
    ...read("#/stock/machines"), words: "jür 1&2", states: ["asked", "partly"], channels: ["PORTAL"], due: "2026-11-30", ended: true,
    company: "10007", contract: "70 1", machine: "A/1", only: "undecided", sort: "serial", down: true,
  };
  assert.deepEqual(read(addressOfList(spec)), spec);
});

test("an address is short where nothing is set, and a wrong one is the first list", () => {
  assert.equal(addressOfList(read("#/stock")), "#/stock/contracts");
  assert.equal(addressOfList(read("#/stock/companies")), "#/stock/companies");
  assert.equal(addressOfList(read("#/stock/nothing?due=soon&x=1")), "#/stock/contracts");
  assert.equal(addressOfList(read("#/stock/machines?state=asked,zzz&channel=TELEX")), "#/stock/machines?state=asked");
});

test("a list is in an order that it has", () => {
  const columns = [{ sort: "serial" }, {}, { sort: "company" }];
  assert.equal(inOrder(read("#/stock/machines?sort=-serial"), columns).down, true);
  for (const wrong of ["nothing", "-__proto__", "undefined"]) {
    const { sort, down } = inOrder(read(`#/stock/machines?sort=${wrong}`), columns);
    assert.deepEqual([sort, down], ["company", false]);
  }
});

test("a record has its page, a contact the customer's", () => {
  assert.equal(addressOf("contacts", "10007", "5"), "#/companies/10007");
  assert.equal(addressOf("machines", "10007", "200"), "#/machines/200");
  assert.equal(nameOf({ company_id: "10007", id: "200" }), "10007~200");
});

test("no cell of a sheet is a formula, and none breaks out of its place", () => {
  assert.deepEqual(["=1+1", "-5", "a;b", 'say "x"', 7, -7, null].map(cellOf), ["'=1+1", "'-5", '"a;b"', '"say ""x"""', "7", "-7", ""]);
});

test("each state has its words", () => {
  for (const state of STATES) assert.ok(texts.de[`state_${state}`] && texts.en[`state_${state}`], state);
  assert.deepEqual(Object.keys(texts.de), Object.keys(texts.en));
});

const NOTHING = { version: 0, views: [], columns: { contracts: {}, companies: {}, machines: {} } };

test("a view takes the place of that of the same list and name", () => {
  const one = { list: "contracts", name: "Offen", query: "state=unasked" };
  const other = { ...one, list: "machines" };
  const both = withView(withView(NOTHING, one), other);
  assert.deepEqual(withView(both, { ...one, query: "" }).views, [other, { ...one, query: "" }]);
  assert.deepEqual(withoutView(both, one).views, [other]);
});

test("columns are set one by one and reset together", () => {
  const set = withColumns(withColumns(NOTHING, "machines", { maker: true }), "machines", { city: false });
  assert.deepEqual(set.columns.machines, { maker: true, city: false });
  assert.deepEqual(withColumns(set, "machines", null).columns.machines, {});
});

test("what a browser kept alone comes behind what the server has", () => {
  const there = withColumns(withView(NOTHING, { list: "contracts", name: "Offen", query: "due=2026-11-30" }), "machines", { maker: true });
  const taken = takenOver(there, {
    views: { contracts: { Offen: "#/stock/contracts", Alle: "#/stock/contracts?ended=1", Lang: `#/stock/contracts?q=${"x".repeat(801)}` } },
    columns: { machines: { maker: false, city: false } },
  });
  assert.deepEqual(taken.views.map(({ name, query }) => [name, query]), [["Offen", "due=2026-11-30"], ["Alle", "ended=1"]]);
  assert.deepEqual(taken.columns.machines, { maker: true, city: false });
});

test("a cell is written only where it shows something else", async () => {
  const { put } = await load("console/stock/slots.js");
  let writes = 0;
  const cell = {
    title: "",
    set textContent(text) {
      writes += 1;
      this.text = text;
    },
  };
  const slot = { cells: [cell], shown: [""] };
  const column = { cell: (row) => row.name, look: "cut muted" };
  for (const row of [undefined, { name: "A" }, { name: "A" }, { name: "B" }, undefined, undefined]) put(slot, 0, column, row);
  assert.deepEqual([writes, cell.text, cell.title], [3, "", ""]);
});
