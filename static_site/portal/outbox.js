// Submissions made without a network: they wait on this device and go out when it is back.
import { NetworkLost, both, fill, focusOn, forgetTab, h, ownerOf, refusal, say, shelf, turnedFrom } from "/shared/page.js";
import { nameOf } from "/entry.js";
import { refused, stored, withStored } from "/submit.js";
import { texts as hintTexts, valuesWords } from "/hint.js";
/** @import { Shelf } from "../types/page" */
/** @import { App, Card, Overview, Report, Session, Waiting } from "../types/portal" */

const own = both({
  out_title: ["Wartet auf Netz", "Waiting for network"],
  out_text: [
    "{values}, abgelesen am {date}. Wird gesendet, sobald wieder eine Verbindung besteht.",
    "{values}, read on {date}. Will be sent as soon as there is a connection again.",
  ],
  out_back: ["Zurückholen und ändern", "Take back and change"],
  out_kept: [
    "Ohne Netz gemerkt: {machine} wird gesendet, sobald wieder eine Verbindung besteht.",
    "Kept without network: {machine} will be sent as soon as there is a connection again.",
  ],
  net_off: ["Kein Netz. Tragen Sie ruhig weiter ein.", "No network. Just carry on."],
  net_kept: [
    [
      "{values} von {machines} ist auf diesem Gerät gemerkt und geht ab, sobald es wieder Netz hat.",
      "{values} von {machines} sind auf diesem Gerät gemerkt und gehen ab, sobald es wieder Netz hat.",
    ],
    [
      "{values} of {machines} is kept on this device and leaves as soon as there is network again.",
      "{values} of {machines} are kept on this device and leave as soon as there is network again.",
    ],
  ],
  net_keeps: [
    "Was Sie absenden, bleibt auf diesem Gerät und geht ab, sobald es wieder Netz hat.",
    "What you send stays on this device and leaves as soon as there is network again.",
  ],
  net_values: [["{count} Zählerstand", "{count} Zählerstände"], ["{count} reading", "{count} readings"]],
  net_machines: [["{count} Gerät", "{count} Geräten"], ["{count} machine", "{count} machines"]],
  keep_count: [["{count} Zählerstand merken", "{count} Zählerstände merken"], ["Keep {count} reading", "Keep {count} readings"]],
  net_snapshot: ["Ohne Verbindung: Sie sehen den Stand von {time}.", "No connection: you see the state of {time}."],
  net_try: ["Jetzt senden", "Send now"],
  out_gone: [
    "Eine gemerkte Meldung ({values}) gehört zu keinem Gerät, das Sie jetzt melden, oder ihr Zeitraum ist vorbei. Sie wurde nicht gesendet.",
    "A report that was kept ({values}) belongs to no machine that you report now, or its period is over. It was not sent.",
  ],
  net_sent: [
    ["{count} wartende Meldung ist gespeichert.", "{count} wartende Meldungen sind gespeichert."],
    ["{count} waiting report is saved.", "{count} waiting reports are saved."],
  ],
});

/** With those of the hint: what waits may be shown before any doubt. */
export const texts = { de: { ...hintTexts.de, ...own.de }, en: { ...hintTexts.en, ...own.en } };

const AT_ONCE = 25; // cards between two breaths of the page
const RETRY_AFTER = 30_000; // ms, while something waits and the browser believes to be online
const SNAPSHOT = "meterportal.snapshot";
/** @type {Shelf<Waiting>} */
const waiting = shelf("meterportal.outbox/");
/** @param {Pick<Card, "overview" | "machine">} card */
const idOf = ({ overview, machine }) => `${ownerOf(overview.session)}/${machine.id}`;
/** @param {{ session: Session }} overview */
export const mine = ({ session }) => waiting.ids().filter((id) => id.startsWith(`${ownerOf(session)}/`));
/** @type {App} set by begin(), before anything else here runs */
let app;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {string | null} */
let snapshotAt = null;
/** @type {Overview | null} for which it goes along */
let begun = null;
const breath = () => new Promise((go) => setTimeout(go));

