"""Files that cannot be read as a table: what each one is, and what to do."""

from __future__ import annotations

from typing import ClassVar

from meterportal.domain.refusals import Refusal

_TABLE_DE = "Bitte speichern Sie die Tabelle als .xlsx, .ods oder CSV."
_TABLE_EN = "Please save the table as .xlsx, .ods or CSV."


class Unreadable(Refusal):
    """A file, or an archive of files, that cannot be read. Facts fill the text; `line` is the row
    of a table that caused it, if there is one."""

    code: ClassVar[str] = "unreadable"


# Archives


class ArchiveBroken(Unreadable):
    code = "zip_broken"
    de = "Diese Datei ist beschädigt. Bitte speichern oder packen Sie sie noch einmal."
    en = "This file is damaged. Please save or pack it again."


class ArchiveEncrypted(Unreadable):
    code = "zip_encrypted"
    de = "Diese Datei ist mit einem Kennwort verschlüsselt. Bitte legen Sie sie ohne Kennwort ab."
    en = "This file is protected by a password. Please provide it without one."


class ArchiveMethod(Unreadable):
    """Facts: `method`."""

    code = "zip_method"
    de = "Das Archiv ist mit einem Verfahren gepackt ({method}), das hier nicht gelesen wird. Bitte packen Sie es als gewöhnliches ZIP."
    en = "The archive is packed by a method ({method}) that is not read here. Please pack it as an ordinary zip."


class ArchiveNames(Unreadable):
    """Facts: `name`."""

    code = "zip_names"
    de = "In dieser Datei steht ein Name doppelt oder ist keiner: „{name}“. Bitte speichern oder packen Sie sie noch einmal."
    en = "In this file a name stands twice or is none: “{name}”. Please save or pack it again."


class ArchiveEntries(Unreadable):
    """Facts: `limit`."""

    code = "too_many_files"
    de = "Das Archiv enthält mehr als {limit} Dateien."
    en = "The archive holds more than {limit} files."


class ArchiveTooLarge(Unreadable):
    """Facts: `limit` in MB."""

    code = "too_large_unpacked"
    de = "Ausgepackt ist das mehr als {limit} MB. Bitte teilen Sie die Datei auf."
    en = "Unpacked this is more than {limit} MB. Please split the file."


class ArchiveOfFiles(Unreadable):
    """A zip archive where one table is expected."""

    code = "zip_of_files"
    de = "Das ist ein ZIP-Archiv. Bitte packen Sie es aus, und senden Sie die Tabelle, die darin liegt."
    en = "This is a zip archive. Please unpack it and send the table that lies in it."


# Workbooks


class WorkbookBroken(Unreadable):
    code = "workbook_broken"
    de = "Diese Arbeitsmappe ist beschädigt. Bitte speichern Sie sie noch einmal als .xlsx, .ods oder CSV."
    en = "This workbook is damaged. Please save it again as .xlsx, .ods or CSV."


class WorkbookLocked(Unreadable):
    code = "workbook_locked"
    de = "Diese Arbeitsmappe ist mit einem Kennwort geschützt. Bitte speichern Sie sie ohne Kennwort als .xlsx, .ods oder CSV."
    en = "This workbook is protected by a password. Please save it without one as .xlsx, .ods or CSV."


class WorkbookOld(Unreadable):
    code = "workbook_old"
    de = "Das ist eine Arbeitsmappe im alten Format von Excel (.xls). Bitte öffnen Sie sie, und speichern Sie sie als .xlsx oder CSV."
    en = "This is a workbook in the old format of Excel (.xls). Please open it and save it as .xlsx or CSV."


class WorkbookOldOrLocked(Unreadable):
    code = "workbook_old_or_locked"
    de = "Diese Datei ist mit einem Kennwort geschützt oder in einem alten Format von Office. Bitte speichern Sie die Tabelle ohne Kennwort als .xlsx, .ods oder CSV."
    en = "This file is protected by a password or in an old format of Office. Please save the table without a password as .xlsx, .ods or CSV."


class WorkbookBinary(Unreadable):
    code = "workbook_binary"
    de = "Das ist eine binäre Arbeitsmappe von Excel (.xlsb). Bitte speichern Sie sie als .xlsx oder CSV."
    en = "This is a binary workbook of Excel (.xlsb). Please save it as .xlsx or CSV."


