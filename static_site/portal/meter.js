// What is known of a machine and its counters, in words: names, places, values and what was used.
import { h } from "/shared/page.js";
import { german } from "/words.js";
/** @import { Child, Voice } from "../types/page" */
/** @import { Machine, Meter, Place } from "../types/portal" */

const inGerman = /** @type {Record<string, string>} */ (/** @type {unknown} */ (german));
const SHORT = /^(s\/?w|b\/?w)$/i; // a kind's own abbreviation: people know the word

/**
 * All billable counters of the machine are reported, released or billed.
 * @param {Pick<Machine, "meters">} machine
 */
export const isComplete = (machine) => machine.meters.length > 0 && machine.meters.every((meter) => meter.reading);
/** @param {Pick<Machine, "id" | "model"> & { maker?: string }} machine */
export const nameOf = (machine) => [machine.maker, machine.model].filter(Boolean).join(" ") || machine.id;
/** @param {Meter} meter */
export const isClosed = (meter) => meter.reading !== null && meter.reading.state !== "reported";

/**
 * @param {Voice} t
 * @param {Place} location
 */
export const placeWords = (t, { floor, room }) => (floor && room
  ? t("floor_room", { floor, room })
  : floor || (room && t("room", { room })) || "");

/**
 * What a counter is called: the contract's name and, where it says more, its kind.
 * @param {Voice} t
 * @param {Meter} meter
 * @returns {Child[]}
 */
export function meterName(t, meter) {
  const kind = t.knows(`kind_${meter.kind}`) ? t(`kind_${meter.kind}`) : "";
  const label = meter.label.toLowerCase();
  // The contract's name is no more than the kind's own, in German or in short.
  const same = kind && (SHORT.test(label) || [kind, inGerman[`kind_${meter.kind}`]].some((word) => word.toLowerCase().startsWith(label)));
  return [
    h("span", { class: `swatch ${meter.kind.toLowerCase()}`, "aria-hidden": "true" }),
    same ? kind : meter.label,
    kind && !same && !label.includes(kind.toLowerCase()) && h("span", { class: "kind" }, ` · ${kind}`),
  ];
}

/**
 * @param {Voice} t
 * @param {Meter} options
 */
export function lastWords(t, { last }) {
  return last ? t(last.estimated ? "last_estimated" : "last", { value: last.value, date: t.date(last.read_on) }) : t("last_none");
}

/**
 * A typed counter as the API reads it: digits, also in groups of three, and a unit behind them; null for anything else.
 * @param {string} text
 */
export function numberOf(text) {
  const [digits] = text.trim().match(/^\d[\d\s.,'’]*/) ?? [""];
  const plain = digits.replace(/[\s.,'’]+$/, "");
  return /^(\d+|\d{1,3}([\s.,'’]\d{3})+)$/.test(plain) && /^[\s.,]*\p{L}*\.?$/u.test(text.trim().slice(plain.length))
    ? Number(plain.replace(/\D/g, ""))
    : null;
}

/**
 * So many of the typed values are counters; what is none is told when it is sent.
 * @param {Record<string, string>} values
 */
export const counted = (values) => Object.values(values).filter((text) => numberOf(text) !== null).length;

/**
 * What the button to `count` values says: without a network they are kept, as soon as the outbox has come that keeps them.
 * @param {Voice} t
 * @param {number} count
 */
export const sendWords = (t, count) => t(t.knows("keep_count") && !navigator.onLine ? "keep_count" : "submit_count", { count });

/**
 * "1.391 Seiten seit 27.08.2026": what people compare themselves; "" where there is nothing to count from.
 * @param {Voice} t
 * @param {Meter} meter
 * @param {number | null} value
 */
export function usageWords(t, { kind, last }, value) {
  if (!last || value === null || value < last.value) return "";
  return t(kind === "SCAN" ? "used_scans" : "used_pages", { count: value - last.value, date: t.date(last.read_on) });
}
