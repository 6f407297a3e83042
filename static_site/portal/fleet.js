// Many machines at once: a table to download and fill in, to upload or to paste; the result in three parts.
import { button, form, texts as formTexts } from "/forms.js";
import { NetworkLost, both, fill, focusOn, h, sameKey } from "/shared/page.js";

const own = both({
  fleet_title: ["Viele Geräte per Tabelle", "Many machines by spreadsheet"],
  fleet_step_1: ["1. Tabelle herunterladen", "1. Download the table"],
  fleet_download_lead: ["Eine Zeile je Zähler, in der Reihenfolge des Rundgangs. Füllen Sie die Spalte mit dem neuen Stand aus; leere Zeilen bleiben unberührt.", "One row per counter, in the order of the walk. Fill in the column for the new reading; empty rows are left alone."],
  fleet_xlsx: ["Excel (XLSX)", "Excel (XLSX)"],
  fleet_csv: ["CSV", "CSV"],
  fleet_step_2: ["2. Ausgefüllt hochladen oder einfügen", "2. Upload it filled in, or paste"],
  fleet_file: ["Datei (XLSX oder CSV, bis 1 MB)", "File (XLSX or CSV, up to 1 MB)"],
  fleet_drop: ["Sie können die Datei auch hierher ziehen.", "You can also drop the file here."],
  fleet_paste: ["Oder Zellen aus einer Tabelle einfügen", "Or paste cells from a spreadsheet"],
  fleet_paste_hint: ["Zum Beispiel zwei Spalten: Seriennummer und Stand. Mit Überschriften gehen die Spalten in jeder Reihenfolge.", "For example two columns: serial number and reading. With headings, columns may stand in any order."],
  fleet_check: ["Prüfen", "Check"],
  fleet_checking: ["Wird geprüft …", "Checking …"],
  fleet_empty: ["Bitte wählen Sie eine Datei oder fügen Sie Zellen ein.", "Please choose a file or paste cells."],
  fleet_large: ["Die Datei ist größer als 1 MB. Bitte teilen Sie sie.", "The file is larger than 1 MB. Please split it."],
  fleet_preview: ["Ergebnis der Prüfung – noch ist nichts gespeichert", "Result of the check – nothing is saved yet"],
  fleet_done: ["Gespeichert", "Saved"],
  fleet_taken: [["{count} Gerät wird übernommen", "{count} Geräte werden übernommen"], ["{count} machine will be taken", "{count} machines will be taken"]],
  fleet_stored: [["{count} Gerät ist gespeichert", "{count} Geräte sind gespeichert"], ["{count} machine is saved", "{count} machines are saved"]],
  fleet_to_check: [["{count} Gerät ist zu prüfen", "{count} Geräte sind zu prüfen"], ["{count} machine is to be checked", "{count} machines are to be checked"]],
  fleet_to_check_how: ["Diese Werte sind auffällig. Sie stehen gleich in der Eingabe, mit Vorschlägen, wo es welche gibt.", "These values look unusual. They will stand in the entry, with suggestions where there are any."],
  fleet_left: [["{count} Zeile wurde nicht erkannt", "{count} Zeilen wurden nicht erkannt"], ["{count} row was not recognised", "{count} rows were not recognised"]],
  fleet_line: ["Zeile", "Row"],
  fleet_text: ["Inhalt", "Content"],
  fleet_reason: ["Grund", "Reason"],
  fleet_machine: ["Gerät", "Machine"],
  fleet_values: ["Werte", "Values"],
  fleet_hint: ["Hinweis", "Note"],
  fleet_blank: [["{count} Zeile ohne neuen Stand blieb unberührt.", "{count} Zeilen ohne neuen Stand blieben unberührt."], ["{count} row without a new reading was left alone.", "{count} rows without a new reading were left alone."]],
  fleet_store: [["{count} Gerät jetzt speichern", "{count} Geräte jetzt speichern"], ["Save {count} machine now", "Save {count} machines now"]],
  fleet_storing: ["Wird gespeichert …", "Saving …"],
  fleet_enter: ["Auffällige Werte in die Eingabe übernehmen", "Put unusual values into the entry"],
  fleet_again: ["Andere Tabelle", "Another table"],
  fleet_overview: ["Zu den Geräten", "To the machines"],
});

