// What is chosen in a list outlives a reload and a session that has ended: in its tab, for the person who chose it.
import { today } from "../day.js";
import { remembered } from "../parts.js";
import { who } from "../staff_session.js";
/** @import { Client } from "../model/client.js" */
/** @import { KeptChoice } from "../../types/model" */
/** @import { Shown } from "../../types/stock" */

/** @param {Shown} kind */
const shelf = (kind) => `choice.${kind}`;

let turn = 0;

/**
 * @param {Client} model
 * @param {Shown} kind
 */
export async function keepChoice(model, kind) {
  turn += 1;
  const mine = turn;
  const choice = await model.ask("chosen", { kind });
  if (mine === turn) remembered.put(shelf(kind), choice && { ...choice, by: who().id });
}

/**
 * Chooses again what was chosen before the page was loaded anew. Says whether there was anything.
 * @param {Client} model
 * @param {Shown} kind
 */
export async function recallChoice(model, kind) {
  const kept = /** @type {KeptChoice & { by: string } | null} */ (remembered.get(shelf(kind)));
  if (!kept || kept.by !== who().id || !(kept.whole || kept.records.length)) return false;
  await model.ask("rechoose", { kind, whole: kept.whole && { ...kept.whole, today: today() }, records: kept.records });
  return true;
}
