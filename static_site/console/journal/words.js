// What an entry of the journal says: its record as a link, its fields and values in words.
import { h } from "/shared/page.js";
import { addressOf } from "../stock/address.js";
/** @import { Child, Voice } from "../../types/page" */
/** @import { FieldChange, JournalEntry } from "../../types/records" */

/** Records that have a page of their own, or a list. @type {Record<string, (id: string) => string>} */
const PAGES = {
  round: (id) => `#/rounds/${id}`,
  readiness: (id) => `#/readiness/${id}`,
  release: (id) => `#/releases/${id}`,
  import: (id) => `#/imports/${id}`,
  export: (id) => `#/exports/${id}`,
  help: (id) => `#/help/${id}`,
  problem: () => "#/problems?state=decided",
  answer: () => "#/answers?state=decided",
  successor: () => "#/successors?state=decided",
  tolerances: () => "#/plausibility",
  schedule: () => "#/schedule",
  release_limits: () => "#/plausibility",
};

/** @param {Voice} t @param {string} field */
export function fieldWords(t, field) {
  const [name, id] = field.split(" ");
  if (name === "meter" && id) return t("field_meter", { id });
  return t.knows(`field_${field}`) ? t(`field_${field}`) : field;
}

/**
 * @param {Voice} t
 * @param {FieldChange["after"]} value
 * @param {string} field
 */
export function valueWords(t, value, field) {
  if (value === null || value === undefined || value === "") return t("journal_nothing");
  if (typeof value === "boolean") return t(value ? "journal_yes" : "journal_no");
  if (typeof value === "number") return field === "version" ? String(value) : t.number(value);
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return t.date(value);
  const key = [`channel_${value}`, `told_${value}`, `problem_${value}`].find((one) => t.knows(one));
  return key ? t(key) : value;
}

/**
 * One side of all changes, in a line; where the other side is empty everywhere there is nothing to compare.
 * @param {Voice} t
 * @param {FieldChange[]} changes
 * @param {"before" | "after"} side
 */
export const sideWords = (t, changes, side) => changes
  .filter((one) => one[side] !== null)
  .map((one) => t("journal_change", { field: fieldWords(t, one.field), value: valueWords(t, one[side], one.field) }))
  .join(", ");

/**
 * What an entry is about, each as a link.
 * @param {Voice} t
 * @param {JournalEntry} entry
 * @returns {Child[]}
 */
export function recordLinks(t, { record, company, contact, machine_id: machine }) {
  const home = company && addressOf("companies", company.id, company.id);
  const links = [
    machine && h("a", { href: addressOf("machines", company?.id ?? "", machine) }, `${t("machine")} ${machine}`),
    contact && home && h("a", { href: home }, contact.name || t("contact_no", { id: contact.id })),
    company && home && h("a", { href: home }, company.name || company.id),
  ].filter((one) => one instanceof Node);
  if (links.length) return links.slice(0, 2).map((one, place) => [place > 0 && ", ", one]);
  const name = t.knows(`record_${record.kind}`) ? t(`record_${record.kind}`) : record.kind;
  const page = PAGES[record.kind];
  return [page ? h("a", { href: page(encodeURIComponent(record.id)) }, name) : name];
}
