// Holds the rows for all tabs: loads them, asks for what has changed, and says how it stands.
import { searchable } from "./lists.js";
import { sliced } from "./slices.js";
import { Held } from "./held.js";
import { NotAnswered, Source, read } from "./source.js";
/** @import { Change, Kind, Snapshot, Standing, ToWorker } from "../../types/model" */
/** @import { Portfolio } from "./portfolio.js" */
import { Session } from "./session.js";

const POLL = 9000; // with the 5 s that the server holds back a change is told within 15
const HELD_BACK = 6000; // until then an own write is not told
const AT_ONCE = 250; // changes, some milliseconds of work
const BUILDING = 2000;
const BUILD_AGAIN = 60_000;
const RETRY = [3000, 6000, 12_000, 30_000];
const SWEEP_EVERY = 300_000;
const SWEEP_OVER = 900_000;

/** @type {Record<Kind, string>} */
const PART_OF = { companies: "grid", contracts: "grid", machines: "machines", contacts: "people" };

export class Keeper {
  /** @param {Pick<Held, "recall" | "keep" | "clear">} held what the device keeps */
  constructor(held = new Held()) {
    this.held = held;
    /** @type {Set<Session>} */
    this.sessions = new Set();
    this.source = new Source(() => this.token() ?? "");
    /** @type {Portfolio | null} */
    this.portfolio = null;
    /** @type {Standing} */
    this.standing = { phase: "idle", parts: [], checkedAt: 0, current: false, fault: null, generation: 0, version: "" };
    /** @type {(() => void)[]} */
    this.waiting = [];
    this.running = false;
    this.hurried = false; // somebody wants the next look at once
    this.waken = () => {};
    /** @type {{ version: string, after: string } | null} the snapshot that the device kept, all of it */
    this.recalled = null;
    /** @type {{ at: number, after: string }[]} */
    this.steps = [];
    this.sweptAt = 0;
    this.askedAt = 0; // to have a snapshot built
  }

  /** @param {ConstructorParameters<typeof Session>[1]} port */
  join(port) {
    const session = new Session(this, port);
    this.sessions.add(session);
    return session;
  }

  /**
   * @param {Session} session
   * @param {ToWorker} message
   */
  take(session, message) {
    if (message.kind === "ask") return session.answer(message.id, message.what, message.given);
    this.sessions.add(session);
    session.token = message.kind === "hello" ? message.token : null;
    session.key = message.kind === "hello" ? message.key : null;
    if (message.kind === "bye") this.sessions.delete(session);
    else if (!session.token) this.held.clear(); // signed out: a page that is only left says bye
    session.tell({ kind: "standing", standing: this.standing });
    if (!this.token()) this.drop();
    else if (!this.running) this.run();
    else if (this.standing.fault) this.wake();
    return null;
  }

  /** The token of any page that is signed in. */
  token() {
    for (const { token } of this.sessions) if (token) return token;
    return null;
  }

  /** What opens the rows on this device. */
  key() {
    for (const { key } of this.sessions) if (key) return key;
    return null;
  }

  /** Nobody is signed in any more: nothing is held. */
  drop() {
    this.portfolio = null;
    this.recalled = null;
    for (const session of this.sessions) session.forget();
    this.say({ phase: "idle", parts: [], checkedAt: 0, current: false, fault: null, version: "" });
    this.wake();
  }

  /** @param {Partial<Standing>} news */
  say(news) {
    this.standing = { ...this.standing, ...news };
    for (const session of this.sessions) session.tell({ kind: "standing", standing: this.standing });
  }

  /**
   * The rows of a kind, as soon as they are there.
   * @param {Kind} kind
   */
  async rows(kind) {
    for (;;) {
      const { portfolio } = this;
      if (portfolio?.parts.has(PART_OF[kind])) return portfolio;
      await /** @type {Promise<void>} */ (new Promise((go) => this.waiting.push(go)));
    }
  }

  /**
   * Whether the rows of a kind are there.
   * @param {Kind} kind
   */
  holds(kind) {
    return Boolean(this.portfolio?.parts.has(PART_OF[kind]));
  }

  /** Loads, then asks for changes, for as long as somebody is signed in. */
  async run() {
    this.running = true;
    let failed = 0;
    while (this.token()) {
      let pause = POLL;
      try {
        if (this.standing.phase === "ready") {
          await this.poll();
          this.say({ fault: null, checkedAt: Date.now(), current: true });
        } else {
          pause = await this.load();
          this.say({ fault: null });
        }
        failed = 0;
      } catch (error) {
        if (!(error instanceof NotAnswered)) reportError(error);
        const { status, correlation } = error instanceof NotAnswered ? error : new NotAnswered(0);
        if (status === 401) {
          this.signedOut();
          continue;
        }
        pause = RETRY[Math.min(failed, RETRY.length - 1)];
        failed += 1;
        this.say({ fault: { status, correlation, retryAt: Date.now() + pause } });
      }
      await this.pause(pause);
    }
    this.running = false;
  }

  /**
   * Until the next look; none where somebody has asked for it in the meantime.
   * @param {number} milliseconds
   */
  async pause(milliseconds) {
    if (!this.hurried) {
      await /** @type {Promise<void>} */ (new Promise((go) => {
        const timer = setTimeout(go, milliseconds);
        this.waken = () => {
          clearTimeout(timer);
          go();
        };
      }));
    }
    this.hurried = false;
  }

