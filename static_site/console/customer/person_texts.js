// Texts of notes, of what can be done about one person, and of the portal as the customer sees it. [German, English].
import { both } from "/shared/page.js";

export const texts = both({
  note_button: ["Notiz", "Note"],
  note_title: ["Notiz schreiben", "Write a note"],
  note_lead: [
    "Zu {name}. Nur für Kollegen, der Kunde sieht sie nicht.",
    "About {name}. For colleagues only, the customer does not see it.",
  ],
  note_text: ["Text", "Text"],
  note_save: ["Notiz speichern", "Save the note"],
  note_saved: ["Die Notiz steht in der Zeitlinie.", "The note stands in the time line."],
  note_withdraw: ["zurücknehmen …", "withdraw …"],
  note_withdraw_of: ["Notiz zurücknehmen: {text}", "Withdraw the note: {text}"],
  note_withdraw_title: ["Notiz zurücknehmen", "Withdraw the note"],
  note_withdraw_what: [
    "Der Text wird gelöscht. Im Journal bleibt stehen, dass es eine Notiz gab.",
    "The text is deleted. The journal keeps that there was a note.",
  ],
  note_withdraw_go: ["Notiz zurücknehmen", "Withdraw the note"],
  note_withdrawn: ["Die Notiz ist zurückgenommen.", "The note is withdrawn."],

  person_more: ["mehr …", "more …"],
  person_more_of: ["Mehr zu {name}", "More about {name}"],
  person_close: ["Schließen", "Close"],
  person_view: ["Ansehen wie der Kunde", "View as the customer"],
  person_view_what: [
    "Das Portal, wie diese Person es sieht: nur lesen, im Journal vermerkt.",
    "The portal as this person sees it: read-only, noted in the journal.",
  ],

  person_export: ["Daten exportieren", "Export the data"],
  person_export_what: [
    "Alles, was zu dieser Person gespeichert ist, als Datei für die Auskunft. Steht im Journal.",
    "Everything that is stored about this person, as a file to hand out. Noted in the journal.",
  ],
  person_collecting: ["Die Daten werden gesammelt …", "Collecting the data …"],
  person_saved: ["Gespeichert als {file}.", "Saved as {file}."],
  person_erase: ["Löschen …", "Erase …"],
  person_erase_what: [
    "Die Person wird aus dem Portal gelöscht. Zuvor sehen Sie, was alles geht.",
    "The person is erased from the portal. Before, you see what goes.",
  ],

  erase_title: ["{name} löschen", "Erase {name}"],
  erase_counting: ["Probelauf: Es wird gezählt, was gelöscht würde …", "Dry run: counting what would be erased …"],
  erase_goes: ["Gelöscht wird {name} mit allem, was die Person nennt:", "Erased are {name} and everything that names the person:"],
  erase_files: [
    "Dazu die Dateien früherer Importe. Das ERP muss die Person selbst löschen; seine Importe legen sie nicht wieder an.",
    "And the files of earlier imports. The ERP has to erase the person itself; its imports do not create them again.",
  ],
  erase_stays: [
    "Es bleiben freigegebene Zählerstände mit ihrer Begründung, Protokolle und Übergaben. Das lässt sich nicht zurücknehmen.",
    "Released readings with their reasons, release reports and batches stay. This cannot be taken back.",
  ],
  erase_shared: [
    "Unter derselben Adresse stehen andere Ansprechpartner: Die Adresse mit ihren E-Mails und ihrem Passwort bleibt denen.",
    "Other contacts stand at the same address: the address with its mails and its password stays theirs.",
  ],
  erase_type: ["Name zur Bestätigung", "Name, to confirm"],
  erase_hint: ["Bitte tippen Sie: {name}", "Please type: {name}"],
  erase_go: ["{name} endgültig löschen", "Erase {name} for good"],
  erase_on: ["Löschung fortsetzen", "Go on erasing"],
  erase_progress: ["Fortschritt der Löschung", "Progress of the erasure"],
  erase_done: ["Die Person ist gelöscht.", "The person is erased."],
  erase_kind_person: [
    ["Eintrag der Person", "Einträge der Person"],
    ["entry of the person", "entries of the person"],
  ],
  erase_kind_address: [
    ["Adresse mit Anmeldung", "Adressen mit Anmeldung"],
    ["address with its sign-in", "addresses with their sign-in"],
  ],
  erase_kind_links: [
    ["Link", "Links"],
    ["link", "links"],
  ],
  erase_kind_sessions: [
    ["offene Anmeldung", "offene Anmeldungen"],
    ["open session", "open sessions"],
  ],
  erase_kind_password_links: [
    ["Link zum Passwort", "Links zum Passwort"],
    ["link for the password", "links for the password"],
  ],
  erase_kind_notices: [
    ["Hinweis zum Passwort", "Hinweise zum Passwort"],
    ["notice of the password", "notices of the password"],
  ],
  erase_kind_receipts: [
    ["Empfangsbestätigung", "Empfangsbestätigungen"],
    ["receipt", "receipts"],
  ],
  erase_kind_mails: [
    ["E-Mail, es bleibt nur die Zahl", "E-Mails, es bleibt nur die Zahl"],
    ["mail, its number stays", "mails, their number stays"],
  ],
  erase_kind_photos: [
    ["Foto", "Fotos"],
    ["photo", "photos"],
  ],
  erase_kind_problems: [
    ["Problemmeldung, ihr Text bleibt ohne den Namen", "Problemmeldungen, ihr Text bleibt ohne den Namen"],
    ["problem report, its text stays without the name", "problem reports, their text stays without the name"],
  ],
  erase_kind_remarks: [
    ["Bemerkung zu einem Zählerstand, ihr Text bleibt ohne den Namen", "Bemerkungen zu Zählerständen, ihr Text bleibt ohne den Namen"],
    ["remark about a reading, its text stays without the name", "remarks about readings, their text stays without the name"],
  ],
  erase_kind_successors: [
    ["Nachfolge-Antrag, bleibt ohne den Namen", "Nachfolge-Anträge, bleiben ohne den Namen"],
    ["successor request, stays without the name", "successor requests, stay without the name"],
  ],
  erase_kind_notes: [
    ["Notiz, ihr Text bleibt ohne den Namen", "Notizen, ihr Text bleibt ohne den Namen"],
    ["note, its text stays without the name", "notes, their text stays without the name"],
  ],
  erase_kind_answers: [
    ["Antwort per Mail, von eigenen bleibt kein Text", "Antworten per Mail, von eigenen bleibt kein Text"],
    ["answer by mail, of their own no text stays", "answers by mail, of their own no text stays"],
  ],
  erase_kind_imports: [
    ["Zeile in Importberichten", "Zeilen in Importberichten"],
    ["line in reports of imports", "lines in reports of imports"],
  ],

  nav_erasures: ["Gelöschte Personen", "Erased people"],
  erasures_title: ["Gelöschte Personen", "Erased people"],
  erasures_lead: [
    "Nur noch Nummern: Wer hier steht, wird von keinem Import wieder angelegt, bis Sie es zulassen.",
    "Only numbers are left: no import creates who stands here again, until you allow it.",
  ],
  erasures_none: ["Es wurde noch niemand gelöscht.", "Nobody has been erased yet."],
  erasures_contact: ["Ansprechpartnernummer", "Contact number"],
  erasures_at: ["Gelöscht am", "Erased on"],
  erasures_by: ["Durch", "By"],
  erasures_state_done: ["gelöscht", "erased"],
  erasures_state_running: ["noch nicht fertig", "not finished yet"],
  erasures_act: ["Weiter", "Next"],
  erasures_on: ["fortsetzen", "go on"],
  erasures_readmit: ["wieder zulassen …", "readmit …"],
  erasures_readmit_of: ["{id} wieder zulassen", "Readmit {id}"],
  erasures_readmit_title: ["Ansprechpartner {id} wieder zulassen", "Readmit contact {id}"],
  erasures_readmit_what: [
    "Der nächste Import darf diese Person mit ihrer Adresse wieder anlegen. Gelöschtes kommt nicht zurück.",
    "The next import may create this person with their address again. What was erased does not come back.",
  ],
  erasures_readmit_go: ["Wieder zulassen", "Readmit"],
  erasures_readmitted: ["{id} darf wieder angelegt werden.", "{id} may be created again."],

  view_title: ["Portal von {name}", "Portal of {name}"],
  view_banner: ["Ansicht als {name}, nur lesen", "View as {name}, read-only"],
  view_banner_what: [
    "Der Kunde erfährt davon nichts; nichts gilt als geöffnet. Der Blick steht im Journal.",
    "The customer is not told; nothing counts as opened. The look stands in the journal.",
  ],
  view_closed: [
    "Diese Person kommt zurzeit nicht ins Portal: Es fehlen Rechte, eine gültige Adresse oder der Zugang über Portal Ready.",
    "This person cannot enter the portal at present: rights, a valid address or the access by Portal Ready are missing.",
  ],
  view_back: ["Zurück zu {name}", "Back to {name}"],
  view_scope: ["Welche Geräte", "Which machines"],
  view_own: ["Meldet selbst", "Reports these"],
  view_company: ["Alle Geräte der Firma", "All machines of the company"],
  view_due: ["Bitte melden Sie die Zählerstände bis {day}.", "Please report the readings by {day}."],
  view_progress: [
    ["{reported} von {count} Gerät gemeldet", "{reported} von {count} Geräten gemeldet"],
    ["{reported} of {count} machine reported", "{reported} of {count} machines reported"],
  ],
  view_none: ["Dieser Person ist hier kein Gerät zugeordnet.", "No machine is assigned to this person here."],
  view_last: ["Letzter Stand {value} am {day}", "Last reading {value} on {day}"],
  view_last_estimated: ["Letzter Stand {value} am {day}, geschätzt", "Last reading {value} on {day}, estimated"],
  view_first: ["Noch kein Stand bekannt", "No reading known yet"],
  view_reported: ["Gemeldet: {value} am {day}", "Reported: {value} on {day}"],
  view_reported_by: ["von {name}", "by {name}"],
  view_open: ["Noch nicht gemeldet", "Not reported yet"],
  view_released: ["Übernommen, nicht mehr zu ändern", "Taken over, cannot be changed any more"],
  view_opens: ["Noch nicht fällig: Meldung ab {day} möglich", "Not due yet: can be reported from {day}"],
  view_shown: ["Nur zur Ansicht", "View only"],
  view_problem: ["Problem gemeldet am {day}", "Problem reported on {day}"],
  view_serial: ["Seriennummer {serial}", "Serial number {serial}"],
  view_more: ["Weitere Geräte laden", "Load more machines"],
});
