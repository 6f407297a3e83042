// The dealer's own words of the mails: source, findings while typing, the mail beside it, versions.
import { aborted, fill, focusOn, h, redrawn, refusal, say } from "/shared/page.js";
import { actionButton, head, remembered, rightNeeded, showFailure, showLost, staffName } from "../parts.js";
import { mailFrame } from "../request/mail_frame.js";
import { source } from "./source.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { MailText, TextFault, TextRow, TriedText, UnsavedWords, Words } from "../../types/words" */

const PAUSE = 350; // after the last key, before the words are checked
const FIRST = "bwCOPortalZEmailHtml.de";
const PARTS = /** @type {const} */ (["subject", "preheader", "html", "text"]);

/** @param {string} id "name.language" */
const pathOf = (id) => {
  const [name, language] = id.split(".");
  return /** @type {const} */ (`/api/staff/text-blocks/${encodeURIComponent(name)}/${encodeURIComponent(language)}`);
};

/** @param {Words} one @param {Words} other */
const same = (one, other) => PARTS.every((part) => one[part] === other[part]);

/** @param {Words} words @returns {Words} */
const wordsOf = ({ subject, preheader, html, text }) => ({ subject, preheader, html, text });

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function wordsView(context, node, place) {
  return wordView(context, node, { ...place, id: FIRST });
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function wordView(context, node, { id, stopped }) {
  const { t } = context;
  const path = pathOf(id);
  const [name] = id.split(".");
  const editable = context.may("admin");
  const kept = `words.${id}`;
  // Set by load(), before anything of the view can be used.
  /** @type {MailText} */
  let stored;
  /** @type {TextRow[]} */
  let rows = [];
  /** @type {TextFault[]} */
  let faults = [];
  /** @type {TriedText | null} */
  let tried = null;
  let way = "wide";
  let timer = 0;
  let checks = 0;

  const failure = h("div");
  const told = h("div");
  const list = h("nav", { class: "words-list", "aria-label": t("words_mails") });
  const findings = h("ul", { class: "words-findings", "aria-label": t("words_findings") });
  const state = h("p", { class: "muted", role: "status" });
  const bar = h("section", { class: "words-bar" });
  const shown = h("section", { class: "words-mail", "aria-label": t("words_preview") });
  const contract = h("input", {
    id: "words-contract", type: "text", autocomplete: "off", spellcheck: "false", placeholder: t("words_contract_none"),
    on: { change: () => check() },
  });
  const fields = source(context, { editable, changed: typed });

  function typed() {
    clearTimeout(timer);
    timer = window.setTimeout(check, PAUSE);
    drawState();
  }

  /** An older answer never covers newer words. */
  async function check() {
    clearTimeout(timer);
    checks += 1;
    const mine = checks;
    try {
      const body = { ...fields.words(), contract_id: contract.value.trim() };
      const found = await context.call("POST", `${path}/preview`, { body, signal: stopped });
      if (mine !== checks) return;
      tried = found;
      faults = tried.faults;
      fill(failure);
      drawMail();
      drawFindings();
      drawState();
    } catch (error) {
      if (mine === checks && !aborted(error)) showFailure(context, failure, error);
    }
  }

  function drawFindings() {
    fill(findings, faults.length
      ? faults.map((fault) => h("li", { class: "bad" },
          h("button", { type: "button", class: "link", on: { click: () => fields.mark(fault) } },
            `${t(`words_${fault.part}`)}, ${t("words_line", { line: fault.line })}`),
          " ", fault.detail))
      : h("li", {}, t("words_no_faults")));
    fields.show(faults);
  }

  function drawState() {
    if (!stored) return;
    const untouched = same(fields.words(), stored);
    if (editable) remembered.put(kept, untouched ? null : { words: fields.words(), version: stored.version });
    state.textContent = faults.length
      ? t("words_faults", { count: faults.length })
      : t(untouched ? "words_all_saved" : "words_unsaved");
    state.classList.toggle("bad", faults.length > 0);
    for (const button of bar.querySelectorAll("button")) {
      if (button.dataset.needs === "changes") button.disabled = untouched || faults.length > 0;
      if (button.dataset.needs === "sound") button.disabled = faults.length > 0;
    }
  }

  function drawMail() {
    if (!tried) return;
    const mail = tried;
    /** @param {string} kind */
    const pill = (kind) => h("button", {
      type: "button",
      class: "pill",
      id: `words-way-${kind}`,
      "aria-pressed": String(way === kind),
      on: {
        click: () => {
          way = kind;
          drawMail();
        },
      },
    }, t(`words_${kind}`));
    redrawn(shown, () => fill(shown,
      h("div", { class: "mail-ways" }, ["wide", "narrow", "dark", "text"].map(pill),
        h("span", { class: "muted" }, t("words_size", { size: t.number(Math.ceil(mail.size / 1024)) }))),
      h("p", { class: "words-subject" }, h("strong", {}, mail.subject)),
      way === "text"
        ? h("pre", { class: "mail-text", tabindex: 0, "aria-label": t("words_text"), lang: mail.language }, mail.text)
        : h("div", { class: `words-frame ${way}` }, mailFrame(t("words_preview"), mail.html, way === "dark"))));
  }

  function drawList() {
    const titles = [...new Map(rows.map((row) => [row.name, row.title]))];
    const language = id.split(".")[1];
    fill(list,
      h("ul", {}, titles.map(([one, title]) => h("li", {},
        h("a", { href: `#/words/${one}.${language}`, "aria-current": one === name ? "page" : null }, title, h("small", {}, one))))),
      h("h2", {}, t("words_versions")),
      h("ul", {},
        stored.versions.map((one, index) => h("li", {},
          h("button", { type: "button", class: "link", on: { click: () => take(one.version) } },
            t("words_version", { number: one.version })),
          index === 0 && h("span", { class: "muted" }, ` ${t("words_counts")}`),
          h("small", {}, `${staffName(t, one.by)}, ${t.time(one.at)}`))),
        h("li", {},
          h("button", { type: "button", class: "link", on: { click: () => take(0) } }, t("words_shipped")),
          !stored.versions.length && h("span", { class: "muted" }, ` ${t("words_counts")}`))));
  }

  /** An earlier version comes into the fields, unless somebody has gone on typing meanwhile. @param {number} number */
  async function take(number) {
    const before = fields.words();
    try {
      const found = await context.call("GET", `${path}/versions/${number}`, { signal: stopped });
      if (!same(fields.words(), before)) {
        fill(told, h("p", { class: "box warn", role: "status" }, t("words_not_taken")));
        return;
      }
      fields.set(wordsOf(found));
      fill(told, h("p", { class: "box", role: "status" }, number ? t("words_taken", { number }) : t("words_taken_shipped")));
      await check();
    } catch (error) {
      if (!aborted(error)) showFailure(context, failure, error);
    }
  }

  /** @param {MailText} answer */
  function takeIn(answer) {
    stored = answer;
    drawList();
    drawBar();
    drawState();
  }

  async function save() {
    fill(failure);
    fill(told);
    try {
      takeIn(await context.call("PUT", path, { body: { ...fields.words(), version: stored.version }, signal: stopped }));
      fill(told, h("p", { class: "box good", tabindex: -1 }, t("words_saved", { number: stored.version })));
      focusOn(told.firstElementChild);
    } catch (error) {
      await refused(error);
    }
  }

  /** @param {unknown} error */
  async function refused(error) {
    const reason = refusal(error);
    if (reason.status !== 412) {
      showFailure(context, failure, error);
      if (reason.status === 422) await check();
      return;
    }
    try {
      takeIn(await context.call("GET", path, { signal: stopped }));
    } catch (later) {
      if (!aborted(later)) showFailure(context, failure, later);
      return;
    }
    tellTheirs();
    focusOn(told.firstElementChild);
  }

  /** Somebody else has saved since; what was typed here stays in the fields. */
  function tellTheirs() {
    const number = stored.version;
    fill(told, h("div", { class: "box warn", tabindex: -1 },
      h("p", {}, t("words_changed_meanwhile", { number })),
      h("button", { type: "button", class: "button quiet", on: { click: () => take(number) } }, t("words_theirs", { number }))));
  }

  async function test() {
    try {
      const body = { ...fields.words(), contract_id: contract.value.trim() };
      const { to } = await context.call("POST", `${path}/test-mail`, { body, key: crypto.randomUUID() });
      fill(told, h("p", { class: "box good" }, t("words_test_sent", { to })));
      say(t("words_test_sent", { to }));
    } catch (error) {
      showFailure(context, failure, error);
    }
  }

  function discard() {
    fill(told);
    fields.set(wordsOf(stored));
    drawState();
    check();
  }

  function drawBar() {
    const number = stored.version + 1;
    const saving = actionButton(context, { text: t("words_save", { number }), group: "admin", action: save });
    saving.dataset.needs = "changes";
    const testing = actionButton(context, { text: t("words_test"), group: "admin", kind: "quiet", action: test });
    testing.dataset.needs = "sound";
    fill(bar, state, editable
      ? h("div", { class: "buttons" }, testing,
          h("button", { type: "button", class: "button quiet", on: { click: discard } }, t("words_discard")), saving)
      : rightNeeded(context, "admin"));
  }

  async function load() {
    try {
      const [found, all] = await Promise.all([
        context.call("GET", path, { signal: stopped }),
        context.call("GET", "/api/staff/text-blocks", { signal: stopped }),
      ]);
      rows = all.blocks;
      fields.offer(found.placeholders, found.language);
      const unsaved = editable ? /** @type {UnsavedWords | null} */ (remembered.get(kept)) : null;
      fields.set(unsaved?.words ?? wordsOf(found));
      takeIn(found);
      if (unsaved && unsaved.version !== found.version) tellTheirs();
      else if (unsaved) fill(told, h("p", { class: "box", role: "status" }, t("words_back")));
      // The fields come with what stands there: nobody types into one that is filled a moment later.
      fill(node, top, body, told, failure, bar);
      await check();
    } catch (error) {
      waits.remove();
      showLost(context, failure, error, context.redraw);
    }
  }

  /** @param {string} language */
  const languageLink = (language) => h("a", {
    class: "pill", href: `#/words/${name}.${language}`, "aria-current": id.endsWith(`.${language}`) ? "page" : null,
  }, t(`words_${language}`));
  const [heading, top] = head(t("words_title"), null, ["de", "en"].map(languageLink));
  const body = h("div", { class: "words" }, list,
    h("section", { class: "words-source" }, fields.element, findings),
    h("div", { class: "words-side" },
      h("div", { class: "field" }, h("label", { for: contract.id }, t("words_contract")), contract), shown));
  const waits = h("p", { class: "muted" }, t("loading"));
  fill(node, top, waits, told, failure);
  load();
  return heading;
}
