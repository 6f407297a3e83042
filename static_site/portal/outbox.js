// Submissions made without a network: they wait on this device and go out when it is back.
import { NetworkLost, both, fill, focusOn, h, say, shelf } from "/shared/page.js";
import { refused, stored, withStored } from "/submit.js";
import { valuesWords } from "/doubt.js";

export const texts = both({
  out_title: ["Wartet auf Netz", "Waiting for network"],
  out_text: ["{values}, abgelesen am {date}. Wird gesendet, sobald wieder eine Verbindung besteht.", "{values}, read on {date}. Will be sent as soon as there is a connection again."],
  out_back: ["Zurückholen und ändern", "Take back and change"],
  out_kept: ["Ohne Netz gemerkt: {machine} wird gesendet, sobald wieder eine Verbindung besteht.", "Kept without network: {machine} will be sent as soon as there is a connection again."],
  net_off: ["Keine Verbindung. Tragen Sie ruhig weiter ein: Was Sie absenden, wird auf diesem Gerät gemerkt und später gesendet.", "No connection. Just go on entering: what you submit is kept on this device and sent later."],
  net_snapshot: ["Ohne Verbindung: Sie sehen den Stand von {time}.", "No connection: you see the state of {time}."],
  net_waiting: [["{count} Meldung wartet auf Netz.", "{count} Meldungen warten auf Netz."], ["{count} report is waiting for network.", "{count} reports are waiting for network."]],
  net_try: ["Jetzt senden", "Send now"],
  net_sent: [["{count} wartende Meldung ist gespeichert.", "{count} wartende Meldungen sind gespeichert."], ["{count} waiting report is saved.", "{count} waiting reports are saved."]],
});

const RETRY_AFTER = 30_000; // ms, while something waits and the browser believes to be online
const SNAPSHOT = "meterportal.snapshot";
const waiting = shelf("meterportal.outbox/");
const ownerOf = ({ contact, company }) => `${contact.email_masked}/${contact.name}/${company.id}`;
const idOf = (app, machineId) => `${ownerOf(app.session)}/${machineId}`;
const mine = (app) => waiting.ids().filter((id) => id.startsWith(`${ownerOf(app.session)}/`));
let app = null;
let timer = 0;
let snapshotAt = null;

/** Goes along with the page from its first touch: once per page, again for each session. */
export function begin(page) {
  if (!app) {
    addEventListener("online", () => flush());
    addEventListener("offline", drawNet);
    navigator.serviceWorker?.register("/sw.js", { updateViaCache: "none" }).catch(() => {}); // Without it: no page without network.
    addEventListener("pagehide", keepSnapshot);
    document.addEventListener("visibilitychange", keepSnapshot);
  }
  app = page;
  const { overview } = app;
  overview.whole.then(() => {
    if (overview !== app.overview) return;
    for (const id of mine(app)) hold(overview.card(waiting.get(id)?.machine_id), waiting.get(id));
    drawNet();
    keepSnapshot();
    flush();
  });
}

/** Keeps a submission until it can be sent; `key` is the Idempotency-Key of its first attempt. */
export async function put(card, body, key, focus = true) {
  begin(card.app);
  const entry = { key, body, machine_id: card.machine.id, due_on: card.machine.due_on, at: new Date().toISOString() };
  if (!waiting.put(idOf(app, card.machine.id), entry)) throw new NetworkLost();
  card.busy = false;
  hold(card, entry);
  drawNet();
  keepSnapshot();
  if (focus) focusOn(card.notice.firstChild);
  say(app.t("out_kept", { machine: card.element.querySelector("h3").textContent }));
}

