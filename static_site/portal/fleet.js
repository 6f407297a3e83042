// Many machines at once: a table to download and fill in, to upload or to paste; its result is a page of its own.
import { button, form, texts as formTexts } from "/forms.js";
import { both, fill, h, refusal } from "/shared/page.js";
import { forgetSheet, handIn, heldSheet } from "/sheet/held.js";
/** @import { Heading, SignedIn } from "../types/portal" */

const own = both({
  fleet_title: ["Viele Geräte per Tabelle", "Many machines by spreadsheet"],
  fleet_step_1: ["1. Tabelle herunterladen", "1. Download the table"],
  fleet_download_lead: [
    "Eine Zeile je Zähler, in der Reihenfolge des Rundgangs. Füllen Sie die Spalte mit dem neuen Stand aus; leere Zeilen bleiben unberührt.",
    "One row per counter, in the order of the walk. Fill in the column for the new reading; empty rows are left alone.",
  ],
  fleet_xlsx: ["Excel (XLSX)", "Excel (XLSX)"],
  fleet_csv: ["CSV", "CSV"],
  fleet_step_2: ["2. Ausgefüllt hochladen oder einfügen", "2. Upload it filled in, or paste"],
  fleet_file: ["Datei (XLSX, ODS oder CSV, bis 1 MB)", "File (XLSX, ODS or CSV, up to 1 MB)"],
  fleet_drop: ["Sie können die Datei auch hierher ziehen.", "You can also drop the file here."],
  fleet_paste: ["Oder Zellen aus einer Tabelle einfügen", "Or paste cells from a spreadsheet"],
  fleet_paste_hint: [
    "Zum Beispiel drei Spalten: Seriennummer, Zähler (wie S/W oder Farbe) und Stand. Mit Überschriften gehen die Spalten in jeder Reihenfolge.",
    "For example three columns: serial number, counter (like b/w or colour) and reading. With headings, columns may stand in any order.",
  ],
  fleet_check: ["Prüfen", "Check"],
  fleet_checking: ["Wird geprüft …", "Checking …"],
  fleet_empty: ["Bitte wählen Sie eine Datei oder fügen Sie Zellen ein.", "Please choose a file or paste cells."],
  fleet_gone: [
    "Die Datei vom letzten Mal ist nicht mehr da. Bitte wählen Sie sie noch einmal; was als Entwurf übernommen ist, steht noch bei den Geräten.",
    "The file of last time is no longer there. Please choose it again; what was taken over as a draft still stands at the machines.",
  ],
  fleet_held: ["Zuletzt geprüft:", "Checked last:"],
  fleet_held_cells: ["eingefügte Zellen", "pasted cells"],
  fleet_large: ["Die Datei ist größer als 1 MB. Bitte teilen Sie sie.", "The file is larger than 1 MB. Please split it."],
});

export const texts = {
  de: { ...formTexts.de, ...own.de },
  en: { ...formTexts.en, ...own.en },
};

export const FILES = ".xlsx,.ods,.csv,.tsv,.txt";
const LARGEST = 1_000_000;
const BYTES = "application/octet-stream"; // the gateway would take text/* for UTF-8

/** @param {Blob} file */
export const tooLarge = (file) => file.size > LARGEST;

/**
 * Downloads under the session's own rights and in the page's language; a `body` is a sheet whose rows come back.
 * @param {SignedIn} app
 * @param {string} name
 * @param {HTMLElement} notice
 * @param {ArrayBuffer} [body]
 */
export async function download(app, name, notice, body) {
  fill(notice);
  try {
    const response = await (body
      ? app.call("POST", `/api/fleet/rejected.${name}`, { body, type: BYTES, file: true })
      : app.call("GET", `/api/fleet.${name}`, { file: true }));
    const said = response.headers.get("content-disposition") || "";
    const link = h("a", {
      href: URL.createObjectURL(await response.blob()),
      download: said.match(/filename="([^"]+)"/)?.[1] || `fleet.${name}`,
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    if (refusal(error).status === 401) app.signedOut();
    else fill(notice, h("p", { class: "box bad" }, app.words(error)));
  }
}

/**
 * @param {SignedIn} app
 * @param {HTMLElement} node
 * @param {string[]} params "gone": the result of an earlier file was looked for
 * @returns {Promise<Heading>}
 */
export async function screen(app, node, [state]) {
  const { t } = app;
  const heading = h("h1", {}, t("fleet_title"));
  const notice = h("div", { role: "alert" });
  const file = h("input", { type: "file", id: "fleet-file", accept: FILES, class: "wide" });
  const paste = h("textarea", {
    id: "fleet-paste",
    rows: "6",
    class: "wide",
    spellcheck: "false",
    autocomplete: "off",
    "aria-describedby": "fleet-paste-hint",
  });
  const fault = h("p", { class: "error", role: "alert" });
  const before = heldSheet(app);
  const earlier = h("p", {}, before && !before.fault
    && [t("fleet_held"), " ", h("a", { href: "#/fleet/result" }, before.name || t("fleet_held_cells"))]);
  const go = button(t("fleet_check"), "");
  const send = async () => {
    fill(fault);
    fill(earlier);
    forgetSheet(app); // What an earlier table gave is none of this one's.
    const chosen = file.files?.[0];
    if (!chosen && !paste.value.trim()) return fill(fault, t("fleet_empty"));
    const body = chosen || new Blob([paste.value]);
    if (tooLarge(body)) return fill(fault, t("fleet_large"));
    go.textContent = t("fleet_checking");
    try {
      await handIn(app, body, chosen?.name ?? "");
      if (node.isConnected) app.go("#/fleet/result");
    } catch (error) {
      if (refusal(error).status === 401) return app.signedOut();
      throw error;
    } finally {
      go.textContent = t("fleet_check");
    }
  };
  const drop = h("div", { class: "drop", on: {
    dragover: (event) => event.preventDefault(),
    drop: (event) => {
      event.preventDefault();
      if (event.dataTransfer?.files.length) file.files = event.dataTransfer.files;
    },
  } }, h("label", { for: file.id }, t("fleet_file")), file, h("p", { class: "muted small" }, t("fleet_drop")));
  fill(node, heading,
    state === "gone" && h("p", { class: "box warn" }, t("fleet_gone")),
    earlier,
    h("section", { class: "stacked", "aria-labelledby": "fleet-1" },
      h("h2", { id: "fleet-1" }, t("fleet_step_1")),
      h("p", {}, t("fleet_download_lead")),
      notice,
      h("p", { class: "buttons" }, ["xlsx", "csv"].map((name) => button(t(`fleet_${name}`), "quiet", () => download(app, name, notice))))),
    h("section", { class: "stacked", "aria-labelledby": "fleet-2" }, h("h2", { id: "fleet-2" }, t("fleet_step_2")),
      form(app, [drop,
        h("div", { class: "field" },
          h("label", { for: paste.id }, t("fleet_paste")),
          h("p", { class: "muted small", id: "fleet-paste-hint" }, t("fleet_paste_hint")),
          paste),
        fault, h("p", {}, go)], send)));
  return heading;
}
