// The customer's page: who is here, what is shown, in which language; screens on demand.
import {
  NetworkLost, apiClient, atDesk, chooseLanguage, decoded, disclosure, draftsOf, elementOf, fill, focusOn, h, inWords, keep, kept,
  languageFor, loader, openNow, refusal, say, shelf, tokenFrom, turnedFrom, voice,
} from "/shared/page.js";
import { german } from "/words.js";
import { closedDoor } from "/first.js";
import { Overview } from "/overview.js";
/** @import { Call, Child, Language, Method, Options, Texts } from "../types/page" */
/** @import { App, Door, Group, Heading, Listing, Look, Machine, MachinePage, Parts } from "../types/portal" */
/** @import { Screen, Session, SignedIn, View } from "../types/portal" */

/** @type {Texts} */
const texts = { de: { ...german }, en: {} };

/** The device has opened a link before. A convenience, no authority: the token alone opens. */
const OPENED_BEFORE = "meterportal.opened";
const TOUCHES = ["pointerdown", "keydown", "input", "scroll"];
/** @type {(keyof Parts)[]} */
const BEFOREHAND = ["doubt", "send", "companies"];
/** @type {Screen[]} */
const SCREENS = ["account", "fleet", "help", "history", "machines", "problem", "receipt", "stickers", "successor"];
const [main, brand, tools, skip] = [elementOf("page"), elementOf("brand"), elementOf("tools"), elementOf("skip")];
/**
 * What the dealer has set and no style can say: it comes with the styles, before anybody is signed in.
 * @type {Look}
 */
const look = JSON.parse(decodeURIComponent(getComputedStyle(brand).getPropertyValue("--look").replaceAll('"', "")) || "{}");
const dealer = look.name || brand.dataset.dealer;
brand.removeAttribute("data-dealer");

const ask = apiClient(() => ({ "accept-language": app.t.language }));
/** @param {unknown} error */
const words = (error) => inWords(app.t, error);

/**
 * What all modules share. `session` is the API's answer while somebody is signed in, `overview` the
 * machines of its company, `token` the link as long as this page is open, `drafts` what was typed and
 * not stored yet, `wanted` the machine of a sticker or a question that was opened before somebody was signed in.
 * `cookie`: whether the browser is known to keep the session's.
 * @type {App}
 */
const app = {
  t: voice(texts, "de"),
  session: null, overview: null, token: null, drafts: null, wanted: null, cookie: null,
  learn: (more) => {
    Object.assign(texts.de, more.de);
    Object.assign(texts.en, more.en);
  },
  renew: () => { // after a screen has changed what stands there
    app.overview = new Overview(signedIn());
    prepare();
  },
  go: (fragment) => location.assign(fragment),
  part, late, retry, say, words, show, learned, speak, redraw, door, failed, open, resume, welcome, signedOut, machine, refresh,
  call: /** @type {Call} */ (call),
};

/** The same for what is shown only while somebody is signed in. */
const signedIn = () => /** @type {SignedIn} */ (app);

/**
 * Asks the API in the name of the company that this page shows, or throws what another tab has made of the session.
 * @param {Method} method
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<unknown>} what the types of `Call` say of the address
 */
async function call(method, path, options) {
  const { session } = app;
  const opening = path.startsWith("/api/session");
  /** @param {Session} mine */
  const look = async (mine) => (await app.part("companies")).look(app, mine, ask);
  if (session && !opening && turnedFrom(session)) await look(session);
  try {
    const answer = await ask(method, path, options);
    if (session || method !== "POST") app.cookie = true;
    else if (opening) app.cookie = null;
    return answer;
  } catch (error) {
    const { status, facts } = refusal(error);
    if (status === 401 && !facts.reasons?.includes("no_cookie")) app.cookie = true;
    if (!opening && session && session.companies.length > 1 && [400, 404].includes(status)) await look(session);
    throw error;
  }
}

/** @type {Promise<unknown> | null} the styles of what is loaded on demand; settled also when they do not come */
let styles = null;
const dressed = () => (styles ||= Promise.all(["/shared/later", "/more"].map((name) => new Promise((go) => {
  document.head.append(h("link", { rel: "stylesheet", href: `${name}.css`, on: { load: go, error: go } }));
}))));

/** @type {typeof loader<Parts>} */
const typed = loader;
const load = typed((name) => `/${name}.js`, (module) => module.texts && app.learn(module.texts));

/**
 * A module of the page, with the styles of what it draws. Throws NetworkLost where it does not come.
 * @template {keyof Parts} Name
 * @param {Name} name
 */
async function part(name) {
  const [module] = await Promise.all([load(name), dressed()]);
  return module;
}

