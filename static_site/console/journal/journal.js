// The journal: who of the staff did what, on what, before and after; a row opens in place.
import { fill, h, say } from "/shared/page.js";
import { today } from "../day.js";
import { filterBar, filterOf, showFailure } from "../parts.js";
import { saveSheet } from "../saving.js";
import { who } from "../staff_session.js";
import { fieldWords, recordLinks, sideWords, valueWords } from "./words.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { JournalEntry } from "../../types/records" */

const FILTERS = ["from", "to", "by", "action", "company_id", "machine_id", "contact_id"];
const ACTIONS = [
  "readings_entered", "readings_estimated", "meter_reset", "machine_replaced", "replacement_taken_back", "released_by_hand",
  "release_withdrawn", "reading_corrected",
  "release_started", "round_started", "readiness_started", "rights_granted", "test_mail_sent", "link_sent", "links_revoked",
  "contract_changed", "problem_decided", "successor_decided", "answer_decided", "import_started", "missing_ended", "export_started",
  "export_acknowledged", "tolerances_changed", "help_changed", "text_changed", "schedule_changed", "brand_changed", "run_restarted",
  "sending_paused", "sending_resumed", "round_ended", "note_written", "note_withdrawn",
  "viewed_as_contact", "data_exported", "person_erased", "person_readmitted", "colleague_invited", "colleague_changed",
  "contact_changed", "address_lifted", "reading_accepted", "suggestion_taken", "reading_deferred", "question_asked",
  "decision_undone", "release_limits_changed",
];
const PATIENCE = 20; // answers without an entry that fits, until the person is asked to go on

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function journalView(context, node, { query, stopped }) {
  const { t } = context;
  const filter = filterOf(query, FILTERS);
  const locale = t.language === "de" ? "de-DE" : "en-GB";
  const seconds = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
  const failure = h("div", { class: "record-fault" });
  const body = h("tbody");
  const labels = ["when", "who", "what", "record", "before", "after"].map((name) => t(`journal_${name}`));
  const list = h("div", { class: "scroll" }, h("table", {},
    h("caption", { class: "unseen" }, t("journal_title")),
    h("thead", {}, h("tr", {}, labels.map((label) => h("th", { scope: "col" }, label)))),
    body));
  const holder = h("div", { class: "journal-list" }, h("p", { class: "muted" }, t("loading")));
  const foot = h("div", { class: "foot" });
  let shown = 0;

  /** @param {Record<string, string>} only */
  const narrowed = (only) => `#/journal?${new URLSearchParams({ ...filterOf(query, ["from", "to"]), ...only })}`;

  /**
   * What the entries of an entry's person (P) or of its record (O) are found by.
   * @param {JournalEntry} entry
   * @returns {Record<string, Record<string, string> | null>}
   */
  function byKey({ by, company, contact, machine_id: machine }) {
    const named = { machine_id: machine, contact_id: contact?.id, company_id: company?.id };
    const [name, id] = Object.entries(named).find((pair) => pair[1]) ?? [];
    return { p: { by: by.id }, o: name && id ? { [name]: id } : null };
  }

  /** @param {JournalEntry} entry */
  function details(entry) {
    const { record, company, contact, machine_id: machine, contract_id: contract, by } = entry;
    const pairs = [
      company && [t("company"), `${company.name} ${company.id}`],
      contract && [t("contract"), contract],
      contact && [t("contact"), `${contact.name} ${contact.id}`],
      [t.knows(`record_${record.kind}`) ? t(`record_${record.kind}`) : record.kind, record.id],
      ...entry.changes.map((one) => [fieldWords(t, one.field), [
        one.before !== null && `${valueWords(t, one.before, one.field)} → `, valueWords(t, one.after, one.field),
      ]]),
    ].filter((pair) => Array.isArray(pair));
    return h("tr", { class: "detail" }, h("td", { colspan: labels.length },
      h("dl", {}, pairs.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
      h("p", { class: "only" },
        only({ by: by.id }, "journal_only_person", "P"),
        machine && only({ machine_id: machine }, "journal_only_machine", "O"),
        contact && only({ contact_id: contact.id }, "journal_only_contact", machine ? "" : "O"),
        company && only({ company_id: company.id }, "journal_only_company", machine || contact ? "" : "O"))));
  }

  /** @param {Record<string, string>} filter @param {string} words @param {string} key */
  const only = (filter, words, key) => h("a", { href: narrowed(filter) }, t(words),
    key && [" ", h("kbd", { "aria-hidden": "true" }, key)]);

  /** @param {JournalEntry} entry */
  function row(entry) {
    const [before, after] = /** @type {const} */ (["before", "after"]).map((side) => sideWords(t, entry.changes, side));
    const button = h("button", {
      type: "button",
      class: "when",
      "aria-expanded": "false",
      "aria-label": `${seconds.format(new Date(entry.at))}, ${t("journal_details")}`,
      on: {
        click: () => {
          const open = button.getAttribute("aria-expanded") !== "true";
          button.setAttribute("aria-expanded", String(open));
          if (open) element.after(details(entry));
          else element.nextElementSibling?.remove();
        },
      },
    }, seconds.format(new Date(entry.at)));
    const cells = [
      button,
      h("strong", {}, entry.by.name || entry.by.id),
      entry.text,
      h("span", { class: "cut" }, recordLinks(t, entry)),
      before && h("span", { class: "cut muted", title: before }, before),
      after && h("span", { class: "cut", title: after }, after),
    ];
    const found = byKey(entry);
    const element = h("tr", {
      on: {
        keydown: (event) => {
          const filter = found[event.key.toLowerCase()];
          if (!filter || event.ctrlKey || event.altKey || event.metaKey) return;
          event.preventDefault();
          context.go(narrowed(filter));
        },
      },
    }, cells.map((cell, n) => h("td", { "data-label": labels[n] }, cell)));
    return element;
  }

  /** Who has done something so far, to be chosen by name; without the names the list is there all the same. */
  async function offerColleagues() {
    const answer = await context.call("GET", "/api/staff/colleagues", { signal: stopped }).catch(() => null);
    const select = node.querySelector("#filter-by");
    for (const { id, name } of answer?.colleagues ?? []) {
      if (id === who().id || !select) continue;
      const option = select.querySelector(`option[value="${CSS.escape(id)}"]`) ?? select.appendChild(h("option", { value: id }));
      option.textContent = name || t("by_colleague", { id: id.slice(0, 8) });
    }
  }

  /** @param {string | null} cursor */
  async function load(cursor) {
    fill(failure);
    let next = cursor;
    try {
      for (let asked = 0; asked < PATIENCE; asked += 1) {
        const asking = new URLSearchParams({ ...filter, ...(next ? { cursor: next } : {}) });
        const answer = await context.call("GET", `/api/staff/audit?${asking}`, { signal: stopped });
        next = answer.next_cursor;
        body.append(...answer.entries.map(row));
        shown += answer.entries.length;
        if (answer.entries.length || !next) break;
      }
      draw(next);
      if (cursor) say(t("journal_loaded", { count: shown }));
    } catch (error) {
      showFailure(context, failure, error);
      if (!stopped.aborted) draw(next, "customer_again");
    }
  }

  /** @param {string | null} next @param {string} [again] what the button says after a failure */
  function draw(next, again) {
    const nothing = Object.keys(filter).length ? "journal_none_found" : "journal_none";
    fill(foot, shown > 0 && h("span", { class: "muted" }, t("journal_loaded", { count: shown })),
      (next || again) && h("button", { type: "button", class: "button quiet", on: { click: () => load(next) } }, t(again ?? "journal_on")));
    fill(holder, shown > 0 ? list : !next && !again && h("p", {}, t(nothing)), foot);
  }

  async function save() {
    fill(failure);
    try {
      await saveSheet(context, `/api/staff/audit.csv?${new URLSearchParams(filter)}`, t.language === "de" ? "journal.csv" : "audit.csv");
    } catch (error) {
      showFailure(context, failure, error);
    }
  }

  /** @param {string} text @returns {Promise<[value: string, name: string][]>} */
  const companies = async (text) => {
    const { companies: { rows } } = await context.model().ask("find", { text, today: today() });
    return rows.map((row) => [row.id, row.company]);
  };

  const heading = h("h1", {}, t("journal_title"));
  /** @type {[string, string][]} */
  const people = [[who().id, t("by_you")]];
  if (filter.by && filter.by !== who().id) people.push([filter.by, t("journal_chosen")]);
  node.classList.add("record");
  fill(node,
    h("section", { class: "record-page", "aria-label": t("journal_title") },
      h("div", { class: "record-name" }, heading, h("p", { class: "muted" }, t("journal_lead"))),
      h("button", { type: "button", class: "button quiet", title: t("journal_csv_title"), on: { click: save } }, t("journal_csv"))),
    h("div", { class: "journal-tools" }, filterBar(context, "journal", query, [
      { name: "from", label: t("journal_from"), type: "date" },
      { name: "to", label: t("journal_to"), type: "date" },
      { name: "by", label: t("journal_person"), options: people },
      { name: "action", label: t("journal_action"), options: ACTIONS.map((action) => [action, t(`action_${action}`)]) },
      { name: "company_id", label: t("company_no"), hint: t("journal_or_name"), suggest: companies },
      { name: "machine_id", label: t("machine_number") },
      ...(filter.contact_id ? [{ name: "contact_id", label: t("journal_contact_no") }] : []),
    ])),
    failure, holder);
  load(null);
  offerColleagues();
  return heading;
}
