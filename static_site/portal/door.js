// The pages in front of the machines: dead links, no link, login, a session that has ended.
import { button, field, form, looksLikeMail, paragraphs, texts as formTexts } from "/forms.js";
import { both, fill, focusOn, h, refusal, say } from "/shared/page.js";
/** @import { Child } from "../types/page" */
/** @import { App, NewLink } from "../types/portal" */

const own = both({
  dead_title: ["Dieser Link gilt nicht mehr", "This link no longer works"],
  dead_text: [
    "Er ist unvollständig oder nicht mehr gültig. Das ist schnell behoben: Wir schicken einen neuen an die Adresse, die Ihr Händler kennt.",
    "It is incomplete or no longer valid. That is quickly mended: we send a new one to the address that your dealer knows.",
  ],
  dead_several: [
    "Mehrere E-Mails bekommen? Nur die neueste öffnet Ihre Geräte. Kommt nichts an, antworten Sie einfach auf eine unserer E-Mails.",
    "Received several e-mails? Only the newest one opens your machines. If nothing arrives, simply reply to one of our e-mails.",
  ],
  dead_open: [
    "Öffnen Sie die E-Mail noch einmal und tippen Sie dort auf die Schaltfläche. Haben Sie mehrere E-Mails bekommen, nehmen Sie die neueste.",
    "Open the e-mail once more and tap the button there. If you received several e-mails, use the newest one.",
  ],
  expired_text: [
    "Das ist schnell behoben: Wir schicken einen neuen an die Adresse, an die auch dieser ging.",
    "That is quickly mended: we send a new one to the address that this one went to.",
  ],
  nothing_title: ["Bitte öffnen Sie den Link aus Ihrer E-Mail", "Please open the link from your e-mail"],
  nothing_text: [
    "Ihre Geräte sehen Sie über den persönlichen Link in der E-Mail Ihres Händlers.",
    "You get to your machines by the personal link in your dealer’s e-mail.",
  ],
  ended_title: ["Ihre Sitzung ist beendet", "Your session has ended"],
  ended_text: [
    "Zu Ihrer Sicherheit endet die Sitzung nach einiger Zeit ohne Eingabe. Was gespeichert ist, bleibt gespeichert; was Sie getippt haben, steht nachher wieder da.",
    "For your security the session ends after some time without input. What has been saved stays saved; what you typed will be there again.",
  ],
  ended_again: ["Wieder öffnen", "Open again"],
  cookie_title: ["Ihr Browser blockiert das Cookie, das wir brauchen", "Your browser blocks the cookie that we need"],
  cookie_text: [
    "Ohne dieses eine Cookie vergisst die Seite nach jedem Tippen, wer Sie sind. Es endet mit Ihrer Sitzung und dient nichts anderem.",
    "Without this one cookie the page forgets after each tap who you are. It ends with your session and serves nothing else.",
  ],
  cookie_how: ["So geht es", "This is how"],
  cookie_open: [
    "Öffnen Sie die Einstellungen Ihres Browsers, und suchen Sie dort nach „Cookies“.",
    "Open your browser’s settings and look for “cookies” there.",
  ],
  cookie_allow: ["Erlauben Sie Cookies, wenigstens für diese Seite.", "Allow cookies, at least for this page."],
  cookie_open_safari: ["Öffnen Sie Einstellungen, Apps, Safari, Erweitert.", "Open Settings, Apps, Safari, Advanced."],
  cookie_allow_safari: ["Schalten Sie „Alle Cookies blockieren“ aus.", "Switch “Block All Cookies” off."],
  cookie_back: ["Kommen Sie hierher zurück.", "Come back here."],
  cookie_again: ["Noch einmal versuchen", "Try again"],
  cookie_else: ["Dürfen Sie das nicht ändern?", "May you not change that?"],
  cookie_other: [
    "Öffnen Sie den Link in einem anderen Browser oder auf einem anderen Gerät, oder antworten Sie auf die E-Mail mit den Zählerständen. Ihr Händler trägt sie ein.",
    "Open the link in another browser or on another device, or reply to the e-mail with the readings. Your dealer enters them.",
  ],
  logged_out_title: ["Sie sind abgemeldet", "You are logged out"],
  logged_out_text: [
    "Mit dem Link aus der E-Mail kommen Sie jederzeit wieder zu Ihren Geräten.",
    "The link from the e-mail takes you back to your machines at any time.",
  ],

  link_title: ["Neuen Link zusenden", "Send a new link"],
  link_soon: [
    "Er kommt in ein bis zwei Minuten. Bitte sehen Sie auch im Spam-Ordner nach.",
    "It arrives in a minute or two. Please look into the spam folder too.",
  ],
  link_send: ["Neuen Link zusenden", "Send a new link"],
  link_sent: [
    "Wenn wir diese Adresse kennen, ist ein neuer Link unterwegs. Bitte sehen Sie in ein paar Minuten in Ihr Postfach, auch in den Spam-Ordner.",
    "If we know this address, a new link is on its way. Please look into your mailbox in a few minutes, and into the spam folder too.",
  ],
  link_else: [
    "Kommt nichts an, antworten Sie bitte auf die E-Mail Ihres Händlers.",
    "If nothing arrives, please reply to your dealer’s e-mail.",
  ],

  login_title: ["Anmelden", "Log in"],
  login_page: ["Mit Kurzcode oder Passwort anmelden", "Log in by short code or password"],
  login_how: [
    "Ohne Link: mit dem Kurzcode aus der E-Mail oder mit Ihrem Passwort.",
    "Without the link: by the short code in the e-mail, or by your password.",
  ],
  login_by: ["Womit möchten Sie sich anmelden?", "How would you like to log in?"],
  way_code: ["Kurzcode aus der E-Mail eingeben", "Enter the short code from the e-mail"],
  way_password: ["Mit Passwort anmelden", "Log in by password"],
  login_code: ["Kurzcode aus der E-Mail", "Short code from the e-mail"],
  login_password: ["Passwort", "Password"],
  login_show: ["Passwort anzeigen", "Show password"],
  login_forgotten: ["Passwort vergessen, oder noch keines?", "Forgotten your password, or none yet?"],
  login_cookie: [
    "Nach der Anmeldung merkt sich ein Cookie für 180 Tage, dass Sie dieses Gerät benutzen: So kann niemand Ihre Anmeldung durch falsche Versuche aufhalten.",
    "After the login a cookie remembers for 180 days that you use this device: so nobody can hold up your login by wrong attempts.",
  ],
  login_go: ["Anmelden", "Log in"],
  login_new_link: ["Neuen Link zusenden lassen", "Have a new link sent"],
  login_code_missing: [
    "Bitte geben Sie den Kurzcode ein; er steht in der E-Mail unter der Schaltfläche.",
    "Please enter the short code; it stands in the e-mail below the button.",
  ],
  login_password_missing: ["Bitte geben Sie Ihr Passwort ein.", "Please enter your password."],
});

