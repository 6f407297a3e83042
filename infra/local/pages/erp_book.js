// What an ERP keeps of the feed: each event once, and of each reading what the newest event says.

/**
 * @typedef {import("../../../static_site/types/api").components["schemas"]["ReadingEventJson"]} ReadingEvent
 * @typedef {{key: string, event: ReadingEvent, word: string, billable: boolean}} Line
 */

const KINDS = "meterportal.reading.";

/**
 * A reading's state in the ERP's words; `billable`: it may be billed.
 * @param {ReadingEvent} event
 * @returns {{word: string, billable: boolean}}
 */
export function stateOf({ type, data }) {
  const kind = type.slice(KINDS.length);
  if (kind === "reset") return { word: "Zähler genullt", billable: false };
  if (kind === "reversed") return { word: "storniert", billable: false };
  if (data.state !== "reported") {
    return { word: data.entry === "correction" ? "freigegeben (Korrektur)" : "freigegeben", billable: true };
  }
  if (kind === "withdrawn") return { word: "nicht freigegeben (zurückgenommen)", billable: false };
  return { word: data.estimated ? "nicht freigegeben (geschätzt)" : "nicht freigegeben", billable: false };
}

export class Book {
  /** @type {Set<string>} */
  #known = new Set();

  /** @type {Map<string, Line>} */
  #lines = new Map();

  /** How many events were told more than once. */
  doubled = 0;

  get count() {
    return this.#known.size;
  }

  /**
   * Takes a batch in; an event that is known, or older than what is there, changes nothing.
   * @param {ReadingEvent[]} batch
   */
  take(batch) {
    for (const event of batch) {
      const id = `${event.source} ${event.id}`;
      if (this.#known.has(id)) {
        this.doubled += 1;
        continue;
      }
      this.#known.add(id);
      const { data } = event;
      const key = `${event.partitionkey} ${data.meter_id} ${data.due_on ?? "reset"}`;
      const stands = this.#lines.get(key);
      if (stands && stands.event.sequence > event.sequence) continue;
      this.#lines.delete(key); // the newest last
      this.#lines.set(key, { key, event, ...stateOf(event) });
    }
  }

  /**
   * The newest lines, newest first.
   * @param {number} most
   */
  newest(most) {
    return [...this.#lines.values()].slice(-most).reverse();
  }
}
