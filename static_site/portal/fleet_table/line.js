// One machine as a line of the table: the card's model and life, drawn as cells and a row for what is said of it.
import { Card } from "/entry.js";
import { meterField } from "/field.js";
import { meterIn } from "/fleet_table/columns.js";
import { keyed } from "/fleet_table/keys.js";
import { nameOf, numberOf } from "/meter.js";
import { both, fill, focusOn, h, redrawn, write } from "/shared/page.js";
/** @import { Child } from "../../types/page" */
/** @import { Field, Machine, Meter, Parts, Row, SignedIn, Table } from "../../types/portal" */

export const texts = both({
  line_open: ["offen", "open"],
  line_partly: ["teilweise gemeldet", "partly reported"],
  line_filled: ["ausgefüllt", "filled in"],
  line_doubtful: ["zu prüfen", "to check"],
  line_waiting: ["wartet auf Netz", "waiting for network"],
  line_reported: ["gemeldet", "reported"],
  line_reasoned: ["gemeldet, mit Begründung", "reported, with a reason"],
  line_unchecked: ["gemeldet, nicht geprüft", "reported, not checked"],
  line_closed: ["freigegeben", "released"],
  line_problem: ["Problem gemeldet", "problem reported"],
  line_later: ["noch nicht fällig", "not due yet"],
  line_change: ["ändern", "change"],
  line_cancel: ["abbrechen", "cancel"],
  line_field: ["{label}, {machine}, {place}", "{label}, {machine}, {place}"],
  line_none: ["–", "–"],
  line_more: ["{machine}: Hilfe, Verlauf, Datum", "{machine}: help, history, date"],
});

/** @type {Record<string, string>} */
const MARKS = {
  reported: "✓",
  reasoned: "✓",
  closed: "✓",
  filled: "◐",
  doubtful: "▲",
  waiting: "◷",
  problem: "!",
  later: "–",
};

/**
 * A value that a question or a fault stands under.
 * @param {Field} field
 */
const isAsked = ({ confirmation, input }) => Boolean(confirmation) || input.getAttribute("aria-invalid") === "true";

/**
 * In a table every card is a line.
 * @param {Card} card
 */
export const lineOf = (card) => /** @type {Line} */ (card);

/** A card that is drawn as a line: its fields are the card's, only the places where they stand are the table's. */
export class Line extends Card {
  /**
   * @param {SignedIn} app
   * @param {Machine} machine
   * @param {Table} table
   */
  constructor(app, machine, table) {
    super(app, machine, table.overview);
    this.table = table;
    this.element = h("tbody", { id: `machine-${machine.id}`, class: "line" });
    this.row = /** @type {Row} */ (/** @type {unknown} */ (Object.assign(this.element, { card: this })));
    /** @type {Map<Meter, HTMLElement>} */
    this.usages = new Map();
    /** What the cell of the state says. */
    this.said = "";
    this.mark = h("td", { class: "mark", "aria-hidden": "true" });
    this.stateCell = h("td", { class: "state" });
    this.more = h("div", { class: "more-of-line" });
  }

  /** A card far away has an outline; a line far away is not drawn at all. */
  outline() {
    if (this.built) this.drawState();
  }

  /** Something is said of a value that nobody has answered yet: it is not sent until then. */
  get isUnsure() {
    const asked = Object.keys(this.draft.asked ?? {});
    if (this.doubtful && (!asked.length || !this.built)) return true;
    return this.fields.some((field) => isAsked(field) && !field.reason());
  }

  get isFilled() {
    return Object.keys(this.draft.values).length > 0;
  }

  /** It goes out with the next sending. */
  get isReady() {
    return this.mayReport && !this.busy && !this.waiting && this.isFilled && !this.isUnsure;
  }

  /** What the table says of the machine: the card's state, and what is typed. */
  get word() {
    const { state } = this;
    if (this.isUnsure && !this.waiting) return "doubtful";
    if (["open", "partly", "reported", "doubtful"].includes(state) && this.isFilled) return "filled";
    if (state !== "reported") return state;
    const verdicts = this.machine.meters.map((meter) => meter.reading?.verdict);
    if (verdicts.includes("unchecked")) return "unchecked";
    return verdicts.includes("confirmed") ? "reasoned" : "reported";
  }

