// What stands behind the header's menu.
import { isOffered, layout } from "/fleet_table/layout.js";
import { both, fill, forgetTab, h, openNow, refusal } from "/shared/page.js";
/** @import { App, SignedIn } from "../types/portal" */

export const texts = both({
  menu_overview: ["Geräte und Zählerstände", "Machines and readings"],
  menu_machines: ["Alle Geräte", "All machines"],
  menu_account: ["Konto und Passwort", "Account and password"],
  menu_fleet: ["Viele Geräte per Tabelle", "Many machines by spreadsheet"],
  menu_stickers: ["QR-Aufkleber drucken", "Print QR stickers"],
  menu_successor: ["Ich bin nicht zuständig", "I am not in charge"],
  menu_cards: ["Als Karten", "As cards"],
  menu_table: ["Als Tabelle", "As a table"],
  log_out: ["Abmelden", "Log out"],
  menu_sheet: ["Als Excel-Tabelle melden", "Report by Excel sheet"],
  menu_company: ["Alle Geräte der Firma", "All machines of the company"],
  menu_as: ["Angemeldet als {email}", "Signed in as {email}"],
});

const LINKS = {
  overview: "#/",
  machines: "#/machines",
  account: "#/account",
  fleet: "#/fleet",
  stickers: "#/stickers",
  successor: "#/successor",
};

/** @param {SignedIn} app */
export async function logOut(app) {
  try {
    await app.call("DELETE", "/api/session");
  } catch (error) {
    if (refusal(error).status !== 401) {
      app.failed(error, () => logOut(app));
      return;
    }
  }
  app.drafts.clear();
  forgetTab();
  openNow(null);
  Object.assign(app, { session: null, overview: null, token: null });
  history.replaceState(null, "", "/");
  app.door("loggedOut");
}

/** A tap beside the menu closes it. */
document.addEventListener("click", ({ target }) => {
  for (const open of document.querySelectorAll("details.menu[open]")) {
    if (!(target instanceof Node && open.contains(target))) open.removeAttribute("open");
  }
});

/**
 * Behind a list of cards: what is easier than going through all of it.
 * @param {App} app
 */
export async function onward({ t, session, overview }) {
  await overview?.whole;
  if (!session || !overview || overview.single || overview.table || !overview.cards.length) return;
  /**
   * @param {string} href
   * @param {string} key
   */
  const way = (href, key) => h("a", { href, "data-text": key }, t(key));
  fill(overview.behind, h("p", { class: "onward" },
    way(LINKS.fleet, "menu_sheet"),
    session.rights.machines && way(LINKS.machines, "menu_company")));
}

/**
 * The list of the menu: each way closes it.
 * @param {SignedIn} app
 */
export function menu(app) {
  const { t } = app;
  /** @param {MouseEvent} event */
  const close = ({ target }) => target instanceof Element && target.closest("details")?.removeAttribute("open");
  const links = Object.entries(LINKS).filter(([name]) => name !== "machines" || app.session.rights.machines);
  const other = layout() === "table" ? "cards" : "table";
  return [
    h("li", { class: "who muted small" }, t("menu_as", { email: app.session.contact.email_masked })),
    ...links.map(([name, href]) => h("li", {}, h("a", { href, on: { click: close } }, t(`menu_${name}`)))),
    isOffered(app.overview) && h("li", {}, h("button", { type: "button", class: "link", on: { click: (event) => {
      close(event);
      layout(other);
      app.go("#/");
      app.refresh();
    } } }, t(`menu_${other}`))),
    h("li", {}, h("button", { type: "button", class: "link", on: { click: () => logOut(app) } }, t("log_out"))),
  ];
}
