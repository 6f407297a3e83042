// The portal as a contact sees it: the same answer in the same order and words, without anything to press.
import { fill, h } from "/shared/page.js";
import { placeWords } from "../customer/tables.js";
import { showFailure } from "../parts.js";
import { addressOf } from "../stock/address.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { Child, Voice } from "../../types/page" */
/** @import { ContactView, ViewedMachine, ViewedMeter } from "../../types/records" */

const SCOPES = ["own", "company"];
const FINAL = ["released", "billed"];

/**
 * @param {Voice} t
 * @param {ViewedMeter} meter
 */
function meterLine(t, { label, display_label: display, last, reading }) {
  const before = last
    ? t(last.estimated ? "view_last_estimated" : "view_last", { value: last.value, day: t.date(last.read_on) })
    : t("view_first");
  return h("li", { class: "view-meter" },
    h("div", {}, h("strong", {}, label), display && display !== label && h("span", { class: "muted" }, ` ${display}`)),
    h("div", { class: "muted" }, before),
    reading
      ? h("div", {},
        h("strong", {}, t("view_reported", { value: reading.value, day: t.date(reading.read_on) })),
        reading.reported_by && ` ${t("view_reported_by", { name: reading.reported_by.name })}`,
        FINAL.includes(reading.state) && h("p", { class: "muted" }, t("view_released")),
        reading.reason && h("p", { class: "told" }, t("quoted", { text: reading.reason })))
      : h("div", { class: "muted" }, t("view_open")),
    reading && reading.findings.length > 0 && h("ul", { class: "view-findings" },
      reading.findings.map((finding) => h("li", {}, finding.text))));
}

/**
 * @param {Voice} t
 * @param {ViewedMachine} machine
 */
function card(t, machine) {
  const { id, maker, model, serial, location, problem, meters, opens_on: opens, may_report: mine } = machine;
  return h("li", { class: "panel view-machine", "aria-labelledby": `view-${id}` },
    h("div", { class: "panel-head" },
      h("h2", { id: `view-${id}` }, `${maker} ${model}`.trim() || id),
      h("span", { class: "muted" }, [t("view_serial", { serial }), placeWords(location)].filter(Boolean).join(", ")),
      mine === false && h("span", { class: "tag end" }, t("view_shown"))),
    h("div", { class: "panel-body" },
      problem && h("p", { class: "mark bad" }, t("view_problem", { day: t.date(problem.reported_on) })),
      opens && h("p", { class: "muted" }, t("view_opens", { day: t.date(opens) })),
      h("ul", { class: "view-meters" }, meters.map((one) => meterLine(t, one)))));
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function contactView(context, node, { id, query, stopped }) {
  const { t } = context;
  const scope = query.get("scope") === "company" ? "company" : "own";
  const heading = h("h1", {}, t("contact_no", { id }));
  const crumbs = h("nav", { class: "crumbs", "aria-label": t("customer_path") });
  const banner = h("div", { class: "view-banner", role: "note" });
  const failure = h("div", { class: "record-fault" });
  const state = h("div", { class: "view-state" }, h("p", { class: "muted" }, t("loading")));
  const list = h("ul", { class: "view-list" });
  const foot = h("div");
  const path = /** @type {const} */ (`/api/staff/contacts/${encodeURIComponent(id)}/view`);

  /** @param {ContactView} page */
  function draw(page) {
    const { contact, company, progress } = page;
    const back = addressOf("companies", company.id, company.id);
    heading.textContent = t("view_title", { name: contact.name });
    document.title = `${heading.textContent} – Meterportal`;
    fill(crumbs, h("a", { href: back }, company.name || company.id), " ›");
    fill(banner,
      h("strong", {}, t("view_banner", { name: contact.name })), h("span", {}, t("view_banner_what")),
      h("a", { class: "button quiet", href: back }, t("view_back", { name: company.name || company.id })));
    /** @type {Child[]} */
    const told = [
      !page.may_enter && h("p", { class: "box warn" }, t("view_closed")),
      h("p", { class: "view-company" }, h("strong", {}, company.name)),
      page.due_on && h("p", {}, t("view_due", { day: t.date(page.due_on) })),
      progress.total > 0 && h("p", {}, t("view_progress", { reported: progress.reported, count: progress.total })),
    ];
    fill(state, told, h("div", { class: "kinds", role: "group", "aria-label": t("view_scope") },
      SCOPES.map((one) => h("a", {
        href: `#/view/${encodeURIComponent(id)}${one === "own" ? "" : "?scope=company"}`,
        "aria-current": one === scope ? "true" : null,
      }, t(`view_${one}`)))));
    if (!page.machines.length && !list.childElementCount) fill(list, h("li", { class: "muted" }, t("view_none")));
  }

  /** @param {string | null} cursor */
  async function load(cursor) {
    fill(failure);
    fill(foot);
    try {
      const asked = new URLSearchParams({ scope, ...(cursor ? { cursor } : {}) });
      const page = /** @type {ContactView} */ (await context.call("GET", `${path}?${asked}`, { signal: stopped }));
      draw(page);
      list.append(...page.machines.map((one) => card(t, one)));
      const { next_cursor: next } = page;
      if (next) fill(foot, h("button", { type: "button", class: "button quiet", on: { click: () => load(next) } }, t("view_more")));
    } catch (error) {
      fill(state);
      showFailure(context, failure, error);
      if (failure.childElementCount) {
        failure.append(h("p", { class: "buttons" },
          h("button", { type: "button", class: "button quiet", on: { click: () => load(cursor) } }, t("customer_again"))));
      }
    }
  }

  node.classList.add("record");
  fill(node,
    h("section", { class: "record-page", "aria-label": t("contact") }, h("div", { class: "record-name" }, crumbs, heading)),
    banner, failure, h("div", { class: "view-body" }, state, list, foot));
  load(null);
  return heading;
}
