// The customer's page: who is here, what is shown, in which language; the overview; screens on demand.
import { NetworkLost, apiClient, both, chooseLanguage, decoded, disclosure, fill, focusOn, h, keep, kept, languageFor, loader, nearby, say, shelf, tokenFrom, voice } from "/shared/page.js";
import { Card, draftsOf, isComplete, texts as entryTexts } from "/entry.js";

const own = both({
  brand: ["Zählerstände", "Meter readings"],
  title: ["Zählerstände melden", "Report meter readings"],
  skip: ["Zum Inhalt", "Skip to content"],
  other_language: ["English", "Deutsch"],
  menu: ["Menü", "Menu"],
  back: ["Zurück zu den Geräten", "Back to the machines"],
  back_all: ["Zurück zu allen Geräten", "Back to all machines"],
  back_own: ["Zurück zu Ihren Zählerständen", "Back to your readings"],

  door_lead: ["Hier melden Sie die Zählerstände Ihrer Drucker und Kopierer. Eine Anmeldung ist nicht nötig: Ihr persönlicher Link aus der E-Mail genügt.", "This is where you report the meter readings of your printers and copiers. No login is needed: the personal link from your e-mail is enough."],
  door_go: ["Weiter zu Ihren Geräten", "Continue to your machines"],
  door_privacy: ["Zur Anmeldung wird ein einziges, technisch notwendiges Cookie gesetzt. Es endet mit Ihrer Sitzung.", "A single, technically necessary cookie is set to sign you in. It ends with your session."],
  failed_title: ["Das hat gerade nicht geklappt", "That did not work just now"],
  failed_again: ["Noch einmal versuchen", "Try again"],
  network: ["Keine Verbindung. Bitte prüfen Sie Ihr Netz und versuchen Sie es noch einmal; Ihre Eingaben bleiben stehen.", "No connection. Please check your network and try again; your entries stay here."],
  trouble: ["Das hat im Moment nicht geklappt. Bitte versuchen Sie es gleich noch einmal; Ihre Eingaben bleiben stehen.", "That did not work at the moment. Please try again shortly; your entries stay here."],
  number_of_fault: ["Kennnummer für Rückfragen: {id}", "Reference for enquiries: {id}"],

  reporting_for: ["Sie melden für", "You are reporting for"],
  as: ["als {email}", "as {email}"],
  switch: ["Firma wechseln", "Switch company"],
  due: ["Bitte melden bis {date}", "Please report by {date}"],
  overdue: ["Überfällig seit {date}", "Overdue since {date}"],
  due_none: ["Zurzeit ist keine Meldung offen", "No report is open at present"],
  due_consequence: ["Ohne Ihre Meldung kann Ihr Händler die Zählerstände schätzen und nach der Schätzung abrechnen.", "Without your report, your dealer may estimate the readings and bill by the estimate."],
  progress: [["{reported} von {count} Gerät gemeldet", "{reported} von {count} Geräten gemeldet"], ["{reported} of {count} machine reported", "{reported} of {count} machines reported"]],
  all_done: ["Alles gemeldet. Vielen Dank!", "Everything reported. Thank you!"],
  all_done_more: ["Bis zur Freigabe durch Ihren Händler können Sie Ihre Angaben hier noch korrigieren.", "You can still correct your readings here until your dealer releases them."],
  machines: ["Ihre Geräte", "Your machines"],
  elsewhere: ["Ohne Standort", "No location"],
  sticker_unknown: ["Das Gerät dieses Aufklebers gehört nicht zu denen, die Sie melden.", "The machine of this sticker is not among those that you report."],
  bar: [["{count} offen", "{count} offen"], ["{count} open", "{count} open"]],
  bar_filled: ["{filled} ausgefüllt", "{filled} filled in"],
});

const texts = { de: { ...own.de, ...entryTexts.de }, en: { ...own.en, ...entryTexts.en } };

/** The device has opened a link before. A convenience, no authority: the token alone opens. */
const OPENED_BEFORE = "meterportal.opened";
const TOUCHES = ["pointerdown", "keydown", "scroll"];
const SCREENS = ["account", "fleet", "help", "history", "machines", "problem", "receipt", "stickers", "successor"];
const [main, brand, tools, skip] = ["page", "brand", "tools", "skip"].map((id) => document.getElementById(id));

/**
 * What all modules share. `session` is the API's answer while somebody is signed in, `overview` the
 * machines of its company, `token` the link as long as this page is open, `drafts` what was typed and
 * not stored yet, `wanted` the machine of a sticker that was opened before somebody was signed in.
 */
