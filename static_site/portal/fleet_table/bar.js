// The bar below the table: how far it is, what needs a look, the last paste, and the one button.
import { sendWords } from "/meter.js";
import { lineOf } from "/fleet_table/line.js";
import { both, fill, h, write } from "/shared/page.js";
/** @import { Table } from "../../types/portal" */

export const texts = both({
  bar_of: ["{reported} von {total}", "{reported} of {total}"],
  bar_reported: ["gemeldet", "reported"],
  bar_check: ["{count} zu prüfen", "{count} to check"],
  bar_pasted: [["{count} Wert eingefügt", "{count} Werte eingefügt"], ["{count} value pasted", "{count} values pasted"]],
  bar_left: ["{count} ohne Feld", "{count} without a field"],
  bar_undo: ["rückgängig", "undo"],
  bar_undone: [
    ["{count} Wert zurückgenommen.", "{count} Werte zurückgenommen."],
    ["{count} value taken back.", "{count} values taken back."],
  ],
  bar_machines: [["{count} Gerät", "{count} Geräten"], ["{count} machine", "{count} machines"]],
  bar_send: [
    ["{count} Zählerstand von {machines} absenden", "{count} Zählerstände von {machines} absenden"],
    ["Send {count} reading of {machines}", "Send {count} readings of {machines}"],
  ],
});

/** What the overview's bar says while a table stands above it; drawn once for many changes. */
export class Bar {
  /** @param {Table} table */
  constructor(table) {
    this.table = table;
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.timer = null;
    const { overview } = table;
    this.of = h("strong");
    this.word = h("span");
    this.progress = h("progress", { "aria-hidden": "true" });
    this.check = h("button", { type: "button", class: "link to-check", on: { click: () => table.nextUnsure() } });
    this.pasted = h("span");
    this.undo = h("button", { type: "button", class: "link", on: { click: () => table.undo() } });
    this.paste = h("span", { class: "pasted" }, this.pasted, " ", this.undo);
    overview.bar.classList.add("of-table");
    fill(overview.bar, h("span", {}, this.of, " ", this.word), this.progress, this.check, this.paste, overview.sendButton);
  }

  soon() {
    this.timer ||= setTimeout(() => this.draw());
  }

  draw() {
    const { table, table: { app: { t }, overview } } = this;
    this.timer = null;
    const { total } = overview.counted;
    const held = [...overview.held].map(lineOf);
    const ready = held.filter((line) => line.isReady);
    const unsure = held.filter((line) => line.isUnsure).length;
    const count = ready.reduce((sum, { filled }) => sum + filled, 0);
    overview.bar.hidden = !overview.cards.some((card) => card.mayReport);
    write(this.of, t("bar_of", { reported: overview.reported, total }));
    write(this.word, t("bar_reported"));
    this.progress.max = total || 1;
    this.progress.value = overview.reported;
    this.check.hidden = !unsure;
    write(this.check, unsure ? t("bar_check", { count: unsure }) : "");
    const { lastPaste: { length }, left } = table;
    this.paste.hidden = !length && !left;
    this.undo.hidden = !length;
    const said = [length + left > 0 && t("bar_pasted", { count: length }), left > 0 && t("bar_left", { count: left })];
    write(this.pasted, said.filter(Boolean).join(", "));
    write(this.undo, t("bar_undo"));
    const sends = () => t("bar_send", { count, machines: t("bar_machines", { count: ready.length }) });
    const words = count ? (navigator.onLine ? sends() : sendWords(t, count)) : t("submit");
    write(overview.sendButton, overview.busy ? t("submitting") : words);
    overview.sendButton.disabled = overview.busy;
  }
}
