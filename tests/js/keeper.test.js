import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { load } from "./site.js";
import { PARTS } from "./snapshots.js";

const { Keeper } = await load("console/model/keeper.js");
const { contractFilter } = await load("console/model/selection.js");

const SPEC = {
  kind: "contracts", words: "", states: [], channels: [], due: "", ended: true, company: "", contract: "", machine: "", only: "",
  sort: "id", down: false, today: "2026-11-28",
};

/** A server: what it answers by method and path, and what it was asked. */
let server;
let keeper;
let asked;
let held;

beforeEach(() => {
  asked = [];
  server = {
    version: "v1",
    snapshot: true,
    fails: 0,
    changes: [],
    since: [],
    behind: 0, // further pages of changes
    outdated: false,
    refused: new Set(),
  };
  globalThis.fetch = async (path, { method = "GET", headers = {} } = {}) => {
    asked.push(`${method} ${path.split("?")[0]}`);
    if (server.fails) throw new TypeError("no network");
    if (path.startsWith("/files/")) return new Response(gzipSync(Buffer.from(PARTS[path.slice(7)])));
    if (server.refused.has(headers.authorization)) return json(401, {});
    if (method === "POST") {
      server.snapshot = true;
      return json(202, {});
    }
    if (path.includes("/changes")) {
      server.since.push(new URLSearchParams(path.split("?")[1]).get("after"));
      const more = server.behind > 0;
      server.behind -= Number(more);
      return json(200, { rows: server.changes.splice(0), after: "later", more, outdated: server.outdated });
    }
    if (!server.snapshot) return json(404, { code: "no_snapshot" });
    const parts = Object.keys(PARTS).map((name) => ({ name, url: `/files/${name}` }));
    return json(200, { version: server.version, after: `since ${server.version}`, built_at: "2026-11-28T02:00:00.000+00:00", parts });
  };
  held = new Map();
  keeper = new Keeper(device);
});

/** What the device keeps, by its key. */
const device = {
  recall: async (key) => held.get(key) ?? null,
  keep: async (key, { version, after, built_at }, files) => held.set(key, { version, after, built_at, files }),
  clear: async () => held.clear(),
};

const json = (status, body) => Response.json(body, { status });

/** A page: what it hears, and what it asks. */
function page(token = "t") {
  const heard = [];
  const session = keeper.join({ postMessage: (message) => heard.push(message) });
  const ask = async (what, given) => {
    const id = heard.length + asked.length;
    await keeper.take(session, { kind: "ask", id, what, given });
    return heard.findLast((message) => message.kind === "answer" && message.id === id).answer;
  };
  keeper.take(session, { kind: "hello", token, key: "k" });
  return { session, heard, ask, leave: () => keeper.take(session, { kind: "hello", token: null, key: null }) };
}

/** Until something holds, some milliseconds at most. */
async function until(holds) {
  for (let n = 0; n < 400 && !holds(); n += 1) await new Promise((go) => setTimeout(go, 5));
  assert.ok(holds());
}

const ready = () => keeper.standing.phase === "ready";
const polls = () => asked.filter((one) => one.includes("/changes")).length;
const contract = (rev, name) => [
  "contract", "10007", "70001", rev, name, "PORTAL", "MONTHLY", "", "", "2026-11-28", [], 0, 0, "",
];

/** One more look at what has changed. */
async function poll() {
  const before = polls();
  keeper.wake();
  await until(() => polls() > before);
  await new Promise((go) => setTimeout(go, 20));
}

test("two pages are answered from one load, and hear of changes", async () => {
  const [one, other] = [page(), page()];
  await until(ready);
  const { rows, total } = await one.ask("window", { spec: SPEC, from: 0, count: 9 });
  assert.deepEqual([rows.map((row) => row.id), total], [["70001", "70002"], 2]);
  assert.equal((await other.ask("window", { spec: SPEC, from: 1, count: 9 })).rows[0].id, "70002");
  assert.equal(asked.filter((path) => path.startsWith("GET /files/")).length, 3);
  server.changes = [contract(9, "Neu")];
  const { generation } = keeper.standing;
  await poll();
  assert.ok(keeper.standing.generation > generation);
  const after = await other.ask("window", { spec: SPEC, from: 0, count: 1 });
  assert.deepEqual([after.rows[0].name, after.moved], ["Neu", true]);
  assert.equal((await other.ask("window", { spec: SPEC, from: 0, count: 1, fresh: true })).moved, false);
  one.leave();
  other.leave();
});

test("another order goes over the rows that passed before, and over others once something has changed", async () => {
  const { session, ask, leave } = page();
  await until(ready);
  const ids = async (spec) => (await ask("window", { spec, from: 0, count: 9 })).rows.map(({ id }) => id);
  assert.deepEqual(await ids(SPEC), ["70001", "70002"]);
  const met = () => [...session.met.held.values()].map(({ result }) => result);
  const [mask, ...others] = met();
  assert.deepEqual([[...mask], others], [[1, 1], []]);
  assert.deepEqual(await ids({ ...SPEC, down: true, words: "klin" }), ["70002"]);
  assert.deepEqual(await ids({ ...SPEC, down: true }), ["70002", "70001"]);
  assert.equal(met()[0], mask);
  assert.equal(met().length, 1);
  server.changes = [contract(9, "Neu")];
  await poll();
  await ids(SPEC);
  assert.notEqual(met()[0], mask);
  leave();
  assert.equal(met().length, 0);
});

