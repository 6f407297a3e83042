// The machine's page: usage, history, what is known of it, and the form that enters a reading for a customer.
import { fill, focusOn, h, refusal, say } from "/shared/page.js";
import { machineState } from "../customer/standing.js";
import { panel, placeWords } from "../customer/tables.js";
import { noteButton } from "../customer/notes.js";
import { timelinePanel } from "../customer/timeline.js";
import { pageKeys } from "../page_keys.js";
import { showLost } from "../parts.js";
import { photosOf } from "../photos.js";
import { addressOf, addressOfList } from "../stock/address.js";
import { stateWords } from "../stock/cells.js";
import { actsPanel } from "./acts.js";
import { besideMachine } from "./beside.js";
import { usageChart } from "./chart.js";
import { entryForm, whyNot } from "./entry.js";
import { pastPanel } from "./past.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { Child, Voice } from "../../types/page" */
/** @import { CompanyPage, MachinePage } from "../../types/records" */

/**
 * The other machine of a replacement.
 * @param {Voice} t
 * @param {MachinePage} machine
 */
function exchanged(t, { company, replaced_by: after, replaces: before, provisional }) {
  /** @param {string} words @param {{ id: string, serial: string, on: string }} other */
  const line = (words, { id, serial, on }) => h("p", {}, `${t(words)} `,
    h("a", { href: addressOf("machines", company.id, id) }, serial || id), ` ${t("swap_on", { day: t.date(on) })}`);
  return [
    after && line("swap_replaced_by", after),
    before && line("swap_replaces", before),
    provisional && h("p", {}, h("span", { class: "mark" }, t("swap_waits"))),
  ];
}

/**
 * @param {Voice} t
 * @param {MachinePage} machine
 * @param {CompanyPage} customer
 */
function stateRow(t, machine, { contracts }) {
  const contract = contracts.find((one) => one.id === machine.contract.id);
  const periods = machine.meters.flatMap((one) => one.period ?? []);
  const state = machineState({ ...machine, problem: machine.problem?.kind ?? null, meters: periods }, contract);
  const daily = machine.meters.flatMap(({ label, expected }) => (
    expected?.days ? [t("machine_meter_value", { meter: label, value: Math.round(expected.pages / expected.days) })] : []));
  return [
    h("strong", {}, stateWords(t, state, Boolean(machine.problem))),
    h("p", {},
      `${t("contract")} `, h("a", { href: addressOf("contracts", machine.company.id, machine.contract.id) }, machine.contract.id),
      machine.due_on && `, ${t("machine_due", { day: t.date(machine.due_on) })}`, `, ${t(`channel_${machine.reading_channel}`)}`),
    machine.meters.map(({ label, period }) => period?.decision && h("p", {},
      h("a", { href: `#/review?group=${period.decision}` }, t("machine_decided", { meter: label, what: t(`review_${period.decision}`) })))),
    exchanged(t, machine),
    daily.length > 0 && h("p", { class: "muted" }, t("machine_daily", { values: daily.join(", ") })),
  ];
}

/**
 * @param {Voice} t
 * @param {MachinePage} machine
 */
