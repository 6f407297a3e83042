// What waits for somebody: only what is not zero, what blocks billing first; of what it consists, since when, and the way to it.
import { h } from "/shared/page.js";
import { dayAt, daysBetween, today } from "../day.js";
import { countOpen, dueBy } from "../request/due.js";
import { groupOf } from "../review/groups.js";
import { addressOfList } from "../stock/address.js";
import { dueNow } from "./period.js";
/** @import { Context } from "../../types/console" */
/** @import { Child, Voice } from "../../types/page" */
/** @import { MonthStand } from "../../types/model" */
/** @import { Task } from "../../types/today" */

const MOST = 50;
const NAMED = 2; // causes that are named; the rest is a number

/** States that a task is about, with their sign. @type {Partial<Record<Task["name"], string>>} */
const SIGNS = { conspicuous: "conspicuous", complete: "complete", unasked: "unasked", released: "released" };

/**
 * The list of exactly the machines that a task counts, where the way to the work does not list them itself.
 * @type {Partial<Record<Task["name"], () => string>>}
 */
const LISTS = {
  conspicuous: () => addressOfList({ kind: "machines", only: "undecided", ended: true }),
  complete: () => addressOfList(dueNow(["complete"])), // The month may turn while the page is open.
};

/**
 * "24 Ziffer fehlt, 19 weit über Erwartung, 44 weitere"
 * @param {Voice} t
 * @param {string[]} causes a name for each of what is counted
 * @param {number} [all] how many there are, where not all were looked at
 */
export function inCauses(t, causes, all = causes.length) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const cause of causes) counts.set(cause, (counts.get(cause) ?? 0) + 1);
  const named = [...counts].sort(([, one], [, other]) => other - one).slice(0, NAMED);
  const rest = all - named.reduce((sum, [, count]) => sum + count, 0);
  const words = named.map(([cause, count]) => `${t.number(count)} ${cause}`);
  return [...words, ...(rest > 0 ? [t("today_others", { count: rest })] : [])].join(", ");
}

/** @param {string[]} moments */
const first = (moments) => moments.filter(Boolean).sort().at(0) ?? "";

/**
 * All tasks, also those that are none at present (count 0).
 * @param {Context} context
 * @param {MonthStand} stand
 * @param {AbortSignal} stopped
 * @returns {Promise<Task[]>}
 */
export async function tasksOf(context, stand, stopped) {
  const { t } = context;
  const options = { signal: stopped };
  const { undecided } = stand;
  const { complete } = stand.states;
  const unasked = dueBy(context, stopped).then((until) => countOpen(context, until));
  const [{ rounds }, doubts, addresses, answers, problems, successors, calls, exports, corrections, open] = await Promise.all([
    context.call("GET", "/api/staff/rounds?limit=20", options),
    undecided.machines ? context.call("GET", `/api/staff/readings?bucket=implausible&limit=${MOST}`, options) : null,
    context.call("GET", `/api/staff/addresses?limit=${MOST}`, options),
    context.call("GET", `/api/staff/answers?state=open&limit=${MOST}`, options),
    context.call("GET", `/api/staff/problems?state=open&limit=${MOST}`, options),
    context.call("GET", `/api/staff/successors?state=open&limit=${MOST}`, options),
    context.call("GET", `/api/staff/phone-list?limit=${MOST}`, options),
    context.call("GET", `/api/staff/exports?limit=${MOST}`, options),
    context.call("GET", `/api/staff/corrections?limit=${MOST}`, options),
    unasked,
  ]);
  const unanswered = exports.exports.filter((one) => one.state === "done" && one.acknowledged.open);
  const disputed = exports.exports.filter((one) => one.acknowledged.refused > 0);
  const causes = (doubts?.machines ?? []).map(({ readings }) =>
    t(`review_${groupOf(readings.find(({ findings }) => findings.length) ?? readings[0])}`));
  const halted = rounds.flatMap((one) => (one.stopped ? [{ ...one, stopped: one.stopped }] : []));
  return [
    {
      name: "stopped", href: halted.length === 1 ? `#/deliveries/${encodeURIComponent(halted[0].id)}` : "#/rounds",
      count: halted.reduce((sum, one) => sum + one.waiting + one.left, 0),
      what: [...new Set(halted.map((one) => t(`today_stopped_${one.stopped.reason}`)))].join(", "),
      since: first(halted.map((one) => one.stopped.at)),
    },
    {
      name: "conspicuous", href: "#/review", count: undecided.machines, since: undecided.since,
      what: inCauses(t, causes, Math.max(causes.length, undecided.machines)),
    },
    {
      name: "complete", href: "#/review", count: complete.machines, since: complete.since,
      what: t("today_in_contracts", { count: complete.contracts }),
    },
    {
      name: "unasked", href: "#/readiness", count: open.machines, since: "",
      what: t("today_in_contracts", { count: open.contracts }),
    },
    {
      name: "addresses", href: "#/addresses", count: addresses.addresses.length, more: Boolean(addresses.next_cursor),
      what: inCauses(t, addresses.addresses.map((one) => t(`addresses_${one.state}`))),
      since: first(addresses.addresses.map((one) => one.since ?? "")),
    },
    {
      name: "answers", href: "#/answers", count: answers.answers.length, more: Boolean(answers.next_cursor),
      what: inCauses(t, answers.answers.map((one) => t(one.device ? "today_answers_device" : "today_answers_person"))),
      since: first(answers.answers.map((one) => one.arrived_at)),
    },
    {
      name: "problems", href: "#/problems", count: problems.problems.length, more: Boolean(problems.next_cursor),
      what: inCauses(t, problems.problems.map((one) => t(`problem_${one.kind}`))),
      since: first(problems.problems.map((one) => one.reported_at)),
    },
    {
      name: "successors", href: "#/successors", count: successors.successors.length, more: Boolean(successors.next_cursor),
      what: t("today_successors_what"), since: first(successors.successors.map((one) => one.asked_at)),
    },
    {
      name: "calls", href: "#/phone-list", count: calls.calls.length, more: Boolean(calls.next_cursor),
      what: t("today_calls_what", { count: calls.calls.reduce((sum, one) => sum + one.machines.length, 0) }),
      since: first(calls.calls.map((one) => one.mailed_on ?? "")),
    },
    {
      name: "estimates", href: "#/estimates", count: stand.overdue.machines, since: stand.overdue.since,
      what: stand.overdue.often ? t("today_often", { count: stand.overdue.often }) : t("today_estimates_what"),
    },
    {
      name: "announced", href: "#/estimates?announced=yes", count: stand.announced.machines, since: "",
      what: comingWords(t, stand.announced),
    },
    {
      name: "disputed", href: disputed.length === 1 ? `#/exports/${encodeURIComponent(disputed[0].id)}?state=refused` : "#/exports",
      count: disputed.reduce((sum, one) => sum + one.acknowledged.refused, 0),
      what: t("today_disputed_what", { count: disputed.length }), since: first(disputed.map((one) => one.created_at)),
    },
    {
      name: "released", href: "#/exports", count: stand.states.released.machines, since: stand.states.released.since,
      what: t("today_in_contracts", { count: stand.states.released.contracts }),
    },
    {
      name: "exports", href: unanswered.length === 1 ? `#/exports/${encodeURIComponent(unanswered[0].id)}` : "#/exports",
      count: unanswered.length,
      what: t("today_exports_what", {
        open: unanswered.reduce((sum, one) => sum + one.acknowledged.open, 0),
        count: unanswered.reduce((sum, one) => sum + one.count, 0),
      }),
      since: first(unanswered.map((one) => one.created_at)),
    },
    {
      name: "corrections", href: "#/corrections", count: corrections.corrections.length, more: Boolean(corrections.next_cursor),
      what: t("today_corrections_what"), since: first(corrections.corrections.map((one) => one.at ?? "")),
    },
  ];
}

