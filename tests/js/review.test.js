// Pure functions of the place "Prüfen & Freigeben" and of a run's protocol.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./site.js";

const { todayIs } = await load("console/day.js");
const { byReason, reasonOf } = await load("console/release_report.js");
const { possible } = await load("console/review/decisions.js");
const { groupOf, grouped, lastOf, rests } = await load("console/review/groups.js");
const { suggestedOf } = await load("console/review/numbers.js");

const finding = (code, more = {}) => ({ meter_id: "1", code, severity: "warn", text: "", suggestion: null, ...more });
const decision = (kind, more = {}) => ({
  decision: kind,
  by: { id: "anna", name: "Anna" },
  at: "2026-11-23T09:00:00.000+00:00",
  note: "",
  until: null,
  second: null,
  waits_for_second: false,
  before: null,
  ...more,
});
const row = (id, more = {}) => ({ id, meter_id: "1", value: 6601, findings: [finding("digit_missing")], decision: null, ...more });

test("a decided value stands with its decision, an undecided one with its finding", () => {
  assert.equal(groupOf(row("a")), "digits");
  assert.equal(groupOf(row("a", { decision: decision("accepted") })), "accepted");
  assert.equal(groupOf(row("a", { findings: [] })), "other");
});

test("who waits for a second person still needs one", () => {
  const waiting = row("a", { decision: decision("accepted", { waits_for_second: true }) });
  assert.equal(groupOf(waiting), "second");
  assert.equal(rests(waiting), false);
});

test("a deferred value comes back on its day", () => {
  todayIs("2026-11-23");
  assert.equal(groupOf(row("a", { decision: decision("deferred", { until: "2026-11-24" }) })), "deferred");
  assert.equal(groupOf(row("a", { decision: decision("deferred", { until: "2026-11-23" }) })), "digits");
});

test("every row stands in one group", () => {
  const rows = [row("a"), row("b", { decision: decision("taken") }), row("c", { findings: [finding("usage_too_high")] })];
  const found = grouped(rows);
  assert.equal([...found.values()].flat().length, 3);
  assert.deepEqual(found.get("taken").map((one) => one.id), ["b"]);
});

test("the last decision is one's own", () => {
  const rows = [
    row("a", { decision: decision("accepted", { at: "2026-11-23T09:00:00.000+00:00" }) }),
    row("b", { decision: decision("accepted", { at: "2026-11-23T09:05:00.000+00:00" }) }),
    row("c", { decision: decision("accepted", { at: "2026-11-23T09:09:00.000+00:00", by: { id: "bernd", name: "Bernd" } }) }),
  ];
  assert.equal(lastOf(rows, "anna").id, "b");
  assert.equal(lastOf(rows, "nobody"), undefined);
});

test("a suggestion that stands there already is none", () => {
  const meant = { findings: [finding("digit_missing", { suggestion: { values: { 1: 66601 } } })] };
  assert.equal(suggestedOf(row("a", meant)), 66601);
  assert.equal(suggestedOf(row("a", { ...meant, value: 66601 })), null);
  assert.deepEqual(possible("taken", [row("a", meant), row("b")]).map((one) => one.id), ["a"]);
  assert.equal(possible("estimated", [row("a", meant), row("b")]).length, 2);
});

test("lines stand under what the check found, else under why the run refused them", () => {
  const line = (code, findings = []) => ({ code, findings_at_release: findings });
  assert.equal(reasonOf(line("implausible_now", [finding("usage_too_high")])), "review_higher");
  assert.equal(reasonOf(line("changed_meanwhile", [finding("usage_too_high")])), "reason_changed_meanwhile");
  const sorted = byReason([line("deferred"), line("changed_meanwhile"), line("changed_meanwhile")]);
  assert.deepEqual(sorted.map(([reason, lines]) => [reason, lines.length]), [["reason_changed_meanwhile", 2], ["reason_deferred", 1]]);
});
