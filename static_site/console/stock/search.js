// The search in the header: opens over any page while one types, three hits a kind.
import { fill, h } from "/shared/page.js";
import { today } from "../day.js";
import { folded, wordsOf } from "../model/folding.js";
import { addressOf, addressOfList, goTo } from "./address.js";
import { stateWords } from "./cells.js";
/** @import { Context } from "../../types/console" */
/** @import { CompanyRow, ContactRow, ContractRow, Found, Kind, MachineRow } from "../../types/model" */
/** @import { Child } from "../../types/page" */

/** @type {Kind[]} */
const GROUPS = ["companies", "contacts", "contracts", "machines"];

/**
 * A text with the parts that the words have hit, whatever their case and marks.
 * @param {string} text
 * @param {string[]} words
 * @returns {Child[]}
 */
export function marked(text, words) {
  const letters = [...text];
  const spread = letters.map((letter) => folded(letter));
  /** @type {number[]} which letter each place of the folded text belongs to */
  const owner = spread.flatMap((part, n) => [...part].map(() => n));
  const plain = spread.join("");
  const hit = letters.map(() => false);
  for (const word of words) {
    for (let from = plain.indexOf(word); from >= 0; from = plain.indexOf(word, from + 1)) {
      for (let n = from; n < from + word.length; n += 1) hit[owner[n]] = true;
    }
  }
  /** @type {Child[]} */
  const parts = [];
  for (let n = 0; n < letters.length;) {
    let end = n;
    while (end < letters.length && hit[end] === hit[n]) end += 1;
    const part = letters.slice(n, end).join("");
    parts.push(hit[n] ? h("mark", {}, part) : part);
    n = end;
  }
  return parts;
}

/**
 * The search field with its panel.
 * @param {Context} context
 */
export function searchField(context) {
  const { t } = context;
  const id = "search-panel";
  const panel = h("div", { class: id, id, role: "listbox", "aria-label": t("search"), hidden: true });
  const field = h("input", {
    type: "search",
    id: "search",
    role: "combobox",
    "aria-label": t("search"),
    "aria-controls": id,
    "aria-expanded": "false",
    "aria-autocomplete": "list",
    "aria-keyshortcuts": "/",
    placeholder: t("search_help"),
    autocomplete: "off",
    spellcheck: "false",
  });
  const element = h("div", { class: "search", role: "search" }, field, h("kbd", { "aria-hidden": "true" }, "/"), panel);
  /** @type {HTMLElement[]} */
  let options = [];
  let active = 0;
  let asked = 0;
  let stopped = new AbortController();

  function close() {
    panel.hidden = true;
    element.classList.remove("open");
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  /** @param {number} index */
  function mark(index) {
    active = Math.max(0, Math.min(index, options.length - 1));
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === active)));
    const now = options[active];
    if (now) field.setAttribute("aria-activedescendant", now.id);
    else field.removeAttribute("aria-activedescendant");
    now?.scrollIntoView({ block: "nearest" });
  }

  /** @param {boolean} elsewhere */
  function open(elsewhere) {
    const address = options[active]?.getAttribute("data-address");
    if (!address) return;
    close();
    if (!elsewhere) field.value = "";
    goTo(address, elsewhere);
  }

  /**
   * @param {string} address
   * @param {string} kind
   * @param {Child} content
   */
  function option(address, kind, content) {
    const made = h("div", {
      role: "option",
      id: `search-${options.length}`,
      class: kind,
      "data-address": address,
      on: {
        click: (event) => {
          mark(options.indexOf(made));
          open(event.ctrlKey || event.metaKey);
        },
      },
    }, content);
    options.push(made);
    return made;
  }

  /** @param {any} row @param {Kind} kind @param {string[]} words */
  function hit(row, kind, words) {
    /** @type {Record<Kind, () => Child[]>} */
    const looks = {
      companies: () => {
        const { company, id, city, reported, total } = /** @type {CompanyRow} */ (row);
        const came = total > 0 && t("search_reported", { reported, total });
        return [marked(company, words), marked([id, city].filter(Boolean).join(", "), words), came];
      },
      contacts: () => {
        const { name, email, phone, company } = /** @type {ContactRow} */ (row);
        return [marked(name, words), marked(company, words), marked(email || phone, words)];
      },
      contracts: () => {
        const { id, name, company, due_on: due } = /** @type {ContractRow} */ (row);
        return [marked(`${id} ${name}`, words), marked(company, words), due && t("search_due", { day: t.date(due) })];
      },
      machines: () => {
        const { serial, model, company, state, problem, place } = /** @type {MachineRow} */ (row);
        const where = [company, place].filter(Boolean).join(", ");
        return [marked(`${serial} ${model}`, words), marked(where, words), stateWords(t, state, problem)];
      },
    };
    return option(addressOf(kind, row.company_id, row.id), "hit", looks[kind]().map((part) => h("span", { class: "cut" }, part)));
  }

  /** @param {Found} found @param {string} text */
  function draw(found, text) {
    const words = wordsOf(text);
    options = [];
    const groups = GROUPS.filter((kind) => found[kind].total !== 0).map((kind) => {
      const { total, rows } = found[kind];
      const name = h("span", { id: `search-of-${kind}` }, t(`search_${kind}`));
      return h("div", { role: "group", "aria-labelledby": name.id },
        h("div", { class: "search-head", role: "presentation" }, name,
          h("span", { class: "muted" }, total < 0 ? t("search_loading") : t("search_hits", { count: total }))),
        rows.map((row) => hit(row, kind, words)),
        total > rows.length && kind !== "contacts"
          && option(addressOfList({ kind, words: text.trim(), ended: true }), "all", t("search_all")));
    });
    fill(panel, groups.length ? groups : h("p", { role: "presentation" }, t("search_none")),
      h("p", { class: "search-foot muted", role: "presentation" }, t("search_keys")));
    panel.hidden = false;
    element.classList.add("open");
    field.setAttribute("aria-expanded", String(options.length > 0));
    mark(0);
  }

  async function look() {
    const text = field.value;
    asked += 1;
    const now = asked;
    if (!wordsOf(text).length) {
      close();
      return;
    }
    const found = await context.model().ask("find", { text, today: today() });
    if (now === asked && field.value === text && document.activeElement === field) draw(found, text);
  }

  field.addEventListener("input", look);
  field.addEventListener("focus", () => {
    stopped.abort();
    stopped = new AbortController();
    let parts = -1;
    context.model().watch((standing) => {
      if (standing.parts.length === parts) return;
      parts = standing.parts.length;
      look();
    }, stopped.signal);
  });
  field.addEventListener("blur", () => {
    stopped.abort();
    close();
  });
  panel.addEventListener("pointerdown", (event) => event.preventDefault());
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel.hidden) field.value = "";
    if (event.key === "ArrowDown") mark(active + 1);
    else if (event.key === "ArrowUp") mark(active - 1);
    else if (event.key === "Enter") open(event.ctrlKey || event.metaKey);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  return element;
}

/** "/" leads to the search from anywhere but a field. */
export function searchByKey() {
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, select, textarea, dialog");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing) return;
    const field = document.getElementById("search");
    if (!field) return;
    event.preventDefault();
    field.focus();
  });
}
