// An ERP as a page: signs in as the ERP's client does, follows the feed, and shows what it knows.
import { Book } from "/_local/erp_book.js";

const SHOWN = 200;
const PAUSES = [3, 6, 12, 30];
const VALUE = 5;

/** @type {Record<string, string>} */
const KINDS = { BW: "S/W", COLOUR: "Farbe", SCAN: "Scan", TOTAL: "Gesamt" };

/** @type {Record<string, string>} */
const CHANNELS = {
  PORTAL: "Portal",
  MPS: "MPS",
  TECHNICIAN: "Techniker",
  PHONE: "Telefon",
  EMAIL: "E-Mail",
  LETTER: "Brief",
  ESTIMATE: "Schätzung",
};

/** @param {string} id */
const the = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const { client, secret, scope, feed } = /** @type {Record<string, string>} */ (the("erp").dataset);
const book = new Book();
let place = feed;
let token = "";

/** @param {number} seconds */
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function signIn() {
  const answer = await fetch("/oauth2/token", {
    method: "POST",
    headers: { Authorization: `Basic ${btoa(`${client}:${secret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials", scope }),
  });
  if (!answer.ok) throw new Error(`Anmeldung: ${answer.status}`);
  token = (await answer.json()).access_token;
}

/** One look. Gives back how many seconds to wait until the next one. */
async function look() {
  if (!token) await signIn();
  const answer = await fetch(place, { headers: { Authorization: `Bearer ${token}` } });
  if (answer.status === 401) {
    token = "";
    return 0.5;
  }
  if (!answer.ok) throw new Error((await answer.json()).detail ?? String(answer.status));
  const batch = await answer.json();
  book.take(batch);
  // Kept before anything else: an ERP that is killed goes on from here.
  place = /<([^>]+)>/.exec(answer.headers.get("Link") ?? "")?.[1] ?? place;
  if (batch.length) the("last").textContent = JSON.stringify(batch.at(-1), null, 2);
  return Number(answer.headers.get("Retry-After") ?? 0);
}

/** @param {string | null} day */
const german = (day) => (day ? day.split("-").reverse().join(".") : "–");

function draw() {
  const rows = book.newest(SHOWN).map(({ event: { type, time, data }, word, billable }) => {
    const row = document.createElement("tr");
    row.dataset.state = billable ? "released" : "waiting";
    const cells = [
      `${billable ? "✓" : "○"} ${word}`,
      data.company_id,
      data.serial,
      data.machine_id,
      `${data.meter_id} ${KINDS[data.kind ?? ""] ?? ""}`,
      data.value.toLocaleString("de-DE"),
      german(data.read_on),
      german(data.due_on),
      CHANNELS[data.channel] ?? data.channel,
      type.split(".")[2],
      new Date(time).toLocaleTimeString("de-DE"),
    ];
    row.append(
      ...cells.map((text, n) => {
        const cell = document.createElement(n ? "td" : "th");
        if (!n) cell.setAttribute("scope", "row");
        if (n === VALUE) cell.className = "number";
        cell.textContent = text;
        return cell;
      }),
    );
    return row;
  });
  the("readings").replaceChildren(...rows);
  the("none").hidden = rows.length > 0;
}

/** @param {string} text */
function say(text) {
  if (the("state").textContent !== text) the("state").textContent = text;
}

async function follow() {
  let failed = 0;
  for (;;) {
    try {
      const known = book.count;
      const wait = await look();
      if (book.count > known || !known) draw();
      say(`Auf dem Stand. Ereignisse: ${book.count.toLocaleString("de-DE")}, doppelt erhalten: ${book.doubled.toLocaleString("de-DE")}.`);
      failed = 0;
      await pause(wait);
    } catch (error) {
      const wait = PAUSES[Math.min(failed, PAUSES.length - 1)];
      failed += 1;
      say(`Keine Antwort (${/** @type {Error} */ (error).message}). Neuer Versuch in ${wait} s.`);
      await pause(wait);
    }
  }
}

follow();