class WorkbookMacros(Unreadable):
    code = "workbook_macros"
    de = "Diese Arbeitsmappe enthält Makros. Bitte speichern Sie sie ohne Makros als .xlsx."
    en = "This workbook holds macros. Please save it without macros as .xlsx."


class WorkbookSheets(Unreadable):
    """Facts: `limit`."""

    code = "too_many_sheets"
    de = (
        "Diese Arbeitsmappe hat mehr als {limit} Blätter. Bitte behalten Sie nur die mit den Daten."
    )
    en = "This workbook has more than {limit} sheets. Please keep those with the data only."


class SheetRows(Unreadable):
    """Facts: `limit`."""

    code = "too_many_rows"
    de = "Das Blatt hat mehr als {limit} Zeilen. Bitte teilen Sie es auf."
    en = "The sheet has more than {limit} rows. Please split it."


class SheetCells(Unreadable):
    code = "too_many_cells"
    de = "Diese Arbeitsmappe hat zu viele Zellen. Bitte behalten Sie nur das Blatt mit den Daten, oder speichern Sie es als CSV."
    en = "This workbook has too many cells. Please keep the sheet with the data only, or save it as CSV."


class SheetText(Unreadable):
    code = "too_much_text"
    de = "Diese Arbeitsmappe enthält zu viel Text. Bitte behalten Sie nur das Blatt mit den Daten, oder speichern Sie es als CSV."
    en = "This workbook holds too much text. Please keep the sheet with the data only, or save it as CSV."


class CellHuge(Unreadable):
    """Facts: `limit`."""

    code = "huge_cell"
    de = "Eine Zelle dieser Arbeitsmappe ist länger als {limit} Zeichen."
    en = "A cell of this workbook is longer than {limit} characters."


# Files that are no tables


class IsPdf(Unreadable):
    code = "is_pdf"
    de = f"Das ist ein PDF; daraus lassen sich keine Werte übernehmen. {_TABLE_DE}"
    en = f"This is a PDF; values cannot be taken from it. {_TABLE_EN}"


class IsWebPage(Unreadable):
    code = "is_web_page"
    de = f"Das ist eine Internetseite (HTML), auch wenn der Name anders endet. {_TABLE_DE}"
    en = f"This is a web page (HTML), even if its name ends otherwise. {_TABLE_EN}"


class IsXml(Unreadable):
    code = "is_xml"
    de = f"Das ist eine XML-Datei, auch wenn der Name anders endet. Bitte öffnen Sie sie mit dem Tabellenprogramm. {_TABLE_DE}"
    en = f"This is an XML file, even if its name ends otherwise. Please open it with the spreadsheet program. {_TABLE_EN}"


class IsNumbers(Unreadable):
    code = "is_numbers"
    de = "Das ist eine Datei von Apple Numbers. Bitte exportieren Sie sie als Excel (.xlsx) oder CSV."
    en = "This is a file of Apple Numbers. Please export it as Excel (.xlsx) or CSV."


class IsPackage(Unreadable):
    """An archive that is not a zip archive. Facts: `kind`."""

    code = "is_package"
    de = "Das ist ein Archiv ({kind}), das hier nicht gelesen wird. Bitte packen Sie es aus, und senden Sie die Tabelle, die darin liegt."
    en = "This is an archive ({kind}) that is not read here. Please unpack it and send the table that lies in it."


class IsDocument(Unreadable):
    code = "is_document"
    de = f"Das ist ein Textdokument oder eine Präsentation, keine Tabelle. {_TABLE_DE}"
    en = f"This is a document or a presentation, no table. {_TABLE_EN}"


class IsPicture(Unreadable):
    code = "is_picture"
    de = f"Das ist ein Bild; daraus lassen sich keine Werte übernehmen. {_TABLE_DE}"
    en = f"This is a picture; values cannot be taken from it. {_TABLE_EN}"


class IsMail(Unreadable):
    code = "is_mail"
    de = "Das ist eine E-Mail. Bitte speichern Sie den Anhang, und senden Sie ihn allein."
    en = "This is an e-mail. Please save what is attached and send that alone."


class IsDatabase(Unreadable):
    code = "is_database"
    de = "Das ist eine Datenbank. Bitte exportieren Sie die Tabelle als .xlsx oder CSV."
    en = "This is a database. Please export the table as .xlsx or CSV."


WORDS = {kind.code: (kind.de, kind.en) for kind in Unreadable.__subclasses__()}
"""Code -> the sentence in German and in English."""
