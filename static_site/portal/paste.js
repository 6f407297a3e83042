// A column from a spreadsheet, pasted into a field: fills the same kind of counter downward, in walking order.
import { both, say } from "/shared/page.js";
/** @import { Card, Field } from "../types/portal" */

export const texts = both({
  pasted: [["{count} Wert eingefügt.", "{count} Werte eingefügt."], ["{count} value pasted.", "{count} values pasted."]],
  pasted_left: [
    ["{count} Wert hatte kein Feld mehr.", "{count} Werte hatten kein Feld mehr."],
    ["{count} value had no field left.", "{count} values had no field left."],
  ],
  pasted_hint: [
    "Bitte vergleichen Sie, bevor Sie absenden: Die Werte stehen ab diesem Gerät abwärts.",
    "Please compare before you submit: the values stand from this machine downward.",
  ],
});

/**
 * Lines of the first column; an empty line skips a machine, what follows a tab is not ours.
 * @param {string} text
 */
export function column(text) {
  const lines = text.replace(/\r\n?/g, "\n").split("\n").map((line) => line.split("\t")[0].trim());
  while (lines.length && !lines.at(-1)) lines.pop();
  return lines;
}

/**
 * @param {Card} card
 * @param {string} kind
 * @param {number} nth
 */
const fieldLike = (card, kind, nth) => card.machine.meters.filter((meter) => meter.kind === kind)[nth];

/**
 * Puts the column into the counters of this kind, from this card's downward, past machines without one.
 * @param {Card} card
 * @param {Field} field
 * @param {string} text
 */
export function downward(card, field, text) {
  const { app, overview } = card;
  const { kind } = field.meter;
  const nth = card.machine.meters.filter((meter) => meter.kind === kind).indexOf(field.meter);
  const from = overview.cards.indexOf(card);
  const targets = overview.cards.slice(from).filter((other) => !other.row.hidden && other.mayReport && fieldLike(other, kind, nth));
  const lines = column(text);
  let filled = 0;
  lines.forEach((line, index) => {
    const target = targets[index];
    if (line && target?.put(fieldLike(target, kind, nth).id, line)) filled += 1;
  });
  const left = Math.max(0, lines.length - targets.length);
  const words = [
    app.t("pasted", { count: filled }),
    left > 0 && app.t("pasted_left", { count: left }),
    app.t("pasted_hint"),
  ].filter(Boolean).join(" ");
  card.tell(words, left ? "warn" : "", false);
  say(words);
}