/** @type {() => Promise<Heading>} */
let draw = async () => {};
/**
 * Shows a view, `view(node)` -> its heading, and remembers it: a change of language draws it again.
 * @param {View} view
 * @param {{ focus?: boolean }} [options]
 */
async function show(view, { focus = true } = {}) {
  draw = async () => {
    const node = h("div");
    fill(main, node);
    const heading = await view(node);
    if (!node.isConnected) return heading; // Something else is shown by now, with a title of its own.
    for (const kept of /** @type {NodeListOf<HTMLElement>} */ (node.querySelectorAll("[data-text]"))) {
      const { text = "", date, count } = kept.dataset;
      kept.textContent = app.t(text, { date: app.t.date(date), count: Number(count) });
    }
    const screen = node.querySelector("h1")?.textContent;
    const title = screen && screen !== app.t("title") ? app.t("screen_title", { screen, title: app.t("title") }) : app.t("title");
    document.title = app.session ? app.t("screen_title", { screen: title, title: app.session.dealer.name }) : title;
    return heading;
  };
  const mine = draw;
  drawTools();
  const heading = await mine();
  if (focus && heading && mine === draw) focusOn(heading);
}

/** What is shown, anew. */
async function redraw() {
  drawTools();
  await draw();
}

/**
 * The words of a language are there, or NetworkLost is thrown.
 * @param {Language} language
 */
async function learned(language) {
  if (language === "en") await load("english");
}

/**
 * Speaks a language from now on; where its words did not come, the one that was spoken before.
 * @param {Language} wanted
 */
function speak(wanted) {
  const language = texts[wanted].brand ? wanted : app.t.language;
  app.t = voice(texts, language);
  document.documentElement.lang = language;
  skip.textContent = app.t("skip");
  brand.textContent = app.session?.dealer.name || dealer || app.t("brand");
  if (look.imprint || look.privacy) import("./foot.js").then(({ foot }) => foot(look, language), () => {});
}

/**
 * A disclosure filled by a lazy module.
 * @param {string} kind
 * @param {string} label
 * @param {() => Promise<Child>} list
 */
function late(kind, label, list) {
  return disclosure(kind, label, () => list().catch((error) => h("li", { role: "alert" }, words(error))));
}

function drawTools() {
  const other = app.t.language === "de" ? "en" : "de";
  fill(tools,
    app.overview?.table?.whom(),
    h("button", {
      type: "button",
      class: "link",
      id: "language",
      lang: other,
      "aria-label": `${app.t("other_short")}, ${app.t("other_language")}`,
      on: { click: () => {
        chooseLanguage(other); // From the tap on, also where the page is left before the words have come.
        app.part("language").then((module) => module.turn(app, other), (error) => say(words(error)));
      } },
    }, app.t("other_short")),
    app.session && late("menu", app.t("menu"), async () => (await app.part("menu")).menu(signedIn())));
}

// Who is here.

/**
 * Somebody is signed in: `session` comes with the first page of the overview.
 * @param {Session} session
 */
async function welcome(session) {
  const language = languageFor(session.language);
  await learned(language).catch(() => {});
  app.session = session;
  const remembers = openNow(session);
  app.drafts = draftsOf(session);
  speak(language);
  app.overview = new Overview(signedIn(), session.overview);
  if (app.prepared || !remembers || shelf("meterportal.outbox/").ids().length) prepare();
  return route();
}

/** What the first load need not bring: fetched with the first touch, so that it is there when the network goes. */
function prepare() {
  if (!app.session) return;
  if (!app.cookie) {
    call("GET", "/api/session").catch((error) => {
      if (refusal(error).status === 401) signedOut();
    });
  }
  app.prepared = true;
  elementOf("icon").setAttribute("href", "/shared/icon.svg");
  TOUCHES.forEach((name) => removeEventListener(name, prepare));
  for (const name of BEFOREHAND) app.part(name).catch(() => {}); // Asked for again when needed.
  app.part("keypad").then((keypad) => keypad.begin(app), () => {});
  app.part("outbox").then((outbox) => outbox.begin(app), () => {});
  app.part("menu").then((menu) => menu.onward(app), () => {});
}

async function open() {
  const session = await app.call("POST", "/api/session?overview=1", { body: { token: app.token } }).catch((error) => {
    const { status } = refusal(error);
    if (error instanceof NetworkLost || status >= 500 || status === 429) failed(error, open);
    else door("deadLink", error);
  });
  if (!session) return;
  keep(OPENED_BEFORE, "1");
  history.replaceState(null, "", "/");
  await welcome(session);
}

async function resume() {
  const restored = () => app.part("outbox").then((outbox) => outbox.restore(app), () => false);
  const session = await app.call("GET", "/api/session?overview=1").catch(async (error) => {
    if (refusal(error).status === 401) door("noLink", error);
    else if (!(error instanceof NetworkLost && await restored())) failed(error, resume);
  });
  if (session) await welcome(session);
}

