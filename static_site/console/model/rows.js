// A row as the page gets it: plain texts and numbers.
import { isoOf } from "./folding.js";
import { STATES, contractState, inService } from "./progress.js";
/** @import { CompanyRow, ContactRow, ContractRow, Kind, MachineRow, Rows } from "../../types/model" */
/** @import { Portfolio } from "./portfolio.js" */

/**
 * The name of a contact, or its number.
 * @param {Portfolio} portfolio
 * @param {number} row
 */
function nameOf({ contacts }, row) {
  const { first_name: first, last_name: last, email } = contacts.texts;
  return [first.at(row), last.at(row)].filter(Boolean).join(" ") || email.at(row) || contacts.id.at(row);
}

/**
 * Who reports for a contract: places among the company's contacts in the snapshot, or "=" and a number.
 * @param {Portfolio} portfolio
 * @param {number} row
 */
function reportersOf(portfolio, row) {
  const { contracts, contacts } = portfolio;
  const company = contracts.company.at(row);
  const places = contracts.texts.reporters?.at(row).split(" ").filter(Boolean) ?? [];
  return places.map((place) => {
    if (!place.startsWith("=")) return nameOf(portfolio, contacts.first[company] + Number(place));
    const contact = contacts.find(company, place.slice(1));
    return contact < 0 ? place.slice(1) : nameOf(portfolio, contact);
  });
}

/**
 * @param {Portfolio} portfolio
 * @param {number} row
 * @returns {CompanyRow}
 */
function companyRow({ companies }, row) {
  const { name, city, street, postcode } = companies.texts;
  const id = companies.id.at(row);
  const [contracts, machines, reported] = [companies.numbers.contracts, companies.numbers.total, companies.numbers.reported];
  return {
    row,
    id,
    company_id: id,
    company: name.at(row),
    city: city.at(row),
    street: street?.at(row) ?? "",
    postcode: postcode?.at(row) ?? "",
    contracts: contracts.at(row),
    total: machines.at(row),
    reported: reported.at(row),
  };
}

/**
 * @param {Portfolio} portfolio
 * @param {number} row
 * @returns {ContractRow}
 */
function contractRow(portfolio, row) {
  const { companies, contracts } = portfolio;
  const company = contracts.company.at(row);
  const { texts, numbers } = contracts;
  return {
    row,
    id: contracts.id.at(row),
    company_id: companies.id.at(company),
    company: companies.texts.name.at(company),
    city: companies.texts.city.at(company),
    name: texts.name.at(row),
    channel: texts.channel.at(row),
    interval: texts.interval.at(row),
    due_on: isoOf(numbers.due_on.at(row)),
    ends_on: isoOf(numbers.ends_on.at(row)),
    total: numbers.total.at(row),
    reported: numbers.reported.at(row),
    state: STATES[contractState(portfolio, row)],
    asked: numbers.asked.at(row),
    mails: numbers.mails.at(row),
    mailed_on: isoOf(numbers.mailed_on.at(row)),
    reporters: reportersOf(portfolio, row),
  };
}

/**
 * @param {Portfolio} portfolio
 * @param {number} row
 * @returns {MachineRow}
 */
function machineRow({ companies, contracts, machines }, row) {
  const company = machines.company.at(row);
  const { texts, numbers } = machines;
  const contract = numbers.contract.at(row);
  return {
    row,
    id: machines.id.at(row),
    company_id: companies.id.at(company),
    company: companies.texts.name.at(company),
    city: companies.texts.city.at(company),
    contract: contract < 0 ? "" : contracts.id.at(contract),
    serial: texts.serial.at(row),
    maker: texts.maker.at(row),
    model: texts.model.at(row),
    customer_no: texts.customer_no.at(row),
    place: [texts.site, texts.building, texts.floor, texts.room].map((one) => one.at(row)).filter(Boolean).join(", "),
    due_on: isoOf(numbers.due_on.at(row)),
    state: STATES[numbers.state.at(row)],
    problem: Boolean(numbers.flags.at(row) & 128),
    active: inService(numbers.flags.at(row)),
    reported_on: isoOf(numbers.reported_on.at(row)),
    channel: texts.channel.at(row),
    rev: machines.rev.at(row),
  };
}

/**
 * @param {Portfolio} portfolio
 * @param {number} row
 * @returns {ContactRow}
 */
function contactRow(portfolio, row) {
  const { companies, contacts } = portfolio;
  const company = contacts.company.at(row);
  return {
    row,
    id: contacts.id.at(row),
    company_id: companies.id.at(company),
    company: companies.texts.name.at(company),
    city: companies.texts.city.at(company),
    name: nameOf(portfolio, row),
    language: (contacts.texts.language.at(row) || companies.texts.language.at(company)).toLowerCase(),
    email: contacts.texts.email.at(row),
    phone: contacts.texts.phone.at(row),
  };
}

/** @type {{ [Each in Kind]: (portfolio: Portfolio, row: number) => Rows[Each] }} */
export const ROWS = { companies: companyRow, contracts: contractRow, machines: machineRow, contacts: contactRow };
