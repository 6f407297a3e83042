// The account: who is signed in, and a password of one's own.
import { button, field, form, looksLikeMail, texts as formTexts } from "/forms.js";
import { both, fill, focusOn, h, say } from "/shared/page.js";

const own = both({
  account_title: ["Konto und Passwort", "Account and password"],
  account_who: ["Angemeldet als", "Signed in as"],
  account_name: ["Name", "Name"],
  account_email: ["E-Mail-Adresse", "E-mail address"],
  account_companies: [["Firma", "Firmen"], ["Company", "Companies"]],
  password_title: ["Passwort festlegen", "Set a password"],
  password_title_change: ["Passwort ändern", "Change the password"],
  password_why: ["Sie brauchen kein Passwort: Der Link aus jeder E-Mail genügt. Mit einem Passwort kommen Sie auch ohne die E-Mail hierher.", "You need no password: the link in each e-mail is enough. With a password you get here without the e-mail, too."],
  password_has: ["Für diese Adresse ist ein Passwort festgelegt.", "A password is set for this address."],
  password_old: ["Bisheriges Passwort", "Present password"],
  password_old_hint: ["Vergessen? Lassen Sie sich unten einen neuen Link zusenden: Damit legen Sie ein neues Passwort fest.", "Forgotten? Have a new link sent to you below: with it you set a new password."],
  password_new: ["Neues Passwort", "New password"],
  password_rules: ["Mindestens 15 Zeichen, zum Beispiel vier zufällige Wörter. Leerzeichen und Einfügen sind erlaubt.", "At least 15 characters, for example four random words. Spaces and pasting are allowed."],
  password_length: [["{count} Zeichen", "{count} Zeichen"], ["{count} character", "{count} characters"]],
  password_short: ["Das Passwort hat erst {count} Zeichen. Bitte nehmen Sie mindestens 15.", "The password has only {count} characters. Please use at least 15."],
  password_old_missing: ["Bitte geben Sie Ihr bisheriges Passwort ein.", "Please enter your present password."],
  password_show: ["Passwort anzeigen", "Show password"],
  password_make: ["Passwort erzeugen", "Make a password"],
  password_made: ["Ein zufälliges Passwort steht im Feld. Bitte bewahren Sie es auf, am besten im Passwortspeicher Ihres Browsers.", "A random password stands in the field. Please keep it, best in your browser’s password store."],
  password_save: ["Passwort speichern", "Save password"],
  password_saved: ["Das Passwort ist gespeichert. Eine Nachricht darüber geht an Ihre Adresse; andere Anmeldungen sind beendet.", "The password is saved. A message about it goes to your address; other sessions have ended."],
  password_link: ["Um ein Passwort festzulegen, öffnen Sie bitte einen frischen Link: So ist sicher, dass Ihnen das Postfach gehört.", "To set a password, please open a fresh link: that makes sure that the mailbox is yours."],
  password_send: ["Neuen Link zusenden", "Send a new link"],
  password_sent: ["Ein neuer Link ist unterwegs, wenn wir diese Adresse kennen. Öffnen Sie ihn und kommen Sie innerhalb von 30 Minuten hierher zurück.", "A new link is on its way if we know this address. Open it and come back here within 30 minutes."],
});

export const texts = { de: { ...formTexts.de, ...own.de }, en: { ...formTexts.en, ...own.en } };

const SHORTEST = 15;
const WORDS_OF = 5; // groups of a made password
const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"; // 32 without look-alikes: 5 bits each

/** A random password of five groups of four, 100 bits. */
function made() {
  const bytes = crypto.getRandomValues(new Uint8Array(4 * WORDS_OF));
  return Array.from(bytes, (byte, n) => (n && n % 4 === 0 ? "-" : "") + LETTERS[byte % LETTERS.length]).join("");
}

const lengthOf = (text) => Array.from(text.normalize("NFKC")).length;

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