  drawWhole() {
    const { app: { t }, machine, table } = this;
    Object.assign(this, {
      built: true,
      fields: [],
      date: null,
      notice: h("div"),
      summary: h("div"),
      submitButton: table.overview.sendButton, // The one button is the bar's.
      dateError: h("p", { class: "error date-error", id: `date-error-${machine.id}` }),
    });
    this.usages.clear();
    const cells = table.columns.map((column) => this.cellsOf(meterIn(machine, column)));
    const { room } = machine.location;
    fill(this.element,
      h("tr", { class: "main" },
        this.mark,
        h("th", { scope: "row", id: `name-${machine.id}` }, this.nameButton(),
          h("span", { class: "muted" }, [machine.serial, machine.customer_no].filter(Boolean).join(" · "),
            room && h("span", { class: "of-room" }, ` · ${t("room", { room })}`))),
        h("td", { class: "room" }, room),
        cells,
        this.stateCell),
      h("tr", { class: "under" },
        h("td"),
        h("td", { colspan: String(3 + 3 * cells.length) },
          h("div", { class: "under-body" },
            this.summary,
            this.notice,
            this.fields.map((field) => field.element),
            this.dateError,
            this.more))));
    fill(this.more);
    if (this.more.classList.contains("open")) this.drawMore();
    this.drawState();
    this.aside?.();
  }

  nameButton() {
    const { app: { t }, machine } = this;
    const name = nameOf(machine);
    return h("button", {
      type: "button",
      class: "link name",
      // Between two fields Tab stops nowhere else; Alt and arrow down open it from a field.
      tabindex: this.machine.meters.some((meter) => this.edits(meter)) ? "-1" : "0",
      "aria-expanded": String(this.more.classList.contains("open")),
      "aria-label": t("line_more", { machine: name }),
      on: { click: () => this.toggle() },
    }, name);
  }

  /** The ways from here and the day, once somebody wants them. */
  drawMore() {
    if (!this.more.hasChildNodes()) fill(this.more, this.ways());
  }

  /** Opens or closes what else there is about the machine. */
  toggle() {
    this.drawMore();
    const open = this.more.classList.toggle("open");
    this.element.querySelector(".name")?.setAttribute("aria-expanded", String(open));
    this.table.soon();
    if (open) /** @type {HTMLElement | null} */ (this.more.querySelector("a, input"))?.focus();
  }

  /** @returns {Child[]} */
  ways() {
    const { app: { t }, machine, table, draft } = this;
    const { id, problem, meters } = machine;
    const date = h("input", {
      type: "date",
      id: `date-${id}`,
      max: this.overview.today,
      value: draft.read_on || table.readOn,
      "aria-describedby": `date-error-${id}`,
    });
    date.addEventListener("change", () => {
      this.typed();
      this.left();
    });
    this.date = date;
    /**
     * @param {string} screen
     * @param {string} key
     */
    const way = (screen, key) =>
      h("a", { href: `#/${screen}/${encodeURIComponent(id)}`, "aria-describedby": `name-${id}` }, t(key));
    return [
      way("help", "way_help"),
      way("history", "way_history"),
      meters.some((meter) => meter.reading) && way("receipt", "way_receipt"),
      machine.may_report !== false && way("problem", problem ? "way_withdraw" : "way_problem"),
      this.fields.length > 0 && h("span", { class: "read-on" }, h("label", { for: date.id }, t("tools_date")), date),
      machine.opens_on && h("span", { class: "muted" }, t("opens", { due: t.date(machine.due_on), date: t.date(machine.opens_on) })),
    ];
  }

  /**
   * The last value, the new one and what lies between them.
   * @param {Meter | undefined} meter
   * @returns {Child[]}
   */
  cellsOf(meter) {
    const { app: { t } } = this;
    if (!meter) return [h("td", { class: "last" }), h("td", { class: "new none" }, t("line_none")), h("td", { class: "usage" })];
    const usage = h("td", { class: `usage ${meter.kind.toLowerCase()}` });
    this.usages.set(meter, usage);
    return [h("td", { class: "last" }, meter.last ? t.number(meter.last.value) : ""), h("td", { class: "new" }, this.newOf(meter)), usage];
  }

  /** @param {Meter} meter */
  newOf(meter) {
    const { app: { t }, machine } = this;
    if (!this.edits(meter)) return meter.reading ? h("strong", {}, t.number(meter.reading.value)) : t("line_none");
    const field = meterField(this, meter, (_, __, side) => [side]);
    field.input.removeAttribute("aria-labelledby"); // Its column says the counter.
    const { site, building, floor, room } = machine.location;
    field.input.setAttribute("aria-label", t("line_field", {
      label: meter.label || t(`kind_${meter.kind}`),
      machine: nameOf(machine),
      place: room ? t("room", { room }) : [site, building, floor].filter(Boolean).join(" "),
    }));
    field.input.addEventListener("change", () => this.drawUsage());
    this.fields.push(field);
    return field.input;
  }

