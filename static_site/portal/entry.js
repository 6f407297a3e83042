// One machine: its card, its draft, and the life of a submission.
import { fill, focusOn, h, redrawn, sameKey, write } from "/shared/page.js";
import { counted, isClosed, isComplete, meterName, nameOf, placeWords, sendWords } from "/meter.js";
import { meterField } from "/field.js";
/** @import { Child } from "../types/page" */
/** @import { Draft, Field, Machine, Meter, Overview, Parts, Row, SignedIn } from "../types/portal" */

/** @type {Parts["stored"] | null} what draws stored values, once a card has some */
let later = null;
const LOST = ["gone", "not_ours"]; // problems with which there is nothing to read

/**
 * A machine's card: first an outline (name, facts), the fields as soon as it comes near the window.
 * `machine` is what is stored, `draft` what is typed, `doubtful` that a submission was refused until
 * somebody looks, `waiting` that one waits for the network; `aside()` draws the notice that goes with
 * either. `overview` hears of every change.
 */
export class Card {
  /** @type {Draft} */
  #draft = { due_on: null, values: {}, read_on: null };

  /**
   * @param {SignedIn} app
   * @param {Machine} machine
   * @param {Overview} overview
   */
  constructor(app, machine, overview) {
    this.app = app;
    this.machine = machine;
    this.overview = overview;
    /** @type {Field[]} */
    this.fields = [];
    this.built = false;
    this.busy = false;
    this.waiting = false;
    this.checks = 0;
    this.key = sameKey();
    this.draft = overview.drafts.of(machine);
    /** @type {(() => void) | null} */
    this.aside = null;
    this.wasComplete = isComplete(machine);
    /** @type {"h2" | "h4"} what titles within it are: one below its name, which may be the page's only heading, and in a table is none. */
    this.titles = overview.single || overview.table ? "h2" : "h4";
    /** @type {string | undefined} what the filter looks at */
    this.hay = undefined;
    /** @type {HTMLInputElement | null} */
    this.date = null;
    /** @type {HTMLElement | null} */
    this.dateError = null;
    /** @type {HTMLElement | null} ways below the only machine */
    this.below = null;
    // Made as soon as they are drawn.
    /** @type {HTMLElement} */
    this.badge;
    /** @type {HTMLElement} */
    this.notice;
    /** @type {HTMLElement} */
    this.summary;
    /** @type {HTMLButtonElement} */
    this.submitButton;
    /** @type {HTMLElement} day and button */
    this.sending;
    this.drawn = false;
    /** @type {HTMLElement} the day of reading; its field comes when somebody changes it */
    this.day;
    this.path = /** @type {const} */ (`/api/machines/${encodeURIComponent(machine.id)}`);
    this.doubtful = Object.keys(this.draft.asked || {}).length > 0;
    this.correcting = machine.meters.some((meter) => meter.reading && meter.id in this.draft.values);
    this.element = h("article", { id: `machine-${machine.id}`, "aria-labelledby": `name-${machine.id}` });
    /** @type {Row} its place in a list */
    this.row = Object.assign(h("li", {}, this.element), { card: this });
    this.outline();
  }

  /** What is typed and not stored yet; the overview knows which cards hold values. */
  get draft() {
    return this.#draft;
  }

  set draft(draft) {
    this.#draft = draft;
    if (Object.keys(draft.values).length) this.overview.held.add(this);
    else this.overview.held.delete(this);
  }

  /** Not where its period takes no reading yet. */
  get mayReport() {
    const { may_report: mine, opens_on: later, problem } = this.machine;
    return mine !== false && !later && !LOST.includes(problem?.kind ?? "");
  }

  /** Where it stands in a list: among those of its place, or apart, and why. */
  get apart() {
    if (this.waiting) return "waiting";
    if (this.doubtful) return "check";
    if (this.machine.opens_on) return "later";
    if (this.machine.problem) return "problem";
    return isComplete(this.machine) ? "done" : "";
  }

  /**
   * Whether a counter is a field now.
   * @param {Meter} meter
   */
  edits(meter) {
    return this.mayReport && !this.waiting && !isClosed(meter) && (!meter.reading || this.correcting);
  }

  /** Somebody waits for it. */
  get isOpen() { return this.mayReport && !this.machine.problem && !isComplete(this.machine); }

  /** What is stored can still be corrected. */
  get isChangeable() {
    return this.mayReport && !this.correcting && this.machine.meters.some((meter) => meter.reading && !isClosed(meter));
  }

  /** @returns {string} */
  get state() {
    const { meters, opens_on: later, problem } = this.machine;
    if (problem) return "problem";
    if (later) return "later";
    if (this.waiting) return "waiting";
    if (this.doubtful) return "doubtful";
    if (!isComplete(this.machine)) {
      if (Object.keys(this.draft.values).length) return "filled";
      return meters.some((meter) => meter.reading) ? "partly" : "open";
    }
    return meters.every(isClosed) ? "closed" : "reported";
  }

