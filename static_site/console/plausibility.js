// Limits of the plausibility check: for all machines, model families, kinds of meters, contracts.
import { fill, focusOn, h, refusal, say } from "/shared/page.js";
import { backtestSection } from "./backtest.js";
import { LEVELS, LIMITS, differences, emptyEntry, entriesOf, faultsOf, joined, tolerancesOf, written } from "./limits.js";
import { NAMED, entryName, meanwhile } from "./limits_meanwhile.js";
import { actionButton, head, remembered, rightNeeded, showFailure, showLost, staffName, table } from "./parts.js";
import { secondPersonSection } from "./second_person.js";
/** @import { Column, Context, Editor, Entry, Level } from "../types/console" */
/** @import { Limit, Marked, Place, Setting, StoredTolerances, Tolerances, Unsaved } from "../types/console" */
/** @import { Voice } from "../types/page" */

const PATH = "/api/staff/tolerances";
const KEPT = "tolerances";
/** @param {Voice} t */
function meaning(t) {
  return h("details", { class: "meaning" },
    h("summary", {}, t("limits_meaning")),
    h("dl", { class: "explained" }, LIMITS.map((limit) => [h("dt", {}, t(`limit_${limit}`)), h("dd", {}, t(`limit_${limit}_what`))])),
    h("p", {}, t("limits_order")));
}

/**
 * The fields of all entries. `changed` is told after each change.
 * {element, entries(), show(entries), mark(faults), field(level, name, limit)}
 * @param {Context} context
 * @param {Setting} usual
 * @param {() => void} changed
 * @returns {Editor}
 */
