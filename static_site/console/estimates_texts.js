// Texts of the estimates. [German, English]; a text with `count` is a pair [one, other].
import { both } from "/shared/page.js";

export const texts = both({
  nav_estimates: ["Zu schätzen", "To estimate"],
  estimates_title: ["Zu schätzen", "To estimate"],
  estimates_lead: [
    "Fällige Zähler ohne Meldung. Eine Schätzung wartet auf die Freigabe wie jeder andere Stand; ein gemeldeter Stand ersetzt sie bis dahin.",
    "Counters that are due and not reported. An estimate waits for its release like any reading; a reported one replaces it until then.",
  ],
  estimates_by: ["Wer schätzt", "Who estimates"],
  estimates_by_hand: ["Von Hand", "By hand"],
  estimates_by_schedule: ["Vom Zeitplan angekündigt", "Announced by the schedule"],
  estimates_announced_lead: [
    "Der Zeitplan schätzt diese Geräte an dem Tag, der den Kunden angekündigt ist, wenn bis dahin nichts gemeldet wird. Die Schätzung wartet dann auf die Freigabe.",
    "The schedule estimates these machines on the day that the customers were told, unless they are reported by then. The estimate waits for its release then.",
  ],
  estimates_announced_none: ["Zurzeit ist keine Schätzung angekündigt.", "No estimate is announced at present."],
  estimates_last: ["zuletzt", "last"],
  estimates_last_value: ["{value} am {day}", "{value} on {day}"],
  estimates_value: ["Schätzung", "Estimate"],
  estimates_days: ["Tage", "Days"],
  estimates_per_day: ["Seiten am Tag", "Pages a day"],
  estimates_third: ["zum dritten Mal in Folge", "for the third time in a row"],
  estimates_nth: ["zum {n}. Mal in Folge", "{n} times in a row"],
  estimates_announced: [
    "Angekündigt: Der Zeitplan schätzt am {day}", "Announced: the schedule estimates on {day}",
  ],
  estimates_without: [
    ["{count} Zähler ohne Grundlage", "{count} Zähler ohne Grundlage"],
    ["{count} meter with nothing to go by", "{count} meters with nothing to go by"],
  ],
  estimates_go: [["{count} schätzen", "{count} schätzen"], ["Estimate {count}", "Estimate {count}"]],
  estimates_all: ["Alle wählen", "Select all"],
  estimates_choosing: ["{done} von {of} Geräten durchgesehen", "{done} of {of} machines looked at"],
  estimates_chosen: [["{count} Gerät gewählt", "{count} Geräte gewählt"], ["{count} machine selected", "{count} machines selected"]],
  estimates_running: ["{done} von {of} Geräten geschätzt", "{done} of {of} machines estimated"],
  estimates_choose: ["Bitte wählen Sie zuerst Geräte aus.", "Please select machines first."],
  estimates_done: [
    ["{count} Gerät geschätzt.", "{count} Geräte geschätzt."],
    ["{count} machine estimated.", "{count} machines estimated."],
  ],
  estimates_refused: [
    ["{count} Gerät wurde nicht geschätzt:", "{count} Geräte wurden nicht geschätzt:"],
    ["{count} machine was not estimated:", "{count} machines were not estimated:"],
  ],
  estimates_refused_more: [
    ["{count} weiteres, im Protokoll", "{count} weitere, im Protokoll"],
    ["{count} other, in the protocol", "{count} others, in the protocol"],
  ],
  estimates_protocol: ["Protokoll als CSV", "Protocol as CSV"],
  estimates_file: ["schaetzungen", "estimates"],
  estimates_in_a_row: ["In Folge", "In a row"],
  estimates_reason: ["Grund", "Reason"],
  estimates_outcome: ["Ergebnis", "Result"],
  estimates_none: [
    "Es fehlt kein fälliger Zählerstand, der sich schätzen ließe.",
    "No reading is due and missing that could be estimated.",
  ],
  estimates_hopeless: ["Nicht zu schätzen", "Not to be estimated"],
  estimate_refused: ["{serial}: {why}", "{serial}: {why}"],
  estimate_no_basis: ["weder Verlauf noch vereinbarte Menge bekannt", "neither history nor agreed volume is known"],
  estimate_nothing_missing: ["inzwischen gemeldet oder nicht mehr fällig", "reported meanwhile, or no longer due"],
  estimate_already_read: [
    "ein späterer Stand liegt schon vor, der Abrechnungstermin im ERP ist überholt",
    "a later reading is known already; the ERP's billing date has been overtaken",
  ],
  estimate_changed_meanwhile: ["inzwischen geändert", "changed meanwhile"],
  estimate_unknown_machine: ["gibt es nicht mehr", "is no longer there"],
  estimate_not_estimated: ["nicht geschätzt", "not estimated"],
  estimate_proposed: ["vorgeschlagen", "proposed"],
  estimate_estimated: ["geschätzt", "estimated"],
});