/** Asks for a fresh link: who has it owns the mailbox and may set a password. */
function freshLink(app, lead) {
  const { t } = app;
  const email = field(t, "fresh-email", t("email"), { type: "email", autocomplete: "email", inputmode: "email" });
  const box = h("section", { class: "stacked" });
  const send = async () => {
    email.clear();
    const address = email.input.value.trim();
    if (!looksLikeMail(address)) return email.fail(t("email_bad"));
    await app.call("POST", "/api/links", { body: { email: address } });
    const told = h("p", { class: "box good" }, t("password_sent"));
    fill(box, told);
    return focusOn(told);
  };
  return fill(box, lead && h("p", {}, lead), form(app, [email.element, h("p", {}, button(t("password_send"), "quiet"))], send));
}

/** The form for a new password; with `asksOld` the present one is needed. */
function passwordForm(app, asksOld, done) {
  const { t } = app;
  const old = asksOld && field(t, "password-old", t("password_old"), { type: "password", autocomplete: "current-password", hint: t("password_old_hint") });
  const length = h("p", { class: "muted small number", "aria-live": "off" });
  const fresh = field(t, "password-new", t("password_new"), { type: "password", autocomplete: "new-password", hint: t("password_rules"), spellcheck: "false" });
  const count = () => fill(length, fresh.input.value && t("password_length", { count: lengthOf(fresh.input.value) }));
  fresh.input.addEventListener("input", count);
  const shown = h("input", { type: "checkbox", id: "password-shown", on: { change: () => showAs(shown.checked) } });
  const showAs = (open) => [fresh, old].filter(Boolean).forEach(({ input }) => { input.type = open ? "text" : "password"; });
  const make = () => {
    fresh.input.value = made();
    shown.checked = true;
    showAs(true);
    count();
    fresh.input.focus();
    fresh.input.select();
    say(t("password_made"));
    fill(note, t("password_made"));
  };
  const note = h("p", { class: "muted" });
  const send = async () => {
    [fresh, old].filter(Boolean).forEach((one) => one.clear());
    if (old && !old.input.value) return old.fail(t("password_old_missing"));
    if (lengthOf(fresh.input.value) < SHORTEST) return fresh.fail(t("password_short", { count: lengthOf(fresh.input.value) }));
    const body = { password: fresh.input.value, ...(old ? { old_password: old.input.value } : {}) };
    try {
      await app.call("PUT", "/api/password", { body });
    } catch (error) {
      if (error.status === 401) return app.signedOut();
      if (error.field === "old_password" && old) return old.fail(app.words(error));
      if (error.field === "password") return fresh.fail(app.words(error));
      throw error;
    }
    return done();
  };
  return form(app, [
    // The address tells password stores which login this is.
    h("input", { type: "text", class: "unseen", autocomplete: "username", value: app.session.contact.email_masked, tabindex: "-1", "aria-hidden": "true", readonly: true }),
    old && old.element, fresh.element, length,
    h("p", { class: "option" }, shown, h("label", { for: "password-shown" }, t("password_show"))), note,
    h("p", { class: "buttons" }, button(t("password_save"), ""), button(t("password_make"), "quiet", make)),
  ], send);
}

function password(app) {
  const { t, session } = app;
  const section = h("section", { class: "stacked", "aria-labelledby": "password" });
  const asksOld = session.has_password && !session.may_set_password;
  const mayTry = session.may_set_password || session.has_password;
  const done = () => {
    Object.assign(app.session, { has_password: true });
    const told = h("p", { class: "box good" }, t("password_saved"));
    fill(section, h("h2", { id: "password" }, t("password_title_change")), told);
    focusOn(told);
  };
  return fill(section,
    h("h2", { id: "password" }, t(session.has_password ? "password_title_change" : "password_title")),
    h("p", {}, t(session.has_password ? "password_has" : "password_why")),
    mayTry && passwordForm(app, asksOld, done),
    (!mayTry || asksOld) && freshLink(app, !mayTry && t("password_link")));
}

export async function screen(app, node) {
  const heading = h("h1", {}, app.t("account_title"));
  fill(node, heading, who(app), password(app));
  return heading;
}
