// Portal Ready: what is due as an equation, what is missing by cause and person, and the field that mends it.
import { aborted, fill, h, say, sameKey } from "/shared/page.js";
import { actionButton, rightNeeded, showFailure } from "../parts.js";
import { keepAddress } from "../places.js";
import { today } from "../day.js";
import { addressOf } from "../stock/address.js";
import { statusOf } from "../stock/status.js";
import { BY_ADDRESS, channelsOf, machinesOf, personsOf, sumsOf } from "./causes.js";
import { dueBy, lookAt, openUntil } from "./due.js";
import { personRows } from "./persons.js";
import { selectionOf, startRound } from "./starting.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { Cause, Due, Mended, Named, Person, Sums } from "../../types/request" */

const SHOWN = 100; // rows of a group at first
const GRANTED_AT_ONCE = 1000;

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function readinessView(context, node, { query, stopped }) {
  const { t } = context;
  const model = context.model();
  /** @type {Map<string, Due>} */
  const contracts = new Map();
  /** @type {Map<string, Named>} */
  const people = new Map();
  /** @type {Map<string, Mended>} */
  const mended = new Map();
  /** @type {Map<string, string[]>} rows of a group in the order in which they first stood */
  const order = new Map();
  const key = sameKey();
  let group = query.get("group") ?? "";
  let until = "";
  let shown = SHOWN;
  let begun = false;

  const heading = h("h1", { class: "unseen" }, t("readiness_title"));
  const sums = h("section", { class: "request-sums", "aria-label": t("due_sums") }, h("p", { class: "muted" }, t("loading")));
  const failure = h("div");
  const groups = h("nav", { class: "request-groups", "aria-label": t("due_groups") });
  const main = h("section", { class: "request-main", "aria-label": t("due_list") });
  const foot = h("p", {});
  const status = statusOf(context, { stopped, again: () => model.retry(), reorder: () => {} });
  const rows = personRows(context, { node, people, mended, failure, done, renew, undo });

  /** @param {() => Promise<unknown>} act */
  async function attempt(act) {
    fill(failure);
    try {
      await act();
    } catch (error) {
      if (aborted(error) || stopped.aborted) return;
      showFailure(context, failure, error);
      failure.append(h("button", { type: "button", class: "button quiet", on: { click: () => attempt(act) } }, t("review_again")));
    }
  }

  async function load() {
    until = await dueBy(context, stopped);
    const found = await openUntil(context, until);
    contracts.clear();
    const came = (/** @type {number} */ done) => {
      if (done < found.length) fill(sums, h("p", { class: "muted", role: "status" }, t("due_looking", { done, count: found.length })));
    };
    came(0);
    await lookAt(context, found, { contracts, people, stopped, came });
    if (!stopped.aborted) draw();
  }

  /** What stands in the way of some contracts now. @param {Due[]} meant */
  const again = (meant) => lookAt(context, meant.map(({ row }) => row), { contracts, people, stopped });

  /**
   * @param {Person} person
   * @param {string} words
   * @param {(() => Promise<void>) | null} back
   */
  async function done(person, words, back) {
    await attempt(async () => {
      await again(person.contracts);
      const standings = person.contracts.map(({ row }) => contracts.get(row.id)?.found?.standing);
      const ready = standings.filter((one) => one === "ready" || one === "without_rights").length;
      mended.set(person.key, { person, words, ready, back });
      draw();
      say(`${words}, ${t("mend_ready", { count: ready })}`);
      nextField(person.key);
    });
  }

  /** The field behind a row, else the row's way back. @param {string} of */
  function nextField(of) {
    const all = /** @type {HTMLElement[]} */ ([...main.querySelectorAll("tbody tr")]);
    const at = all.findIndex((one) => one.dataset.key === of);
    const next = all.slice(at + 1).map((one) => one.querySelector("input")).find(Boolean);
    const target = /** @type {HTMLElement | null | undefined} */ (next ?? all[at]?.querySelector("button"));
    target?.focus();
  }

  /** @param {Person} person */
  async function renew(person) {
    await attempt(async () => {
      await again(person.contracts);
      draw();
    });
  }

  /** @param {string} of */
  async function undo(of) {
    const one = mended.get(of);
    if (!one?.back) return;
    const { back } = one;
    await attempt(async () => {
      await back();
      mended.delete(of);
      await again(one.person.contracts);
      draw();
      /** @type {HTMLElement | null} */ (main.querySelector(`tr[data-key="${CSS.escape(of)}"] :is(input, button)`))?.focus();
    });
  }

  /** Gives the rights that are all that is missing. @param {Due[]} meant */
  const grant = (meant) => attempt(async () => {
    for (let from = 0; from < meant.length; from += GRANTED_AT_ONCE) {
      const ids = meant.slice(from, from + GRANTED_AT_ONCE).map(({ row }) => row.id);
      await context.call("POST", "/api/staff/readiness", { body: { selection: { ids }, dry_run: false } });
    }
    await again(meant);
    draw();
    say(t("due_granted", { count: meant.length }));
    /** @type {HTMLElement | null} */ (sums.querySelector(".button"))?.focus();
  });

  /** @param {Sums} now */
  function drawSums(now) {
    const asked = [...now.ready, ...now.without_rights, ...now.not_ready];
    const causes = personsOf(now.not_ready).size;
    /**
     * @param {string} name
     * @param {Due[]} meant
     * @param {Parameters<typeof fill>[1]} more
     */
    const part = (name, meant, more) => h("div", { class: `request-part part-${name}` },
      h("strong", { class: "number" }, t.number(meant.length)),
      h("div", {}, h("p", {}, t(`sum_${name}`, { count: meant.length, day: t.date(until) })), h("p", { class: "muted" }, more)));
    const sign = (/** @type {string} */ text) => h("span", { class: "request-sign" }, text);
    fill(sums,
      part("due", now.due, t("sum_due_machines", { count: machinesOf(now.due) })),
      sign("="),
      part("ready", now.ready, t("sum_machines", { count: machinesOf(now.ready) })),
      sign("+"),
      part("without_rights", now.without_rights, now.without_rights.length > 0 && context.may("remind")
        ? h("button", { type: "button", class: "link", on: { click: () => grant(now.without_rights) } }, t("ready_run"))
        : t("sum_machines", { count: machinesOf(now.without_rights) })),
      sign("+"),
      part("not_ready", now.not_ready, t("sum_causes", { count: causes })),
      sign("+"),
      part("other_way", now.other_way,
        channelsOf(now.other_way).map(([channel, found]) => `${t(`channel_${channel}`)} ${t.number(found.length)}`).join(", ") || "–"),
      h("div", { class: "request-go" },
        rightNeeded(context, "remind"),
        context.may("remind") && now.ready.length > 0 && actionButton(context, {
          text: t("sum_preview", { count: now.ready.length }),
          group: "remind",
          action: () => attempt(() => startRound(context, selectionOf(asked.map(({ row }) => row.id), {
            reading_channel: "PORTAL", asked: false, due_before: until, running_on: today(),
          }), "request", key)),
        })));
  }

  /** @param {Sums} now */
  function groupsOf(now) {
    const causes = personsOf(now.not_ready);
    for (const { person } of mended.values()) if (!causes.has(person.cause)) causes.set(person.cause, []);
    /** @type {[string, [string, string, Due[]][]][]} */
    const found = [
      ["due_by_cause", [...causes].map(([cause, persons]) => [cause, t(`due_cause_${cause}`), persons.flatMap((one) => one.contracts)])],
      ["due_ready", [
        ["without_rights", t("group_without_rights"), now.without_rights],
        ["ready", t("group_ready"), now.ready],
      ]],
      ["due_other", channelsOf(now.other_way).map(([channel, meant]) => [`channel_${channel}`, t(`channel_${channel}`), meant])],
    ];
    return { causes, found };
  }

  function draw() {
    const now = sumsOf(contracts.values());
    drawSums(now);
    const { causes, found } = groupsOf(now);
    const all = found.flatMap(([, list]) => list);
    if (!all.some(([name, , meant]) => name === group && (meant.length || causes.has(/** @type {Cause} */ (name))))) {
      group = all.find(([, , meant]) => meant.length)?.[0] ?? "";
    }
    fill(groups, found.map(([title, list]) => list.length > 0 && [
      h("h2", {}, t(title)),
      h("ul", {}, list.map(([name, words, meant]) => h("li", {}, h("button", {
        type: "button",
        "aria-current": name === group ? "true" : null,
        on: { click: () => turnTo(name) },
      }, h("span", {}, words), h("span", { class: "number" }, t.number(meant.length)))))),
    ]));
    const [name, words, meant] = all.find(([one]) => one === group) ?? ["", "", []];
    const cause = /** @type {Cause} */ (name);
    const persons = causes.get(cause);
    if (!contracts.size) {
      fill(main, h("div", { class: "request-empty" }, h("p", { class: "box good" }, t("due_none", { day: t.date(until) }))));
    } else if (persons) drawPersons(cause, words, persons);
    else drawContracts(name, words, meant);
    const ready = [...mended.values()].reduce((sum, one) => sum + one.ready, 0);
    fill(foot, mended.size > 0 && t("mended_so_far", { count: mended.size, ready }));
  }

  /** @param {string} name */
  function turnTo(name) {
    group = name;
    shown = SHOWN;
    keepAddress(stopped, `#/readiness?${new URLSearchParams({ group })}`);
    draw();
    /** @type {HTMLElement | null} */ (main.querySelector("tbody :is(input, a, button)"))?.focus();
  }

  /**
   * @param {Cause} cause
   * @param {string} words
   * @param {Person[]} persons
   */
  function drawPersons(cause, words, persons) {
    const byKey = new Map(persons.map((one) => [one.key, one]));
    const keys = [...new Set([...order.get(cause) ?? [], ...byKey.keys()])].filter((one) => byKey.has(one) || mended.has(one));
    order.set(cause, keys);
    const count = persons.reduce((sum, one) => sum + one.contracts.length, 0);
    fill(main,
      h("div", { class: "request-head" }, h("h2", {}, words),
        h("p", { class: "muted" }, t("due_cause_count", { contracts: count, count: persons.length }), " ",
          t(BY_ADDRESS.includes(cause) ? "due_cause_by_address" : "due_cause_by_reporter"))),
      h("table", { class: "request-persons" }, h("caption", { class: "unseen" }, words), rows.head,
        h("tbody", {}, keys.slice(0, shown).map((one) => rows.row(one, byKey.get(one))))),
      more(keys.length));
  }

  /**
   * @param {string} name
   * @param {string} words
   * @param {Due[]} meant
   */
  function drawContracts(name, words, meant) {
    fill(main,
      h("div", { class: "request-head" }, h("h2", {}, words),
        h("p", { class: "muted" }, t(name.startsWith("channel_") ? "group_other_what" : `group_${name}_what`, { count: meant.length }))),
      h("table", { class: "request-contracts" }, h("caption", { class: "unseen" }, words),
        h("thead", {}, h("tr", {}, [
          [t("contract"), ""], [t("company"), ""], [t("due_on"), ""], [t("machines"), "number"], [t("reporters"), ""],
        ].map(([label, kind]) => h("th", { scope: "col", class: kind || null }, label)))),
        h("tbody", {}, meant.slice(0, shown).map(({ row }) => h("tr", {},
          h("th", { scope: "row" }, h("a", { href: addressOf("contracts", row.company_id, row.id) }, row.id)),
          h("td", { class: "cut" },
            h("a", { href: addressOf("companies", row.company_id, row.company_id), title: row.company }, row.company)),
          h("td", { class: "day" }, t.date(row.due_on)),
          h("td", { class: "number" }, t.number(row.total - row.reported)),
          h("td", { class: "cut", title: row.reporters.join(", ") }, row.reporters.join(", ") || "–"))))),
      more(meant.length));
  }

  /** @param {number} count */
  const more = (count) => count > shown && h("p", { class: "request-more" }, h("button", {
    type: "button",
    class: "link",
    on: {
      click: () => {
        shown = count;
        draw();
      },
    },
  }, t("group_more", { count: count - shown })));

  fill(node,
    h("div", { class: "request" },
      heading, sums, failure,
      h("div", { class: "request-columns" }, groups, main),
      h("div", { class: "request-foot" }, foot, h("p", { class: "muted" }, t("mend_keys")), status.freshness)));
  model.watch((standing) => {
    status.stand(standing);
    if (begun || !standing.parts.includes("people")) return;
    begun = true;
    attempt(load);
  }, stopped);
  return heading;
}
