// What stands beside the overview: a screen of its own, with the way back.
import { both, fill, h } from "/shared/page.js";
/** @import { Heading, Screen, SignedIn } from "../types/portal" */

export const texts = both({
  back: ["Zurück zu den Geräten", "Back to the machines"],
  back_one: ["Zurück zum Gerät", "Back to the machine"],
  back_all: ["Zurück zu allen Geräten", "Back to all machines"],
  back_own: ["Zurück zu Ihren Zählerständen", "Back to your readings"],
});

/**
 * @param {SignedIn} app
 * @param {HTMLElement} node
 * @param {Screen} name
 * @param {string[]} params the machine, and "machines" where somebody came from all of them
 * @returns {Promise<Heading>}
 */
export async function open(app, node, name, params) {
  if (name === "fleet" && params[0] === "result") return (await app.part("sheet/page")).page(app, node);
  const { screen } = await app.part(name);
  const body = h("div", { class: "screen" });
  const own = app.overview.single ? "back_one" : "back";
  const [href, key] = params[1] === "machines" ? ["#/machines", "back_all"] : ["#/", name === "machines" ? "back_own" : own];
  fill(node, h("p", { class: "back" }, h("a", { href }, app.t(key))), body);
  return screen(app, body, params);
}