export const texts = { de: { ...formTexts.de, ...own.de }, en: { ...formTexts.en, ...own.en } };

const LARGEST = 1_000_000;
const BYTES = "application/octet-stream"; // the gateway would take text/* for UTF-8

/** Downloads under the session's own rights and in the page's language. */
async function download(app, name, notice) {
  fill(notice);
  try {
    const response = await app.call("GET", `/api/fleet.${name}`, { file: true });
    const said = response.headers.get("content-disposition") || "";
    const link = h("a", { href: URL.createObjectURL(await response.blob()), download: said.match(/filename="([^"]+)"/)?.[1] || `fleet.${name}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    if (error.status === 401) app.signedOut();
    else fill(notice, h("p", { class: "box bad" }, app.words(error)));
  }
}

function table(t, label, columns, rows) {
  return h("div", { class: "wide-table", tabindex: "0", role: "region", "aria-label": label },
    h("table", { class: "compare" },
      h("thead", {}, h("tr", {}, columns.map((key) => h("th", { scope: "col" }, t(key))))),
      h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell) => h("td", {}, cell)))))));
}

const named = ({ model, serial }) => [model, serial].filter(Boolean).join(" · ");

/** The doubtful values go into the cards, with what the check said: suggestions and reasons are there. */
async function enter(app, rows) {
  const [doubt, submit] = await Promise.all([app.part("doubt"), app.part("submit"), app.overview.whole]);
  app.styles();
  for (const { machine_id: id, values, read_on: readOn, findings } of rows) {
    const card = app.overview.card(id)?.build();
    if (!card) continue;
    if (Object.keys(values).some((meterId) => !card.fieldOf(meterId))) submit.correct(card);
    if (readOn && card.date) card.date.value = readOn;
    for (const [meterId, value] of Object.entries(values)) card.put(meterId, String(value));
    doubt.doubts(card, findings);
  }
  app.wanted = rows[0].machine_id;
  app.go("#/");
}

function result(app, node, told, body, again) {
  const { t } = app;
  const { taken, to_check: toCheck, not_recognised: left, blank } = told;
  const heading = h("h2", {}, t(told.dry_run ? "fleet_preview" : "fleet_done"));
  const notice = h("div", { role: "alert" });
  const store = button(t("fleet_store", { count: taken.length }), "", async () => {
    if (store.disabled) return;
    store.disabled = true;
    store.textContent = t("fleet_storing");
    try {
      const stored = await app.call("POST", "/api/fleet", { body, type: BYTES, key: keyOf(taken) });
      app.renew();
      focusOn(result(app, node, stored, body, again));
    } catch (error) {
      if (error.status === 401) return app.signedOut();
      store.disabled = false;
      store.textContent = t("fleet_store", { count: taken.length });
      fill(notice, h("p", { class: "box bad" }, app.words(error)));
    }
  });
  fill(node, heading, notice,
    h("section", { class: "part" }, h("h3", {}, `✓ ${t(told.dry_run ? "fleet_taken" : "fleet_stored", { count: taken.length })}`),
      taken.length > 0 && table(t, t(told.dry_run ? "fleet_taken" : "fleet_stored", { count: taken.length }), ["fleet_line", "fleet_machine", "fleet_values"], taken.map((one) =>
        [t.number(one.line), named(one), one.readings.map((reading) => t.number(reading.value)).join(", ")]))),
    h("section", { class: "part" }, h("h3", {}, `● ${t("fleet_to_check", { count: toCheck.length })}`),
      toCheck.length > 0 && [h("p", {}, t("fleet_to_check_how")),
        table(t, t("fleet_to_check", { count: toCheck.length }), ["fleet_line", "fleet_machine", "fleet_values", "fleet_hint"], toCheck.map((one) =>
          [t.number(one.line), named(one), Object.values(one.values).map((value) => t.number(value)).join(", "), one.findings.map((finding) => finding.text).join(" ")]))]),
    h("section", { class: "part" }, h("h3", {}, `○ ${t("fleet_left", { count: left.length })}`),
      left.length > 0 && table(t, t("fleet_left", { count: left.length }), ["fleet_line", "fleet_text", "fleet_reason"], left.map((row) => [t.number(row.line), row.text, row.reason]))),
    blank > 0 && h("p", { class: "muted" }, t("fleet_blank", { count: blank })),
    h("p", { class: "buttons" },
      told.dry_run && taken.length > 0 && store,
      toCheck.length > 0 && (!told.dry_run || !taken.length) && button(t("fleet_enter"), "", () => enter(app, toCheck)),
      !told.dry_run && h("a", { class: "button quiet", href: "#/" }, t("fleet_overview")),
      button(t("fleet_again"), "quiet", again)));
  return heading;
}

