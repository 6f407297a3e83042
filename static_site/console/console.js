// The staff's console: login, language, navigation, and the view that the address names.
import { NetworkLost, apiClient, chooseLanguage, elementOf, fill, focusOn, h, languageFor, refusal, voice } from "/shared/page.js";
import { texts as addressesTexts } from "./addresses/texts.js";
import { texts as answersTexts } from "./answers/texts.js";
import { texts as correctionsTexts } from "./corrections/texts.js";
import { texts as personTexts } from "./customer/person_texts.js";
import { texts as customerTexts } from "./customer/texts.js";
import { texts as estimatesTexts } from "./estimates_texts.js";
import { texts as causesTexts } from "./exchange/causes.js";
import { texts as exchangeTexts } from "./exchange/texts.js";
import { texts as handedInTexts } from "./handed_in_texts.js";
import { texts as helpTexts } from "./help_texts.js";
import { texts as journalTexts } from "./journal/texts.js";
import { keySheetByKey, sendByKey } from "./keys.js";
import { texts as keysTexts } from "./keys_texts.js";
import { loginView, loginWords } from "./login.js";
import { texts as machineTexts } from "./machine/texts.js";
import { texts as lookTexts } from "./look/texts.js";
import { Client } from "./model/client.js";
import { texts as peopleTexts } from "./people/texts.js";
import { texts as plausibilityTexts } from "./plausibility_texts.js";
import { FIRST, FOR_GROUP, PLACES, currentAddress, placeNamed, placeOf, tabOf } from "./places.js";
import { texts as requestTexts } from "./request/texts.js";
import { texts as reviewTexts } from "./review/texts.js";
import { texts as runsTexts } from "./runs_texts.js";
import {
  forgetToken,
  renew,
  returnFromLoginPage,
  signOut,
  token,
  whenRenewed,
  whenSignedOutElsewhere,
  who,
  withToken,
} from "./staff_session.js";
import { texts as senderTexts } from "./sender/texts.js";
import { texts as statisticsTexts } from "./statistics/texts.js";
import { texts as scheduleTexts } from "./schedule/texts.js";
import { searchByKey, searchField } from "./stock/search.js";
import { texts as stockTexts } from "./stock/texts.js";
import { texts as frameTexts } from "./texts.js";
import { texts as todayTexts } from "./today/texts.js";
import { VIEWS, loadTheRest } from "./views.js";
import { texts as wordsTexts } from "./words/texts.js";
/** @import { Config, Context, View } from "../types/console" */
/** @import { Language } from "../types/page" */

const SUBJECTS = [
  frameTexts, addressesTexts, answersTexts, causesTexts, correctionsTexts, customerTexts, estimatesTexts, exchangeTexts, handedInTexts,
  helpTexts, journalTexts, keysTexts, lookTexts, machineTexts, peopleTexts, personTexts, plausibilityTexts,
  requestTexts, reviewTexts, runsTexts, scheduleTexts, senderTexts, statisticsTexts, stockTexts, todayTexts, wordsTexts,
];
const texts = {
  de: Object.assign({}, ...SUBJECTS.map((subject) => subject.de)),
  en: Object.assign({}, ...SUBJECTS.map((subject) => subject.en)),
};
const main = elementOf("page");

/**
 * What the views share. `may(group)` says what is offered; the server decides what is allowed.
 * `go(place)` changes the address; `redraw()` draws the present view afresh.
 * @type {Context}
 */
const context = {
  t: voice(texts, languageFor()),
  config: /** @type {Config} */ ({}), // read at the start
  call: withToken(apiClient(() => ({ "accept-language": context.t.language, authorization: `Bearer ${token() || ""}` }))),
  may: (group) => who().groups.some((mine) => mine === group || mine === "admin"),
  go: (place) => {
    location.hash = place;
  },
  redraw: () => show(),
  words,
  signedOut,
  model: () => {
    client ??= new Client(() => renew().then((still) => (still ? client?.hello() : signedOut()), () => {}));
    return client;
  },
};

/** @type {Client | null} */
let client = null;

let leave = () => {};
/** @type {string | null} */
let loginNotice = null;

/** The address: {name, id, query} of "#/name/id?query". */
function place() {
  const now = currentAddress(location.hash);
  if (now !== location.hash) history.replaceState(null, "", now);
  const named = placeNamed(location.hash);
  return { ...named, name: Object.hasOwn(VIEWS, named.name) ? named.name : FIRST };
}

/**
 * A failure in words, with the number for enquiries where there is one.
 * @param {unknown} error
 */
function words(error) {
  const { t } = context;
  if (error instanceof NetworkLost) return t("network");
  const { code, correlation, status } = refusal(error);
  // The gateway's own answers carry no code, and no words for people.
  const detail = (!(status && !code) && error instanceof Error && error.message) || t("trouble");
  return correlation ? `${detail} (${t("correlation", { id: correlation })})` : detail;
}

/** @param {Language} language */
function speak(language) {
  context.t = voice(texts, language);
  document.documentElement.lang = language;
  elementOf("skip").textContent = context.t("skip");
}

/** @param {Language} language */
function changeLanguage(language) {
  chooseLanguage(language);
  speak(language);
  draw({ focus: false });
  elementOf("language").focus();
}

