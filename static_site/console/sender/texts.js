// Texts about the sender's domain. [German, English]
import { both } from "/shared/page.js";

export const texts = both({
  nav_sender: ["Absender-Domain", "Sender domain"],
  sender_title: ["Absender-Domain", "Sender domain"],
  sender_lead: [
    "Was beim Anbieter Ihrer Domain im DNS stehen muss, damit Ihre E-Mails ankommen, und was davon dort jetzt steht.",
    "What has to stand in the DNS at your domain’s registrar for your mails to arrive, and what of it stands there now.",
  ],
  sender_check: ["Erneut prüfen", "Check again"],
  sender_asking: ["DNS wird gefragt …", "Asking the DNS …"],
  sender_how: [
    "Legen Sie jede Zeile als eigenen Eintrag an. Viele Anbieter hängen Ihre Domain selbst an den Namen an; dann tragen Sie nur den Teil davor ein. Bis ein neuer Eintrag überall zu sehen ist, kann eine Stunde vergehen, selten ein Tag.",
    "Create each line as an entry of its own. Many registrars append your domain to the name by themselves; then enter only the part before it. Until a new entry is seen everywhere an hour may pass, rarely a day.",
  ],
  sender_all_there: ["Alle {n} Einträge sind da.", "All {n} entries are there."],
  sender_left: ["{left} von {n} Einträgen brauchen noch einen Blick.", "{left} of {n} entries still need a look."],
  sender_verified: [
    "Amazon SES hat die Domain {domain} bestätigt und versendet für sie.",
    "Amazon SES has verified the domain {domain} and sends for it.",
  ],
  sender_unverified: [
    "Amazon SES hat die Domain {domain} noch nicht bestätigt. Das geschieht von selbst, sobald die drei DKIM-Einträge da sind.",
    "Amazon SES has not verified the domain {domain} yet. It does so by itself as soon as the three DKIM entries are there.",
  ],
  sender_unknown: [
    "Amazon SES kennt die Domain {domain} nicht. Richten Sie sie dort ein, oder installieren Sie mit CreateSenderIdentity=yes; dann nennt diese Seite auch die Einträge für die Signatur.",
    "Amazon SES does not know the domain {domain}. Set it up there, or deploy with CreateSenderIdentity=yes; then this page names the entries of the signature as well.",
  ],
  sender_other_keys: [
    "Die E-Mails werden mit eigenen Schlüsseln signiert. Deren Eintrag kennt nur, wer sie eingerichtet hat; er wird hier nicht geprüft.",
    "The mails are signed by keys of your own. Only who set them up knows their entry; it is not checked here.",
  ],
  sender_no_mail_from: [
    "Unzustellbare E-Mails gehen an eine Adresse von Amazon SES, ohne Einträge bei Ihnen. Das ist in Ordnung.",
    "Undeliverable mails go to an address of Amazon SES, without entries of yours. That is fine.",
  ],
  sender_use: ["Wozu", "What for"],
  sender_name: ["Name", "Name"],
  sender_type: ["Typ", "Type"],
  sender_value: ["Wert", "Value"],
  sender_standing: ["Stand im DNS", "In the DNS"],
  sender_copy: ["Kopieren", "Copy"],
  sender_copy_name: ["Namen kopieren: {name}", "Copy the name: {name}"],
  sender_copy_value: ["Wert kopieren für {name}", "Copy the value for {name}"],
  sender_copied: ["Kopiert: {text}", "Copied: {text}"],
  sender_selected: ["Markiert. Kopieren Sie mit Strg+C.", "Selected. Copy by Ctrl+C."],

  sender_dkim: ["DKIM", "DKIM"],
  sender_dkim_why: ["Empfänger prüfen damit die Signatur.", "Receivers check the signature by it."],
  sender_mail_from_mx: ["MAIL FROM", "MAIL FROM"],
  sender_mail_from_mx_why: ["Dorthin gehen unzustellbare E-Mails.", "Undeliverable mails go there."],
  sender_mail_from_spf: ["MAIL FROM, SPF", "MAIL FROM, SPF"],
  sender_mail_from_spf_why: [
    "Erlaubt Amazon SES, von dort zu versenden. Ihre Domain selbst braucht dafür keinen SPF-Eintrag.",
    "Allows Amazon SES to send from there. Your domain itself needs no SPF entry for it.",
  ],
  sender_dmarc: ["DMARC", "DMARC"],
  sender_dmarc_why: [
    "Sagt Empfängern, was mit E-Mails geschieht, die nur vorgeben, von Ihnen zu sein. Gmail und Yahoo verlangen einen Eintrag.",
    "Tells receivers what becomes of mails that only pretend to be yours. Gmail and Yahoo demand an entry.",
  ],
  sender_inbound_mx: ["Antworten per Mail", "Answers by mail"],
  sender_inbound_mx_why: ["Dorthin antworten Kunden und schreiben Geräte.", "Customers answer and devices write there."],

  sender_found: ["vorhanden", "found"],
  sender_missing: ["fehlt", "missing"],
  sender_differs: ["weicht ab", "differs"],
  sender_unasked: ["nicht geprüft", "not checked"],
  sender_missing_act: ["Legen Sie den Eintrag an.", "Create the entry."],
  sender_unasked_act: [
    "DNS konnte nicht gefragt werden. Das sagt nichts über den Eintrag; prüfen Sie in einigen Minuten erneut.",
    "The DNS could not be asked. That says nothing of the entry; check again in some minutes.",
  ],
  sender_there: ["Dort steht jetzt:", "There stands now:"],
  sender_differs_dkim: ["Ersetzen Sie den Wert durch den links.", "Replace the value by the one on the left."],
  sender_differs_mail_from_mx: [
    "Unter diesem Namen darf nur dieser eine MX-Eintrag stehen. Entfernen Sie andere.",
    "Only this one MX entry may stand under this name. Remove others.",
  ],
  sender_differs_mail_from_spf: [
    "Es darf nur einen SPF-Eintrag geben, und er muss include:amazonses.com enthalten. Fassen Sie mehrere zu einem zusammen.",
    "There may be one SPF entry only, and it has to contain include:amazonses.com. Merge several into one.",
  ],
  sender_differs_dmarc: [
    "Es darf nur einen DMARC-Eintrag geben, mit p=none, p=quarantine oder p=reject.",
    "There may be one DMARC entry only, with p=none, p=quarantine or p=reject.",
  ],
  sender_differs_inbound_mx: [
    "Antworten kommen nicht an. Unter diesem Namen darf nur dieser eine MX-Eintrag stehen; entfernen Sie andere.",
    "Answers do not arrive. Only this one MX entry may stand under this name; remove others.",
  ],
});
