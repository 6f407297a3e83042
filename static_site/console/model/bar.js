// Sums over the rows: how many stand in each state, and what each company has.
import { Ints } from "./columns.js";
import { isoOf } from "./folding.js";
import { STATES, contractState, estimatesInARow, isUndecided } from "./progress.js";
/** @import { Kind, LastSteps, MonthStand } from "../../types/model" */
/** @import { Portfolio } from "./portfolio.js" */

/**
 * How many of the rows stand in each state, in the order of work.
 * @param {Portfolio} portfolio
 * @param {Kind} kind contracts or machines
 * @param {Iterable<number>} rows
 * @returns {Record<string, number>}
 */
export function barOf(portfolio, kind, rows) {
  const counts = STATES.map(() => 0);
  const state = stateOf(portfolio, kind);
  for (const row of rows) counts[state(row)] += 1;
  return Object.fromEntries(STATES.map((name, place) => [name, counts[place]]));
}

/** What counts where nobody asked for the schedule: somebody calls. @type {LastSteps} */
const CALLS = { last_step: "calls", contracts: {} };

/**
 * Where machines stand: how many in each state and in how many contracts, since when their values are there, what is overdue, what
 * of that the schedule estimates as it was announced, and (of all machines, as the review lists them) what somebody has to decide.
 * @param {Portfolio} portfolio
 * @param {Iterable<number>} rows machines
 * @param {number} today
 * @param {LastSteps} [steps] the schedule's
 * @returns {MonthStand}
 */
export function standOf(portfolio, rows, today, steps = CALLS) {
  const { state, flags, reported_on: reported, due_on: due, contract } = portfolio.machines.numbers;
  const places = STATES.map(() => ({ machines: 0, contracts: new Set(), since: 0 }));
  const contracts = new Set();
  const overdue = { machines: 0, since: 0, often: 0 };
  const announced = { machines: 0, first: 0, last: 0 };
  for (const row of rows) {
    const place = places[state.at(row)];
    place.machines += 1;
    place.contracts.add(contract.at(row));
    place.since = earliest(place.since, reported.at(row));
    if (STATES[state.at(row)] === "idle") continue;
    contracts.add(contract.at(row));
    if (!OPEN.includes(STATES[state.at(row)]) || due.at(row) > today) continue;
    const estimated = awaitedOn(portfolio, contract.at(row), today, steps);
    if (estimated) {
      announced.machines += 1;
      announced.first = earliest(announced.first, estimated);
      announced.last = Math.max(announced.last, estimated);
      continue;
    }
    overdue.machines += 1;
    overdue.since = earliest(overdue.since, due.at(row));
    overdue.often += Number(estimatesInARow(flags.at(row)) > 2);
  }
  return {
    states: Object.fromEntries(STATES.map((name, n) => [name, {
      machines: places[n].machines, contracts: places[n].contracts.size, since: isoOf(places[n].since),
    }])),
    contracts: contracts.size,
    overdue: { ...overdue, since: isoOf(overdue.since) },
    announced: { machines: announced.machines, first: isoOf(announced.first), last: isoOf(announced.last) },
    undecided: undecidedOf(portfolio),
  };
}

/**
 * The day, today or later, on which the schedule estimates a contract as it was announced; 0: it does not. The server's
 * `awaited_on` says the same.
 * @param {Portfolio} portfolio
 * @param {number} contract -1 for none
 * @param {number} today
 * @param {LastSteps} steps
 */
function awaitedOn({ contracts }, contract, today, steps) {
  if (contract < 0) return 0;
  const day = contracts.numbers.estimate_on.at(contract);
  if (!day || day < today) return 0;
  const ends = contracts.numbers.ends_on.at(contract);
  if (contracts.texts.channel.at(contract) !== "PORTAL" || (ends && ends < today)) return 0;
  return (steps.contracts[contracts.id.at(contract)]?.last_step ?? steps.last_step) === "estimate" ? day : 0;
}

/** @param {Portfolio} portfolio */
function undecidedOf({ machines }) {
  const { flags, reported_on: reported } = machines.numbers;
  let [count, since] = [0, 0];
  for (let row = 0; row < machines.size; row += 1) {
    if (!isUndecided(flags.at(row)) || !machines.shown(row)) continue;
    count += 1;
    since = earliest(since, reported.at(row));
  }
  return { machines: count, since: isoOf(since) };
}

const OPEN = ["unasked", "asked", "opened", "partly"];

/**
 * @param {number} one day, 0 for none
 * @param {number} other
 */
const earliest = (one, other) => (one && other ? Math.min(one, other) : one || other);

/**
 * @param {Portfolio} portfolio
 * @param {Kind} kind
 * @returns {(row: number) => number}
 */
export function stateOf(portfolio, kind) {
  const { state } = portfolio.machines.numbers;
  return kind === "machines" ? (row) => state.at(row) : (row) => contractState(portfolio, row);
}

/**
 * Gives each company its contracts that run, its machines due and its machines reported; once, until something has changed.
 * @param {Portfolio} portfolio
 * @param {number} today
 */
export function sumUp({ companies, contracts, seen }, today) {
  const summed = [seen.companies, seen.contracts, today].join(" ");
  if (companies.summed === summed) return;
  companies.summed = summed;
  const { ends_on: ends, total, reported } = contracts.numbers;
  const [own, machines, done] = [0, 1, 2].map(() => new Int32Array(companies.size));
  for (let row = 0; row < contracts.size; row += 1) {
    if (!contracts.shown(row) || (ends.at(row) && ends.at(row) < today)) continue;
    const company = contracts.company.at(row);
    own[company] += 1;
    machines[company] += total.at(row);
    done[company] += reported.at(row);
  }
  Object.assign(companies.numbers, { contracts: new Ints(own), total: new Ints(machines), reported: new Ints(done) });
}
