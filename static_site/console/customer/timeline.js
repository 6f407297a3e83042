// The time line: what happened, newest first; people by name, the same deed at many machines as one line.
import { fill, h } from "/shared/page.js";
import { dayAt, today } from "../day.js";
import { showFailure } from "../parts.js";
import { addressOf } from "../stock/address.js";
import { withdrawButton } from "./notes.js";
/** @import { Context } from "../../types/console" */
/** @import { Child, Voice } from "../../types/page" */
/** @import { Known, Timeline, TimelineEntry, Told } from "../../types/records" */

const KINDS = ["all", "mails", "readings", "staff"];
/** What somebody does about readings: told with the person in front. */
const BY_SOMEBODY = [
  "reported", "corrected", "released", "withdrawn", "reversed", "reset", "started", "stopped",
  "estimated", "accepted", "taken", "deferred", "asked_back", "undone",
];
const MAILS = ["asked", "reminded", "announced"];
const FEW = 3;

/** @param {TimelineEntry} entry */
function kindOf(entry) {
  if (MAILS.includes(entry.happening)) return "mails";
  if (entry.happening === "noted") return "staff";
  return ["reported", "corrected"].includes(entry.happening) ? "readings" : "staff";
}

/** @param {TimelineEntry} entry */
const sameness = (entry) => JSON.stringify([
  entry.happening, entry.action, entry.by?.id, entry.reporter?.id, entry.round_id, entry.on, entry.at?.slice(0, 16),
  entry.happening === "action" && entry.contact?.id, entry.note?.id,
]);

/**
 * Lines next to each other that say the same of several machines or people are one.
 * @param {TimelineEntry[]} entries
 * @returns {Told[]}
 */
export function told(entries) {
  /** @type {Told[]} */
  const found = [];
  for (const entry of entries) {
    const last = found.at(-1);
    if (last && sameness(last.entry) === sameness(entry)) last.all.push(entry);
    else found.push({ entry, all: [entry] });
  }
  return found;
}

/**
 * Today's time, else the day, with the time where it is known.
 * @param {Voice} t
 * @param {TimelineEntry} entry
 */
function when(t, { at, on }) {
  if (!at) return h("time", { datetime: on }, t.date(on));
  const moment = new Date(at);
  const locale = t.language === "de" ? "de-DE" : "en-GB";
  const time = moment.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
  return h("time", { datetime: at }, dayAt(at) === today() ? t("timeline_today", { time }) : t.time(at));
}

/**
 * @param {Context} context
 * @param {{
 *   node: HTMLElement, companyId: string, known: (machineId: string) => Known | undefined, older: string | null,
 *   stopped: AbortSignal, changed: () => unknown,
 * }} place `older`: the address that tells more by cursor, null where there is none; `changed()` after a note was withdrawn
 */
export function timelinePanel(context, { node, companyId, known, older, stopped, changed }) {
  const { t } = context;
  /** @type {TimelineEntry[]} */
  let entries = [];
  /** @type {string | null} */
  let cursor = null;
  let shown = "all";

  /** @param {string} id */
  const machineLink = (id) => h("a", { href: addressOf("machines", companyId, id) }, known(id)?.serial || id);

  /** @param {TimelineEntry[]} all */
  function machines(all) {
    const ids = [...new Set(all.flatMap((one) => one.machine_id ?? []))];
    if (ids.length > FEW) return t("tl_machines", { count: ids.length });
    return ids.map((id, place) => [place > 0 && ", ", machineLink(id)]);
  }

  /** @param {TimelineEntry} entry */
  function values({ machine_id: id, changes }) {
    const words = changes.filter((one) => one.after !== null).map((one) => {
      const meter = (id && known(id)?.meters[one.field]) || one.field;
      return t(one.before === null ? "tl_value" : "tl_from_to", { meter, before: one.before, value: one.after });
    });
    return words.length ? ` ${words.join(", ")}` : "";
  }

  /** @param {Told} line @returns {Child[]} */
  function words({ entry, all }) {
    const { happening, by, contact, contract_id: contract } = entry;
    const who = h("strong", {}, by?.name || (by && (t.knows(`by_${by.id}`) ? t(`by_${by.id}`) : by.id)) || t("timeline_nobody"));
    const alone = all.length === 1 && values(entry);
    if (entry.note) {
      return [
        who, t("tl_noted"), entry.machine_id && [machines(all), ": "], t("quoted", { text: entry.note.text }), " ",
        withdrawButton(context, node, entry.note, changed),
      ];
    }
    if (MAILS.includes(happening)) {
      const names = [...new Set(all.flatMap((one) => one.contact?.name || one.contact?.id || []))].join(", ");
      const contracts = [...new Set(all.flatMap((one) => one.contract_id ?? []))].join(", ");
      return [h("strong", {}, t(`tl_${happening}`)), names && t("tl_to", { names }), contracts && `, ${contracts}`];
    }
    if (BY_SOMEBODY.includes(happening)) {
      const reporter = entry.reporter?.name || entry.reporter?.id;
      const key = happening === "corrected" ? "tl_corrected_for" : "tl_for";
      return [who, reporter ? t(key, { name: reporter }) : t(`tl_${happening}`), machines(all), alone];
    }
    if (happening !== "action") return [h("strong", {}, t(`tl_${happening}`)), " ", machines(all), happening !== "imported" && alone];
    const about = contact ? t("tl_contact", { name: contact.name || contact.id }) : contract && `: ${contract}`;
    return [who, ` ${entry.text}`, about, entry.machine_id && [" ", machines(all)]];
  }

  const list = h("ol", { class: "timeline" });
  const failure = h("div");
  const foot = h("div", { class: "foot" });
  const kinds = h("div", { class: "kinds end", role: "group", "aria-label": t("timeline_kinds") }, KINDS.map((kind) =>
    h("button", {
      type: "button",
      class: "link",
      "aria-pressed": String(kind === shown),
      on: {
        click: (event) => {
          shown = kind;
          for (const one of kinds.children) one.setAttribute("aria-pressed", String(one === event.currentTarget));
          draw();
        },
      },
    }, t(`timeline_${kind}`))));

  function draw() {
    const lines = told(entries.filter((entry) => shown === "all" || kindOf(entry) === shown));
    fill(list, lines.map((line) => h("li", {}, when(t, line.entry), h("p", {}, words(line)))));
    const nothing = entries.length ? "timeline_none_such" : "timeline_none";
    fill(foot,
      !lines.length && h("p", { class: "muted" }, t(nothing)),
      older && cursor && h("button", { type: "button", class: "link", on: { click: more } }, t("timeline_older")));
  }

  async function more() {
    fill(failure);
    try {
      const path = `${older}?${new URLSearchParams({ cursor: cursor ?? "" })}`;
      const answer = /** @type {Timeline} */ (await context.call("GET", path, { signal: stopped }));
      entries = [...entries, ...answer.entries];
      cursor = answer.next_cursor;
      draw();
    } catch (error) {
      showFailure(context, failure, error);
    }
  }

  return {
    element: h("section", { class: "panel" },
      h("div", { class: "panel-head" }, h("h2", {}, t("timeline")), older && kinds), list, failure, foot),
    /** @param {Timeline} now */
    show: (now) => {
      entries = now.entries;
      cursor = now.next_cursor;
      draw();
    },
    draw,
  };
}