function facts(t, machine) {
  const meters = machine.meters.map(({ label, display_label: display, digits }) => (
    display && display !== label ? t("machine_meter", { label, display, digits }) : t("machine_meter_plain", { label, digits })));
  /** @type {[string, Child][]} */
  const pairs = [
    [t("stock_maker"), machine.maker],
    [t("stock_model"), machine.model],
    [t("machine_number"), machine.id],
    [t("stock_place"), placeWords(machine.location)],
    [t("machine_meters"), meters.map((one) => h("span", { class: "line" }, one))],
    [t("machine_help"), machine.model && h("a", { href: `#/help/${encodeURIComponent(machine.model)}` }, machine.model)],
  ];
  const known = pairs.filter(([, value]) => value && (!Array.isArray(value) || value.length));
  return panel(t("machine_facts"), null, h("dl", { class: "facts-list panel-body" },
    known.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
}

/**
 * @param {Voice} t
 * @param {MachinePage} machine
 */
function problemPanel(t, { problem, meters }) {
  if (!problem) return null;
  const meter = meters.find((one) => one.id === problem.meter_id);
  const by = problem.reported_by.name || t("contact_no", { id: problem.reported_by.id });
  return panel(t("machine_problem"), h("a", { class: "end", href: "#/problems" }, t("machine_problem_decide")),
    h("div", { class: "panel-body" },
      h("p", {}, h("strong", {}, t(`problem_${problem.kind}`)), meter && `, ${meter.label}`),
      problem.text && h("p", { class: "told" }, t("quoted", { text: problem.text })),
      h("p", { class: "muted" }, t("machine_problem_by", { name: by, day: t.date(problem.reported_on) }))));
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {MachinePage} machine
 */
function photosPanel(context, node, { id, photos, meters }) {
  if (!photos.length) return null;
  return panel(context.t("machine_photos"), h("span", { class: "muted" }, context.t.number(photos.length)),
    h("div", { class: "panel-body" }, photos.map((photo) => photosOf(context, node, {
      photos: [photo],
      machine_id: id,
      meter_id: photo.meter_id,
      label: meters.find((one) => one.id === photo.meter_id)?.label ?? "",
    }))));
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function machineView(context, node, { id, stopped }) {
  const { t } = context;
  const heading = h("h1", {}, t("machine_of", { id }));
  const crumbs = h("nav", { class: "crumbs", "aria-label": t("customer_path") },
    h("a", { href: addressOfList({ kind: "machines" }) }, t("machines")), " ›");
  const about = h("p", { class: "muted" });
  const state = h("section", { class: "record-state", "aria-label": t("state") });
  const failure = h("div", { class: "record-fault" });
  const left = h("div", { class: "record-column" }, h("p", { class: "muted" }, t("loading")));
  const right = h("div", { class: "record-column" });
  const beside = besideMachine(context);
  let enter = () => {};

  /**
   * @param {MachinePage} machine
   * @param {CompanyPage} customer
   * @param {string} said
   * @param {boolean} acted
   */
  function draw(machine, customer, said, acted) {
    const { company, meters } = machine;
    heading.textContent = machine.serial || t("machine_of", { id });
    document.title = `${heading.textContent} – Meterportal`;
    fill(crumbs,
      h("a", { href: addressOfList({ kind: "companies" }) }, t("companies")), " › ",
      h("a", { href: addressOf("companies", company.id, company.id) }, company.name || company.id), " ›");
    about.textContent = [
      machine.model, placeWords(machine.location), machine.customer_no && t("machine_customer_no", { no: machine.customer_no }),
    ].filter(Boolean).join(", ");
    fill(state, stateRow(t, machine, customer), beside.element);
    const chart = usageChart(t, machine);
    const timeline = timelinePanel(context, {
      node,
      companyId: company.id,
      known: (number) => (number === id
        ? { serial: machine.serial, meters: Object.fromEntries(meters.map((one) => [one.id, one.label])) }
        : undefined),
      older: null,
      stopped,
      changed: () => load(""),
    });
    timeline.show({ entries: machine.timeline, next_cursor: null });
    const why = whyNot(machine);
    const form = context.may("remind") && !why
      ? entryForm(context, { machine, contacts: customer.contacts, stopped, saved: (words) => load(words), reload: () => load("") })
      : null;
    enter = () => form?.focus();
    beside.draw(machine).catch(() => {}); // Without the rows of the portfolio there is no order to go by.
    const acts = context.may("release")
      ? actsPanel(context, {
        node, machine, stopped, said: acted ? said : "", done: (words) => load(words, true), reload: () => load("") })
      : null;
    const saved = !acted && said && h("p", { class: "box good", tabindex: -1 }, said);
    fill(left, panel(t("chart"), chart.legend, chart.element), pastPanel(context, machine));
    fill(right,
      (form || why || saved) && panel(t("entry"), form && h("kbd", { class: "end muted", "aria-hidden": "true" }, "E"),
        saved && h("div", { class: "panel-body" }, saved),
        why && h("p", { class: "panel-body muted" }, t(why)),
        form?.element),
      acts?.element,
      problemPanel(t, machine), photosPanel(context, node, machine), facts(t, machine), timeline.element);
    const done = saved || acts?.told;
    if (done) {
      focusOn(done);
      say(said);
    }
  }

  /**
   * @param {string} said what was stored just before
   * @param {boolean} [acted] by an act on final values, not by the form
   */
  async function load(said, acted = false) {
    fill(failure);
    try {
      const machine = await context.call("GET", `/api/staff/machines/${encodeURIComponent(id)}`, { signal: stopped });
      const path = /** @type {const} */ (`/api/staff/companies/${encodeURIComponent(machine.company.id)}?limit=1`);
      draw(machine, await context.call("GET", path, { signal: stopped }), said, acted);
    } catch (error) {
      if (!right.childElementCount) fill(left);
      if (refusal(error).status === 404) {
        acts.remove();
        fill(failure, h("p", { class: "box", role: "alert" }, t("machine_unknown")));
        return;
      }
      showLost(context, failure, error, () => load(said, acted));
    }
  }

  const acts = h("div", { class: "buttons" },
    noteButton(context, node, {
      about: { machine_id: id }, name: () => heading.textContent ?? id, stopped, changed: () => load(""),
    }),
    h("a", { class: "button quiet", href: `#/journal?machine_id=${encodeURIComponent(id)}` }, t("customer_journal")));
  node.classList.add("record");
  fill(node,
    h("section", { class: "record-page", "aria-label": t("machine") },
      h("div", { class: "record-name" }, crumbs, heading, about),
      acts),
    state, failure, h("div", { class: "record-body machine-body" }, left, right));
  pageKeys(node, stopped, (letter) => {
    if (letter !== "e") return beside.go(letter);
    enter();
    return true;
  });
  load("");
  return heading;
}
