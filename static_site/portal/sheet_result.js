// What a sheet holds, after the check and after storing: an equation, then what needs a person first.
import { button } from "/forms.js";
import { both, fill, focusOn, h, refusal, sameKey, say } from "/shared/page.js";
import { placeWords } from "/meter.js";
/** @import { Child } from "../types/page" */
/** @import { Sheet, Told } from "../types/portal" */

export const texts = both({
  sheet_preview: ["Ergebnis der Prüfung – noch ist nichts gespeichert", "Result of the check – nothing is saved yet"],
  sheet_done: ["Gespeichert", "Saved"],
  sheet_entries: [["{count} Angabe", "{count} Angaben"], ["{count} entry", "{count} entries"]],
  sheet_sum_check: ["{count} zu prüfen", "{count} to check"],
  sheet_sum_left: ["{count} nicht erkannt", "{count} not recognised"],
  sheet_sum_ready: ["{count} bereit", "{count} ready"],
  sheet_sum_stored: ["{count} gespeichert", "{count} saved"],
  sheet_sum_ignored: ["{count} für Zähler, die nicht abgerechnet werden", "{count} for counters that are not billed"],
  sheet_sum_blank: ["{count} ohne neuen Stand", "{count} without a new reading"],
  sheet_check: [["{count} Gerät zu prüfen", "{count} Geräte zu prüfen"], ["{count} machine to check", "{count} machines to check"]],
  sheet_left: [
    ["{count} Zeile nicht erkannt", "{count} Zeilen nicht erkannt"],
    ["{count} row not recognised", "{count} rows not recognised"],
  ],
  sheet_ready: [["{count} Gerät bereit", "{count} Geräte bereit"], ["{count} machine ready", "{count} machines ready"]],
  sheet_stored: [["{count} Gerät gespeichert", "{count} Geräte gespeichert"], ["{count} machine saved", "{count} machines saved"]],
  sheet_values: [["{count} Zählerstand", "{count} Zählerstände"], ["{count} reading", "{count} readings"]],
  sheet_machines: [["{count} Gerät", "{count} Geräten"], ["{count} machine", "{count} machines"]],
  sheet_kind: ["{n} {kind}", "{n} {kind}"],
  sheet_of_kinds: ["{values}: {kinds}", "{values}: {kinds}"],
  sheet_line: ["Zeile", "Row"],
  sheet_machine: ["Gerät", "Machine"],
  sheet_place: ["Standort", "Location"],
  sheet_meter: ["Zähler", "Counter"],
  sheet_last: ["zuletzt", "last"],
  sheet_new: ["in der Datei", "in the file"],
  sheet_expected: ["erwartet", "expected"],
  sheet_range: ["{low} bis {high}", "{low} to {high}"],
  sheet_hint: ["Hinweis", "Note"],
  sheet_decide: ["Entscheiden", "Decide"],
  sheet_text: ["In der Datei", "In the file"],
  sheet_reason: ["Grund", "Reason"],
  sheet_take: ["{value} übernehmen", "Use {value}"],
  sheet_swap: ["Beide tauschen", "Swap both"],
  sheet_take_more: ["Vorschläge übernehmen", "Use the suggestions"],
  sheet_take_all: ["Alle {count} Vorschläge übernehmen", "Use all {count} suggestions"],
  sheet_drafted: ["Steht als Entwurf in der Eingabe: {values}", "Stands in the entry as a draft: {values}"],
  sheet_closed: [
    "Nimmt gerade keine Werte an: {machines}. Sehen Sie dort in der Übersicht nach.",
    "Takes no values just now: {machines}. Please look there in the overview.",
  ],
  sheet_right: ["Der Wert stimmt …", "The value is right …"],
  sheet_show: ["ansehen", "view"],
  sheet_send: ["{values} von {machines} absenden", "Send {values} of {machines}"],
  sheet_sending: ["Wird gespeichert …", "Saving …"],
  sheet_after: ["Danach: {reported} von {total} gemeldet", "Then: {reported} of {total} reported"],
  sheet_now: ["{reported} von {total} gemeldet", "{reported} of {total} reported"],
  sheet_enter: ["Auffällige Werte in die Eingabe übernehmen", "Put unusual values into the entry"],
  sheet_mend: [
    ["{count} Zeile als Excel herunterladen", "{count} Zeilen als Excel herunterladen"],
    ["Download {count} row as Excel", "Download {count} rows as Excel"],
  ],
  sheet_again: ["Andere Tabelle", "Another table"],
  sheet_overview: ["Zu den Geräten", "To the machines"],
});

