// All companies, contracts, machines and contacts as columns: a snapshot, and over it what has changed since.
import { Ints, containerOf } from "./columns.js";
import { NO_DAY, dayOf } from "./folding.js";
import { isDoubtful, machineState, reachOf, recount } from "./progress.js";
import { Lines, Words, linesOf } from "./text_index.js";
/** @import { Change, Container, Kind, TextColumn } from "../../types/model" */

/** What a change is called, and the table that it goes to. @type {Record<string, Kind>} */
const KINDS = { company: "companies", contract: "contracts", machine: "machines", contact: "contacts" };

/** The rows of a kind. A row that is gone keeps its place and its `rev`. */
class Table {
  constructor() {
    this.size = 0;
    this.company = new Ints();
    this.rev = new Ints();
    this.gone = new Ints();
    this.id = Lines.of([]);
    /** @type {Record<string, Ints>} */
    this.numbers = {};
    /** @type {Record<string, TextColumn>} */
    this.texts = {};
    /** Where the rows of each company begin in the snapshot. */
    this.first = new Int32Array(1);
    /** @type {Map<number, number[]>} rows that came later, by company */
    this.added = new Map();
  }

  /**
   * @param {Container} part
   * @param {string} name
   * @param {number} companies
   * @returns {Generator<void, void>}
   */
  *read(part, name, companies) {
    this.id = part.isText(`${name}.id`) ? new Lines(part.lines(`${name}.id`)) : yield* linesOf(part.numbers(`${name}.id`));
    this.size = this.id.size;
    yield;
    this.company = new Ints(part.numbers(`${name}.company`));
    this.first = new Int32Array(companies + 1);
    for (let row = 0; row < this.size; row += 1) this.first[this.company.values[row] + 1] += 1;
    for (let n = 0; n < companies; n += 1) this.first[n + 1] += this.first[n];
  }

  /**
   * @param {number} company
   * @returns {Generator<number>}
   */
  *of(company) {
    for (let row = this.first[company] ?? 0; row < (this.first[company + 1] ?? 0); row += 1) yield row;
    yield* this.added.get(company) ?? [];
  }

  /**
   * @param {number} company
   * @param {string} id
   */
  find(company, id) {
    for (const row of this.of(company)) if (this.id.at(row) === id) return row;
    return -1;
  }

  /**
   * The row of a number; it is added where there was none.
   * @param {number} company
   * @param {string} id
   */
  place(company, id) {
    const found = this.find(company, id);
    if (found >= 0) return found;
    const row = this.size;
    this.size += 1;
    this.company.put(row, company);
    this.id.put(row, id);
    for (const column of [this.rev, this.gone]) column.put(row, 0);
    for (const [name, column] of Object.entries(this.numbers)) column.put(row, name === "contract" ? -1 : 0);
    for (const column of Object.values(this.texts)) column.put(row, "");
    this.added.set(company, [...this.added.get(company) ?? [], row]);
    return row;
  }

  /**
   * Whether a row is shown: it is there, and not only named by others.
   * @param {number} row
   */
  shown(row) {
    return this.rev.at(row) > 0 && !this.gone.at(row);
  }

  /** How many of the marked rows are shown. @param {Uint8Array} mask */
  shownOf(mask) {
    const [rev, gone] = [this.rev.values, this.gone.values];
    let total = 0;
    for (let row = 0; row < mask.length; row += 1) if (mask[row] && rev[row] > 0 && !gone[row]) total += 1;
    return total;
  }
}

/** Companies are their own owners; their place is their rank by name in the snapshot. */
class Companies extends Table {
  constructor() {
    super();
    /** @type {Map<string, number>} */
    this.places = new Map();
    this.summed = ""; // of what the sums of `sumUp` were made
  }

  /**
   * @param {Container} part
   * @param {string} name
   * @returns {Generator<void, void>}
   */
  *read(part, name) {
    this.id = part.isText(`${name}.id`) ? new Lines(part.lines(`${name}.id`)) : yield* linesOf(part.numbers(`${name}.id`));
    this.size = this.id.size;
    this.company = new Ints(new Int32Array(this.size));
    for (let row = 0; row < this.size; row += 1) {
      this.company.values[row] = row;
      this.places.set(this.id.at(row), row);
      if (row % SOME === 0) yield;
    }
  }

  /**
   * @param {number} _company
   * @param {string} id
   */
  find(_company, id) {
    return this.places.get(id) ?? -1;
  }

  /**
   * @param {number} company
   * @param {string} id
   */
  place(company, id) {
    const row = super.place(company, id);
    this.company.put(row, row);
    this.places.set(id, row);
    return row;
  }
}

const SOME = 4096; // rows read at once