function editor(context, usual, changed) {
  const { t } = context;
  const element = h("div", { class: "levels" });
  const editable = context.may("admin");
  /** @type {Entry[]} */
  let entries = [];
  /** @type {Map<string, { input: HTMLInputElement, wrong: HTMLElement }>} */
  let inputs = new Map();

  /**
   * @param {Entry} entry
   * @param {Limit} limit
   */
  const inputId = (entry, limit) => `limit-${entry.level}-${entries.filter((one) => one.level === entry.level).indexOf(entry)}-${limit}`;

  /**
   * @param {Entry} entry
   * @param {Limit} limit
   */
  function field(entry, limit) {
    const name = t("limit_of", { limit: t(`limit_${limit}`), entry: entryName(t, entry) });
    const input = h("input", {
      id: inputId(entry, limit), type: "text", class: "limit", inputmode: limit === "quiet_pages" ? "numeric" : "decimal",
      autocomplete: "off", "aria-label": name, value: entry.texts[limit], readonly: !editable, maxlength: "12",
    });
    const wrong = h("p", { class: "fault", id: `${input.id}-fault` });
    input.addEventListener("input", () => {
      entry.texts[limit] = input.value;
      clear(input, wrong);
      changed();
    });
    inputs.set(`${entry.level} ${entry.name} ${limit}`, { input, wrong });
    return [input, wrong];
  }

  /**
   * @param {HTMLInputElement} input
   * @param {HTMLElement} wrong
   */
  function clear(input, wrong) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
    wrong.textContent = "";
  }

  /** @param {Entry} entry */
  function remove(entry) {
    const at = entries.filter((one) => one.level === entry.level).indexOf(entry);
    entries = entries.filter((one) => one !== entry);
    draw();
    changed();
    say(t("entry_removed", { entry: entryName(t, entry) }));
    const left = element.querySelectorAll(`#level-${entry.level} .remove`);
    focusOn(left[Math.min(at, left.length - 1)] || element.querySelector(`#add-${entry.level}`));
  }

  /**
   * @param {Level} level
   * @param {HTMLInputElement} input
   * @param {HTMLElement} wrong
   */
  function add(level, input, wrong) {
    const name = input.value.trim().replace(/\s+/g, " ");
    /** @param {Entry} one */
    const same = (one) => one.level === level && one.name.toLowerCase() === name.toLowerCase();
    /** @param {string} words */
    const refuse = (words) => {
      wrong.textContent = words;
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", wrong.id);
      focusOn(input);
    };
    if (!name) return refuse(t("entry_nameless"));
    if (entries.some(same)) return refuse(t("entry_there", { entry: name }));
    const entry = emptyEntry(level, name);
    const last = entries.findLastIndex((one) => LEVELS.indexOf(one.level) <= LEVELS.indexOf(level));
    entries = entries.toSpliced(last + 1, 0, entry);
    draw();
    changed();
    say(t("entry_added", { entry: name }));
    return focusOn(document.getElementById(inputId(entry, LIMITS[0])));
  }

  /** @param {Level} level */
  function addForm(level) {
    const wrong = h("p", { class: "fault", id: `add-${level}-fault` });
    const input = h("input", { id: `add-${level}`, type: "text", autocomplete: "off", maxlength: "64", spellcheck: "false" });
    return h("form", {
      class: "filters",
      on: {
        submit: (event) => {
          event.preventDefault();
          add(level, input, wrong);
        },
      },
    },
    h("div", { class: "field" }, h("label", { for: input.id }, t(`level_${level}_name`)), input, wrong),
    h("div", { class: "buttons" }, h("button", { type: "submit", class: "button quiet" }, t(`level_${level}_add`))));
  }

  /** @param {Level} level */
  function levelSection(level) {
    const own = entries.filter((one) => one.level === level);
    /** @type {(Column<Entry> | false)[]} */
    const columns = [
      { label: t(`level_${level}_column`), cell: (entry) => h("strong", {}, entryName(t, entry)) },
      ...LIMITS.map((limit) => ({
        label: level === "dealer" ? t(`limit_${limit}_usual`, { usual: written(t, usual[limit]) }) : t(`limit_${limit}`),
        cell: (/** @type {Entry} */ entry) => field(entry, limit),
      })),
      NAMED.includes(level) && editable && {
        label: t("actions"),
        cell: (entry) => h("button", {
          type: "button",
          class: "link remove",
          "aria-label": t("entry_remove_of", { entry: entryName(t, entry) }),
          on: { click: () => remove(entry) },
        }, t("entry_remove")),
      },
    ];
    const grid = table(context, { caption: t(`level_${level}`), columns: columns.filter((column) => column !== false) });
    grid.append(own);
    return h("section", { id: `level-${level}` },
      h("h2", {}, t(`level_${level}`)),
      level === "families" && h("p", { class: "muted small" }, t("level_families_help")),
      own.length > 0 ? h("div", { class: "scroll" }, grid.element) : h("p", { class: "muted" }, t(`level_${level}_none`)),
      NAMED.includes(level) && editable && addForm(level));
  }

  function draw() {
    inputs = new Map();
    fill(element, LEVELS.map(levelSection));
  }

  return {
    element,
    entries: () => entries,
    show: (shown) => {
      entries = shown;
      draw();
    },
    field: (level, name, limit) => inputs.get(`${level} ${name} ${limit}`)?.input,
    /** Writes the words to the fields; returns [{input, words}] for a summary with links. */
    mark: (faults) => faults.flatMap(({ entry, limit, words }) => {
      const found = inputs.get(`${entry.level} ${entry.name} ${limit || LIMITS[0]}`);
      if (!found) return [];
      const { input, wrong } = found;
      wrong.textContent = words;
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", wrong.id);
      return [{ input, words: `${entryName(t, entry)}: ${words}` }];
    }),
  };
}

/**
 * Who changed the limits last, and when.
 * @param {Voice} t
 * @param {StoredTolerances["changes"]} changes
 */
