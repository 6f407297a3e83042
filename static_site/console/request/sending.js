// A round before it goes out: its mailboxes, the real mail of the chosen one, who is left out, and the one button that sends.
import { aborted, fill, h, refusal, sameKey, say } from "/shared/page.js";
import { MarkedList } from "../lists/marked.js";
import { actionButton, rightNeeded, showFailure } from "../parts.js";
import { keepAddress } from "../places.js";
import { addressOf } from "../stock/address.js";
import { mailFrame } from "./mail_frame.js";
import { mailboxOf, namesOf } from "./names.js";
import { contractLink, reasonList } from "./reasons.js";
import { wholeRound } from "./round_parts.js";
import { startRound } from "./starting.js";
/** @import { Context, Mail, Place, RoundPage } from "../../types/console" */
/** @import { Preview } from "../../types/request" */

const PAUSE = 150; // before a mail is asked for, so that arrows may run through

/**
 * Draws a dry run that is planned.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place & { head: RoundPage }} place
 */
export function sendingView(context, node, { id, query, stopped, head }) {
  const { t } = context;
  const key = sameKey();
  const round = /** @type {const} */ (`/api/staff/rounds/${encodeURIComponent(id)}`);
  /** @type {Awaited<ReturnType<typeof namesOf>> | null} */
  let names = null;
  /** @type {Mail[]} */
  let mails = [];
  /** @type {RoundPage["left_out"]} */
  let leftOut = [];
  let left = query.get("left") === "1";
  let wanted = query.get("at") ?? "";
  let plain = query.get("text") === "1";
  let timer = 0;
  /** @type {Preview | null} */
  let shown = null;

  const sums = h("section", { class: "request-sums line", "aria-label": t("due_sums") }, h("p", { class: "muted" }, t("loading")));
  const failure = h("div");
  const notice = h("div");
  const told = h("p");
  const preview = h("aside", { class: "request-mail", "aria-label": t("preview") });
  const middle = h("section", { class: "request-main", "aria-label": t("mails") });
  const bar = h("section", { class: "request-bar", "aria-label": t("actions") });

  /** @param {Mail} mail */
  const personOf = (mail) => mail.contact_ids.map((one) => names?.contacts.get(one)).find(Boolean) ?? null;

  /** @type {MarkedList<Mail>} */
  const list = new MarkedList({
    name: "proposed",
    label: t("mails"),
    heads: [
      { label: t("reporter") }, { label: t("mailbox") }, { label: t("company") },
      { label: t("contracts"), kind: "number" }, { label: t("machines"), kind: "number" }, { label: t("language") },
    ],
    cells: (mail) => {
      const person = personOf(mail);
      const company = names?.companies.get(mail.company_ids[0]);
      const box = mailboxOf(mail, person);
      const name = company?.company || mail.company_ids[0];
      return [
        h("th", { scope: "row", class: "cut", title: person?.name }, person?.name || mail.contact_ids[0]),
        h("td", { class: "cut", title: box }, box),
        h("td", { class: "cut", title: name },
          name,
          mail.companies > 1 && h("span", { class: "muted" }, ` (+ ${t.number(mail.companies - 1)})`)),
        h("td", { class: "number" }, t.number(mail.contracts)),
        h("td", { class: "number" }, t.number(mail.machines)),
        h("td", {}, person?.language === "en" && h("span", { class: "badge" }, t("english"))),
      ];
    },
    marked: (mail) => {
      wanted = mail?.contact_ids[0] ?? "";
      remember();
      clearTimeout(timer);
      if (mail) timer = window.setTimeout(() => look(mail), PAUSE);
    },
    open: (mail) => context.go(addressOf("companies", mail.company_ids[0], mail.company_ids[0])),
  });

  function remember() {
    const said = { left: left ? "1" : "", text: plain ? "1" : "", at: wanted };
    const now = new URLSearchParams(Object.entries(said).filter(([, value]) => value));
    keepAddress(stopped, `#/sending/${encodeURIComponent(id)}${String(now) && `?${now}`}`);
  }

  /** @param {Mail} mail */
  async function look(mail) {
    const path = /** @type {const} */ (`${round}/mails/${encodeURIComponent(mail.contact_ids[0])}`);
    try {
      const answer = await context.call("GET", path, { signal: stopped });
      if (list.row !== mail) return;
      shown = /** @type {Preview} */ (answer);
      drawMail();
    } catch (error) {
      if (aborted(error) || list.row !== mail) return;
      shown = null;
      fill(preview);
      showFailure(context, preview, error);
      if (refusal(error).status !== 409) {
        const again = () => look(mail);
        preview.append(h("p", {}, h("button", { type: "button", class: "button quiet", on: { click: again } }, t("review_again"))));
      }
    }
  }

  function drawMail() {
    if (!shown) return;
    const mail = shown;
    const person = list.row && personOf(list.row);
    /** @param {boolean} text @param {string} words */
    const way = (text, words) => h("button", {
      type: "button",
      class: "pill",
      "aria-pressed": String(plain === text),
      on: {
        click: () => {
          plain = text;
          remember();
          drawMail();
        },
      },
    }, words);
    fill(preview,
      h("dl", { class: "mail-head" },
        h("dt", {}, t("preview_to")),
        h("dd", {}, [person?.name, mail.to].filter(Boolean).join(", ")),
        h("dt", {}, t("mail_from")),
        h("dd", {}, mail.reply_to ? t("mail_reply", { sender: mail.sender, address: mail.reply_to }) : mail.sender),
        h("dt", {}, t("preview_subject")), h("dd", {}, h("strong", {}, mail.subject))),
      h("div", { class: "mail-ways" }, way(false, "HTML"), way(true, t("mail_text")),
        h("span", { class: "muted" }, t("mail_block", { name: mail.block }))),
      plain
        ? h("pre", { class: "mail-text", tabindex: 0, "aria-label": t("mail_text"), lang: mail.language }, mail.text)
        : mailFrame(t("preview_of", { to: mail.to }), mail.html));
  }

  /** @param {string} code */
  const because = (code) => leftOut.filter((one) => one.reasons.every((reason) => reason.code === code)).map((one) => one.contract_id);

  function drawSums() {
    const machines = mails.reduce((sum, mail) => sum + mail.machines, 0);
    const several = mails.filter((mail) => mail.companies > 1).length;
    const contracts = new Set(mails.flatMap((mail) => mail.contract_ids)).size;
    fill(sums,
      h("p", {}, h("strong", {}, t(head.kind === "reminder" ? "dry_reminder" : "dry_request", { time: t.time(head.created_at) })), " ",
        h("span", { class: "muted" }, t("dry_nothing_sent"))),
      h("p", {}, h("strong", {}, t("mails_count", { count: mails.length }))),
      h("p", { class: "muted" }, [t("contracts_count", { count: contracts }), t("sum_machines", { count: machines })].join(", ")),
      several > 0 && h("p", { class: "muted" }, t("mails_of_several", { count: several })),
      leftOut.length > 0 && h("button", {
        type: "button",
        class: "link end",
        "aria-expanded": String(left),
        on: {
          click: () => {
            left = !left;
            remember();
            draw();
          },
        },
      }, left ? t("left_out_back") : t("left_out_why", { count: leftOut.length })));
    const lacking = because("rights_missing");
    const lately = because("asked_lately");
    fill(notice, lately.length > 0 && context.may("remind") && h("div", { class: "box warn" },
      h("p", {}, t("left_out_lately", { count: lately.length }), " ",
        h("button", { type: "button", class: "link", on: { click: () => attempt(() => anew({ early: true })) } }, t("remind_early")))),
    lacking.length > 0 && context.may("remind") && h("div", { class: "box warn" },
      h("p", {}, t("left_out_rights", { count: lacking.length }), " ",
        h("button", { type: "button", class: "link", on: { click: () => attempt(() => grant(lacking)) } }, t("ready_run")))));
  }

  /** Gives the rights, then tries again with the same contracts. @param {string[]} ids */
  async function grant(ids) {
    await context.call("POST", "/api/staff/readiness", { body: { selection: { ids }, dry_run: false } });
    await anew();
  }

  /** Tries again with the same contracts. @param {{ early?: boolean }} [options] */
  async function anew(options) {
    const all = [...new Set([...mails.flatMap((mail) => mail.contract_ids), ...leftOut.map((one) => one.contract_id)])];
    await startRound(context, { ids: all }, head.kind === "reminder" ? "reminder" : "request", key, options);
  }

  function drawLeftOut() {
    const groups = Map.groupBy(leftOut, (one) => one.reasons[0]?.code ?? "");
    const sorted = [...groups.values()].sort((a, b) => b.length - a.length);
    fill(middle, h("div", { class: "request-left" }, sorted.map((found) => h("section", {},
      h("h2", {}, t.knows(`left_${found[0].reasons[0]?.code}`) ? t(`left_${found[0].reasons[0].code}`) : t("left_other"), " ",
        h("span", { class: "muted number" }, t.number(found.length))),
      h("table", {}, h("caption", { class: "unseen" }, t("left_out")),
        h("tbody", {}, found.map((one) => h("tr", {},
          h("th", { scope: "row" }, contractLink(one.contract_id)),
          h("td", {}, reasonList(t, one.reasons))))))))));
  }

  function draw() {
    drawSums();
    if (left) {
      drawLeftOut();
      return;
    }
    if (!mails.length) {
      fill(middle, h("div", { class: "request-empty" }, h("p", { class: "box" }, t("round_nobody"))));
      return;
    }
    fill(middle, list.element);
    list.show(mails, Math.max(0, mails.findIndex((mail) => mail.contact_ids[0] === wanted)));
  }

  /** @param {() => Promise<unknown>} act */
  async function attempt(act) {
    fill(failure);
    try {
      await act();
    } catch (error) {
      if (stopped.aborted) return;
      showFailure(context, failure, error);
    }
  }

  async function test() {
    const mail = list.row;
    if (!mail || left || !context.may("remind")) return;
    await attempt(async () => {
      const path = /** @type {const} */ (`${round}/mails/${encodeURIComponent(mail.contact_ids[0])}/test`);
      const { to } = await context.call("POST", path, { key: crypto.randomUUID() });
      told.textContent = t("test_sent", { to });
      say(told.textContent);
    });
  }

  const send = () => attempt(async () => {
    const { id: started } = await context.call("POST", `${round}/sending`, { key: key(id) });
    context.model().ask("refresh", {});
    context.go(`#/deliveries/${encodeURIComponent(started)}`);
  });

  function drawBar() {
    fill(bar, told, h("p", { class: "muted" }, t("send_checks")),
      rightNeeded(context, "remind"),
      context.may("remind") && mails.length > 0 && h("div", { class: "buttons" },
        lettered("T", { text: t("test_mail"), group: "remind", kind: "quiet", action: test }),
        h("a", { class: "button quiet", href: "#/readiness" }, t("cancel")),
        actionButton(context, { text: t("send_mails", { count: mails.length }), group: "remind", action: send })));
  }

  /** @param {string} letter @param {Parameters<typeof actionButton>[1]} options */
  function lettered(letter, options) {
    const button = actionButton(context, options);
    button.append(" ", h("kbd", { "aria-hidden": "true" }, letter));
    return button;
  }

  list.element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.key.toLowerCase() !== "t") return;
    event.preventDefault();
    test();
  });

  async function load() {
    try {
      const found = await wholeRound(context, id, stopped);
      ({ mails, leftOut } = found);
      draw();
      drawBar();
      names = await namesOf(context, mails);
      if (!stopped.aborted && !left && mails.length) list.show(mails, list.at);
    } catch (error) {
      if (aborted(error) || stopped.aborted) return;
      showFailure(context, failure, error);
      failure.append(h("button", { type: "button", class: "button quiet", on: { click: load } }, t("review_again")));
    }
  }

  fill(node, sums, failure, notice, h("div", { class: "request-pair" }, middle, preview), bar);
  load();
}
