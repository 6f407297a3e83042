// What stands above the table: for whom and until when, ways of many values at once, and the day on which they are read.
import { both, elementOf, fill, focusOn, h, write } from "/shared/page.js";
/** @import { MachinePage, Table } from "../../types/portal" */

export const texts = both({
  tools_as: ["als {email}", "as {email}"],
  tools_paste: ["Werte einfügen", "Paste values"],
  tools_upload: ["Datei hochladen", "Upload a file"],
  tools_download: ["Excel herunterladen", "Download Excel"],
  tools_keys: [
    "Zellen einer Tabelle kopieren, hier in das Feld des ersten Werts gehen und einfügen (Strg+V): Sie gehen nach unten und nach rechts. Steht in der ersten Spalte die Seriennummer, findet jede Zeile ihr Gerät. Enter und Pfeile gehen die Spalte hinunter, Esc holt den Wert davor zurück, Strg+Enter geht zum Absenden.",
    "Copy cells of a spreadsheet, go to the field of the first value here and paste (Ctrl+V): they go down and to the right. Where the first column holds serial numbers, each row finds its machine. Enter and arrows go down the column, Esc brings back the value before, Ctrl+Enter goes to the button that sends.",
  ],
  tools_date: ["Abgelesen am", "Read on"],
  tools_change_date: ["Datum der Ablesung ändern, alle Geräte", "Change the date of reading, all machines"],
});

/** Drawn anew with each language; a day that is being changed stays a field. */
export class Tools {
  /** @param {Table} table */
  constructor(table) {
    this.table = table;
    this.changing = false;
    /** How many machines there are, as far as the first page of the API tells. */
    this.known = table.overview.counted.total;
    this.count = h("span", { class: "number" });
    this.whom = h("div", { class: "whom-line" });
    this.ways = h("div", { class: "table-ways" });
    this.day = h("div", { class: "table-day" });
    this.keys = h("p", { id: "table-keys", class: "table-keys", hidden: true });
    table.overview.head.after(this.ways);
    table.overview.find.after(this.day);
  }

  /** The table has come: what the head of the page says is its own now. */
  enter() {
    const { overview } = this.table;
    const head = elementOf("tools");
    for (const other of head.querySelectorAll(".whom-line")) other.remove();
    head.prepend(this.drawWhom());
    overview.element.dataset.digits = String(this.known).length > 3 ? "many" : "few";
    overview.arranged.then(({ machines, next_cursor: more }) => {
      this.known = more ? Math.max(this.known, machines.length) : machines.length;
      this.drawCount();
    }, () => {});
  }

  drawWhom() {
    const { app, app: { t }, overview: { session: { companies, company, contact } } } = this.table;
    return fill(this.whom,
      h("span", {}, t("reporting_for"), " ", h("strong", {}, company.name),
        h("span", { class: "as" }, " ", t("tools_as", { email: contact.email_masked }))),
      companies.length > 1 && app.late("switch", t("switch"), async () => (await app.part("companies")).switch(app)));
  }

  drawCount() {
    const { app: { t }, overview } = this.table;
    write(this.count, t("table_count", { count: Math.max(this.known, overview.cards.length) }));
  }

  draw() {
    const { app: { t }, overview } = this.table;
    this.drawCount();
    if (!overview.heading.contains(this.count)) { // It stays where it is once it has the focus.
      fill(overview.heading, this.count);
      fill(overview.head, overview.heading, overview.due); // For whom stands in the page's head.
    }
    const opened = { "aria-expanded": String(!this.keys.hidden), "aria-controls": this.keys.id };
    const paste = h("button", { type: "button", class: "button quiet", ...opened }, t("tools_paste"));
    paste.addEventListener("click", () => {
      this.keys.hidden = !this.keys.hidden;
      paste.setAttribute("aria-expanded", String(!this.keys.hidden));
      if (!this.keys.hidden) focusOn(this.keys); // From here, too, cells go into the first line.
    });
    write(this.keys, t("tools_keys"));
    fill(this.ways,
      paste,
      h("a", { class: "button quiet", href: "#/fleet" }, t("tools_upload")),
      h("button", { type: "button", class: "button quiet", on: { click: () => this.download() } }, t("tools_download")));
    this.drawDay();
  }

  drawDay() {
    const { app: { t }, overview: { today }, readOn } = this.table;
    if (!this.changing) {
      const change = () => {
        this.changing = true;
        this.drawDay();
        this.day.querySelector("input")?.focus();
      };
      const [before, after] = t(readOn === today ? "read_today" : "read_on_day", { date: "\n" }).split("\n");
      fill(this.day, h("span", {}, before, h("strong", {}, t.date(readOn)), after), " ",
        h("button", { type: "button", class: "link", "aria-label": t("tools_change_date"), on: { click: change } }, t("change")));
      return;
    }
    const date = h("input", { type: "date", id: "table-date", max: today, value: readOn });
    date.addEventListener("change", () => this.table.readAt(date.value));
    fill(this.day, h("label", { for: date.id }, t("tools_date")), date);
  }

  async download() {
    const { app, overview } = this.table;
    const said = h("div", { role: "alert" });
    fill(overview.notice, said);
    try {
      await (await app.part("fleet")).download(app, "xlsx", said);
    } catch (error) {
      fill(said, h("p", { class: "box bad" }, app.words(error)));
    }
    if (!said.hasChildNodes()) fill(overview.notice);
  }
}