/** The card shows what waits instead of its fields. */
function hold(card, entry) {
  if (!card || !entry) return;
  card.waiting = true;
  card.draft = { due_on: card.machine.due_on, values: entry.body.values, read_on: entry.body.read_on };
  card.aside = () => {
    const { t } = app;
    const numbers = Object.fromEntries(Object.entries(entry.body.values).map(([id, text]) => [id, text.replace(/\D/g, "")]));
    fill(card.notice, h("div", { class: "box warn stacked" },
      h("p", {}, h("strong", {}, t("out_title"))),
      h("p", {}, t("out_text", { values: valuesWords(t, card.machine, numbers), date: t.date(entry.body.read_on) })),
      h("p", {}, h("button", { type: "button", class: "button quiet", on: { click: () => takeBack(card) } }, t("out_back")))));
  };
  card.draw();
  card.overview.changed();
}

/** Out of the outbox, back into the fields. */
function release(card) {
  waiting.drop(idOf(app, card.machine.id));
  Object.assign(card, { waiting: false, aside: null });
  card.correcting = card.machine.meters.some((meter) => meter.reading && meter.id in card.draft.values);
  app.drafts.keep(card.machine, card.draft);
  card.draw();
}

function takeBack(card) {
  release(card);
  card.overview.changed();
  drawNet();
  card.focus();
}

/** Sends what waits for the company that is open, one after the other; never in two tabs at once. */
async function flush() {
  clearTimeout(timer);
  if (!app?.session || !mine(app).length) {
    if (app?.session) drawNet();
    return;
  }
  const send = async (lock) => lock && sendAll();
  if (navigator.locks) await navigator.locks.request("meterportal.outbox", { ifAvailable: true }, send);
  else await send(true);
  if (!app.session) return;
  drawNet();
  if (mine(app).length) timer = setTimeout(flush, RETRY_AFTER);
}

async function sendAll() {
  let sent = 0;
  for (const id of mine(app)) {
    const entry = waiting.get(id);
    const card = entry && app.overview.card(entry.machine_id);
    if (!card || entry.due_on !== card.machine.due_on) {
      waiting.drop(id); // The machine is not theirs any more, or its period is over.
      continue;
    }
    try {
      const answer = await app.call("PUT", `${card.path}/readings`, { body: entry.body, key: entry.key });
      waiting.drop(id);
      stored(card, withStored(card.machine, answer, entry.body.read_on));
      sent += 1;
    } catch (error) {
      if (error instanceof NetworkLost || error.status >= 500 || error.status === 429) break;
      if (error.status === 401) {
        await app.signedOut();
        return;
      }
      release(card);
      card.doubtful = true;
      await refused(card, error, false);
      card.overview.changed();
    }
  }
  if (sent) say(app.t("net_sent", { count: sent }));
}

/** One line above everything: no network, what waits, which state is shown. */
function drawNet() {
  const { session, overview, t } = app;
  if (!session || !overview) return;
  const count = mine(app).length;
  const lines = [
    snapshotAt && t("net_snapshot", { time: t.time(snapshotAt) }),
    !navigator.onLine && t("net_off"),
    count > 0 && t("net_waiting", { count }),
  ].filter(Boolean);
  fill(overview.net, lines.length > 0 && h("div", { class: "box warn stacked", role: "status" },
    lines.map((text) => h("p", {}, text)),
    count > 0 && h("p", {}, h("button", { type: "button", class: "button quiet", on: { click: flush } }, t("net_try")))));
}

/** What is on the page, for this tab only: a reload without a network shows it again. */
function keepSnapshot() {
  if (!app?.session || !app.overview.cards.length) return;
  const { overview } = app;
  const first = {
    company: overview.company,
    today: overview.today,
    due_on: overview.dueOn,
    progress: { reported: overview.reported, total: overview.counted.total },
    next_cursor: null,
    machines: overview.cards.map((card) => card.machine),
  };
  try {
    sessionStorage.setItem(SNAPSHOT, JSON.stringify({ ...app.session, overview: first, snapshot_at: snapshotAt || new Date().toISOString() }));
  } catch {
    sessionStorage.removeItem(SNAPSHOT); // Too large for this device: the page then asks for the network.
  }
}

/** Shows the page as this tab had it last; false where there is nothing to show. */
export async function restore(page) {
  let session;
  try {
    session = JSON.parse(sessionStorage.getItem(SNAPSHOT));
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
