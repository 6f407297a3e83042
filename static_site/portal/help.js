// "Wie lese ich den Zähler ab?": steps, a drawing, and which number on the display is which counter.
import { meterName, nameOf } from "/meter.js";
import { both, fill, h, refusal } from "/shared/page.js";
/** @import { components } from "../types/api" */
/** @import { Meter, SignedIn } from "../types/portal" */

export const texts = both({
  help_title: ["Wie lese ich ab?", "How do I read it?"],
  help_of: ["So lesen Sie am {model} ab", "How to read the {model}"],
  help_zeros: ["Nullen am Anfang dürfen Sie weglassen.", "You may leave out zeros at the beginning."],
  help_unknown: ["Dieses Gerät steht nicht in Ihrer Liste.", "This machine is not in your list."],
  help_general: [
    "Für dieses Modell liegt keine eigene Anleitung vor. So geht es bei den meisten Geräten; die Menüs können etwas anders heißen.",
    "There are no instructions of its own for this model. This is how it works on most machines; menus may be named a little differently.",
  ],
  help_similar: [
    "Diese Anleitung gilt für die Reihe dieses Modells; einzelne Menüs können etwas anders heißen.",
    "These instructions are for this model’s series; some menus may be named a little differently.",
  ],
  help_display: ["Zähler", "Zähler"], // displays speak German
  help_meters: ["Welche Zahl ist welche?", "Which number is which?"],
  help_meter: ["Zähler", "Counter"],
  help_where: ["Am Gerät", "On the machine"],
  help_entry: ["Weiter zum Eintragen", "Continue to enter it"],
  help_problem: ["Ich kann nicht ablesen", "I cannot read it"],
});

/** @typedef {components["schemas"]["InstructionsJson"]} Help */

const PLACES = 7; // digits that displays show, with zeros before them
const ELSEWHERE = /printed|web/; // drawings of ways that end on no display

/** @param {number} n */
const nth = (n) => h("span", { class: "nth", "aria-hidden": "true" }, n + 1);

/**
 * The display in the machine's own words, each counter at the place of its last value; for the eyes only, the table says the same.
 * Null where the words are not known, or the way ends on no display.
 * @param {SignedIn} app
 * @param {Help} help
 * @param {Meter[]} meters
 */
function display({ t }, { meters: places, picture }, meters) {
  if (!places.length || !places.every((one) => one.display_label) || ELSEWHERE.test(picture?.src ?? "")) return null;
  /** @param {string} id */
  const digits = (id) => {
    const last = meters.find((meter) => meter.id === id)?.last;
    return last ? String(last.value).padStart(PLACES, "0") : "·".repeat(PLACES);
  };
  return h("figure", { class: "shows", lang: "de", "aria-hidden": "true" }, h("div", {},
    h("p", { class: "title" }, t("help_display")),
    places.map(({ id, display_label: word }, n) => h("p", {}, nth(n), word, h("span", { class: "number" }, digits(id))))));
}

/**
 * @param {SignedIn} app
 * @param {HTMLElement} node
 * @param {string[]} params
 */
export async function screen(app, node, [machineId]) {
  const { t } = app;
  const heading = h("h1", {}, t("help_title"));
  let help;
  try {
    help = await app.call("GET", `/api/machines/${encodeURIComponent(machineId || "-")}/help`);
  } catch (error) {
    if (refusal(error).status !== 404) throw error;
    fill(node, heading, h("p", { class: "box" }, t("help_unknown")));
    return heading;
  }
  const { machine, match, picture } = help;
  const meters = app.overview.card(machine.id)?.machine.meters ?? [];
  const drawn = display(app, help, meters);
  /** @param {Help["meters"][number]} place */
  const name = ({ id, label }) => {
    const meter = meters.find((one) => one.id === id);
    return meter ? meterName(t, meter) : label;
  };
  const toEntry = () => {
    app.wanted = machineId;
    app.go("#/");
  };
  heading.textContent = t("help_of", { model: nameOf(machine) });
  fill(node, heading,
    help.title && h("h2", {}, help.title),
    match !== "model" && h("p", { class: "muted" }, t(match === "family" ? "help_similar" : "help_general")),
    h("ol", { class: "steps" }, help.steps.map((step) => h("li", {}, step))),
    drawn ?? (picture && h("figure", { class: "drawing" }, h("img", { src: picture.src, alt: picture.alt, width: "480", height: "300" }))),
    help.meters.length > 0 && h("section", { class: "stacked", "aria-labelledby": "help-meters" },
      h("h2", { id: "help-meters" }, t("help_meters")),
      h("table", { class: "compare" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("help_meter")), h("th", { scope: "col" }, t("help_where")))),
        h("tbody", {}, help.meters.map((place, n) => h("tr", {},
          h("th", { scope: "row" }, drawn && nth(n), name(place)), h("td", {}, place.where))))),
      h("p", { class: "muted small" }, t("help_zeros"))),
    machine.may_report && h("div", { class: "stacked" },
      h("button", { type: "button", class: "button wide", on: { click: toEntry } }, t("help_entry")),
      h("p", { class: "onward" }, h("a", { href: `#/problem/${encodeURIComponent(machineId)}` }, t("help_problem")))));
  return heading;
}
