import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { load } from "./site.js";

const { forgetToken, renew, withToken } = await load("console/staff_session.js");
const { dayAt, daysBetween, endOfMonth, today } = await load("console/day.js");

const MINUTE = 60_000;
const BEGIN = Date.parse("2026-11-23T09:00:00Z"); // where the server is
let renewals;

const part = (claims) => Buffer.from(JSON.stringify(claims)).toString("base64url");

/** A token of five minutes, from the server's now. */
const issued = () => `.${part({ iat: BEGIN / 1000, exp: BEGIN / 1000 + 300 })}.`;

beforeEach(() => {
  renewals = 0;
  globalThis.fetch = async () => {
    renewals += 1;
    return Response.json({ id_token: issued(), rows_key: "k", today: "2026-11-23" });
  };
});

for (const clock of ["2026-11-23T09:00:00Z", "2027-03-01T00:00:00Z", "2019-01-01T00:00:00Z"]) {
  test(`a token is renewed as it ages, whatever the device takes for the time: ${clock}`, async () => {
    mock.timers.enable({ apis: ["Date", "setTimeout"], now: Date.parse(clock) });
    try {
      const call = withToken(async () => null);
      await renew();
      await call("GET", "/");
      mock.timers.tick(3 * MINUTE);
      await call("GET", "/");
      assert.equal(renewals, 1);
      mock.timers.setTime(Date.parse(clock) + 6 * MINUTE); // woken: no timer ran
      await call("GET", "/");
      assert.ok(renewals > 1);
      assert.equal(today(), "2026-11-23");
    } finally {
      forgetToken();
      mock.timers.reset();
    }
  });
}

test("a moment belongs to the day in Berlin, a day to itself", () => {
  assert.equal(dayAt("2026-11-30T22:59:59+00:00"), "2026-11-30");
  assert.equal(dayAt("2026-11-30T23:00:00.000+00:00"), "2026-12-01");
  assert.equal(dayAt("2026-07-31T22:00:00Z"), "2026-08-01");
  assert.equal(dayAt("2026-11-30"), "2026-11-30");
});

test("days are counted over a change of clocks, months have their last day", () => {
  assert.deepEqual([daysBetween("2026-03-28", "2026-03-30"), daysBetween("2027-01-01", "2026-12-31")], [2, -1]);
  assert.deepEqual(["2026-11-23", "2028-02-01", "2026-12-31"].map(endOfMonth), ["2026-11-30", "2028-02-29", "2026-12-31"]);
});