  drawState() {
    const { t } = this.app;
    const { word } = this;
    if (this.element.className !== `line ${word}`) this.element.className = `line ${word}`;
    write(this.mark, MARKS[word] ?? "○");
    const act = this.isChangeable ? "correct" : this.correcting && "cancel";
    const said = `${t.language} ${word} ${act}`;
    if (said !== this.said) redrawn(this.stateCell, () => this.drawWord(word, act));
    this.said = said;
    this.drawUsage();
  }

  /**
   * @param {string} word
   * @param {"correct" | "cancel" | false} act
   */
  drawWord(word, act) {
    const { t } = this.app;
    const { id } = this.machine;
    fill(this.stateCell, h("span", { class: "verdict" }, t(`line_${word}`)), act && [" ", h("button", {
      type: "button",
      class: "link",
      id: `change-${id}`,
      "aria-describedby": `name-${id}`,
      on: { click: () => this.with("submit", (submit) => submit[act](this)) },
    }, t(act === "correct" ? "line_change" : "line_cancel"))]);
  }

  /** The check that people make themselves: pages since the last value, of what is not being typed just now. */
  drawUsage() {
    const { t } = this.app;
    for (const [meter, cell] of this.usages) {
      const field = this.fieldOf(meter.id);
      if (field && field.input === document.activeElement) continue;
      const value = field ? numberOf(field.value()) : meter.reading?.value ?? null;
      const pages = meter.last && value !== null ? value - meter.last.value : null;
      write(cell, pages === null ? "" : t.number(pages).replace("-", "−"));
      cell.classList.toggle("less", pages !== null && pages < 0);
    }
  }

  drawSubmit() {
    this.drawState();
    this.table.drawBar();
  }

  typed() {
    // A question ends with its value; what another person has stored meanwhile stays to be decided.
    if (!Object.keys(this.draft.asked ?? {}).length && !this.notice.querySelector(".compare")) this.doubtful = false;
    this.draft.read_on ||= this.table.readOn;
    super.typed();
  }

  /**
   * @param {string} meterId
   * @param {string | number} value
   */
  put(meterId, value) {
    if (this.built) {
      const done = super.put(meterId, value);
      this.drawUsage();
      return done;
    }
    const meter = this.machine.meters.find(({ id }) => id === meterId);
    if (!meter || !this.edits(meter)) return false;
    const { [meterId]: _, ...values } = this.draft.values;
    const { [meterId]: __, ...asked } = this.draft.asked ?? {};
    if (String(value)) values[meterId] = String(value);
    this.draft = { ...this.draft, values, asked, read_on: this.draft.read_on || this.table.readOn };
    this.doubtful = Object.keys(asked).length > 0;
    this.keep();
    this.table.drawBar();
    return true;
  }

  /**
   * What is typed was read on another day: what was said of the day before does not hold. Only what is in sight is judged at
   * once; the rest when it is sent.
   * @param {string} day
   */
  readAt(day) {
    if (!this.built) {
      this.draft = { ...this.draft, read_on: day };
      this.doubtful = Object.keys(this.draft.asked ?? {}).length > 0;
      this.keep();
      return;
    }
    this.draft.read_on = day;
    this.typed();
    this.left((doubt) => (this.element.isConnected ? doubt.check(this, false) : doubt.clearDate(this)));
  }

  /** @param {(doubt: Parts["doubt"]) => unknown} [how] */
  left(how = (doubt) => doubt.check(this)) {
    this.app.part("doubt").then(how).then(() => {
      this.doubtful ||= Object.keys(this.draft.asked ?? {}).length > 0;
      if (!this.built) return;
      this.drawState();
      this.table.drawBar();
      this.overview.filter?.(this); // It counts what is filled in, too.
    }, () => {});
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Field} field
   */
  entered(event, field) {
    keyed(this.table, event, this, field);
  }

  /**
   * @param {ClipboardEvent} event
   * @param {Field} field
   */
  pasted(event, field) {
    this.table.pasted(event, this, field.meter);
  }

  forget() {
    super.forget();
    this.more.classList.remove("open");
  }

  focus() {
    this.table.bring(this);
    for (const { confirmation } of this.fields) confirmation?.shorten(false);
    const unsure = this.fields.find(isAsked) ?? this.fields[0];
    focusOn(unsure ? unsure.input : this.stateCell);
  }
}
