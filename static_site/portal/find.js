// Finding a machine among many: a filter box and the states, instantly, on what is loaded.
import { plain } from "/shared/letters.js";
import { both, fill, h, say } from "/shared/page.js";
import { isComplete, nameOf } from "/meter.js";
/** @import { Language } from "../types/page" */
/** @import { Card, Listing, Machine, Row, SignedIn, States } from "../types/portal" */

export const texts = both({
  find_label: ["Gerät suchen", "Find a machine"],
  find_hint: ["Raum, Serien- oder eigene Nr.", "Room, serial or your own no."],
  find_state: ["Anzeigen", "Show"],
  find_hint_desk: ["Raum 150, 1. OG, Serie …", "Room 150, 1. OG, serial …"],
  find_all: ["Alle", "All"],
  find_open: ["Offen", "Open"],
  find_check: ["Zu prüfen", "To check"],
  find_done: ["Erledigt", "Done"],
  find_reported: ["Gemeldet", "Reported"],
  find_none: ["Kein Gerät passt dazu.", "No machine matches."],
  find_clear: ["Filter aufheben", "Clear the filter"],
  find_found: [["{count} Gerät", "{count} Geräte"], ["{count} machine", "{count} machines"]],
});

/** @type {States} */
const STATES = {
  all: () => true,
  open: (card) => card.isOpen,
  check: (card) => card.doubtful || card.waiting,
  done: (card) => isComplete(card.machine) && !card.doubtful,
};

/** @param {string} text */
const folded = (text) => plain(text.toLocaleLowerCase("de").normalize("NFKD").replace(/[\u0300-\u036f]/g, ""));

/** What people write before or behind a number of a room or a floor: only that place is meant then. */
const ROOM = /\b(?:raum|room|zimmer|zi|r)\b\.?\s*(\S+)/g;
const FLOOR = /(-?\d+)\s*\.?\s*(?:og|obergeschoss|stock|etage|floor|ug)\b/g;

/**
 * What somebody looks for, as words that a machine must have, each of them somewhere. "Raum 150" and "1. OG" are one word each.
 * @param {string} text
 */
export const wordsOf = (text) => folded(text)
  .replace(ROOM, " raum=$1 ")
  .replace(FLOOR, (said, number) => ` etage=${number}${/ug/.test(said) ? "ug" : "og"} `)
  .split(/\s+/)
  .filter(Boolean);

/**
 * Everything by which a machine is found.
 * @param {{ machine: Machine }} card
 */
export function haystack({ machine }) {
  const { location } = machine;
  const floor = wordsOf(location.floor || "").find((word) => word.startsWith("etage="));
  const rooms = folded(location.room || "").replace(ROOM, "$1").split(/[\s,;/]+/).filter(Boolean);
  const places = [...rooms.map((room) => `raum=${room}`), floor];
  return [...places, folded([
    machine.id,
    nameOf(machine),
    machine.serial,
    machine.customer_no,
    location.site,
    location.building,
    location.floor,
    location.room,
  ].filter(Boolean).join(" "))].filter(Boolean).join(" ");
}

/** On paper every machine has its counters, however far down it stands. */
addEventListener("beforeprint", () => {
  for (const row of document.querySelectorAll(".cards > li")) /** @type {Row} */ (row).card.build();
});

/**
 * Puts the filter above the list and keeps it true while cards change. `states` of the list's own, if any: name -> of a card.
 * @param {SignedIn} app
 * @param {Listing} overview
 */
