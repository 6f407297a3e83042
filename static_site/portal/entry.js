// One machine: its card, its fields, its draft, and the life of a submission.
import { fill, focusOn, h, redrawn, sameKey, write } from "/shared/page.js";
/** @import { Child, Voice } from "../types/page" */
/** @import { Draft, Field, Machine, Meter, Overview, Parts, Place, Reading, Row, SignedIn } from "../types/portal" */

export const cardWords = {
  serial: "Seriennr. {serial}",
  customer_no: "Ihre Nr. {number}",
  floor_room: "{floor}, Raum {room}",
  room: "Raum {room}",
  machine_due: "Fällig am {date}",
  state_open: "Offen",
  state_filled: "Ausgefüllt",
  state_partly: "Teilweise gemeldet",
  state_doubtful: "Zu prüfen",
  state_waiting: "Wartet auf Netz",
  state_reported: "Gemeldet",
  state_closed: "Freigegeben",
  state_problem: "Problem gemeldet",
  state_later: "Noch nicht fällig",

  kind_BW: "Schwarzweiß",
  kind_COLOUR: "Farbe",
  kind_SCAN: "Scans",
  kind_TOTAL: "Gesamt",
  unit_pages: "Seiten",
  unit_scans: "Scans",
  on_display: "am Gerät „",
  on_display_end: "“",
  last: "zuletzt {value} am {date}",
  last_estimated: "zuletzt {value} am {date} (geschätzt)",
  used_pages: ["{count} Seite seit {date}", "{count} Seiten seit {date}"],
  used_scans: ["{count} Scan seit {date}", "{count} Scans seit {date}"],
  last_none: "Noch kein früherer Stand bekannt",
  now_stored: "Gespeichert ist {value} vom {date}",
  read_on_day: "Abgelesen am {date}",
  read_today: "Abgelesen heute, {date}",
  change: "ändern",
  change_date: "Datum der Ablesung ändern, {machine}",

  submit: "Zählerstände absenden",
  submit_count: ["{count} Zählerstand absenden", "{count} Zählerstände absenden"],
  submitting: "Wird gespeichert …",
  cancel: "Abbrechen",
  ways: "Hilfe",
  ways_of: "Hilfe zu {machine}",
  way_help: "Wie lese ich ab?",
  way_history: "Verlauf",
  way_problem: "Problem melden",
  way_withdraw: "Ansehen oder zurücknehmen",
  way_receipt: "Quittung",

  error_prefix: "Fehler:",
};

const inGerman = /** @type {Record<string, string>} */ (/** @type {unknown} */ (cardWords));
/** @type {Parts["stored"] | null} what draws stored values, once a card has some */
let later = null;
const SHORT = /^(s\/?w|b\/?w)$/i; // a kind's own abbreviation: people know the word
const LOST = ["gone", "not_ours"]; // problems with which there is nothing to read

/**
 * All billable counters of the machine are reported, released or billed.
 * @param {Pick<Machine, "meters">} machine
 */
export const isComplete = (machine) => machine.meters.length > 0 && machine.meters.every((meter) => meter.reading);
/** @param {Pick<Machine, "id" | "model"> & { maker?: string }} machine */
export const nameOf = (machine) => [machine.maker, machine.model].filter(Boolean).join(" ") || machine.id;
/** @param {Meter} meter */
export const isClosed = (meter) => meter.reading !== null && meter.reading.state !== "reported";

/**
 * @param {Voice} t
 * @param {Place} location
 */
export const placeWords = (t, { floor, room }) => (floor && room
  ? t("floor_room", { floor, room })
  : floor || (room && t("room", { room })) || "");

/**
 * What a counter is called: the contract's name and, where it says more, its kind.
 * @param {Voice} t
 * @param {Meter} meter
 * @returns {Child[]}
 */
export function meterName(t, meter) {
  const kind = t.knows(`kind_${meter.kind}`) ? t(`kind_${meter.kind}`) : "";
  const label = meter.label.toLowerCase();
  // The contract's name is no more than the kind's own, in German or in short.
  const same = kind && (SHORT.test(label) || [kind, inGerman[`kind_${meter.kind}`]].some((word) => word.toLowerCase().startsWith(label)));
  return [
    h("span", { class: `swatch ${meter.kind.toLowerCase()}`, "aria-hidden": "true" }),
    same ? kind : meter.label,
    kind && !same && !label.includes(kind.toLowerCase()) && h("span", { class: "kind" }, ` · ${kind}`),
  ];
}

/**
 * @param {Voice} t
 * @param {Meter} options
 */
export function lastWords(t, { last }) {
  return last ? t(last.estimated ? "last_estimated" : "last", { value: last.value, date: t.date(last.read_on) }) : t("last_none");
}

/**
 * What the machine's display calls a counter, where that is another word; displays speak German.
 * @param {Voice} t
 * @param {Meter} meter
 */
const onDisplay = (t, { label, display_label: word }) => Boolean(word) && word !== label
  && h("p", { class: "muted small display" }, t("on_display"), h("span", { lang: "de" }, word), t("on_display_end"));

/**
 * A typed counter as the API reads it: digits, also in groups of three, and a unit behind them; null for anything else.
 * @param {string} text
 */
