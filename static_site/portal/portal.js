// The customer's page: who is here, what is shown, in which language.
import { NetworkLost, apiClient } from "/shared/api.js";
import { fill, focusOn, h, say } from "/shared/dom.js";
import { chooseLanguage, keep, kept, languageFor, voice } from "/shared/language.js";
import { OPENED_BEFORE, closedDoor, deadLink, endedSession, failedLoad, loggedOut, noLink, tokenFrom } from "./door.js";
import { overview } from "./overview.js";
import { texts } from "./texts.js";

const main = document.getElementById("page");

/**
 * What the views share. `session` is the API's answer while somebody is signed in, `token` the link
 * as long as this page is open, `drafts` what was typed and not stored yet, by machine id.
 */
const app = {
  t: voice(texts, languageFor()),
  session: null,
  token: null,
  drafts: new Map(),
  call: apiClient(() => ({ "accept-language": app.t.language })),
  words,
  signedOut,
  switchCompany,
};

let draw = () => {};

/** Shows a view and remembers it, so that a change of language draws it again. */
function show(view, { focus = true } = {}) {
  draw = () => view(main);
  drawTop();
  const heading = draw();
  document.title = app.t("title");
  if (focus && heading) focusOn(heading);
}

function speak(language) {
  app.t = voice(texts, language);
  document.documentElement.lang = language;
  document.getElementById("skip").textContent = app.t("skip");
}

function drawTop() {
  const { t } = app;
  const other = t.language === "de" ? "en" : "de";
  const switchTo = () => {
    chooseLanguage(other);
    speak(other);
    drawTop();
    draw();
    document.title = app.t("title");
    document.getElementById("language").focus();
  };
  fill(
    document.getElementById("top"),
    h("p", { class: "brand" }, h("img", { src: "/shared/icon.svg", alt: "", width: "28", height: "28" }), t("brand")),
    h("div", { class: "tools" },
      h("button", { type: "button", class: "link", id: "language", lang: other, on: { click: switchTo } }, t("other_language")),
      app.session && h("button", { type: "button", class: "link", on: { click: logOut } }, t("log_out")),
    ),
  );
}

/** A failure in words: the API's own sentence where it has one. */
function words(error) {
  const { t } = app;
  if (error instanceof NetworkLost) return t("network");
  const sentence = error.status < 500 || error.code ? error.message : "";
  const reference = error.status >= 500 && error.correlation ? t("number_of_fault", { id: error.correlation }) : "";
  return [sentence || t("trouble"), reference].filter(Boolean).join(" ");
}

function welcome(session) {
  app.session = session;
  speak(languageFor(session.language));
  show((node) => overview(app, node));
}

async function open() {
  try {
    const session = await app.call("POST", "/api/session", { body: { token: app.token } });
    keep(OPENED_BEFORE, "1");
    history.replaceState(null, "", "/");
    welcome(session);
  } catch (error) {
    if (!(error instanceof NetworkLost) && error.status < 500 && error.status !== 429) {
      app.token = null;
      show((node) => deadLink(node, app.t));
    } else {
      show((node) => failedLoad(node, app.t, words(error), open));
    }
  }
}

async function resume() {
  try {
    welcome(await app.call("GET", "/api/session"));
  } catch (error) {
    if (error.status === 401) show((node) => noLink(node, app.t), { focus: false });
    else show((node) => failedLoad(node, app.t, words(error), resume));
  }
}

/** The session is gone: the page says so; what was typed stays with the page. */
function signedOut() {
  app.session = null;
  show((node) => endedSession(node, app.t, app.token && open));
}

async function logOut() {
  try {
    await app.call("DELETE", "/api/session");
  } catch (error) {
    if (error.status !== 401) {
      say(words(error));
      show((node) => failedLoad(node, app.t, words(error), logOut));
      return;
    }
  }
  app.session = null;
  app.token = null;
  app.drafts.clear();
  show((node) => loggedOut(node, app.t));
}

/** Reports for another company of the same contact from now on. Throws what the API refuses. */
async function switchCompany(company) {
  const answer = await app.call("PUT", "/api/session/company", { body: { company_id: company.id } });
  app.session = answer.company ? answer : { ...app.session, company };
  show((node) => overview(app, node));
  say(app.t("switched", { name: company.name }));
}

/** The skip link moves focus only: the fragment of the address belongs to the token. */
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  focusOn(main);
});

function start() {
  app.token = tokenFrom(location.href);
  if (!app.token) resume();
  else if (kept(OPENED_BEFORE)) open();
  else show((node) => closedDoor(node, app.t, open), { focus: false });
}

speak(app.t.language);
drawTop();
window.addEventListener("hashchange", () => {
  if (tokenFrom(location.href)) start();
});
start();
