// The customer's page: the answer to "What about this company?", with what can be done about it.
import { fill, h, redrawn, refusal, sameKey } from "/shared/page.js";
import { startReadiness, startRound } from "../request/starting.js";
import { actionButton, showFailure, showLost } from "../parts.js";
import { daysBetween, endOfMonth, today } from "../day.js";
import { addressOfList } from "../stock/address.js";
import { shortDay, stateWords } from "../stock/cells.js";
import { ORDER, machineState, monthOf } from "./standing.js";
import { noteButton } from "./notes.js";
import { contractsPanel } from "./contracts.js";
import { actsByKey, contactsPanel } from "./contacts.js";
import { machinesPanel, progress } from "./tables.js";
import { timelinePanel } from "./timeline.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { Voice } from "../../types/page" */
/** @import { CompanyPage, Known } from "../../types/records" */

const AT_ONCE = "200";

/**
 * How far away the due date is.
 * @param {Voice} t
 * @param {string} due
 */
function distance(t, due) {
  const days = daysBetween(today(), due);
  if (days === 0) return t("month_today");
  return days > 0 ? t("month_in", { count: days }) : t("month_late", { count: -days });
}

/**
 * The state of this month in one sentence.
 * @param {Voice} t
 * @param {CompanyPage} page
 */
function monthSentence(t, { company, contracts, machines, timeline }) {
  const month = monthOf(contracts);
  if (!month) return h("p", { class: "muted" }, t("month_none"));
  const locale = t.language === "de" ? "de-DE" : "en-GB";
  const name = new Date(`${month.due_on}T00:00:00Z`).toLocaleDateString(locale, { month: "long", year: "numeric", timeZone: "UTC" });
  const byId = new Map(contracts.map((one) => [one.id, one]));
  const states = machines
    .filter((one) => month.contracts.includes(one.contract_id))
    .map((one) => machineState(one, byId.get(one.contract_id)));
  const shown = ORDER.filter((state) => state !== "complete" && state !== "idle" && states.includes(state));
  const last = timeline.entries.find((entry) => entry.at && ["reported", "corrected"].includes(entry.happening));
  const [, bar] = progress(t, month.reported, month.total);
  return h("p", { class: "month" },
    h("span", {}, h("strong", {}, name), ` ${t("month_due", { day: t.date(month.due_on) })}, ${distance(t, month.due_on)}`),
    bar,
    h("span", {}, h("strong", {}, t("month_reported", { ...month })), ` ${t("month_machines", { count: month.total })}`),
    shown.map((state) => {
      const sign = stateWords(t, state).firstElementChild;
      const href = addressOfList({ kind: "machines", company: company.id, states: [state], due: endOfMonth(month.due_on) });
      return h("a", { class: `state ${state}`, href }, sign, t(`count_${state}`, { count: states.filter((one) => one === state).length }));
    }),
    h("span", { class: "side" }, [
      month.asked_on && t("month_asked", { day: shortDay(t, month.asked_on) }),
      month.reminded_on && t("month_reminded", { day: shortDay(t, month.reminded_on) }),
      month.announced_on && t("month_announced", { day: shortDay(t, month.announced_on) }),
      last && t("month_last", { time: t.time(last.at) }),
    ].filter(Boolean).join(", ")));
}

/**
 * @param {Context} context
 * @param {string} id
 * @param {HTMLElement} failure
 */
