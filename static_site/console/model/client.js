// The page's side of the worker: asks it and hears from it. It never holds columns.
import { rowsKey, token } from "../staff_session.js";
/** @import { Asked, FromWorker, Requests, Standing, ToWorker } from "../../types/model" */

const ADDRESS = new URL("./worker.js", import.meta.url);
const OPTIONS = /** @type {const} */ ({ type: "module", name: "portfolio" });

/** The worker's own script did not come. @type {Standing} */
const LOST = {
  phase: "idle", parts: [], checkedAt: 0, current: false, fault: { status: 0, correlation: "", retryAt: 0 }, generation: 0, version: "",
};

export class Client {
  /** @param {() => void} signedOut */
  constructor(signedOut) {
    this.signedOut = signedOut;
    /** @type {Standing | null} */
    this.standing = null;
    /** @type {Set<(standing: Standing) => void>} */
    this.listeners = new Set();
    /** @type {Map<number, { done: (answer: any) => void, failed: (error: Error) => void }>} */
    this.open = new Map();
    this.last = 0;
    this.start();
    window.addEventListener("pagehide", () => this.send({ kind: "bye" }));
    window.addEventListener("pageshow", (event) => event.persisted && this.hello());
  }

  /** Starts the worker; where its script does not come, `retry` tries again. */
  start() {
    this.lost = false;
    const worker = typeof SharedWorker === "function" ? new SharedWorker(ADDRESS, OPTIONS) : new Worker(ADDRESS, OPTIONS);
    this.port = "port" in worker ? worker.port : worker;
    this.port.addEventListener("message", (event) => this.heard(/** @type {MessageEvent} */ (event).data));
    if (this.port instanceof MessagePort) this.port.start();
    worker.addEventListener("error", (event) => {
      if (event instanceof ErrorEvent) return; // a fault of a script that runs, which the browser has told
      this.lost = true;
      this.heard({ kind: "standing", standing: LOST });
    });
    if (token()) this.hello(); // who has none yet has not signed out
  }

  /** Asks the server again, at once. */
  retry() {
    if (this.lost) this.start();
    else this.ask("retry", {});
  }

  /** @param {ToWorker} message */
  send(message) {
    this.port?.postMessage(message);
  }

  /** Who is signed in now, in this tab. */
  hello() {
    this.send({ kind: "hello", token: token(), key: rowsKey() });
  }

  /** @param {FromWorker} message */
  heard(message) {
    if (message.kind === "standing") {
      this.standing = message.standing;
      for (const listener of this.listeners) listener(message.standing);
    } else if (message.kind === "signed out") {
      this.signedOut();
    } else {
      const waiting = this.open.get(message.id);
      this.open.delete(message.id);
      if (message.fault === undefined) waiting?.done(message.answer);
      else waiting?.failed(new Error(message.fault));
    }
  }

  /**
   * @template {Asked} What
   * @param {What} what
   * @param {Requests[What][0]} given
   * @returns {Promise<Requests[What][1]>}
   */
  ask(what, given) {
    this.last += 1;
    const id = this.last;
    return new Promise((done, failed) => {
      this.open.set(id, { done, failed });
      this.send({ kind: "ask", id, what, given });
    });
  }

  /**
   * Tells how the worker stands, now and after each change, until `stopped`.
   * @param {(standing: Standing) => void} listener
   * @param {AbortSignal} stopped
   */
  watch(listener, stopped) {
    this.listeners.add(listener);
    stopped.addEventListener("abort", () => this.listeners.delete(listener));
    if (this.standing) listener(this.standing);
  }
}
