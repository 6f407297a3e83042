// What of a sheet is to be checked: each value with its counter, one note and one decision for a machine.
import { button } from "/forms.js";
import { headline, rounded } from "/hint.js";
import { meterName } from "/meter.js";
import { fill, focusOn, h, refusal, say } from "/shared/page.js";
import { keepSheet } from "/sheet/held.js";
import { named, part, table } from "/sheet/parts.js";
/** @import { Child } from "../../types/page" */
/** @import { Finding, Meter, Shown, SignedIn, Told } from "../../types/portal" */

/** @typedef {Told["to_check"][number]} ToCheck */

const FIRST = 6; // values that are shown at once, so that the other parts are in view

/**
 * Where drafts lie, in words.
 * @param {SignedIn} app
 */
export const where = ({ t, overview }) => t(overview.table ? "sheet_in_table" : "sheet_in_overview");

/**
 * The values that are probably meant, by meter; empty where the check names none.
 * @param {ToCheck} one
 * @returns {Record<string, number>}
 */
const suggested = ({ findings }) => Object.assign({}, ...findings.map((finding) => finding.suggestion?.values ?? {}).reverse());

/**
 * Puts a machine's values into its card or line, as if they were typed there. `isWhole`: each of them found its field.
 * @param {SignedIn} app
 * @param {ToCheck} one
 * @param {Record<string, number>} values
 */
async function draft(app, { machine_id: id, read_on: readOn }, values) {
  const [submit] = await Promise.all([app.part("submit"), app.overview.whole]);
  const card = app.overview.card(id)?.build();
  if (!card) return { card: null, isWhole: false };
  if (Object.keys(values).some((meterId) => !card.fieldOf(meterId))) submit.correct(card);
  if (readOn) card.draft.read_on = readOn;
  if (readOn && card.date) card.date.value = readOn;
  const put = Object.entries(values).map(([meterId, value]) => card.put(meterId, String(value)));
  return { card, isWhole: put.every(Boolean) };
}

/**
 * Puts values that are to be checked there, each with its question.
 * @param {SignedIn} app
 * @param {ToCheck[]} rows
 */
export async function drafts(app, rows) {
  const doubt = await app.part("doubt");
  for (const one of rows) {
    const { card } = await draft(app, one, one.values);
    if (card) doubt.doubts(card, one.findings);
  }
}

/**
 * Does what a button of the result is for; where that fails, the result says so.
 * @param {Shown} shown
 * @param {() => Promise<unknown>} action
 */
async function attempt({ app, notice }, action) {
  fill(notice);
  try {
    await action();
  } catch (error) {
    if (refusal(error).status === 401) await app.signedOut();
    else fill(notice, h("p", { class: "box bad" }, app.words(error)));
  }
}

/**
 * What is still to be checked goes there with its questions; then the first of them is shown.
 * @param {Shown} shown
 * @param {ToCheck[]} rows
 */
export const lookAtFirst = (shown, rows) => attempt(shown, async () => {
  const { app } = shown;
  await drafts(app, rows);
  app.wanted = rows[0].machine_id;
  app.go("#/");
});

/**
 * @param {Shown} shown
 * @param {ToCheck} one
 * @param {Record<string, number>} better
 */
function takeWords({ app: { t } }, { values }, better) {
  const [[id, value], ...others] = Object.entries(better);
  if (!others.length) return t("sheet_take", { value });
  const isSwap = others.length === 1 && value === values[others[0][0]] && others[0][1] === values[id];
  return t(isSwap ? "sheet_swap" : "sheet_take_more");
}

/**
 * What is odd about the values of a machine, in short; each line once.
 * @param {SignedIn} app
 * @param {ToCheck} one
 * @returns {string[]}
 */
function hints({ t, overview }, { machine_id: id, values, findings }) {
  const card = overview.card(id);
  /** @param {Finding} finding */
  const line = (finding) => {
    if (finding.code === "no_usage") return t("sheet_no_usage");
    const meter = card?.machine.meters.find((each) => each.id === finding.meter_id);
    return card && meter ? headline(card, { meter, value: () => String(values[meter.id] ?? "") }, finding) : finding.text;
  };
  return [...new Set(findings.map(line))];
}

/**
 * The rows of a machine.
 * @param {Shown} shown
 * @param {ToCheck} one
 * @param {(one: ToCheck) => Promise<void>} take
 */
