// Texts of reminders and of the phone list: [German, English]; a pair inside is [one, other] by `count`.
import { both } from "/shared/page.js";

export const texts = both({
  kind: ["Art", "Kind"],
  kind_request: ["Anforderung", "Request"],
  kind_reminder: ["Erinnerung", "Reminder"],
  round_title_reminder: ["Erinnerung", "Reminder"],
  rounds_start: ["Neue Runde über alle Verträge", "A new round over all contracts"],
  rounds_start_request: ["Anforderung: wer fällig ist und noch nicht gefragt wurde", "Request: who is due and has not been asked yet"],
  rounds_start_reminder: [
    "Erinnerung: wer gefragt wurde und noch nicht alles gemeldet hat, höchstens zweimal und nie zweimal an einem Tag",
    "Reminder: who was asked and has not reported everything, twice at most and never twice on a day",
  ],
  rounds_start_try: ["Probelauf", "Dry run"],
  reminder_dry: ["Erinnerung vorbereiten", "Prepare a reminder"],
  not_due_reminder: ["Nicht gefragt oder noch nicht so weit", "Not asked, or not yet time"],
  calls_link: ["Telefonliste", "Phone list"],
  calls_title: ["Telefonliste", "Phone list"],
  calls_lead: [
    "Verträge, bei denen nach der letzten Erinnerung noch etwas fehlt oder die E-Mail zurückkam: hier hilft nur noch ein Anruf.",
    "Contracts of which something is still missing after the last reminder, or whose mail came back: only a call helps here.",
  ],
  calls_none: ["Zurzeit ist niemand anzurufen.", "There is nobody to call at the moment."],
  calls_csv: ["Liste als CSV", "List as CSV"],
  calls_phone: ["Telefon", "Phone"],
  calls_phone_unknown: ["keine Nummer hinterlegt", "no number on file"],
  calls_missing: ["Es fehlt", "Missing"],
  calls_mailed_on: ["Letzte E-Mail", "Last e-mail"],
});
