// Who of the staff is here: the token of this tab, and the ways to get one from Cognito.
/** @import { Challenge, Config, LoginAnswer } from "../types/console" */

import { NetworkLost, apiClient, forgetTab, refusal } from "/shared/page.js";
import { todayIs } from "./day.js";
/** @import { Call, Method, Options } from "../types/page" */

const SESSION = "/api/staff/session";
const MARGIN = 30; // seconds before its end in which a call renews the token first
const EARLY = 100; // seconds before its end at which it is renewed anyway
const PENDING = "meterportal.staff.pending";
const session = apiClient(() => ({}));
const TARGET = "AWSCognitoIdentityProviderService.";

/** Cognito said no; `code` is its name for the reason. */
export class LoginRefused extends Error {
  /**
   * @param {string} code
   * @param {string | null} [message]
   */
  constructor(code, message) {
    super(message || code);
    this.code = code;
  }
}

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} token */
function claimsOf(token) {
  const [, middle] = token.split(".");
  const bytes = Uint8Array.from(atob(middle.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** What is known of who is here; in this tab's memory only, where no other page's script finds it.
 * @type {string | null} */
let kept = null;
/** @type {string | null} */
let keyOfRows = null;
/** @type {Promise<boolean> | null} */
let renewing = null;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let renewed = () => {};

/** Until when the token is good by this device's clock, which may go wrong: only what passes is measured with it. */
let goodUntil = 0;

/** Seconds for which the token is still good. */
const left = () => (kept ? (goodUntil - Date.now()) / 1000 : 0);

/** @param {{ id_token: string, rows_key: string, today: string } | null} given */
function keep(given) {
  kept = given && given.id_token;
  keyOfRows = given && given.rows_key;
  if (given) {
    const { exp, iat } = claimsOf(given.id_token);
    goodUntil = Date.now() + (exp - iat) * 1000;
    todayIs(given.today);
  }
  clearTimeout(timer);
  // What polls for this tab must not meet the end of its token; a tab in the background is woken once a minute.
  if (kept) timer = setTimeout(() => renew().catch(() => {}), Math.max(0, left() - EARLY) * 1000);
  renewed();
}

/** @param {() => void} then called with each new token, and when there is none any more */
export function whenRenewed(then) {
  renewed = then;
}

/** The token of this tab, or null while nobody is signed in. */
export const token = () => kept;

/** What the rows on this device are kept under, or null while nobody is signed in. */
export const rowsKey = () => keyOfRows;

/**
 * {id, name, email, groups}: for what is offered. What is allowed is the server's decision. `name` is the address where the pool has none.
 * @returns {{ id: string, name: string, email: string, groups: string[] }}
 */
export function who() {
  const claims = claimsOf(kept ?? "");
  const email = claims.email || claims["cognito:username"] || "";
  return { id: claims.sub, name: claims.name || email, email, groups: claims["cognito:groups"] || [] };
}

export function forgetToken() {
  keep(null);
}

/** @type {BroadcastChannel | undefined} the tabs of this browser share the session's cookie, so they end together */
let tabs;

/** @param {() => void} then */
export function whenSignedOutElsewhere(then) {
  tabs = new BroadcastChannel("meterportal/staff");
  tabs.onmessage = () => {
    keep(null);
    forgetTab();
    then();
  };
}

/**
 * Opens the session: the server keeps what renews it, this tab gets a token.
 * @param {{ code: string, verifier: string } | { refresh_token: string }} proof
 */
async function open(proof) {
  try {
    keep(await session("POST", SESSION, { body: proof }));
  } catch (error) {
    if (error instanceof NetworkLost) throw error;
    throw new LoginRefused(refusal(error).code, error instanceof Error ? error.message : null);
  }
}

/**
 * Has the token renewed by the session's cookie, once for all who wait. False: nobody is signed in.
 * Throws NetworkLost, Refused where the server is in trouble.
 */
export function renew() {
  renewing ||= session("POST", `${SESSION}/renew`).then(
    (answer) => {
      keep(answer);
      return true;
    },
    (error) => {
      if (refusal(error).status !== 401) throw error;
      keep(null);
      return false;
    },
  ).finally(() => {
    renewing = null;
  });
  return renewing;
}

/**
 * The API in the name of who is here, with a token that is good: renewed shortly before it ends, and once where
 * the server does not take it.
 * @param {Call} call
 * @returns {Call}
 */
export function withToken(call) {
  /**
   * @param {Method} method
   * @param {string} path
   * @param {Options} [options]
   */
  const asked = async (method, path, options) => {
    if (left() < MARGIN) await renew();
    try {
      return await call(method, path, options);
    } catch (error) {
      if (refusal(error).status !== 401 || !(await renew())) throw error;
      return call(method, path, options);
    }
  };
  return /** @type {Call} */ (asked);
}

/**
 * @param {Config} config
 * @param {string} action
 * @param {unknown} body
 * @returns {Promise<LoginAnswer>}
 */
async function cognito(config, action, body) {
  const response = await fetch(config.cognito_endpoint || `https://cognito-idp.${config.region}.amazonaws.com/`, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": TARGET + action },
    body: JSON.stringify(body),
    credentials: "omit",
  });
  const answer = await response.json();
  if (!response.ok) throw new LoginRefused(String(answer.__type || "").split("#").pop() ?? "", answer.message || answer.Message);
  return answer;
}

/**
 * @param {LoginAnswer} answer
 * @param {string} email
 * @returns {Promise<Challenge | null>}
 */
async function outcome(answer, email) {
  if (answer.AuthenticationResult) {
    await open({ refresh_token: answer.AuthenticationResult.RefreshToken });
    return null;
  }
  const parameters = answer.ChallengeParameters || {};
  return { name: answer.ChallengeName, session: answer.Session, username: parameters.USER_ID_FOR_SRP || email, email };
}

/**
 * Signs in with address and password. Returns null when done, else the challenge {name, session, username}.
 * @param {Config} config
 * @param {string} email
 * @param {string} password
 */
export async function signIn(config, email, password) {
  const answer = await cognito(config, "InitiateAuth", {
    AuthFlow: "USER_PASSWORD_AUTH",
    ClientId: config.client_id,
    AuthParameters: { USERNAME: email, PASSWORD: password },
  });
  return outcome(answer, email);
}

/**
 * Answers a challenge, `given` being the code or the new password. Returns like signIn.
 * @param {Config} config
 * @param {Challenge} challenge
 * @param {string} given
 */
export async function answerChallenge(config, challenge, given) {
  /** @type {Record<string, string>} */
  const names = { SOFTWARE_TOKEN_MFA: "SOFTWARE_TOKEN_MFA_CODE", NEW_PASSWORD_REQUIRED: "NEW_PASSWORD" };
  const answer = await cognito(config, "RespondToAuthChallenge", {
    ClientId: config.client_id,
    ChallengeName: challenge.name,
    Session: challenge.session,
    ChallengeResponses: { USERNAME: challenge.username, [names[challenge.name]]: given },
  });
  return outcome(answer, challenge.email);
}

/**
 * Whether this page may ask for the password itself: only where the pool is on this machine.
 * @param {Config} config
 */
export const knowsPasswords = (config) => Boolean(config.password_flow ?? config.cognito_endpoint);

/**
 * Where the pool's own login page is, or null.
 * @param {Config} config
 */
export const loginPage = (config) => config.hosted_ui || config.login_url || null;

const here = () => `${location.origin}/staff/`;

/**
 * Leaves for the pool's login page: authorization code with PKCE. `place` is where to come back to.
 * @param {Config} config
 * @param {string} place
 */
export async function goToLoginPage(config, place) {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(48)));
  const state = base64url(crypto.getRandomValues(new Uint8Array(24)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  sessionStorage.setItem(PENDING, JSON.stringify({ verifier, state, place }));
  const query = new URLSearchParams({
    response_type: "code",
    client_id: config.client_id,
    redirect_uri: here(),
    scope: "openid email profile",
    state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: "S256",
  });
  location.assign(`${loginPage(config)}/oauth2/authorize?${query}`);
}

/** Comes back from the login page: has the code traded for a session. Returns the place to go to, or null. */
export async function returnFromLoginPage() {
  const query = new URLSearchParams(location.search);
  if (!query.has("code") && !query.has("error")) return null;
  const pending = JSON.parse(sessionStorage.getItem(PENDING) || "null");
  sessionStorage.removeItem(PENDING);
  history.replaceState(null, "", `/staff/${(pending && pending.place) || ""}`);
  if (query.has("error")) throw new LoginRefused(query.get("error") ?? "", query.get("error_description"));
  if (!pending || pending.state !== query.get("state")) throw new LoginRefused("state_mismatch");
  await open({ code: query.get("code") ?? "", verifier: pending.verifier });
  return pending.place || "#/";
}

/**
 * Ends the session in all tabs and at the server, with what they keep; where only the pool's login page knows passwords, there, too.
 * Returns whether this page is left for it. Throws NetworkLost, Refused: then the session is still there.
 * @param {Config} config
 */
export async function signOut(config) {
  await session("DELETE", SESSION);
  keep(null);
  forgetTab(); // What was typed and not saved: whoever signs in next does not find it.
  tabs?.postMessage("");
  if (knowsPasswords(config)) return false;
  location.assign(`${loginPage(config)}/logout?${new URLSearchParams({ client_id: config.client_id, logout_uri: here() })}`);
  return true;
}
