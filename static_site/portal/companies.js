// A mailbox of several companies: turning to another one, what is open at the others, another tab that has turned.
import { openDialog } from "/shared/dialog.js";
import { Refused, both, fill, flat, h, openNow, ownerOf, refusal, say } from "/shared/page.js";
/** @import { Call } from "../types/page" */
/** @import { App, Company, Overview, Session, SignedIn } from "../types/portal" */

export const texts = both({
  all_done: ["Danke, alles gemeldet.", "Thank you, all reported."],
  all_done_values: [
    ["{count} Zählerstand für {company} ist gespeichert.", "{count} Zählerstände für {company} sind gespeichert."],
    ["{count} reading for {company} is saved.", "{count} readings for {company} are saved."],
  ],
  going_on: ["Wie es weitergeht", "What happens next"],
  going_receipt: [
    "Eine Quittung geht in wenigen Minuten an {email}.",
    "A receipt goes to {email} in a few minutes.",
  ],
  going_change: [
    "Ändern können Sie die Werte hier, bis Ihr Händler sie freigibt.",
    "You can change the values here until your dealer releases them.",
  ],
  going_again: [
    "Die nächsten Zählerstände nehmen wir ab dem {date} an. Bis dahin ist nichts zu tun.",
    "The next readings are taken from {date} on. Until then there is nothing to do.",
  ],
  going_mail: ["Wir schreiben Ihnen, wenn wieder abzulesen ist.", "We will write to you when it is time to read again."],
  going_look: ["Quittung ansehen", "View the receipt"],
  going_out: ["Abmelden", "Log out"],
  company_values: [
    ["{machines}, {count} Zählerstand, gespeichert.", "{machines}, {count} Zählerstände, alle gespeichert."],
    ["{machines}, {count} reading, saved.", "{machines}, {count} readings, all saved."],
  ],
  company_look: ["Ansehen oder ändern", "View or change"],
  company_machines: [["{count} Gerät", "{count} Geräte"], ["{count} machine", "{count} machines"]],
  company_open: [["{count} offen", "{count} offen"], ["{count} open", "{count} open"]],
  company_reported: ["{reported} von {count}", "{reported} of {count}"],
  company_done: ["{company}: alles gemeldet", "{company}: all reported"],
  reported_of_all: [
    ["{reported} von {count} Gerät gemeldet", "{reported} von {count} Geräten gemeldet"],
    ["{reported} of {count} machine reported", "{reported} of {count} machines reported"],
  ],
  switched: ["Sie melden jetzt für {name}.", "You are now reporting for {name}."],
  open_at: ["{name} ({count} offen)", "{name} ({count} open)"],
  go_on_with: ["Weiter mit {name}", "Continue with {name}"],
  rather: ["Lieber mit {name} weitermachen", "Rather go on with {name}"],
  leave_until: [
    "Keine Zeit mehr? Der Link in Ihrer E-Mail bringt Sie bis zum {date} hierher zurück. Was gemeldet ist, bleibt gemeldet.",
    "No time left? The link in your e-mail brings you back here until {date}. What is reported stays reported.",
  ],
  leave: [
    "Keine Zeit mehr? Der Link in Ihrer E-Mail bringt Sie hierher zurück. Was gemeldet ist, bleibt gemeldet.",
    "No time left? The link in your e-mail brings you back here. What is reported stays reported.",
  ],
  other_title: ["Inzwischen ist {other} geöffnet", "{other} is open now"],
  other_text: [
    "In einem anderen Fenster wurde zu {other} gewechselt. Hier geht es noch um {company}: Was Sie eingegeben haben, steht noch da, ist aber nicht gespeichert.",
    "Another window has turned to {other}. This one is still about {company}: what you entered is still here, but it is not saved.",
  ],
  other_refused: ["Nicht gespeichert: Inzwischen ist {other} geöffnet.", "Not saved: {other} is open now."],
  other_back: ["Zurück zu {company}", "Back to {company}"],
  other_go: ["Weiter mit {other}", "Go on with {other}"],
});

/**
 * @param {SignedIn} app
 * @param {Company} company
 */
