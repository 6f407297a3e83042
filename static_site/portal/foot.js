// The foot of the page: the dealer's imprint and privacy notice, also before anybody is signed in.
import { fill, h } from "/shared/page.js";
/** @import { Language } from "../types/page" */
/** @import { Look } from "../types/portal" */

const footer = h("footer", { class: "inner dealer" });

/**
 * @param {Look} look
 * @param {Language} language
 */
export function foot(look, language) {
  const english = language === "en";
  /** @param {string | undefined} address @param {string} words */
  const link = (address, words) => address && h("a", { href: address, rel: "noopener noreferrer" }, words);
  fill(footer, h("p", {}, link(look.imprint, english ? "Imprint" : "Impressum"), " ",
    link(look.privacy, english ? "Privacy" : "Datenschutz")));
  document.body.append(footer);
}
