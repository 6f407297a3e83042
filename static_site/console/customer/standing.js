// How far a customer's machines and contracts are in their period, as the lists of "Bestand" count it.
/** @import { ContractCard, MachineCard, Month } from "../../types/records" */

/** The order in which somebody must look at machines. @type {string[]} */
export const ORDER = [
  "conspicuous", "partly", "unasked", "asked", "opened", "complete", "released", "exported", "billed", "idle",
];

const FINAL = ["released", "billed"];

/**
 * How far the mails about a contract have come.
 * @param {Pick<ContractCard, "mails"> | undefined} contract
 */
function reachOf(contract) {
  if (!contract?.mails.length) return "unasked";
  return contract.mails.some((mail) => mail.opened) ? "opened" : "asked";
}

/**
 * @param {Pick<MachineCard, "problem" | "active" | "due_on" | "meters">} machine
 * @param {Pick<ContractCard, "mails"> | undefined} contract
 * @returns {string}
 */
export function machineState(machine, contract) {
  const { meters } = machine;
  if (machine.problem || meters.some((one) => one.needs_a_person)) return "conspicuous";
  if (!machine.active || !machine.due_on || !meters.length) return "idle";
  if (meters.every((one) => one.state === "billed")) return "billed";
  if (meters.every((one) => one.exported)) return "exported";
  if (meters.every((one) => one.state && FINAL.includes(one.state))) return "released";
  if (meters.every((one) => one.value !== null)) return "complete";
  if (meters.some((one) => one.value !== null)) return "partly";
  return reachOf(contract);
}

/**
 * @param {ContractCard} contract
 * @param {string[]} states of its machines, as far as they are loaded
 */
export function contractState(contract, states) {
  if (states.includes("conspicuous")) return "conspicuous";
  if (contract.state === "empty") return "idle";
  if (contract.state === "open") return reachOf(contract);
  if (contract.state !== "released") return contract.state;
  const own = states.filter((state) => state !== "idle");
  if (own.length && own.every((state) => state === "billed")) return "billed";
  return own.length && own.every((state) => ["billed", "exported"].includes(state)) ? "exported" : "released";
}

/**
 * @param {Pick<ContractCard, "ends_on">} contract
 * @param {string} today
 */
export const hasEnded = (contract, today) => Boolean(contract.ends_on && contract.ends_on < today);

/**
 * The month that counts now: the earliest in which something is not released yet, else the last one; null: nothing is due.
 * @param {ContractCard[]} contracts
 * @returns {Month | null}
 */
export function monthOf(contracts) {
  const due = contracts
    .flatMap((one) => (one.due_on && one.machines.total ? [{ ...one, due_on: one.due_on }] : []))
    .sort((one, other) => one.due_on.localeCompare(other.due_on));
  const first = due.find((one) => one.machines.released < one.machines.total) ?? due.at(-1);
  if (!first) return null;
  const within = due.filter((one) => one.due_on.slice(0, 7) === first.due_on.slice(0, 7));
  /** @param {number[]} numbers */
  const mailed = (...numbers) => within
    .flatMap((one) => one.mails)
    .filter((mail) => numbers.includes(mail.number))
    .map((mail) => mail.on)
    .sort()
    .at(-1) ?? "";
  return {
    due_on: first.due_on,
    contracts: within.map((one) => one.id),
    total: within.reduce((sum, one) => sum + one.machines.total, 0),
    reported: within.reduce((sum, one) => sum + one.machines.reported, 0),
    asked_on: mailed(0),
    reminded_on: mailed(1, 2),
    announced_on: mailed(3),
  };
}
