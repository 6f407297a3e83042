// "Wie lese ich den Zähler ab?": steps, a drawing, and which number on the display is which counter.
import { nameOf } from "/meter.js";
import { both, fill, h, refusal } from "/shared/page.js";
/** @import { SignedIn } from "../types/portal" */

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
  help_meters: ["Welche Zahl ist welche?", "Which number is which?"],
  help_meter: ["Zähler", "Counter"],
  help_where: ["Am Gerät", "On the machine"],
  help_entry: ["Weiter zum Eintragen", "Continue to enter it"],
  help_problem: ["Ich kann nicht ablesen", "I cannot read it"],
});

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
  const toEntry = () => {
    app.wanted = machineId;
    app.go("#/");
  };
  heading.textContent = t("help_of", { model: nameOf(machine) });
  fill(node, heading,
    help.title && h("h2", {}, help.title),
    match !== "model" && h("p", { class: "muted" }, t(match === "family" ? "help_similar" : "help_general")),
    h("ol", { class: "steps" }, help.steps.map((step) => h("li", {}, step))),
    picture && h("figure", { class: "drawing" }, h("img", { src: picture.src, alt: picture.alt, width: "480", height: "300" })),
    help.meters.length > 0 && h("section", { class: "stacked", "aria-labelledby": "help-meters" },
      h("h2", { id: "help-meters" }, t("help_meters")),
      h("table", { class: "compare" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("help_meter")), h("th", { scope: "col" }, t("help_where")))),
        h("tbody", {}, help.meters.map((meter) => h("tr", {}, h("th", { scope: "row" }, meter.label), h("td", {}, meter.where))))),
      h("p", { class: "muted small" }, t("help_zeros"))),
    machine.may_report && h("p", { class: "buttons" },
      h("button", { type: "button", class: "button", on: { click: toEntry } }, t("help_entry")),
      h("a", { class: "button quiet", href: `#/problem/${encodeURIComponent(machineId)}` }, t("help_problem"))));
  return heading;
}