function rowsOf(shown, one, take) {
  const { app, app: { t }, sheet, told } = shown;
  /** @type {Meter[]} */
  const known = app.overview.card(one.machine_id)?.machine.meters ?? [];
  const meters = Object.keys(one.values);
  const span = String(meters.length);
  const better = suggested(one);
  /** @param {string} id */
  const range = (id) => {
    const found = one.findings.find((finding) => finding.meter_id === id && finding.expected?.reading)?.expected?.reading;
    return found && rounded(found, one.values[id]);
  };
  const drafted = sheet.drafted[one.machine_id];
  const name = `machine-of-${one.machine_id}`;
  const place = one.location.room;
  /** @type {Child} */
  const decision = drafted
    ? t("sheet_drafted", { where: where(app), values: wordsOf(shown, one, drafted) })
    : [!told.dry_run && h("p", {}, t("sheet_asked", { where: where(app) })), h("div", { class: "buttons" },
      Object.keys(better).length > 0
        && h("button", { type: "button", class: "button quiet meant", "aria-describedby": name, on: { click: () => take(one) } },
          takeWords(shown, one, better)),
      h("button", {
        type: "button",
        class: "button quiet",
        "aria-label": t("sheet_right_of", { machine: [one.model, one.serial].join(" ") }),
        on: { click: () => lookAtFirst(shown, [one]) },
      }, t("sheet_right")))];
  return h("tbody", {}, meters.map((id, index) => {
    const [meter, between] = [known.find((each) => each.id === id), range(id)];
    const isOdd = one.findings.some((finding) => finding.meter_id === id);
    return h("tr", {},
      h("td", { class: "line-no" }, t.number(one.lines[id] ?? one.line)),
      h("td", { class: "of-machine", id: index ? null : name }, named(one)),
      h("td", { class: "of-place", "data-label": place ? t("sheet_room") : null }, place),
      h("td", { class: "of-meter" }, meter ? meterName(t, meter) : one.labels[id]),
      h("td", { class: "count", "data-label": t("sheet_last") }, meter?.last ? t.number(meter.last.value) : ""),
      h("td", { class: isOdd ? "count odd" : "count", "data-label": t("sheet_new") }, h("strong", {}, t.number(one.values[id]))),
      h("td", { class: "count", "data-label": t("sheet_expected") },
        between && t("sheet_range", { low: between.low, high: between.high })),
      index === 0 && h("td", { class: "of-hint", rowspan: span }, hints(app, one).map((text) => h("p", {}, text))),
      index === 0 && h("td", { class: "of-decision", rowspan: span, "data-machine": one.machine_id }, decision));
  }));
}

/**
 * "S/W 12.345, Farbe 3.210"
 * @param {Shown} shown
 * @param {ToCheck} one
 * @param {Record<string, number>} values
 */
const wordsOf = ({ app: { t } }, { labels }, values) =>
  Object.entries(values).map(([id, value]) => `${labels[id]} ${t.number(value)}`).join(", ");

/**
 * @param {Shown} shown
 * @param {() => void} again draws it anew
 */
export function toCheck(shown, again) {
  const { app, app: { t }, sheet, told: { to_check: rows }, node } = shown;
  if (!rows.length) return null;
  const title = t("sheet_check", { count: rows.length });
  /** @param {ToCheck} one */
  const takeOne = async (one) => {
    const values = { ...one.values, ...suggested(one) };
    const { isWhole } = await draft(app, one, values);
    if (isWhole) sheet.drafted[one.machine_id] = values;
    return isWhole;
  };
  /** @param {ToCheck[]} chosen */
  const take = (chosen) => attempt(shown, async () => {
    /** @type {ToCheck[]} */
    const refused = [];
    for (const one of chosen) if (!await takeOne(one)) refused.push(one);
    keepSheet(app, sheet);
    again();
    const drafted = chosen.filter((one) => !refused.includes(one));
    const [first] = drafted;
    focusOn(node.querySelector(first && chosen.length === 1 ? `[data-machine="${CSS.escape(first.machine_id)}"]` : "h2"));
    if (drafted.length > 1) {
      const values = drafted.map((one) => wordsOf(shown, one, sheet.drafted[one.machine_id])).join("; ");
      say(t("sheet_drafted", { where: where(app), values }));
    }
    if (refused.length) {
      const machines = refused.map(({ model, serial }) => `${model} ${serial}`).join(", ");
      fill(shown.notice, h("p", { class: "box warn" }, t("sheet_closed", { machines })));
    }
  });
  const better = rows.filter((one) => !(one.machine_id in sheet.drafted) && Object.keys(suggested(one)).length);
  const act = better.length > 1 && button(t("sheet_take_all", { count: better.length }), "quiet", () => take(better));
  const bodies = rows.map((one) => rowsOf(shown, one, (chosen) => take([chosen])));
  return part({ sign: "▲", kind: "check", title, beside: fewer(shown, bodies), act },
    table(t, title, ["line", "machine", "room", "meter", "last", "new", "expected", "hint", "decide"].map((key) => `sheet_${key}`),
      bodies, "stacking"));
}

/**
 * How many values these are; of many only the first are shown, until all are wanted.
 * @param {Shown} shown
 * @param {HTMLElement[]} bodies
 * @returns {Child}
 */
function fewer({ app: { t } }, bodies) {
  const all = bodies.reduce((sum, body) => sum + body.children.length, 0);
  const values = t("sheet_values", { count: all });
  let n = 0;
  for (const [index, body] of bodies.entries()) {
    body.hidden = index > 0 && n + body.children.length > FIRST;
    if (body.hidden) break;
    n += body.children.length;
  }
  if (n === all) return values;
  const behind = bodies.slice(bodies.findIndex((body) => body.hidden));
  for (const body of behind) body.hidden = true;
  const said = h("span", {}, t("sheet_first", { values, n }), " ", h("button", { type: "button", class: "link", on: { click: () => {
    for (const body of behind) body.hidden = false;
    fill(said, values);
    focusOn(behind[0].querySelector(".of-machine"));
  } } }, t("sheet_show_all", { n: all })));
  return said;
}
