// One machine: its card, its fields, its draft, and the life of a submission.
import { both, fill, focusOn, h, sameKey, shelf } from "/shared/page.js";

export const texts = both({
  serial: ["Seriennummer", "Serial number"],
  customer_no: ["Ihre Nummer", "Your number"],
  place: ["Standort", "Location"],
  floor_room: ["{floor}, Raum {room}", "{floor}, room {room}"],
  room: ["Raum {room}", "Room {room}"],
  machine_due: ["Fällig am", "Due on"],
  state_open: ["Offen", "Open"],
  state_partly: ["Teilweise gemeldet", "Partly reported"],
  state_doubtful: ["Zu prüfen", "To check"],
  state_waiting: ["Wartet auf Netz", "Waiting for network"],
  state_reported: ["Gemeldet", "Reported"],
  state_closed: ["Freigegeben", "Released"],
  state_problem: ["Problem gemeldet", "Problem reported"],

  kind_BW: ["Schwarzweiß", "Black and white"],
  kind_COLOUR: ["Farbe", "Colour"],
  kind_SCAN: ["Scans", "Scans"],
  kind_TOTAL: ["Gesamt", "Total"],
  unit_pages: ["Seiten", "pages"],
  unit_scans: ["Scans", "scans"],
  on_display: ["Am Gerät: „{label}“", "On the machine: “{label}”"],
  last: ["Zuletzt {value} am {date}", "Last reading {value} on {date}"],
  last_estimated: ["Zuletzt {value} am {date} (geschätzt)", "Last reading {value} on {date} (estimated)"],
  last_none: ["Noch kein früherer Stand bekannt", "No earlier reading known"],
  now_stored: ["Gespeichert ist {value} vom {date}", "Saved is {value} of {date}"],
  read_on: ["Abgelesen am", "Read on"],
  no_meters: ["Für dieses Gerät ist kein Zählerstand zu melden.", "There is no reading to report for this machine."],
  only_shown: ["Dieses Gerät meldet jemand anders; Sie sehen nur den Stand.", "Somebody else reports this machine; you only see its readings."],
  problem_open: ["Sie haben am {date} ein Problem mit diesem Gerät gemeldet. Bis Ihr Händler entschieden hat, ist hier nichts zu tun.", "You reported a problem with this machine on {date}. Until your dealer has decided, there is nothing to do here."],

  submit: ["Absenden", "Submit"],
  submit_confirmed: ["Mit Begründung absenden", "Submit with reason"],
  submitting: ["Wird gespeichert …", "Saving …"],
  correct: ["Korrigieren", "Correct"],
  cancel: ["Abbrechen", "Cancel"],
  read: ["{value} am {date}", "{value} on {date}"],
  by_me: ["Gemeldet von Ihnen, {time}", "Reported by you, {time}"],
  by_other: ["Gemeldet von {name}, {time}", "Reported by {name}, {time}"],
  verdict_plausible: ["Plausibel – gespeichert", "Plausible – saved"],
  verdict_confirmed: ["Gespeichert, mit Ihrer Begründung", "Saved, with your reason"],
  verdict_reasoned: ["Gespeichert, mit Begründung", "Saved, with a reason"],
  verdict_unchecked: ["Gespeichert, konnte nicht geprüft werden", "Saved, could not be checked"],
  your_reason: ["Begründung: {reason}", "Reason: {reason}"],
  closed_released: ["Freigegeben – kann nicht mehr geändert werden", "Released – can no longer be changed"],
  closed_billed: ["Freigegeben und berechnet – kann nicht mehr geändert werden", "Released and billed – can no longer be changed"],
  closed_help: ["Stimmt ein freigegebener Stand nicht, antworten Sie bitte auf die E-Mail Ihres Händlers.", "If a released reading is wrong, please reply to your dealer’s e-mail."],
  still_missing: ["Es fehlt noch: {meters}", "Still missing: {meters}"],
  stored: ["{machine}: gespeichert.", "{machine}: saved."],
  way_help: ["Wie lese ich ab?", "How do I read it?"],
  way_history: ["Verlauf", "History"],
  way_problem: ["Problem melden", "Report a problem"],
  way_withdraw: ["Ansehen oder zurücknehmen", "View or withdraw"],
  way_receipt: ["Quittung", "Receipt"],

  error_prefix: ["Fehler:", "Error:"],
  error_empty: ["Bitte geben Sie mindestens einen Zählerstand ein.", "Please enter at least one reading."],
  error_date: ["Bitte geben Sie das Datum der Ablesung an.", "Please enter the date of the reading."],
  error_date_future: ["Das Datum der Ablesung liegt in der Zukunft.", "The date of the reading is in the future."],
});

const STORED_SIGN = { plausible: "✓", confirmed: "●", unchecked: "○" };

