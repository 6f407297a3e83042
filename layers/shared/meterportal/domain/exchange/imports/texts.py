"""The sentences of the import's report about rows, and all others: code -> (German, English)."""

from __future__ import annotations

from collections.abc import Mapping

from meterportal.domain.exchange.imports.file_texts import FILE_TEXTS

TEXTS: Mapping[str, tuple[str, str]] = {
    **FILE_TEXTS,
    # The row
    "wrong_field_count": (
        "Der Datensatz hat {found} Felder statt {expected}.",
        "The record has {found} fields instead of {expected}.",
    ),
    "total_line": (
        "Das ist eine Summenzeile, kein Datensatz.",
        "This is a line of totals, not a record.",
    ),
    "missing_value": ("Diese Angabe fehlt.", "This value is missing."),
    "bad_key": (
        "„{value}“ ist keine brauchbare Nummer.",
        "“{value}” is no usable number.",
    ),
    "number_changed": (
        "Die Nummer „{value}“ ist neu, „{meant}“ gibt es schon. Vermutlich hat ein Programm die Nummer verändert; die Zeile wurde nicht übernommen.",
        "The number “{value}” is new, “{meant}” is there already. A program has probably changed the number; the row was not taken.",
    ),
    "person_erased": (
        "Der Ansprechpartner {value} wurde auf Wunsch gelöscht und wird nicht wieder angelegt. Soll er es doch, lassen Sie ihn in den Einstellungen unter „Gelöschte Personen“ wieder zu.",
        "Contact {value} was erased on request and is not created again. To have the person back, readmit them in the settings under “Erased people”.",
    ),
    "uncalculated": (
        "In dieser Zelle steht eine Formel, deren Ergebnis nicht gespeichert ist. Bitte öffnen Sie die Datei in Ihrem Tabellenprogramm und speichern Sie sie noch einmal.",
        "This cell holds a formula whose result is not stored. Please open the file in your spreadsheet program and save it again.",
    ),
    "too_long": (
        "Diese Angabe ist länger als {limit} Zeichen.",
        "This value is longer than {limit} characters.",
    ),
    "bad_date": (
        "„{value}“ ist kein Datum wie 28.11.2026 oder 2026-11-28.",
        "“{value}” is no date like 28.11.2026 or 2026-11-28.",
    ),
    "unclear_date": (
        "Bei „{value}“ ist nicht zu erkennen, ob der Tag oder der Monat vorn steht. Bitte schreiben Sie Tage wie 28.11.2026.",
        "In “{value}” day and month cannot be told apart. Please write days like 28.11.2026 or 2026-11-28.",
    ),
    "impossible_date": (
        "Den Tag {value} gibt es nicht.",
        "There is no such day as {value}.",
    ),
    "date_in_future": (
        "Das Datum {value} liegt in der Zukunft.",
        "The date {value} lies in the future.",
    ),
    "ends_before_start": (
        "Das Vertragsende {end} liegt vor dem Vertragsbeginn {start}.",
        "The contract's end {end} lies before its start {start}.",
    ),
    "billed_before_start": (
        "Die nächste Abrechnung {value} liegt vor dem Vertragsbeginn {start}.",
        "The next billing date {value} lies before the contract's start {start}.",
    ),
    "bad_flag": (
        "„{value}“ ist weder ja noch nein.",
        "“{value}” is neither yes nor no.",
    ),
    "unknown_word": (
        "„{value}“ ist hier kein bekannter Wert. Neue Wörter können in config/columns.toml ergänzt werden.",
        "“{value}” is no value known here. New words can be added in config/columns.toml.",
    ),
    "not_a_whole_number": (
        "„{value}“ ist keine ganze Zahl ab 0.",
        "“{value}” is no whole number from 0 on.",
    ),
    "unclear_number": (
        "Bei „{value}“ ist nicht zu erkennen, ob Punkt und Komma Dezimalstellen oder Gruppen trennen: Die Spalte ist nicht einheitlich geschrieben.",
        "In “{value}” it cannot be told whether point and comma separate decimals or groups: the column is not written alike.",
    ),
    "too_many_digits": (
        "{value} hat mehr als {digits} Stellen.",
        "{value} has more than {digits} digits.",
    ),
    "number_out_of_range": (
        "{value} liegt nicht zwischen {low} und {high}.",
        "{value} does not lie between {low} and {high}.",
    ),
    "reset_without_end": (
        "Bei einer Nullung muss auch der Endstand der alten Platine angegeben sein.",
        "A reset needs the end value of the old board as well.",
    ),
    "duplicate_key": (
        "{key} steht schon in {first_file}, Zeile {first_line}, mit anderen Angaben.",
        "{key} already stands in {first_file}, line {first_line}, with other values.",
    ),
    "repeated_row": (
        "Derselbe Datensatz steht schon in {first_file}, Zeile {first_line}.",
        "The same record already stands in {first_file}, line {first_line}.",
    ),
    "earlier_of_day": (
        "Für denselben Tag steht in {first_file}, Zeile {first_line}, ein späterer Stand. Dieser wurde übergangen.",
        "A later reading of the same day stands in {first_file}, line {first_line}. This one was passed over.",
    ),
    "unknown_company": (
        "Die Firma {value} ist nicht bekannt.",
        "The company {value} is not known.",
    ),
    "unknown_contract": (
        "Der Vertrag {value} ist nicht bekannt.",
        "The contract {value} is not known.",
    ),
    "unknown_machine": (
        "Das Gerät {value} ist nicht bekannt.",
        "The machine {value} is not known.",
    ),
    "unknown_meter": (
        "Den Zähler {value} hat das Gerät {machine} nicht.",
        "The machine {machine} has no meter {value}.",
    ),
    "too_many_meters": (
        "Mehr als {limit} Zähler je Gerät werden nicht geführt.",
        "More than {limit} meters of one machine are not kept.",
    ),
    "meant": (
        "Gemeint ist vielleicht {meant}: Tabellenprogramme verändern Nummern.",
        "Perhaps {meant} is meant: spreadsheets change numbers.",
    ),
    "sign": (
        "Darin steht das Zeichen {sign}.",
        "It holds the sign {sign}.",
    ),
    "conflict": (
        "Für den {read_on} ist der Stand {known} zur Berechnung freigegeben, der Export nennt {value}. Der freigegebene Stand bleibt.",
        "For {read_on} the reading {known} has been released for billing, the export says {value}. The released one stays.",
    ),
    # Doubtful, but taken
    "released_period": (
        "Der Zeitraum bis {due_on} ist schon mit dem Stand {known} vom {released_on} freigegeben. Der neue Stand zählt ab seinem Datum, die Freigabe bleibt.",
        "The period until {due_on} has already been released with {known} of {released_on}. The new reading counts from its date, the release stays.",
    ),
    "reading_corrected": (
        "Der Stand vom {read_on} war bisher {known}, jetzt {value}.",
        "The reading of {read_on} was {known} so far, now {value}.",
    ),
    "letters_lost": (
        "In „{value}“ sind Buchstaben verloren gegangen.",
        "Letters have been lost in “{value}”.",
    ),
    "cell_spoilt": (
        "„{value}“ hat eine Tabellenkalkulation verdorben.",
        "“{value}” has been spoilt by a spreadsheet.",
    ),
    "no_result": (
        "„{value}“ ist das Zeichen einer Tabellenkalkulation dafür, dass eine Formel kein Ergebnis hatte. Gelesen wurde: leer.",
        "“{value}” is a spreadsheet's sign for a formula without a result. It was read as empty.",
    ),
    "sound_value_kept": (
        "Gespeichert bleibt „{kept}“: Was verdorben ankommt, ersetzt nichts Heiles.",
        "“{kept}” stays stored: what arrives spoilt replaces nothing sound.",
    ),
    "unknown_language": (
        "Die Sprache „{value}“ gibt es hier nicht, es bleibt bei Deutsch.",
        "The language “{value}” is not available here, German is used.",
    ),
    "email_missing": (
        "{name} meldet Zählerstände, hat aber keine E-Mail-Adresse.",
        "{name} reports counters but has no e-mail address.",
    ),
    "email_invalid": (
        "„{value}“ ist keine gültige E-Mail-Adresse.",
        "“{value}” is no valid e-mail address.",
    ),
    "email_several": (
        "„{value}“ enthält mehrere E-Mail-Adressen. Es darf nur eine sein.",
        "“{value}” holds several e-mail addresses. There may be only one.",
    ),
    "email_lookalike": (
        "„{value}“ enthält Buchstaben einer anderen Schrift, die nur so aussehen wie unsere.",
        "“{value}” holds letters of another script that only look like ours.",
    ),
    "email_doubled": (
        "{value} steht in derselben Firma auch bei Ansprechpartner {others}.",
        "{value} stands at contact {others} of the same company as well.",
    ),
    "mailbox_at_companies": (
        "{value} steht auch bei Firma {others}. Das ist erlaubt: eine Anmeldung, Wechsel zwischen den Firmen.",
        "{value} also stands at company {others}. This is allowed: one login, switching between companies.",
    ),
    "unknown_reporter": (
        "Den Melde-Ansprechpartner {value} gibt es nicht.",
        "There is no reporting contact {value}.",
    ),
    "foreign_reporter": (
        "Der Melde-Ansprechpartner {value} gehört zu Firma {company}, nicht zu {expected}.",
        "The reporting contact {value} belongs to company {company}, not to {expected}.",
    ),
    "serial_doubled": (
        "Die Seriennummer {value} steht auch bei Gerät {others}.",
        "The serial number {value} stands at machine {others} as well.",
    ),
    "replacement_elsewhere": (
        "Die Seriennummer {value} wurde hier als Austauschgerät {machine} zum Vertrag {contract} eingetragen. Bitte den Vertrag im ERP berichtigen, oder das Gerät hier als „nicht unseres“ abschließen.",
        "The serial number {value} was entered here as replacement {machine} of contract {contract}. Please correct the contract in the ERP, or close the machine here as “not ours”.",
    ),
    "replacement_twice": (
        "Die Seriennummer {value} des Austauschgeräts {machine} steht in mehreren Zeilen. Nur ein Gerät kann es sein.",
        "The serial number {value} of replacement {machine} stands in several rows. Only one machine can be it.",
    ),
    "serial_spoilt": (
        "Die Seriennummer „{value}“ hat eine Tabellenkalkulation verdorben.",
        "The serial number “{value}” has been spoilt by a spreadsheet.",
    ),
    "zeros_lost": (
        "„{value}“ hat vermutlich führende Nullen verloren, gemeint ist wohl {expected}.",
        "“{value}” has probably lost leading zeros, {expected} seems to be meant.",
    ),
    "more_faults": (
        "{more} weitere Befunde sind hier nicht aufgeführt.",
        "{more} more findings are not listed here.",
    ),
}  # fmt: skip


def name_of(value: str | int, language: str) -> str | int:
    """A date as the language writes it; every other value as it is."""
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        year, month, day = value.split("-")
        return f"{day}.{month}.{year}" if language != "en" else value
    return value
