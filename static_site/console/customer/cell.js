// One value of a contact that is mended where it stands: pressed, it becomes a field; what was typed survives a reload.
import { fill, h, refusal, say } from "/shared/page.js";
import { ask } from "../dialog.js";
import { addressOf } from "../stock/address.js";
import { tag } from "./tables.js";
/** @import { Context } from "../../types/console" */
/** @import { ContactCard } from "../../types/records" */

const kept = {
  /** @param {string} key */
  get: (key) => sessionStorage.getItem(`meterportal.contact.${key}`),
  /** @param {string} key @param {string} value */
  put: (key, value) => sessionStorage.setItem(`meterportal.contact.${key}`, value),
  /** @param {string} key */
  drop: (key) => sessionStorage.removeItem(`meterportal.contact.${key}`),
};

/**
 * @param {Context} context
 * @param {HTMLElement} node where a question opens
 * @param {ContactCard} contact
 * @param {"email" | "phone"} field
 * @param {() => Promise<unknown>} changed draws the page anew
 */
export function editedCell(context, node, contact, field, changed) {
  const { t } = context;
  const name = contact.name || t("contact_no", { id: contact.id });
  const key = `${contact.id}.${field}`;
  const inErp = contact.erp?.[field] ?? null;
  const cell = h("div", { class: "edited" });
  const failure = h("div");

  /**
   * @param {string} value
   * @param {{ shared?: boolean }} [how]
   */
  const send = (value, { shared = false } = {}) => context.call("PATCH", `/api/staff/contacts/${encodeURIComponent(contact.id)}`, {
    body: { [field]: value || null, version: contact.version, ...(shared ? { confirm_shared: true } : {}) },
  });

  async function stored() {
    kept.drop(key);
    say(t(`${field}_stored`, { name }));
    await changed();
    document.getElementById(`${field}-${contact.id}`)?.focus();
  }

  /**
   * Stores a value; an address that others have is asked about first.
   * @param {string} value
   */
  async function store(value) {
    fill(failure);
    try {
      await send(value);
      await stored();
    } catch (error) {
      failed(error, value);
    }
  }

  /**
   * @param {unknown} error
   * @param {string} value
   */
  function failed(error, value) {
    const { code, facts, status } = refusal(error);
    if (status === 401) {
      context.signedOut();
    } else if (code === "address_known_elsewhere") {
      ask(context, node, {
        title: t("shared_title"),
        content: [
          h("p", {}, t("shared_what", { email: value })),
          h("ul", {}, (facts.known_at ?? []).map(({ company, contact: person }) => h("li", {},
            h("a", { href: addressOf("companies", company.id, company.id) }, company.name || company.id),
            `, ${person.name || person.id}`))),
        ],
        go: t("shared_go"),
        act: () => send(value, { shared: true }),
        done: stored,
        renew: changed,
      });
    } else if (code === "changed_meanwhile") {
      const now = facts.contact ? facts.contact[field] : "";
      fill(failure, h("p", { class: "refused", role: "alert" }, t("contact_newer", { value: now || "–" }), " ",
        h("button", { type: "button", class: "link", on: { click: changed } }, t("entry_reload"))));
    } else {
      fill(failure, h("p", { class: "refused", role: "alert" }, context.words(error)));
    }
  }

  function look() {
    fill(cell,
      context.may("remind")
        ? h("button", {
          type: "button",
          class: `value ${field}`,
          title: contact[field],
          id: `${field}-${contact.id}`,
          "aria-label": t(`${field}_edit`, { name, value: contact[field] || "–" }),
          on: { click: () => edit(contact[field]).select() },
        }, contact[field] || "–")
        : h("span", { class: `still ${field}`, title: contact[field] }, contact[field] || "–"),
      inErp !== null && [" ", h("span", { class: "owed" },
        h("span", { title: t("erp_says", { value: inErp || "–" }) }, tag(t("contact_to_erp"), "warn")),
        context.may("remind") && [" ", h("button", {
          type: "button",
          class: "link",
          "aria-label": t(`${field}_undo`, { name, value: inErp || "–" }),
          on: { click: () => store(inErp) },
        }, t("undo"))])],
      failure);
  }

  /** @param {string} value */
  function edit(value) {
    const input = h("input", {
      type: field === "email" ? "email" : "tel",
      "aria-label": t(`${field}_of`, { name }),
      autocomplete: "off",
      spellcheck: "false",
      maxlength: field === "email" ? "254" : "60",
    });
    const save = h("button", { type: "submit", class: "button" }, t("save"));
    input.value = value;
    const mirror = () => {
      save.hidden = input.value.trim() === contact[field];
    };
    mirror();
    input.addEventListener("input", () => {
      kept.put(key, input.value);
      mirror();
    });
    const back = () => {
      kept.drop(key);
      fill(failure);
      look();
      document.getElementById(`${field}-${contact.id}`)?.focus();
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") back();
    });
    fill(cell, h("form", {
      novalidate: true,
      on: {
        submit: (event) => {
          event.preventDefault();
          if (save.hidden) back();
          else store(input.value.trim());
        },
      },
    }, input, save), failure);
    return input;
  }

  const draft = context.may("remind") ? kept.get(key) : null;
  if (draft === null || draft.trim() === contact[field]) look();
  else edit(draft);
  return cell;
}
