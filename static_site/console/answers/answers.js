// Answers by mail that somebody has to look at: the text as it came, beside it what was read of it, to take over.
import { aborted, fill, focusOn, h, say } from "/shared/page.js";
import { entryForm, whyNot } from "../machine/entry.js";
import { head, rightNeeded, showFailure, showLost, staffName } from "../parts.js";
import { addressOf } from "../stock/address.js";
/** @import { AnsweredMachine, Context, MailAnswer, Place } from "../../types/console" */
/** @import { Voice } from "../../types/page" */

const PATH = "/api/staff/answers";
const STATES = ["open", "decided"];

/** @param {Voice} t @param {MailAnswer} answer */
const subjectOf = (t, answer) => answer.subject || t("answer_no_subject");

/** @param {Voice} t @param {MailAnswer} answer */
function facts(t, answer) {
  const { company, contact } = answer;
  return [
    h("p", { class: "muted" },
      t("answer_from", { sender: answer.sender || "–" }), " · ", t.time(answer.arrived_at),
      answer.device && ` · ${t("answer_device")}`),
    company && h("p", {},
      h("a", { href: addressOf("companies", company.id, company.id) }, company.name || company.id),
      contact && `, ${contact.name || t("contact_no", { id: contact.id })}`),
    answer.outcome === "reported"
      ? h("p", { class: "box good" }, t("answer_stored"))
      : h("ul", { class: "box warn" }, answer.doubts.map((code) => h("li", {}, t(`answer_why_${code}`)))),
    answer.remind_on && h("p", {}, t("answer_remind_on", { day: t.date(answer.remind_on) })),
    h("pre", { class: "told answer-text", tabindex: 0, role: "group", "aria-label": t("answer_text") }, answer.text || t("answer_no_text")),
    answer.attachments.length > 0 && h("p", {}, t("answer_attached", { names: answer.attachments.join(", ") })),
  ];
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function answersView(context, node, { query, stopped }) {
  const { t } = context;
  const state = STATES.find((name) => name === query.get("state")) ?? "open";
  const [heading, top] = head(t("answers_title"), t(`answers_${state}_lead`));
  const list = h("div", { class: "answers" }, h("p", { class: "muted" }, t("answers_loading")));
  const failure = h("div");
  const foot = h("div", { class: "foot" });

  /** @param {MailAnswer} answer @param {HTMLElement} card */
  function finish(answer, card) {
    const fault = h("div");
    /** @param {"done" | "dismissed"} decision */
    const decide = async (decision) => {
      fill(fault);
      try {
        await context.call("POST", `${PATH}/${encodeURIComponent(answer.id)}/decision`, { body: { decision }, signal: stopped });
        card.remove();
        say(t("answer_finished", { subject: subjectOf(t, answer) }));
        focusOn(list.querySelector("h2") ?? heading);
        if (!list.querySelector("article")) draw();
      } catch (error) {
        if (!aborted(error)) showFailure(context, fault, error);
      }
    };
    return [
      fault,
      h("div", { class: "buttons" },
        h("button", { type: "button", class: "button", on: { click: () => decide("done") } }, t("answer_done")),
        h("button", { type: "button", class: "button quiet", on: { click: () => decide("dismissed") } }, t("answer_dismiss"))),
    ];
  }

  /**
   * The form of a machine, filled in with what was read.
   * @param {MailAnswer} answer
   * @param {AnsweredMachine} proposed
   */
  function machineOf(answer, proposed) {
    const place = h("div");
    const name = [proposed.maker, proposed.model, proposed.serial].filter(Boolean).join(" ");
    const values = proposed.meters.filter((one) => one.value !== null);
    const show = async () => {
      try {
        const page = await context.call("GET", `/api/staff/machines/${encodeURIComponent(proposed.id)}`, { signal: stopped });
        const { contacts } = await context.call("GET", `/api/staff/companies/${encodeURIComponent(page.company.id)}`, { signal: stopped });
        const why = whyNot(page);
        if (why) {
          fill(place, h("p", { class: "muted" }, t(why)));
          return;
        }
        const form = entryForm(context, {
          machine: page,
          contacts,
          stopped,
          proposed: {
            version: page.version,
            values: Object.fromEntries(values.map((one) => [one.id, String(one.value)])),
            read_on: answer.read_on ?? "",
            channel: "EMAIL",
            reporter: answer.contact?.id ?? "",
          },
          saved: async (words) => {
            const told = h("p", { class: "box good", role: "status", tabindex: -1 }, words);
            fill(place, told);
            focusOn(told);
          },
          reload: () => show(),
        });
        fill(place, form.element);
        form.focus();
      } catch (error) {
        if (!aborted(error)) showFailure(context, place, error);
      }
    };
    return h("section", {},
      h("h3", {}, h("a", { href: addressOf("machines", answer.company?.id ?? "", proposed.id) }, name || proposed.id)),
      h("p", {}, values.map((one) => t("answer_value", { label: one.label, value: t.number(one.value) })).join(", ")),
      context.may("remind") && answer.outcome !== "reported" && state === "open" && h("p", {}, h("button", {
        type: "button",
        class: "button quiet",
        "aria-label": t("answer_take_of", { machine: proposed.serial || proposed.id }),
        on: { click: show },
      }, t("answer_take"))),
      place);
  }

  /** @param {MailAnswer} answer */
  function cardOf(answer) {
    const card = h("article", { class: "box", id: `answer-${answer.id}` });
    fill(card,
      h("h2", { tabindex: -1 }, subjectOf(t, answer)),
      h("div", { class: "answer-body" },
        h("div", {}, facts(t, answer)),
        h("div", {},
          answer.machines.length > 0 && h("h3", {}, t("answer_proposed")),
          answer.machines.map((one) => machineOf(answer, one)),
          answer.decision
            ? h("p", { class: "muted" },
              [t(`answer_${answer.decision.decision}`), staffName(t, answer.decision.by), t.time(answer.decision.at)].join(", "))
            : context.may("remind") && finish(answer, card))));
    return card;
  }

  /** @param {string} [cursor] */
  async function draw(cursor) {
    fill(failure);
    try {
      const asked = new URLSearchParams({ state, limit: "20", ...(cursor ? { cursor } : {}) });
      const found = await context.call("GET", `${PATH}?${asked}`, { signal: stopped });
      const cards = found.answers.map(cardOf);
      if (cursor) list.append(...cards);
      else fill(list, cards.length ? cards : h("p", { class: "box" }, t(`answers_${state}_none`)));
      const { next_cursor: following } = found;
      fill(foot, following && h("button", { type: "button", class: "button quiet", on: { click: () => draw(following) } }, t("more")));
    } catch (error) {
      showLost(context, failure, error, () => draw(cursor));
    }
  }

  fill(node, top,
    h("nav", { class: "tabs", "aria-label": t("state") }, h("ul", {}, STATES.map((name) =>
      h("li", {}, h("a", { href: `#/answers?state=${name}`, "aria-current": name === state ? "page" : null }, t(`answers_${name}`)))))),
    state === "open" && rightNeeded(context, "remind"),
    list, failure, foot);
  draw();
  return heading;
}
