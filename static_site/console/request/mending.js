// The field in a person's row: another address, or another reporter; with the way back.
import { fill, h, refusal } from "/shared/page.js";
import { ask, choices, chosenOf } from "../dialog.js";
import { remembered, showFailure } from "../parts.js";
import { who } from "../staff_session.js";
import { addressOf } from "../stock/address.js";
/** @import { Context } from "../../types/console" */
/** @import { Named, Person } from "../../types/request" */

/**
 * @param {Context} context
 * @param {string} contact
 * @param {{ email: string | null, version: number, shared: boolean }} given
 */
function patch(context, contact, { email, version, shared }) {
  const path = /** @type {const} */ (`/api/staff/contacts/${encodeURIComponent(contact)}`);
  return context.call("PATCH", path, { body: { email, version, ...(shared ? { confirm_shared: true } : {}) } });
}

/**
 * The field for another address. `done(words, back)` once it is stored, `renew()` where somebody else was faster.
 * @param {Context} context
 * @param {Person} person
 * @param {Named} named
 * @param {{ done: (words: string, back: () => Promise<void>) => Promise<void>, renew: () => Promise<void> }} place
 */
export function addressField(context, person, named, { done, renew }) {
  const { t } = context;
  const shelf = `address.${who().id}.${named.id}`;
  const draft = /** @type {string | null} */ (remembered.get(shelf));
  const wrong = h("span", { class: "request-wrong", id: `wrong-${named.id}` });
  const input = h("input", {
    type: "text",
    inputmode: "email",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: "320",
    "aria-label": t("mend_address_of", { name: named.name || named.id }),
    "aria-describedby": wrong.id,
    placeholder: t("mend_address"),
    value: draft ?? named.email,
  });
  const save = h("button", { type: "submit", class: "button", hidden: true }, t("mend_save"));
  let busy = false;

  function changed() {
    const now = input.value.trim();
    save.hidden = now === named.email || !now;
    remembered.put(shelf, save.hidden ? null : now);
  }

  function reset() {
    input.value = named.email;
    input.removeAttribute("aria-invalid");
    fill(wrong);
    changed();
  }

  /** @param {boolean} shared */
  async function store(shared) {
    if (busy || save.hidden) return;
    busy = true;
    fill(wrong);
    input.removeAttribute("aria-invalid");
    const email = input.value.trim();
    try {
      const now = await patch(context, named.id, { email, version: named.version, shared });
      remembered.put(shelf, null);
      const back = async () => {
        await patch(context, named.id, { email: named.email || null, version: now.version, shared: true });
      };
      await done(now.email, back);
    } catch (error) {
      refused(error);
    } finally {
      busy = false;
    }
  }

  /** @param {unknown} error */
  function refused(error) {
    const told = refusal(error);
    if (told.code === "address_known_elsewhere") {
      fill(wrong, told.message, " ", h("button", { type: "button", class: "link", on: { click: () => store(true) } }, t("mend_shared")));
      wrong.querySelector("button")?.focus();
    } else if (told.status === 412 || told.status === 404) {
      fill(wrong, told.message, " ", h("button", { type: "button", class: "link", on: { click: renew } }, t("mend_renew")));
    } else if (told.status === 422) {
      fill(wrong, told.message);
      input.setAttribute("aria-invalid", "true");
      input.focus();
    } else showFailure(context, wrong, error);
  }

  input.addEventListener("input", () => {
    fill(wrong);
    input.removeAttribute("aria-invalid");
    changed();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") reset();
  });
  const form = h("form", {
    class: "request-field",
    novalidate: true,
    "data-key": person.key,
    on: {
      submit: (event) => {
        event.preventDefault();
        store(false);
      },
    },
  }, input, save);
  changed();
  return { form, wrong };
}

/**
 * Asks who is to report for a person's contracts, and sets it at each of them.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Person} person
 * @param {{ done: (words: string, back: (() => Promise<void>) | null) => Promise<void> }} place
 */
export async function askReporter(context, node, person, { done }) {
  const { t } = context;
  const path = /** @type {const} */ (`/api/staff/companies/${encodeURIComponent(person.company_id)}?limit=1`);
  const { contacts } = await context.call("GET", path);
  const found = contacts.filter((one) => one.active && one.id !== person.contact);
  const options = found.map((one) => ({
    value: one.id,
    text: one.name || one.id,
    what: [one.email || t("mend_no_address"), one.phone].filter(Boolean).join(", "),
  }));
  const list = choices("reporter", t("mend_reporter_who", { count: person.contracts.length }), options);

  // Nobody can be named again who is not there any more.
  const restorable = person.contracts.every(({ found: standing }) =>
    (standing?.reporters ?? []).every((id) => contacts.some((one) => one.active && one.id === id)));

  /** @param {(before: string[]) => string[]} reporters @param {Map<string, number>} versions */
  async function set(reporters, versions) {
    for (const { row, found: standing } of person.contracts) {
      if (!standing) continue;
      const contract = /** @type {const} */ (`/api/staff/contracts/${encodeURIComponent(row.id)}`);
      const body = { reporters: [...new Set(reporters(standing.reporters))], version: versions.get(row.id) ?? standing.version };
      versions.set(row.id, (await context.call("PATCH", contract, { body })).version);
    }
  }

  ask(context, node, {
    title: t("mend_reporter_title", { company: person.company }),
    content: options.length
      ? list
      : h("p", {}, t("mend_nobody"), " ", h("a", { href: addressOf("companies", person.company_id, person.company_id) }, person.company)),
    go: options.length ? t("mend_reporter_go") : t("cancel"),
    act: async () => {
      if (!options.length) return null;
      const chosen = chosenOf(list);
      const versions = new Map();
      // Of those named before, who can report stays; the one in question gives way.
      await set((before) => [...before.filter((one) => found.some(({ id }) => id === one)), chosen], versions);
      const words = found.find((one) => one.id === chosen)?.name ?? chosen;
      return { words, back: restorable ? () => set((before) => before, versions) : null };
    },
    done: (answer) => {
      if (answer) done(answer.words, answer.back);
    },
  });
}