const app = {
  t: voice(texts, languageFor()),
  session: null, overview: null, token: null, drafts: null, wanted: null,
  call: apiClient(() => ({ "accept-language": app.t.language })),
  learn: (more) => ["de", "en"].forEach((language) => Object.assign(texts[language], more[language])),
  renew: () => (app.overview = new Overview()), // after a screen has changed what stands there
  go: (fragment) => location.assign(fragment),
  part: loader((name) => `/${name}.js`, (module) => module.texts && app.learn(module.texts)),
  say, words, show, door, failed, open, resume, welcome, signedOut, machine, refresh, styles,
};

/** The styles of what is loaded on demand, once. */
function styles() {
  if (!document.getElementById("more")) document.head.append(h("link", { id: "more", rel: "stylesheet", href: "/more.css" }));
}

/** A failure in words: the API's own sentence where it has one. */
function words(error) {
  const { t } = app;
  if (error instanceof NetworkLost) return t("network");
  const reference = error.status >= 500 && error.correlation && t("number_of_fault", { id: error.correlation });
  return [(error.code && error.message) || t("trouble"), reference].filter(Boolean).join(" ");
}

let draw = () => {};
/** Shows a view, `view(node)` -> its heading, and remembers it: a change of language draws it again. */
async function show(view, { focus = true } = {}) {
  draw = async () => {
    const node = h("div");
    fill(main, node);
    const heading = await view(node);
    for (const kept of node.querySelectorAll("[data-text]")) kept.textContent = app.t(kept.dataset.text);
    document.title = app.t("title");
    return heading;
  };
  const mine = draw;
  drawTools();
  const heading = await mine();
  if (focus && heading && mine === draw) focusOn(heading);
}

function speak(language) {
  app.t = voice(texts, language);
  document.documentElement.lang = language;
  skip.textContent = app.t("skip");
  brand.textContent = app.session?.dealer.name || brand.dataset.dealer || app.t("brand");
}

async function changeLanguage(language) {
  chooseLanguage(language);
  speak(language);
  app.overview?.spoken();
  drawTools();
  await draw();
  document.getElementById("language").focus();
  // The mailbox remembers it too; where it cannot, this device does.
  if (app.session) app.call("PUT", "/api/session/language", { body: { language } }).catch(() => {});
}

/** A disclosure filled by the module "menu". */
const late = (kind, label) => disclosure(kind, label, () =>
  app.part("menu").then((menu) => menu[kind](app), (error) => h("li", { role: "alert" }, words(error))));

function drawTools() {
  const other = app.t.language === "de" ? "en" : "de";
  fill(tools,
    h("button", { type: "button", class: "link", id: "language", lang: other, on: { click: () => changeLanguage(other) } }, app.t("other_language")),
    app.session && late("menu", app.t("menu")));
}

// Who is here.

/** Somebody is signed in: `session` comes with the first page of the overview. */
function welcome(session) {
  app.session = session;
  app.drafts = draftsOf(session);
  speak(languageFor(session.language));
  app.overview = new Overview(session.overview);
  if (app.prepared || shelf("meterportal.outbox/").ids().length) prepare();
  return route();
}

/** What the first load need not bring: fetched with the first touch, so that it is there when the network goes. */
function prepare() {
  if (!app.session) return;
  app.prepared = true;
  TOUCHES.forEach((name) => removeEventListener(name, prepare));
  styles();
  for (const name of ["doubt", "submit"]) app.part(name).catch(() => {}); // Asked for again when needed.
  app.part("outbox").then((outbox) => outbox.begin(app), () => {});
}

async function open() {
  const session = await app.call("POST", "/api/session?overview=1", { body: { token: app.token } }).catch((error) => {
    if (error instanceof NetworkLost || error.status >= 500 || error.status === 429) failed(error, open);
    else door("deadLink", error);
  });
  if (!session) return;
  keep(OPENED_BEFORE, "1");
  history.replaceState(null, "", "/");
  await welcome(session);
}

async function resume() {
  const session = await app.call("GET", "/api/session?overview=1").catch(async (error) => {
    if (error.status === 401) door("noLink", error);
    else if (!(error instanceof NetworkLost && (await app.part("outbox").then((outbox) => outbox.restore(app), () => false)))) failed(error, resume);
  });
  if (session) await welcome(session);
}

/** A page of the module "door", by name. */
function door(page, reason) {
  return lazily("door", (module, node) => module[page](app, node, reason));
}

/** A view of a lazy module; without the module an honest page that tries again. */
function lazily(name, view, options) {
  const again = () => lazily(name, view, options);
  return show(async (node) => {
    try {
      return await view(await app.part(name), node);
    } catch (error) {
      if (error.status === 401) return signedOut();
      return failure(node, error, again);
    }
  }, options);
}

