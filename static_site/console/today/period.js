// The month as one bar in the order of work: each state a number that opens exactly its list.
import { fill, h } from "/shared/page.js";
import { monthName, percent, pointsOf, sameDay } from "../statistics/figures.js";
import { endOfMonth, today } from "../day.js";
import { addressOfList } from "../stock/address.js";
/** @import { Context } from "../../types/console" */
/** @import { MonthStand } from "../../types/model" */
/** @import { Statistics } from "../../types/statistics" */

/** Whose turn it is -> the states. */
const TURNS = {
  request: ["unasked"],
  customer: ["asked", "opened", "partly"],
  check: ["complete", "conspicuous"],
  exchange: ["released", "exported", "billed"],
};
const STATES = Object.values(TURNS).flat();
const REPORTED = [...TURNS.check, ...TURNS.exchange];

/** The month that goes on. */
export const thisMonth = () => today().slice(0, 7);

/**
 * The machines that are due until the end of the month, as a list's conditions.
 * @param {string[]} [states]
 * @param {string} [period] the month; this one unless given
 */
export const dueNow = (states = [], period = thisMonth()) => ({
  kind: /** @type {const} */ ("machines"),
  words: "",
  states,
  channels: [],
  due: endOfMonth(`${period}-01`),
  ended: false,
  company: "",
  contract: "",
  machine: "",
  only: /** @type {const} */ (""),
  sort: "due_on",
  down: false,
  today: today(),
});

/**
 * A month that is over: its machines are due for another one by now, so there is what was counted, and no list.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Statistics} statistics
 */
export function drawPast({ t }, node, { period, this: counted }) {
  const month = monthName(t, period);
  const way = h("a", { href: `#/statistics?period=${period}` }, t("statistics_title"));
  if (!counted) {
    fill(node, h("p", { class: "box" }, t("statistics_none", { month }), " ", way));
    return;
  }
  fill(node, h("p", { class: "today-total" },
    h("strong", { class: "number" }, t.number(counted.due)),
    h("span", {}, h("strong", {}, t("today_were_due", { count: counted.due, month }))),
    h("span", { class: "side" },
      h("span", {}, t("today_past_reported", { reported: counted.done, percent: percent(t, counted.done, counted.due) })), " ", way)));
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {string} period this month, or a later one
 * @param {MonthStand} stand
 * @param {Statistics | null} statistics for the month before; null: not known yet
 */
export function drawPeriod(context, node, period, stand, statistics) {
  const { t } = context;
  const counts = Object.fromEntries(Object.entries(stand.states).map(([state, { machines }]) => [state, machines]));
  const compared = statistics && sameDay(statistics.this, statistics.before);
  const total = STATES.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  const month = monthName(t, period);
  if (!total) {
    fill(node, h("p", { class: "box" }, t("today_nothing", { month })));
    return;
  }
  /** @param {number} count */
  const share = (count) => ((100 * count) / total).toLocaleString(t.language === "de" ? "de-DE" : "en-GB", { maximumFractionDigits: 1 });
  const reported = REPORTED.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  const segments = STATES.filter((state) => counts[state]).map((state) => {
    const segment = h("span", { class: state });
    segment.style.flexGrow = String(counts[state]);
    return segment;
  });
  fill(node,
    h("p", { class: "today-total" },
      h("strong", { class: "number" }, t.number(total)),
      h("span", {}, h("strong", {}, t("today_due", { count: total, month })), " ",
        h("span", { class: "muted" }, t("today_in_contracts", { count: stand.contracts }))),
      h("span", { class: "side" },
        h("a", { id: "month-reported", href: addressOfList(dueNow(REPORTED, period)) },
          t("today_reported", { reported, percent: share(reported) })),
        compared && statistics?.before && h("span", {},
          h("strong", { class: compared.points < 0 ? "down" : "up" }, pointsOf(t, compared.points)), " ",
          h("span", { class: "muted" }, t("statistics_same_day", { month: monthName(t, statistics.before.period, false) }))))),
    h("div", { class: "today-bar", "aria-hidden": "true" }, segments),
    h("div", { class: "today-turns" }, Object.entries(TURNS).map(([turn, states]) => turnOf(turn, states))));

  /**
   * @param {string} turn
   * @param {string[]} states
   */
  function turnOf(turn, states) {
    const group = h("section", {},
      h("h2", {},
        t(`today_turn_${turn}`),
        h("span", { class: "number" }, t.number(states.reduce((sum, state) => sum + (counts[state] ?? 0), 0)))),
      h("ul", {}, states.map((state) => h("li", { class: state },
        h("a", { id: `month-${state}`, href: addressOfList(dueNow([state], period)) },
          h("span", { class: `state ${state}` }, h("span", { class: "sign", "aria-hidden": "true" }), t(`state_${state}`)),
          h("strong", { class: "number" }, t.number(counts[state] ?? 0)),
          h("span", { class: "muted" }, t("today_percent", { percent: share(counts[state] ?? 0) })))))));
    group.style.flexGrow = String(states.length);
    return group;
  }
}
