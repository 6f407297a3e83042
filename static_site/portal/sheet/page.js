// The result of a sheet, on a page of its own: an equation, then what needs a person first, and what will be after sending.
import { button } from "/forms.js";
import { FILES, download, texts as fleetTexts, tooLarge } from "/fleet.js";
import { isComplete } from "/meter.js";
import { fill, flat, focusOn, h, refusal, sameKey } from "/shared/page.js";
import { drafts, lookAtFirst, toCheck, where } from "/sheet/check.js";
import { current, failed, handIn, isElsewhere, keepSheet, store } from "/sheet/held.js";
import { linesOf, notRecognised, ready } from "/sheet/parts.js";
import { texts as own } from "/sheet/words.js";
import { stylesheet } from "/styles.js";
/** @import { Child, Voice } from "../../types/page" */
/** @import { Heading, ReadSheet, Shown, SignedIn, Told } from "../../types/portal" */

export const texts = { de: { ...fleetTexts.de, ...own.de }, en: { ...fleetTexts.en, ...own.en } };

const keyOf = sameKey();

/**
 * @param {SignedIn} app
 * @param {HTMLElement} node
 * @returns {Promise<Heading>}
 */
export async function page(app, node) {
  const [sheet] = await Promise.all([current(app), app.overview.whole, app.part("doubt"), stylesheet("/sheet/sheet.css")]);
  if (!sheet) {
    history.replaceState(null, "", "#/fleet");
    return (await app.part("screens")).open(app, node, "fleet", isElsewhere() ? [] : ["gone"]);
  }
  const { t } = app;
  const { told } = sheet;
  const heading = h("h1", {}, sheet.name || t("sheet_pasted"));
  const notice = h("div", { role: "alert" }, sheet.fault && h("p", { class: "box bad" }, sheet.fault));
  const result = h("div", { class: "sheet-result" });
  const read = h("p", { class: "read muted" }, told && readWords(t, told.read));
  /** @param {File} file */
  const another = async (file) => {
    other.disabled = true;
    fill(heading, file.name);
    for (const one of [read, notice]) fill(one);
    fill(result, h("p", { role: "status" }, t("sheet_checking")));
    try {
      if (tooLarge(file)) failed(app, file.name, t("fleet_large"));
      else await handIn(app, file, file.name);
    } catch (error) {
      if (refusal(error).status === 401) return app.signedOut();
      failed(app, file.name, app.words(error));
    }
    return again(app);
  };
  const chosen = h("input", { type: "file", accept: FILES, hidden: true });
  chosen.addEventListener("change", () => chosen.files?.[0] && another(chosen.files[0]));
  const other = button(t("sheet_other"), "quiet", () => chosen.click());
  fill(node, h("div", { class: "sheet-page" },
    h("div", { class: "sheet-head" },
      h("a", { href: "#/" }, t(app.overview.table ? "sheet_back_table" : "back")),
      heading,
      read,
      h("div", {}, chosen, other)),
    notice,
    result));
  if (told) drawResult({ app, sheet, told, notice, node: result, other });
  else fill(result, h("p", {}, h("a", { href: "#/fleet" }, t("sheet_form"))));
  return heading;
}

/**
 * The page anew, for another file or with what is stored: its name is read out, or where that is named what has changed.
 * @param {SignedIn} app
 * @param {string} [at]
 */
async function again(app, at = ".sheet-page h1") {
  await app.redraw();
  scrollTo(0, 0);
  focusOn(document.querySelector(at));
}

/**
 * @param {Voice} t
 * @param {ReadSheet} read
 */
function readWords(t, { sheet, columns, rows, separator }) {
  const place = [sheet && t("read_sheet", { sheet }), columns.length > 0 && t("read_columns", { columns: columns.join(", ") })];
  const [first = "", ...more] = place.filter(Boolean).join(", ");
  const begin = first && `${first.toLocaleUpperCase(t.language)}${more.join("")}. `;
  return `${begin}${[t("read_rows", { count: rows }), separator && t(`read_${separator}`)].filter(Boolean).join(", ")}.`;
}

/**
 * @param {Shown} shown
 */
function drawResult(shown) {
  const { app, sheet, told, node, notice } = shown;
  const mend = () => download(app, "xlsx", notice, sheet.body);
  fill(node,
    equation(app.t, told),
    toCheck(shown, () => drawResult(shown)),
    notRecognised(app.t, told, mend),
    ready(app.t, told),
    bar(shown));
}

/**
 * All rows of the sheet, each in one of its parts; where a row is not one machine, all its entries.
 * @param {Voice} t
 * @param {Told} told
 */