  /** Head and facts, as long as the card is far away. */
  outline() {
    const { app: { t }, machine, overview } = this;
    const { location } = machine;
    // A list says house and floor above its cards, not above those that stand apart.
    const where = overview.single || (this.apart && (this.apart !== "done" || this.wasComplete))
      ? [location.building, placeWords(t, location)].filter(Boolean).join(", ")
      : location.room && t("room", { room: location.room });
    const place = where && [h("span", { id: `place-${machine.id}` }, where), overview.single ? h("br") : " · "];
    const facts = [
      machine.serial && overview.single ? t("serial", { serial: machine.serial }) : machine.serial,
      machine.customer_no && overview.single ? t("customer_no", { number: machine.customer_no }) : machine.customer_no,
      machine.due_on && machine.due_on !== overview.dueOn && t("machine_due", { date: t.date(machine.due_on) }),
    ].filter(Boolean);
    this.badge = h("span");
    fill(this.element,
      h("div", { class: "machine-head" },
        h(overview.single ? "h1" : "h3", { class: "name", id: `name-${machine.id}` }, nameOf(machine)),
        this.badge,
        this.built && this.ways()),
      h("p", { class: "facts muted small" }, place, facts.join(" · ")));
    this.drawState();
  }

  drawState() {
    this.element.className = `machine ${this.state}`;
    this.badge.className = `badge ${this.state}`;
    write(this.badge, this.app.t(`state_${this.state}`));
  }

  /**
   * The whole card, once. A draft that was restored is judged when everything has been loaded.
   * @returns {this}
   */
  build() {
    if (this.built) return this;
    this.draw();
    if (Object.keys(this.values()).length) setTimeout(() => this.overview.whole.then(() => this.left((doubt) => doubt.restored(this))));
    return this;
  }

  /**
   * Draws the card as it is now; what was asked is asked again.
   * @returns {void}
   */
  draw() {
    const focused = redrawn(this.element, () => this.drawWhole());
    if (this.fields.length && this.draft.asked) this.left((doubt) => doubt.askAgain(this, focused));
  }

  drawWhole() {
    const { app: { t }, machine } = this;
    Object.assign(this, { built: true, fields: [], notice: h("div"), summary: h("div"), sending: h("div"), drawn: false });
    this.submitButton = h("button", { type: "submit", class: "button" });
    /** @type {[Meter, HTMLElement][]} */
    const shown = [];
    const rows = machine.meters.map((meter) => {
      if (!this.edits(meter)) {
        shown.push([meter, h("div", { class: "meter stored" }, h("p", { class: "label" }, meterName(t, meter)))]);
        return shown[shown.length - 1][1];
      }
      const field = meterField(this, meter);
      this.fields.push(field);
      return field.element;
    });
    this.fields.forEach(({ input }, index) => input.setAttribute("enterkeyhint", this.fields[index + 1] ? "next" : "send"));
    this.outline();
    const foot = h("div", { class: "foot" });
    this.element.append(this.notice, this.fields.length ? this.form(rows) : h("div", { class: "meters" }, rows), foot);
    if (this.below) fill(this.overview.behind, this.below);
    if (later) later.complete(this, shown, foot);
    else if (shown.length || !rows.length || machine.problem) {
      this.app.part("stored").then((stored) => {
        later = stored;
        stored.complete(this, shown, foot);
      }, () => {}); // The values stand on the receipt, too.
    }
    this.drawSubmit();
    this.aside?.();
  }

  /** @param {Child[]} rows */
  form(rows) {
    const { app: { t }, machine, overview, draft } = this;
    const readOn = draft.read_on || overview.today;
    const change = () => this.with("day", (day) => day.open(this).focus());
    this.date = null;
    this.day = h("div", { class: "day" },
      t(readOn === overview.today ? "read_today" : "read_on_day", { date: t.date(readOn) }), " ",
      h("button", { type: "button", class: "link", "aria-label": t("change_date", { machine: nameOf(machine) }), on: { click: change } },
        t("change")));
    const cancel = () => this.with("submit", (submit) => submit.cancel(this));
    this.sending = h("div", { class: "send" },
      this.day,
      this.submitButton,
      this.correcting && h("button", { type: "button", class: "button quiet", on: { click: cancel } }, t("cancel")));
    return h("form", { novalidate: true, on: { submit: (event) => this.submit(event) } },
      this.summary,
      h("div", { class: "meters" }, rows),
      this.sending);
  }

  /**
   * The ways from here: folded where many machines stand, beside the name where it is the only one.
   * @returns {Child}
   */
  ways() {
    const { app: { t }, machine: { id, meters, problem, may_report: mine } } = this;
    /**
     * @param {string} screen
     * @param {string} key
     */
    const way = (screen, key) => h("li", {},
      h("a", { href: `#/${screen}/${encodeURIComponent(id)}`, "aria-describedby": `name-${id}` }, t(key)));
    const { single } = this.overview;
    const help = way("help", "way_help");
    const list = h("ul", { class: single && "ways" },
      !single && help,
      way("history", "way_history"),
      meters.some((meter) => meter.reading) && way("receipt", "way_receipt"),
      mine !== false && way("problem", problem ? "way_withdraw" : "way_problem"));
    // Beside the only machine's name stands how to read it; the rest waits below.
    this.below = single ? list : null;
    if (single) return h("ul", { class: "ways" }, help);
    return h("details", { class: "ways" },
      h("summary", { "aria-label": t("ways_of", { machine: nameOf(this.machine) }) }, t("ways")),
      list);
  }

