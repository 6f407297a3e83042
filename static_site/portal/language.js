// The page in another language: everything that stands is said anew, what is typed stays.
import { elementOf } from "/shared/page.js";
/** @import { Language } from "../types/page" */
/** @import { App, Overview } from "../types/portal" */

/**
 * @param {App} app
 * @param {Language} language
 */
export async function turn(app, language) {
  await app.learned(language);
  app.speak(language);
  if (app.overview) respeak(app.overview);
  await app.redraw();
  elementOf("language").focus();
  // The mailbox remembers it too; where it cannot, this device does.
  if (app.session) app.call("PUT", "/api/session/language", { body: { language } }).catch(() => {});
}

/** @param {Overview} overview */
function respeak(overview) {
  overview.drawHead();
  overview.draw();
  overview.table?.spoken();
  for (const card of overview.cards) {
    if (card.built) card.draw();
    else card.outline();
    if (card.draft.asked) card.left((doubt) => doubt.check(card, false)); // What was asked, in the new language.
  }
}