/** @typedef {Told["to_check"][number]} ToCheck */

const BYTES = "application/octet-stream";
const keyOf = sameKey();

/**
 * A table with a name, which scrolls by itself where it is wider than the window.
 * @param {Sheet} sheet
 * @param {string} label
 * @param {string[]} columns
 * @param {Child} rows
 */
function table({ app: { t } }, label, columns, rows) {
  return h("div", { class: "wide-table", tabindex: "0", role: "region", "aria-label": label },
    h("table", { class: "compare number" },
      h("thead", {}, h("tr", {}, columns.map((key) => h("th", { scope: "col" }, t(key))))),
      h("tbody", {}, rows)));
}

/** @param {{ model: string, serial: string }} machine */
const named = ({ model, serial }) => [h("strong", {}, model), " ", serial];

/**
 * The values that are probably meant, by meter; empty where the check names none.
 * @param {ToCheck} one
 * @returns {Record<string, number>}
 */
const suggested = ({ findings }) => Object.assign({}, ...findings.map((finding) => finding.suggestion?.values ?? {}).reverse());

/**
 * Puts a machine's values into its card or line, as if they were typed there. `isWhole`: each of them found its field.
 * @param {Sheet} sheet
 * @param {ToCheck} one
 * @param {Record<string, number>} values
 */