/**
 * A page of the module "door", by name.
 * @param {Door} page
 * @param {unknown} [reason]
 * @returns {Promise<void>}
 */
function door(page, reason) {
  return lazily("door", (module, node) => module[page](app, node, reason));
}

/**
 * A view of a lazy module; without the module an honest page that tries again.
 * @template {keyof Parts} Name
 * @param {Name} name
 * @param {(module: Parts[Name], node: HTMLElement) => ReturnType<View>} view
 * @param {{ focus?: boolean }} [options]
 * @returns {Promise<void>}
 */
function lazily(name, view, options) {
  const again = () => lazily(name, view, options);
  return show(async (node) => {
    try {
      return await view(await app.part(name), node);
    } catch (error) {
      if (app.session && refusal(error).status === 401) return signedOut();
      return failure(node, error, again);
    }
  }, options);
}

/**
 * @param {unknown} error
 * @param {() => unknown} again
 */
function failed(error, again) {
  return show((node) => failure(node, error, again));
}

/** @param {() => unknown} again */
function retry(again) {
  return h("p", {}, h("button", { type: "button", class: "button", on: { click: again } }, app.t("failed_again")));
}

/**
 * Nothing could be loaded; `again` tries once more. Returns its heading.
 * @param {HTMLElement} node
 * @param {unknown} error
 * @param {() => unknown} again
 */
function failure(node, error, again) {
  return fill(node,
    h("div", { class: "door" }, h("h1", {}, app.t("failed_title")), h("p", {}, words(error)), retry(again))).querySelector("h1");
}

/**
 * The session is gone, or its cookie was never kept: the page says so, once; what was typed stays on the device.
 * @returns {Promise<void>}
 */
async function signedOut() {
  if (!app.session) return;
  Object.assign(app, { session: null, overview: null });
  await door("signedOut");
}

/**
 * A machine of the current company by its id, or null; waits for pages that are still on their way.
 * @param {string} id
 */
async function machine(id) {
  if (!app.overview?.card(id)) await app.overview?.whole;
  return app.overview?.card(id)?.machine || null;
}

/** The overview anew from the API, drawn where it is shown. */
function refresh() {
  app.renew();
  return route();
}

// Where to: #/<screen>/<parameter> for screens, #m=<machine> from a sticker, anything else the overview.

function showOverview() {
  const { overview } = signedIn();
  return show(async (node) => {
    if (atDesk()) await overview.arranged.catch(() => {}); // A table takes the whole width: nothing stands there before.
    fill(node, overview.element);
    if (!app.wanted) {
      await overview.arranged.catch(() => {});
      if (!overview.single) return overview.heading;
      await overview.whole; // The only machine's name is the heading.
      return overview.element.querySelector("h1");
    }
    const id = app.wanted;
    app.wanted = null;
    if (!(await machine(id))) (await app.part("machines")).unknown(app, overview);
    return overview.card(id)?.focus();
  });
}

function route() {
  const [screen, ...params] = location.hash.replace(/^#\/?/, "").split("/").map(decoded);
  const sticker = location.hash.match(/^#m=([\w.~%-]+)/);
  if (sticker) {
    app.wanted = decoded(sticker[1]);
    history.replaceState(null, "", "/");
  }
  if (!app.session && screen === "password") return lazily(screen, (module, node) => module.asking(app, node));
  if (!app.session) return screen === "login" ? door("loginPage") : resume();
  const name = SCREENS.find((known) => known === screen);
  if (!name) return showOverview();
  return lazily("screens", (screens, node) => screens.open(signedIn(), node, name, params));
}

/** Where the address leads. */
function start() {
  const [token, setting] = [tokenFrom(location.href), tokenFrom(location.href, "p")];
  if (setting) return lazily("password", (module, node) => module.setting(app, node, setting));
  if (!token) return route();
  app.token = token;
  app.wanted = tokenFrom(location.href, "m") ?? app.wanted; // A question by mail is about one machine.
  return kept(OPENED_BEFORE) ? open() : show((node) => closedDoor(app, node, dealer), { focus: false });
}

/** The first view, in the reader's language. */
function begin() {
  const language = languageFor();
  return learned(language).then(() => {
    speak(language);
    return start();
  }, (error) => failed(error, begin));
}

/** The skip link moves focus only: the fragment of the address is not its own. */
skip.addEventListener("click", (event) => {
  event.preventDefault();
  focusOn(main);
});
addEventListener("hashchange", start);
TOUCHES.forEach((name) => addEventListener(name, prepare, { passive: true }));
setTimeout(prepare, 20_000);
begin();
