// A customer's contracts: how far they are, how their counters arrive, who reports; the last two are corrected here.
import { fill, h, say } from "/shared/page.js";
import { ask } from "../dialog.js";
import { today } from "../day.js";
import { addressOf } from "../stock/address.js";
import { stateWords } from "../stock/cells.js";
import { contractState, hasEnded, machineState } from "./standing.js";
import { cut, panel, progress, smallTable, tag } from "./tables.js";
/** @import { Column, Context } from "../../types/console" */
/** @import { CompanyPage, ContactCard, ContractCard } from "../../types/records" */

const CHANNELS = /** @type {const} */ (["PORTAL", "MPS", "TECHNICIAN", "PHONE", "EMAIL", "LETTER", "ESTIMATE"]);

/**
 * The mark of what the ERP has to learn, with what it says still.
 * @param {Context} context
 * @param {ContractCard} row
 * @param {"reading_channel" | "reporters"} field
 * @param {Map<string, string>} names
 */
function carryOver({ t }, row, field, names) {
  const said = row.in_erp;
  if (!said) return null;
  const same = field === "reporters" ? String(said.reporters) === String(row.named) : said.reading_channel === row.reading_channel;
  if (same) return null;
  const words = field === "reporters"
    ? said.reporters.map((one) => names.get(one) ?? one).join(", ")
    : t(`channel_${said.reading_channel}`);
  return h("span", { title: t("erp_says", { value: words || "–" }) }, tag(t("contact_to_erp"), "warn"));
}

/**
 * Asks how the counters of a contract arrive and who reports them.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {ContractCard} contract
 * @param {ContactCard[]} contacts
 * @param {() => unknown} changed
 */
function contractAsked(context, node, contract, contacts, changed) {
  const { t } = context;
  const channel = h("select", { id: "contract-channel" }, CHANNELS.map((one) => h("option", { value: one }, t(`channel_${one}`))));
  channel.value = contract.reading_channel;
  const people = contacts.filter((one) => one.active || contract.named.includes(one.id));
  const boxes = people.map((one) => {
    const box = h("input", { type: "checkbox", id: `reporter-${one.id}`, value: one.id });
    box.checked = contract.named.includes(one.id);
    return { box, element: h("div", { class: "choice" }, box, h("div", {},
      h("label", { for: box.id }, one.name || one.id),
      h("p", { class: "muted small" }, one.email || t("mail_without")))) };
  });
  const chosen = () => {
    const ids = boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
    // Those named before keep their order.
    return [...contract.named.filter((one) => ids.includes(one)), ...ids.filter((one) => !contract.named.includes(one))];
  };
  const said = contract.in_erp;
  const back = said && h("button", {
    type: "button",
    class: "link",
    on: {
      click: () => {
        channel.value = said.reading_channel;
        for (const { box } of boxes) box.checked = said.reporters.includes(box.value);
      },
    },
  }, t("contract_as_erp"));
  ask(context, node, {
    title: t("contract_title", { id: contract.id }),
    content: [
      h("div", { class: "field" }, h("label", { for: "contract-channel" }, t("channel")), channel),
      h("fieldset", { class: "choices" }, h("legend", {}, t("contract_reporters")),
        h("p", { class: "muted small" }, t("contract_reporters_none")), boxes.map(({ element }) => element)),
      back && h("p", {}, back),
    ],
    go: t("save"),
    act: () => context.call("PATCH", `/api/staff/contracts/${encodeURIComponent(contract.id)}`, {
      body: {
        reading_channel: channel.value,
        ...(String(chosen()) === String(contract.named) ? {} : { reporters: chosen() }),
        version: contract.version,
      },
    }),
    done: () => {
      say(t("contract_stored", { id: contract.id }));
      changed();
    },
    renew: changed,
  });
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {CompanyPage} page
 * @param {() => unknown} changed draws the page anew
 */
export function contractsPanel(context, node, page, changed) {
  const { company, contacts, contracts, machines } = page;
  const { t } = context;
  const byId = new Map(contracts.map((one) => [one.id, one]));
  /** @param {ContractCard} contract */
  const state = (contract) => contractState(contract, machines
    .filter((one) => one.contract_id === contract.id)
    .map((one) => machineState(one, byId.get(one.contract_id))));
  const names = new Map(contacts.map((one) => [one.id, one.name || one.id]));
  /** @type {Column<ContractCard>[]} */
  const columns = [
    {
      label: t("contract"),
      cell: (row) => h("span", { class: "one-line" },
        h("a", { href: addressOf("contracts", company.id, row.id) }, h("strong", {}, row.id)), row.name && cut(row.name)),
    },
    { label: t("channel"), cell: (row) => [t(`channel_${row.reading_channel}`), carryOver(context, row, "reading_channel", names)] },
    {
      label: t("contract_reporters"),
      cell: (row) => [
        cut(row.reporters.map((one) => names.get(one) ?? one).join(", ") || "–"),
        carryOver(context, row, "reporters", names),
      ],
    },
    { label: t("due_on"), cell: (row) => t.date(row.due_on) || "–" },
    { label: t("machines"), number: true, cell: (row) => t.number(row.machines.total) },
    { label: t("stock_reported"), number: true, cell: (row) => progress(t, row.machines.reported, row.machines.total) },
    { label: t("state"), cell: (row) => stateWords(t, state(row)) },
    {
      label: t("contract_change"),
      cell: (row) => [
        context.may("remind") && h("button", {
          type: "button",
          class: "link",
          id: `contract-${row.id}`,
          "aria-label": t("contract_change_of", { id: row.id }),
          on: { click: () => contractAsked(context, node, row, contacts, changed) },
        }, t("contract_change_go")),
        " ",
        h("a", {
          id: `contract-schedule-${row.id}`,
          href: `#/schedule?contract=${encodeURIComponent(row.id)}`,
          "aria-label": t("contract_schedule_of", { id: row.id }),
        }, t("contract_schedule")),
      ],
    },
  ];
  const ended = contracts.filter((one) => hasEnded(one, today()));
  const running = contracts.filter((one) => !hasEnded(one, today()));
  const beside = h("span", { class: "muted" });
  const holder = h("div");
  let open = running.length === 0;

  function draw() {
    const toggle = h("button", {
      type: "button",
      class: "link",
      id: "contracts-ended",
      on: {
        click: () => {
          open = !open;
          draw();
          document.getElementById("contracts-ended")?.focus();
        },
      },
    }, t(open ? "contracts_hide" : "contracts_show"));
    fill(beside,
      t("contracts_running", { count: running.length }),
      ended.length > 0 && [!open && `, ${t("contracts_ended", { count: ended.length })}`, " ", toggle]);
    fill(holder, contracts.length
      ? smallTable(context, t("contracts"), columns, open ? [...running, ...ended] : running)
      : h("p", { class: "foot muted" }, t("contracts_no")));
  }

  draw();
  return panel(t("contracts"), beside, holder);
}