function drawTop() {
  const { t } = context;
  const other = t.language === "de" ? "en" : "de";
  const here = place().name;
  const known = token() !== null;
  const groups = known ? who().groups.map((group) => (t.knows(`group_${group}`) ? t(`group_${group}`) : group)).join(", ") : "";
  fill(elementOf("top"),
    h("div", { class: "bar" },
      h("p", { class: "brand" }, h("img", { src: "/shared/icon.svg", alt: "", width: "26", height: "26" }), "Meterportal"),
      known && h("nav", { "aria-label": t("nav") },
        h("ul", {}, Object.entries(PLACES).map(([name, [first]]) =>
          h("li", {}, h("a", { href: `#/${first}`, "aria-current": placeOf(here) === name ? "page" : null }, t(`place_${name}`)))))),
      known && searchField(context),
      h("div", { class: "tools" },
        known && h("span", { class: "who", title: `${who().email} (${groups})` },
          who().name, " ", h("span", { class: "groups" }, groups)),
        h("button", { type: "button", class: "link", id: "language", lang: other, on: { click: () => changeLanguage(other) } },
          t("other_language")),
        known && h("button", { type: "button", class: "link", on: { click: logOut } }, t("log_out")))),
    known && PLACES[placeOf(here)].length > 1 && h("nav", { class: "tabs", "aria-label": t("nav_views") },
      h("ul", {}, PLACES[placeOf(here)].filter((name) => !FOR_GROUP[name] || context.may(FOR_GROUP[name])).map((name) =>
        h("li", {}, h("a", { href: `#/${name}`, "aria-current": tabOf(here) === name ? "page" : null }, t(`nav_${name}`)))))));
}

/** The digits lead to the places, as long as nobody writes. @param {KeyboardEvent} event */
function placeByKey(event) {
  const writes = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable], dialog");
  const views = Object.values(PLACES)[Number(event.key) - 1];
  if (writes || !views || !token() || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  context.go(`#/${views[0]}`);
}

async function logOut() {
  leave();
  try {
    const leaves = await signOut(context.config);
    client?.hello();
    if (!leaves) draw();
  } catch (error) {
    fill(main, h("h1", {}, context.t("log_out")), h("p", { class: "box bad", role: "alert" }, words(error)));
  }
}

/** The token is not taken any more: log in again and come back to the same place. */
function signedOut() {
  forgetToken();
  loginNotice = context.t("login_ended");
  draw();
}

/** @type {[list: View, one: View | null]} the one that is shown */
let present;

/** Draws the present view, for what the address names. */
function show() {
  leave();
  const { id, query } = place();
  const node = h("div", { class: "view" });
  fill(main, node);
  const stopped = new AbortController();
  leave = () => stopped.abort();
  const [list, one] = present;
  const heading = (id && one ? one : list)(context, node, { id: id ?? "", query, stopped: stopped.signal });
  document.title = `${heading.textContent} – Meterportal`;
  return heading;
}

/** Draws the view that the address names; null where its script does not come, or another view is wanted by then. */
async function drawView() {
  const { hash } = location;
  let views;
  try {
    views = await VIEWS[place().name]();
  } catch {
    drawLost();
    return null;
  }
  if (hash !== location.hash || !token()) return null;
  present = views;
  return show();
}

/** The view's own script did not come. */
function drawLost() {
  const again = h("button", { type: "button", class: "button quiet", on: { click: () => draw() } }, context.t("stock_again"));
  fill(main, h("h1", {}, "Meterportal"), h("p", { class: "box bad", role: "alert" }, context.t("network")), again);
}

/** @param {{ focus?: boolean }} [options] */
async function draw({ focus = true } = {}) {
  leave();
  leave = () => {};
  drawTop();
  client?.hello();
  let heading;
  if (token()) {
    heading = await drawView();
  } else {
    heading = loginView(context, main, { notice: loginNotice, done: () => draw() });
    loginNotice = null;
    document.title = `${heading.textContent} – Meterportal`;
  }
  if (focus && heading) focusOn(heading);
}

/** The skip link moves focus only: the fragment of the address belongs to the views. */
elementOf("skip").addEventListener("click", (event) => {
  event.preventDefault();
  focusOn(main);
});

/** Who is here: back from the login page, or by the session's cookie. What went wrong is said above the login. */
async function arrive() {
  try {
    if (await returnFromLoginPage() === null) await renew();
  } catch (error) {
    loginNotice = loginWords(context.t, error);
  }
}

async function start() {
  speak(context.t.language);
  // The view, the worker and the configuration come while it is asked who is here.
  VIEWS[place().name]().catch(() => {});
  context.model();
  const arrived = arrive();
  try {
    const response = await fetch("/staff/config.json", { cache: "no-cache" });
    context.config = await response.json();
  } catch {
    drawTop();
    fill(main, h("h1", {}, "Meterportal"), h("p", { class: "box bad" }, context.t("config_missing")));
    return;
  }
  await arrived;
  whenSignedOutElsewhere(() => draw());
  whenRenewed(() => client?.hello());
  window.addEventListener("hashchange", () => draw());
  searchByKey();
  addEventListener("keydown", placeByKey);
  keySheetByKey(() => context, () => main);
  sendByKey();
  await draw({ focus: false });
  loadTheRest();
}

start();
