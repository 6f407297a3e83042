// Sums over the rows: how many stand in each state, and what each company has.
import { Ints } from "./columns.js";
import { isoOf } from "./folding.js";
import { STATES, contractState, estimatesInARow, isUndecided } from "./progress.js";
/** @import { Kind, MonthStand } from "../../types/model" */
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

/**
 * Where machines stand: how many in each state and in how many contracts, since when their values are there, what is overdue, and
 * (of all machines, as the review lists them) what somebody has to decide.
 * @param {Portfolio} portfolio
 * @param {Iterable<number>} rows machines
 * @param {number} today
 * @returns {MonthStand}
 */
export function standOf(portfolio, rows, today) {
  const { state, flags, reported_on: reported, due_on: due, contract } = portfolio.machines.numbers;
  const places = STATES.map(() => ({ machines: 0, contracts: new Set(), since: 0 }));
  const contracts = new Set();
  const overdue = { machines: 0, since: 0, often: 0 };
  for (const row of rows) {
    const place = places[state.at(row)];
    place.machines += 1;
    place.contracts.add(contract.at(row));
    place.since = earliest(place.since, reported.at(row));
    if (STATES[state.at(row)] === "idle") continue;
    contracts.add(contract.at(row));
    if (!OPEN.includes(STATES[state.at(row)]) || due.at(row) > today) continue;
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
    undecided: undecidedOf(portfolio),
  };
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
