"""The sentences of the import's report: code -> (German, English)."""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    # The whole import
    "stale_import": (
        "Dieser Export ist älter ({as_of}) als der zuletzt eingelesene ({newer}). Es wurde nichts übernommen.",
        "This export is older ({as_of}) than the one imported last ({newer}). Nothing was taken.",
    ),
    "overtaken": (
        "Während des Einlesens kam ein neuerer Export ({newer}). Dieser hier wurde abgebrochen.",
        "A newer export ({newer}) came while this one was read. This one was stopped.",
    ),
    "bad_columns": (
        "Die Spaltenzuordnung config/columns.toml kann nicht benutzt werden: {de}.",
        "The column mapping config/columns.toml cannot be used: {en}.",
    ),
    "file_gone": (
        "Die Datei liegt nicht mehr am Ablageort.",
        "The file is no longer where it was put.",
    ),
    "no_files": (
        "Darin ist keine CSV-Datei, die eingelesen werden kann.",
        "There is no CSV file in it that could be read.",
    ),
    # The file
    "empty_file": ("Die Datei ist leer.", "The file is empty."),
    "no_rows": (
        "Die Datei enthält nur die Kopfzeile, keine Datensätze.",
        "The file holds only the headings, no records.",
    ),
    "spreadsheet": (
        "Das ist eine Excel-Datei. Bitte speichern Sie sie als CSV.",
        "This is an Excel workbook. Please save it as CSV.",
    ),
    "file_ignored": (
        "Diese Datei ist keine CSV-Datei und wurde übergangen.",
        "This file is no CSV file and was passed over.",
    ),
    "zip_broken": (
        "Das ZIP-Archiv ist beschädigt. Bitte erzeugen Sie es neu.",
        "The zip archive is damaged. Please make it anew.",
    ),
    "zip_encrypted": (
        "Das ZIP-Archiv ist mit einem Kennwort verschlüsselt. Bitte legen Sie es ohne Kennwort ab.",
        "The zip archive is protected by a password. Please provide it without one.",
    ),
    "too_many_files": (
        "Das ZIP-Archiv enthält mehr als {limit} Dateien.",
        "The zip archive holds more than {limit} files.",
    ),
    "too_large_unpacked": (
        "Ausgepackt ist das mehr als {limit} MB. Bitte teilen Sie den Export auf.",
        "Unpacked this is more than {limit} MB. Please split the export.",
    ),
    "bad_encoding": (
        "Die Datei ist kein gültiges {encoding}. Bitte speichern Sie sie als UTF-8.",
        "The file is no valid {encoding}. Please save it as UTF-8.",
    ),
    "null_character": (
        "Die Zeile enthält ein Nullzeichen. Die Datei ist beschädigt oder keine CSV-Datei.",
        "The line holds a null character. The file is damaged or no CSV file.",
    ),
    "open_quote": (
        "Ein Anführungszeichen in diesem Datensatz ist nicht richtig geschlossen. Ab hier kann die Datei nicht gelesen werden.",
        "A quotation mark in this record is not closed properly. The file cannot be read from here on.",
    ),
    "huge_field": (
        "Ein Feld in diesem Datensatz ist länger als {limit} Zeichen. Die Datei kann nicht gelesen werden.",
        "A field in this record is longer than {limit} characters. The file cannot be read.",
    ),
    "unknown_file": (
        "An den Überschriften ist nicht zu erkennen, was diese Datei enthält: {headings}.",
        "The headings do not tell what this file holds: {headings}.",
    ),
    "missing_column": (
        "Die Spalte „{column}“ fehlt. Ohne sie kann die Datei nicht eingelesen werden.",
        "The column “{column}” is missing. Without it the file cannot be read.",
    ),
    "doubled_column": (
        "Die Spalten „{first}“ und „{second}“ bedeuten dasselbe. Bitte lassen Sie eine weg.",
        "The columns “{first}” and “{second}” mean the same. Please leave one out.",
    ),
    "unknown_column": (
        "Diese Spalte ist unbekannt und wurde übergangen.",
        "This column is unknown and was passed over.",
    ),
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
    "too_long": (
        "Diese Angabe ist länger als {limit} Zeichen.",
        "This value is longer than {limit} characters.",
    ),
    "bad_date": (
        "„{value}“ ist kein Datum wie 28.11.2026 oder 2026-11-28.",
        "“{value}” is no date like 28.11.2026 or 2026-11-28.",
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
    "unknown_company": (
        "Die Firma {value} ist nicht bekannt.",
        "The company {value} is not known.",
    ),
    "unknown_contract": (
        "Der Vertrag {value} ist nicht bekannt.",
        "The contract {value} is not known.",
    ),
    "unknown_machine": (
        "Die Maschine {value} ist nicht bekannt.",
        "The machine {value} is not known.",
    ),
    "unknown_meter": (
        "Den Zähler {value} hat die Maschine {machine} nicht.",
        "The machine {machine} has no meter {value}.",
    ),
    "too_many_meters": (
        "Mehr als {limit} Zähler je Maschine werden nicht geführt.",
        "More than {limit} meters of one machine are not kept.",
    ),
    "meant": (
        "Gemeint ist vielleicht {meant}: führende Nullen gehen in Tabellenprogrammen verloren.",
        "Perhaps {meant} is meant: spreadsheets lose leading zeros.",
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
        "Die Seriennummer {value} steht auch bei Maschine {others}.",
        "The serial number {value} stands at machine {others} as well.",
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
    """A date as people of the language write it; everything else as it is."""
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        year, month, day = value.split("-")
        return f"{day}.{month}.{year}" if language != "en" else value
    return value
