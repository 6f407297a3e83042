// What the console's views are made of: tables with choice, filters in the address, runs that are followed.
import { aborted, fill, h, refusal, say } from "/shared/page.js";
import { who } from "./staff_session.js";
/** @import { Choice, Column, Context, Figure, Filter, Group, List, Part, Run, Started, Table } from "../types/console" */
/** @import { Answer, Child, Voice } from "../types/page" */

// Milliseconds between two looks at a run.
const FIRST_LOOK = 500;
const LATER_LOOK = 3000;
const LAST_LOOK = 300_000;

/**
 * A failure in a box; a lost login goes back to the login. Aborted requests say nothing.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {unknown} error
 */
export function showFailure(context, node, error) {
  if (aborted(error)) return;
  if (refusal(error).status === 401) {
    context.signedOut();
    return;
  }
  fill(node, h("p", { class: "box bad", role: "alert" }, context.words(error)));
}

/**
 * What did not come, with the way to ask for it again; what is there already stays.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {unknown} error
 * @param {() => unknown} again
 */
export function showLost(context, node, error, again) {
  showFailure(context, node, error);
  if (aborted(error) || refusal(error).status === 401) return;
  node.append(h("p", { class: "buttons" },
    h("button", { type: "button", class: "button quiet", on: { click: again } }, context.t("customer_again"))));
}

/**
 * A button that a group may use; the others do not see it.
 * @param {Context} context
 * @param {{ text: string, group: Group, kind?: string, action: () => unknown }} options
 */
export function actionButton(context, { text, group, kind = "", action }) {
  const allowed = context.may(group);
  const button = h("button", {
    type: "button",
    class: `button ${kind}`.trim(),
    hidden: !allowed,
  }, text);
  let busy = false;
  button.addEventListener("click", async () => {
    if (!allowed || busy) return;
    busy = true;
    button.setAttribute("aria-disabled", "true");
    try {
      await action();
    } finally {
      busy = false;
      button.removeAttribute("aria-disabled");
    }
  });
  return button;
}

/**
 * Says once in the place of the buttons which right they need; nothing for those who have it.
 * @param {Context} context
 * @param {Group} group
 */
export function rightNeeded(context, group) {
  return !context.may(group) && h("p", { class: "muted small" }, context.t("not_in_group", { group: context.t(`group_${group}`) }));
}

/**
 * A table. `columns`: [{label, cell(row) -> node or text, number}]. `choice`: the choice of rows, or null.
 * @param {Context} context
 * @template Row
 * @param {{ caption: string, columns: Column<Row>[], choice?: Choice<Row> | null }} options
 * @returns {Table<Row>}
 */
export function table(context, { caption, columns, choice }) {
  const { t } = context;
  const body = h("tbody");
  /** @type {Map<HTMLInputElement, Row>} */
  const boxes = new Map();
  const all = choice ? h("input", { type: "checkbox" }) : null;

  function mirror() {
    if (!all || !choice) return;
    let chosen = 0;
    for (const [box, row] of boxes) {
      box.checked = choice.has(row);
      chosen += Number(box.checked);
    }
    all.checked = chosen > 0 && chosen === boxes.size;
    all.indeterminate = chosen > 0 && chosen < boxes.size;
  }

  if (all && choice) {
    all.addEventListener("change", () => {
      for (const row of boxes.values()) choice.set(row, all.checked);
      mirror();
    });
  }

  /**
   * @param {Row} row
   * @param {Choice<Row>} choice
   */
  function box(row, choice) {
    const made = h("input", { type: "checkbox", "aria-label": t("select_row", { name: choice.name(row) }) });
    made.addEventListener("change", () => {
      choice.set(row, made.checked);
      mirror();
    });
    boxes.set(made, row);
    return h("td", { class: "pick" }, made);
  }

  /** @param {Row[]} rows */
  function append(rows) {
    for (const row of rows) {
      body.append(h("tr", {}, choice && box(row, choice), columns.map((column) =>
        h("td", { class: column.number ? "number right" : null, "data-label": column.label }, column.cell(row)))));
    }
    mirror();
  }

  const element = h("table", {},
    h("caption", { class: "unseen" }, caption),
    h("thead", {},
      h("tr", {},
        all && h("th", { class: "pick", scope: "col" }, h("label", {}, all, h("span", { class: "pick-words" }, t("select_all")))),
        columns.map((column) =>
      h("th", { scope: "col", class: column.number ? "right" : null }, column.label)))),
    body);
  return { element, append };
}

/**
 * A titled table whose rows are all there.
 * @template Row
 * @param {Context} context
 * @param {string} title
 * @param {Column<Row>[]} columns
 * @param {Row[]} rows
 */
export function titledTable(context, title, columns, rows) {
  const made = table(context, { caption: title, columns });
  made.append(rows);
  return h("section", {}, h("h2", {}, title), h("div", { class: "scroll" }, made.element));
}