const GRID = {
  companies: { texts: ["name", "city"], numbers: [] },
  contracts: {
    texts: ["name", "channel", "interval"],
    numbers: [
      "ends_on", "next_billing_on", "asked", "mails", "mailed_on", "estimate_on", "total", "reported", "released", "begun", "exported",
      "billed", "opened",
    ],
  },
};
const MACHINES = {
  texts: ["channel", "serial", "model", "customer_no", "site", "building", "floor", "room"],
  numbers: ["contract", "version", "due_on", "flags", "reported_on"],
};
const CONTACTS = { texts: ["salutation", "first_name", "last_name", "email", "phone", "role", "language"], numbers: ["flags"] };

/** Columns behind the first four places of a change; "day" is one told as ISO text. @type {Record<string, [string, string][]>} */
const CHANGED = {
  company: [["name", "text"], ["language", "text"], ["street", "text"], ["postcode", "text"], ["city", "text"]],
  contact: [
    ["salutation", "text"], ["first_name", "text"], ["last_name", "text"], ["email", "text"], ["phone", "text"],
    ["role", "text"], ["language", "text"], ["flags", "number"],
  ],
  contract: [
    ["name", "text"], ["channel", "text"], ["interval", "text"], ["starts_on", "day"], ["ends_on", "day"],
    ["next_billing_on", "day"], ["reporters", "contacts"], ["asked", "number"], ["mails", "number"], ["mailed_on", "day"],
    ["estimate_on", "day"],
  ],
  machine: [
    ["contract", "contract"], ["version", "number"], ["", "state"], ["due_on", "day"], ["serial", "text"], ["maker", "text"],
    ["model", "text"], ["customer_no", "text"], ["site", "text"], ["building", "text"], ["floor", "text"], ["room", "text"],
    ["flags", "number"], ["reported_on", "day"], ["channel", "text"],
  ],
};

export class Portfolio {
  constructor() {
    this.companies = new Companies();
    this.contracts = new Table();
    this.machines = new Table();
    this.contacts = new Table();
    /** @type {Record<Kind, number>} how many changes each kind has seen */
    this.seen = { companies: 0, contracts: 0, machines: 0, contacts: 0 };
    /** @type {Set<string>} */
    this.parts = new Set();
  }

  /**
   * Companies and contracts. Like its kin it yields between slices of work.
   * @param {ArrayBuffer} buffer
   */
  *readGrid(buffer) {
    const part = containerOf(buffer);
    yield* this.companies.read(part, "companies");
    yield* this.contracts.read(part, "contracts", this.companies.size);
    for (const kind of /** @type {const} */ (["companies", "contracts"])) {
      this[kind].rev = new Ints(part.numbers(`${kind}.rev`));
      yield* take(this[kind], part, kind, GRID[kind]);
    }
    const { next_billing_on: next, ends_on: ends } = this.contracts.numbers;
    const due = new Ints(new Int32Array(this.contracts.size));
    for (let row = 0; row < this.contracts.size; row += 1) due.values[row] = earlier(next.at(row), ends.at(row));
    this.contracts.numbers.due_on = due;
    const { opened } = this.contracts.numbers;
    this.contracts.numbers.opened_for = new Ints(due.values.map((day, row) => (opened.at(row) ? day : 0)));
    this.contracts.numbers.doubt = new Ints(new Int32Array(this.contracts.size));
    this.parts.add("grid");
  }

  /** @param {ArrayBuffer} buffer */
  *readMachines(buffer) {
    const part = containerOf(buffer);
    const table = this.machines;
    yield* table.read(part, "machines", this.companies.size);
    yield;
    yield* take(table, part, "machines", MACHINES);
    [table.texts.maker, table.texts.model] = halves(table.texts.model);
    yield;
    const ahead = part.numbers("machines.ahead");
    const { contract, version, due_on: due, flags } = table.numbers;
    table.rev = new Ints(ahead.map((more, row) => version.at(row) + more));
    const state = new Ints(new Int32Array(table.size));
    for (let row = 0; row < table.size; row += 1) {
      contract.values[row] -= 1; // from 1, 0 being none, to -1 being none
      const place = contract.values[row];
      if (due.values[row] === 0) due.values[row] = place < 0 ? 0 : this.contracts.numbers.due_on.at(place);
      else if (due.values[row] === NO_DAY) due.values[row] = 0;
      state.values[row] = machineState(flags.values[row], reachOf(this.contracts, place));
      if (place >= 0 && isDoubtful(flags.values[row])) this.contracts.numbers.doubt.values[place] += 1;
    }
    table.numbers.state = state;
    this.parts.add("machines");
  }

