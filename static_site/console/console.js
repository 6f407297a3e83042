// The staff's console: login, language, navigation, and the view that the address names.
import { apiClient, chooseLanguage, fill, focusOn, h, languageFor, NetworkLost, voice } from "/shared/page.js";
import { contractsView } from "./contracts.js";
import { texts as deskTexts } from "./desk_texts.js";
import { exportView, exportsView } from "./exports.js";
import { helpPagesView, helpPageView } from "./help.js";
import { texts as helpTexts } from "./help_texts.js";
import { importView, importsView } from "./imports.js";
import { loginView, loginWords } from "./login.js";
import { plausibilityView } from "./plausibility.js";
import { texts as plausibilityTexts } from "./plausibility_texts.js";
import { problemsView } from "./problems.js";
import { phoneListView } from "./phone_list.js";
import { readinessView } from "./readiness.js";
import { readingsView } from "./readings.js";
import { releaseView, releasesView } from "./releases.js";
import { roundView, roundsView } from "./rounds.js";
import { texts as roundsTexts } from "./rounds_texts.js";
import { forgetToken, returnFromLoginPage, signOut, token, who } from "./staff_session.js";
import { successorsView } from "./successors.js";
import { de } from "./texts_de.js";
import { en } from "./texts_en.js";

/** Texts that stand beside their views. */
const LEARNT = [deskTexts, helpTexts, plausibilityTexts, roundsTexts];
const texts = {
  de: Object.assign({}, de, ...LEARNT.map((learnt) => learnt.de)),
  en: Object.assign({}, en, ...LEARNT.map((learnt) => learnt.en)),
};
const main = document.getElementById("page");

/** Path of a view -> [list view, view of one]. The first five letters of the nav's texts follow it. */
const VIEWS = {
  contracts: [contractsView, null],
  readiness: [readinessView, readinessView],
  rounds: [roundsView, roundView],
  "phone-list": [phoneListView, null],
  readings: [readingsView, null],
  releases: [releasesView, releaseView],
  imports: [importsView, importView],
  exports: [exportsView, exportView],
  problems: [problemsView, null],
  successors: [successorsView, null],
  plausibility: [plausibilityView, null],
  help: [helpPagesView, helpPageView],
};
/** Views that belong to another one's place in the navigation. */
const WITHIN = { readiness: "contracts", "phone-list": "rounds" };
const NAV = ["contracts", "rounds", "readings", "problems", "successors", "releases", "exports", "imports", "plausibility", "help"];

/**
 * What the views share. `may(group)` says what is offered; the server decides what is allowed.
 * `go(place)` changes the address; `redraw()` draws the present view afresh.
 */
const desk = {
  t: voice(texts, languageFor()),
  config: null,
  call: apiClient(() => ({ "accept-language": desk.t.language, authorization: `Bearer ${token() || ""}` })),
  may: (group) => who().groups.some((mine) => mine === group || mine === "admin"),
  go: (place) => {
    location.hash = place;
  },
  redraw: () => drawView(),
  words,
  signedOut,
};

let leave = () => {};
let loginNotice = null;

/** The address: {name, id, query} of "#/name/id?query". */
function place() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, id] = path.split("/");
  return { name: VIEWS[name] ? name : "contracts", id: id ? decodeURIComponent(id) : null, query: new URLSearchParams(query || "") };
}

/** A failure in words, with the number for enquiries where there is one. */
function words(error) {
  const { t } = desk;
  if (error instanceof NetworkLost) return t("network");
  const detail = error.message || t("trouble");
  return error.correlation ? `${detail} (${t("correlation", { id: error.correlation })})` : detail;
}

function speak(language) {
  desk.t = voice(texts, language);
  document.documentElement.lang = language;
  document.getElementById("skip").textContent = desk.t("skip");
}

function changeLanguage(language) {
  chooseLanguage(language);
  speak(language);
  draw({ focus: false });
  document.getElementById("language").focus();
}

function drawTop() {
  const { t } = desk;
  const other = t.language === "de" ? "en" : "de";
  const here = place().name;
  const known = token() !== null;
  fill(document.getElementById("top"),
    h("div", { class: "bar" },
      h("p", { class: "brand" }, h("img", { src: "/shared/icon.svg", alt: "", width: "26", height: "26" }), "Meterportal"),
      h("div", { class: "tools" },
        known && h("span", { class: "who" }, who().email, " ", h("span", { class: "groups" }, who().groups.map((group) => (t.knows(`group_${group}`) ? t(`group_${group}`) : group)).join(", "))),
        h("button", { type: "button", class: "link", id: "language", lang: other, on: { click: () => changeLanguage(other) } }, t("other_language")),
        known && h("button", { type: "button", class: "link", on: { click: logOut } }, t("log_out")))),
    known && h("nav", { "aria-label": t("nav") },
      h("ul", {}, NAV.map((name) =>
        h("li", {}, h("a", { href: `#/${name}`, "aria-current": (WITHIN[here] || here) === name ? "page" : null }, t(`nav_${name}`)))))));
}

function logOut() {
  leave();
  if (!signOut(desk.config)) draw();
}

/** The token is not taken any more: log in again and come back to the same place. */
function signedOut() {
  forgetToken();
  loginNotice = desk.t("login_ended");
  draw();
}

function drawView() {
  leave();
  const { name, id, query } = place();
  const [list, one] = VIEWS[name];
  const view = id && one ? one : list;
  const node = h("div", { class: "view" });
  fill(main, node);
  const stopped = new AbortController();
  leave = () => stopped.abort();
  const heading = view(desk, node, { id, query, stopped: stopped.signal });
  document.title = `${heading.textContent} – Meterportal`;
  return heading;
}

function draw({ focus = true } = {}) {
  leave();
  leave = () => {};
  drawTop();
  let heading;
  if (token()) {
    heading = drawView();
  } else {
    heading = loginView(desk, main, { notice: loginNotice, done: () => draw() });
    loginNotice = null;
    document.title = `${heading.textContent} – Meterportal`;
  }
  if (focus) focusOn(heading);
}

/** The skip link moves focus only: the fragment of the address belongs to the views. */
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  focusOn(main);
});

async function start() {
  speak(desk.t.language);
  try {
    const response = await fetch("/staff/config.json", { cache: "no-cache" });
    desk.config = await response.json();
  } catch {
    drawTop();
    fill(main, h("h1", {}, "Meterportal"), h("p", { class: "box bad" }, desk.t("config_missing")));
    return;
  }
  try {
    await returnFromLoginPage(desk.config);
  } catch (error) {
    loginNotice = loginWords(desk.t, error);
  }
  window.addEventListener("hashchange", () => draw());
  draw({ focus: false });
}

start();