  /** What is drawn only once somebody wants it; a card has everything. */
  drawMore() {}

  /**
   * What a card says below its fields, where it is not the usual.
   * @returns {Child[] | null}
   */
  foot() { return null; }

  /** The button says to how much; it comes with the first digit where many machines stand. */
  drawSubmit() {
    const { t } = this.app;
    const count = counted(this.values());
    const asks = this.fields.some(({ confirmation }) => confirmation && !confirmation.isShort() && !confirmation.reason());
    write(this.submitButton, this.busy ? t("submitting") : count ? sendWords(t, count) : t("submit"));
    this.submitButton.classList.toggle("outlined", asks || this.overview.several);
    if (Object.keys(this.values()).length || this.correcting || this.overview.single) this.sending.hidden = false;
    else if (!this.drawn) this.sending.hidden = true;
    this.drawn = true;
    this.submitButton.ariaDisabled = this.busy ? "true" : null;
  }

  /** @param {string | null | undefined} meterId */
  fieldOf(meterId) { return this.fields.find((field) => field.meter.id === meterId); }

  /** What would be sent: typed text by meter id. */
  values() {
    if (!this.built) return this.draft.values;
    return Object.fromEntries(this.fields.filter((field) => field.value()).map((field) => [field.meter.id, field.value()]));
  }

  /** So many typed values can be stored. */
  get filled() {
    return counted(this.draft.values);
  }

  /** The draft follows what is typed, key by key. */
  typed() {
    this.checks += 1;
    this.draft = { ...this.draft, values: this.values(), read_on: this.date ? this.date.value : this.draft.read_on };
    this.keep();
    this.drawState();
    if (this.built) this.drawSubmit();
    this.overview.drawBar();
  }

  /**
   * Puts a value in by tap or paste, not by typing.
   * @param {string} meterId
   * @param {string | number} value
   */
  put(meterId, value) {
    const field = this.build().fieldOf(meterId);
    if (!field) return false;
    field.clear();
    field.input.value = String(value);
    field.judged = field.value();
    field.compare();
    this.typed();
    return true;
  }

  /**
   * Enter goes to the next empty field of the machine; from the last one it submits.
   * @param {KeyboardEvent} event
   * @param {Field} field
   */
  entered(event, field) {
    const next = this.fields.slice(this.fields.indexOf(field) + 1).find((other) => !other.value());
    if (event.key !== "Enter" || event.isComposing || !next || !field.value()) return;
    event.preventDefault();
    next.input.focus();
  }

  /**
   * @param {ClipboardEvent} event
   * @param {Field} field
   */
  pasted(event, field) {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!/\S\s*[\r\n\t]\s*\S/.test(text)) return;
    event.preventDefault();
    this.with("paste", (paste) => paste.downward(this, field, text));
  }

  /**
   * A hint is a courtesy: without its module there is none.
   * @param {(doubt: Parts["doubt"]) => unknown} [how]
   */
  left(how = (doubt) => doubt.check(this)) {
    this.app.part("doubt").then(how, () => {});
  }

  /** On this device, until it is stored. */
  keep() { this.overview.drafts.keep(this.machine, this.draft); }

  /** @param {SubmitEvent} event */
  submit(event) {
    event.preventDefault();
    this.with("submit", (submit) => submit.submit(this));
  }

  /**
   * Does something with a lazy module; says in the card when it cannot be loaded.
   * @template {keyof Parts} Name
   * @param {Name} name
   * @param {(module: Parts[Name]) => unknown} action
   */
  async with(name, action) {
    try {
      await action(await this.app.part(name));
    } catch (error) {
      this.tell(this.app.words(error), "bad");
    }
  }

  /**
   * @param {string} text
   * @param {string} kind
   * @param {boolean} [focus]
   */
  tell(text, kind, focus = true) {
    fill(this.build().notice, h("p", { class: `box ${kind}` }, text));
    if (focus) focusOn(this.notice.firstElementChild);
  }

  forget() {
    this.draft = { due_on: this.machine.due_on, values: {}, read_on: null };
    this.keep();
    Object.assign(this, { correcting: false, doubtful: false, waiting: false, aside: null });
  }

  /**
   * The machine is stored like this now: by this page, another tab or another person.
   * @param {Machine} machine
   */
  update(machine) {
    this.machine = machine;
    if (this.built) this.draw();
    else this.outline();
    this.overview.changed();
  }

  focus() {
    this.build();
    this.element.closest("details")?.setAttribute("open", "");
    focusOn(this.fields.length ? this.fields[0].input : this.element.querySelector(".name"));
    this.element.scrollIntoView({ block: "nearest" });
  }
}
