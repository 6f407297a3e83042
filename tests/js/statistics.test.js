import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./site.js";

const { standOf } = await load("console/model/bar.js");
const { dayOf } = await load("console/model/folding.js");
const { filtered } = await load("console/model/lists.js");
const { lastDayOf, reachedBy, sameDay } = await load("console/statistics/figures.js");
const { inCauses } = await load("console/today/tasks.js");
const { snapshot, whole } = await import("./snapshots.js");

const month = (more = {}) => ({
  first_asked_on: "2026-11-16", counted_at: "2026-11-24T08:00:00+00:00", due: 200, curve: [10, 40, 90, 120], ...more,
});

test("a month is told up to the day on which it was counted", () => {
  assert.equal(lastDayOf(month()), 8);
  assert.equal(lastDayOf(month({ counted_at: "2026-11-16T23:00:00+00:00" })), 3); // as far as its curve goes
  assert.equal(lastDayOf(month({ counted_at: "2027-11-16T23:00:00+00:00" })), 60);
  assert.equal(lastDayOf(month({ first_asked_on: null, curve: [] })), -1);
});

test("what is complete stays complete, and nothing is told of who was never asked", () => {
  assert.deepEqual([0, 2, 3, 40].map((day) => reachedBy(month(), day)), [5, 45, 60, 60]);
  assert.equal(reachedBy(month({ first_asked_on: null, curve: [] }), 3), null);
  assert.equal(reachedBy(month({ due: 0 }), 3), null);
});

test("a month is compared with the one before on the same day after its first request", () => {
  const before = month({
    first_asked_on: "2026-10-16", counted_at: "2026-11-10T08:00:00+00:00", due: 100, curve: [0, 10, 20, 30, 40, 50, 55, 58, 61, 90],
  });
  assert.deepEqual(sameDay(month(), before), { day: 8, now: 60, then: 61, points: -1 });
  for (const [one, other] of [[null, before], [month(), null], [month(), month({ first_asked_on: null, curve: [] })]]) {
    assert.equal(sameDay(one, other), null);
  }
});

test("causes are named by how many there are, the rest is a number", () => {
  const t = (key, { count }) => `${count} ${key}`;
  t.number = String;
  assert.equal(inCauses(t, ["b", "a", "b", "c"]), "2 b, 1 a, 1 today_others");
  assert.equal(inCauses(t, ["a", "a"]), "2 a");
  assert.equal(inCauses(t, ["a"], 44), "1 a, 43 today_others");
  assert.equal(inCauses(t, []), "");
});

test("how the month stands counts machines, contracts, since when, and what is overdue", () => {
  const portfolio = snapshot();
  const spec = {
    kind: "machines", words: "", states: [], channels: [], due: "", ended: true, company: "", contract: "", machine: "", only: "",
    sort: "id", down: false, today: "2026-11-28",
  };
  const rows = whole(filtered(portfolio, spec));
  const stand = standOf(portfolio, rows, dayOf("2026-11-28"));
  assert.deepEqual(stand.states.complete, { machines: 1, contracts: 1, since: "2026-11-28" });
  assert.deepEqual(stand.states.opened, { machines: 1, contracts: 1, since: "" });
  assert.deepEqual([stand.contracts, stand.overdue], [1, { machines: 1, since: "2026-11-28", often: 0 }]);
  assert.deepEqual(standOf(portfolio, rows, dayOf("2026-11-27")).overdue, { machines: 0, since: "", often: 0 });
  portfolio.apply([
    ["machine", "10007", "201", 9, "70001", 9, "open", "2026-11-28", "S", "A", "Z", "", "", "", "", "", 1 | 2 | (3 << 11), "", ""],
  ]);
  assert.equal(standOf(portfolio, rows, dayOf("2026-11-29")).overdue.often, 1);
});

test("what the schedule estimates on an announced day is not for staff to estimate, until the day is over", () => {
  const portfolio = snapshot();
  const tell = (estimateOn, { channel = "PORTAL", endsOn = "" } = {}) => portfolio.apply([
    ["contract", "10007", "70001", (rev += 1), "Service", channel, "MONTHLY", "", endsOn, "2026-11-28", [], 1, 3, "2026-11-25", estimateOn],
  ]);
  let rev = 20;
  const spec = {
    kind: "machines", words: "", states: [], channels: [], due: "", ended: true, company: "", contract: "", machine: "", only: "",
    sort: "id", down: false, today: "2026-11-28",
  };
  const rows = whole(filtered(portfolio, spec));
  const estimate = { last_step: "estimate", contracts: {} };
  /** How many machines are for staff and for the schedule, and the days. */
  const told = (day, steps) => {
    const { overdue, announced } = standOf(portfolio, rows, dayOf(day), steps);
    return [overdue.machines, announced.machines, announced.first, announced.last];
  };
  tell("");
  assert.deepEqual(told("2026-11-28", estimate), [1, 0, "", ""]);
  tell("2026-12-08");
  for (const day of ["2026-11-28", "2026-12-08"]) assert.deepEqual(told(day, estimate), [0, 1, "2026-12-08", "2026-12-08"], day);
  assert.deepEqual(told("2026-12-09", estimate), [1, 0, "", ""]);
  assert.deepEqual(told("2026-11-28"), [1, 0, "", ""], "nobody has set it");
  for (const [dealers, own, by] of [["estimate", "calls", 0], ["calls", "estimate", 1], ["estimate", null, 1], ["calls", null, 0]]) {
    assert.equal(told("2026-11-28", { last_step: dealers, contracts: { 70001: { last_step: own } } })[1], by, `${dealers} ${own}`);
  }
  tell("2026-12-08", { channel: "PHONE" });
  assert.deepEqual(told("2026-11-28", estimate), [1, 0, "", ""]);
});