/** All billable counters of the machine are reported, released or billed. */
export const isComplete = (machine) => machine.meters.length > 0 && machine.meters.every((meter) => meter.reading);
export const nameOf = (machine) => [machine.maker, machine.model].filter(Boolean).join(" ") || machine.id;
const isClosed = (meter) => Boolean(meter.reading) && meter.reading.state !== "reported";

export function placeWords(t, { floor, room }) {
  if (floor && room) return t("floor_room", { floor, room });
  return floor || (room && t("room", { room })) || "";
}

/** What was typed and not stored yet: on this device, per mailbox, company and machine, for one due date. */
export function draftsOf({ contact, company }) {
  const drafts = shelf(`meterportal.draft/${contact.email_masked}/${contact.name}/${company.id}/`);
  return {
    of: ({ id, due_on }) => [drafts.get(id)].find((draft) => draft?.due_on === due_on) || { due_on, values: {}, read_on: null },
    keep: ({ id }, draft) => (Object.keys(draft.values).length ? drafts.put(id, draft) : drafts.drop(id)),
    clear: drafts.clear,
  };
}

/** What a counter is called: the contract's name and, where it says more, its kind. */
export function meterName(t, meter) {
  const kind = t.knows(`kind_${meter.kind}`) ? t(`kind_${meter.kind}`) : "";
  const says = meter.label.toLowerCase().includes(kind.toLowerCase());
  return [
    h("span", { class: `swatch ${meter.kind.toLowerCase()}`, "aria-hidden": "true" }),
    meter.label || kind,
    meter.label && kind && !says && h("span", { class: "kind" }, ` · ${kind}`),
  ];
}

function lastWords(t, { last }) {
  return last ? t(last.estimated ? "last_estimated" : "last", { value: last.value, date: t.date(last.read_on) }) : t("last_none");
}

/** A counter whose value is stored and not being changed; the tick comes from the stored verdict only. */
function storedMeter(t, meter) {
  const { reading } = meter;
  const reported = reading.state === "reported";
  const by = reading.reported_at && reading.reported_by;
  const verdict = reading.verdict === "confirmed" && by && !by.me ? "reasoned" : reading.verdict;
  const text = t(reported ? `verdict_${verdict}` : reading.state === "billed" ? "closed_billed" : "closed_released");
  const sign = reported && STORED_SIGN[reading.verdict];
  return h("div", { class: "meter stored" },
    h("p", { class: "label" }, meterName(t, meter)),
    h("p", { class: "value number" }, t("read", { value: reading.value, date: t.date(reading.read_on) })),
    h("p", { class: `verdict ${reported ? reading.verdict : "closed"}` }, sign && h("span", { class: "sign", "aria-hidden": "true" }, sign), text),
    reading.reason && h("p", { class: "muted" }, t("your_reason", { reason: reading.reason })),
    by && h("p", { class: "muted small" }, t(by.me ? "by_me" : "by_other", { name: by.name, time: t.time(reading.reported_at) })));
}

/** A counter that is not to be reported here: its last value only. */
const shownMeter = (t, meter) =>
  h("div", { class: "meter stored" }, h("p", { class: "label" }, meterName(t, meter)), h("p", { class: "muted" }, lastWords(t, meter)));

/** A counter as a field. Nothing is judged while typing; `advice` is filled by the module "doubt". */
function meterField(card, meter) {
  const { t } = card.app;
  const id = `m-${card.machine.id}-${meter.id}`;
  const input = h("input", {
    id,
    type: "text",
    inputmode: "numeric",
    autocomplete: "off",
    spellcheck: "false",
    class: "digits number",
    value: card.draft.values[meter.id] ?? (meter.reading ? String(meter.reading.value) : ""),
    "aria-describedby": `${id}-last ${id}-error ${id}-advice`,
  });
  const error = h("p", { class: "error", id: `${id}-error` });
  const advice = h("div", { class: "advice", id: `${id}-advice` });
  const field = { meter, input, advice, judged: input.value.trim(), confirmation: null, value: () => input.value.trim() };
  field.clear = () => {
    fill(error);
    fill(advice);
    input.removeAttribute("aria-invalid");
    field.confirmation = null;
  };
  /** The value cannot be stored like this. */
  field.fail = (text) => {
    fill(error, h("span", { class: "unseen" }, `${t("error_prefix")} `), text);
    input.setAttribute("aria-invalid", "true");
  };
  /** The reason to send; a stored reason goes along with its unchanged value. */
  field.reason = () => {
    if (field.confirmation) return field.confirmation.reason();
    const { reading } = meter;
    return reading && reading.reason && field.value() === String(reading.value) ? reading.reason : null;
  };
  input.addEventListener("input", () => {
    field.clear();
    card.typed();
  });
  input.addEventListener("blur", () => {
    if (field.value() === field.judged) return;
    field.judged = field.value();
    if (field.judged) card.left();
  });
  input.addEventListener("keydown", (event) => card.entered(event, field));
  input.addEventListener("paste", (event) => card.pasted(event, field));
  field.element = h("div", { class: "meter" },
    h("label", { for: id }, meterName(t, meter)),
    h("p", { class: "muted last number", id: `${id}-last` },
      lastWords(t, meter),
      meter.display_label && meter.display_label !== meter.label && [h("br"), t("on_display", { label: meter.display_label })],
      meter.reading && [h("br"), t("now_stored", { value: meter.reading.value, date: t.date(meter.reading.read_on) })]),
    error,
    h("div", { class: "entry" }, input, h("span", { class: "unit" }, t(meter.kind === "SCAN" ? "unit_scans" : "unit_pages"))),
    advice);
  return field;
}