async function turnTo(app, { id, name }) {
  try {
    await app.welcome(await app.call("PUT", "/api/session/company?overview=1", { body: { company_id: id } }));
    say(app.t("switched", { name }));
  } catch (error) {
    if (refusal(error).status === 401) app.signedOut();
    else app.failed(error, () => turnTo(app, { id, name }));
  }
}

/**
 * @param {SignedIn} app
 * @param {Company} company
 * @param {string} text
 * @param {string} [kind]
 */
const way = (app, company, text, kind = "button quiet") =>
  h("button", { type: "button", class: kind, on: { click: () => turnTo(app, company) } }, text);

/**
 * A company by its name, and how much is open there, as far as it is known.
 * @param {SignedIn} app
 * @param {Company} company
 */
const named = ({ t }, { name, open }) => (open ? t("open_at", { name, count: open }) : name);

/** @param {SignedIn} app */
async function counted(app) {
  const { companies } = await app.call("GET", "/api/session?counts=1").catch(() => ({ companies: null }));
  return companies;
}

/**
 * The contact's other companies with what is open there, as a list to choose from.
 * @param {SignedIn} app
 */
async function companySwitch(app) {
  const { companies, company: mine } = app.session;
  const all = await counted(app) ?? companies;
  return all.filter(({ id }) => id !== mine.id).map((company) => h("li", {}, way(app, company, named(app, company))));
}

export { companySwitch as switch };

/**
 * Nothing is open here: says so, and then whether that is all or where something is left; nothing while nobody knows.
 * @param {SignedIn} app
 * @param {Overview} overview
 */
export async function finish(app, overview) {
  const { session, counted: { total }, status } = overview;
  const heading = h("h2", { tabindex: "-1" }, app.t("company_done", { company: session.company.name }));
  const box = h("div", { class: total ? "finish" : "box finish" }, total > 0 && heading);
  if (total) fill(status, box);
  fill(overview.further);
  const companies = session.companies.length > 1 ? await counted(app) : session.companies;
  await overview.whole; // Its values are told.
  if (!companies || app.overview !== overview || (total && !box.isConnected)) return;
  const open = companies
    .filter((company) => company.id !== session.company.id && company.open !== 0)
    .sort((one, other) => (other.open ?? 0) - (one.open ?? 0));
  if (open.length) box.append(...flat([total > 0 && valuesOf(app, overview), goingOn(app, companies, open)]));
  else if (total) thanks(app, overview, box);
  if (!total && open.length) fill(status, box);
}

/**
 * What of the company is stored.
 * @param {SignedIn} app
 * @param {Overview} overview
 */
function valuesOf({ t }, { cards }) {
  const reported = cards.map((card) => card.machine.meters.filter((meter) => meter.reading).length).filter(Boolean);
  const count = reported.reduce((sum, one) => sum + one, 0);
  const look = () => cards.find((card) => card.machine.meters.some((meter) => meter.reading))?.focus();
  return count > 0 && [
    h("p", {}, t("company_values", { count, machines: t("company_machines", { count: reported.length }) })),
    h("p", {}, h("button", { type: "button", class: "link", on: { click: look } }, t("company_look"))),
  ];
}

/**
 * The very end.
 * @param {SignedIn} app
 * @param {Overview} overview
 * @param {HTMLElement} node
 */
function thanks(app, overview, node) {
  const { t } = app;
  const { company, contact } = overview.session;
  const count = overview.cards.reduce((sum, card) => sum + card.machine.meters.filter((meter) => meter.reading).length, 0);
  const heading = node.querySelector("h2");
  if (heading) heading.textContent = t("all_done");
  if (count) node.append(h("p", {}, t("all_done_values", { count, company: company.name })));
  // The only machine's values come first.
  const further = overview.single ? h("div", { class: "finish further" }) : node;
  if (overview.single) fill(overview.further, further);
  further.append(
    h("h3", {}, t("going_on")),
    h("ul", { class: "points" },
      h("li", {}, t("going_receipt", { email: contact.email_masked })),
      h("li", {}, t("going_change")),
      h("li", {}, overview.opensOn ? t("going_again", { date: t.date(overview.opensOn) }) : t("going_mail"))),
    h("p", { class: "buttons" },
      h("a", { class: "button quiet", href: "#/receipt" }, t("going_look")),
      h("button", { type: "button", class: "button quiet", on: { click: () => app.part("menu").then(({ logOut }) => logOut(app)) } },
        t("going_out"))));
}

