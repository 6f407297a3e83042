// The account: who is signed in, and a password of one's own.
import { mailBox, passwordForm, texts as passwordTexts } from "/password.js";
import { both, fill, focusOn, h, refusal } from "/shared/page.js";
/** @import { SignedIn } from "../types/portal" */

const own = both({
  account_title: ["Konto und Passwort", "Account and password"],
  account_who: ["Angemeldet als", "Signed in as"],
  account_name: ["Name", "Name"],
  account_email: ["E-Mail-Adresse", "E-mail address"],
  account_companies: [["Firma", "Firmen"], ["Company", "Companies"]],
  password_title: ["Passwort festlegen", "Set a password"],
  password_title_change: ["Passwort ändern", "Change the password"],
  password_why: [
    "Sie brauchen kein Passwort: Der Link aus jeder E-Mail genügt. Mit einem Passwort kommen Sie auch ohne die E-Mail hierher.",
    "You need no password: the link in each e-mail is enough. With a password you get here without the e-mail, too.",
  ],
  password_has: ["Für diese Adresse ist ein Passwort festgelegt.", "A password is set for this address."],
  password_ended: [
    "Ihr früheres Passwort gilt nicht mehr. Wenn Sie weiter eines möchten, legen Sie bitte per E-Mail ein neues fest.",
    "Your former password is no longer valid. If you still want one, please set a new one by e-mail.",
  ],
});

export const texts = { de: { ...passwordTexts.de, ...own.de }, en: { ...passwordTexts.en, ...own.en } };

/** @param {SignedIn} app */
function who(app) {
  const { t, session } = app;
  const names = session.companies.map((company) => company.name).join(", ");
  const rows = [
    [t("account_name"), session.contact.name],
    [t("account_email"), session.contact.email_masked],
    [t("account_companies", { count: session.companies.length }), names],
  ].filter(([, value]) => value);
  return h("section", { class: "box", "aria-labelledby": "who" }, h("h2", { id: "who" }, t("account_who")),
    h("dl", { class: "facts" }, rows.map(([label, value]) => h("div", {}, h("dt", {}, label), h("dd", {}, value)))));
}

/** @param {SignedIn} app */
function password(app) {
  const { t, session } = app;
  const has = session.has_password;
  const section = h("section", { class: "stacked", "aria-labelledby": "password" });
  const done = () => {
    const told = h("p", { class: "box good" }, t("password_saved"));
    fill(section, h("h2", { id: "password" }, t("password_title_change")), told);
    focusOn(told);
  };
  /** @param {unknown} error */
  const refused = (error) => {
    const over = refusal(error).status === 401;
    if (over) app.signedOut();
    return over;
  };
  return fill(section,
    h("h2", { id: "password" }, t(has ? "password_title_change" : "password_title")),
    session.password_ended && h("p", { class: "box warn" }, t("password_ended")),
    h("p", {}, t(has ? "password_has" : "password_why")),
    has && passwordForm(app, { done, refused }),
    mailBox(app));
}

/**
 * @param {SignedIn} app
 * @param {HTMLElement} node
 */
export async function screen(app, node) {
  const heading = h("h1", {}, app.t("account_title"));
  fill(node, heading, who(app), password(app));
  return heading;
}
