// How far machines and contracts have come in their period, from the flags of the machines.
/** @import { Portfolio } from "./portfolio.js" */

const [
  ACTIVE, ASKED_FOR, COMPLETE, SET_ASIDE, RELEASED, BEGUN, STRUCK_OFF, PROBLEM_WAITS, NEEDS_A_PERSON, EXPORTED, BILLED,
] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
const ESTIMATES = 11; // the two bits from here on are a number

/** States in the order of work; a row holds a place in it. */
export const STATES = ["idle", "unasked", "asked", "opened", "partly", "complete", "conspicuous", "released", "exported", "billed"];
const [IDLE, UNASKED, ASKED, OPENED, PARTLY, WHOLE, DOUBTFUL, DONE, HANDED_OVER, PAID] = STATES.keys();

/** @param {number} flags */
export const isDoubtful = (flags) => Boolean(flags & (NEEDS_A_PERSON | PROBLEM_WAITS));

/** Whether a value waits for somebody's decision; a problem that was reported is no value. @param {number} flags */
export const isUndecided = (flags) => Boolean(flags & NEEDS_A_PERSON);

/**
 * How many estimates in a row a machine has, 3 for more.
 * @param {number} flags
 */
export const estimatesInARow = (flags) => flags >> ESTIMATES;

/**
 * How far a contract's mails have come: the state of a machine of which nothing is there yet.
 * @param {Portfolio["contracts"]} contracts
 * @param {number} row -1 for none
 */
export function reachOf({ numbers: { asked, opened_for: opened, due_on: due } }, row) {
  if (row < 0 || !asked.at(row)) return UNASKED;
  return opened.at(row) && opened.at(row) === due.at(row) ? OPENED : ASKED;
}

/**
 * @param {number} flags
 * @param {number} reach of the contract's mails
 */
export function machineState(flags, reach) {
  if (isDoubtful(flags)) return DOUBTFUL;
  if (!(flags & ASKED_FOR) || (flags & SET_ASIDE && !(flags & COMPLETE))) return IDLE;
  if (flags & BILLED) return PAID;
  if (flags & EXPORTED) return HANDED_OVER;
  if (flags & RELEASED) return DONE;
  if (flags & COMPLETE) return WHOLE;
  return flags & BEGUN ? PARTLY : reach;
}

/**
 * A machine that the dealer still serves.
 * @param {number} flags
 */
export const inService = (flags) => Boolean(flags & ACTIVE) && !(flags & STRUCK_OFF);

/**
 * The state of a contract, from its counts.
 * @param {Portfolio} portfolio
 * @param {number} row
 */
export function contractState({ contracts }, row) {
  const { total, reported, released, exported, billed, begun, doubt } = contracts.numbers;
  if (doubt.at(row)) return DOUBTFUL;
  if (!total.at(row)) return IDLE;
  if (billed.at(row) === total.at(row)) return PAID;
  if (exported.at(row) === total.at(row)) return HANDED_OVER;
  if (released.at(row) === total.at(row)) return DONE;
  if (reported.at(row) === total.at(row)) return WHOLE;
  return begun.at(row) ? PARTLY : reachOf(contracts, row);
}

/**
 * Counts a contract's machines anew, as the server does, and gives each its state.
 * @param {Portfolio} portfolio
 * @param {number} contract
 */
export function recount({ contracts, machines }, contract) {
  const counts = { total: 0, reported: 0, released: 0, exported: 0, billed: 0, begun: 0, doubt: 0 };
  const reach = reachOf(contracts, contract);
  for (const row of machines.of(contracts.company.at(contract))) {
    if (machines.numbers.contract.at(row) !== contract || machines.gone.at(row)) continue;
    const flags = machines.numbers.flags.at(row);
    const state = machineState(flags, reach);
    machines.numbers.state.put(row, state);
    counts.doubt += Number(state === DOUBTFUL);
    const whole = Boolean(flags & COMPLETE);
    if (!(flags & ASKED_FOR) || (flags & SET_ASIDE && !whole)) continue;
    counts.total += 1;
    counts.reported += Number(whole);
    counts.released += Number(Boolean(flags & RELEASED));
    counts.exported += Number(Boolean(flags & EXPORTED));
    counts.billed += Number(Boolean(flags & BILLED));
    if (flags & BEGUN) counts.begun = 1;
  }
  for (const [name, count] of Object.entries(counts)) contracts.numbers[name].put(contract, count);
}