/**
 * One number over all companies of the mail, and one way on: where most is open.
 * @param {SignedIn} app
 * @param {Company[]} companies
 * @param {Company[]} open
 */
function goingOn(app, companies, open) {
  const { t, session: { link_until: until } } = app;
  const [next, ...others] = open;
  /** @param {Company} company */
  const total = ({ open: left, reported }) => (left ?? 0) + (reported ?? 0);
  const known = companies.every((company) => typeof company.open === "number" && typeof company.reported === "number");
  const count = companies.reduce((sum, company) => sum + total(company), 0);
  const reported = companies.reduce((sum, company) => sum + (company.reported ?? 0), 0);
  return [
    h("div", { class: "of-all" },
      known && [
        h("p", { class: "all-reported" }, h("strong", {}, t("reported_of_all", { reported, count }))),
        h("progress", { max: count, value: reported, "aria-hidden": "true" }),
        h("ul", { class: "of-companies" }, companies.filter(total).map((company) => h("li", { class: company.open ? "" : "all" },
          h("strong", {}, company.name),
          h("span", { class: "number" }, company.open
            ? t("company_open", { count: company.open })
            : t("company_reported", { reported: company.reported ?? 0, count: total(company) })),
          h("span", { class: "muted small" }, t("company_machines", { count: total(company) }))))),
      ],
      h("p", {}, way(app, next, t("go_on_with", { name: named(app, next) }), "button wide large"))),
    ...others.map((company) => h("p", {}, way(app, company, t("rather", { name: company.name }), "link"))),
    h("p", { class: "muted small" }, until ? t("leave_until", { date: t.date(until) }) : t("leave")),
  ];
}

/**
 * The mailbox of a session, as far as the page knows it: contacts may have another name at each company.
 * @param {Session} session
 */
const mailboxOf = ({ contact, companies }) => [contact.email_masked, ...companies.map(({ id }) => id).sort()].join("/");

/**
 * Where the session stands now, asked past the page's own rules; throws unless it is where `session` is.
 * @param {App} app
 * @param {Session} session
 * @param {Call} ask
 */
export async function look(app, session, ask) {
  const now = await ask("GET", "/api/session");
  if (ownerOf(now) === ownerOf(session)) openNow(session);
  else if (now.company.id !== session.company.id && mailboxOf(now) === mailboxOf(session)) {
    throw elsewhere(
      app,
      session.company,
      now.company,
    );
  }
  else throw new Refused(401, {}); // Somebody else's session: this page has none any more.
}

/** @type {HTMLDialogElement | null} the question that is open */
let asking = null;

/**
 * Another tab has turned the session to `other`: asks where to go on. Gives the refusal of what was to be done here.
 * @param {App} app
 * @param {Company} company
 * @param {Company} other
 * @returns {Refused}
 */
function elsewhere(app, company, other) {
  const { t } = app;
  const names = { other: other.name, company: company.name };
  const refused = new Refused(409, { code: "other_company", detail: t("other_refused", names) });
  if (asking || app.session?.company.id === other.id) return refused; // Asked already, or gone there since the call began.
  const failure = h("div", { role: "alert" });
  /** @param {() => Promise<Session>} call */
  const act = (call) => async () => {
    try {
      const session = await call();
      dialog.close();
      if (session.company.id === company.id) openNow(session);
      else await app.welcome(session);
    } catch (error) {
      if (refusal(error).status === 401) {
        dialog.close();
        app.signedOut();
      } else fill(failure, h("p", { class: "box bad" }, app.words(error)));
    }
  };
  const dialog = openDialog(document.body, t("other_title", names), [
    h("p", {}, t("other_text", names)),
    failure,
    h("p", { class: "buttons" },
      h("button", {
        type: "button",
        class: "button",
        on: { click: act(() => app.call("PUT", "/api/session/company", { body: { company_id: company.id } })) },
      }, t("other_back", names)),
      h("button", { type: "button", class: "button quiet", on: { click: act(() => app.call("GET", "/api/session?overview=1")) } },
        t("other_go", names))),
  ], "stacked");
  dialog.addEventListener("close", () => { asking = null; });
  asking = dialog;
  return refused;
}