const keyOf = sameKey();

export async function screen(app, node) {
  const { t } = app;
  const heading = h("h1", {}, t("fleet_title"));
  const notice = h("div", { role: "alert" });
  const file = h("input", { type: "file", id: "fleet-file", accept: ".xlsx,.csv,.tsv,.txt", class: "wide" });
  const paste = h("textarea", { id: "fleet-paste", rows: "6", class: "wide", spellcheck: "false", autocomplete: "off", "aria-describedby": "fleet-paste-hint" });
  const fault = h("p", { class: "error", role: "alert" });
  const outcome = h("div", { class: "stacked" });
  const go = button(t("fleet_check"), "");
  const again = () => {
    file.value = "";
    paste.value = "";
    fill(outcome);
    focusOn(heading);
  };
  const send = async () => {
    fill(fault);
    const [chosen] = file.files;
    if (!chosen && !paste.value.trim()) return fill(fault, t("fleet_empty"));
    const body = chosen || new Blob([paste.value]);
    if (body.size > LARGEST) return fill(fault, t("fleet_large"));
    go.textContent = t("fleet_checking");
    try {
      // Read now: a file that changes meanwhile is not the one that was checked.
      const bytes = await body.arrayBuffer().catch(() => Promise.reject(new NetworkLost()));
      const told = await app.call("POST", "/api/fleet?dry_run=1", { body: bytes, type: BYTES });
      focusOn(result(app, outcome, told, bytes, again));
    } catch (error) {
      if (error.status === 401) return app.signedOut();
      throw error;
    } finally {
      go.textContent = t("fleet_check");
    }
  };
  const drop = h("div", { class: "drop", on: {
    dragover: (event) => event.preventDefault(),
    drop: (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) file.files = event.dataTransfer.files;
    },
  } }, h("label", { for: file.id }, t("fleet_file")), file, h("p", { class: "muted small" }, t("fleet_drop")));
  fill(node, heading,
    h("section", { class: "stacked", "aria-labelledby": "fleet-1" }, h("h2", { id: "fleet-1" }, t("fleet_step_1")), h("p", {}, t("fleet_download_lead")), notice,
      h("p", { class: "buttons" }, ["xlsx", "csv"].map((name) => button(t(`fleet_${name}`), "quiet", () => download(app, name, notice))))),
    h("section", { class: "stacked", "aria-labelledby": "fleet-2" }, h("h2", { id: "fleet-2" }, t("fleet_step_2")),
      form(app, [drop,
        h("div", {}, h("label", { for: paste.id }, t("fleet_paste")), h("p", { class: "muted small", id: "fleet-paste-hint" }, t("fleet_paste_hint")), paste),
        fault, h("p", {}, go)], send)),
    outcome);
  return heading;
}
