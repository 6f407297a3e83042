"""Why a fleet sheet, or a row of it, cannot be taken."""

from __future__ import annotations

from meterportal.domain.refusals import Refusal


class SheetRefused(Refusal):
    """The whole file cannot be taken. Facts: `de`, `en`; `line` where it is known."""

    code = "sheet_refused"
    de = "{de}"
    en = "{en}"


class RowRefused(Refusal):
    """One row cannot be taken; the other rows can."""

    code = "row_refused"


class NumberMissing(RowRefused):
    code = "number_missing"
    de = "In dieser Zeile steht weder eine Maschinennummer noch eine Seriennummer."
    en = "This row holds neither a machine number nor a serial number."


class NotYours(RowRefused):
    """Unknown numbers and those of other companies get the same refusal. Facts: `number`."""

    code = "unknown_machine"
    de = "Unter {number} gibt es kein Gerät, dessen Zähler Sie melden."
    en = "There is no machine {number} that you report for."


class RowOfSums(RowRefused):
    code = "row_of_sums"
    de = "Summenzeile, kein Gerät."
    en = "A row of sums, no machine."


class Misread(RowRefused):
    """Facts: `number`, `meant`."""

    code = "serial_misread"
    de = "Unter {number} gibt es kein Gerät. Gemeint ist vielleicht {meant}."
    en = "There is no machine {number}. Perhaps {meant} is meant."


class SerialSpoilt(RowRefused):
    """Facts: `number`."""

    code = "serial_spoilt"
    de = "Die Seriennummer {number} hat das Tabellenprogramm gekürzt. Bitte formatieren Sie die Spalte als Text."
    en = "The spreadsheet has shortened the serial number {number}. Please format the column as text."


class SerialAmbiguous(RowRefused):
    """Facts: `number`, `machines`."""

    code = "serial_ambiguous"
    de = "Die Seriennummer {number} haben mehrere Geräte: {machines}. Bitte geben Sie die Maschinennummer an."
    en = "Several machines have the serial number {number}: {machines}. Please give the machine number."


class NumbersDisagree(RowRefused):
    """Facts: `machine`, `serial`."""

    code = "numbers_disagree"
    de = "Die Maschinennummer {machine} und die Seriennummer {serial} gehören zu verschiedenen Geräten."
    en = "Machine number {machine} and serial number {serial} belong to different machines."


class WhichMeter(RowRefused):
    """Facts: `meters`."""

    code = "meter_missing"
    de = "Dieses Gerät hat mehrere Zähler ({meters}). Bitte geben Sie an, welcher gemeint ist."
    en = "This machine has several meters ({meters}). Please say which one is meant."


class NoSuchMeter(RowRefused):
    """Facts: `meter`, `meters`."""

    code = "unknown_meter"
    de = "Einen Zähler „{meter}“ meldet dieses Gerät nicht. Es hat: {meters}."
    en = "This machine has no meter “{meter}” to report. It has: {meters}."


class DayUnreadable(RowRefused):
    """Facts: `day`."""

    code = "day_unreadable"
    de = "„{day}“ ist kein Datum wie 28.11.2026."
    en = "“{day}” is no date like 28.11.2026 or 2026-11-28."


class DayDiffers(RowRefused):
    """Facts: `line`."""

    code = "day_differs"
    de = (
        "Alle Zähler eines Geräts brauchen dasselbe Ablesedatum; in Zeile {line} steht ein anderes."
    )
    en = "All meters of a machine need the same date of reading; line {line} holds another one."


class StandsAlready(RowRefused):
    """Facts: `line`."""

    code = "row_repeated"
    de = "Dieser Zählerstand steht schon in Zeile {line}."
    en = "This reading stands in line {line} already."


class TwoValues(RowRefused):
    """Facts: `line`."""

    code = "two_values"
    de = "Für diesen Zähler steht in Zeile {line} ein anderer Wert. Keiner von beiden wurde übernommen."
    en = "Line {line} holds another value for this meter. Neither of them was taken."


class RowBroken(RowRefused):
    code = "row_broken"
    de = "Diese Zeile ist beschädigt, zum Beispiel durch ein Anführungszeichen, das nicht geschlossen ist."
    en = "This row is damaged, for example by a quotation mark that is not closed."


class Uncalculated(RowRefused):
    code = "uncalculated"
    de = "Hier steht eine Formel, deren Ergebnis nicht gespeichert ist. Bitte öffnen Sie die Datei in Ihrem Tabellenprogramm und speichern Sie sie noch einmal."
    en = "This is a formula whose result is not stored. Please open the file in your spreadsheet program and save it again."


class NumberUnclear(RowRefused):
    """Facts: `value`."""

    code = "number_unclear"
    de = "Bei „{value}“ ist nicht zu erkennen, ob Punkt und Komma Dezimalstellen oder Gruppen trennen, weil die Spalte nicht einheitlich geschrieben ist."
    en = "In “{value}” it cannot be told whether point and comma separate decimals or groups, because the column is not written alike."