/**
 * A machine's card: first an outline (name, facts), the fields as soon as it comes near the window.
 * `machine` is what is stored, `draft` what is typed, `doubtful` that a submission was refused until
 * somebody looks, `waiting` that one waits for the network; `aside()` draws the notice that goes with
 * either. `overview` hears of every change.
 */
export class Card {
  constructor(app, machine, overview) {
    Object.assign(this, { app, machine, overview, fields: [], built: false, busy: false, checks: 0, key: sameKey() });
    Object.assign(this, { doubtful: false, waiting: false, draft: app.drafts.of(machine) });
    this.path = `/api/machines/${encodeURIComponent(machine.id)}`;
    this.correcting = machine.meters.some((meter) => meter.reading && meter.id in this.draft.values);
    this.element = h("article", { id: `machine-${machine.id}`, "aria-labelledby": `name-${machine.id}` });
    this.outline();
  }

  get mayReport() {
    return this.machine.may_report !== false && !this.machine.problem;
  }

  get isOpen() {
    return this.mayReport && !isComplete(this.machine);
  }

  get state() {
    const { meters, problem } = this.machine;
    if (problem) return "problem";
    if (this.waiting) return "waiting";
    if (this.doubtful) return "doubtful";
    if (!meters.some((meter) => meter.reading)) return "open";
    if (!isComplete(this.machine)) return "partly";
    return meters.every(isClosed) ? "closed" : "reported";
  }

  /** Head and facts, as long as the card is far away. */
  outline() {
    const { app: { t }, machine, overview } = this;
    const facts = [
      [t("serial"), machine.serial],
      [t("customer_no"), machine.customer_no],
      [t("place"), placeWords(t, machine.location)],
      [t("machine_due"), machine.due_on !== overview.dueOn && t.date(machine.due_on)],
    ].filter(([, value]) => value);
    this.badge = h("span");
    fill(this.element,
      h("div", { class: "machine-head" }, h("h3", { id: `name-${machine.id}` }, nameOf(machine)), this.badge),
      h("dl", { class: "facts" }, facts.map(([label, value]) => h("div", {}, h("dt", {}, label), h("dd", {}, value)))));
    this.drawState();
  }

  drawState() {
    this.element.className = `machine ${this.state}`;
    this.badge.className = `badge ${this.state}`;
    this.badge.textContent = this.app.t(`state_${this.state}`);
  }

  /** The whole card, once. */
  build() {
    if (!this.built) this.draw();
    return this;
  }

  draw() {
    const { app: { t }, machine } = this;
    this.built = true;
    this.fields = [];
    const rows = machine.meters.map((meter) => {
      const edited = this.mayReport && !this.waiting && !isClosed(meter) && (!meter.reading || this.correcting);
      if (!edited) return meter.reading ? storedMeter(t, meter) : shownMeter(t, meter);
      this.fields.push(meterField(this, meter));
      return this.fields.at(-1).element;
    });
    this.fields.forEach(({ input }, index) => input.setAttribute("enterkeyhint", this.fields[index + 1] ? "next" : "send"));
    this.notice = h("div");
    this.summary = h("div");
    this.submitButton = h("button", { type: "submit", class: "button" });
    this.outline();
    this.element.append(this.notice, this.fields.length ? this.form(rows) : h("div", { class: "meters" }, rows), ...this.foot());
    this.drawSubmit();
    this.aside?.();
  }

  form(rows) {
    const { app: { t }, machine, overview, draft } = this;
    this.date = h("input", {
      type: "date",
      id: `date-${machine.id}`,
      max: overview.today,
      value: draft.read_on || overview.today,
      on: { change: () => this.left(this.typed()) },
      "aria-describedby": `date-error-${machine.id}`,
    });
    this.dateError = h("p", { class: "error", id: `date-error-${machine.id}` });
    return h("form", { novalidate: true, on: { submit: (event) => this.submit(event) } },
      this.summary,
      h("div", { class: "meters" }, rows),
      h("div", { class: "send" },
        h("div", {}, h("label", { for: this.date.id }, t("read_on")), this.dateError, this.date),
        h("div", { class: "buttons" },
          this.submitButton,
          this.correcting && h("button", { type: "button", class: "button quiet", on: { click: () => this.with("submit", (submit) => submit.cancel(this)) } }, t("cancel")))));
  }