function changesList(t, changes) {
  return h("details", {}, h("summary", {}, t("limits_changes")),
    h("ul", {}, changes.map((change) => h("li", {}, `${t.time(change.at)}: ${staffName(t, change.by)}`))));
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function plausibilityView(context, node, { stopped }) {
  const { t } = context;
  const failure = h("div");
  const told = h("div");
  const state = h("p", { class: "muted", role: "status" });
  const body = h("div", { class: "view" }, h("p", { class: "muted" }, t("loading")));
  const [heading, top] = head(t("plausibility_title"), t("plausibility_lead"));
  const history = h("div");
  // Set by load(), before anything of the view can be used.
  /** @type {StoredTolerances} */
  let stored;
  /** @type {Editor} */
  let form;
  /** @type {ReturnType<typeof backtestSection>} */
  let backtest;

  const wrong = () => faultsOf(form.entries()).map((fault) => ({ ...fault, words: t(fault.why, { example: written(t, 1.5) }) }));

  function changed() {
    const faulty = faultsOf(form.entries()).length > 0;
    const count = differences(stored, tolerancesOf(form.entries()));
    state.textContent = faulty ? t("limits_invalid") : count ? t("limits_changed", { count }) : t("limits_unchanged");
    if (faulty || count) remembered.put(KEPT, { stored, entries: form.entries() });
    else remembered.put(KEPT, null);
    backtest.aged(faulty ? null : tolerancesOf(form.entries()));
  }

  /**
   * The tolerances of the fields, or null with a summary of what is wrong. `trying`: entries may be empty still.
   * @param {{ trying?: boolean }} [options]
   */
  function readFields({ trying = false } = {}) {
    const faults = wrong().filter((fault) => fault.limit || !trying);
    fill(told);
    if (!faults.length) return tolerancesOf(form.entries());
    summary(form.mark(faults));
    return null;
  }

  /** @param {Marked[]} marked */
  function summary(marked) {
    const links = marked.map(({ input, words }) => h("li", {},
      h("button", { type: "button", class: "link", on: { click: () => focusOn(input) } }, words)));
    fill(told, h("section", { class: "box bad", role: "alert" }, h("p", {}, t("limits_wrong")), h("ul", {}, links)));
    told.scrollIntoView({ block: "center" });
    focusOn(told.querySelector("button"));
  }

  /**
   * The field that a refusal names ("families.bizhub C.ceiling"), or null.
   * @param {string} name
   */
  function refusedEntry(name) {
    const whole = name.replace(/^tolerances\./, "");
    for (const entry of form.entries()) {
      for (const limit of LIMITS) {
        if ([entry.level, entry.name, limit].filter(Boolean).join(".") === whole) return { entry, limit };
      }
    }
    return null;
  }

  /** @param {Entry[]} entries */
  function show(entries) {
    form.show(entries);
    changed();
    fill(history, stored.changes.length > 0 && changesList(t, stored.changes));
  }

  /**
   * Somebody else saved since: their changes and these become one, for the person to look through.
   * @param {Tolerances} mine
   * @param {Partial<Tolerances>} base
   */
  async function join(mine, base) {
    stored = await context.call("GET", PATH, { signal: stopped });
    const outcome = joined(base, mine, stored);
    show(entriesOf(t, outcome.tolerances));
    fill(told, meanwhile(context, outcome, form, changed));
    focusOn(told.firstElementChild);
  }

  async function save() {
    fill(failure);
    const mine = readFields();
    if (!mine) return;
    try {
      stored = await context.call("PUT", PATH, { body: { version: stored.version, ...mine }, signal: stopped });
      show(entriesOf(t, stored));
      fill(told, h("p", { class: "box good", role: "status" }, t("limits_saved")));
    } catch (error) {
      await refused(error, mine);
    }
  }

  /**
   * @param {unknown} error
   * @param {Tolerances} mine
   */
  async function refused(error, mine) {
    const named = refusal(error).field && refusedEntry(refusal(error).field);
    try {
      if (refusal(error).status === 412) await join(mine, stored);
      else if (named) summary(form.mark([{ ...named, words: refusal(error).message }]));
      else showFailure(context, failure, error);
    } catch (again) {
      showFailure(context, failure, again);
    }
  }

  function discard() {
    show(entriesOf(t, stored));
    fill(failure);
    fill(told, h("p", { class: "box", role: "status" }, t("limits_discarded")));
  }

  /** The fields as the person left them in this tab, joined with what was saved since. */
  async function restore() {
    const kept = /** @type {Unsaved | null} */ (remembered.get(KEPT));
    show(kept && context.may("admin") ? kept.entries : entriesOf(t, stored));
    if (!kept || !context.may("admin")) return null;
    if (kept.stored.version === stored.version) return fill(told, h("p", { class: "box", role: "status" }, t("limits_back")));
    return join(tolerancesOf(kept.entries), kept.stored);
  }

  async function load() {
    try {
      stored = await context.call("GET", PATH, { signal: stopped });
      form = editor(context, stored.usual, changed);
      backtest = backtestSection(context, { readFields, failure, stopped });
      fill(body, meaning(t), form.element, told,
        h("div", { class: "actions" }, state,
          h("div", { class: "buttons" },
            actionButton(context, { text: t("limits_save"), group: "admin", action: save }),
            context.may("admin") && h("button", { type: "button", class: "button quiet", on: { click: discard } }, t("limits_cancel"))),
          rightNeeded(context, "admin")),
        failure, history, backtest.element);
      await restore();
    } catch (error) {
      fill(body, failure);
      showLost(context, failure, error, context.redraw);
    }
  }

  fill(node, top, body, secondPersonSection(context, stopped));
  load();
  return heading;
}