export const texts = { de: { ...formTexts.de, ...own.de }, en: { ...formTexts.en, ...own.en } };

/**
 * @param {HTMLElement} node
 * @param {string} title
 * @param {...Child} content
 */
function page(node, title, ...content) {
  const heading = h("h1", {}, title);
  fill(node, h("div", { class: "door" }, heading, content));
  return heading;
}

/**
 * Asks for a new link: for the dead link itself, or for an address. The answer never tells whether we know it.
 * @param {App} app
 * @param {string | null} token
 * @param {string} [kind]
 */
function newLink(app, token, kind = token ? "" : "quiet") {
  const { t } = app;
  const box = h("section", { class: kind === "large" ? "stacked" : "box stacked", "aria-labelledby": "new-link" });
  const email = token ? null : field(t, "link-email", t("email"), { type: "email", autocomplete: "email", inputmode: "email" });
  const sent = () => {
    const told = h("p", {}, h("strong", {}, t("link_sent")));
    fill(box, h("h2", { id: "new-link" }, t("link_title")), told, h("p", {}, t("link_else")));
    focusOn(told);
    say(t("link_sent"));
  };
  const send = async () => {
    const address = email ? email.input.value.trim() : "";
    email?.clear();
    if (email && !looksLikeMail(address)) {
      email.fail(t("email_bad"));
      return;
    }
    await app.call("POST", "/api/links", { body: token ? { token } : { email: address } });
    sent();
  };
  const go = button(t("link_send"), kind === "large" ? "large wide" : kind);
  fill(box, h("h2", { id: "new-link", class: kind === "large" ? "unseen" : null }, t("link_title")),
    form(app, [email && email.element, h("p", {}, go)], send),
    kind === "large" && h("p", { class: "muted small" }, t("link_soon")));
  /**
   * Leads here, with the address that was typed elsewhere.
   * @param {string} address
   */
  const lead = (address) => {
    if (email) email.input.value = address;
    go.focus();
    box.scrollIntoView({ block: "center" });
  };
  return { box, lead };
}