test("each page has its own choice, which a filter does not touch", async () => {
  const [one, other] = [page(), page()];
  await until(ready);
  const narrow = { ...SPEC, words: "klinikum" };
  assert.deepEqual(await one.ask("choose", { spec: SPEC, how: "matching" }), { chosen: 2, hidden: 0 });
  assert.deepEqual(await one.ask("choose", { spec: narrow, how: "row", rows: [0, 0], chosen: false }), { chosen: 1, hidden: 1 });
  assert.deepEqual(await one.ask("selection", {}), { filter: {}, except: ["70002"] });
  assert.deepEqual(await other.ask("selection", {}), { ids: [] });
  one.leave();
  other.leave();
});

test("a whole list is told by its filter, as long as that says the same", async () => {
  const { ask, leave } = page();
  await until(ready);
  const portal = { ...SPEC, channels: ["PORTAL"], due: "2026-12-31", ended: false };
  await ask("choose", { spec: portal, how: "matching" });
  assert.deepEqual(await ask("selection", {}), {
    filter: { reading_channels: ["PORTAL"], due_before: "2026-12-31", running_on: SPEC.today },
  });
  await ask("choose", { spec: SPEC, how: "row", rows: [1, 1] }); // a row that the filter does not show
  assert.deepEqual(await ask("selection", {}), { ids: ["70001", "70002"] });
  await ask("choose", { spec: SPEC, how: "none" });
  await ask("choose", { spec: portal, how: "range", rows: [0, 0] });
  assert.deepEqual(await ask("selection", {}), { ids: ["70001"] });
  leave();
});

test("what the API's filter cannot say is told by number", () => {
  assert.equal(contractFilter({ ...SPEC, states: ["asked"] }), null);
  const opened = { ...SPEC, states: ["asked", "opened", "partly"], words: " jür " };
  assert.deepEqual(contractFilter(opened), { states: ["asked", "partly"], words: "jür" });
  assert.equal(contractFilter({ ...SPEC, only: "unasked" }), null);
  assert.equal(contractFilter({ ...SPEC, words: "x".repeat(201) }), null);
  assert.deepEqual(contractFilter({ ...SPEC, company: "10007", contract: "70001" }), { company_id: "10007", contract_id: "70001" });
});

test("the contracts of chosen machines and companies can be chosen, those that run", async () => {
  const { ask, leave } = page();
  await until(() => keeper.holds("machines") && ready());
  await ask("choose", { spec: { ...SPEC, kind: "machines" }, how: "matching" });
  await ask("contracts", { kind: "machines", today: SPEC.today });
  assert.deepEqual((await ask("selection", {})).ids, ["70001"]);
  await ask("choose", { spec: { ...SPEC, kind: "companies" }, how: "matching" });
  await ask("contracts", { kind: "companies", today: "2026-11-27" });
  assert.deepEqual((await ask("selection", {})).ids, ["70001", "70002"]);
  await ask("contracts", { kind: "companies", today: SPEC.today }); // the second one ended the day before
  assert.deepEqual((await ask("selection", {})).ids, ["70001"]);
  leave();
});

test("what is outdated is loaded anew, and the choice goes over by number", async () => {
  const { ask, leave } = page();
  await until(ready);
  await ask("choose", { spec: SPEC, how: "range", rows: [1, 1] });
  server.version = "v2";
  server.outdated = true;
  keeper.wake();
  await until(() => keeper.standing.version === "v2");
  server.outdated = false;
  assert.deepEqual(await ask("selection", {}), { ids: ["70002"] });
  leave();
});

test("from time to time the last minutes are asked for once more", async () => {
  const { ask, leave } = page();
  await until(ready);
  await poll();
  await poll();
  keeper.sweptAt -= 300_001;
  server.since = [];
  await poll();
  assert.deepEqual(server.since, ["later", "since v1"]);
  server.changes = [contract(9, "Spät")];
  await poll();
  assert.equal((await ask("window", { spec: SPEC, from: 0, count: 1 })).rows[0].name, "Spät");
  assert.equal(server.since.length, 3);
  leave();
});

test("without a snapshot one is asked for, once, and it says so", async () => {
  server.snapshot = false;
  const { heard, leave } = page();
  await until(() => asked.includes("POST /api/staff/portfolio"));
  await until(() => keeper.standing.phase === "building");
  assert.ok(heard.some((message) => message.standing?.phase === "building"));
  keeper.wake();
  await until(ready);
  assert.equal(asked.filter((path) => path.startsWith("POST")).length, 1);
  leave();
});

