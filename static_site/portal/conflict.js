// Two persons or two tabs: what is stored meanwhile beside what is typed here, and one tap for either.
import { both, fill, focusOn, h, say } from "/shared/page.js";
import { stored, submit, withStored } from "/submit.js";
import { texts as storedTexts } from "/stored.js";
/** @import { Props, Refused, Voice } from "../types/page" */
/** @import { Card, Machine, MachinePage, Reading } from "../types/portal" */

const own = both({
  conflict_title: ["Inzwischen wurde für dieses Gerät gemeldet", "Meanwhile this machine has been reported"],
  conflict_counter: ["Zähler", "Counter"],
  conflict_theirs: ["Gespeichert", "Saved"],
  conflict_mine: ["Ihre Eingabe", "Your entry"],
  conflict_none: ["–", "–"],
  conflict_value: ["{value} am {date}", "{value} on {date}"],
  conflict_tab: ["In einem anderen Fenster dieses Geräts", "In another window of this device"],
  conflict_staff: ["Gemeldet am {time}", "Reported on {time}"],
  conflict_take: ["Gespeicherte Werte behalten", "Keep the saved values"],
  conflict_overwrite: ["Mit meiner Eingabe überschreiben", "Overwrite with my entry"],
  conflict_kept: ["Die gespeicherten Werte bleiben.", "The saved values stay."],
  conflict_gone: ["Dieses Gerät melden Sie nicht mehr: {why}", "You do not report this machine any more: {why}"],
});

export const texts = { de: { ...storedTexts.de, ...own.de }, en: { ...storedTexts.en, ...own.en } };

/**
 * The machine as stored now: from the refusal where it tells, else from the API.
 * @param {Card} card
 * @param {Refused} error
 * @returns {Promise<Machine | null>}
 */
async function machineNow(card, error) {
  const { readings, version } = error.facts;
  if (readings && version) {
    const cleared = { ...card.machine, meters: card.machine.meters.map((meter) => ({ ...meter, reading: null })) };
    return withStored(cleared, { readings, version });
  }
  /** @type {string | null} */
  let cursor = null;
  do {
    /** @type {MachinePage} */
    const page = await card.app.call("GET", cursor ? `/api/machines?cursor=${encodeURIComponent(cursor)}` : "/api/machines");
    const found = page.machines.find((machine) => machine.id === card.machine.id);
    if (found) return found;
    cursor = page.next_cursor;
  } while (cursor);
  return null;
}

/**
 * Who stored a reading, and when; what came from another tab carries neither.
 * @param {Voice} t
 * @param {Reading} reading
 */
function byWhom(t, { reported_at: at, reported_by: by }) {
  if (!at) return t("conflict_tab");
  const time = t.time(at);
  return by ? t(by.me ? "by_me" : "by_other", { name: by.name, time }) : t("conflict_staff", { time });
}

/**
 * @param {Card} card
 * @param {Record<string, string>} typed
 */
function table(card, typed) {
  const { t } = card.app;
  /**
   * @param {"td" | "th"} tag
   * @param {string} text
   * @param {Props} [attributes]
   */
  const cell = (tag, text, attributes = {}) => h(tag, attributes, text);
  const rows = card.machine.meters.filter((meter) => meter.reading || meter.id in typed).map((meter) => h("tr", {},
    cell("th", meter.label, { scope: "row" }),
    h("td", { class: "number" }, meter.reading
      ? [
        h("p", {}, t("conflict_value", { value: meter.reading.value, date: t.date(meter.reading.read_on) })),
        h("p", { class: "muted small" }, byWhom(t, meter.reading)),
      ]
      : t("conflict_none")),
    cell("td", typed[meter.id] || t("conflict_none"), { class: "number" })));
  return h("table", { class: "compare" },
    h("thead", {},
      h("tr", {}, ["conflict_counter", "conflict_theirs", "conflict_mine"].map((key) => cell("th", t(key), { scope: "col" })))),
    h("tbody", {}, rows));
}

/**
 * Shows both sides in the card, whose machine is up to date; typed values stay in their fields.
 * @param {Card} card
 * @param {boolean} focus
 */
function compare(card, focus) {
  const typed = card.draft.values;
  Object.assign(card, { doubtful: true, correcting: true });
  const keepTheirs = () => {
    stored(card, card.machine);
    focusOn(card.element.querySelector(".name"));
    say(card.app.t("conflict_kept"));
  };
  card.aside = () => {
    const { t } = card.app;
    const id = `conflict-${card.machine.id}`;
    fill(card.notice, h("div", { class: "box warn stacked", role: "group", "aria-labelledby": id },
      h(card.titles, { id }, t("conflict_title")),
      table(card, typed),
      h("p", { class: "buttons" },
        h("button", { type: "button", class: "button quiet", on: { click: keepTheirs } }, t("conflict_take")),
        h("button", { type: "button", class: "button", on: { click: () => submit(card) } }, t("conflict_overwrite")))));
  };
  card.draw();
  if (focus) focusOn(card.notice.firstElementChild);
  else say(card.app.t("conflict_title"));
}

/**
 * A submission came too late: `error` is changed_meanwhile or already_released.
 * @param {Card} card
 * @param {Refused} error
 * @param {boolean} focus
 */
export async function conflict(card, error, focus) {
  const { app } = card;
  const now = await machineNow(card, error);
  if (!now) {
    card.update({ ...card.machine, may_report: false });
    card.tell(app.t("conflict_gone", { why: error.message }), "bad", focus);
    return;
  }
  card.update(now);
  if (error.code === "changed_meanwhile") {
    compare(card, focus);
    return;
  }
  // What is released cannot be sent again; what is typed for other counters stays.
  for (const meter of now.meters) if (meter.reading && meter.reading.state !== "reported") delete card.draft.values[meter.id];
  if (!Object.keys(card.draft.values).length) card.forget();
  card.keep();
  card.update(now);
  card.tell(error.message, "bad", focus);
}

/**
 * Another tab stored the machine while something is typed here.
 * @param {Card} card
 * @param {Machine} machine
 */
export function elsewhere(card, machine) {
  card.update(machine);
  compare(card, false);
}
