// The dealer's colours, and the addresses of imprint and privacy at the foot of the page.
import { fill, h } from "/shared/page.js";
/** @import { Language } from "../types/page" */
/** @import { Session } from "../types/portal" */

const sheet = new CSSStyleSheet();
const foot = h("footer", { class: "inner dealer" });

/**
 * Buttons and links keep the page's own colour where the device is dark: the dealer's was checked on a light page.
 * @param {Session["dealer"]} dealer
 * @param {Language} language
 */
export function wear(dealer, language) {
  const head = dealer.head ? `:root { --brand: ${dealer.head}; --brand-ink: ${dealer.head_ink}; }` : "";
  const accent = dealer.accent
    ? `@media print, not (prefers-color-scheme: dark) { :root { --accent: ${dealer.accent}; --accent-ink: ${dealer.accent_ink}; } }`
    : "";
  sheet.replaceSync(head + accent);
  if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const english = language === "en";
  /** @param {string} address @param {string} words */
  const link = (address, words) => address && h("a", { href: address, rel: "noopener noreferrer" }, words);
  fill(foot, h("p", {}, link(dealer.imprint, english ? "Imprint" : "Impressum"), " ",
    link(dealer.privacy, english ? "Privacy" : "Datenschutz")));
  if (!dealer.imprint && !dealer.privacy) foot.remove();
  else if (!foot.isConnected) document.body.append(foot);
}
