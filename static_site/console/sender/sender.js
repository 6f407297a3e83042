// The sender's domain: what to enter at the registrar, and whether the DNS says so.
import { fill, focusOn, h, say } from "/shared/page.js";
import { actionButton, head, showFailure, table } from "../parts.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { Sender, SenderRecord } from "../../types/sender" */

const GOOD = "found";

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function senderView(context, node, { stopped }) {
  const { t } = context;
  const failure = h("div");
  const body = h("div", { class: "levels" });

  /**
   * A text to be entered somewhere else, with a button that copies it. Where the browser forbids that, it is selected.
   * @param {string} text
   * @param {string} label
   */
  function copied(text, label) {
    const shown = h("code", {}, text);
    async function copy() {
      try {
        await navigator.clipboard.writeText(text);
        say(t("sender_copied", { text }));
      } catch {
        getSelection()?.selectAllChildren(shown);
        say(t("sender_selected"));
      }
    }
    return h("div", { class: "copied" }, shown,
      h("button", { type: "button", class: "link", "aria-label": label, on: { click: copy } }, t("sender_copy")));
  }

  /** @param {SenderRecord} row */
  const purpose = (row) => [
    h("strong", {}, t(`sender_${row.use}`)), h("p", { class: "muted small" }, t(`sender_${row.use}_why`)),
  ];

  /** @param {SenderRecord} row */
  function standing(row) {
    const good = row.standing === GOOD;
    // An entry that does the same in other words needs nothing done.
    const shown = row.standing === "differs" || (good && row.found.join() !== row.value);
    return [
      h("span", { class: `mark ${good ? "good" : "bad"}` }, t(`sender_${row.standing}`)),
      !good && h("p", { class: "small" }, t(`sender_${row.standing}_${row.standing === "differs" ? row.use : "act"}`)),
      shown && [h("p", { class: "muted small" }, t("sender_there")), row.found.map((one) => h("code", {}, one))],
    ];
  }

  /** @param {Sender} found */
  function result(found) {
    const left = found.records.filter((row) => row.standing !== GOOD).length;
    if (!left) return h("p", { class: "box good", tabindex: -1 }, t("sender_all_there", { n: found.records.length }));
    return h("p", { class: "box warn", tabindex: -1 }, t("sender_left", { left, n: found.records.length }));
  }

  /** @param {Sender} found */
  function atSes(found) {
    if (!found.known) return h("p", { class: "box bad" }, t("sender_unknown", { domain: found.domain }));
    return [
      h("p", {}, t(found.verified ? "sender_verified" : "sender_unverified", { domain: found.domain })),
      !found.own_dkim && h("p", { class: "box" }, t("sender_other_keys")),
      !found.mail_from && h("p", { class: "box" }, t("sender_no_mail_from")),
    ];
  }

  /** @param {boolean} again whether somebody asked for it here */
  async function load(again) {
    fill(failure);
    if (!again) fill(body, h("p", { class: "muted", role: "status" }, t("sender_asking")));
    else say(t("sender_asking"));
    try {
      const found = await context.call("GET", "/api/staff/sender", { signal: stopped });
      const { element, append } = table(context, {
        caption: t("sender_title"),
        columns: [
          { label: t("sender_use"), cell: purpose },
          { label: t("sender_name"), cell: (row) => copied(row.name, t("sender_copy_name", { name: row.name })) },
          { label: t("sender_type"), cell: (row) => row.type },
          { label: t("sender_value"), cell: (row) => copied(row.value, t("sender_copy_value", { name: row.name })) },
          { label: t("sender_standing"), cell: standing },
        ],
      });
      append(found.records);
      const told = result(found);
      fill(body, told, atSes(found), h("p", { class: "muted" }, t("sender_how")), h("div", { class: "scroll dns" }, element));
      if (again) focusOn(told);
    } catch (error) {
      fill(body);
      showFailure(context, failure, error);
    }
  }

  const check = actionButton(context, { text: t("sender_check"), group: "read", action: () => load(true) });
  const [heading, top] = head(t("sender_title"), t("sender_lead"), check);
  fill(node, top, failure, body);
  load(false);
  return heading;
}