  foot() {
    const { app: { t }, machine: { id, meters, problem } } = this;
    const missing = meters.filter((meter) => !meter.reading).map((meter) => meter.label);
    const changeable = this.mayReport && !this.correcting && meters.some((meter) => meter.reading && !isClosed(meter));
    const note = (text) => h("p", { class: "muted" }, text);
    const way = (screen, key) => h("li", {}, h("a", { href: `#/${screen}/${encodeURIComponent(id)}`, "aria-describedby": `name-${id}` }, t(key)));
    return [
      problem && note(t("problem_open", { date: t.date(problem.reported_on) })),
      !meters.length && note(t("no_meters")),
      this.machine.may_report === false && note(t("only_shown")),
      this.mayReport && this.state === "partly" && note(t("still_missing", { meters: missing.join(", ") })),
      meters.some(isClosed) && note(t("closed_help")),
      changeable && h("p", { class: "buttons" },
        h("button", { type: "button", class: "button quiet", on: { click: () => this.with("submit", (submit) => submit.correct(this)) } }, t("correct"))),
      h("ul", { class: "ways" },
        way("help", "way_help"),
        way("history", "way_history"),
        meters.some((meter) => meter.reading) && way("receipt", "way_receipt"),
        this.machine.may_report !== false && way("problem", problem ? "way_withdraw" : "way_problem")),
    ].filter(Boolean);
  }

  drawSubmit() {
    const { t } = this.app;
    const confirming = this.fields.some((field) => field.reason());
    this.submitButton.textContent = t(this.busy ? "submitting" : confirming ? "submit_confirmed" : "submit");
    if (this.busy) this.submitButton.setAttribute("aria-disabled", "true");
    else this.submitButton.removeAttribute("aria-disabled");
  }

  fieldOf(meterId) {
    return this.fields.find((field) => field.meter.id === meterId);
  }

  /** What would be sent: typed text by meter id. */
  values() {
    if (!this.built) return this.draft.values;
    return Object.fromEntries(this.fields.filter((field) => field.value()).map((field) => [field.meter.id, field.value()]));
  }

  /** The draft follows what is typed, key by key. */
  typed() {
    this.checks += 1;
    this.draft = { due_on: this.machine.due_on, values: this.values(), read_on: this.date.value };
    this.app.drafts.keep(this.machine, this.draft);
    this.overview.drawBar();
  }

  /** Puts a value in by tap or paste, not by typing. */
  put(meterId, value) {
    const field = this.build().fieldOf(meterId);
    if (!field) return false;
    field.clear();
    field.input.value = String(value);
    field.judged = field.value();
    this.typed();
    return true;
  }

  /** Enter goes to the next empty field of the machine; from the last one it submits. */
  entered(event, field) {
    const next = this.fields.slice(this.fields.indexOf(field) + 1).find((other) => !other.value());
    if (event.key !== "Enter" || event.isComposing || !next || !field.value()) return;
    event.preventDefault();
    next.input.focus();
  }

  pasted(event, field) {
    const text = event.clipboardData.getData("text/plain");
    if (!/\S\s*[\r\n\t]\s*\S/.test(text)) return;
    event.preventDefault();
    this.with("paste", (paste) => paste.downward(this, field, text));
  }

  /** A hint is a courtesy: without its module there is none. */
  left() {
    this.app.part("doubt").then((doubt) => doubt.check(this), () => {});
  }

  submit(event) {
    event.preventDefault();
    this.with("submit", (submit) => submit.submit(this));
  }

  /** Does something with a lazy module; says in the card when it cannot be loaded. */
  async with(name, action) {
    try {
      await action(await this.app.part(name));
    } catch (error) {
      this.tell(this.app.words(error), "bad");
    }
  }

  tell(text, kind, focus = true) {
    fill(this.build().notice, h("p", { class: `box ${kind}` }, text));
    if (focus) focusOn(this.notice.firstChild);
  }

  forget() {
    this.draft = { due_on: this.machine.due_on, values: {}, read_on: null };
    this.app.drafts.keep(this.machine, this.draft);
    Object.assign(this, { correcting: false, doubtful: false, waiting: false, aside: null });
  }

  /** The machine is stored like this now: by this page, another tab or another person. */
  update(machine) {
    this.machine = machine;
    if (this.built) this.draw();
    else this.outline();
    this.overview.changed();
  }

  focus() {
    this.build();
    focusOn(this.fields.length ? this.fields[0].input : this.element.querySelector("h3"));
    this.element.scrollIntoView({ block: "nearest" });
  }
}