test("a server that does not answer takes nothing away, and is asked again", async () => {
  const { ask, leave } = page();
  await until(ready);
  server.fails = 1;
  keeper.wake();
  await until(() => keeper.standing.fault);
  assert.equal(keeper.standing.fault.status, 0);
  assert.ok(keeper.standing.fault.retryAt - Date.now() <= 3000);
  assert.equal((await ask("window", { spec: SPEC, from: 0, count: 9 })).total, 2);
  server.fails = 0;
  await ask("retry", {});
  await until(() => !keeper.standing.fault);
  leave();
});

test("a token that is refused signs its page out, and another page's is taken", async () => {
  const [one, other] = [page("old"), page("new")];
  await until(ready);
  server.refused.add("Bearer old");
  keeper.wake();
  await until(() => one.heard.some((message) => message.kind === "signed out"));
  assert.ok(!other.heard.some((message) => message.kind === "signed out"));
  assert.equal((await other.ask("window", { spec: SPEC, from: 0, count: 9 })).total, 2);
  other.leave();
});

test("with the last page gone nothing is held", async () => {
  const { leave } = page();
  await until(ready);
  leave();
  assert.equal(keeper.portfolio, null);
  assert.deepEqual([keeper.standing.phase, keeper.standing.parts], ["idle", []]);
  await until(() => !keeper.running);
});

/** Another life of the worker, in which the device keeps what it kept. */
async function again() {
  for (const session of keeper.sessions) keeper.take(session, { kind: "bye" });
  await until(() => !keeper.running);
  asked.length = 0;
  keeper = new Keeper(device);
  return page();
}

const files = () => asked.filter((path) => path.startsWith("GET /files/")).length;

test("after a reload the rows are those of the device, then what has changed since", async () => {
  page();
  await until(() => ready() && held.size);
  server.changes = [contract(9, "Neu")];
  server.since = [];
  const { ask, leave } = await again();
  await until(() => ready() && polls());
  await poll();
  assert.equal((await ask("window", { spec: SPEC, from: 0, count: 9 })).rows[0].name, "Neu");
  assert.deepEqual([files(), server.since[0]], [0, "since v1"]);
  leave();
});

test("what the device keeps is shown, with its age, while the server does not answer", async () => {
  page();
  await until(() => ready() && held.size);
  server.fails = 1;
  const { ask, leave } = await again();
  await until(() => keeper.standing.fault);
  assert.equal((await ask("window", { spec: SPEC, from: 0, count: 9 })).total, 2);
  assert.equal(keeper.standing.checkedAt, Date.parse("2026-11-28T02:00:00Z"));
  server.fails = 0;
  await ask("retry", {});
  await until(ready);
  assert.equal(files(), 0);
  leave();
});

test("the rows are told as old as their snapshot until all that changed since is in them", async () => {
  server.behind = 2;
  const { heard, leave } = page();
  await until(() => keeper.standing.current);
  assert.equal(polls(), 3);
  const told = heard.filter(({ kind }) => kind === "standing").map(({ standing }) => standing);
  const early = told.filter(({ phase, current }) => phase === "ready" && !current);
  assert.ok(early.length);
  for (const { checkedAt } of early) assert.equal(checkedAt, Date.parse("2026-11-28T02:00:00Z"));
  assert.ok(Date.now() - told.at(-1).checkedAt < 60_000);
  leave();
  assert.equal(keeper.standing.current, false);
});

test("a newer snapshot takes the place of the one that the device keeps", async () => {
  page();
  await until(() => ready() && held.size);
  server.version = "v2";
  const { leave } = await again();
  await until(() => ready() && held.get("k").version === "v2");
  assert.deepEqual([keeper.standing.version, files()], ["v2", 3]);
  leave();
});

test("after signing out the device keeps nothing; a page that is only left takes nothing away", async () => {
  page();
  await until(() => ready() && held.size);
  const { leave } = await again();
  await until(ready);
  assert.equal(held.size, 1);
  leave();
  assert.equal(held.size, 0);
});

test("what the device kept in another form is loaded anew", async () => {
  held.set("k", { version: "v1", after: "since v1", built_at: "2026-11-28T02:00:00Z", files: { grid: new ArrayBuffer(3) } });
  const { ask, leave } = page();
  await until(() => ready() && held.size);
  assert.equal((await ask("window", { spec: SPEC, from: 0, count: 9 })).total, 2);
  assert.deepEqual(Object.keys(held.get("k").files).sort(), ["grid", "machines", "people"]);
  leave();
});

test("a search has three hits a kind, the number itself first", async () => {
  const { ask, leave } = page();
  await until(ready);
  const { contacts, machines, companies } = await ask("find", { text: "jür", today: SPEC.today });
  assert.deepEqual([companies.total, contacts.rows[0].name, machines.total], [1, "Jürgen Dvořák", 0]);
  assert.equal((await ask("find", { text: "201", today: SPEC.today })).machines.rows[0].id, "201");
  leave();
});
