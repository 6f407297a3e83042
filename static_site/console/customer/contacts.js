// A customer's people: address and phone mended in their row, what their mail does, what is to be told to the ERP.
import { h, say } from "/shared/page.js";
import { ask } from "../dialog.js";
import { pageKeys } from "../page_keys.js";
import { shortDay } from "../stock/cells.js";
import { editedCell } from "./cell.js";
import { liftAsked, linkAsked, mailShown } from "./mail_acts.js";
import { moreButton } from "./person.js";
import { cut, panel, smallTable, tag } from "./tables.js";
/** @import { Column, Context } from "../../types/console" */
/** @import { Child, Voice } from "../../types/page" */
/** @import { CompanyPage, ContactCard } from "../../types/records" */

/** What a letter does, by the button that opens the rest of a row. @type {WeakMap<Element, Record<string, () => unknown>>} */
const BY_KEY = new WeakMap();

/** @param {Voice} t @param {ContactCard} contact */
export const nameOf = (t, contact) => contact.name || t("contact_no", { id: contact.id });

/** @param {string} kind @param {string} text */
const mark = (kind, text) => h("span", { class: `mark ${kind}` }, text);

/** @param {string} letter */
const keyed = (letter) => h("kbd", { "aria-hidden": "true" }, letter);

/**
 * What is known of an address: that it is blocked, else what became of the newest mail, else that a block was lifted.
 * @param {Voice} t
 * @param {ContactCard} contact
 * @returns {HTMLElement}
 */
function mailState(t, { delivery, delivery_at: at, lifted, mail }) {
  if (!delivery) return mark("bad", t("mail_without"));
  if (delivery !== "ok") return mark("bad", t(`mail_${delivery}`, { day: at ? shortDay(t, at) : "" }).trim());
  if (lifted && !(mail && Date.parse(mail.planned_at) >= Date.parse(lifted.at))) {
    return h("span", { title: lifted.reason }, t("mail_lifted", { day: shortDay(t, lifted.at) }));
  }
  if (!mail) return h("span", { class: "muted" }, t("mail_never"));
  const day = shortDay(t, mail.on);
  if (mail.state !== "sent") return mark("warn", t(`mail_is_${mail.state}`, { day }));
  if (mail.fate === "delivered") return mark("good", t("mail_delivered", { day }));
  const known = mail.fate && t.knows(`mail_fate_${mail.fate}`);
  return known ? mark("warn", t(`mail_fate_${mail.fate}`, { day })) : h("span", {}, t("mail_written", { day }));
}

/**
 * @param {Voice} t
 * @param {ContactCard} contact
 */
