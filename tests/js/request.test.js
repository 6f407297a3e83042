import assert from "node:assert/strict";
import test from "node:test";
import { CAUSES, channelsOf, machinesOf, personsOf, sumsOf } from "../../static_site/console/request/causes.js";
import { masked } from "../../static_site/console/request/names.js";
import { STATES, stateOf, whatHappened } from "../../static_site/console/request/states.js";
import { currentAddress } from "../../static_site/console/places.js";
import { texts } from "../../static_site/console/request/texts.js";

/** A contract that is due: `standing` is the server's, null for another channel. */
function due(id, standing, { reasons = [], company = "10000", channel = "PORTAL", total = 2, reported = 0 } = {}) {
  const row = { id, company_id: company, company: `Firma ${company}`, channel, total, reported };
  const why = reasons.map(([code, contact]) => ({ code, text: code, contact_id: contact }));
  return { row, found: standing && { id, standing, reasons: why } };
}

test("each contract is in one part of the equation, and the parts add up", () => {
  const all = [
    due("1", "ready"), due("2", "without_rights"), due("3", "not_ready"), due("4", null, { channel: "PHONE" }), due("5", "other_way"),
  ];
  const sums = sumsOf(all);
  assert.equal(sums.due.length, 5);
  assert.deepEqual(["ready", "without_rights", "not_ready", "other_way"].map((name) => sums[name].length), [1, 1, 1, 2]);
});

test("a person stands once for all contracts that wait for the same, with the machines that are open", () => {
  const found = personsOf([
    due("1", "not_ready", { reasons: [["email_missing", "5001"]] }),
    due("2", "not_ready", { reasons: [["email_missing", "5001"], ["email_bounced", "5002"]], reported: 1 }),
    due("3", "not_ready", { reasons: [["email_missing", "5009"]], company: "10001" }),
    due("4", "not_ready", { reasons: [["email_bounced", "5002"]] }),
  ]);
  assert.deepEqual([...found.keys()], ["email_missing", "email_bounced"]);
  const [first, second] = found.get("email_missing");
  assert.deepEqual([first.contact, first.contracts.length, first.machines], ["5001", 2, 3]);
  assert.equal(second.contact, "5009");
  const counted = [...found.values()].flat().reduce((sum, one) => sum + one.contracts.length, 0);
  assert.equal(counted, 4, "each contract counts once");
});

test("whoever is missing is a matter of the company, not of the number that nobody has", () => {
  const found = personsOf([
    due("1", "not_ready", { reasons: [["no_reporter", null]] }),
    due("2", "not_ready", { reasons: [["reporter_unknown", "9999"]] }),
  ]);
  assert.deepEqual(found.get("no_reporter").map((one) => [one.contact, one.contracts.length]), [["", 2]]);
});

test("a reason that nobody has thought of stands under the others", () => {
  assert.deepEqual([...personsOf([due("1", "not_ready", { reasons: [["meteor", null]] })]).keys()], ["other"]);
});

test("channels come by size", () => {
  const phone = { channel: "PHONE" };
  const found = channelsOf([due("1", null, { channel: "MPS" }), due("2", null, phone), due("3", null, phone)]);
  assert.deepEqual(found.map(([name, list]) => [name, list.length]), [["PHONE", 2], ["MPS", 1]]);
  assert.equal(machinesOf([due("1", null, { total: 3, reported: 1 }), due("2", null)]), 4);
});

const open = { reported: 0, total: 2 };
const mail = (state, delivery = null, left = false) => ({ state, delivery, left });

test("a mail is in one state, by what the mail system told last", () => {
  assert.equal(stateOf(mail("sent", "bounced"), open), "undeliverable");
  assert.equal(stateOf(mail("undeliverable"), open), "undeliverable");
  assert.equal(stateOf(mail("sent", "complained"), open), "complained");
  assert.equal(stateOf(mail("sent", "soft_bounced"), open), "delayed");
  assert.equal(stateOf(mail("sent", "mailbox_full"), open), "full");
  assert.equal(stateOf(mail("sent", "content_refused"), open), "refused");
  assert.equal(stateOf(mail("sent", "address_unknown"), open), "unknown");
  assert.equal(stateOf(mail("sent", "suppressed"), open), "suppressed");
  assert.equal(stateOf(mail("sent"), open), "accepted");
  assert.equal(stateOf(mail("planned"), open), "waiting");
  assert.equal(stateOf(mail("planned", null, true), open), "left");
  assert.equal(stateOf(mail("sent", "bounced"), { reported: 2, total: 2 }), "reported");
  assert.equal(stateOf(mail("sent", "delivered"), { reported: 0, total: 0 }), "delivered");
});

test("every state and all that may have happened have words", () => {
  const states = ["proposed", "planned", "sending", "in_doubt", "sent", "skipped", "undeliverable"];
  const fates = [
    null, "accepted", "delayed", "soft_bounced", "content_refused", "mailbox_full", "delivered", "undetermined", "rejected",
    "not_rendered", "bounced", "address_unknown", "suppressed", "complained",
  ];
  const every = states.flatMap((state) => fates.flatMap((fate) => [mail(state, fate), mail(state, fate, true)]));
  for (const one of every) {
    for (const reported of [0, 1, 2]) {
      const done = { reported, total: 2 };
      const found = stateOf(one, done);
      assert.ok(STATES.includes(found), found);
      assert.ok(texts.de[`delivery_${found}`], found);
      const happened = whatHappened(one, found, done);
      if (happened) assert.ok(texts.en[happened], happened);
    }
  }
  for (const cause of CAUSES) assert.ok(texts.de[`due_cause_${cause}`], cause);
});

test("an address is masked as the server masks it", () => {
  assert.equal(masked("clara@muster.example"), "c***@muster.example");
  assert.equal(masked(""), "");
});

test("an address of the old list of contracts leads to the portfolio", () => {
  assert.equal(currentAddress("#/contracts"), "#/stock/contracts");
  assert.equal(
    currentAddress("#/contracts?contract_id=70001&reading_channel=PHONE&due_before=2026-11-28"),
    "#/stock/contracts?contract=70001&channel=PHONE&due=2026-11-28",
  );
  assert.equal(currentAddress("#/contractsx"), "#/contractsx");
  assert.equal(currentAddress("#/readiness?group=ready"), "#/readiness?group=ready");
});