export function find(app, overview) {
  const states = overview.table?.states || overview.states || STATES;
  const hint = overview.table ? "find_hint_desk" : "find_hint";
  /** @param {string} state */
  const nameOfState = (state) => app.t(overview.table && state === "done" ? "find_reported" : `find_${state}`);
  const input = h("input", { type: "search", id: "find", autocomplete: "off", spellcheck: "false", placeholder: app.t(hint) });
  const none = h("div", { class: "box", hidden: true });
  let chosen = "all";
  /** @type {Language | null} */
  let spoken = null;
  let told = 0;
  /** @type {Map<Card, string[]>} the states in which a card was counted */
  const counted = new Map();
  /** @type {Record<string, number>} */
  let counts = {};
  /** @type {Record<string, { input: HTMLInputElement, label: HTMLLabelElement }>} */
  let radios = {};

  function clear() {
    input.value = "";
    chosen = "all";
    radios.all.input.checked = true;
    apply();
    input.focus();
  }

  function draw() {
    const { t } = app;
    spoken = t.language;
    input.placeholder = t(hint);
    radios = Object.fromEntries(Object.keys(states).map((state) => {
      const radio = h("input", { type: "radio", name: "state", id: `state-${state}`, checked: state === chosen });
      radio.addEventListener("change", () => {
        chosen = state;
        apply();
      });
      return [state, { input: radio, label: h("label", { for: radio.id }) }];
    }));
    fill(none,
      h("p", {}, t("find_none")),
      h("p", {}, h("button", { type: "button", class: "button quiet", on: { click: clear } }, t("find_clear"))));
    fill(overview.find,
      h("div", { role: "search" },
        h("label", { for: "find", class: "unseen" }, t("find_label")),
        input),
      h("fieldset", { class: "states" }, h("legend", { class: "unseen" }, t("find_state")),
        Object.values(radios).map((radio) => h("span", { class: "option" }, radio.input, radio.label))),
      !overview.table && none);
    overview.table?.element.parentElement?.after(none); // Where its lines would stand, and its head stays where it is.
  }

  /**
   * Counts a card, in place of what was counted of it before; gives whether it is shown.
   * @param {Card} card
   * @param {string[]} words
   */
  function look(card, words) {
    const hay = card.hay ??= haystack(card);
    const matches = words.every((word) => hay.includes(word));
    const found = matches ? Object.keys(states).filter((state) => states[state](card)) : [];
    for (const state of counted.get(card) ?? []) counts[state] -= 1;
    for (const state of found) counts[state] += 1;
    counted.set(card, found);
    // What somebody is working on stays in sight until the filter is touched.
    return matches && (found.includes(chosen) || card.element.contains(document.activeElement));
  }

  const label = () => {
    const most = Math.max(overview.counted?.total ?? 0, overview.cards.length);
    for (const [state, { label: words }] of Object.entries(radios)) {
      const [name, n] = [nameOfState(state), app.t.number(counts[state])];
      if (words.textContent !== `${name} ${n}`) fill(words, `${name} `, h("span", { class: "number" }, n));
      words.dataset.widest = `${name} ${app.t.number(most)}`; // Its room is kept, so that no count moves the next one.
    }
  };

  /** Shows what matches; hides groups without a match. */
  function apply() {
    const words = wordsOf(input.value);
    counted.clear();
    counts = Object.fromEntries(Object.keys(states).map((state) => [state, 0]));
    const groups = new Set();
    let shown = 0;
    for (const card of overview.cards) {
      const visible = look(card, words);
      if (card.row.hidden === visible) card.row.hidden = !visible;
      if (visible) groups.add(card.row.parentNode);
      shown += Number(visible);
    }
    for (const list of overview.list.querySelectorAll(".cards")) {
      const section = /** @type {HTMLElement | null} */ (list.closest(".group"));
      if (section) section.hidden = !groups.has(list);
      if (words.length || chosen !== "all") list.closest("details")?.setAttribute("open", "");
    }
    label();
    overview.table?.list();
    none.hidden = shown > 0 || overview.cards.length === 0;
    return shown;
  }

  input.addEventListener("input", () => {
    const shown = apply();
    clearTimeout(told);
    told = setTimeout(() => say(app.t("find_found", { count: shown })), 600);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && input.value) clear();
    if (event.key !== "Enter") return;
    event.preventDefault();
    overview.cards.find((card) => !card.row.hidden)?.focus();
  });
  draw();
  apply();
  /** The overview calls it after each change; a single card only where it shows or hides by that. */
  overview.filter = (card) => {
    if (spoken !== app.t.language) draw();
    if (!card || look(card, wordsOf(input.value)) === card.row.hidden) apply();
    else label();
  };
}
