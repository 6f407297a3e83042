// What the console's views are made of: tables with choice, filters in the address, runs that are followed.
import { fill, h, say } from "/shared/page.js";
import { who } from "./staff_session.js";

const FIRST_LOOK = 500;
const LATER_LOOK = 3000;

/** A failure in a box; a lost login goes back to the login. Aborted requests say nothing. */
export function showFailure(desk, node, error) {
  if (error.name === "AbortError") return;
  if (error.status === 401) {
    desk.signedOut();
    return;
  }
  fill(node, h("p", { class: "box bad", role: "alert" }, desk.words(error)));
}

/** A button that a group may use; the others see it disabled. */
export function actionButton(desk, { text, group, kind = "", action }) {
  const allowed = desk.may(group);
  const button = h("button", {
    type: "button",
    class: `button ${kind}`.trim(),
    "aria-disabled": allowed ? null : "true",
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

/** Says once beside disabled buttons which right they need; nothing for those who have it. */
export function rightNeeded(desk, group) {
  return !desk.may(group) && h("p", { class: "muted small" }, desk.t("not_in_group", { group: desk.t(`group_${group}`) }));
}

/** A table. `columns`: [{label, cell(row) -> node or text, number}]. `choice`: the choice of rows, or null. */
export function table(desk, { caption, columns, choice }) {
  const { t } = desk;
  const body = h("tbody");
  const boxes = new Map();
  const all = choice && h("input", { type: "checkbox" });

  function mirror() {
    if (!all) return;
    let chosen = 0;
    for (const [box, row] of boxes) {
      box.checked = choice.has(row);
      chosen += Number(box.checked);
    }
    all.checked = chosen > 0 && chosen === boxes.size;
    all.indeterminate = chosen > 0 && chosen < boxes.size;
  }

  if (all) {
    all.addEventListener("change", () => {
      for (const row of boxes.values()) choice.set(row, all.checked);
      mirror();
    });
  }

  function box(row) {
    const made = h("input", { type: "checkbox", "aria-label": t("select_row", { name: choice.name(row) }) });
    made.addEventListener("change", () => {
      choice.set(row, made.checked);
      mirror();
    });
    boxes.set(made, row);
    return h("td", { class: "pick" }, made);
  }

  function append(rows) {
    for (const row of rows) {
      body.append(h("tr", {}, choice && box(row), columns.map((column) =>
        h("td", { class: column.number ? "number right" : null, "data-label": column.label }, column.cell(row)))));
    }
    mirror();
  }

  const element = h("table", {},
    h("caption", { class: "unseen" }, caption),
    h("thead", {}, h("tr", {}, all && h("th", { class: "pick", scope: "col" }, h("label", {}, all, h("span", { class: "pick-words" }, t("select_all")))), columns.map((column) =>
      h("th", { scope: "col", class: column.number ? "right" : null }, column.label)))),
    body);
  return { element, append };
}

/** A titled table whose rows are all there. */
export function titledTable(desk, title, columns, rows) {
  const made = table(desk, { caption: title, columns });
  made.append(rows);
  return h("section", {}, h("h2", {}, title), h("div", { class: "scroll" }, made.element));
}

/**
 * Rows chosen by hand, kept by key while pages are added; rows with the same key are chosen together.
 * `changed` is told after each change.
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
 * A list of the API, page by page. `path(cursor)` is the address, `rows(answer)` its rows.
 * Says in words that nothing is there; "more" fetches the next page and says how many there are now.
 */
export function pagedList(desk, { path, rows, caption, columns, choice, empty, stopped, loaded }) {
  const { t } = desk;
  const grid = table(desk, { caption, columns, choice });
  const failure = h("div");
  const foot = h("div", { class: "foot" });
  const holder = h("div", {}, h("p", { class: "muted" }, t("loading")));
  let shown = 0;

  async function load(cursor) {
    fill(failure);
    try {
      const answer = await desk.call("GET", path(cursor), { signal: stopped });
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
        answer.next_cursor && h("button", { type: "button", class: "button quiet", on: { click: () => load(answer.next_cursor) } }, t("more")));
      if (cursor) say(t("rows_shown", { count: shown }));
      if (loaded) loaded(answer);
    } catch (error) {
      if (!shown) fill(holder);
      showFailure(desk, failure, error);
    }
  }

  load(null);
  return h("div", { class: "list" }, holder, failure, foot);
}

/**
 * Filters that live in the address. `fields`: [{name, label, type, options: [[value, text]]}].
 * A new choice changes the address, and the address draws the view.
 */
export function filterBar(desk, view, query, fields) {
  const { t } = desk;
  const inputs = fields.map((field) => {
    const id = `filter-${field.name}`;
    const value = query.get(field.name) || "";
    const input = field.options
      ? h("select", { id }, h("option", { value: "" }, t("any")), field.options.map(([code, text]) => h("option", { value: code }, text)))
      : h("input", { id, type: field.type || "text", autocomplete: "off" });
    input.value = value;
    return { field, input, element: h("div", { class: "field" }, h("label", { for: id }, field.label), input) };
  });

  function apply(event) {
    event.preventDefault();
    const chosen = new URLSearchParams();
    for (const { field, input } of inputs) if (input.value.trim()) chosen.set(field.name, input.value.trim());
    for (const [name, value] of query) if (!fields.some((field) => field.name === name)) chosen.set(name, value);
    desk.go(`#/${view}${[...chosen].length ? `?${chosen}` : ""}`);
  }

  return h("form", { class: "filters", role: "search", on: { submit: apply } },
    inputs.map(({ element }) => element),
    h("div", { class: "buttons" },
      h("button", { type: "submit", class: "button quiet" }, t("filter")),
      fields.some((field) => query.get(field.name)) && h("a", { class: "button quiet", href: `#/${view}` }, t("filter_clear"))));
}

/** The part of a query that the API and a selection know as filter. */
export function filterOf(query, names) {
  return Object.fromEntries(names.filter((name) => query.get(name)).map((name) => [name, query.get(name)]));
}

/**
 * Follows a run until it is done or failed: `draw(answer)` after each look. The run lives on the server:
 * leaving the page stops looking, nothing else.
 */
export async function follow(desk, path, { stopped, failure, draw }) {
  let pause = FIRST_LOOK;
  let before = null;
  for (;;) {
    try {
      const answer = await desk.call("GET", path, { signal: stopped });
      fill(failure);
      draw(answer);
      if (answer.state !== "running") {
        if (before === "running") say(desk.t(`said_${answer.state}`));
        return;
      }
      before = answer.state;
    } catch (error) {
      showFailure(desk, failure, error);
      if (error.status && error.status < 500) return;
    }
    if (stopped.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (stopped.aborted) return;
    pause = Math.min(pause * 1.4, LATER_LOOK);
  }
}

/** Numbers side by side: [[label, value]]; values that are missing are left out. */
export function figures(desk, pairs) {
  return h("dl", { class: "figures" }, pairs
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([label, value]) => h("div", {}, h("dt", {}, label), h("dd", { class: "number" }, typeof value === "number" ? desk.t.number(value) : value))));
}

/** Who started a run: records hold the pool's number of a person, not an address. */
export function staffName(t, by) {
  if (!by) return "–";
  if (by === who().id) return t("by_you");
  return t.knows(`by_${by}`) ? t(`by_${by}`) : t("by_colleague", { id: by.slice(0, 8) });
}

/** The state of a run with its words, as a badge. */
export function runBadge(desk, answer) {
  const { t } = desk;
  return [
    h("span", { class: `badge ${answer.state}` }, t(`run_${answer.state}`)),
    answer.dry_run && [" ", h("span", { class: "badge" }, t("dry_run"))],
  ];
}

/** Head of a view: title, what it is for, actions at the right. */
export function head(title, lead, actions = null) {
  const heading = h("h1", {}, title);
  return [heading, h("div", { class: "head" }, h("div", {}, heading, lead && h("p", { class: "muted" }, lead)), actions && h("div", { class: "buttons" }, actions))];
}

/** Remembers in this tab what a dry run was about, so that the run itself can follow after a reload. */
export const remembered = {
  put: (id, value) => sessionStorage.setItem(`meterportal.run.${id}`, JSON.stringify(value)),
  get: (id) => JSON.parse(sessionStorage.getItem(`meterportal.run.${id}`) || "null"),
};

const BOM_BYTES = 3;

/** Saves a sheet of the API; a long one comes in parts, each named by the one before in its Link header. */
export async function saveSheet(desk, path, name) {
  const parts = [];
  let next = path;
  while (next) {
    const response = await desk.call("GET", next, { file: true });
    const part = await response.blob();
    parts.push(parts.length ? part.slice(BOM_BYTES) : part);
    [, next] = (response.headers.get("link") || "").match(/<([^>]+)>;\s*rel="next"/) || [];
  }
  const address = URL.createObjectURL(new Blob(parts, { type: "text/csv" }));
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