/**
 * @param {Voice} t
 * @param {string} since
 */
function sinceWords(t, since) {
  if (!since) return "";
  const days = daysBetween(dayAt(since), today());
  return days > 0 ? t("today_since", { count: days }) : t("today_since_today");
}

/**
 * When the schedule estimates what it has announced: on one day, or from a first to a last one.
 * @param {Voice} t
 * @param {MonthStand["announced"]} announced
 */
function comingWords(t, { machines, first: next, last }) {
  if (!machines) return "";
  const [soonest, latest] = [next, last].map((day) => daysBetween(today(), day));
  if (soonest !== latest) return t("today_coming_within", { count: soonest, last: latest });
  return soonest ? t("today_coming", { count: soonest }) : t("today_coming_today");
}

/**
 * What is a number of machines opens exactly these in its number; the way to the work is the row.
 * @param {Voice} t
 * @param {Task} task
 * @returns {Child}
 */
function numberOf(t, { name, count, more }) {
  const number = more ? t("today_more", { count }) : t.number(count);
  const href = LISTS[name]?.();
  if (!href) return h("strong", { class: "number" }, number);
  const label = t("today_list", { number, state: t(`state_${SIGNS[name]}`) });
  return h("a", { class: "number", id: `task-${name}-list`, href, "aria-label": label }, number);
}

/**
 * @param {Context} context
 * @param {Task[]} tasks
 */
export function taskList(context, tasks) {
  const { t } = context;
  const open = tasks.filter(({ count }) => count > 0);
  /** @param {KeyboardEvent} event */
  function move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !(event.currentTarget instanceof HTMLElement)) return;
    event.preventDefault();
    const ways = [...event.currentTarget.querySelectorAll("a.way")];
    const at = ways.findIndex((one) => one.closest("li")?.contains(document.activeElement));
    /** @type {HTMLElement | undefined} */ (ways[Math.min(Math.max(at + step, 0), ways.length - 1)])?.focus();
  }
  return [
    h("h2", {}, t("today_todo"), open.length > 0 && h("span", { class: "muted" }, ` ${t("today_todo_count", { count: open.length })}`),
      open.length > 0 && h("span", { class: "muted keys" }, t("today_keys"))),
    open.length
      ? h("ul", { class: "today-tasks", on: { keydown: move } }, open.map((task) => h("li", {},
        numberOf(t, task),
        h("span", { class: `state ${SIGNS[task.name] ?? ""}`, "aria-hidden": "true" }, SIGNS[task.name] && h("span", { class: "sign" })),
        h("a", { class: "way", id: `task-${task.name}`, href: task.href },
          h("span", { class: "what" }, t(`today_${task.name}`)),
          h("span", { class: "muted of" }, task.what),
          h("span", { class: "muted since" }, sinceWords(t, task.since)),
          h("span", { class: "go" }, t(`today_${task.name}_go`))))))
      : h("p", { class: "box good" }, t("today_todo_none")),
  ];
}