/**
 * Rows chosen by hand, kept by key while pages are added; rows with the same key are chosen together.
 * `changed` is told after each change.
 * @template Row
 * @param {(row: Row) => string} key
 * @param {(row: Row) => string} name
 * @param {() => unknown} changed
 * @returns {Choice<Row>}
 */
export function choiceOf(key, name, changed) {
  const rows = new Map();
  return {
    name,
    has: (row) => rows.has(key(row)),
    set: (row, chosen) => {
      if (chosen) rows.set(key(row), row);
      else rows.delete(key(row));
      changed();
    },
    rows: () => [...rows.values()],
    get size() {
      return rows.size;
    },
  };
}

/**
 * A list of the API, page by page. `path` is the address, `query` what it is asked, `rows(answer)` its rows.
 * Says in words that nothing is there; "more" fetches the next page and says how many there are now.
 * @param {Context} context
 * @template Row
 * @template {string} Path
 * @param {List<Row, Path>} list
 */
export function pagedList(context, { path, query, rows, caption, columns, choice, empty, stopped }) {
  const { t } = context;
  const grid = table(context, { caption, columns, choice });
  const failure = h("div");
  const foot = h("div", { class: "foot" });
  const holder = h("div", {}, h("p", { class: "muted" }, t("loading")));
  let shown = 0;

  /** @param {string | null | undefined} cursor */
  async function load(cursor) {
    fill(failure);
    try {
      const asked = String(new URLSearchParams({ ...query, ...(cursor ? { cursor } : {}) }));
      const answer = /** @type {Answer<"GET", Path> & Part} */ (await context.call("GET", `${path}${asked && `?${asked}`}`, {
        signal: stopped,
      }));
      const found = rows(answer);
      if (!found.length && answer.next_cursor) {
        await load(answer.next_cursor);
        return;
      }
      shown += found.length;
      grid.append(found);
      if (!shown && !answer.next_cursor) fill(holder, h("p", { class: "box" }, empty));
      else if (!holder.contains(grid.element)) fill(holder, h("div", { class: "scroll" }, grid.element));
      fill(foot,
        shown > 0 && h("p", { class: "muted" }, t("rows_shown", { count: shown })),
        answer.next_cursor && h("button", { type: "button", class: "button quiet", on: { click: () => load(answer.next_cursor) } },
          t("more")));
      if (cursor) say(t("rows_shown", { count: shown }));
    } catch (error) {
      if (!shown) fill(holder);
      showLost(context, failure, error, () => load(cursor));
    }
  }

  load(null);
  return h("div", { class: "list" }, holder, failure, foot);
}

/**
 * Filters that live in the address. `fields`: [{name, label, type, options: [[value, text]]}].
 * A new choice changes the address, and the address draws the view.
 * @param {Context} context
 * @param {string} view
 * @param {URLSearchParams} query
 * @param {Filter[]} fields
 */
export function filterBar(context, view, query, fields) {
  const { t } = context;
  const inputs = fields.map((field) => {
    const id = `filter-${field.name}`;
    const value = query.get(field.name) || "";
    const input = field.options
      ? h("select", { id }, h("option", { value: "" }, t("any")), field.options.map(([code, text]) => h("option", { value: code }, text)))
      : h("input", { id, type: field.type || "text", autocomplete: "off", placeholder: field.hint ?? "" });
    input.value = value;
    const { list, valueOf } = field.suggest ? suggestions(input, field.suggest) : { list: null, valueOf: () => input.value.trim() };
    return { field, valueOf, element: h("div", { class: "field" }, h("label", { for: id }, field.label), input, list) };
  });

  /** @param {SubmitEvent} event */
  function apply(event) {
    event.preventDefault();
    const chosen = new URLSearchParams();
    for (const { field, valueOf } of inputs) if (valueOf()) chosen.set(field.name, valueOf());
    for (const [name, value] of query) if (!fields.some((field) => field.name === name)) chosen.set(name, value);
    context.go(`#/${view}${[...chosen].length ? `?${chosen}` : ""}`);
  }

  return h("form", { class: "filters", role: "search", on: { submit: apply } },
    inputs.map(({ element }) => element),
    h("div", { class: "buttons" },
      h("button", { type: "submit", class: "button quiet" }, t("filter")),
      fields.some((field) => query.get(field.name)) && h("a", { class: "button quiet", href: `#/${view}` }, t("filter_clear"))));
}

/**
 * Numbers by what they are called, offered while somebody writes; one that is the only one need not be chosen.
 * @param {HTMLInputElement | HTMLSelectElement} input
 * @param {(text: string) => Promise<[value: string, name: string][]>} suggest
 */
function suggestions(input, suggest) {
  /** @type {[value: string, name: string][]} */
  let found = [];
  const list = h("datalist", { id: `${input.id}-list` });
  input.setAttribute("list", list.id);
  input.addEventListener("input", async () => {
    const text = input.value.trim();
    found = [];
    const hits = text ? await suggest(text) : [];
    if (text !== input.value.trim()) return;
    found = hits;
    fill(list, hits.map(([value, name]) => h("option", { value, label: name })));
  });
  return { list, valueOf: () => (found.length === 1 ? found[0][0] : input.value.trim()) };
}

