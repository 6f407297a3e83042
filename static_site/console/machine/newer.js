// Somebody else was faster: what stands there now beside what was typed or seen, and a way on.
import { fill, focusOn, h } from "/shared/page.js";
/** @import { Context } from "../../types/console" */
/** @import { Child, Facts, Voice } from "../../types/page" */
/** @import { MachineMeter, MachinePage, NewerLine } from "../../types/records" */

const FINAL = ["released", "billed"];

/** @param {(string | false | null | undefined)[]} words */
const listed = (words) => words.filter(Boolean).join(", ");

/**
 * What a refused entry has met, from the facts of its refusal; `typed` is what was to be stored, by meter.
 * @param {Voice} t
 * @param {{ facts: Facts, meters: MachineMeter[], typed: Record<string, string> }} place
 * @returns {NewerLine[]}
 */
export function linesOfEntry(t, { facts, meters, typed }) {
  const standing = facts.readings ?? [];
  return meters.filter((meter) => meter.id in typed || standing.some((one) => one.meter_id === meter.id)).map((meter) => {
    const now = standing.find((one) => one.meter_id === meter.id);
    return {
      label: meter.label,
      now: now ? t("newer_value", { value: now.value, day: t.date(now.read_on) }) : "–",
      who: now ? listed([now.reported_by?.name, t.time(now.reported_at)]) : "",
      mine: typed[meter.id] ?? "–",
    };
  });
}

/**
 * What a machine shows now, for the meters in `seen` (the values that were seen, null for none) and those about which
 * something has happened after `since`.
 * @param {Voice} t
 * @param {MachinePage} machine as it is now
 * @param {{ seen: Record<string, number | null | undefined>, about: string[], since: string | null | undefined }} before
 * @returns {NewerLine[]}
 */
export function linesOfMachine(t, { meters, timeline }, { seen, about, since }) {
  return meters.flatMap(({ id, label, period }) => {
    const last = timeline.find((entry) => entry.changes.some((change) => change.field === id));
    const after = Boolean(last?.at && (!since || Date.parse(last.at) > Date.parse(since)));
    if (!after && !about.includes(id)) return [];
    const { value = null, read_on: day = null, decision = null, state = null } = period ?? {};
    const before = seen[id];
    return {
      label,
      now: value === null ? "–" : t("newer_value", { value, day: t.date(day) }),
      who: listed([
        decision && t(`review_${decision}`), state && FINAL.includes(state) && t(`past_${state}`),
        ...(after && last ? [last.by?.name, t.time(last.at)] : []),
      ]),
      mine: before === null || before === undefined ? "–" : t.number(before),
    };
  });
}

/**
 * @param {Voice} t
 * @param {NewerLine[]} lines
 * @param {"newer_mine" | "newer_seen"} mine what the last column holds
 */
export const newerTable = (t, lines, mine) => h("table", { class: "newer" },
  h("thead", {}, h("tr", {}, ["meter", "newer_now", mine].map((name) => h("th", { scope: "col" }, t(name))))),
  h("tbody", {}, lines.map((line) => h("tr", {},
    h("th", { scope: "row" }, line.label),
    h("td", { "data-label": t("newer_now") }, line.now, line.who && h("span", { class: "line muted" }, line.who)),
    h("td", { "data-label": t(mine), class: "bold" }, line.mine)))));

/**
 * What has become of a machine since its page was drawn, or null where nothing of it is to be seen.
 * @param {Context} context
 * @param {MachinePage} machine as it was drawn
 * @param {string[]} about meters that are told of in any case
 * @param {AbortSignal} stopped
 */
export async function sinceDrawn(context, machine, about, stopped) {
  const now = await context.call("GET", `/api/staff/machines/${encodeURIComponent(machine.id)}`, { signal: stopped });
  const lines = linesOfMachine(context.t, now, {
    seen: Object.fromEntries(machine.meters.map((meter) => [meter.id, meter.period?.value])),
    about,
    since: machine.timeline.find((entry) => entry.at)?.at,
  });
  return lines.length ? newerTable(context.t, lines, "newer_seen") : null;
}

/**
 * The newer state, with a way to it; with `keep()` also one to go on with what was typed.
 * @param {Voice} t
 * @param {HTMLElement} node
 * @param {{ lines: NewerLine[], mine: "newer_mine" | "newer_seen", told?: Child, reload: () => void, keep?: () => void }} place
 */
export function showNewer(t, node, { lines, mine, told, reload, keep }) {
  const box = h("div", { class: "box warn", role: "alert" },
    h("p", {}, h("strong", {}, t("newer"))),
    told && h("p", {}, told),
    lines.length > 0 && newerTable(t, lines, mine),
    h("div", { class: "buttons" },
      h("button", { type: "button", class: "button", on: { click: reload } }, t("entry_reload")),
      keep && h("button", { type: "button", class: "button quiet", on: { click: keep } }, t("newer_keep"))));
  fill(node, box);
  focusOn(box);
}