function failed(error, again) {
  return show((node) => failure(node, error, again));
}

export const retry = (again) => h("p", {}, h("button", { type: "button", class: "button", on: { click: again } }, app.t("failed_again")));

/** Nothing could be loaded; `again` tries once more. Returns its heading. */
function failure(node, error, again) {
  return fill(node, h("div", { class: "door" }, h("h1", {}, app.t("failed_title")), h("p", {}, words(error)), retry(again))).querySelector("h1");
}

/** The session is gone: the page says so; what was typed stays on the device. */
function signedOut() {
  Object.assign(app, { session: null, overview: null });
  return door("endedSession");
}

// The overview.

const UNFILTERED = 5; // machines that nobody needs a filter for
const FIRST = 3; // cards that are drawn at once
const CHUNK = 20; // outlines drawn between two breaths of the page
const FEW = 50; // so many are drawn whole in the end, for readers that never scroll
const breath = () => new Promise((go) => setTimeout(go));
const near = nearby(({ card }) => card.build());
const placeOf = ({ site, building, floor }) => [site, building, floor].filter(Boolean).join(" · ");

/**
 * Appends a page of the API, by place: outlines in chunks, whole cards near the window; the filter comes with many.
 * A list has `cards`, elements `find` and `list`, `unplaced` (a heading), `make(machine)` -> card; `grown()` hears of it.
 */
export async function append(list, page) {
  if (page.machines.length > UNFILTERED && !list.filter) (await app.part("find")).find(app, list);
  for (const machine of page.machines) {
    const place = placeOf(machine.location);
    if (!list.group || place !== list.group.place) {
      const key = !place && (list.group ? "elsewhere" : list.unplaced);
      list.group = { place, list: h("ul", { class: "cards" }) };
      list.list.append(h("section", { class: "group" }, h("h2", { "data-text": key }, place || app.t(key)), list.group.list));
    }
    const card = list.make(machine);
    card.row = Object.assign(h("li", {}, card.element), { card });
    list.group.list.append(card.row);
    list.cards.push(card);
    if (list.cards.length <= FIRST) card.build();
    else near.observe(card.row);
    if (list.cards.length % CHUNK === 0) await breath();
  }
  list.grown();
  if (!list.cards.length) fill(list.list, (await app.part("machines")).nothing(app, list));
  if (!page.next_cursor && list.cards.length <= FEW) for (const card of list.cards) await breath(card.build());
}

/** The machines that somebody reports, further pages of the API behind the first. `first` is the first page, if known. */
class Overview {
  constructor(first) {
    Object.assign(this, { company: app.session.company, today: app.session.today, dueOn: null, cards: [], counted: { reported: 0, total: 0 }, unplaced: "machines" });
    this.make = (machine) => Object.assign(new Card(app, machine, this), { wasComplete: isComplete(machine) });
    this.channel = new BroadcastChannel(`meterportal/${this.company.id}`);
    this.channel.onmessage = ({ data }) => app.part("submit").then((submit) => submit.elsewhere(this.card(data.id), data));
    app.overview?.channel.close();
    for (const name of ["head", "net", "notice", "status", "find", "list", "more"]) this[name] = h("div", { class: name });
    this.sendButton = h("button", { type: "button", class: "button", on: { click: () => app.part("send").then((send) => send.sendAll(app)).catch((error) => say(words(error))) } });
    this.bar = h("div", { class: "sticky", hidden: true }, h("p", { class: "number" }), this.sendButton);
    this.element = h("div", { class: "overview" }, this.head, this.net, this.notice, this.status, this.find, this.list, this.more, this.bar);
    this.drawHead();
    this.whole = this.load(first);
  }

  async load(first) {
    try {
      const page = first || (await app.call("GET", "/api/machines"));
      Object.assign(this, { counted: page.progress, dueOn: page.due_on, today: page.today || this.today });
      this.find.classList.toggle("expected", page.progress.total > UNFILTERED);
      this.draw();
      await append(this, page);
      if (page.next_cursor) await (await app.part("machines")).appendRest(app, this, page);
    } catch (error) {
      if (app.overview !== this) return;
      if (error.status === 401) signedOut();
      else fill(this.more, h("div", { class: "box bad", role: "alert" }, h("p", {}, words(error)), retry(refresh)));
    }
  }

  grown() {
    this.drawBar();
    this.filter?.();
  }

  card(id) {
    return this.cards.find((card) => card.machine.id === id);
  }

  drawHead() {
    const { t } = app;
    const { contact, companies } = app.session;
    this.heading = h("h1", {}, h("span", { class: "for" }, `${t("reporting_for")} `), this.company.name);
    fill(this.head, this.heading, h("p", { class: "muted" }, t("as", { email: contact.email_masked })),
      companies.length > 1 && late("switch", t("switch")));
  }

