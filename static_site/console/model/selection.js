// What is chosen, as the API takes it: by a filter with exceptions where a whole list was chosen, else by numbers.
/** @import { ContractFilter, Spec } from "../../types/model" */

const LONGEST = 200; // characters of words that the API takes

/**
 * The conditions of a list of contracts as the API knows them; null where it does not know them all: it cannot tell whether a
 * mail was opened, nor what waits for somebody.
 * @param {Spec} spec
 * @returns {ContractFilter | null}
 */
export function contractFilter(spec) {
  const { words, states, channels, due, ended, company, contract, only, today } = spec;
  const text = words.trim();
  if (only || text.length > LONGEST || states.includes("asked") !== states.includes("opened")) return null;
  const known = /** @type {ContractFilter["states"]} */ (states.filter((state) => state !== "opened"));
  return {
    ...(text ? { words: text } : {}),
    ...(known?.length ? { states: known } : {}),
    ...(channels.length ? { reading_channels: /** @type {ContractFilter["reading_channels"]} */ (channels) } : {}),
    ...(due ? { due_before: due } : {}),
    ...(ended ? {} : { running_on: today }),
    ...(company ? { company_id: company } : {}),
    ...(contract ? { contract_id: contract } : {}),
  };
}
