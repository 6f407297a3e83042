// A small snapshot of the portfolio, packed as the server does it.
import { load } from "./site.js";

const { dayOf } = await load("console/model/folding.js");
const { Portfolio } = await load("console/model/portfolio.js");

/** Runs what yields between its steps. */
export function whole(work) {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

const WIDTHS = { B: 1, H: 2, h: 2, I: 4, i: 4 };

/** A container as the server packs it: {name: texts | [type, numbers, "delta"?]}. */
export function packed(columns) {
  const head = {};
  const buffers = [];
  let size = 0;
  for (const [name, [kind, values, ...more]] of Object.entries(columns)) {
    let bytes;
    if (kind === "s") bytes = new TextEncoder().encode(values.map((one) => `${one}\n`).join(""));
    else {
      const steps = more.length ? values.map((value, n) => value - (n ? values[n - 1] : 0)) : values;
      const width = WIDTHS[kind];
      bytes = new Uint8Array(width * values.length);
      steps.forEach((step, n) => {
        for (let plane = 0; plane < width; plane += 1) bytes[plane * values.length + n] = (step >> (plane * 8)) & 0xff;
      });
    }
    head[name] = [kind, size, bytes.length, ...more];
    buffers.push(bytes);
    size += bytes.length;
  }
  const front = new TextEncoder().encode(JSON.stringify(head));
  const whole = new Uint8Array(4 + front.length + size);
  new DataView(whole.buffer).setUint32(0, front.length, true);
  whole.set(front, 4);
  let at = 4 + front.length;
  for (const buffer of buffers) {
    whole.set(buffer, at);
    at += buffer.length;
  }
  return whole.buffer;
}

export const DAY = dayOf("2026-11-28");

const GRID = {
  "companies.id": ["h", [10007, 10014], "delta"],
  "companies.rev": ["B", [1, 2]],
  "companies.name": ["s", ["Bäckerei Öz", "Klinikum Jürgens AG"]],
  "companies.city": ["s", ["Köln", "Göttingen"]],
  "contracts.company": ["h", [0, 1], "delta"],
  "contracts.id": ["i", [70001, 70002], "delta"],
  "contracts.rev": ["B", [3, 1]],
  "contracts.name.d": ["s", ["Service"]],
  "contracts.name": ["B", [0, 0]],
  "contracts.channel.d": ["s", ["PORTAL", "PHONE"]],
  "contracts.channel": ["B", [0, 1]],
  "contracts.interval": ["s", ["MONTHLY", "YEARLY"]],
  "contracts.ends_on": ["H", [0, DAY - 1]],
  "contracts.next_billing_on": ["H", [DAY, DAY + 31]],
  "contracts.asked": ["B", [1, 0]],
  "contracts.mails": ["B", [2, 0]],
  "contracts.mailed_on": ["H", [DAY - 5, 0]],
  "contracts.estimate_on": ["H", [0, 0]],
  "contracts.total": ["B", [2, 1]],
  "contracts.reported": ["B", [1, 0]],
  "contracts.released": ["B", [0, 0]],
  "contracts.begun": ["B", [1, 0]],
  "contracts.exported": ["B", [0, 0]],
  "contracts.billed": ["B", [0, 0]],
  "contracts.opened": ["B", [1, 0]],
};

/** Two companies with two contracts, three machines and two contacts, as the parts of a snapshot. */
export const PARTS = {
  grid: packed(GRID),
  machines: packed({
    "machines.company": ["h", [0, 0, 1], "delta"],
    "machines.contract": ["h", [1, 1, 2], "delta"],
    "machines.id": ["s", ["200", "201", "X-9"]],
    "machines.version": ["H", [300, 1, 1]],
    "machines.ahead": ["h", [1, 0, -1]],
    "machines.state.d": ["s", ["open"]],
    "machines.state": ["B", [0, 0, 0]],
    "machines.due_on": ["I", [0, 0, dayOf("9999-12-31")]],
    "machines.flags": ["H", [1 | 2 | 4 | 32, 1 | 2, 1 | 2]],
    "machines.reported_on": ["H", [DAY, 0, 0]],
    "machines.channel": ["s", ["PORTAL", "", ""]],
    "machines.serial": ["s", ["A1B2C3", "ZZ-77", "77-A1"]],
    "machines.model.d": ["s", ["Ricoh\tIM C3000"]],
    "machines.model": ["B", [0, 0, 0]],
    "machines.customer_no": ["s", ["", "K-1", ""]],
    "machines.site": ["s", ["Werk 2", "", ""]],
    "machines.building": ["s", ["", "", ""]],
    "machines.floor": ["s", ["EG", "", ""]],
    "machines.room": ["s", ["7", "", ""]],
  }),
  people: packed({
    "contacts.company": ["h", [0, 1], "delta"],
    "contacts.id": ["h", [5, 6], "delta"],
    "contacts.rev": ["B", [1, 1]],
    "contacts.salutation": ["s", ["", ""]],
    "contacts.first_name": ["s", ["Ayşe", "Jürgen"]],
    "contacts.last_name": ["s", ["Öz", "Dvořák"]],
    "contacts.email": ["s", ["a@oez.example", "j.juergens@klinikum.example"]],
    "contacts.phone": ["s", ["", ""]],
    "contacts.role": ["s", ["", ""]],
    "contacts.language": ["s", ["de", "de"]],
    "contacts.flags": ["B", [1, 1]],
    "companies.language": ["s", ["de", "de"]],
    "companies.street": ["s", ["Weg 1", "Platz 2"]],
    "companies.postcode": ["s", ["50667", "37073"]],
    "contracts.starts_on": ["H", [1, 1]],
    "contracts.reporters": ["s", ["0", "0 =99"]],
  }),
};

/** The same as it is held; `without` some columns of the first part. */
export function snapshot({ without = [] } = {}) {
  const portfolio = new Portfolio();
  whole(portfolio.readGrid(packed(Object.fromEntries(Object.entries(GRID).filter(([name]) => !without.includes(name))))));
  whole(portfolio.readMachines(PARTS.machines));
  whole(portfolio.readPeople(PARTS.people));
  return portfolio;
}