  /** Looks at once. */
  wake() {
    this.hurried = true;
    this.waken();
  }

  /** The token that was used is not taken any more. */
  signedOut() {
    const token = this.token();
    for (const session of this.sessions) {
      if (session.token !== token) continue;
      session.token = null;
      session.tell({ kind: "signed out" });
    }
    if (!this.token()) this.drop();
  }

  /**
   * Loads the newest snapshot, after what the device keeps; where there is none, has one built. Gives the
   * pause until the next look.
   */
  async load() {
    if (!this.portfolio) await this.recall();
    const snapshot = await this.source.newest();
    if (!snapshot) {
      if (Date.now() - this.askedAt > BUILD_AGAIN) {
        await this.source.build();
        this.askedAt = Date.now();
      }
      this.say({ phase: "building" });
      return BUILDING;
    }
    if (this.portfolio && snapshot.version === this.recalled?.version) {
      this.followFrom(this.portfolio, this.recalled.after);
      return 0;
    }
    if (this.standing.phase !== "ready") this.say({ phase: "loading" });
    await this.replace(snapshot);
    return 0;
  }

  /** Shows what the device keeps. */
  async recall() {
    const key = this.key();
    const kept = key && await this.held.recall(key);
    if (!kept || !this.token()) return;
    const { version, built_at, files } = kept;
    this.say({ phase: "loading", checkedAt: Date.parse(built_at) });
    try {
      await read(async (name) => files[name], (part) => {
        if (this.token()) this.show(part, version);
      });
      this.recalled = { version, after: kept.after };
    } catch {
      this.held.clear(); // of an earlier release, whose parts were others
    }
  }

  /** @param {Snapshot} snapshot */
  async replace(snapshot) {
    const before = this.portfolio;
    /** @type {Record<string, ArrayBuffer>} */
    const files = {};
    const file = async (/** @type {string} */ name) => (files[name] = await this.source.file(snapshot, name));
    const portfolio = await read(file, (part) => {
      if (!before && this.token()) this.show(part, snapshot.version);
    });
    if (!this.token()) return;
    if (before) {
      for (const session of this.sessions) session.move(before, portfolio);
      this.show(portfolio, snapshot.version);
    }
    this.say({ checkedAt: Date.parse(snapshot.built_at), current: false });
    this.followFrom(portfolio, snapshot.after);
    const key = this.key();
    if (key) this.held.keep(key, snapshot, files);
  }

  /**
   * The rows are all there; what changes from here on is asked for.
   * @param {Portfolio} portfolio
   * @param {string} after
   */
  followFrom(portfolio, after) {
    this.sweptAt = Date.now();
    this.steps = [{ at: Date.now(), after }];
    this.say({ phase: "ready" });
    this.prepare(portfolio);
  }

  /**
   * @param {Portfolio} portfolio
   * @param {string} version
   */
  show(portfolio, version) {
    this.portfolio = portfolio;
    this.say({ parts: [...portfolio.parts], version, generation: this.standing.generation + 1 });
    for (const go of this.waiting.splice(0)) go();
  }

  /** Makes the search ready before somebody types. @param {Portfolio} portfolio */
  async prepare(portfolio) {
    for (const kind of /** @type {const} */ (["companies", "contracts", "contacts", "machines"])) {
      await sliced(searchable(portfolio, kind));
    }
  }

  /** Takes in what has changed; every five minutes once more what changed in the last fifteen. */
  async poll() {
    const last = this.steps[this.steps.length - 1];
    await this.follow(last.after, true);
    if (Date.now() - this.sweptAt < SWEEP_EVERY || this.standing.phase !== "ready") return;
    this.sweptAt = Date.now();
    const since = Date.now() - SWEEP_OVER;
    while (this.steps.length > 1 && this.steps[1].at < since) this.steps.shift();
    await this.follow(this.steps[0].after, false);
  }

  /**
   * @param {string} after
   * @param {boolean} goesOn whether the next poll goes on from the end
   */
  async follow(after, goesOn) {
    for (let more = true; more && this.portfolio;) {
      const answer = await this.source.changes(after);
      if (answer.outdated) {
        if (!goesOn) return;
        await this.outdated();
        return;
      }
      const counted = await this.applied(/** @type {Change[]} */ (answer.rows));
      ({ after, more } = answer);
      if (goesOn) this.steps.push({ at: Date.now(), after });
      if (counted) this.say({ generation: this.standing.generation + 1 });
    }
  }

  /**
   * Takes changes in, some at a time. Gives how many counted.
   * @param {Change[]} changes
   */
  async applied(changes) {
    let counted = 0;
    for (let n = 0; n < changes.length; n += AT_ONCE) {
      counted += this.portfolio?.apply(changes.slice(n, n + AT_ONCE)) ?? 0;
      await new Promise((go) => setTimeout(go));
    }
    return counted;
  }

  /** Too much has changed: the newest snapshot is nearer, if there is one since. */
  async outdated() {
    const snapshot = await this.source.newest();
    if (snapshot && snapshot.version !== this.standing.version) await this.replace(snapshot);
    else await this.source.build();
  }

  /** Somebody here has written: asks at once, and again when the server tells what is so new. */
  refresh() {
    this.wake();
    setTimeout(() => this.wake(), HELD_BACK);
  }
}
