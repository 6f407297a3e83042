// Texts of what customers hand to the staff: problems with machines, successors. [German, English].
import { both } from "/shared/page.js";

export const texts = both({
  decide: ["entscheiden …", "decide …"],
  decision: ["Entscheidung", "Decision"],
  decision_note: ["Notiz für Kollegen (freiwillig)", "Note for colleagues (optional)"],
  decision_go: ["Entscheidung speichern", "Save decision"],
  decide_accepted: ["Annehmen", "Accept"],
  decide_rejected: ["Ablehnen", "Reject"],
  decision_open: ["offen", "open"],
  decision_accepted: ["angenommen", "accepted"],
  decision_rejected: ["abgelehnt", "rejected"],
  decision_withdrawn: ["vom Kunden zurückgezogen", "withdrawn by the customer"],
  decision_settled: ["durch gemeldete Stände erledigt", "settled by reported readings"],
  reported_by: ["Gemeldet von", "Reported by"],

  photo_of: [
    "Foto des Zählers: Gerät {machine}, {meter}, gesendet {time}",
    "Photo of the counter: machine {machine}, {meter}, sent {time}",
  ],
  photo_open: ["Foto groß zeigen", "Show the photo in full size"],
  photo_close: ["Schließen", "Close"],

  nav_problems: ["Probleme", "Problems"],
  problems_title: ["Probleme mit Geräten", "Problems with machines"],
  problems_open: ["Offen", "Open"],
  problems_decided: ["Entschieden", "Decided"],
  problems_open_lead: [
    "Was Kunden statt eines Zählerstands gemeldet haben. Bis Sie entscheiden, wird das Gerät nicht angefordert.",
    "What customers reported instead of a reading. Until you decide, nobody is asked for the machine.",
  ],
  problems_decided_lead: [
    "Was entschieden, zurückgezogen oder durch Zählerstände erledigt ist.",
    "What was decided, withdrawn or settled by readings.",
  ],
  problems_open_none: ["Kein gemeldetes Problem wartet auf eine Entscheidung.", "No reported problem waits for a decision."],
  problems_decided_none: ["Es wurde noch über kein Problem entschieden.", "No problem has been decided yet."],
  problem: ["Problem", "Problem"],
  problem_gone: ["Gerät ist nicht mehr da", "Machine is gone"],
  problem_moved: ["Gerät steht jetzt woanders", "Machine has been moved"],
  problem_not_ours: ["Gerät gehört nicht zum Kunden", "Machine is not the customer’s"],
  problem_previous_reading_wrong: ["Früherer Zählerstand ist falsch", "Previous reading is wrong"],
  problem_cannot_read: ["Zähler ist nicht ablesbar", "Counter cannot be read"],
  problem_decide_title: ["Was soll mit diesem Problem werden?", "What is to become of this problem?"],
  problem_decide_of: ["Gerät {machine}: entscheiden", "Machine {machine}: decide"],
  problem_of: ["Gerät {machine}, {company}", "Machine {machine}, {company}"],
  problem_then_gone: [
    "Das Gerät wird nicht mehr angefordert, bis ein Import seine Daten ändert. Bitte nehmen Sie es auch im ERP aus dem Vertrag.",
    "Nobody is asked for the machine until an import changes its data. Please take it out of its contract in the ERP, too.",
  ],
  problem_then_not_ours: [
    "Das Gerät wird nicht mehr angefordert, bis ein Import seine Daten ändert. Bitte ordnen Sie es auch im ERP richtig zu.",
    "Nobody is asked for the machine until an import changes its data. Please assign it rightly in the ERP, too.",
  ],
  problem_then_cannot_read: [
    "Das Gerät wird für diesen Termin nicht mehr angefordert, beim nächsten wieder. Der Stand fehlt dann: Lesen Sie ihn selbst ab oder schätzen Sie ihn.",
    "Nobody is asked for the machine for this due date, but for the next one. The reading will be missing: read it yourselves or estimate it.",
  ],
  problem_then_moved: [
    "Das Gerät ist wieder fällig. Bitte tragen Sie den neuen Standort im ERP ein.",
    "The machine is due again. Please enter its new place in the ERP.",
  ],
  problem_then_previous_reading_wrong: [
    "Das Gerät ist wieder fällig. Bitte berichtigen Sie den früheren Stand im ERP.",
    "The machine is due again. Please correct the previous reading in the ERP.",
  ],
  problem_then_due: [
    "Das Gerät ist wieder fällig und wird weiter angefordert.",
    "The machine is due again, and its readings are asked for as before.",
  ],
  problem_decided: ["Gerät {machine}: {decision}.", "Machine {machine}: {decision}."],

  nav_successors: ["Nachfolger", "Successors"],
  successors_title: ["Nachfolger", "Successors"],
  successors_open: ["Offen", "Open"],
  successors_decided: ["Entschieden", "Decided"],
  successors_open_lead: [
    "Wer sich nicht mehr zuständig fühlt und wen er stattdessen nennt. Bis Sie entscheiden, ändert sich nichts.",
    "Who is not in charge any more, and whom they name instead. Until you decide, nothing changes.",
  ],
  successors_decided_lead: [
    "Was entschieden ist, und was davon noch in das ERP zu übertragen ist.",
    "What was decided, and what of it is still to be carried over into the ERP.",
  ],
  successors_open_none: ["Kein Vorschlag wartet auf eine Entscheidung.", "No proposal waits for a decision."],
  successors_decided_none: ["Es wurde noch über keinen Vorschlag entschieden.", "No proposal has been decided yet."],
  successor: ["Künftig meldet", "Reports from now on"],
  successor_named_by: ["Genannt von", "Named by"],
  successor_open: ["offen", "open"],
  successor_approved: ["genehmigt", "approved"],
  successor_refused: ["abgelehnt", "refused"],
  successor_decide_title: ["Soll diese Person künftig melden?", "Is this person to report from now on?"],
  successor_decide_of: ["{name}: entscheiden", "{name}: decide"],
  successor_of: ["{contact} von {company} nennt:", "{contact} of {company} names:"],
  successor_decide_approved: ["Genehmigen", "Approve"],
  successor_decide_refused: ["Ablehnen", "Refuse"],
  successor_then_approved: [
    [
      "{name} meldet ab sofort die Zählerstände des Vertrags {contracts} von {company} und bekommt dafür das Recht im Portal. {contact} meldet dafür nicht mehr. Die nächste Anforderung geht an {email}. Importe lassen das bestehen, bis das ERP einen anderen Melder nennt.",
      "{name} meldet ab sofort die Zählerstände der Verträge {contracts} von {company} und bekommt dafür das Recht im Portal. {contact} meldet dafür nicht mehr. Die nächste Anforderung geht an {email}. Importe lassen das bestehen, bis das ERP einen anderen Melder nennt.",
    ],
    [
      "{name} reports the readings of contract {contracts} of {company} from now on, with the portal right to do so. {contact} does not report for it any more. The next request goes to {email}. Imports leave it so until the ERP names another reporter.",
      "{name} reports the readings of contracts {contracts} of {company} from now on, with the portal right to do so. {contact} does not report for them any more. The next request goes to {email}. Imports leave it so until the ERP names another reporter.",
    ],
  ],
  successor_then_refused: [
    "Es bleibt alles, wie es ist: {contact} meldet weiter. Bitte sagen Sie dem Kunden Bescheid.",
    "Everything stays as it is: {contact} goes on reporting. Please tell the customer.",
  ],
  successor_decided: ["{name}: {decision}.", "{name}: {decision}."],
  erp: ["In das ERP übertragen", "Carry over into the ERP"],
  erp_done: ["im ERP angekommen", "arrived in the ERP"],
  erp_open: ["noch zu übertragen", "still to be carried over"],
  erp_person_new: [
    "Ansprechpartner anlegen: {name}, {email}, Firma {company}",
    "Create the contact: {name}, {email}, company {company}",
  ],
  erp_person_there: ["Ansprechpartner {id} gibt es schon", "Contact {id} exists already"],
  erp_contracts: [
    ["Als Melder eintragen statt {contact} bei Vertrag", "Als Melder eintragen statt {contact} bei Verträgen"],
    ["Enter as reporter instead of {contact} at contract", "Enter as reporter instead of {contact} at contracts"],
  ],
});