function equation(t, { read, sums, to_check: check, not_recognised: left, taken, blank, dry_run: isPreview }) {
  const good = isPreview ? "ready" : "stored";
  /** @type {[string, string, string, number][]} sign, class, key and count */
  const rows = [
    ["▲", "check", "sheet_check", check.length],
    ["✕", "left", "sheet_left", linesOf(left).length],
    ["✓", good, `sheet_${good}`, taken.length],
    ["", "blank", "sheet_blank", blank],
  ];
  /** @type {typeof rows} */
  const entries = [
    ["▲", "check", "sheet_sum_check", sums.to_check],
    ["✕", "left", "sheet_sum_left", sums.not_recognised],
    ["✓", good, `sheet_sum_${good}`, sums.taken],
    ["", "ignored", "sheet_sum_ignored", sums.ignored],
    ["", "blank", "sheet_sum_blank", sums.blank],
  ];
  const isByRow = rows.reduce((sum, [, , , count]) => sum + count, 0) === read.rows;
  const shown = (isByRow ? rows : entries).filter(([, , , count]) => count > 0);
  return h("p", { class: "equation" },
    h("strong", {}, isByRow ? t("read_rows", { count: read.rows }) : t("sheet_entries", { count: sums.entries }),
      shown.map(([sign, kind, key, count], index) => [
        index ? " + " : " = ",
        sign && h("span", { class: `sign of-${kind}`, "aria-hidden": "true" }, sign),
        t(key, { count }),
      ])),
    h("span", { class: "muted" }, ` · ${t(isPreview ? "sheet_preview" : "sheet_done")}`));
}

/**
 * What the overview will say when the button has been pressed, or says now.
 * @param {Shown} shown
 */
function bar(shown) {
  const { app, app: { t }, sheet, told, notice, other } = shown;
  const { taken, dry_run: isPreview } = told;
  const left = told.to_check.filter((one) => !(one.machine_id in sheet.drafted));
  const count = taken.reduce((sum, one) => sum + one.readings.length, 0);
  const words = t("sheet_send", {
    values: t("sheet_values", { count }),
    machines: t("sheet_machines", { count: taken.length }),
  });
  const go = button(words, "", async () => {
    if (go.disabled) return;
    go.disabled = other.disabled = true;
    go.textContent = t("sheet_sending");
    fill(notice);
    try {
      await store(app, sheet, keyOf(taken));
      app.renew();
      await app.overview.whole; // What is still to be checked goes into its counters.
      await drafts(app, (sheet.told?.to_check ?? []).filter((one) => !(one.machine_id in sheet.drafted)));
      keepSheet(app, sheet);
      await again(app, ".equation");
    } catch (error) {
      if (refusal(error).status === 401) return app.signedOut();
      go.disabled = other.disabled = false;
      go.textContent = words;
      fill(notice, h("p", { class: "box bad" }, app.words(error)));
    }
  });
  const enter = () => lookAtFirst(shown, left);
  return h("div", { class: "sticky of-sheet" },
    h("p", {}, after(shown, left.length)),
    isPreview && taken.length > 0 ? go : left.length > 0
      && button(t("sheet_enter", { count: left.length, where: where(app) }), isPreview ? "quiet" : "", enter));
}

/**
 * @param {Shown} shown
 * @param {number} asked machines that are still to be checked
 * @returns {Child[]}
 */
function after({ app, app: { t, overview }, sheet, told }, asked) {
  const { progress: { reported, total }, to_check: check, not_recognised: left, taken, blank, dry_run: isPreview } = told;
  /** @param {{ machine_id: string }} one */
  const machineOf = (one) => overview.card(one.machine_id)?.machine;
  const isOpen = (/** @type {{ machine_id: string }} */ one) => {
    const machine = machineOf(one);
    return Boolean(machine && !machine.opens_on && !isComplete(machine));
  };
  const open = Math.max(total - reported - check.filter(isOpen).length, 0);
  const partly = taken.some((one) => machineOf(one)?.meters.some((meter) =>
    !meter.reading && !one.readings.some((reading) => reading.meter_id === meter.id)));
  const isAbsent = sheet.name && !partly && !blank && left.every(({ code }) => UNKNOWN.includes(code));
  const filled = check.length - asked;
  const kept = [asked > 0 && t("sheet_sum_check", { count: asked }), filled > 0 && t("sheet_then_filled", { count: filled })];
  const rest = [
    check.length > 0 && t("sheet_then_drafts", { what: kept.filter(Boolean).join(", "), where: where(app) }),
    open > 0 && t(isAbsent ? "sheet_then_absent" : "sheet_then_open", { count: open }),
  ];
  return flat([
    isPreview && `${t("sheet_then")} `,
    h("strong", {}, t("sheet_of", { reported, total })),
    ` ${[t("sheet_reported"), ...rest].filter(Boolean).join(", ")}`,
  ]);
}

/** Rows that name none of the machines: one of theirs that is open is not in the file. */
const UNKNOWN = ["unknown_machine", "row_of_sums", "number_missing"];
