// What is under way, with how far it has come; and the newest run of each kind.
import { h } from "/shared/page.js";
import { runBadge, staffName } from "../parts.js";
import { restWords } from "../rest.js";
/** @import { Context } from "../../types/console" */
/** @import { Voice } from "../../types/page" */
/** @import { LastRun, Looks, Running } from "../../types/today" */

const NEWEST = 5; // of each kind: what is still under way is among them

/**
 * `waiting`: machines that are released and not exported, null while not known; with those an export has taken they are
 * all that it will take.
 * @param {Context} context
 * @param {{ stopped: AbortSignal, waiting: number | null }} place
 * @returns {Promise<{ running: Running[], last: LastRun[] }>}
 */
export async function runsOf(context, { stopped, waiting }) {
  const { t } = context;
  const options = { signal: stopped };
  const [{ rounds }, { releases }, { imports }, { exports }] = await Promise.all([
    context.call("GET", `/api/staff/rounds?limit=${NEWEST}`, options),
    context.call("GET", `/api/staff/releases?limit=${NEWEST}`, options),
    context.call("GET", `/api/staff/imports?limit=${NEWEST}`, options),
    context.call("GET", `/api/staff/exports?limit=${NEWEST}`, options),
  ]);
  /** @param {{ state: string }} run */
  const goes = (run) => run.state === "running";
  /** First its machines are gathered, then they are written. @param {{ gathered: number, written: number } | null} progress */
  const exported = (progress) => {
    const { gathered, written } = progress ?? { gathered: 0, written: 0 };
    if (written) return { done: written, of: gathered };
    return { done: gathered, of: waiting === null ? 0 : gathered + waiting };
  };
  /** @param {string} text @param {number} count */
  const left = (text, count) => (count ? t(text, { count }) : "");
  return {
    running: [
      ...rounds.filter(goes).map((run) => ({ kind: "rounds", run, done: run.planned - run.waiting, of: run.planned })),
      ...releases.filter(goes).map((run) => ({ kind: "releases", run, done: run.done, of: run.machines })),
      ...imports.filter(goes).map((run) => ({ kind: "imports", run, done: run.progress?.done ?? 0, of: run.progress?.of ?? 0 })),
      ...exports.filter(goes).map((run) => ({ kind: "exports", run, ...exported(run.progress) })),
    ],
    last: [
      ...imports.slice(0, 1).map((run) => ({
        kind: "imports", run, facts: { accepted: run.accepted, rows: run.rows }, left: left("today_findings", run.finding_count),
      })),
      ...exports.slice(0, 1).map((run) => ({
        kind: "exports", run, facts: { count: run.count }, left: left("today_open", run.acknowledged.open),
      })),
      ...rounds.slice(0, 1).map((run) => ({
        kind: "rounds", run, facts: { sent: run.sent, planned: run.planned }, left: left("today_failed", run.failed),
      })),
      ...releases.slice(0, 1).map((run) => ({
        kind: "releases", run, facts: { count: run.released }, left: left("today_refused", run.refused),
      })),
    ],
  };
}

/**
 * Rounds are requests, reminders, and announcements of estimates.
 * @param {Voice} t
 * @param {{ kind: string, run: { kind?: string } }} one
 */
const nameOf = (t, { kind, run }) => t(kind === "rounds" ? `round_title_${run.kind}` : `today_run_${kind}`);

/** @param {string} kind @param {string} id */
const addressOfRun = (kind, id) => `#/${kind}/${encodeURIComponent(id)}`;

/**
 * @param {Context} context
 * @param {Running[]} running
 * @param {Looks} looks from them comes the rest time
 */
export function runningList(context, running, looks) {
  const { t } = context;
  return [
    h("h2", {}, t("today_running"),
      running.length > 0 && h("span", { class: "muted" }, ` ${t("today_running_count", { count: running.length })}`)),
    running.length
      ? h("ul", { class: "today-running" }, running.map((one) => h("li", {}, progressOf(context, one, looks))))
      : h("p", { class: "muted" }, t("today_running_none")),
  ];
}

/**
 * How long it still takes comes from how it went since this page saw it first: the desk's clock is compared with itself alone.
 * @param {Context} context
 * @param {Running} one
 * @param {Looks} looks
 */
function progressOf({ t }, one, looks) {
  const { kind, run, done, of } = one;
  const name = [nameOf(t, one), run.dry_run && `, ${t("dry_run")}`];
  const share = of ? Math.round((100 * done) / of) : 0;
  const first = looks.get(run.id) ?? { at: Date.now(), done };
  if (of) looks.set(run.id, first);
  const rest = restWords(t, { spent: Date.now() - first.at, done: done - first.done, left: of - done });
  const track = h("span", { class: "track", role: "img", "aria-label": t("today_percent", { percent: share }) }, h("span"));
  /** @type {HTMLElement} */ (track.firstElementChild).style.width = `${share}%`;
  return [
    h("p", {},
      h("a", { id: `running-${run.id}`, href: addressOfRun(kind, run.id) }, name),
      h("span", { class: "number" }, of ? t("today_done_of", { done, of, share }) : t("run_running"))),
    of > 0 && track,
    h("p", { class: "muted" },
      h("span", {}, t("today_started", { by: staffName(t, run.by), time: t.time(run.created_at) })),
      rest && h("span", {}, rest)),
  ];
}

/**
 * @param {Context} context
 * @param {LastRun[]} last
 */
export function lastList(context, last) {
  const { t } = context;
  return [
    h("h2", {}, t("today_last")),
    last.length
      ? h("ul", { class: "today-runs" }, last.map(({ kind, run, facts, left }) => h("li", {},
        h("a", { id: `last-${kind}`, href: addressOfRun(kind, run.id) }, nameOf(t, { kind, run })),
        h("span", { class: "muted number" }, t.time(run.created_at)),
        h("span", {}, t(`today_run_facts_${kind}`, facts)),
        h("span", {}, run.state === "done" && !run.dry_run && left
          ? h("a", { id: `last-${kind}-left`, class: "left", href: addressOfRun(kind, run.id) }, left)
          : runBadge(context, run)))))
      : h("p", { class: "muted" }, t("today_runs_none")),
  ];
}
