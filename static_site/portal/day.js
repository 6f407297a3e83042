// The day of a reading, once somebody wants another one than today.
import { both, fill, h } from "/shared/page.js";
/** @import { Card } from "../types/portal" */

export const texts = both({
  read_on: ["Abgelesen am", "Read on"],
});

/**
 * The field of the day instead of its words; the same one when it is there already.
 * @param {Card} card
 * @returns {HTMLInputElement}
 */
export function open(card) {
  card.drawMore();
  if (card.date) return card.date;
  const { app: { t }, machine, overview, draft } = card;
  const error = h("p", { class: "error", id: `date-error-${machine.id}` });
  const date = h("input", {
    type: "date",
    id: `date-${machine.id}`,
    max: overview.today,
    value: draft.read_on || overview.today,
    "aria-describedby": error.id,
  });
  date.addEventListener("change", () => {
    card.typed();
    card.left();
  });
  Object.assign(card, { date, dateError: error });
  card.sending.hidden = false;
  fill(card.day, h("div", { class: "field" }, h("label", { for: date.id }, t("read_on")), error, date));
  return date;
}