export function numberOf(text) {
  const [digits] = text.trim().match(/^\d[\d\s.,'’]*/) ?? [""];
  const plain = digits.replace(/[\s.,'’]+$/, "");
  return /^(\d+|\d{1,3}([\s.,'’]\d{3})+)$/.test(plain) && /^[\s.,]*\p{L}*\.?$/u.test(text.trim().slice(plain.length))
    ? Number(plain.replace(/\D/g, ""))
    : null;
}

/**
 * So many of the typed values are counters; what is none is told when it is sent.
 * @param {Record<string, string>} values
 */
const counted = (values) => Object.values(values).filter((text) => numberOf(text) !== null).length;

/**
 * What the button to `count` values says: without a network they are kept, as soon as the outbox has come that keeps them.
 * @param {Voice} t
 * @param {number} count
 */
export const sendWords = (t, count) => t(t.knows("keep_count") && !navigator.onLine ? "keep_count" : "submit_count", { count });

/**
 * "1.391 Seiten seit 27.08.2026": what people compare themselves; "" where there is nothing to count from.
 * @param {Voice} t
 * @param {Meter} meter
 * @param {number | null} value
 */
export function usageWords(t, { kind, last }, value) {
  if (!last || value === null || value < last.value) return "";
  return t(kind === "SCAN" ? "used_scans" : "used_pages", { count: value - last.value, date: t.date(last.read_on) });
}

/**
 * The number that is to be compared stands out.
 * @param {string} words
 */
const bold = (words) => words.split(/(^\D*)([\d.,]+)/).map((part, n) => (n === 2 ? h("strong", {}, part) : part));

/**
 * What stands around a card's field: its name, the display's word, the value to compare.
 * @param {Voice} t
 * @param {Field} field
 * @param {HTMLElement} side
 * @returns {Child[]}
 */
const inCard = (t, { meter, input }, side) => [
  h("label", { for: input.id, id: `${input.id}-label` },
    meterName(t, meter),
    h("span", { class: "unit" }, ` ${t(meter.kind === "SCAN" ? "unit_scans" : "unit_pages")}`)),
  onDisplay(t, meter),
  side,
  h("div", { class: "entry" }, input),
];

/**
 * A counter as a field. Nothing is judged while typing; `advice` is filled by the module "doubt", `confirmation` is its question.
 * @param {Card} card
 * @param {Meter} meter
 * @param {typeof inCard} [around] what stands above its faults and hints
 * @returns {Field}
 */
export function meterField(card, meter, around = inCard) {
  const { t } = card.app;
  const id = `m-${card.machine.id}-${meter.id}`;
  const value = card.draft.values[meter.id] ?? (meter.reading ? String(meter.reading.value) : "");
  const names = `${id}-label name-${card.machine.id} place-${card.machine.id}`;
  const named = { "aria-labelledby": names, "aria-describedby": `${id}-last ${id}-error ${id}-advice` };
  const kind = { type: "text", inputmode: "numeric", autocomplete: "off", spellcheck: "false", class: "digits number" };
  const input = h("input", { id, value, ...kind, ...named });
  const error = h("p", { class: "error", id: `${id}-error` });
  const advice = h("div", { class: "advice", id: `${id}-advice` });
  const side = h("p", { class: "muted last number", id: `${id}-last` });
  /** @type {Field} */
  const field = {
    meter, input, advice, judged: input.value.trim(), confirmation: null, told: "", element: h("div", { class: "meter" }),
    value: () => input.value.trim(),
    /** The number to compare; the usage instead once a value was typed and left. */
    compare: () => {
      const { single, today } = card.overview;
      const usage = field.judged && field.judged === field.value() ? usageWords(t, meter, numberOf(field.judged)) : "";
      const words = usage || lastWords(t, meter);
      // In a list the year goes without saying.
      fill(side, single ? bold(words) : words.replace(RegExp(`\\s?${today.slice(0, 4)}`), ""),
        meter.reading && [h("br"), t("now_stored", { value: meter.reading.value, date: t.date(meter.reading.read_on) })]);
    },
    /** No fault any more; a question stays. */
    mend: () => {
      fill(error);
      if (!field.confirmation) input.removeAttribute("aria-invalid");
    },
    /** The value is another one: nothing that was said of it holds. */
    clear: () => {
      const { confirmation } = field;
      Object.assign(field, { confirmation: null, told: "" });
      delete card.draft.asked?.[meter.id];
      input.classList.remove("doubted");
      fill(advice);
      field.mend();
      if (!confirmation) return;
      card.fields.find((other) => other.confirmation === confirmation)?.clear(); // It was about both.
      card.doubtful = card.fields.some((other) => other.confirmation);
    },
    /** The value cannot be stored like this. */
    fail: (text) => {
      fill(error, h("span", { class: "unseen" }, `${t("error_prefix")} `), text);
      input.setAttribute("aria-invalid", "true");
    },
    /** The reason to send; a stored reason goes along with its unchanged value. */
    reason: () => {
      if (field.confirmation) return field.confirmation.reason();
      const { reading } = meter;
      return reading && reading.reason && field.value() === String(reading.value) ? reading.reason : null;
    },
  };
  input.addEventListener("input", () => {
    field.clear();
    card.typed();
  });
  input.addEventListener("blur", () => {
    if (field.value() === field.judged) return;
    field.judged = field.value();
    field.compare();
    if (field.judged) card.left();
  });
  input.addEventListener("keydown", (event) => card.entered(event, field));
  input.addEventListener("paste", (event) => card.pasted(event, field));
  field.compare();
  fill(field.element, around(t, field, side), error, advice);
  return field;
}

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
