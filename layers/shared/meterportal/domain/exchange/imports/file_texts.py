"""The sentences of the import's report about the whole import, its files and their columns:
code -> (German, English)."""

from __future__ import annotations

from collections.abc import Mapping

from meterportal.domain.unreadable import WORDS

FILE_TEXTS: Mapping[str, tuple[str, str]] = {
    **WORDS,
    # The whole import
    "stale_import": (
        "Dieser Export ist älter ({as_of}) als der zuletzt eingelesene ({newer}). Es wurde nichts übernommen.",
        "This export is older ({as_of}) than the one imported last ({newer}). Nothing was taken.",
    ),
    "overtaken": (
        "Während des Einlesens kam ein neuerer Export ({newer}). Dieser hier wurde abgebrochen.",
        "A newer export ({newer}) came while this one was read. This one was stopped.",
    ),
    "imported_meanwhile": (
        "Seit dem Probelauf ist ein anderer Import gelaufen. Es wurde nichts übernommen; bitte starten Sie den Probelauf noch einmal.",
        "Another import has run since the dry run. Nothing was taken; please start the dry run again.",
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
        "Darin ist keine Datei, die eingelesen werden kann (CSV, XLSX oder ODS).",
        "There is no file in it that could be read (CSV, XLSX or ODS).",
    ),
    # The file
    "empty_file": ("Die Datei ist leer.", "The file is empty."),
    "no_rows": (
        "Die Datei enthält nur die Kopfzeile, keine Datensätze.",
        "The file holds only the headings, no records.",
    ),
    "file_ignored": (
        "Diese Datei ist weder CSV noch Arbeitsmappe und wurde übergangen.",
        "This file is neither CSV nor a workbook and was passed over.",
    ),
    "null_character": (
        "Die Zeile enthält ein Nullzeichen: Sie ist beschädigt, oder das ist keine CSV-Datei.",
        "The line holds a null character: it is damaged, or this is no CSV file.",
    ),
    "open_quote": (
        "Ein Anführungszeichen in diesem Datensatz ist nicht richtig geschlossen. Die Zeile wurde nicht übernommen, weitergelesen wurde ab der nächsten.",
        "A quotation mark in this record is not closed properly. The line was not taken; reading went on with the next one.",
    ),
    "huge_field": (
        "Ein Feld in diesem Datensatz ist länger als {limit} Zeichen.",
        "A field in this record is longer than {limit} characters.",
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
        "Die Spalten „{first}“ und „{second}“ bedeuten dasselbe. Gelesen wurde „{first}“.",
        "The columns “{first}” and “{second}” mean the same. “{first}” was read.",
    ),
    "unknown_column": (
        "Diese Spalte ist unbekannt und wurde übergangen.",
        "This column is unknown and was passed over.",
    ),
    # How the file and its columns were read
    "encoding_read": (
        "Die Datei wurde als {encoding} gelesen.",
        "The file was read as {encoding}.",
    ),
    "encoding_mixed": (
        "Zeilen in {encoding} (so viele: {count}, die erste ist Zeile {first}) stehen zwischen anderen in UTF-8. Jede wurde gelesen, wie sie geschrieben ist; bitte prüfen Sie die Umlaute.",
        "Lines in {encoding} (so many: {count}, the first is line {first}) stand between others in UTF-8. Each was read as it is written; please check the letters with accents.",
    ),
    "sheet_ignored": (
        "Das Blatt „{sheet}“ wurde übergangen: An seinen Überschriften ist nicht zu erkennen, was es enthält.",
        "The sheet “{sheet}” was passed over: its headings do not tell what it holds.",
    ),
    "title_lines": (
        "Zeilen über den Überschriften wurden übergangen: {count}.",
        "Lines above the headings were passed over: {count}.",
    ),
    "decimals_read": (
        "Die Zahlen dieser Spalte haben Dezimalstellen hinter „{sign}“. Sind sie null, zählt die ganze Zahl; andere werden abgelehnt.",
        "The numbers of this column have decimals behind “{sign}”. Where these are zero the whole number counts; others are refused.",
    ),
    "days_read": (
        "Die Tage dieser Spalte wurden gelesen wie {form}.",
        "The days of this column were read like {form}.",
    ),
    "tails_cut": (
        "Ein Programm hat die Nummern dieser Spalte als Kommazahlen geschrieben (97001.0). Gelesen wurde die Nummer ohne „.0“.",
        "A program has written the numbers of this column as decimals (97001.0). The number without “.0” was read.",
    ),
    "empty_read": (
        "„{value}“ wurde als leer gelesen, so oft: {count}.",
        "“{value}” was read as empty, so many times: {count}.",
    ),
    "no_date_read": (
        "„{value}“ steht für „kein Datum“ und wurde so gelesen, so oft: {count}.",
        "“{value}” stands for “no date” and was read so, so many times: {count}.",
    ),
    "entities_read": (
        "Zeichen wie „&uuml;“ und „&amp;“ wurden als „ü“ und „&“ gelesen, in so vielen Zellen: {count}. Bitte prüfen Sie den Export.",
        "Signs like “&uuml;” and “&amp;” were read as “ü” and “&”, in so many cells: {count}. Please check the export.",
    ),
    "address_unwrapped": (
        "Adressen wurden aus ihrer Verpackung (mailto:, Name <Adresse> und ähnliche) gelesen, so oft: {count}.",
        "Addresses were read out of their wrapping (mailto:, name <address> and the like), so many times: {count}.",
    ),
    "too_large_upload": (
        "Die Datei ist größer als {limit} MB. Bitte teilen Sie den Export auf.",
        "The file is larger than {limit} MB. Please split the export.",
    ),
}  # fmt: skip
