// What an import changes, what that means for the month, and what a full export lacks.
import { h } from "/shared/page.js";
import { panel } from "../customer/tables.js";
import { today } from "../day.js";
import { monthName } from "../statistics/figures.js";
/** @import { Context } from "../../types/console" */
/** @import { ImportPage } from "../../types/exchange" */

const EFFECTS = [
  "due_new", "due_gone", "machines_new", "machines_ended", "contracts_ended", "to_portal", "from_portal", "addresses",
];
const MOST = 8;

/** @param {Context} context @param {ImportPage} run */
export function fieldsPanel(context, { fields, changes }) {
  const { t } = context;
  const count = Object.values(changes).reduce((sum, numbers) => sum + (numbers.changed ?? 0), 0);
  return panel(t("import_changes"), count > 0 && h("span", { class: "muted" }, t("import_changes_count", { count })),
    fields.length
      ? h("dl", { class: "exchange-pairs" }, fields.slice(0, MOST).map((field) => h("div", {},
        h("dt", {}, h("strong", {}, field.field)),
        h("dd", {}, t("import_changed_in", { count: field.count, kind: t(`record_${field.kind}`) })),
        h("dd", { class: "muted example" }, fromTo(context, field.old, field.new)))))
      : h("p", { class: "panel-body muted" }, t("import_changes_none")));
}

/**
 * An example, days as the language writes them.
 * @param {Context} context
 * @param {string | null} before
 * @param {string | null} after
 */
function fromTo({ t }, before, after) {
  const [old, fresh] = [before, after].map((value) => (value && /^\d{4}-\d\d-\d\d$/.test(value) ? t.date(value) : value || "–"));
  const text = t("import_from_to", { old, new: fresh });
  return h("span", { class: "cut", title: text }, text);
}

/** @param {Context} context @param {ImportPage} run */
export function monthPanel({ t }, { effects }) {
  const month = monthName(t, today().slice(0, 7), false);
  const found = EFFECTS.filter((effect) => effects[effect]);
  return panel(t("import_month", { month }), null,
    found.length
      ? h("ul", { class: "exchange-counts" }, found.map((effect) => h("li", {},
        h("strong", { class: "number" }, t.number(effects[effect])),
        h("span", {}, t(`effect_${effect}`, { count: effects[effect] })))))
      : h("p", { class: "panel-body muted" }, t("import_month_none", { month })));
}

/** @param {Context} context @param {ImportPage} run */
export function missingPanel({ t }, { id, missing }) {
  const some = missing.filter(({ count }) => count > 0);
  return panel(t("missing_title"), null,
    some.length
      ? h("ul", { class: "exchange-counts" }, some.map(({ kind, count, due }) => h("li", {},
        h("strong", { class: "number" }, t.number(count)),
        h("span", {}, t(`record_${kind}`)),
        h("span", { class: "muted" }, due ? t("missing_due", { count: due }) : t("missing_stay")),
        h("a", {
          class: "end",
          href: `#/imports/${encodeURIComponent(id)}?missing=${kind}`,
          "aria-label": t("missing_list_of", { kind: t(`record_${kind}`) }),
        }, t("missing_list")))))
      : h("p", { class: "panel-body mark good" }, t("missing_none")));
}