/**
 * Goes along with the page from its first touch: once per page, again for each session.
 * @param {App} page
 */
export function begin(page) {
  const { session, overview } = page;
  if (!session || !overview) return; // It has ended while this was loaded.
  if (!app) {
    addEventListener("online", () => flush());
    addEventListener("offline", drawNet);
    keepFiles().catch(() => {}); // Without them: no page without network.
    addEventListener("pagehide", keepSnapshot);
    document.addEventListener("visibilitychange", keepSnapshot);
  }
  app = page;
  if (begun === overview) return;
  begun = overview;
  overview.whole.then(() => {
    if (overview !== app.overview) return;
    for (const id of mine(overview)) {
      const entry = waiting.get(id);
      if (entry) hold(overview.card(entry.machine_id), entry);
    }
    drawNet();
    keepSnapshot();
    flush();
  });
}

/** The service worker; where the browser may keep nothing, asking for it fails already. */
async function keepFiles() {
  await navigator.serviceWorker?.register("/sw.js", { updateViaCache: "none" });
}

/**
 * Keeps a submission until it can be sent.
 * @param {Card} card
 * @param {Report} body
 * @param {string} key
 */
export async function put(card, body, key) {
  await putAll(card.app, [{ card, body, key }]);
  focusOn(card.notice.firstElementChild);
  say(app.t("out_kept", { machine: nameOf(card.machine) }));
}

/**
 * Keeps submissions until they can be sent; `key` is the Idempotency-Key of the first attempt. What concerns the whole page is
 * done once for all of them.
 * @param {App} page
 * @param {{ card: Card, body: Report, key: string }[]} submissions
 */
export async function putAll(page, submissions) {
  begin(page);
  try {
    for (const [index, { card, body, key }] of submissions.entries()) {
      const entry = { key, body, machine_id: card.machine.id, due_on: card.machine.due_on, at: new Date().toISOString() };
      if (!waiting.put(idOf(card), entry)) throw new NetworkLost();
      card.busy = false;
      hold(card, entry);
      if (index % AT_ONCE === AT_ONCE - 1) await breath();
    }
  } finally {
    drawNet();
    keepSnapshot();
    flush();
  }
}

/**
 * The card shows what waits instead of its fields.
 * @param {Card | null | undefined} card
 * @param {Waiting} entry
 */
function hold(card, entry) {
  if (!card) return;
  card.waiting = true;
  card.draft = { ...card.draft, values: entry.body.values, read_on: entry.body.read_on };
  card.aside = () => {
    const { t } = app;
    const numbers = Object.fromEntries(Object.entries(entry.body.values).map(([id, text]) => [id, text.replace(/\D/g, "")]));
    fill(card.notice, h("div", { class: "box wait stacked" },
      h("p", {}, h("strong", {}, t("out_title"))),
      h("p", {}, t("out_text", { values: valuesWords(t, card.machine, numbers), date: t.date(entry.body.read_on) })),
      h("p", {}, h("button", { type: "button", class: "button quiet", on: { click: () => takeBack(card) } }, t("out_back")))));
  };
  if (card.built) card.draw();
  else card.outline(); // What waits is told as soon as it is drawn.
  card.overview.changed();
}

/**
 * Out of the outbox, back into the fields.
 * @param {Card} card
 */
function release(card) {
  waiting.drop(idOf(card));
  Object.assign(card, { waiting: false, aside: null });
  card.correcting = card.machine.meters.some((meter) => meter.reading && meter.id in card.draft.values);
  card.keep();
  card.draw();
}

/** @param {Card} card */
function takeBack(card) {
  release(card);
  card.overview.changed();
  drawNet();
  card.focus();
}

