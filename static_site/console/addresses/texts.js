// Texts of the addresses that no mail reaches. [German, English]; a text with `count` is a pair [one, other].
import { both } from "/shared/page.js";

export const texts = both({
  nav_addresses: ["Adressen", "Addresses"],
  addresses_title: ["Adressen, die nicht funktionieren", "Addresses that do not work"],
  addresses_lead: [
    "Hierher geht keine E-Mail mehr. Bei der Firma wird die Adresse berichtigt oder ihre Sperre aufgehoben; dann verschwindet die Zeile von selbst.",
    "No e-mail goes here any more. The address is mended, or its block lifted, at the customer; then the row goes by itself.",
  ],
  addresses_none: ["Alle Adressen nehmen E-Mails an.", "All addresses take mail."],
  addresses_why: ["Was geschah", "What happened"],
  addresses_ses: ["Bei Amazon SES", "At Amazon SES"],
  addresses_since: ["Seit", "Since"],
  addresses_bounced: ["unzustellbar", "undeliverable"],
  addresses_complained: ["Beschwerde", "complaint"],
});
