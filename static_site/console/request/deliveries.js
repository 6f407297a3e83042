// What became of a round's mails: a row a mail, what does not work first, with the next step at its end.
import { aborted, fill, h, redrawn, sameKey, say } from "/shared/page.js";
import { sendLink } from "../customer/mail_acts.js";
import { ask, choices, chosenOf } from "../dialog.js";
import { MarkedList } from "../lists/marked.js";
import { actionButton, follow, rightNeeded, showFailure, showRunProblem } from "../parts.js";
import { keepAddress } from "../places.js";
import { saveFile } from "../saving.js";
import { addressOf } from "../stock/address.js";
import { cellOf } from "../stock/sheet.js";
import { mailboxOf, namesOf } from "./names.js";
import { contractLink, reasonList } from "./reasons.js";
import { wholeRound } from "./round_parts.js";
import { STATES, stateOf, whatHappened } from "./states.js";
/** @import { Context, Mail, Place, RoundPage } from "../../types/console" */
/** @import { Delivery, DeliveryState } from "../../types/request" */

/** Who can be written to once more. @type {DeliveryState[]} */
const AGAIN = ["delivered", "accepted", "delayed", "full", "refused"];
/** Where another address helps. @type {DeliveryState[]} */
const MEND = ["undeliverable", "unknown"];
/** Where the block of the address is lifted. @type {DeliveryState[]} */
const LIFT = ["suppressed", "complained"];

/** Where no mail helps for now. @type {DeliveryState[]} */
const CALL = [...MEND, ...LIFT, "refused", "full", "in_doubt"];

/** The sign of a state. @param {string} state */
const sign = (state) => h("span", { class: `delivery-sign mail-${state}`, "aria-hidden": "true" });

/**
 * Draws a round that sends or has sent.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place & { head: RoundPage }} place
 */
