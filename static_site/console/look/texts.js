// Texts of the dealer's look. [German, English]
import { both } from "/shared/page.js";

export const texts = both({
  nav_look: ["Erscheinungsbild", "Look"],
  look_title: ["Erscheinungsbild", "Look"],
  look_lead: [
    "Name, Logo und Farben, wie Kunden sie in Portal und E-Mails sehen. Ein leeres Feld heißt: wie mitgeliefert.",
    "Name, logo and colours as customers see them in portal and mails. An empty field means: as shipped.",
  ],
  look_name: ["Firmenname", "Company name"],
  look_logo: ["Logo", "Logo"],
  look_logo_hint: [
    "PNG oder JPEG, höchstens 40 KB. Es steht auf Weiß anstelle des Namens; wo kein Bild gezeigt wird, steht der Name.",
    "PNG or JPEG, at most 40 KB. It stands on white in place of the name; where no picture is shown, the name stands.",
  ],
  look_logo_none: ["Kein Logo, der Name steht im Kopf.", "No logo, the name stands in the head."],
  look_logo_remove: ["Logo entfernen", "Remove the logo"],
  look_logo_removed: ["Das Logo wird mit dem Speichern entfernt.", "The logo is removed when you save."],
  look_logo_chosen: ["{name} wird mit dem Speichern das Logo.", "{name} becomes the logo when you save."],
  look_head: ["Farbe des Kopfes", "Colour of the head"],
  look_accent: ["Farbe für Knöpfe und Links", "Colour of buttons and links"],
  look_colour_hint: ["# und sechs Ziffern, wie {example}", "# and six digits, like {example}"],
  look_imprint: ["Adresse des Impressums", "Address of the imprint"],
  look_privacy: ["Adresse der Datenschutzhinweise", "Address of the privacy notice"],
  look_address_hint: ["Beginnt mit https://", "Begins with https://"],
  look_save: ["Erscheinungsbild speichern", "Save the look"],
  look_changed_meanwhile: [
    "Jemand hat das Erscheinungsbild inzwischen gespeichert, und zwar so. Ihre Eingaben stehen unverändert in den Feldern und ersetzen es, wenn Sie noch einmal speichern.",
    "Somebody has saved the look meanwhile, as follows. Your entries are in the fields as they were and replace it if you save once more.",
  ],
  look_theirs: ["Gespeichertes übernehmen", "Take what is saved"],
  look_back: [
    "Ihre Änderungen stehen noch in den Feldern. Gespeichert sind sie nicht.",
    "Your changes are still in the fields. They are not saved.",
  ],
  look_saved: [
    "Gespeichert. E-Mails zeigen es ab jetzt, das Portal in spätestens einer Minute.",
    "Saved. Mails show it from now on, the portal within a minute.",
  ],
});
