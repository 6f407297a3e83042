// One machine's missing values estimated: what would be stored is seen first, then stored.
import { Refused, fill, h, refusal } from "/shared/page.js";
import { ask } from "../dialog.js";
import { today } from "../day.js";
import { lastWords, nameOf, oftenBadge } from "../estimates_parts.js";
import { actionButton, showFailure, table } from "../parts.js";
/** @import { Column, Context, Estimate, EstimatedMachine } from "../../types/console" */
/** @import { Voice } from "../../types/page" */
/** @import { ActPlace } from "../../types/records" */

/** Whether a value is due here that nobody reported. @param {ActPlace["machine"]} machine */
export const estimable = ({ active, due_on: due, meters, problem, replaced_by: other }) => (
  active && !problem && !other && Boolean(due && due <= today()) && meters.some((one) => one.period && one.period.value === null));

/**
 * @param {Voice} t
 * @returns {Column<Estimate>[]}
 */
const columnsOf = (t) => [
  { label: t("meter"), cell: (one) => [one.label, h("span", { class: "line muted" }, t("estimates_last"), " ", lastWords(t, one))] },
  { label: t("estimates_days"), number: true, cell: (one) => t.number(one.days) },
  { label: t("estimates_per_day"), number: true, cell: (one) => t.number(one.per_day) },
  { label: t("estimates_value"), number: true, cell: (one) => [h("strong", {}, t.number(one.value)), " ", oftenBadge(t, [one])] },
];

/**
 * The button "Schätzen …", and where it is told why there is nothing to estimate.
 * @param {Context} context
 * @param {ActPlace} place
 */
export function estimateAct(context, { node, machine, stopped, done, reload }) {
  const { t } = context;
  const failure = h("div");

  /**
   * What the API makes of this machine. That it would not or did not estimate it is a refusal here, where there is one only.
   * @param {"proposed" | "estimated"} wanted
   * @param {number} version
   */
  async function estimated(wanted, version) {
    const body = { versions: { [machine.id]: version }, dry_run: wanted === "proposed" };
    const { machines: [row] } = await context.call("POST", "/api/staff/estimates", { body, signal: stopped });
    if (row.outcome === wanted) return row;
    const detail = t("estimate_refused", { serial: nameOf(row), why: t(`estimate_${row.outcome}`) });
    throw new Refused(409, { code: row.outcome, detail });
  }

  /** @param {EstimatedMachine} row */
  function show(row) {
    const grid = table(context, { caption: t("estimates_value"), columns: columnsOf(t) });
    grid.append(row.estimates);
    ask(context, node, {
      title: t("acts_estimate_title"),
      content: [
        h("p", {}, t("acts_estimate_what", { day: t.date(machine.due_on) })),
        row.announced_for && h("p", { class: "box warn" }, t("estimates_announced", { day: t.date(row.announced_for) })),
        grid.element,
        row.without.length > 0 && h("p", { class: "muted" }, t("estimates_without", { count: row.without.length })),
      ],
      go: t("acts_estimate_go"),
      act: () => estimated("estimated", row.version ?? machine.version),
      done: ({ estimates }) => done(t("acts_estimated", {
        values: estimates.map((one) => t("machine_meter_value", { meter: one.label, value: one.value })).join(", "),
      })),
      renew: reload,
    });
  }

  async function propose() {
    fill(failure);
    try {
      show(await estimated("proposed", machine.version));
    } catch (error) {
      showFailure(context, failure, error);
      if (["changed_meanwhile", "nothing_missing"].includes(refusal(error).code)) {
        failure.append(h("p", { class: "buttons" },
          h("button", { type: "button", class: "button quiet", on: { click: reload } }, t("entry_reload"))));
      }
    }
  }

  return { button: actionButton(context, { text: t("acts_estimate"), group: "release", kind: "quiet", action: propose }), failure };
}
