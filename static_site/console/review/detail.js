// What speaks for and against one value: the finding, the customer's words and photo, the machine's past.
import { aborted, fill, h } from "/shared/page.js";
import { drawn } from "/shared/svg.js";
import { showFailure } from "../parts.js";
import { photosOf } from "../photos.js";
import { gravest } from "./groups.js";
import { suggestedOf } from "./numbers.js";
/** @import { Context, PastReading, ReadingRow } from "../../types/console" */
/** @import { Child, Voice } from "../../types/page" */

const SHOWN = 6; // earlier readings in the table
const WIDTH = 300;
const HEIGHT = 48;

/**
 * Usage of each earlier reading as bars from zero, the oldest first; estimates outlined.
 * @param {PastReading[]} past
 */
function chart(past) {
  const steps = past.filter((one) => one.usage !== null).slice(0, 14).reverse();
  const most = Math.max(1, ...steps.map((one) => one.usage ?? 0));
  const width = WIDTH / Math.max(steps.length, 1);
  return drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "review-chart", "aria-hidden": "true" },
    ...steps.map((one, n) => {
      const height = Math.max(1, (HEIGHT * Math.max(0, one.usage ?? 0)) / most);
      return drawn("rect", {
        x: n * width + width * 0.2,
        y: HEIGHT - height,
        width: width * 0.6,
        height,
        class: one.estimated ? "estimate" : "past",
      });
    }));
}

/**
 * @param {Voice} t
 * @param {ReadingRow} row
 * @param {PastReading[]} past
 */
function history(t, row, past) {
  const label = row.label || row.meter_id;
  if (!past.length) return h("p", { class: "muted" }, t("review_history_none"));
  return [
    h("h3", {}, t("review_history", { meter: label })),
    chart(past),
    h("table", { class: "review-past" },
      h("thead", {},
        h("tr", {},
          h("th", { scope: "col" }, t("review_read_on")),
          h("th", { scope: "col", class: "number" }, label),
          h("th", { scope: "col", class: "number" }, t("review_usage")),
          h("th", { scope: "col" }, h("span", { class: "unseen" }, t("review_channel"))))),
      h("tbody", {}, past.slice(0, SHOWN).map((one) => h("tr", { class: one.state === "reported" ? "doubt" : null },
        h("td", {}, t.date(one.read_on)),
        h("td", { class: "number" }, t.number(one.value)),
        h("td", { class: "number" }, t.number(one.usage)),
        h("td", {}, t(`channel_${one.channel}`)))))),
  ];
}

/**
 * @param {Voice} t
 * @param {ReadingRow} row
 * @returns {Child}
 */
function doubt(t, row) {
  const finding = gravest(row);
  if (!finding) return null;
  const meant = suggestedOf(row);
  const gives = meant !== null && row.last && finding.expected && t("review_suggestion_gives", {
    value: meant,
    usage: meant - row.last.value,
    low: finding.expected.low,
    high: finding.expected.high,
  });
  return h("div", { class: "box warn" }, h("p", {}, h("strong", {}, finding.text)), gives && h("p", {}, gives));
}

/**
 * What was decided, by whom and when.
 * @param {Voice} t
 * @param {ReadingRow} row
 */
function decided(t, { decision }) {
  if (!decision) return null;
  const { by, second, until, before, note } = decision;
  return h("div", { class: "box" },
    h("p", {},
      t("review_decision_by", {
        what: t(decision.waits_for_second ? "review_second" : `review_${decision.decision}`),
        by: by.name || t("by_colleague", { id: by.id.slice(0, 8) }),
        time: t.time(decision.at),
      }),
      second && ` ${t("review_decision_second", { by: second.name || second.id })}`,
      until && ` ${t("review_decision_until", { day: t.date(until) })}`,
      before !== null && ` ${t("review_decision_before", { value: before })}`),
    note && h("p", {}, t("review_decision_note", { text: note })));
}

/**
 * Draws the right column for a row, then its past as soon as it has come.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {ReadingRow} row
 * @param {{ where: string, stopped: AbortSignal }} options
 */
export async function showDetail(context, node, row, { where, stopped }) {
  const { t } = context;
  const { machine } = row;
  const place = [machine.location.building, machine.location.floor, machine.location.room].filter(Boolean).join(", ");
  const later = h("div", { class: "review-later" });
  const photos = photosOf(context, node, row);
  fill(node,
    h("div", { class: "review-who" },
      h("p", {},
        h("a", { href: `#/companies/${encodeURIComponent(machine.company.id)}` }, h("strong", {}, machine.company.name)),
        h("span", { class: "muted" }, where)),
      h("p", {},
        `${machine.model}, `,
        h("a", { href: `#/machines/${encodeURIComponent(machine.id)}` }, machine.serial || machine.id),
        place && `, ${place}`),
      h("p", { class: "muted" }, t.time(row.reported_at))),
    decided(t, row),
    doubt(t, row),
    row.reason && h("p", {}, row.channel === "PORTAL"
      ? t("review_from_customer", { text: row.reason })
      : t("review_from_entry", { channel: t(`channel_${row.channel}`), text: row.reason })),
    photos.length > 0 && h("div", { class: "review-photos" },
      h("h3", {}, t("review_photo", { time: t.time(row.photos[0].sent_at) })),
      photos),
    later);
  try {
    const answer = await context.call("GET", `/api/staff/machines/${encodeURIComponent(machine.id)}`, { signal: stopped });
    const meter = answer.meters.find((one) => one.id === row.meter_id);
    fill(later, history(t, row, meter?.history ?? []));
  } catch (error) {
    if (!aborted(error)) showFailure(context, later, error);
  }
}