  /** @param {ArrayBuffer} buffer */
  *readPeople(buffer) {
    const part = containerOf(buffer);
    yield* this.contacts.read(part, "contacts", this.companies.size);
    this.contacts.rev = new Ints(part.numbers("contacts.rev"));
    yield* take(this.contacts, part, "contacts", CONTACTS);
    yield* take(this.companies, part, "companies", { texts: ["language", "street", "postcode"], numbers: [] });
    yield* take(this.contracts, part, "contracts", { texts: ["reporters"], numbers: ["starts_on"] });
    this.parts.add("people");
  }

  /**
   * Takes changes in; only after all parts. A row counts where its `rev` is higher than the one held, so that order, doublets
   * and late ones make no difference. Returns how many counted.
   * @param {Change[]} changes
   */
  apply(changes) {
    let counted = 0;
    /** @type {Set<number>} */
    const touched = new Set();
    for (const change of changes) if (this.one(change, touched)) counted += 1;
    for (const contract of touched) recount(this, contract);
    if (touched.size) this.seen.contracts += 1;
    return counted;
  }

  /**
   * @param {Change} change
   * @param {Set<number>} touched contracts whose machines have changed
   */
  one([name, companyId, id, rev, ...places], touched) {
    if (name === "opening") return this.open(/** @type {[string, string, string][]} */ (places[0] ?? []), touched);
    const kind = KINDS[name];
    if (!kind) return false; // of a later version
    const company = this.companies.place(-1, companyId);
    const table = this[kind];
    const row = kind === "companies" ? company : table.place(company, id);
    if (rev <= table.rev.at(row)) return false;
    table.rev.put(row, rev);
    table.gone.put(row, Number(!places.length));
    if (kind === "machines") touched.add(table.numbers.contract.at(row));
    CHANGED[name].forEach(([column, how], n) => places.length && this.set(table, row, column, how, places[n]));
    if (kind === "contracts") {
      const { next_billing_on: next, ends_on: ends, due_on: due } = table.numbers;
      due.put(row, earlier(next.at(row), ends.at(row)));
      touched.add(row);
    }
    if (kind === "machines") {
      touched.add(table.numbers.contract.at(row));
      table.numbers.state.put(row, machineState(table.numbers.flags.at(row), reachOf(this.contracts, -1)));
    }
    touched.delete(-1);
    this.seen[kind] += 1;
    return true;
  }

  /**
   * A mailbox had its first session since a mail: of each contract the due date that was asked for, whichever is known first.
   * @param {[company: string, contract: string, dueOn: string][]} asked
   * @param {Set<number>} touched
   */
  open(asked, touched) {
    let news = false;
    for (const [companyId, id, dueOn] of asked) {
      const row = this.contracts.place(this.companies.place(-1, companyId), id);
      const { opened_for: opened } = this.contracts.numbers;
      if (dayOf(dueOn) <= opened.at(row)) continue;
      opened.put(row, dayOf(dueOn));
      touched.add(row);
      news = true;
    }
    if (news) this.seen.machines += 1;
    return news;
  }

  /**
   * @param {Table} table
   * @param {number} row
   * @param {string} column
   * @param {string} how
   * @param {unknown} value
   */
  set(table, row, column, how, value) {
    const text = String(value ?? "");
    if (how === "number") table.numbers[column].put(row, Number(value));
    else if (how === "day") table.numbers[column].put(row, dayOf(text));
    else if (how === "text") table.texts[column].put(row, text);
    else if (how === "contract") table.numbers.contract.put(row, text ? this.contracts.place(table.company.at(row), text) : -1);
    else if (how === "contacts") table.texts[column].put(row, /** @type {string[]} */ (value).map((one) => `=${one}`).join(" "));
  }
}

/**
 * A column that an earlier version did not pack holds zeros.
 * @param {Table} table
 * @param {Container} part
 * @param {string} kind
 * @param {{ texts: string[], numbers: string[] }} columns
 */
function* take(table, part, kind, { texts, numbers }) {
  for (const name of numbers) {
    table.numbers[name] = new Ints(part.has(`${kind}.${name}`) ? part.numbers(`${kind}.${name}`) : new Int32Array(table.size));
    yield;
  }
  for (const name of texts) {
    const full = `${kind}.${name}`;
    table.texts[name] = part.has(`${full}.d`) ? new Words(part.lines(`${full}.d`), part.numbers(full)) : new Lines(part.lines(full));
    yield;
  }
}

/**
 * A column of texts with a tab in them as two columns.
 * @param {TextColumn} column
 * @returns {TextColumn[]}
 */
function halves(column) {
  const lines = column instanceof Words ? column.words : column;
  return [0, 1].map((half) => {
    const own = Lines.of(Array.from({ length: lines.size }, (_, row) => lines.at(row).split("\t")[half] ?? ""));
    return column instanceof Words ? new Words(own, column.codes.values.slice()) : own;
  });
}

/**
 * @param {number} one day, 0 for none
 * @param {number} other
 */
const earlier = (one, other) => (one && other ? Math.min(one, other) : one || other);