  /** Something is stored now that was not: progress, bar and filter follow, once for many changes. */
  changed() {
    this.soon ||= setTimeout(() => this.draw());
  }

  draw() {
    const { t } = app;
    this.soon = null;
    const { total } = this.counted;
    this.reported = this.counted.reported + this.cards.reduce((sum, card) => sum + isComplete(card.machine) - card.wasComplete, 0);
    const due = this.dueOn && t(this.today && this.dueOn < this.today ? "overdue" : "due", { date: t.date(this.dueOn) });
    fill(this.status,
      total > 0 && this.reported >= total
        ? h("div", { class: "box good" }, h("p", {}, h("strong", {}, t("all_done"))), h("p", {}, t("all_done_more")),
            h("p", {}, h("a", { href: "#/receipt" }, t("way_receipt"))))
        : h("div", {}, h("p", { class: "due" }, due || t("due_none")), due && h("p", { class: "muted" }, t("due_consequence"))),
      total > 0 && h("div", { class: "progress" },
        h("label", { for: "progress" }, t("progress", { reported: this.reported, count: total })),
        h("progress", { id: "progress", max: total, value: this.reported })));
    this.drawBar();
    this.filter?.();
  }

  /** What is open and filled in, in sight at the bottom of the window; one machine has its own button. */
  drawBar() {
    const { t } = app;
    const open = this.counted.total - this.reported;
    const filled = this.cards.filter((card) => card.mayReport && !card.waiting && Object.keys(card.draft.values).length).length;
    this.bar.hidden = this.cards.length < 2 || (!open && !filled);
    this.bar.firstChild.textContent = [t("bar", { count: open }), filled && t("bar_filled", { filled })].filter(Boolean).join(" · ");
    this.sendButton.textContent = t(this.busy ? "submitting" : "submit");
    this.sendButton.disabled = Boolean(this.busy);
  }

  /** The language has changed. */
  spoken() {
    this.drawHead();
    this.draw();
    this.cards.forEach((card) => (card.built ? card.draw() : card.outline()));
  }
}

/** A machine of the current company by its id, or null; waits for pages that are still on their way. */
async function machine(id) {
  if (!app.overview.card(id)) await app.overview.whole;
  return app.overview.card(id)?.machine || null;
}

/** The overview anew from the API, drawn where it is shown. */
function refresh() {
  app.renew();
  return route();
}

// Where to: #/<screen>/<parameter> for screens, #m=<machine> from a sticker, anything else the overview.

function showOverview() {
  const { overview } = app;
  return show(async (node) => {
    fill(node, overview.element);
    const only = overview.cards.length === 1 && overview.counted.total === 1 && overview.cards[0].isOpen && overview.cards[0];
    if (!app.wanted) return only ? only.build().fields[0].input : overview.heading;
    const id = app.wanted;
    app.wanted = null;
    if (!(await machine(id))) fill(overview.notice, h("p", { class: "box warn", role: "alert" }, app.t("sticker_unknown")));
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
  if (!app.session) return screen === "login" ? door("loginPage") : resume();
  if (!SCREENS.includes(screen)) return showOverview();
  styles();
  return lazily(screen, (module, node) => {
    const body = h("div", { class: "screen" });
    const [href, key] = params[1] === "machines" ? ["#/machines", "back_all"] : ["#/", screen === "machines" ? "back_own" : "back"];
    fill(node, h("p", { class: "back" }, h("a", { href }, app.t(key))), body);
    return module.screen(app, body, params);
  });
}

/** The door before the click. */
function closedDoor(node) {
  const { t } = app;
  const heading = h("h1", {}, t("title"));
  const go = h("button", { type: "button", class: "button large", on: { click: () => go.disabled || open((go.disabled = true)) } }, t("door_go"));
  fill(node, h("div", { class: "door" }, heading, h("p", {}, t("door_lead")), h("p", {}, go), h("p", { class: "muted small" }, t("door_privacy"))));
  return heading;
}

function start() {
  const token = tokenFrom(location.href);
  if (!token) return route();
  app.token = token;
  return kept(OPENED_BEFORE) ? open() : show(closedDoor, { focus: false });
}

/** The skip link moves focus only: the fragment of the address is not its own. */
skip.addEventListener("click", (event) => {
  event.preventDefault();
  focusOn(main);
});
addEventListener("hashchange", start);
TOUCHES.forEach((name) => addEventListener(name, prepare, { passive: true }));
setTimeout(prepare, 20_000);
speak(app.t.language);
drawTools();
start();
