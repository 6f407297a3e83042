// "How do I read the counter?": the pages that customers see, shipped or written by the dealer.
import { fill, focusOn, h } from "/shared/page.js";
import { languageFields, meterName, preview, sameText } from "./help_fields.js";
import { KINDS } from "./limits.js";
import { actionButton, head, remembered, rightNeeded, showFailure, staffName, table } from "./parts.js";

const LANGUAGES = ["de", "en"];
const NAME_LENGTH = "80";

const pageName = (t, name) => (name === "general" ? t("help_general") : name);
const pathOf = (name) => `/api/staff/help/${encodeURIComponent(name)}`;

/** A model's name leads to its page, written or not. */
function newPage(desk) {
  const { t } = desk;
  const wrong = h("p", { class: "fault", id: "help-new-fault" });
  const name = h("input", { id: "help-new", type: "text", maxlength: NAME_LENGTH, autocomplete: "off", spellcheck: "false" });
  return h("form", {
    class: "filters",
    on: {
      submit: (event) => {
        event.preventDefault();
        if (name.value.trim()) return desk.go(`#/help/${encodeURIComponent(name.value.trim())}`);
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

export function helpPagesView(desk, node, { stopped }) {
  const { t } = desk;
  const failure = h("div");
  const list = h("div", {}, h("p", { class: "muted" }, t("loading")));
  const [heading, top] = head(t("help_pages_title"), t("help_pages_lead"));
  const grid = table(desk, {
    caption: t("help_pages_title"),
    columns: [
      { label: t("help_for"), cell: (row) => h("a", { href: `#/help/${encodeURIComponent(row.model)}` }, pageName(t, row.model)) },
      { label: t("help_maker"), cell: (row) => row.maker || "–" },
      { label: t("help_match"), cell: (row) => t(`help_match_${row.match}`) },
      {
        label: t("help_text"),
        cell: (row) => (row.languages.length
          ? h("span", { class: "badge done" }, t("help_own", { languages: row.languages.map((language) => t(`help_language_${language}`)).join(", ") }))
          : h("span", { class: "badge" }, t("help_shipped"))),
      },
      { label: t("help_written"), cell: (row) => (row.at ? `${t.time(row.at)}, ${staffName(t, row.by)}` : "–") },
    ],
  });

  async function load() {
    try {
      const answer = await desk.call("GET", "/api/staff/help", { signal: stopped });
      grid.append(answer.pages);
      fill(list, h("div", { class: "scroll" }, grid.element));
    } catch (error) {
      fill(list);
      showFailure(desk, failure, error);
    }
  }

  fill(node, top, desk.may("admin") ? newPage(desk) : rightNeeded(desk, "admin"), failure, list);
  load();
  return heading;
}

/** Both texts when two people wrote the same language: the saved one beside the fields, to be taken with one press. */
function meanwhile(desk, { conflicts, without, pictures, take }) {
  const { t } = desk;
  return h("section", { class: "box warn", tabindex: "-1" },
    h("p", {}, t(conflicts.length ? "help_meanwhile" : "help_meanwhile_other")),
    conflicts.map(({ language, theirs }) => {
      const spoken = t(`help_language_${language}`);
      return h("section", { class: "theirs" },
        h("h2", {}, t("help_theirs", { language: spoken })),
        theirs ? preview(desk, language, theirs, { without: without[language], pictures }) : h("p", {}, t("help_theirs_none")),
        h("button", { type: "button", class: "button quiet", "aria-label": t("help_take_of", { language: spoken }), on: { click: () => take(language, theirs) } }, t("help_take")));
    }));
}

export function helpPageView(desk, node, { id, stopped }) {
  const { t } = desk;
  const failure = h("div");
  const told = h("div");
  const state = h("p", { class: "muted", role: "status" });
  const body = h("div", { class: "view" }, h("p", { class: "muted" }, t("loading")));
  const kept = `help.${id}`;
  const editable = desk.may("admin");
  let stored = null;
  let pictures = [];
  let fields = {};

  const mine = () => Object.fromEntries(LANGUAGES.map((language) => [language, fields[language].text()]));
  const untouched = () => LANGUAGES.every((language) => sameText(fields[language].text(), stored.languages[language]));

  function changed() {
    const same = untouched();
    state.textContent = t(same ? "help_all_saved" : "help_unsaved");
    remembered.put(kept, same ? null : { stored, languages: mine() });
  }

  function show(languages) {
    for (const language of LANGUAGES) fields[language].show(languages[language]);
    changed();
  }

  function tell(kind, words) {
    fill(told, h("p", { class: `box ${kind}`.trim(), role: "status" }, words));
  }

  /** Somebody else saved since: what only they changed is taken, what both changed is shown twice. */
  async function join(languages, base) {
    stored = await desk.call("GET", pathOf(id), { signal: stopped });
    const joined = {};
    const conflicts = [];
    for (const language of LANGUAGES) {
      const theirs = stored.languages[language];
      const ours = languages[language];
      joined[language] = sameText(ours, base.languages[language]) ? theirs : ours;
      if (!sameText(joined[language], theirs) && !sameText(theirs, base.languages[language])) conflicts.push({ language, theirs });
    }
    draw();
    show(joined);
    fill(told, meanwhile(desk, { conflicts, without: stored.without, pictures, take }));
    focusOn(told.firstElementChild);
  }

  function take(language, theirs) {
    fields[language].show(theirs);
    changed();
    focusOn(fields[language].first());
  }

  /** The refusal in words, at the field that it names ("languages.de.steps.3", "languages.de.meters.BW"). */
  function refusedWords(error) {
    const [, language, part, entry] = error.field.match(/^languages\.(de|en)\.(title|steps|picture|meters)(?:\.(\w+))?$/) || [];
    if (!language) return null;
    const spoken = t(`help_language_${language}`);
    if (part === "meters") {
      if (!KINDS.includes(entry)) return null;
      return () => fields[language].fail(entry, t("help_meter_wrong", { language: spoken, meter: meterName(t, entry), words: error.message }));
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
      stored = await desk.call("PUT", pathOf(id), { body: { languages, version: stored.version }, signal: stopped });
      draw();
      show(stored.languages);
      tell("good", t("help_saved"));
      focusOn(told.firstElementChild);
    } catch (error) {
      await refused(error, languages);
    }
  }

  async function refused(error, languages) {
    const point = error.field && refusedWords(error);
    try {
      if (error.status === 412) await join(languages, stored);
      else if (point) point();
      else showFailure(desk, failure, error);
    } catch (again) {
      showFailure(desk, failure, again);
    }
  }

  function discard() {
    fill(failure);
    show(stored.languages);
    tell("", t("help_discarded"));
  }

  function draw() {
    fields = Object.fromEntries(LANGUAGES.map((language) => [language, languageFields(desk, language, {
      without: stored.without[language], name: (from) => pageName(t, from), pictures, editable, changed,
    })]));
    fill(body,
      h("div", { class: "languages" }, LANGUAGES.map((language) => fields[language].element)),
      told, failure,
      editable
        ? h("div", { class: "actions" }, state, h("div", { class: "buttons" },
            actionButton(desk, { text: t("help_save"), group: "admin", action: save }),
            h("button", { type: "button", class: "button quiet", on: { click: discard } }, t("help_cancel"))))
        : rightNeeded(desk, "admin"));
  }

  async function load() {
    try {
      const [page, all] = await Promise.all([
        desk.call("GET", pathOf(id), { signal: stopped }),
        desk.call("GET", "/api/staff/help", { signal: stopped }),
      ]);
      stored = page;
      pictures = all.pictures;
      draw();
      const unsaved = editable && remembered.get(kept);
      if (unsaved && unsaved.stored.version !== stored.version) {
        await join(unsaved.languages, unsaved.stored);
        return;
      }
      show(unsaved ? unsaved.languages : stored.languages);
      if (unsaved) tell("", t("help_back"));
    } catch (error) {
      fill(body, failure);
      showFailure(desk, failure, error);
    }
  }

  const [heading, top] = head(t("help_page_title", { name: pageName(t, id) }), null, h("a", { class: "button quiet", href: "#/help" }, t("help_pages_all")));
  fill(node, top, body);
  load();
  return heading;
}
