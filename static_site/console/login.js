// The staff's login: password, second factor, first password; or the pool's own page.
import { NetworkLost, fill, focusOn, h } from "/shared/page.js";
import { LoginRefused, answerChallenge, goToLoginPage, knowsPasswords, loginPage, signIn } from "./staff_session.js";
/** @import { Challenge, Context } from "../types/console" */
/** @import { Child, Props, Voice } from "../types/page" */

/** @type {Record<string, string>} */
const REFUSALS = {
  NotAuthorizedException: "login_wrong",
  UserNotFoundException: "login_wrong",
  CodeMismatchException: "login_code_wrong",
  ExpiredCodeException: "login_code_wrong",
  InvalidPasswordException: "login_password_weak",
  PasswordResetRequiredException: "login_reset",
  TooManyRequestsException: "login_later",
  LimitExceededException: "login_later",
};

/**
 * A refusal of the login in words.
 * @param {Voice} t
 * @param {unknown} error
 */
export function loginWords(t, error) {
  if (error instanceof NetworkLost) return t("network");
  if (!(error instanceof LoginRefused)) return t("trouble");
  return t.knows(REFUSALS[error.code] || "") ? t(REFUSALS[error.code]) : t("login_failed", { reason: error.message });
}

/**
 * @param {string} id
 * @param {string} label
 * @param {Props} attributes
 * @returns {[HTMLElement, HTMLInputElement]}
 */
function field(id, label, attributes) {
  const input = h("input", { id, required: true, ...attributes });
  return [h("div", { class: "field" }, h("label", { for: id }, label), input), input];
}

/**
 * Draws the login. `notice` says why it is shown again; `done` is called with a token in place.
 * Returns the heading.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {{ notice: string | null, done: () => void }} options
 */
export function loginView(context, node, { notice, done }) {
  const { t, config } = context;
  const message = h("div", { role: "alert" }, notice && h("p", { class: "box warn" }, notice));
  const stage = h("div");
  const heading = h("h1", {}, t("login_title"));
  let busy = false;

  /** @param {() => Promise<Challenge | null>} action */
  async function attempt(action) {
    if (busy) return;
    busy = true;
    fill(message);
    try {
      const challenge = await action();
      if (challenge) showChallenge(challenge);
      else done();
    } catch (error) {
      fill(message, h("p", { class: "box bad" }, loginWords(t, error)));
    } finally {
      busy = false;
    }
  }

  /**
   * @param {Child} children
   * @param {string} button
   * @param {() => Promise<Challenge | null>} action
   */
  function form(children, button, action) {
    return h("form", {
      class: "stack",
      on: {
        submit: (event) => {
          event.preventDefault();
          attempt(action);
        },
      },
    }, children, h("button", { type: "submit", class: "button" }, button));
  }

  function showPassword() {
    const [emailField, email] = field("email", t("login_email"), { type: "email", autocomplete: "username", spellcheck: "false" });
    const [passwordField, password] = field("password", t("login_password"), { type: "password", autocomplete: "current-password" });
    fill(stage, form([emailField, passwordField], t("login_go"), () => signIn(config, email.value.trim(), password.value)));
  }

  /** @param {Challenge} challenge */
  function showChallenge(challenge) {
    if (challenge.name === "SOFTWARE_TOKEN_MFA") {
      const [row, code] = field("code", t("login_code"), {
        type: "text",
        inputmode: "numeric",
        autocomplete: "one-time-code",
        pattern: "[0-9 ]*",
      });
      fill(stage,
        form([h("p", {}, t("login_code_help")), row], t("login_go"), () => answerChallenge(
          config,
          challenge,
          code.value.replaceAll(" ", ""),
        )));
      focusOn(code);
    } else if (challenge.name === "NEW_PASSWORD_REQUIRED") {
      const [row, password] = field("new-password", t("login_new_password"), { type: "password", autocomplete: "new-password" });
      fill(stage,
        form([h("p", {}, t("login_new_password_help")), row], t("login_go"), () => answerChallenge(config, challenge, password.value)));
      focusOn(password);
    } else {
      fill(message, h("p", { class: "box bad" }, t("login_challenge", { name: challenge.name })));
    }
  }

  const byPage = loginPage(config) && h("button", {
    type: "button",
    class: `button${knowsPasswords(config) ? " quiet" : ""}`,
    on: { click: () => goToLoginPage(config, location.hash) },
  }, t(knowsPasswords(config) ? "login_page_too" : "login_page"));

  if (knowsPasswords(config)) showPassword();
  else fill(stage, h("p", {}, t("login_page_help")));
  fill(node, h("div", { class: "login" }, heading, message, stage, byPage));
  return heading;
}
