// "How do I read the counter?": the pages that customers see, shipped or written by the dealer.
import { fill, focusOn, h, refusal } from "/shared/page.js";
import { languageFields, meterName, preview, sameText } from "./help_fields.js";
import { KINDS } from "./limits.js";
import { actionButton, head, remembered, rightNeeded, showFailure, showLost, staffName, table } from "./parts.js";
/** @import { Context, HelpPage, HelpPicture, HelpRow, HelpText } from "../types/console" */
/** @import { HelpTexts, LanguageFields, Meanwhile, Place, UnsavedHelp } from "../types/console" */
/** @import { Language, Refused, Voice } from "../types/page" */

/** @type {Language[]} */
const LANGUAGES = ["de", "en"];
const NAME_LENGTH = "80";

/**
 * @param {Voice} t
 * @param {string} name
 */
const pageName = (t, name) => (name === "general" ? t("help_general") : name);
/** @param {string} name */
const pathOf = (name) => /** @type {const} */ (`/api/staff/help/${encodeURIComponent(name)}`);

/**
 * A model's name leads to its page, written or not.
 * @param {Context} context
 */
function newPage(context) {
  const { t } = context;
  const wrong = h("p", { class: "fault", id: "help-new-fault" });
  const name = h("input", { id: "help-new", type: "text", maxlength: NAME_LENGTH, autocomplete: "off", spellcheck: "false" });
  return h("form", {
    class: "filters",
    on: {
      submit: (event) => {
        event.preventDefault();
        if (name.value.trim()) return context.go(`#/help/${encodeURIComponent(name.value.trim())}`);
        wrong.textContent = t("help_new_missing");
        name.setAttribute("aria-invalid", "true");
        name.setAttribute("aria-describedby", wrong.id);
        return focusOn(name);
      },
    },
  },
  h("div", { class: "field wide" }, h("label", { for: name.id }, t("help_new")), name, wrong),
  h("div", { class: "buttons" }, h("button", { type: "submit", class: "button quiet" }, t("help_new_go"))));
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function helpPagesView(context, node, { stopped }) {
  const { t } = context;
  const failure = h("div");
  const list = h("div", {}, h("p", { class: "muted" }, t("loading")));
  const [heading, top] = head(t("help_pages_title"), t("help_pages_lead"));
  const grid = table(context, {
    caption: t("help_pages_title"),
    columns: [
      { label: t("help_for"), cell: (row) => h("a", { href: `#/help/${encodeURIComponent(row.model)}` }, pageName(t, row.model)) },
      { label: t("help_maker"), cell: (row) => row.maker || "–" },
      { label: t("help_match"), cell: (row) => t(`help_match_${row.match}`) },
      {
        label: t("help_text"),
        cell: (/** @type {HelpRow} */ row) => (row.languages.length
          ? h("span", { class: "badge done" },
            t("help_own", { languages: row.languages.map((language) => t(`help_language_${language}`)).join(", ") }))
          : h("span", { class: "badge" }, t("help_shipped"))),
      },
      { label: t("help_written"), cell: (row) => (row.at ? `${t.time(row.at)}, ${staffName(t, row.by)}` : "–") },
    ],
  });

  async function load() {
    try {
      const answer = await context.call("GET", "/api/staff/help", { signal: stopped });
      grid.append(answer.pages);
      fill(list, h("div", { class: "scroll" }, grid.element));
    } catch (error) {
      fill(list);
      showLost(context, failure, error, context.redraw);
    }
  }

  fill(node, top, context.may("admin") ? newPage(context) : rightNeeded(context, "admin"), failure, list);
  load();
  return heading;
}

/**
 * Both texts when two people wrote the same language: the saved one beside the fields, to be taken with one press.
 * @param {Context} context
 * @param {Meanwhile} options
 */
function meanwhile(context, { conflicts, without, pictures, take }) {
  const { t } = context;
  return h("section", { class: "box warn", tabindex: "-1" },
    h("p", {}, t(conflicts.length ? "help_meanwhile" : "help_meanwhile_other")),
    conflicts.map(({ language, theirs }) => {
      const spoken = t(`help_language_${language}`);
      return h("section", { class: "theirs" },
        h("h2", {}, t("help_theirs", { language: spoken })),
        theirs ? preview(context, language, theirs, { without: without[language], pictures }) : h("p", {}, t("help_theirs_none")),
        h("button", {
          type: "button",
          class: "button quiet",
          "aria-label": t("help_take_of", { language: spoken }),
          on: { click: () => take(language, theirs) },
        }, t("help_take")));
    }));
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function helpPageView(context, node, { id, stopped }) {
  const { t } = context;
  const failure = h("div");
  const told = h("div");
  const state = h("p", { class: "muted", role: "status" });
  const body = h("div", { class: "view" }, h("p", { class: "muted" }, t("loading")));
  const kept = `help.${id}`;
  const editable = context.may("admin");
  // Set by load(), before anything of the view can be used.
  /** @type {HelpPage} */
  let stored;
  /** @type {HelpPicture[]} */
  let pictures;
  /** @type {Record<Language, LanguageFields>} */
  let fields;

  const mine = () => ({ de: fields.de.text(), en: fields.en.text() });
  const untouched = () => LANGUAGES.every((language) => sameText(fields[language].text(), stored.languages[language]));

  function changed() {
    const same = untouched();
    state.textContent = t(same ? "help_all_saved" : "help_unsaved");
    remembered.put(kept, same ? null : { stored, languages: mine() });
  }

  /** @param {HelpTexts} languages */
  function show(languages) {
    for (const language of LANGUAGES) fields[language].show(languages[language]);
    changed();
  }

  /**
   * @param {string} kind
   * @param {string} words
   */
  function tell(kind, words) {
    fill(told, h("p", { class: `box ${kind}`.trim(), role: "status" }, words));
  }

  /**
   * Somebody else saved since: what only they changed is taken, what both changed is shown twice.
   * @param {HelpTexts} languages
   * @param {Pick<HelpPage, "languages">} base
   */
  async function join(languages, base) {
    stored = await context.call("GET", pathOf(id), { signal: stopped });
    /** @type {HelpTexts} */
    const joined = { de: null, en: null };
    /** @type {Meanwhile["conflicts"]} */
    const conflicts = [];
    for (const language of LANGUAGES) {
      const theirs = stored.languages[language];
      const ours = languages[language];
      joined[language] = sameText(ours, base.languages[language]) ? theirs : ours;
      if (!sameText(joined[language], theirs) && !sameText(theirs, base.languages[language])) conflicts.push({ language, theirs });
    }
    draw();
    show(joined);
    fill(told, meanwhile(context, { conflicts, without: stored.without, pictures, take }));
    focusOn(told.firstElementChild);
  }

  /**
   * @param {Language} language
   * @param {HelpText | null} theirs
   */
  function take(language, theirs) {
    fields[language].show(theirs);
    changed();
    focusOn(fields[language].first());
  }

  /**
   * The refusal in words, at the field that it names ("languages.de.steps.3", "languages.de.meters.BW").
   * @param {Refused} error
   */
  function refusedWords(error) {
    const [, named, part, entry] = error.field.match(/^languages\.(de|en)\.(title|steps|picture|meters)(?:\.(\w+))?$/) || [];
    const language = LANGUAGES.find((known) => known === named);
    if (!language) return null;
    const spoken = t(`help_language_${language}`);
    if (part === "meters") {
      const kind = KINDS.find((known) => known === entry);
      if (!kind) return null;
      return () => fields[language].fail(
        kind,
        t("help_meter_wrong", { language: spoken, meter: meterName(t, kind), words: error.message }),
      );
    }
    const words = entry === undefined
      ? t("help_wrong", { language: spoken, words: error.message })
      : t("help_step_wrong", { language: spoken, step: Number(entry) + 1, words: error.message });
    return () => fields[language].fail(part, words);
  }

  /** Marks the first field that is empty; true when there is one. */
  function incomplete() {
    for (const language of LANGUAGES) {
      const text = fields[language].text();
      const missing = text && ((!text.title && "title") || (!text.steps.length && "steps"));
      if (missing) {
        fields[language].fail(missing, t(`help_${missing}_none`, { language: t(`help_language_${language}`) }));
        return true;
      }
    }
    return false;
  }

  async function save() {
    fill(failure);
    fill(told);
    for (const language of LANGUAGES) fields[language].clear();
    if (incomplete()) return;
    const languages = mine();
    try {
      stored = await context.call("PUT", pathOf(id), { body: { languages, version: stored.version }, signal: stopped });
      draw();
      show(stored.languages);
      tell("good", t("help_saved"));
      focusOn(told.firstElementChild);
    } catch (error) {
      await refused(error, languages);
    }
  }

  /**
   * @param {unknown} error
   * @param {HelpTexts} languages
   */
  async function refused(error, languages) {
    const reason = refusal(error);
    const point = reason.field && refusedWords(reason);
    try {
      if (reason.status === 412) await join(languages, stored);
      else if (point) point();
      else showFailure(context, failure, error);
    } catch (again) {
      showFailure(context, failure, again);
    }
  }

  function discard() {
    fill(failure);
    show(stored.languages);
    tell("", t("help_discarded"));
  }

  function draw() {
    /** @param {Language} language */
    const made = (language) => languageFields(context, language, {
      without: stored.without[language], name: (from) => pageName(t, from), pictures, editable, changed,
    });
    fields = { de: made("de"), en: made("en") };
    fill(body,
      h("div", { class: "languages" }, LANGUAGES.map((language) => fields[language].element)),
      told, failure,
      editable
        ? h("div", { class: "actions" }, state, h("div", { class: "buttons" },
            actionButton(context, { text: t("help_save"), group: "admin", action: save }),
            h("button", { type: "button", class: "button quiet", on: { click: discard } }, t("help_cancel"))))
        : rightNeeded(context, "admin"));
  }

  async function load() {
    try {
      const [page, all] = await Promise.all([
        context.call("GET", pathOf(id), { signal: stopped }),
        context.call("GET", "/api/staff/help", { signal: stopped }),
      ]);
      stored = page;
      pictures = all.pictures;
      draw();
      const unsaved = editable ? /** @type {UnsavedHelp | null} */ (remembered.get(kept)) : null;
      if (unsaved && unsaved.stored.version !== stored.version) {
        await join(unsaved.languages, unsaved.stored);
        return;
      }
      show(unsaved ? unsaved.languages : stored.languages);
      if (unsaved) tell("", t("help_back"));
    } catch (error) {
      fill(body, failure);
      showLost(context, failure, error, context.redraw);
    }
  }

  const [heading, top] = head(
    t("help_page_title", { name: pageName(t, id) }),
    null,
    h("a", { class: "button quiet", href: "#/help" }, t("help_pages_all")),
  );
  fill(node, top, body);
  load();
  return heading;
}