/**
 * The part of a query that the API and a selection know as filter.
 * @param {URLSearchParams} query
 * @param {string[]} names
 * @returns {Record<string, string>}
 */
export function filterOf(query, names) {
  return Object.fromEntries(names.map((name) => [name, query.get(name) ?? ""]).filter(([, value]) => value));
}

/**
 * Follows a run until it is done or failed: `draw(answer)` after each look. The run lives on the server:
 * leaving the page stops looking, nothing else. While `awaits` holds, a run that is done is looked at some more times, less and less often.
 * @param {Context} context
 * @template {string} Path
 * @param {Path} path
 * @param {{
 *   stopped: AbortSignal, failure: HTMLElement, draw: (answer: Answer<"GET", Path>) => unknown, awaits?: () => boolean,
 * }} options
 */
export async function follow(context, path, { stopped, failure, draw, awaits = () => false }) {
  let pause = FIRST_LOOK;
  let before = null;
  for (;;) {
    try {
      const answer = /** @type {Answer<"GET", Path> & { state: string }} */ (await context.call("GET", path, { signal: stopped }));
      fill(failure);
      await draw(answer);
      if (answer.state !== "running") {
        if (before === "running") say(context.t(`said_${answer.state}`));
        if (pause > LAST_LOOK || !awaits()) return;
      }
      before = answer.state;
    } catch (error) {
      showFailure(context, failure, error);
      if (refusal(error).status && refusal(error).status < 500) return;
    }
    if (stopped.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (stopped.aborted) return;
    pause = before === "running" ? Math.min(pause * 1.4, LATER_LOOK) : pause * 1.4;
  }
}

/**
 * Numbers side by side: [[label, value]]; values that are missing are left out.
 * @param {Context} context
 * @param {Figure[]} pairs
 */
export function figures(context, pairs) {
  return h("dl", { class: "figures" }, pairs
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([label, value]) => h("div", {},
      h("dt", {}, label),
      h("dd", { class: "number" }, typeof value === "number" ? context.t.number(value) : value))));
}

/**
 * Who started a run: records hold the pool's number of a person, not an address.
 * @param {Voice} t
 * @param {string | null} by
 */
export function staffName(t, by) {
  if (!by) return "–";
  if (by === who().id) return t("by_you");
  return t.knows(`by_${by}`) ? t(`by_${by}`) : t("by_colleague", { id: by.slice(0, 8) });
}

/**
 * The state of a run with its words, as a badge.
 * @param {Context} context
 * @param {Pick<Run, "state" | "dry_run">} answer
 */
export function runBadge(context, answer) {
  const { t } = context;
  return [
    h("span", { class: `badge ${answer.state}` }, t(`run_${answer.state}`)),
    answer.dry_run && [" ", h("span", { class: "badge" }, t("dry_run"))],
  ];
}

/**
 * Why a run came to no good end, in the API's words, with the button that starts it again; a round that has stopped goes on.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Started} answer
 * @param {{ kind: string, group: Group }} options
 */
export function showRunProblem(context, node, answer, { kind, group }) {
  if (!answer.problem_text) return;
  const failure = h("div");
  const ended = answer.stopped?.reason === "ended";
  const halted = answer.state === "stopped" && !ended;
  const id = encodeURIComponent(answer.id);
  const again = async () => {
    try {
      if (halted) await context.call("POST", `/api/staff/rounds/${id}/resume`);
      else await context.call("POST", `/api/staff/runs/${kind}/${id}/restart`);
      context.redraw();
    } catch (error) {
      showFailure(context, failure, error);
    }
  };
  const text = context.t(halted ? "run_resume" : "run_again");
  fill(node, h("div", { class: `box ${halted || ended ? "warn" : "bad"}`, role: "alert" },
    h("p", {}, answer.problem_text),
    (halted || answer.restartable) && h("div", { class: "buttons" }, actionButton(context, { text, group, action: again })),
    failure));
}

/**
 * Head of a view: title, what it is for, actions at the right.
 * @param {string} title
 * @param {string | null} lead
 * @param {Child} [actions]
 * @returns {[HTMLHeadingElement, HTMLElement]}
 */
export function head(title, lead, actions = null) {
  const heading = h("h1", {}, title);
  return [
    heading,
    h("div", { class: "head" },
      h("div", {}, heading, lead && h("p", { class: "muted" }, lead)),
      actions && h("div", { class: "buttons" }, actions)),
  ];
}

/** Remembers in this tab what a dry run was about, so that the run itself can follow after a reload. */
export const remembered = {
  /**
   * @param {string} id
   * @param {unknown} value
   */
  put: (id, value) => sessionStorage.setItem(`meterportal.run.${id}`, JSON.stringify(value)),
  /**
   * @param {string} id
   * @returns {unknown} what was put, or null
   */
  get: (id) => JSON.parse(sessionStorage.getItem(`meterportal.run.${id}`) || "null"),
};