export function deliveriesView(context, node, { id, query, stopped, head: first }) {
  const { t } = context;
  /** @type {Delivery[]} */
  let all = [];
  /** @type {RoundPage["left_out"]} */
  let leftOut = [];
  let head = first;
  let view = query.get("state") ?? "";
  let words = query.get("q") ?? "";
  let wanted = query.get("at") ?? "";

  const sums = h("section", { class: "request-sums line", "aria-label": t("due_sums") });
  const failure = h("div");
  const told = h("p");
  const views = h("nav", { class: "request-views", "aria-label": t("deliveries_views") });
  const filter = h("input", {
    id: "deliveries-filter",
    type: "search",
    "aria-label": t("stock_filter_help"),
    placeholder: t("stock_filter"),
    value: words,
  });
  const picker = h("select", { id: "deliveries-round" },
    h("option", { value: id }, t(`sent_${first.kind}`, { time: t.time(first.created_at) })));
  picker.addEventListener("change", () => context.go(`#/deliveries/${encodeURIComponent(picker.value)}`));
  const main = h("section", { class: "request-main", "aria-label": t("deliveries") });
  const foot = h("div", { class: "request-foot" });

  /** @type {MarkedList<Delivery>} */
  const list = new MarkedList({
    name: "sent",
    label: t("deliveries"),
    heads: [
      { label: t("delivery_state") }, { label: t("company") }, { label: t("deliveries_to") }, { label: t("mailbox") },
      { label: t("machines"), kind: "number" }, { label: t("stock_reported"), kind: "number" }, { label: t("deliveries_what") },
      { label: t("deliveries_sent") }, { label: t("deliveries_next") },
    ],
    cells: (row) => [
      h("td", {}, sign(row.state), t(`delivery_${row.state}`)),
      h("th", { scope: "row", class: "cut", title: row.company },
        row.company,
        row.companies > 1 && h("span", { class: "muted" }, ` (+ ${t.number(row.companies - 1)})`)),
      h("td", { class: "cut", title: row.person?.name }, row.person?.name ?? row.mail.contact_ids[0]),
      h("td", { class: "cut", title: row.mailbox }, row.mailbox),
      h("td", { class: "number" }, t.number(row.total)),
      h("td", { class: "number" }, t.number(row.reported)),
      h("td", { class: "cut", title: happened(row) }, happened(row)),
      h("td", { class: "day" }, row.mail.sent_at ? t.time(row.mail.sent_at) : "–"),
      h("td", { class: "next" }, nextStep(row)),
    ],
    marked: (row, index) => {
      wanted = row?.mail.contact_ids[0] ?? "";
      remember();
      drawFoot(index);
    },
    open: (row) => context.go(customer(row)),
  });

  /** @param {Delivery} row */
  const customer = (row) => addressOf("companies", row.mail.company_ids[0], row.mail.company_ids[0]);

  /** @param {Delivery} row */
  function happened(row) {
    const halted = head.state === "stopped" && row.mail.state === "planned";
    const name = halted ? "happened_halted" : whatHappened(row.mail, row.state, row);
    const fellOut = row.mail.fell_out.length;
    return [
      name && t(name, { problem: row.mail.problem ?? "" }),
      fellOut > 0 && t("happened_fell_out", { count: fellOut }),
    ].filter(Boolean).join(" ");
  }

  /** @param {Delivery} row */
  function nextStep(row) {
    if (!context.may("remind")) return null;
    const phone = row.person?.phone;
    const call = phone && CALL.includes(row.state) && [" ", h("a", { href: `tel:${phone.replace(/[^+\d]/g, "")}`, tabindex: -1 },
      t("next_call", { phone }))];
    if (AGAIN.includes(row.state)) {
      return [h("button", { type: "button", class: "link", tabindex: -1, on: { click: () => again(row) } }, t("next_again")), call];
    }
    if (MEND.includes(row.state)) return [h("a", { href: customer(row), tabindex: -1 }, t("next_address")), call];
    if (LIFT.includes(row.state)) return [h("a", { href: customer(row), tabindex: -1 }, t("next_lift")), call];
    return call;
  }

  function remember() {
    const now = new URLSearchParams(Object.entries({ state: view, q: words, at: wanted }).filter(([, value]) => value));
    keepAddress(stopped, `#/deliveries/${encodeURIComponent(id)}${String(now) && `?${now}`}`);
  }

  /** Sends a new link to this person alone, or writes once more about what is still open. @param {Delivery} row */
  function again(row) {
    if (!AGAIN.includes(row.state) || !context.may("remind")) return;
    const name = row.person?.name ?? row.mailbox;
    const body = { selection: { ids: row.mail.contract_ids }, kind: "reminder", early: true, dry_run: false };
    const key = sameKey(); // for this question: the next one sends anew
    const way = choices("again", t("again_how"), [
      { value: "link", text: t("again_link", { name }), what: t("again_link_what") },
      { value: "reminder", text: t("again_reminder"), what: t("again_reminder_what", { count: row.total - row.reported }) },
    ]);
    way.querySelector("input")?.setAttribute("checked", "");
    ask(context, node, {
      title: t("again_title"),
      content: way,
      go: t("again_go"),
      act: async () => {
        if (chosenOf(way) === "link") {
          const { to } = await sendLink(context, row.mail.contact_ids[0], key("link"));
          return [t("link_done", { email: to })];
        }
        const { id: round } = await context.call("POST", "/api/staff/rounds", { body, key: key(body) });
        return [t("again_done"), " ", h("a", { href: `#/deliveries/${encodeURIComponent(round)}` }, t("again_round"))];
      },
      done: (answer) => {
        fill(told, answer);
        say(told.textContent ?? "");
        list.element.focus();
      },
    });
  }

  /** @param {Delivery} row */
  function revoke(row) {
    if (!context.may("remind")) return;
    const name = row.person?.name ?? row.mailbox;
    ask(context, node, {
      title: t("revoke_title"),
      content: h("p", {}, t("revoke_what", { name, email: row.mailbox })),
      go: t("revoke_go"),
      act: () => context.call("POST", `/api/staff/contacts/${encodeURIComponent(row.mail.contact_ids[0])}/links/revoke`),
      done: () => {
        fill(told, t("revoke_done", { name }));
        say(told.textContent ?? "");
        list.element.focus();
      },
    });
  }

  /** @param {Delivery} row */
  const fits = (row) => !words || [row.company, row.person?.name, row.mailbox, ...row.mail.contract_ids]
    .some((text) => text?.toLowerCase().includes(words.toLowerCase()));

  /** @param {Mail[]} mails */
  async function take(mails) {
    const names = await namesOf(context, mails);
    all = mails.map((mail) => {
      const person = mail.contact_ids.map((one) => names.contacts.get(one)).find(Boolean) ?? null;
      const papers = mail.contract_ids.flatMap((one) => names.contracts.get(one) ?? []);
      const done = {
        reported: papers.reduce((sum, one) => sum + one.reported, 0),
        total: papers.reduce((sum, one) => sum + one.total, 0) || mail.machines,
      };
      const company = names.companies.get(mail.company_ids[0])?.company || mail.company_ids[0];
      const mailbox = mailboxOf(mail, person);
      return { mail, person, company, companies: mail.companies, mailbox, state: stateOf(mail, done), ...done };
    });
    all.sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state) || a.company.localeCompare(b.company, "de"));
  }

  /** The rounds among which one turns to another. */
  async function drawRounds() {
    const { rounds } = await context.call("GET", "/api/staff/rounds?limit=50", { signal: stopped });
    const sent = rounds.filter((one) => !one.dry_run);
    if (!sent.some((one) => one.id === id)) sent.push(head);
    fill(picker, sent.map((one) => h("option", { value: one.id }, t(`sent_${one.kind}`, { time: t.time(one.created_at) }))));
    picker.value = id;
  }

  /** Pausing and ending, while mails wait. */
  function haltButtons() {
    const halted = head.stopped !== null;
    const waits = head.waiting + head.left > 0 || (head.state === "running" && head.planned === 0);
    if (!waits || head.stopped?.reason === "ended" || !context.may("remind")) return null;
    return [
      !halted && actionButton(context, { text: t("round_pause"), group: "remind", kind: "quiet", action: pause }),
      actionButton(context, { text: t("round_end"), group: "remind", kind: "quiet", action: end }),
    ];
  }

  async function pause() {
    try {
      await context.call("POST", `/api/staff/rounds/${encodeURIComponent(id)}/pause`);
      context.redraw();
    } catch (error) {
      showFailure(context, failure, error);
    }
  }

  function end() {
    ask(context, node, {
      title: t("round_end_title"),
      content: h("p", {}, t("round_end_what", { waiting: head.waiting + head.left, sent: head.sent })),
      go: t("round_end_go"),
      act: () => context.call("POST", `/api/staff/rounds/${encodeURIComponent(id)}/end`),
      done: () => context.redraw(),
    });
  }

  function drawSums() {
    const machines = all.reduce((sum, row) => sum + row.total, 0);
    const companies = new Set(all.flatMap((row) => row.mail.company_ids)).size;
    fill(sums,
      h("p", {}, h("strong", {}, t("mails_count", { count: all.length }))),
      h("p", { class: "muted" }, [t("companies_count", { count: companies }), t("sum_machines", { count: machines })].join(", ")),
      haltButtons(),
      head.state === "running" && head.planned > 0 && h("p", {}, t("mails_progress", { sent: head.sent, count: head.planned })),
      h("span", { class: "end" }),
      leftOut.length > 0 && h("button", {
        type: "button",
        id: "deliveries-left-out",
        class: "link",
        on: { click: () => turnTo(view === "left_out" ? "" : "left_out") },
      }, view === "left_out" ? t("left_out_back") : t("left_out_why", { count: leftOut.length })),
      h("label", {}, t("round_pick"), " ", picker));
  }

  function draw() {
    drawSums();
    const counts = Map.groupBy(all, (row) => row.state);
    /** @param {string} name @param {string} label @param {number} count */
    const pill = (name, label, count) => h("button", {
      type: "button",
      id: `deliveries-${name || "all"}`,
      class: "pill",
      "aria-pressed": String(view === name),
      on: { click: () => turnTo(name) },
    }, name && sign(name), label, " ", h("span", { class: "number" }, t.number(count)));
    fill(views, pill("", t("deliveries_all"), all.length),
      STATES.filter((state) => counts.has(state)).map((state) => pill(state, t(`delivery_${state}`), counts.get(state)?.length ?? 0)),
      h("span", { class: "end" }, filter, h("button", {
        type: "button", id: "deliveries-csv", class: "button quiet", on: { click: save },
      }, "CSV")));
    if (view === "left_out") {
      fill(main, h("div", { class: "request-left" }, h("table", {}, h("caption", { class: "unseen" }, t("left_out")),
        h("tbody", {}, leftOut.map((one) => h("tr", {},
          h("th", { scope: "row" }, contractLink(one.contract_id)), h("td", {}, reasonList(t, one.reasons))))))));
      list.show([], 0);
      return;
    }
    const rows = all.filter((row) => (!view || row.state === view) && fits(row));
    if (!rows.length) {
      const empty = all.length ? t("deliveries_none_here") : t(head.state === "running" ? "deliveries_planning" : "round_nobody");
      fill(main, h("div", { class: "request-empty" }, h("p", { class: "box" }, empty)));
    } else if (!main.contains(list.element)) fill(main, list.element);
    list.show(rows, Math.max(0, rows.findIndex((row) => row.mail.contact_ids[0] === wanted)));
  }

  /** @param {string} name */
  function turnTo(name) {
    view = name;
    wanted = "";
    remember();
    draw();
    /** @type {HTMLElement | null} */ (views.querySelector("[aria-pressed=true]"))?.focus();
  }

  function save() {
    const heads = [
      "delivery_state", "company_no", "company", "deliveries_to", "mailbox", "contracts", "machines", "stock_reported", "deliveries_what",
      "deliveries_sent",
    ].map((name) => t(name));
    const lines = all.map((row) => [
      t(`delivery_${row.state}`), row.mail.company_ids.join(" "), row.company, row.person?.name ?? "", row.mailbox,
      row.mail.contract_ids.join(" "), row.total, row.reported, happened(row), row.mail.sent_at ? t.time(row.mail.sent_at) : "",
    ]);
    const text = [heads, ...lines].map((line) => line.map(cellOf).join(";")).join("\r\n");
    saveFile(new Blob(["\ufeff", text, "\r\n"], { type: "text/csv" }), `${t("deliveries").toLowerCase()}.csv`);
  }

  /** @param {number} index */
  function drawFoot(index) {
    const row = list.row;
    const act = (/** @type {string} */ letter, /** @type {string} */ text, /** @type {() => unknown} */ action) => {
      const button = actionButton(context, { text, group: "remind", kind: "quiet", action });
      button.id = `deliveries-${letter}`;
      button.prepend(h("kbd", { "aria-hidden": "true" }, letter), " ");
      return button;
    };
    fill(foot,
      h("p", {}, list.rows.length > 0 && t("stock_row_of", { row: index + 1, total: list.rows.length })),
      told,
      rightNeeded(context, "remind"),
      row && context.may("remind") && h("div", { class: "buttons" },
        AGAIN.includes(row.state) && act("W", t("next_again_full"), () => again(row)),
        act("X", t("next_revoke"), () => revoke(row))),
      row && h("p", { class: "muted" }, t("deliveries_keys")));
  }

  list.element.addEventListener("keydown", (event) => {
    const { row } = list;
    if (!row || event.target !== list.element || event.ctrlKey || event.altKey || event.metaKey) return;
    const name = event.key.toLowerCase();
    if (name === "w") again(row);
    else if (name === "x") revoke(row);
    else if (name === "f") filter.focus();
    else return;
    event.preventDefault();
  });
  filter.addEventListener("input", () => {
    words = filter.value.trim();
    remember();
    redrawn(node, draw);
  });

  fill(node, sums, failure, views, main, foot);
  follow(context, /** @type {const} */ (`/api/staff/rounds/${encodeURIComponent(id)}?limit=1`), {
    stopped,
    failure,
    // What the mail system tells of a mail comes behind it.
    awaits: () => head.state === "done" && all.some((row) => row.state === "accepted"),
    draw: async (answer) => {
      head = answer;
      showRunProblem(context, failure, answer, { kind: "rounds", group: "remind" });
      try {
        const found = await wholeRound(context, id, stopped);
        leftOut = found.leftOut;
        await take(found.mails);
        if (!stopped.aborted) redrawn(node, draw);
      } catch (error) {
        if (!aborted(error)) showFailure(context, failure, error);
      }
    },
  });
  drawSums();
  drawFoot(0);
  drawRounds().catch((error) => aborted(error) || showFailure(context, failure, error));
}
