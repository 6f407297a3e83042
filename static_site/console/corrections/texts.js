// Texts of what the ERP has to learn. [German, English]; a text with `count` is a pair [one, other].
import { both } from "/shared/page.js";

export const texts = both({
  nav_corrections: ["In das ERP zu übertragen", "To be entered in the ERP"],
  corrections_title: ["In das ERP zu übertragen", "To be entered in the ERP"],
  corrections_lead: [
    "Hier geändert, im ERP noch nicht. Sobald ein Import es bringt, verschwindet die Zeile von selbst.",
    "Changed here, not yet in the ERP. As soon as an import brings it, the row goes by itself.",
  ],
  corrections_none: ["Das ERP weiß alles, was hier geändert wurde.", "The ERP knows everything that was changed here."],
  corrections_csv: ["CSV", "CSV"],
  corrections_file: ["in-das-erp.csv", "for-the-erp.csv"],
  correction_record: ["Ansprechpartner oder Vertrag", "Contact or contract"],
  correction_field: ["Was", "What"],
  correction_in_erp: ["Im ERP", "In the ERP"],
  correction_here: ["Hier", "Here"],
  correction_since: ["Seit", "Since"],
  correction_contact: ["neuer Ansprechpartner", "new contact"],
  correction_email: ["E-Mail", "E-mail"],
  correction_phone: ["Telefon", "Phone"],
  correction_active: ["aktiv", "active"],
  correction_left: ["nicht mehr aktiv", "not active any more"],
  correction_reading_channel: ["Meldung durch", "Reported by"],
  correction_reporters: ["Melder", "Reporters"],
});
