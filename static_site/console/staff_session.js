// Who of the staff is here: the token of this tab, and the ways to get one from Cognito.

const TOKEN = "meterportal.staff.token";
const VIA = "meterportal.staff.via";
const PENDING = "meterportal.staff.pending";
const TARGET = "AWSCognitoIdentityProviderService.";

/** Cognito said no; `code` is its name for the reason. */
export class LoginRefused extends Error {
  constructor(code, message) {
    super(message || code);
    this.code = code;
  }
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function claimsOf(token) {
  const [, middle] = token.split(".");
  const bytes = Uint8Array.from(atob(middle.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** The token of this tab while it is valid, or null. */
export function token() {
  const kept = sessionStorage.getItem(TOKEN);
  if (!kept) return null;
  return claimsOf(kept).exp * 1000 > Date.now() ? kept : null;
}

/** {id, email, groups}: for what is offered. What is allowed is the server's decision. */
export function who() {
  const claims = claimsOf(sessionStorage.getItem(TOKEN));
  return { id: claims.sub, email: claims.email || claims["cognito:username"] || "", groups: claims["cognito:groups"] || [] };
}

export function forgetToken() {
  sessionStorage.removeItem(TOKEN);
}

function keepToken(given, via) {
  sessionStorage.setItem(TOKEN, given);
  sessionStorage.setItem(VIA, via);
}

async function cognito(config, action, body) {
  const response = await fetch(config.cognito_endpoint || `https://cognito-idp.${config.region}.amazonaws.com/`, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": TARGET + action },
    body: JSON.stringify(body),
    credentials: "omit",
  });
  const answer = await response.json();
  if (!response.ok) throw new LoginRefused(String(answer.__type || "").split("#").pop(), answer.message || answer.Message);
  return answer;
}

function outcome(answer, email) {
  if (answer.AuthenticationResult) {
    keepToken(answer.AuthenticationResult.IdToken, "password");
    return null;
  }
  const parameters = answer.ChallengeParameters || {};
  return { name: answer.ChallengeName, session: answer.Session, username: parameters.USER_ID_FOR_SRP || email, email };
}

/** Signs in with address and password. Returns null when done, else the challenge {name, session, username}. */
export async function signIn(config, email, password) {
  const answer = await cognito(config, "InitiateAuth", {
    AuthFlow: "USER_PASSWORD_AUTH",
    ClientId: config.client_id,
    AuthParameters: { USERNAME: email, PASSWORD: password },
  });
  return outcome(answer, email);
}

/** Answers a challenge, `given` being the code or the new password. Returns like signIn. */
export async function answerChallenge(config, challenge, given) {
  const names = { SOFTWARE_TOKEN_MFA: "SOFTWARE_TOKEN_MFA_CODE", NEW_PASSWORD_REQUIRED: "NEW_PASSWORD" };
  const answer = await cognito(config, "RespondToAuthChallenge", {
    ClientId: config.client_id,
    ChallengeName: challenge.name,
    Session: challenge.session,
    ChallengeResponses: { USERNAME: challenge.username, [names[challenge.name]]: given },
  });
  return outcome(answer, challenge.email);
}

/** Whether this page may ask for the password itself: only where the pool is on this machine. */
export const knowsPasswords = (config) => Boolean(config.password_flow ?? config.cognito_endpoint);

/** Where the pool's own login page is, or null. */
export const loginPage = (config) => config.hosted_ui || config.login_url || null;

const here = () => `${location.origin}/staff/`;

/** Leaves for the pool's login page: authorization code with PKCE. `place` is where to come back to. */
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

/** Comes back from the login page: trades the code for a token. Returns the place to go to, or null. */
export async function returnFromLoginPage(config) {
  const query = new URLSearchParams(location.search);
  if (!query.has("code") && !query.has("error")) return null;
  const pending = JSON.parse(sessionStorage.getItem(PENDING) || "null");
  sessionStorage.removeItem(PENDING);
  history.replaceState(null, "", `/staff/${(pending && pending.place) || ""}`);
  if (query.has("error")) throw new LoginRefused(query.get("error"), query.get("error_description"));
  if (!pending || pending.state !== query.get("state")) throw new LoginRefused("state_mismatch");
  const response = await fetch(`${loginPage(config)}/oauth2/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: config.client_id,
      code: query.get("code"),
      redirect_uri: here(),
      code_verifier: pending.verifier,
    }),
    credentials: "omit",
  });
  const answer = await response.json();
  if (!response.ok) throw new LoginRefused(answer.error || "token_refused", answer.error_description);
  keepToken(answer.id_token, "page");
  return pending.place || "#/";
}

/** Ends the session here and, where it came from there, at the pool's login page. */
export function signOut(config) {
  const via = sessionStorage.getItem(VIA);
  forgetToken();
  sessionStorage.removeItem(VIA);
  if (via !== "page") return false;
  location.assign(`${loginPage(config)}/logout?${new URLSearchParams({ client_id: config.client_id, logout_uri: here() })}`);
  return true;
}