async function draft({ app }, { machine_id: id, read_on: readOn }, values) {
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
 * Does what a button of the result is for; where that fails, the result says so.
 * @param {Sheet} sheet
 * @param {() => Promise<unknown>} action
 */
async function attempt({ app, notice }, action) {
  fill(notice);
  try {
    await action();
  } catch (error) {
    if (refusal(error).status === 401) await app.signedOut();
    else fill(notice, h("p", { class: "box bad", role: "alert" }, app.words(error)));
  }
}

/**
 * What is still to be checked goes there with its questions; then the first of them is shown.
 * @param {Sheet} sheet
 * @param {ToCheck[]} rows
 */
const enter = (sheet, rows) => attempt(sheet, async () => {
  const { app } = sheet;
  const doubt = await app.part("doubt");
  for (const one of rows) {
    const { card } = await draft(sheet, one, one.values);
    if (card) doubt.doubts(card, one.findings);
  }
  app.wanted = rows[0].machine_id;
  app.go("#/");
});

/**
 * The rows of a machine to check: each value with its counter, one note and one decision for all of them.
 * @param {Sheet} sheet
 * @param {ToCheck} one
 * @param {(one: ToCheck) => Promise<void>} take
 */
function rowsOf(sheet, one, take) {
  const { app, decided } = sheet;
  const { t } = app;
  const known = app.overview.card(one.machine_id)?.machine.meters ?? [];
  const meters = Object.keys(one.values);
  const span = String(meters.length);
  const better = suggested(one);
  /** @param {string} id */
  const range = (id) => one.findings.find((finding) => finding.meter_id === id && finding.expected?.reading)?.expected?.reading;
  const drafted = decided.get(one.machine_id);
  const decision = drafted
    ? t("sheet_drafted", { values: drafted })
    : h("div", { class: "buttons" },
      Object.keys(better).length > 0 && button(takeWords(sheet, one, better), "quiet", () => take(one)),
      button(t("sheet_right"), "quiet", () => enter(sheet, [one])));
  return meters.map((id, index) => {
    const [meter, between] = [known.find((each) => each.id === id), range(id)];
    return h("tr", {},
      h("td", {}, t.number(one.lines[id] ?? one.line)),
      h("td", {}, named(one)),
      h("td", {}, placeWords(t, one.location)),
      h("td", {}, one.labels[id]),
      h("td", { class: "count" }, meter?.last ? t.number(meter.last.value) : ""),
      h("td", { class: "count" }, h("strong", {}, t.number(one.values[id]))),
      h("td", { class: "count" }, between && t("sheet_range", { low: between.low, high: between.high })),
      index === 0 && h("td", { rowspan: span }, one.findings.map(({ text }) => h("p", {}, text))),
      index === 0 && h("td", { rowspan: span }, decision));
  });
}

/**
 * @param {Sheet} sheet
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
 * @param {Sheet} sheet
 * @param {Told} told
 * @param {() => void} again draws it anew
 */
function toCheck(sheet, { to_check: rows }, again) {
  const { app: { t }, decided } = sheet;
  if (!rows.length) return null;
  const title = t("sheet_check", { count: rows.length });
  /** @param {ToCheck} one */
  const takeOne = async (one) => {
    const values = { ...one.values, ...suggested(one) };
    const { isWhole } = await draft(sheet, one, values);
    const words = Object.entries(values).map(([id, value]) => `${one.labels[id]} ${t.number(value)}`).join(", ");
    if (isWhole) decided.set(one.machine_id, words);
    return isWhole;
  };
  /** @param {ToCheck[]} chosen */
  const take = (chosen) => attempt(sheet, async () => {
    /** @type {ToCheck[]} */
    const refused = [];
    for (const one of chosen) if (!await takeOne(one)) refused.push(one);
    again();
    const drafted = chosen.filter((one) => !refused.includes(one)).map((one) => decided.get(one.machine_id));
    if (drafted.length) say(t("sheet_drafted", { values: drafted.join("; ") }));
    if (refused.length) {
      const machines = refused.map(({ model, serial }) => `${model} ${serial}`).join(", ");
      fill(sheet.notice, h("p", { class: "box warn", role: "alert" }, t("sheet_closed", { machines })));
    }
  });
  const left = rows.filter((one) => !decided.has(one.machine_id));
  const better = left.filter((one) => Object.keys(suggested(one)).length);
  return h("section", { class: "part" }, h("h3", { class: "of-check" }, "▲ ", title),
    table(sheet, title,
      ["line", "machine", "place", "meter", "last", "new", "expected", "hint", "decide"].map((key) => `sheet_${key}`),
      rows.map((one) => rowsOf(sheet, one, (chosen) => take([chosen])))),
    h("p", { class: "buttons" },
      better.length > 1 && button(t("sheet_take_all", { count: better.length }), "quiet", () => take(better)),
      left.length > 0 && button(t("sheet_enter"), "quiet", () => enter(sheet, left))));
}

/**
 * @param {Sheet} sheet
 * @param {Told} told
 */
function notRecognised(sheet, { not_recognised: rows }) {
  const { app: { t } } = sheet;
  if (!rows.length) return null;
  const title = t("sheet_left", { count: rows.length });
  return h("section", { class: "part" }, h("h3", { class: "of-left" }, "✕ ", title),
    table(sheet, title, ["sheet_line", "sheet_text", "sheet_reason"],
      rows.map(({ line, text, reason }) => h("tr", {}, h("td", {}, t.number(line)), h("td", {}, text), h("td", {}, reason)))),
    h("p", {}, button(t("sheet_mend", { count: rows.length }), "quiet", () => sheet.mend())));
}

/**
 * @param {Sheet} sheet
 * @param {Told} told
 */
function ready(sheet, { dry_run: isPreview, taken }) {
  const { app: { t } } = sheet;
  if (!taken.length) return null;
  const title = t(isPreview ? "sheet_ready" : "sheet_stored", { count: taken.length });
  const readings = taken.flatMap((one) => one.readings);
  const kinds = [...new Set(readings.map(({ kind }) => kind))].map((kind) =>
    t("sheet_kind", { n: readings.filter((one) => one.kind === kind).length, kind: t(`kind_${kind}`) }));
  return h("section", { class: "part" }, h("h3", { class: "of-ready" }, "✓ ", title),
    h("p", { class: "muted" }, t("sheet_of_kinds", { values: t("sheet_values", { count: readings.length }), kinds: kinds.join(", ") })),
    h("details", { open: taken.length <= 10 }, h("summary", {}, t("sheet_show")),
      table(sheet, title, ["sheet_line", "sheet_machine", "sheet_meter", "sheet_new"], taken.map((one) => one.readings.map((reading) =>
        h("tr", {},
          h("td", {}, t.number(one.lines[reading.meter_id] ?? one.line)),
          h("td", {}, named(one)),
          h("td", {}, reading.label),
          h("td", { class: "count" }, t.number(reading.value))))))));
}

/**
 * All entries of the sheet, each in one of its parts.
 * @param {Sheet} sheet
 * @param {Told} told
 */
function equation({ app: { t } }, { sums, dry_run: isPreview }) {
  /** @type {[string, string, number][]} */
  const parts = [
    ["▲ ", "check", sums.to_check],
    ["✕ ", "left", sums.not_recognised],
    ["✓ ", isPreview ? "ready" : "stored", sums.taken],
    ["", "ignored", sums.ignored],
    ["", "blank", sums.blank],
  ];
  const shown = parts.filter(([, , count]) => count > 0);
  return h("p", { class: "equation" }, t("sheet_entries", { count: sums.entries }), shown.map(([sign, key, count], index) => [
    index ? " + " : " = ",
    h("span", { class: `of-${key}` }, h("span", { "aria-hidden": "true" }, sign), t(`sheet_sum_${key}`, { count })),
  ]));
}

/**
 * Draws the result of a sheet; gives its heading.
 * @param {Sheet} sheet
 * @param {Told} told
 * @returns {HTMLElement}
 */
export function result(sheet, told) {
  const { app, node, notice } = sheet;
  const { t } = app;
  const { taken, dry_run: isPreview, progress } = told;
  const heading = h("h2", {}, t(isPreview ? "sheet_preview" : "sheet_done"));
  const count = taken.reduce((sum, one) => sum + one.readings.length, 0);
  const words = t("sheet_send", {
    values: t("sheet_values", { count }),
    machines: t("sheet_machines", { count: taken.length }),
  });
  const store = button(words, "", async () => {
    if (store.disabled) return;
    store.disabled = true;
    store.textContent = t("sheet_sending");
    try {
      const stored = await app.call("POST", "/api/fleet", { body: sheet.body, type: BYTES, key: keyOf(taken) });
      app.renew();
      await app.overview.whole; // The counters of what is still to be checked come from there.
      focusOn(result(sheet, stored));
    } catch (error) {
      if (refusal(error).status === 401) return app.signedOut();
      store.disabled = false;
      store.textContent = words;
      fill(notice, h("p", { class: "box bad" }, app.words(error)));
    }
  });
  fill(node, h("div", { class: "sheet-result stacked" },
    heading,
    sheet.name && h("p", { class: "muted" }, sheet.name),
    equation(sheet, told),
    notice,
    toCheck(sheet, told, () => focusOn(result(sheet, told))),
    notRecognised(sheet, told),
    ready(sheet, told)),
  h("div", { class: "sticky" },
    h("p", { class: "number" }, t(isPreview ? "sheet_after" : "sheet_now", { reported: progress.reported, total: progress.total })),
    h("p", { class: "buttons" },
      button(t("sheet_again"), "quiet", sheet.again),
      !isPreview && h("a", { class: "button quiet", href: "#/" }, t("sheet_overview")),
      isPreview && taken.length > 0 && store)));
  return heading;
}
