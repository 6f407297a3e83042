// The overview: for whom, until when, how far, and the machines in walking order.
import { fill, focusOn, h } from "/shared/dom.js";
import { isComplete, machineCard } from "./machine.js";

/** The pages of the overview, one after the other. */
async function* pages(app) {
  let cursor = null;
  do {
    const page = await app.call("GET", `/api/machines${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`);
    yield page;
    cursor = page.next_cursor;
  } while (cursor);
}

/** A machine as it is stored now, or null if it is no longer the contact's. */
async function machineNow(app, id) {
  for await (const page of pages(app)) {
    const found = page.machines.find((machine) => machine.id === id);
    if (found) return found;
  }
  return null;
}

function companySwitch(app, failed) {
  const { t, session } = app;
  const others = session.companies.filter((company) => company.id !== session.company.id);
  if (!others.length) return null;
  return h("details", { class: "switch" },
    h("summary", {}, t("switch")),
    h("ul", {}, others.map((company) =>
      h("li", {}, h("button", {
        type: "button",
        class: "button quiet",
        on: { click: () => app.switchCompany(company).catch(failed) },
      }, company.name)))),
  );
}

function dueWords(t, dueOn, today) {
  if (!dueOn) return t("due_none");
  return t(today && dueOn < today ? "overdue" : "due", { date: t.date(dueOn) });
}

/** Draws the overview into `node` and loads it; returns its heading. */
export function overview(app, node) {
  const { t, session } = app;
  const failure = h("div", { role: "alert" });
  const status = h("div", { class: "status" });
  const list = h("div", { class: "machines" });
  const more = h("p", { class: "muted", role: "status" }, t("loading"));
  const cards = [];
  const groups = { place: null, list: null };
  const progress = { reported: 0, total: 0, dueOn: null, today: null };

  const failed = (error) => {
    if (!node.contains(list)) return;
    if (error.status === 401) app.signedOut();
    else fill(failure, h("p", { class: "box bad" }, app.words(error)));
  };

  function drawStatus() {
    const done = progress.total > 0 && progress.reported >= progress.total;
    const line = t("progress", { reported: progress.reported, count: progress.total });
    fill(status,
      done
        ? h("div", { class: "box good" }, h("p", {}, h("strong", {}, t("all_done"))), h("p", {}, t("all_done_more")))
        : h("div", {},
            h("p", { class: "due" }, dueWords(t, progress.dueOn, progress.today)),
            progress.dueOn && h("p", { class: "muted" }, t("due_consequence"))),
      progress.total > 0 && h("div", { class: "progress" },
        h("label", { for: "progress" }, line),
        h("progress", { id: "progress", max: progress.total, value: progress.reported })),
    );
  }

  const watcher = {
    today: () => progress.today,
    now: (id) => machineNow(app, id),
    dueOn: () => progress.dueOn,
    /** A card's machine was stored; counts it once it is complete. */
    stored: (before, after) => {
      progress.reported += Number(isComplete(after)) - Number(isComplete(before));
      drawStatus();
    },
    /** The card after `card` that is still open, or null. */
    nextOpen: (card) => {
      const from = cards.indexOf(card) + 1;
      return [...cards.slice(from), ...cards.slice(0, from)].find((other) => other !== card && other.isOpen()) || null;
    },
  };

  function append(machine) {
    const place = [machine.location.site, machine.location.building].filter(Boolean).join(" · ");
    if (place !== groups.place) {
      groups.place = place;
      groups.list = h("ul", { class: "cards" });
      list.append(h("section", {}, h("h2", {}, place || (cards.length ? t("elsewhere") : t("machines"))), groups.list));
    }
    const card = machineCard(app, machine, watcher);
    cards.push(card);
    groups.list.append(h("li", {}, card.element));
  }

  async function load() {
    try {
      for await (const page of pages(app)) {
        if (!node.contains(list)) return;
        if (!cards.length) {
          Object.assign(progress, page.progress, { dueOn: page.due_on, today: page.today || null });
          drawStatus();
        }
        page.machines.forEach(append);
        more.textContent = page.next_cursor ? t("loading_more") : "";
      }
      if (!cards.length) fill(list, h("p", { class: "box" }, t("no_machines")));
    } catch (error) {
      more.textContent = "";
      failed(error);
      const again = () => focusOn(overview(app, node));
      if (error.status !== 401) failure.append(h("p", {}, h("button", { type: "button", class: "button", on: { click: again } }, t("failed_again"))));
    }
  }

  const heading = h("h1", {}, h("span", { class: "for" }, `${t("reporting_for")} `), session.company.name);
  fill(node,
    h("div", { class: "head" },
      h("div", {}, heading, h("p", { class: "muted" }, t("as", { email: session.contact.email_masked }))),
      companySwitch(app, failed)),
    failure, status, list, more);
  load();
  return heading;
}