function actions(context, id, failure) {
  const { t } = context;
  const key = sameKey();
  const selection = { filter: { company_id: id } };
  /** @param {() => Promise<void>} start */
  const trying = (start) => async () => {
    fill(failure);
    try {
      await start();
    } catch (error) {
      showFailure(context, failure, error);
    }
  };
  const group = /** @type {const} */ ("remind");
  return context.may(group) && [
    actionButton(context, { text: t("customer_request"), group, action: trying(() => startRound(context, selection, "request", key)) }),
    actionButton(context, {
      text: t("customer_remind"), group, kind: "quiet", action: trying(() => startRound(context, selection, "reminder", key)),
    }),
    actionButton(context, {
      text: t("ready_dry"), group, kind: "quiet", action: trying(() => startReadiness(context, selection, true)),
    }),
    actionButton(context, {
      text: t("ready_run"), group, kind: "quiet", action: trying(() => startReadiness(context, selection, false)),
    }),
  ];
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function customerView(context, node, { id, stopped }) {
  const { t } = context;
  const heading = h("h1", {}, t("customer", { id }));
  const about = h("p", { class: "muted" });
  const state = h("section", { class: "record-state", "aria-label": t("state") });
  const failure = h("div", { class: "record-fault" });
  const column = h("div", { class: "record-column" }, h("p", { class: "muted" }, t("loading")));
  const body = h("div", { class: "record-body" }, column);
  const path = /** @type {const} */ (`/api/staff/companies/${encodeURIComponent(id)}`);
  /** @type {Map<string, Known>} */
  const known = new Map();
  const timeline = timelinePanel(context, {
    node, companyId: id, known: (machine) => known.get(machine), older: `${path}/timeline`, stopped, changed: () => load(),
  });

  /** @param {string | null} cursor */
  async function part(cursor) {
    const query = new URLSearchParams({ limit: AT_ONCE, ...(cursor ? { cursor } : {}) });
    /** @type {CompanyPage} */
    const page = await context.call("GET", `${path}?${query}`, { signal: stopped });
    for (const { id: machine, serial, meters } of page.machines) {
      known.set(machine, { serial, meters: Object.fromEntries(meters.map((one) => [one.meter_id, one.label])) });
    }
    return page;
  }

  /** @param {CompanyPage} page */
  function draw(page) {
    const { company } = page;
    heading.textContent = company.name || t("customer", { id });
    document.title = `${heading.textContent} – Meterportal`;
    const address = [company.street, `${company.postcode} ${company.city}`.trim()].filter(Boolean).join(", ");
    about.textContent = [company.id, address].filter(Boolean).join(", ");
    fill(state, monthSentence(t, page));
    redrawn(column, () => fill(column,
      contactsPanel(context, node, page, () => load()),
      contractsPanel(context, node, page, () => load()),
      machinesPanel(context, page, !page.next_cursor)));
    timeline.draw();
    if (!body.contains(timeline.element)) body.append(timeline.element);
  }

  /** The order is right only when all machines are there: so the pages are read one after the other. */
  async function load() {
    fill(failure);
    try {
      let page = await part(null);
      timeline.show(page.timeline);
      draw(page);
      while (page.next_cursor) {
        const { machines, next_cursor: cursor } = await part(page.next_cursor);
        page = { ...page, machines: [...page.machines, ...machines], next_cursor: cursor };
        draw(page);
      }
    } catch (error) {
      if (!known.size) fill(column);
      failed(error);
    }
  }

  /** @param {unknown} error */
  function failed(error) {
    if (refusal(error).status === 404) {
      acts.remove();
      fill(failure, h("p", { class: "box", role: "alert" }, t("customer_unknown")));
      return;
    }
    showLost(context, failure, error, load);
  }

  const acts = h("div", { class: "buttons", role: "group", "aria-label": t("customer_actions") },
    actions(context, id, failure),
    noteButton(context, node, {
      about: { company_id: id }, name: () => heading.textContent ?? id, stopped, changed: () => load(),
    }),
    h("a", { class: "button quiet", href: `#/journal?company_id=${encodeURIComponent(id)}` }, t("customer_journal")));
  actsByKey(node, stopped);
  node.classList.add("record");
  fill(node,
    h("section", { class: "record-page", "aria-label": t("company") },
      h("div", { class: "record-name" },
        h("nav", { class: "crumbs", "aria-label": t("customer_path") },
          h("a", { href: addressOfList({ kind: "companies" }) }, t("companies")), " ›"),
        heading, about),
      acts),
    state, failure, body);
  load();
  return heading;
}
