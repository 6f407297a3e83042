// Submissions made without a network: they wait on this device and go out when it is back.
import { NetworkLost, both, fill, focusOn, forgetTab, h, ownerOf, refusal, say, shelf, turnedFrom } from "/shared/page.js";
import { groupOf } from "/list.js";
import { nameOf } from "/meter.js";
import { refused, stored, withStored } from "/submit.js";
import { steady } from "/hint.js";
/** @import { Shelf } from "../types/page" */
/** @import { App, Card, Overview, Report, Session, Waiting } from "../types/portal" */

export const texts = both({
  waiting: ["Wartet auf Netz", "Waiting for network"],
  state_waiting: ["Wartet auf Netz", "Waiting for network"],
  out_was: ["Gesendet", "Sent"],
  change_machine: ["{machine} ändern", "change {machine}"],
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
  net_sent: [["{count} Zählerstand gesendet", "{count} Zählerstände gesendet"], ["{count} reading sent", "{count} readings sent"]],
  net_waiting: [[", {count} wartet", ", {count} warten"], [", {count} waiting", ", {count} waiting"]],
});

const AT_ONCE = 25; // cards between two breaths of the page
const RETRY_AFTER = 30_000; // ms, while something waits and the browser believes to be online
const SAID = 6000; // ms that the strip says what has been sent
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
/** @type {Overview | null} the one in which what waited has been put first */
let arranged = null;
/** Values that have just been sent, as long as the strip says so. */
let sentNow = 0;
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
    addEventListener("offline", () => {
      drawNet();
      say(app.t("net_off"));
    });
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
    if (snapshotAt && arranged !== overview) waitingFirst(overview);
    drawNet();
    keepSnapshot();
    flush();
  });
}

/**
 * In a list that is shown anew without a network, what waits stands first; what waits from now on stays where it is.
 * @param {Overview} overview
 */
function waitingFirst(overview) {
  arranged = overview;
  if (overview.single || overview.table) return;
  for (const card of overview.cards) if (card.waiting) groupOf(overview, card).cards.append(card.row);
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
    const { machine, overview: { today } } = card;
    const { values, read_on: day } = entry.body;
    const words = machine.meters.filter(({ id }) => id in values).map(({ id, label }, n) => [n ? " · " : "", `${label} `,
      h("strong", { class: "number" }, t.number(Number(values[id].replace(/\D/g, ""))))]);
    fill(card.notice, h("div", { class: "kept" },
      h("p", {}, words,
        day !== today && h("span", { class: "muted small" }, ` · ${t("read_on_day", { date: t.date(day) })}`)),
      h("button", {
        type: "button",
        class: "link",
        "aria-label": t("change_machine", { machine: nameOf(machine) }),
        on: { click: () => takeBack(card) },
      }, t("change"))));
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
  let sent = 0; // values
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
      sent += Object.keys(entry.body.values).length;
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
  if (!sent) return;
  say(app.t("net_sent", { count: sent }));
  sentNow = sent;
  setTimeout(() => {
    sentNow = 0;
    drawNet();
  }, SAID);
}

/** A strip above everything: no network, what waits, which state is shown; for a moment what has been sent. */
function drawNet() {
  const { session, overview, t } = app;
  if (!session || !overview) return;
  const kept = mine(overview).map((id) => waiting.get(id)).filter((entry) => entry !== null);
  const count = kept.length;
  const values = kept.reduce((sum, { body }) => sum + Object.keys(body.values).length, 0);
  const off = !navigator.onLine;
  const lines = [
    !off && sentNow > 0 && h("strong", {}, t("net_sent", { count: sentNow })),
    off && h("strong", {}, t("net_off")),
    count > 0
      ? t("net_kept", { count: values, values: t("net_values", { count: values }), machines: t("net_machines", { count }) })
      : off && t("net_keeps"),
    snapshotAt && t("net_snapshot", { time: t.time(snapshotAt) }),
  ].filter(Boolean);
  const heading = overview.aside?.waiting?.heading;
  if (heading) {
    heading.dataset.text = count ? "waiting" : "out_was";
    heading.textContent = t(heading.dataset.text);
  }
  for (const card of overview.cards) if (card.fields.length) card.drawSubmit();
  overview.drawBar();
  // While there is no network, trying is in vain.
  steady(() => fill(overview.net, lines.length > 0 && h("div", { class: off || count ? "strip" : "strip sent" },
    lines.map((text) => h("p", {}, text)),
    count > 0 && !off && h("p", {}, h("button", { type: "button", class: "link", on: { click: flush } }, t("net_try"))))));
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
