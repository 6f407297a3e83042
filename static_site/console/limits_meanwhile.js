// Two people have changed the limits: both values side by side, each to be taken with one press.
import { focusOn, h, say } from "/shared/page.js";
import { LEVELS, LIMITS, emptyEntry, written } from "./limits.js";
import { table } from "./parts.js";
/** @import { Conflict, Context, Editor, Entry, Joined, Level } from "../types/console" */
/** @import { Voice } from "../types/page" */

/** Levels whose entries have a name of their own. @type {Level[]} */
export const NAMED = ["families", "contracts"];

/**
 * @param {Voice} t
 * @param {Pick<Entry, "level" | "name">} entry
 */
export function entryName(t, { level, name }) {
  if (level === "dealer") return t("level_dealer");
  return level === "kinds" ? t(`kind_${name}`) : name;
}

/**
 * What happened when two people saved: both values side by side, each to be taken with one press.
 * @param {Context} context
 * @param {Joined} outcome
 * @param {Editor} form
 * @param {() => void} changed
 */
export function meanwhile(context, outcome, form, changed) {
  const { t } = context;
  /** @param {number | undefined} number */
  const words = (number) => (number === undefined ? t("limit_empty") : written(t, number));
  /** @param {Conflict} row */
  const of = (row) => ({ limit: t(`limit_${row.limit}`), entry: entryName(t, row) });
  const grid = table(context, {
    caption: t("limits_both"),
    columns: [
      { label: t("limits_entry"), cell: (row) => entryName(t, row) },
      { label: t("limits_limit"), cell: (row) => t(`limit_${row.limit}`) },
      { label: t("limits_mine"), number: true, cell: (row) => words(row.mine) },
      { label: t("limits_theirs"), number: true, cell: (row) => words(row.theirs) },
      {
        label: t("actions"),
        cell: (row) => h("button", {
          type: "button",
          class: "link",
          "aria-label": t("limits_take_of", of(row)),
          on: { click: () => take(row) },
        }, t("limits_take")),
      },
    ],
  });

  /** @param {Conflict} row */
  function take(row) {
    const entries = form.entries();
    const there = entries.find((one) => one.level === row.level && one.name === row.name);
    const entry = there || emptyEntry(row.level, row.name);
    entry.texts[row.limit] = written(t, row.theirs);
    const useless = NAMED.includes(row.level) && LIMITS.every((limit) => !entry.texts[limit].trim());
    const all = there ? entries : [...entries, entry].sort((one, other) => LEVELS.indexOf(one.level) - LEVELS.indexOf(other.level));
    form.show(useless ? all.filter((one) => one !== entry) : all);
    changed();
    say(t("limits_took", of(row)));
    focusOn(form.field(row.level, row.name, row.limit) || document.getElementById(`add-${row.level}`));
  }

  grid.append(outcome.conflicts);
  return h("section", { class: "box warn", tabindex: "-1", "aria-labelledby": "meanwhile" },
    h("p", { id: "meanwhile" }, t("limits_meanwhile")),
    outcome.taken > 0 && h("p", {}, t("limits_taken", { count: outcome.taken })),
    outcome.conflicts.length > 0 && [h("p", {}, t("limits_both")), h("div", { class: "scroll" }, grid.element)]);
}