/** Signed in: the address no longer stands for a dead link or the login, also not after a reload. */
function leaveDoor() {
  if (!/^#\/(?!login\b)/.test(location.hash)) history.replaceState(null, "", "/");
}

/**
 * E-mail with short code or password; where they do not match, the way to `link` (a box for a new one).
 * @param {App} app
 * @param {NewLink} link
 */
function login(app, link) {
  const { t } = app;
  const first = location.hash === "#/login/password" ? "password" : "code";
  const email = field(t, "login-email", t("email"), { type: "email", autocomplete: "username", inputmode: "email" });
  const code = field(t, "login-code", t("login_code"), { type: "text", autocomplete: "one-time-code", spellcheck: "false" });
  const password = field(t, "login-password", t("login_password"), { type: "password", autocomplete: "current-password" });
  const shown = h("input", {
    type: "checkbox",
    id: "login-shown",
    on: { change: () => { password.input.type = shown.checked ? "text" : "password"; } },
  });
  code.element.hidden = first !== "code";
  const secret = h("div", { hidden: first !== "password", class: "stacked" },
    password.element,
    h("p", { class: "option" }, shown, h("label", { for: "login-shown" }, t("login_show"))),
    h("p", {}, h("a", { href: "#/password" }, t("login_forgotten"))));
  const ways = ["code", "password"].map((way) => {
    const radio = h("input", { type: "radio", name: "way", id: `way-${way}`, value: way, checked: way === first });
    radio.addEventListener("change", () => {
      code.element.hidden = way !== "code";
      secret.hidden = way !== "password";
    });
    return h("p", { class: "option" }, radio, h("label", { for: radio.id }, t(`login_${way}`)));
  });
  const send = async () => {
    const byCode = secret.hidden;
    const chosen = byCode ? code : password;
    [email, code, password].forEach((one) => one.clear());
    const address = email.input.value.trim();
    if (!looksLikeMail(address)) return email.fail(t("email_bad"));
    if (!chosen.input.value.trim()) return chosen.fail(t(byCode ? "login_code_missing" : "login_password_missing"));
    const body = { email: address, ...(byCode ? { code: code.input.value.trim() } : { password: password.input.value }) };
    const session = await app.call("POST", "/api/session?overview=1", { body });
    leaveDoor();
    return app.welcome(session);
  };
  /** @param {unknown} error */
  const refused = (error) => ["login_refused", "too_many_attempts"].includes(refusal(error).code)
    && h("p", {}, button(t("login_new_link"), "quiet", () => link.lead(email.input.value.trim())));
  return h("section", { class: "stacked", "aria-labelledby": "login" },
    h("h2", { id: "login" }, t("login_title")), h("p", {}, t("login_how")),
    form(
      app,
      [
        email.element, h("fieldset", {}, h("legend", {}, t("login_by")), ways), code.element, secret,
        h("p", {}, button(t("login_go"), "")), h("p", { class: "muted small" }, t("login_cookie")),
      ],
      send,
      refused,
    ));
}

/**
 * A link that opens nothing: `reason` is the refusal. A genuine one past its end says so, and whom it went to
 * is known; all others look alike, and nobody can tell from a cut one whose it was: so the address is asked for.
 * @param {App} app
 * @param {HTMLElement} node
 * @param {unknown} reason
 */
export function deadLink(app, node, reason) {
  const { t } = app;
  const expired = refusal(reason).code === "link_expired";
  const link = newLink(app, expired ? app.token : null, "large");
  return page(
    node,
    t("dead_title"),
    h("p", { class: "lead" }, t(expired ? "expired_text" : "dead_text")),
    link.box,
    h("ul", { class: "rows" }, ["code", "password"].map((way) => h("li", {}, h("a", { href: `#/login/${way}` }, t(`way_${way}`))))),
    h("p", { class: "muted small" }, t("dead_several")),
  );
}

/**
 * Somebody came without a link.
 * @param {App} app
 * @param {HTMLElement} node
 */
export function noLink(app, node) {
  const { t } = app;
  const link = newLink(app, null);
  return page(node, t("nothing_title"), paragraphs(t("nothing_text"), t("dead_open")), login(app, link), link.box);
}

/**
 * The address of the login: the same without the hint at a link.
 * @param {App} app
 * @param {HTMLElement} node
 */
export function loginPage(app, node) {
  const link = newLink(app, null);
  return page(node, app.t("login_page"), login(app, link), link.box);
}

/**
 * Nobody is signed in any more: the session has ended, or its cookie was never kept.
 * @param {App} app
 * @param {HTMLElement} node
 */
export const signedOut = (app, node) => (app.cookie ? endedSession : noCookie)(app, node);

/**
 * The session has ended; opened once more where the page still knows the link.
 * @param {App} app
 * @param {HTMLElement} node
 */
function endedSession(app, node) {
  const { t } = app;
  const link = newLink(app, app.token);
  return page(
    node,
    t("ended_title"),
    paragraphs(t("ended_text")),
    app.token && h("p", {}, button(t("ended_again"), "", app.open)),
    login(app, link),
    link.box,
  );
}

/**
 * The browser keeps no cookie: nothing can be reported here, and logging in again would end here again.
 * @param {App} app
 * @param {HTMLElement} node
 */
function noCookie(app, node) {
  const { t } = app;
  const here = /iPhone|iPad/.test(navigator.userAgent) ? "_safari" : "";
  return page(
    node,
    t("cookie_title"),
    h("p", { class: "lead" }, t("cookie_text")),
    h("h2", {}, t("cookie_how")),
    h("ol", { class: "steps" }, [`cookie_open${here}`, `cookie_allow${here}`, "cookie_back"].map((step) => h("li", {}, t(step)))),
    app.token && h("p", {}, button(t("cookie_again"), "large wide", app.open)),
    h("div", { class: "otherwise" }, h("h2", {}, t("cookie_else")), h("p", { class: "muted" }, t("cookie_other"))),
  );
}

/**
 * Logged out by hand.
 * @param {App} app
 * @param {HTMLElement} node
 */
export function loggedOut(app, node) {
  const link = newLink(app, null);
  return page(node, app.t("logged_out_title"), paragraphs(app.t("logged_out_text")), login(app, link), link.box);
}
