// The place "Prüfen & Freigeben": left why, in the middle what, at the right the proof; below it the release.
import { fill, focusOn, h, refusal, say } from "/shared/page.js";
import { linesOfMachine, showNewer } from "../machine/newer.js";
import { rightNeeded, showFailure } from "../parts.js";
import { keepAddress } from "../places.js";
import { who } from "../staff_session.js";
import { byWeight, decide, decisionButtons, said, undo } from "./decisions.js";
import { showDetail } from "./detail.js";
import { GROUPS, gravest, grouped, groupNamed, groupOf, lastOf, rests } from "./groups.js";
import { questionNote } from "./question.js";
import { releaseBar } from "./release_bar.js";
import { sideList } from "./sides.js";
import { valueList } from "./values.js";
/** @import { Context, Place, ReadingRow } from "../../types/console" */
/** @import { Decided, Decision, Details, GroupName } from "../../types/review" */

const PAGE = 200;
/** Refused for good, with the value as it is: nothing has changed meanwhile. */
const ANSWERED = [
  "same_person", "already_accepted", "nobody_to_ask", "question_sent", "no_basis", "no_period", "same_value", "needs_confirmation",
];
const CONFLICTS = [404, 409, 412];

/** Whether somebody else was faster. @param {unknown} error */
function conflicts(error) {
  const { status, code } = refusal(error);
  return CONFLICTS.includes(status) && !ANSWERED.includes(code);
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function reviewView(context, node, { query, stopped }) {
  const { t } = context;
  /** @type {ReadingRow[]} */
  let rows = [];
  /** @type {GroupName | ""} */
  let group = groupNamed(query.get("group")) ?? "";
  let wanted = query.get("at") ?? "";
  let busy = false;

  const heading = h("h1", { class: "unseen" }, t("review_title"));
  const failure = h("div");
  const title = h("h2", {});
  const empty = h("div", { class: "review-empty", hidden: true });
  const detail = h("aside", { class: "review-detail", "aria-label": t("review_value") });
  const open = () => rows.filter((row) => !rests(row));
  const bar = releaseBar(context, { unusual: () => open().length, stopped });
  const question = questionNote(context, stopped);
  const sides = sideList(t, turnTo, () => draw());
  const list = valueList(t, {
    marked: (row, index) => {
      wanted = row?.id ?? "";
      remember();
      buttons.draw(takeBack);
      detail.hidden = !row;
      if (row) showDetail(context, detail, row, { where: t("review_of", { row: index + 1, total: list.rows.length }), stopped });
    },
    open: (row) => context.go(`#/machines/${encodeURIComponent(row.machine_id)}`),
  });
  const buttons = decisionButtons({
    context, node, shown: () => list.rows, row: () => list.row, carryOut, carryOutAll, focus: () => goOn(),
  });

  function remember() {
    const now = new URLSearchParams({ ...(group ? { group } : {}), ...(wanted ? { at: wanted } : {}) });
    keepAddress(stopped, `#/review${String(now) && `?${now}`}`);
  }

  /** All pages of a bucket. @param {"implausible" | "decided"} bucket */
  async function bucketed(bucket) {
    /** @type {ReadingRow[]} */
    const found = [];
    /** @type {string | null} */
    let cursor = null;
    do {
      /** @type {URLSearchParams} */
      const asked = new URLSearchParams({ bucket, limit: String(PAGE), ...(cursor ? { cursor } : {}) });
      const answer = await context.call("GET", `/api/staff/readings?${asked}`, { signal: stopped });
      for (const machine of answer.machines) {
        for (const reading of machine.readings) found.push({ ...reading, machine, machine_id: machine.id, version: machine.version });
      }
      cursor = answer.next_cursor;
    } while (cursor);
    return found;
  }

  /** What needs a person, then what was decided and is not released yet. */
  async function load() {
    fill(failure);
    try {
      const all = [await bucketed("implausible"), await bucketed("decided")].flat();
      rows = [...new Map(all.map((row) => [row.id, row])).values()].sort(byWeight);
      const named = rows.find((row) => row.id === wanted);
      if (!group && named) group = groupOf(named);
      draw();
    } catch (error) {
      showFailure(context, failure, error);
      if (!stopped.aborted) failure.append(h("button", { type: "button", class: "button quiet", on: { click: load } }, t("review_again")));
    }
  }

  /** @param {number} [at] the row to mark; else the one that the address names */
  function draw(at) {
    const found = grouped(rows.filter(sides.wants));
    if (!group || (GROUPS.some((name) => name === group) && !found.get(group)?.length && at === undefined)) {
      group = GROUPS.find((name) => found.get(name)?.length) ?? "digits";
    }
    const shown = found.get(group) ?? [];
    sides.draw(found, group);
    fill(title, t(`review_${group}`), " ", h("span", { class: "muted" }, t("review_count", { count: shown.length })));
    list.element.hidden = !shown.length;
    drawEmpty(shown, found);
    list.show(shown, at ?? Math.max(0, shown.findIndex((row) => row.id === wanted)));
  }

  /** @param {GroupName} name */
  function turnTo(name) {
    group = name;
    wanted = "";
    draw(0);
    focusList();
  }

  /** The list has the focus; where it is empty, the way on from it. */
  function focusList() {
    if (list.element.hidden) focusOn(/** @type {HTMLElement} */ (empty.querySelector("button") ?? empty));
    else list.element.focus();
  }

  /** After a decision: at what was refused where it offers a way on, else in the list. */
  function goOn() {
    const told = /** @type {HTMLElement | null} */ (failure.querySelector(".box:has(button)"));
    if (told) focusOn(told);
    else focusList();
  }

  /**
   * @param {ReadingRow[]} shown
   * @param {Map<GroupName, ReadingRow[]>} found
   */
  function drawEmpty(shown, found) {
    const next = GROUPS.find((name) => found.get(name)?.length);
    empty.hidden = shown.length > 0;
    fill(empty, h("p", { class: "box good" }, t(open().length ? "review_group_none" : "review_none")),
      next && h("button", { type: "button", class: "button quiet", on: { click: () => turnTo(next) } },
        t("review_next_group", { group: t(`review_${next}`) })));
  }

  /** The row as it is after decisions about the machine's other values. @param {ReadingRow} row */
  const latest = (row) => rows.find((one) => one.id === row.id) ?? row;

  /**
   * @param {ReadingRow} row
   * @param {Decided} answer
   */
  function settled(row, { value, decision, version }) {
    rows = rows.map((one) => {
      if (one.id === row.id) return { ...one, value, decision, version };
      return one.machine_id === row.machine_id ? { ...one, version } : one;
    });
    bar.changed();
    context.model().ask("refresh", {}).catch(() => {}); // It looks by itself in ten seconds.
  }

  /** The marked value as it is now, in its group. @param {ReadingRow} row */
  async function turnToNewer(row) {
    wanted = row.id;
    await load();
    group = groupOf(latest(row));
    wanted = row.id;
    draw();
    focusList();
  }

  /**
   * What the machine shows now, beside what was seen here.
   * @param {ReadingRow} row
   * @param {string} told
   */
  async function changed(row, told) {
    const path = /** @type {const} */ (`/api/staff/machines/${encodeURIComponent(row.machine_id)}`);
    const machine = await context.call("GET", path, { signal: stopped }).catch(() => null);
    if (stopped.aborted) return;
    const seen = Object.fromEntries(rows.filter((one) => one.machine_id === row.machine_id).map((one) => [one.meter_id, one.value]));
    const since = row.decision?.at ?? row.reported_at;
    showNewer(t, failure, {
      lines: machine ? linesOfMachine(t, machine, { seen, about: [row.meter_id], since }) : [],
      mine: "newer_seen",
      told,
      reload: () => turnToNewer(row),
    });
  }

  /**
   * @param {unknown} error
   * @param {ReadingRow} row
   */
  async function refused(error, row) {
    const { code, facts } = refusal(error);
    showFailure(context, failure, error);
    if (code === "findings_differ" && facts.findings) {
      // What the check finds today is shown; who accepts again accepts that.
      rows = rows.map((one) => (one.id === row.id ? { ...one, findings: facts.findings ?? [] } : one));
      draw(list.at);
    } else if (conflicts(error)) {
      await changed(row, context.words(error));
    }
  }

  /**
   * One request at a time; what it refuses is shown above the list.
   * @param {ReadingRow} row
   * @param {() => Promise<void>} act
   */
  async function attempt(row, act) {
    if (busy) return;
    busy = true;
    fill(failure);
    try {
      await act();
    } catch (error) {
      await refused(error, row);
    } finally {
      busy = false;
      goOn();
    }
  }

  /**
   * @param {Decision} decision
   * @param {Details} details
   */
  async function carryOut(decision, details) {
    const { row, at } = list;
    if (!row) return;
    await attempt(row, async () => {
      const answer = await decide(context, row, decision, details);
      settled(row, answer);
      question.clear();
      if (decision === "taken" && Object.keys(gravest(row)?.suggestion?.values ?? {}).length > 1) await load();
      if (answer.asked) question.wait(answer.asked.name);
      say(said(t, row, t(`review_${answer.decision?.waits_for_second ? "second" : decision}`)));
      draw(groupOf(latest(row)) === group ? at + 1 : at);
    });
  }

  /**
   * @param {Decision} decision
   * @param {ReadingRow[]} meant
   * @param {Details} details
   */
  async function carryOutAll(decision, meant, details) {
    /** @type {unknown[]} */
    const failed = [];
    /** @type {Set<string>} values that the machine's other meter brought along */
    const beside = new Set();
    for (const [n, row] of meant.entries()) {
      if (beside.has(`${row.machine_id}~${row.meter_id}`)) continue;
      say(t("review_progress", { done: n, count: meant.length }));
      try {
        settled(row, await decide(context, latest(row), decision, details));
        const along = decision === "taken" ? Object.keys(gravest(row)?.suggestion?.values ?? {}) : [];
        for (const meter of along) if (meter !== row.meter_id) beside.add(`${row.machine_id}~${meter}`);
      } catch (error) {
        if (!refusal(error).status) throw error;
        failed.push(error);
      }
    }
    if (beside.size) await load();
    draw(0);
    fill(failure, failed.length > 0 && h("p", { class: "box warn", role: "alert" },
      t("review_some_failed", { count: failed.length, reason: context.words(failed[0]) }), " ",
      failed.some(conflicts) && h("button", { type: "button", class: "link", on: { click: () => load().then(focusList) } },
        t("entry_reload"))));
  }

  /** Takes back what was decided about the marked value; where nothing was, one's own last decision. */
  function takeBack() {
    const row = list.row?.decision ? list.row : lastOf(rows, who().id);
    if (!context.may("release")) return;
    if (!row) {
      fill(failure, h("p", { class: "box", role: "alert" }, t("review_undo_nothing")));
      return;
    }
    attempt(row, async () => {
      settled(row, await undo(context, row));
      question.clear();
      say(said(t, row, t("review_undone")));
      await turnToNewer(row);
    });
  }

  /** @param {KeyboardEvent} event */
  function keyed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const key = event.key.toLowerCase();
    const decision = buttons.forKey(event);
    if (decision) decision();
    else if (key === "u") takeBack();
    else if (key === "b") /** @type {HTMLElement | null} */ (detail.querySelector("button.photo"))?.click();
    else if (key === "g") bar.focus();
    else return;
    event.preventDefault();
  }

  // Who has just come stands on the heading: the first letter decides without a way into the list before.
  for (const one of [list.element, empty, heading]) one.addEventListener("keydown", keyed);
  fill(node,
    h("div", { class: "review" },
      heading,
      failure,
      h("div", { class: "review-columns" },
        sides.element,
        h("section", { class: "review-middle", "aria-label": t("review_list") },
          h("div", { class: "review-head" },
            title,
            h("p", { class: "review-legend", "aria-hidden": "true" },
              h("span", { class: "expected" }, t("review_legend_expected")),
              h("span", { class: "reported" }, t("review_legend_reported")),
              h("span", { class: "meant" }, t("review_legend_meant"))),
            buttons.wholeGroup),
          h("div", { class: "review-scroll" }, list.element, empty),
          rightNeeded(context, "release"),
          question.element,
          buttons.element),
        detail),
      bar.element));
  load();
  return heading;
}
