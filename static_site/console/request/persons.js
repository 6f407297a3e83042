// The table of one cause: a row for each person, with the field that mends it; who is mended stays, green, with a way back.
import { h } from "/shared/page.js";
import { showFailure } from "../parts.js";
import { addressOf } from "../stock/address.js";
import { BY_ADDRESS } from "./causes.js";
import { addressField, askReporter } from "./mending.js";
/** @import { Context } from "../../types/console" */
/** @import { Mended, Named, Person } from "../../types/request" */

/**
 * @param {Context} context
 * @param {{ node: HTMLElement, people: Map<string, Named>, mended: Map<string, Mended>, failure: HTMLElement,
 *   done: (person: Person, words: string, back: (() => Promise<void>) | null) => Promise<void>, renew: (person: Person) => Promise<void>,
 *   undo: (key: string) => Promise<void> }} place
 */
export function personRows(context, { node, people, mended, failure, done, renew, undo }) {
  const { t } = context;
  const may = context.may("remind");

  /** @param {Person} person */
  const company = (person) => h("a", { href: addressOf("companies", person.company_id, person.company_id), title: person.company },
    person.company || person.company_id);

  /** @param {Person} person */
  function about(person) {
    const named = people.get(person.contact);
    return [
      h("th", { scope: "row", title: named?.name }, named?.name || (person.contact ? person.contact : "–")),
      h("td", { class: "cut" }, company(person)),
      h("td", { class: "phone" }, named?.phone || "–"),
      h("td", { class: "number" }, t.number(person.contracts.length)),
      h("td", { class: "number" }, t.number(person.machines)),
    ];
  }

  /** @param {Person} person */
  function reporterButton(person) {
    const words = t(person.contact ? "mend_reporter" : "mend_reporter_choose");
    const open = async () => {
      try {
        await askReporter(context, node, person, { done: (told, back) => done(person, told, back) });
      } catch (error) {
        showFailure(context, failure, error);
      }
    };
    const name = people.get(person.contact)?.name || person.company;
    return h("button", { type: "button", class: "link", "aria-label": `${words} ${name}`, on: { click: open } }, words);
  }

  /** @param {Person} person */
  function open(person) {
    const named = people.get(person.contact);
    const byAddress = may && named && BY_ADDRESS.includes(person.cause);
    const field = byAddress
      ? addressField(context, person, named, { done: (words, back) => done(person, words, back), renew: () => renew(person) })
      : null;
    const blocked = person.cause === "email_bounced" || person.cause === "email_complained";
    return h("tr", { "data-key": person.key },
      about(person),
      h("td", { class: "mend" }, field ? field.form : h("span", { class: "muted" }, person.text)),
      h("td", { class: "next" },
        field?.wrong,
        may && person.cause !== "other" && person.cause !== "withdrawn" && reporterButton(person),
        blocked && h("a", { href: addressOf("companies", person.company_id, person.company_id) }, t("mend_lift"))));
  }

  /** @param {string} key @param {Mended} one */
  function green(key, one) {
    return h("tr", { class: "mended", "data-key": key },
      about(one.person),
      h("td", { class: "mend" }, h("span", { class: "mark good" }, one.words)),
      h("td", { class: "next" },
        h("span", { class: "muted" }, t("mend_ready", { count: one.ready })), " ",
        one.back && h("button", { type: "button", class: "link", on: { click: () => undo(key) } }, t("mend_back"))));
  }

  return {
    head: h("thead", {}, h("tr", {},
      h("th", { scope: "col" }, t("contact")),
      h("th", { scope: "col" }, t("company")),
      h("th", { scope: "col" }, t("calls_phone")),
      h("th", { scope: "col", class: "number" }, t("contracts")),
      h("th", { scope: "col", class: "number" }, t("machines")),
      h("th", { scope: "col" }, t("mend_here")),
      h("th", { scope: "col" }, h("span", { class: "unseen" }, t("deliveries_next"))))),
    /** @param {string} key @param {Person | undefined} person */
    row: (key, person) => {
      const one = mended.get(key);
      if (one) return green(key, one);
      return person ? open(person) : null;
    },
  };
}
