// A mail as its reader sees it, in a frame without scripts. The page's policy forbids styles that stand in HTML, as mails
// have them: they are set by script instead, and the links lead nowhere.
import { h } from "/shared/page.js";

/**
 * The mail with its styles set aside, so that reading it hurts no policy.
 * @param {string} html
 */
function read(html) {
  const plain = html.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle="/gi, ' data-style="'));
  return new DOMParser().parseFromString(plain.replace(/<style>([^<]*)<\/style>/gi, '<template data-sheet>$1</template>'), "text/html");
}

/**
 * @param {string} title
 * @param {string} html
 * @param {boolean | null} [dark] light or dark whatever the device prefers; null: as the device
 * @returns {HTMLIFrameElement}
 */
export function mailFrame(title, html, dark = null) {
  const frame = h("iframe", { class: "mail-frame", sandbox: "allow-same-origin", title });
  frame.addEventListener("load", () => {
    const page = frame.contentDocument;
    const view = /** @type {(Window & typeof globalThis) | null} */ (frame.contentWindow);
    if (!page || !view) return;
    const mail = read(html);
    for (const sheet of mail.querySelectorAll("template[data-sheet]")) {
      const made = new view.CSSStyleSheet();
      const rules = /** @type {HTMLTemplateElement} */ (sheet).content.textContent ?? "";
      made.replaceSync(dark === null ? rules : rules.replaceAll("(prefers-color-scheme: dark)", dark ? "all" : "not all"));
      page.adoptedStyleSheets = [...page.adoptedStyleSheets, made];
      sheet.remove();
    }
    for (const link of mail.querySelectorAll("a")) link.removeAttribute("href");
    page.documentElement.lang = mail.documentElement.lang;
    page.title = mail.title;
    page.body.className = mail.body.className;
    page.body.style.cssText = mail.body.dataset.style ?? "";
    page.body.replaceChildren(...[...mail.body.childNodes].map((node) => page.importNode(node, true)));
    for (const one of /** @type {NodeListOf<HTMLElement>} */ (page.body.querySelectorAll("[data-style]"))) {
      one.style.cssText = one.dataset.style ?? "";
      delete one.dataset.style;
    }
  });
  return frame;
}