function rightsWords(t, { rights }) {
  const named = [
    rights?.readings && t("rights_readings"),
    rights?.machines && t("rights_machines"),
    rights && rights.service_orders !== "none" && t("rights_service"),
  ].filter(Boolean);
  return named.length ? named.join(", ") : t("rights_none");
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {CompanyPage} page
 * @param {() => Promise<unknown>} changed draws the page anew
 */
export function contactsPanel(context, node, { contacts }, changed) {
  const { t } = context;
  const may = context.may("remind");

  /** @param {ContactCard} contact */
  const revoke = (contact) => ask(context, node, {
    title: t("revoke_title"),
    content: h("p", {}, t("revoke_what", { name: nameOf(t, contact), email: contact.email })),
    go: t("revoke_go"),
    act: () => context.call("POST", `/api/staff/contacts/${encodeURIComponent(contact.id)}/links/revoke`),
    done: () => {
      say(t("revoke_done", { name: nameOf(t, contact) }));
      changed();
    },
  });

  /** @param {ContactCard} contact @param {boolean} active */
  const turn = (contact, active) => ask(context, node, {
    title: t(active ? "contact_back_title" : "contact_left_title"),
    content: h("p", {}, t(active ? "contact_back_what" : "contact_left_what", { name: nameOf(t, contact) })),
    go: t(active ? "contact_back_go" : "contact_left_go"),
    act: () => context.call("PATCH", `/api/staff/contacts/${encodeURIComponent(contact.id)}`, {
      body: { active, version: contact.version },
    }),
    done: () => {
      say(t(active ? "contact_back_done" : "contact_left_done", { name: nameOf(t, contact) }));
      changed();
    },
    renew: changed,
  });

  /**
   * A quiet button in a row; the person is in its name.
   * @param {string} id
   * @param {string} key
   * @param {ContactCard} contact
   * @param {() => unknown} click
   * @param {Child} [more]
   */
  const act = (id, key, contact, click, more) => h("button", {
    type: "button",
    class: "link",
    id: `${id}-${contact.id}`,
    "aria-label": t(`${key}_of`, { name: nameOf(t, contact) }),
    on: { click },
  }, t(key), more);

  /** @param {ContactCard} contact */
  function rightsAsked(contact) {
    const boxes = /** @type {const} */ (["readings", "machines"]).map((right) => {
      const box = h("input", { type: "checkbox", id: `right-${right}` });
      box.checked = Boolean(contact.rights?.[right]);
      return { right, box, element: h("div", { class: "choice" }, box, h("div", {},
        h("label", { for: box.id }, t(`right_${right}`)), h("p", { class: "muted small" }, t(`right_${right}_what`)))) };
    });
    ask(context, node, {
      title: t("rights_title"),
      content: [h("p", {}, t("rights_what", { name: nameOf(t, contact) })), boxes.map(({ element }) => element)],
      go: t("save"),
      act: () => context.call("PATCH", `/api/staff/contacts/${encodeURIComponent(contact.id)}`, {
        body: { rights: Object.fromEntries(boxes.map(({ right, box }) => [right, box.checked])), version: contact.version },
      }),
      done: () => {
        say(t("rights_stored", { name: nameOf(t, contact) }));
        changed();
      },
      renew: changed,
    });
  }

  /** @param {ContactCard} row */
  function rights(row) {
    const words = rightsWords(t, row);
    if (!may || !row.rights) return cut(words, row.rights ? "few" : "few muted");
    return h("div", { class: "few" }, h("button", {
      type: "button",
      class: "value cut",
      title: words,
      id: `rights-${row.id}`,
      "aria-label": t("rights_change", { name: nameOf(t, row), rights: words }),
      on: { click: () => rightsAsked(row) },
    }, words));
  }

  /** @param {ContactCard} row */
  const state = (row) => (row.mail
    ? h("button", {
      type: "button",
      class: "value",
      id: `mail-${row.id}`,
      "aria-label": t("mail_see_of", { name: nameOf(t, row), state: mailState(t, row).textContent }),
      on: { click: () => mailShown(context, node, row) },
    }, mailState(t, row))
    : mailState(t, row));

  /** What is done most, and behind "more" the rest. @param {ContactCard} row */
  function actsOf(row) {
    const blocked = row.delivery === "bounced" || row.delivery === "complained";
    const link = may && row.active && row.delivery === "ok" && (() => linkAsked(context, node, row, changed));
    const lift = may && blocked && (() => liftAsked(context, node, row, changed));
    const revokes = may && row.email && (() => revoke(row));
    const name = nameOf(t, row);
    const more = moreButton(context, node, row, {
      changed,
      acts: may ? [
        revokes && { words: t("revoke_of", { name }), key: "X", what: t("revoke_short"), act: revokes },
        row.active
          ? { words: t("contact_left_of", { name }), what: t("contact_left_short"), act: () => turn(row, false) }
          : { words: t("contact_back_of", { name }), what: t("contact_back_short"), act: () => turn(row, true) },
      ].filter((one) => one !== false && one !== "") : [],
    });
    BY_KEY.set(more, { ...(link && { w: link }), ...(revokes && { x: revokes }), ...(lift && { l: lift }) });
    return h("span", { class: "one-line" },
      link && act("link", "link", row, link, keyed("W")),
      lift && act("lift", "lift", row, lift, keyed("L")),
      more);
  }

  const sorted = [...contacts].sort((one, other) => Number(other.active) - Number(one.active)
    || Number(other.reports.length > 0) - Number(one.reports.length > 0) || one.name.localeCompare(other.name, t.language));
  /** @type {Column<ContactCard>[]} */
  const columns = [
    {
      label: t("contact"),
      cell: (row) => h("span", { class: "one-line" },
        h(row.reports.length ? "strong" : "span", { id: `contact-${row.id}`, class: "cut", title: nameOf(t, row) }, nameOf(t, row)),
        row.reports.length > 0 && tag(t("contact_reporter")),
        !row.active && tag(t("contact_inactive")),
        !row.in_erp && tag(t("contact_new_to_erp"), "warn"),
        row.erp?.active !== null && row.erp?.active !== undefined && tag(t("contact_to_erp"), "warn")),
    },
    { label: t("contact_email"), cell: (row) => editedCell(context, node, row, "email", changed) },
    { label: t("contact_mail_state"), cell: state },
    { label: t("contact_phone"), cell: (row) => editedCell(context, node, row, "phone", changed) },
    { label: t("contact_reports"), cell: (row) => cut(row.reports.join(", ") || "–", "few") },
    { label: t("rights"), cell: rights },
    { label: t("contact_acts"), cell: actsOf },
  ];
  return panel(t("contacts_of"), h("span", { class: "muted" }, t.number(contacts.length)),
    contacts.length ? smallTable(context, t("contacts_of"), columns, sorted) : h("p", { class: "foot muted" }, t("contacts_none")));
}

/**
 * A letter does what it stands for: on a row for that row's person, elsewhere on the page for the only one there is.
 * @param {HTMLElement} node
 * @param {AbortSignal} stopped
 */
export function actsByKey(node, stopped) {
  pageKeys(node, stopped, (letter) => {
    /** @param {ParentNode | null | undefined} within */
    const deeds = (within) =>
      [...(within?.querySelectorAll("button[id^='more-']") ?? [])].flatMap((one) => BY_KEY.get(one)?.[letter] ?? []);
    const row = document.activeElement?.closest("tr");
    const found = [deeds(row), deeds(node)].find((some) => some.length) ?? [];
    if (found.length === 1) found[0]();
    return found.length === 1;
  });
}