/** Sends what waits for the company that is open, one after the other; never in two tabs at once. */
async function flush() {
  clearTimeout(timer);
  const { overview } = app;
  await overview?.whole;
  if (!app.session || !overview || app.overview !== overview) return;
  if (!mine(overview).length) {
    drawNet();
    return;
  }
  /** @param {Lock | boolean | null} lock */
  const send = async (lock) => lock && overview.loaded && app.session && !turnedFrom(app.session) && sendAll(overview);
  if (navigator.locks) await navigator.locks.request("meterportal.outbox", { ifAvailable: true }, send);
  else await send(true);
  if (app.overview !== overview) return;
  drawNet();
  if (mine(overview).length) timer = setTimeout(flush, RETRY_AFTER);
}

/** @param {Overview} overview */
async function sendAll(overview) {
  let sent = 0;
  for (const id of mine(overview)) {
    const entry = waiting.get(id);
    const card = entry && overview.card(entry.machine_id);
    if (!card || entry.due_on !== card.machine.due_on) {
      waiting.drop(id);
      if (entry) {
        fill(overview.notice,
          h("p", { class: "box warn", role: "alert" }, app.t("out_gone", { values: Object.values(entry.body.values).join(", ") })));
      }
      continue;
    }
    try {
      const answer = await app.call("PUT", `${card.path}/readings`, { body: entry.body, key: entry.key });
      waiting.drop(id);
      if (app.overview !== overview) {
        card.forget();
        return; // It shows what is stored when it is opened again.
      }
      stored(card, withStored(card.machine, answer));
      sent += 1;
    } catch (error) {
      if (app.overview !== overview) return;
      const { status, code } = refusal(error);
      if (error instanceof NetworkLost || status >= 500 || status === 429 || code === "other_company") break;
      if (refusal(error).status === 401) {
        await app.signedOut();
        return;
      }
      release(card);
      card.doubtful = true;
      await refused(card, error, { focus: false });
      card.overview.changed();
    }
  }
  if (sent) say(app.t("net_sent", { count: sent }));
}

/** One line above everything: no network, what waits, which state is shown. */
function drawNet() {
  const { session, overview, t } = app;
  if (!session || !overview) return;
  const kept = mine(overview).map((id) => waiting.get(id)).filter((entry) => entry !== null);
  const count = kept.length;
  const values = kept.reduce((sum, { body }) => sum + Object.keys(body.values).length, 0);
  const off = !navigator.onLine;
  const lines = [
    off && h("strong", {}, t("net_off")),
    snapshotAt && t("net_snapshot", { time: t.time(snapshotAt) }),
    count > 0
      ? t("net_kept", { count: values, values: t("net_values", { count: values }), machines: t("net_machines", { count }) })
      : off && t("net_keeps"),
  ].filter(Boolean);
  for (const card of overview.cards) if (card.fields.length) card.drawSubmit();
  overview.drawBar();
  fill(overview.net, lines.length > 0 && h("div", { class: "box wait stacked", role: "status" },
    lines.map((text) => h("p", {}, text)),
    count > 0 && h("p", {}, h("button", { type: "button", class: "button quiet", on: { click: flush } }, t("net_try")))));
}

/** What is on the page, for this tab only: a reload without a network shows it again. */
function keepSnapshot() {
  const { session, overview } = app;
  if (!session || !overview?.cards.length) return;
  const first = {
    company: overview.company,
    today: overview.today,
    due_on: overview.dueOn,
    progress: { reported: overview.reported, total: overview.counted.total },
    next_cursor: null,
    machines: overview.cards.map((card) => card.machine),
  };
  try {
    sessionStorage.setItem(SNAPSHOT, JSON.stringify({ ...session, overview: first, snapshot_at: snapshotAt || new Date().toISOString() }));
  } catch {
    forgetTab(); // Too large for this device, or not allowed: the page then asks for the network.
  }
}

/**
 * Shows the page as this tab had it last; false where there is nothing to show.
 * @param {App} page
 */
export async function restore(page) {
  let session;
  try {
    session = JSON.parse(sessionStorage.getItem(SNAPSHOT) ?? "null");
  } catch {
    return false;
  }
  if (!session) return false;
  snapshotAt = session.snapshot_at;
  page.prepared = true;
  await page.welcome(session);
  addEventListener("online", () => {
    snapshotAt = null;
  }, { once: true });
  return true;
}
