// The place "Bestand": contracts, companies or machines in one grid, with filter, order and choice.
import { fill, h, say } from "/shared/page.js";
import { showFailure } from "../parts.js";
import { keepAddress } from "../places.js";
import { actionBar } from "./actions.js";
import { LISTS, addressOfList, goTo, inOrder, nameOf, specOf } from "./address.js";
import { addressOfRow, companyColumns, contractColumns, machineColumns } from "./cells.js";
import { conditionMenu, tokenElement, tokensOf } from "./conditions.js";
import { NO_CONDITION, showEmpty } from "./empty.js";
import { Grid } from "./grid.js";
import { Kept } from "./kept.js";
import { keepChoice, recallChoice } from "./kept_choice.js";
import { columnMenu, viewMenu } from "./kept_menus.js";
import { saveList } from "./sheet.js";
import { statusOf } from "./status.js";
import { Values } from "./values.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { GridColumn, Lifted, Window } from "../../types/stock" */

const QUIET = 250; // until a count is said, and the open row goes into the address

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function stockView(context, node, { id, query, stopped }) {
  const { t } = context;
  const model = context.model();
  let spec = specOf(id, query);
  let at = query.get("at") ?? "";
  const { kind } = spec;
  let version = "";
  let generation = -1;
  let timer = 0;
  /** @type {Window | null} */
  let last = null;

  const values = new Values(context, stopped, (ids) => grid.fillLate(ids));
  const all = /** @type {GridColumn<any>[]} */ ({
    contracts: () => contractColumns(t, spec.today),
    companies: () => companyColumns(t),
    machines: () => machineColumns(t, values),
  }[kind]());
  spec = inOrder(spec, all);

  let drawn = "";
  const refused = h("div");
  const kept = new Kept(context, {
    stopped,
    changed: () => {
      const columns = kept.wanted(kind, all).map(({ key }) => key).join(" ");
      if (columns !== drawn && !stopped.aborted) showColumns();
    },
    refused: (error) => showFailure(context, refused, error),
  });

  function showColumns() {
    const columns = kept.wanted(kind, all);
    drawn = columns.map(({ key }) => key).join(" ");
    grid.show(columns, spec);
  }

  /** @param {Lifted} change @param {{ push?: boolean }} [options] */
  function update(change, { push = true } = {}) {
    spec = { ...spec, ...change };
    at = "";
    history[push ? "pushState" : "replaceState"](null, "", addressOfList(spec));
    if (field.value !== spec.words) field.value = spec.words;
    drawTokens();
    if ("sort" in change) grid.turn(spec);
    grid.reload({ fresh: true, top: true });
  }

  function soon() {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (stopped.aborted) return;
      keepAddress(stopped, addressOfList(spec, at));
      say(counted.textContent ?? "");
    }, QUIET);
  }

  /** @param {Pick<Window, "chosen" | "hidden">} counts */
  function chosen(counts) {
    if (!last) return;
    last = { ...last, ...counts };
    bar.show(last);
    grid.reload();
    keepChoice(model, kind);
  }

  const grid = new Grid({
    label: t(kind),
    pick: t("stock_pick"),
    ask: (from, count, fresh) => model.ask("window", { spec, from, count, fresh }),
    came: (came) => {
      const first = last === null;
      last = came;
      counted.textContent = t(`stock_count_${kind}`, { shown: came.total, all: came.all, machines: came.machines, count: came.all });
      bar.show(came);
      grid.element.hidden = came.total === 0;
      empty.hidden = came.total > 0;
      grid.element.classList.remove("loading");
      if (came.total === 0) showEmpty(context, empty, spec, came, update);
      const where = came.total > 0 ? t("stock_row_of", { row: Math.max(0, grid.active) + 1, total: came.total }) : "";
      status.show({ where, moved: came.moved });
      if (first && at) openAgain();
      if (first && !came.chosen) chooseAgain();
    },
    active: (row, index) => {
      at = row ? nameOf(row) : "";
      if (index >= 0) status.show({ where: t("stock_row_of", { row: index + 1, total: grid.total }) });
      soon();
    },
    open: (row, elsewhere) => {
      if (elsewhere && last?.chosen) bar.request();
      else goTo(addressOfRow(kind, row), elsewhere);
    },
    choose: async (how, rows, now) => chosen(await model.ask("choose", { spec, how, rows, chosen: now })),
    sort: (column) => update({ sort: column, down: column === spec.sort && !spec.down }),
    escape: () => {
      if (spec.words) update({ words: "" }, { push: false });
      else if (last?.chosen) choose("none");
    },
  });

  /** @param {"matching" | "none"} how */
  const choose = async (how) => {
    grid.shows([0, Infinity], how === "matching");
    chosen(await model.ask("choose", { spec, how }));
    grid.element.focus();
  };

  /** The row that the address names. */
  async function openAgain() {
    const [company, ...rest] = at.split("~");
    const index = await model.ask("place", { spec, company, id: rest.join("~") });
    if (index >= 0) grid.go(index);
  }

  /** What was chosen before the page was loaded anew. */
  async function chooseAgain() {
    if (await recallChoice(model, kind) && !stopped.aborted) grid.reload();
  }

  const heading = h("h1", {}, t("stock_title"));
  const tabs = LISTS.map((list) => {
    const count = h("span", { class: "number muted" });
    const current = list === kind ? "page" : null;
    return { list, count, element: h("a", { href: addressOfList({ kind: list }), "aria-current": current }, t(list), " ", count) };
  });
  const status = statusOf(context, { stopped, again: () => model.retry(), reorder: () => grid.reload({ fresh: true }) });
  /** @type {HTMLInputElement} */
  const field = h("input", {
    type: "search",
    value: spec.words,
    placeholder: t("stock_filter_help"),
    "aria-label": t("stock_filter"),
    "aria-keyshortcuts": "F",
    autocomplete: "off",
    spellcheck: "false",
    on: {
      input: () => update({ words: field.value }, { push: false }),
      keydown: (event) => {
        if (event.key === "ArrowDown" || event.key === "Enter") grid.element.focus();
        else if (event.key !== "Escape" || !field.value) return;
        else update({ words: "" }, { push: false });
        event.preventDefault();
      },
    },
  });
  const tokens = h("div", { class: "tokens" });
  const drawTokens = () => fill(tokens, tokensOf(t, spec).map((token) => tokenElement(t, token, update)));
  const counted = h("p", { class: "stock-count muted" });
  const empty = h("section", { class: "stock-empty", hidden: true });
  const bar = actionBar(context, {
    kind,
    chosen: () => model.ask("selection", {}),
    contracts: async () => {
      await model.ask("contracts", { kind, today: spec.today });
      await keepChoice(model, "contracts");
      context.go(addressOfList({ kind: "contracts" }));
    },
    all: () => choose("matching"),
    none: () => choose("none"),
  });

  fill(node,
    h("section", { class: "stock-page" },
      heading,
      h("nav", { class: "stock-tabs", "aria-label": t("stock_lists") }, tabs.map(({ element }) => element)),
      status.freshness),
    h("section", { class: "stock-tools", "aria-label": t("stock_filter") },
      field,
      tokens,
      kind !== "companies" && conditionMenu(t, () => spec, update, () => model.ask("bar", { spec })),
      h("div", { class: "stock-list" },
        counted,
        viewMenu(t, kind, kept, () => addressOfList(spec)),
        columnMenu(t, kind, all, kept),
        h("button", {
          type: "button",
          class: "tool",
          title: t("stock_csv_title"),
          on: { click: () => saveList(t, kind, (from, count) => model.ask("window", { spec, from, count })) },
        }, t("stock_csv")))),
    refused,
    grid.element,
    empty,
    bar.element,
    status.element);
  node.classList.add("stock");
  document.body.classList.add("filled");
  stopped.addEventListener("abort", () => document.body.classList.remove("filled"));
  grid.element.classList.add("loading");
  drawTokens();
  requestAnimationFrame(showColumns);
  kept.load();

  async function countLists() {
    const specs = LISTS.map((list) => ({ ...spec, ...NO_CONDITION, kind: list, ended: false }));
    for (const [n, { count }] of tabs.entries()) {
      const [found] = await model.ask("count", { specs: [specs[n]] });
      count.textContent = t.number(found);
    }
  }

  model.watch((standing) => {
    status.stand(standing);
    if (standing.generation === generation) return;
    const another = standing.version !== version;
    ({ generation, version } = standing);
    if (!standing.parts.length) return;
    grid.reload({ fresh: another || document.activeElement !== grid.element });
    countLists();
  }, stopped);

  node.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, select, textarea");
    if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key.toLowerCase() === "f") field.focus();
    else if (event.key === "ArrowDown" && event.target === heading) grid.element.focus();
    else return;
    event.preventDefault();
  });
  return heading;
}
