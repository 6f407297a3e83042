// "Absenden" for many: all filled machines in chunks, each with its own result.
import { NetworkLost, Refused, both, fill, focusOn, h, refusal, sameKey, say } from "/shared/page.js";
import { nameOf } from "/meter.js";
import { refused, reportOf, stored, submit, texts as submitTexts, withStored } from "/submit.js";
/** @import { Answer } from "../types/page" */
/** @import { Card, SignedIn, Report } from "../types/portal" */

const own = both({
  send_nothing: [
    "Noch ist nichts ausgefüllt. Geben Sie bei mindestens einem Gerät einen Zählerstand ein.",
    "Nothing is filled in yet. Enter a reading for at least one machine.",
  ],
  send_going: ["{done} von {count} Geräten gesendet …", "{done} of {count} machines sent …"],
  send_stored: [["{count} Gerät gespeichert", "{count} Geräte gespeichert"], ["{count} machine saved", "{count} machines saved"]],
  send_check: [
    ["{count} Gerät bitte prüfen", "{count} Geräte bitte prüfen"],
    ["Please check {count} machine", "Please check {count} machines"],
  ],
  send_waiting: [
    ["{count} Gerät wartet auf Netz", "{count} Geräte warten auf Netz"],
    ["{count} machine is waiting for network", "{count} machines are waiting for network"],
  ],
  send_one: ["{machine}, {serial}", "{machine}, {serial}"],
});

/** With those of one card's sending. */
export const texts = { de: { ...submitTexts.de, ...own.de }, en: { ...submitTexts.en, ...own.en } };

const CHUNK = 100; // machines in one request: the API takes 500; fewer show progress sooner
const SHOWN = 20; // links in the summary
const keys = new Map();

/**
 * @param {unknown} body
 * @returns {string}
 */
function keyOf(body) {
  const text = JSON.stringify(body);
  if (!keys.has(text)) keys.set(text, sameKey()(body));
  return keys.get(text);
}

/**
 * Applies the results of a request; returns the cards that need a look.
 * @param {Card[]} cards
 * @param {Report[]} sent
 * @param {Answer<"PUT", "/api/readings">["machines"]} machines
 */
async function apply(cards, sent, machines) {
  const doubtful = [];
  for (const [index, result] of machines.entries()) {
    const card = cards[index];
    if (result.status === 200) {
      stored(card, withStored(card.machine, result), sent[index]);
      continue;
    }
    card.busy = false;
    await refused(card, new Refused(result.status, result), { focus: false, sent: sent[index] });
    card.doubtful = true;
    card.drawState();
    doubtful.push(card);
  }
  return doubtful;
}

/**
 * @param {SignedIn} app
 * @param {number} done
 * @param {Card[]} doubtful
 * @param {number} waiting
 */
function report(app, done, doubtful, waiting) {
  const { t } = app;
  const links = doubtful.slice(0, SHOWN).map((card) => h("li", {}, h("a", {
    href: `#machine-${card.machine.id}`,
    on: {
      click: (event) => {
        event.preventDefault();
        card.focus();
      },
    },
  }, t("send_one", { machine: nameOf(card.machine), serial: card.machine.serial || card.machine.id }))));
  const words = [
    done && t("send_stored", { count: done }),
    doubtful.length && t("send_check", { count: doubtful.length }),
    waiting && t("send_waiting", { count: waiting }),
  ].filter(Boolean);
  fill(app.overview.notice, h("div", { class: `box stacked ${doubtful.length || waiting ? "warn" : "good"}`, role: "group" },
    words.map((text) => h("p", {}, h("strong", {}, text))), links.length > 0 && h("ul", { class: "faults" }, links)));
  focusOn(app.overview.notice.firstElementChild);
  say(words.join(". "));
}

/**
 * Sends every machine with typed values; one alone by its own route.
 * @param {SignedIn} app
 */
export async function sendAll(app) {
  const { overview } = app;
  const { table } = overview;
  const cards = table ? table.ready() : overview.cards.filter((card) =>
    card.mayReport && !card.busy && !card.waiting && Object.keys(card.values()).length);
  if (!cards.length && table?.unsure().length) {
    table.nextUnsure();
    return;
  }
  if (!cards.length) {
    const first = overview.cards.find((card) => card.isOpen);
    fill(overview.notice, h("p", { class: "box" }, app.t("send_nothing")));
    say(app.t("send_nothing"));
    first?.focus();
    return;
  }
  if (cards.length === 1) {
    table?.bring(table.ready()[0]); // Its faults get the focus, also where the window is elsewhere.
    await submit(cards[0].build());
    table?.sent();
    return;
  }
  let done = 0;
  let waiting = 0;
  const doubtful = [];
  overview.busy = true;
  overview.drawBar();
  try {
    for (let from = 0; from < cards.length; from += CHUNK) {
      const chunk = cards.slice(from, from + CHUNK);
      const machines = chunk.map((card) => ({ machine_id: card.machine.id, ...reportOf(card) }));
      try {
        const answer = await app.call("PUT", "/api/readings", { body: { machines }, key: keyOf({ machines }) });
        const unsure = await apply(chunk, machines, answer.machines);
        doubtful.push(...unsure);
        done += chunk.length - unsure.length;
      } catch (error) {
        if (!(error instanceof NetworkLost)) throw error;
        const outbox = await app.part("outbox");
        await outbox.putAll(app, chunk.map((card, index) => {
          const { machine_id: _, ...body } = machines[index];
          return { card, body, key: card.key(body) };
        }));
        waiting += chunk.length;
      }
      fill(overview.notice,
        h("p", { class: "box" }, app.t("send_going", { done: Math.min(from + CHUNK, cards.length), count: cards.length })));
    }
    report(app, done, doubtful, waiting);
  } catch (error) {
    if (refusal(error).status === 401) {
      await app.signedOut();
      return;
    }
    fill(overview.notice, h("p", { class: "box bad", role: "alert" }, app.words(error)));
  } finally {
    overview.busy = false;
    table?.sent();
    overview.drawBar();
  }
}
