// What stands behind the header's menu and the company switch.
import { both, h, say } from "/shared/page.js";

export const texts = both({
  menu_overview: ["Geräte und Zählerstände", "Machines and readings"],
  menu_machines: ["Alle Geräte", "All machines"],
  menu_account: ["Konto und Passwort", "Account and password"],
  menu_fleet: ["Viele Geräte per Tabelle", "Many machines by spreadsheet"],
  menu_stickers: ["QR-Aufkleber drucken", "Print QR stickers"],
  menu_successor: ["Ich bin nicht zuständig", "I am not in charge"],
  log_out: ["Abmelden", "Log out"],
  switched: ["Sie melden jetzt für {name}.", "You are now reporting for {name}."],
});

const LINKS = { overview: "#/", machines: "#/machines", account: "#/account", fleet: "#/fleet", stickers: "#/stickers", successor: "#/successor" };

async function logOut(app) {
  try {
    await app.call("DELETE", "/api/session");
  } catch (error) {
    if (error.status !== 401) {
      app.failed(error, () => logOut(app));
      return;
    }
  }
  app.drafts.clear();
  sessionStorage.clear();
  Object.assign(app, { session: null, overview: null, token: null });
  history.replaceState(null, "", "/");
  app.door("loggedOut");
}

/** A tap beside the menu closes it. */
document.addEventListener("click", ({ target }) => {
  for (const open of document.querySelectorAll("details.menu[open]")) if (!open.contains(target)) open.open = false;
});

/** The list of the menu: each way closes it. */
export function menu(app) {
  const { t } = app;
  const close = ({ target }) => target.closest("details").removeAttribute("open");
  const links = Object.entries(LINKS).filter(([name]) => name !== "machines" || app.session.rights.machines);
  return [
    ...links.map(([name, href]) => h("li", {}, h("a", { href, on: { click: close } }, t(`menu_${name}`)))),
    h("li", {}, h("button", { type: "button", class: "link", on: { click: () => logOut(app) } }, t("log_out"))),
  ];
}

/** The contact's other companies. */
function companySwitch(app) {
  const { session } = app;
  const turnTo = async (company) => {
    try {
      await app.welcome(await app.call("PUT", "/api/session/company?overview=1", { body: { company_id: company.id } }));
      say(app.t("switched", { name: company.name }));
    } catch (error) {
      if (error.status === 401) app.signedOut();
      else app.failed(error, () => turnTo(company));
    }
  };
  return session.companies
    .filter((company) => company.id !== session.company.id)
    .map((company) => h("li", {}, h("button", { type: "button", class: "button quiet", on: { click: () => turnTo(company) } }, company.name)));
}

export { companySwitch as switch };
