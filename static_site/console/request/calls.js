// The phone list: whom to call, of all channels, with the form that takes a value in place beside it.
import { aborted, fill, focusOn, h, say } from "/shared/page.js";
import { MarkedList } from "../lists/marked.js";
import { showFailure } from "../parts.js";
import { keepAddress } from "../places.js";
import { saveSheet } from "../saving.js";
import { entryForm, whyNot } from "../machine/entry.js";
import { addressOf } from "../stock/address.js";
import { reasonList } from "./reasons.js";
/** @import { CalledContact, CalledMachine, Context, Place } from "../../types/console" */
/** @import { Call } from "../../types/request" */

const PATH = "/api/staff/phone-list";
const PAGE = 100;
const PAUSE = 150; // before a machine is asked for, so that arrows may run through

/** @param {Call} call */
const keyOf = (call) => `${call.company.id}~${call.contract.id}`;

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function callsView(context, node, { query, stopped }) {
  const { t } = context;
  /** @type {Call[]} */
  let calls = [];
  /** @type {string | null} */
  let following = null;
  let wanted = query.get("at") ?? "";
  let timer = 0;
  let done = 0;
  let shows = 0; // of forms: an answer for an earlier one comes too late
  let enter = () => {};

  const heading = h("h1", { class: "unseen" }, t("calls_title"));
  const sums = h("section", { class: "request-sums line", "aria-label": t("due_sums") }, h("p", { class: "muted" }, t("loading")));
  const failure = h("div");
  const middle = h("section", { class: "request-main", "aria-label": t("calls_title") });
  const more = h("div", { class: "request-more" });
  const detail = h("aside", { class: "request-call", "aria-label": t("calls_entry") });

  /** @type {MarkedList<Call>} */
  const list = new MarkedList({
    name: "calls",
    label: t("calls_title"),
    heads: [
      { label: t("due_on") }, { label: t("company") }, { label: t("contact") }, { label: t("calls_phone") },
      { label: t("contract") }, { label: t("machines"), kind: "number" }, { label: t("channel") }, { label: t("reasons") },
    ],
    cells: (call) => {
      const [person] = call.contacts;
      const why = call.reasons.map((one) => one.text).join(" ");
      return [
        h("td", { class: "day" }, t.date(call.due_on)),
        h("th", { scope: "row", class: "cut", title: call.company.name }, call.company.name || call.company.id),
        h("td", { class: "cut", title: person?.name }, person?.name ?? "–"),
        h("td", { class: "phone" }, person?.phone || "–"),
        h("td", { class: "day" }, call.contract.id),
        h("td", { class: "number" }, t.number(call.machines.length)),
        h("td", {}, t(`channel_${call.reading_channel}`)),
        h("td", { class: "cut", title: why }, t.knows(`call_${call.reasons[0]?.code}`) ? t(`call_${call.reasons[0]?.code}`) : why),
      ];
    },
    marked: (call) => {
      wanted = call ? keyOf(call) : "";
      keepAddress(stopped, `#/phone-list${wanted && `?${new URLSearchParams({ at: wanted })}`}`);
      clearTimeout(timer);
      enter = () => {};
      if (call) {
        drawCall(call);
        timer = window.setTimeout(() => show(call, call.machines[0], ""), PAUSE);
      }
    },
    open: () => enter(),
  });

  /** @param {CalledContact} person */
  function contact(person) {
    const dial = person.phone?.replace(/[^+\d]/g, "");
    return h("p", {}, h("strong", {}, person.name), " ",
      dial ? h("a", { href: `tel:${dial}` }, person.phone) : h("span", { class: "muted" }, person.phone || t("calls_phone_unknown")));
  }

  const entry = h("div");
  const machines = h("ul", { class: "request-machines" });

  /** @param {Call} call */
  function drawCall(call) {
    fill(entry);
    fill(machines);
    fill(detail,
      h("h2", {}, h("a", { href: addressOf("companies", call.company.id, call.company.id) }, call.company.name || call.company.id)),
      !call.machines.length && h("p", { class: "box good" }, t("calls_done", { company: call.company.name })),
      call.contacts.map(contact),
      reasonList(t, call.reasons),
      h("p", { class: "muted" }, call.mailed_on ? t("calls_mailed", { day: t.date(call.mailed_on) }) : t("calls_never_mailed")),
      machines, entry);
  }

  /** @param {Call} call @param {CalledMachine} at */
  function drawMachines(call, at) {
    fill(machines, call.machines.map((one) => h("li", {}, h("button", {
      type: "button",
      "aria-current": one === at ? "true" : null,
      on: { click: () => show(call, one, "", true) },
    }, h("strong", {}, one.serial || one.id), ` ${[one.model, one.location].filter(Boolean).join(", ")}`,
      h("span", { class: "muted" }, ` ${one.missing.join(", ")}`)))));
  }

  /**
   * The form of a machine of a call.
   * @param {Call} call
   * @param {CalledMachine | undefined} machine none: they were settled while another call was looked at
   * @param {string} said what was stored just before
   * @param {boolean} [focus]
   */
  async function show(call, machine, said, focus = false) {
    if (list.row !== call || !machine) return;
    clearTimeout(timer);
    shows += 1;
    const turn = shows;
    const late = () => turn !== shows || list.row !== call || stopped.aborted;
    enter = () => {};
    drawMachines(call, machine);
    try {
      const page = await context.call("GET", `/api/staff/machines/${encodeURIComponent(machine.id)}`, { signal: stopped });
      const path = /** @type {const} */ (`/api/staff/companies/${encodeURIComponent(call.company.id)}?limit=1`);
      const { contacts } = await context.call("GET", path, { signal: stopped });
      if (late()) return;
      const why = whyNot(page);
      const form = context.may("remind") && !why
        ? entryForm(context, {
          machine: page,
          contacts,
          stopped,
          saved: (words) => saved(call, machine, words, late),
          reload: () => show(call, machine, "", true),
        })
        : null;
      enter = () => form?.focus();
      const told = said && h("p", { class: "box good", role: "status" }, said);
      const title = form && h("h3", {}, t("calls_of", { serial: machine.serial || machine.id }));
      fill(entry, told, why && h("p", { class: "muted" }, t(why)), title, form?.element);
      if (focus) form?.focus();
    } catch (error) {
      if (aborted(error) || late()) return;
      showFailure(context, entry, error);
      const again = () => show(call, machine, said, focus);
      entry.append(h("p", {}, h("button", { type: "button", class: "button quiet", on: { click: again } }, t("review_again"))));
    }
  }

  /**
   * After an entry: the machine leaves the call when nothing is missing, the call leaves the list with its last machine.
   * @param {Call} call
   * @param {CalledMachine} machine
   * @param {string} words
   * @param {() => boolean} late whether another form is shown by then: it stays
   */
  async function saved(call, machine, words, late) {
    let page;
    try {
      page = await context.call("GET", `/api/staff/machines/${encodeURIComponent(machine.id)}`, { signal: stopped });
    } catch (error) {
      if (aborted(error)) return;
      if (late()) say(words);
      else stored(words, error, () => saved(call, machine, words, late));
      return;
    }
    const missing = page.meters.filter((one) => one.period && one.period.value === null).map((one) => one.label);
    say(words);
    if (missing.length) {
      machine.missing = missing;
      if (!late()) show(call, machine, words, true);
      return;
    }
    const n = call.machines.indexOf(machine);
    call.machines.splice(n, 1);
    if (call.machines.length) {
      if (late()) return;
      list.show(calls, list.at);
      show(call, call.machines[Math.min(n, call.machines.length - 1)], words, true);
      return;
    }
    done += 1;
    if (late()) {
      drawSums();
      return;
    }
    const { at } = list;
    calls = calls.filter((one) => one !== call);
    draw(at);
    drawDone(call, machine, words);
    if (calls.length) list.element.focus();
  }

  /**
   * The value is stored, but what is left to enter could not be asked for.
   * @param {string} words
   * @param {unknown} error
   * @param {() => void} again
   */
  function stored(words, error, again) {
    const fault = h("div");
    showFailure(context, fault, error);
    const button = h("button", { type: "button", class: "button quiet", on: { click: again } }, t("review_again"));
    fill(entry, h("p", { class: "box good", role: "status" }, words), fault, h("p", {}, button));
    button.focus();
  }

  /** What was entered last, with the way to correct it. @param {Call} call @param {CalledMachine} machine @param {string} words */
  function drawDone(call, machine, words) {
    const told = h("p", { class: "box good", role: "status", tabindex: -1 },
      t("calls_done", { company: call.company.name }), " ", words, " ",
      h("a", { href: addressOf("machines", call.company.id, machine.id) }, t("calls_correct")));
    fill(failure, told);
    if (!calls.length) focusOn(told);
  }

  function drawSums() {
    const left = calls.filter((call) => call.machines.length);
    const count = t("calls_count", { count: left.length });
    fill(sums,
      h("p", {}, h("strong", {}, following ? t("calls_more", { count: left.length }) : count)),
      h("p", { class: "muted" }, t("calls_machines", { count: left.reduce((sum, one) => sum + one.machines.length, 0) })),
      done > 0 && h("p", {}, h("span", { class: "mark good" }, t("calls_settled", { count: done }))),
      h("button", { type: "button", class: "button quiet end", on: { click: save } }, t("calls_csv")));
    fill(more, following && h("button", { type: "button", class: "link", on: { click: () => load(following) } }, t("more")));
  }

  /** @param {number} [at] the row to mark; else the one that the address names */
  function draw(at) {
    drawSums();
    if (!calls.length) {
      fill(middle, h("div", { class: "request-empty" }, h("p", { class: "box good" }, t("calls_none"))));
      fill(detail);
      detail.hidden = true;
      return;
    }
    detail.hidden = false;
    if (!middle.contains(list.element)) fill(middle, list.element, more);
    list.show(calls, at ?? Math.max(0, calls.findIndex((call) => keyOf(call) === wanted)));
  }

  async function save() {
    fill(failure);
    try {
      await saveSheet(context, `${PATH}.csv`, t.language === "de" ? "telefonliste.csv" : "phone-list.csv");
    } catch (error) {
      showFailure(context, failure, error);
    }
  }

  /** @param {string | null} cursor */
  async function load(cursor) {
    fill(failure);
    const asked = new URLSearchParams({ limit: String(PAGE), ...(cursor ? { cursor } : {}) });
    try {
      const answer = await context.call("GET", `${PATH}?${asked}`, { signal: stopped });
      const first = !calls.length;
      calls = [...calls, ...answer.calls];
      following = answer.next_cursor;
      draw(first ? undefined : list.at);
    } catch (error) {
      if (aborted(error) || stopped.aborted) return;
      if (!calls.length) fill(sums);
      showFailure(context, failure, error);
      failure.append(h("button", { type: "button", class: "button quiet", on: { click: () => load(cursor) } }, t("review_again")));
    }
  }

  list.element.addEventListener("keydown", (event) => {
    if (event.target !== list.element || event.ctrlKey || event.altKey || event.metaKey || event.key.toLowerCase() !== "e") return;
    event.preventDefault();
    enter();
  });
  fill(node,
    h("div", { class: "request" }, heading, sums, failure,
      h("div", { class: "request-pair calls" }, middle, detail),
      h("div", { class: "request-foot" }, h("p", { class: "muted" }, t("calls_keys")))));
  load(null);
  return heading;
}
