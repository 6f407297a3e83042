// A password of one's own: asking for its mail, and setting it, by the link of that mail or with the old one.
import { button, field, form, looksLikeMail, texts as formTexts } from "/forms.js";
import { both, fill, focusOn, h, refusal, say } from "/shared/page.js";
/** @import { App } from "../types/portal" */

const own = both({
  password_set: ["Passwort festlegen", "Set a password"],
  password_set_how: [
    "Legen Sie hier das Passwort für Ihre E-Mail-Adresse fest. Der Link gilt einmal; erst mit „Passwort speichern“ ist er benutzt.",
    "Set the password for your e-mail address here. The link works once; it is used up only by “Save password”.",
  ],
  password_over: ["Dieser Link legt kein Passwort mehr fest", "This link sets no password any more"],
  password_old: ["Bisheriges Passwort", "Present password"],
  password_old_hint: [
    "Vergessen? Lassen Sie sich unten eine E-Mail zusenden und legen Sie damit ein neues fest.",
    "Forgotten? Have an e-mail sent to you below and set a new one by it.",
  ],
  password_new: ["Neues Passwort", "New password"],
  password_rules: [
    "Mindestens 15 Zeichen, zum Beispiel vier zufällige Wörter. Leerzeichen und Einfügen sind erlaubt.",
    "At least 15 characters, for example four random words. Spaces and pasting are allowed.",
  ],
  password_length: [["{count} Zeichen", "{count} Zeichen"], ["{count} character", "{count} characters"]],
  password_short: [
    "Das Passwort hat erst {count} Zeichen. Bitte nehmen Sie mindestens 15.",
    "The password has only {count} characters. Please use at least 15.",
  ],
  password_old_missing: ["Bitte geben Sie Ihr bisheriges Passwort ein.", "Please enter your present password."],
  password_show: ["Passwort anzeigen", "Show password"],
  password_make: ["Passwort erzeugen", "Make a password"],
  password_made: [
    "Ein zufälliges Passwort steht im Feld. Bitte bewahren Sie es auf, am besten im Passwortspeicher Ihres Browsers.",
    "A random password stands in the field. Please keep it, best in your browser’s password store.",
  ],
  password_save: ["Passwort speichern", "Save password"],
  password_saved: [
    "Das Passwort ist gespeichert. Eine Nachricht darüber geht an Ihre Adresse; andere Anmeldungen sind beendet.",
    "The password is saved. A message about it goes to your address; other sessions have ended.",
  ],
  password_saved_title: ["Ihr Passwort ist gespeichert", "Your password is saved"],
  password_log_in: ["Jetzt anmelden", "Log in now"],
  password_mail_title: ["Passwort per E-Mail festlegen", "Set a password by e-mail"],
  password_mail_how: [
    "Wir schicken an Ihre E-Mail-Adresse einen Link, mit dem Sie ein Passwort festlegen. Er gilt einmal und 30 Minuten. Die Links, mit denen Sie melden, genügen dafür nicht: Sie könnten weitergegeben worden sein.",
    "We send a link to your e-mail address by which you set a password. It works once, for 30 minutes. The links by which you report are not enough for that: they may have been passed on.",
  ],
  password_mail_send: ["E-Mail zusenden", "Send the e-mail"],
  password_mail_sent: [
    "Wenn wir diese Adresse kennen, ist eine E-Mail unterwegs. Ihr Link gilt 30 Minuten. Bitte sehen Sie auch in den Spam-Ordner.",
    "If we know this address, an e-mail is on its way. Its link works for 30 minutes. Please look into the spam folder too.",
  ],
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

/** @param {string} text */
export const lengthOf = (text) => Array.from(text.normalize("NFKC")).length;

/**
 * The form for a new password: with `token` by the link of a mail, else with the present one.
 * `refused(error)` -> true has told of a refusal itself.
 * @param {App} app
 * @param {{ token?: string, done: () => unknown, refused?: (error: unknown) => boolean }} what
 */
export function passwordForm(app, { token, done, refused = () => false }) {
  const { t } = app;
  const old = token
    ? null
    : field(t, "password-old", t("password_old"), { type: "password", autocomplete: "current-password", hint: t("password_old_hint") });
  const length = h("p", { class: "muted small number", "aria-live": "off" });
  const fresh = field(t, "password-new", t("password_new"), {
    type: "password",
    autocomplete: "new-password",
    hint: t("password_rules"),
    spellcheck: "false",
  });
  const count = () => fill(length, fresh.input.value && t("password_length", { count: lengthOf(fresh.input.value) }));
  fresh.input.addEventListener("input", count);
  const shown = h("input", { type: "checkbox", id: "password-shown" });
  /** @param {boolean} open */
  const showAs = (open) => [fresh, old].forEach((one) => {
    if (one) one.input.type = open ? "text" : "password";
  });
  shown.addEventListener("change", () => showAs(shown.checked));
  const note = h("p", { class: "muted" });
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
  const send = async () => {
    [fresh, old].forEach((one) => one?.clear());
    if (old && !old.input.value) return old.fail(t("password_old_missing"));
    if (lengthOf(fresh.input.value) < SHORTEST) return fresh.fail(t("password_short", { count: lengthOf(fresh.input.value) }));
    const body = { password: fresh.input.value, ...(old ? { old_password: old.input.value } : { token }) };
    try {
      await app.call("PUT", "/api/password", { body });
    } catch (error) {
      if (refused(error)) return undefined;
      if (refusal(error).field === "old_password" && old) return old.fail(app.words(error));
      if (refusal(error).field === "password") return fresh.fail(app.words(error));
      throw error;
    }
    return done();
  };
  return form(app, [
    // The address tells password stores which login this is.
    app.session && h("input", {
      type: "text",
      class: "unseen",
      autocomplete: "username",
      value: app.session.contact.email_masked,
      tabindex: "-1",
      "aria-hidden": "true",
      readonly: true,
    }),
    old && old.element, fresh.element, length,
    h("p", { class: "option" }, shown, h("label", { for: "password-shown" }, t("password_show"))), note,
    h("p", { class: "buttons" }, button(t("password_save"), ""), button(t("password_make"), "quiet", make)),
  ], send);
}

/**
 * Asks for the mail by whose link a password is set: to the session's address, else to one that is typed.
 * @param {App} app
 */
export function mailBox(app) {
  const { t } = app;
  const email = app.session
    ? null
    : field(t, "password-email", t("email"), { type: "email", autocomplete: "email", inputmode: "email" });
  const box = h("section", { class: "box stacked", "aria-labelledby": "password-mail" });
  const heading = h("h2", { id: "password-mail" }, t("password_mail_title"));
  const send = async () => {
    const address = email ? email.input.value.trim() : "";
    email?.clear();
    if (email && !looksLikeMail(address)) return email.fail(t("email_bad"));
    await app.call("POST", "/api/password/mail", { body: email ? { email: address } : {} });
    const told = h("p", {}, h("strong", {}, t("password_mail_sent")));
    fill(box, heading, told);
    focusOn(told);
    return say(t("password_mail_sent"));
  };
  return fill(box, heading, h("p", {}, t("password_mail_how")),
    form(app, [email && email.element, h("p", {}, button(t("password_mail_send"), "quiet"))], send));
}

/**
 * @param {HTMLElement} node
 * @param {string} title
 * @param {...(Node | null | false | undefined)} content
 */
function page(node, title, ...content) {
  const heading = h("h1", {}, title);
  fill(node, h("div", { class: "door" }, heading, content));
  return heading;
}

/**
 * The page of the mail's link. Opening it changes nothing: the token goes out with the new password.
 * @param {App} app
 * @param {HTMLElement} node
 * @param {string} token
 */
export function setting(app, node, token) {
  const { t } = app;
  /** @param {unknown} error */
  const refused = (error) => {
    const over = ["link_invalid", "password_link_over"].includes(refusal(error).code);
    if (over) focusOn(page(node, t("password_over"), h("p", {}, app.words(error)), mailBox(app)));
    return over;
  };
  const done = async () => {
    history.replaceState(null, "", "/");
    const session = await app.call("GET", "/api/session?overview=1").catch(() => null);
    const on = session
      ? button(t("door_go"), "", () => app.welcome(session))
      : h("a", { class: "button", href: "#/login" }, t("password_log_in"));
    focusOn(page(node, t("password_saved_title"), h("p", {}, t("password_saved")), h("p", {}, on)));
  };
  return page(node, t("password_set"), h("p", {}, t("password_set_how")), passwordForm(app, { token, done, refused }));
}

/**
 * The page for who has forgotten a password, or has none, and is not signed in.
 * @param {App} app
 * @param {HTMLElement} node
 */
export const asking = (app, node) => page(node, app.t("title"), mailBox(app));
