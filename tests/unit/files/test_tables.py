"""The shared reader: encoding, delimiter, headings and forms are decided for the file or the column."""

from __future__ import annotations

import csv
import io
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.domain.exchange.imports.columns import default_columns
from meterportal.domain.exchange.imports.reading import chunked
from meterportal.domain.exchange.imports.recognising import score_of
from meterportal.domain.tables.cleaning import clean, clean_cell, clean_lines, odd_sign
from meterportal.domain.tables.forms import (
    DayEvidence,
    DayForm,
    ImpossibleDay,
    KeyEvidence,
    NoDay,
    NumberEvidence,
    NumberForm,
    ReadDay,
    read_day,
    without_fraction,
)
from meterportal.domain.tables.records import Record, TextRun, is_plain, records
from meterportal.domain.tables.text_files import read_records, survey

SCORE = score_of(default_columns())
HEADINGS = "Firmennummer;Firma;Straße;PLZ;Ort;Sprache\r\n"
NAMES = [
    "Bäckerei Müller",
    "Größe & Söhne",
    "Übersee Ärzte Öl",
    "Weißbäck",
    "Café Señor",
    "Nur ASCII",
]


def file_of(content: bytes) -> tuple[str, str, list[list[str]]]:
    """Encoding, delimiter and cells, headings first."""
    stream = io.BytesIO(content)
    found = survey(stream, SCORE)
    rows = [list(record.cells) for record in read_records(stream, found)]
    return found.encoding.name, found.dialect.delimiter, rows


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("codec", "shown"),
    [("cp1252", "Windows-1252"), ("cp850", "DOS 850"), ("mac_roman", "Mac Roman")],
)
def test_the_code_page_is_told_by_letters_inside_words(name: str, codec: str, shown: str) -> None:
    content = f"Firmennummer;Firma\r\n1;{name}\r\n".encode(codec)
    encoding, _, rows = file_of(content)
    assert rows[1] == ["1", name]
    assert encoding == (shown if not name.isascii() else "UTF-8")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", [False, True])
def test_utf_16_is_read_with_and_without_its_mark(codec: str, mark: bool) -> None:
    text = ("\ufeff" if mark else "") + HEADINGS + "1;Bäckerei €;;;;DE\r\n"
    encoding, _, rows = file_of(text.encode(codec))
    assert encoding == "UTF-16"
    assert rows[0][0] == "Firmennummer"
    assert rows[1][1] == "Bäckerei €"


def test_windows_signs_are_not_taken_for_dos_letters() -> None:
    text = HEADINGS + "1;„Zur Post“ – Hotel;;;;DE\r\n2;Preis 5 € ‚netto‘;;;;DE\r\n"
    encoding, _, rows = file_of(text.encode("cp1252"))
    assert encoding == "Windows-1252"
    assert rows[1][1] == "„Zur Post“ – Hotel"


@pytest.mark.parametrize("delimiter", list(";,\t|"))
def test_the_delimiter_makes_the_headings_not_what_stands_in_cells(delimiter: str) -> None:
    others = [sign for sign in ";,\t|" if sign != delimiter]
    cell = "a" + "".join(f"{sign}b" for sign in others)
    row = delimiter.join(["1", f'"{cell}"', "x"])
    content = delimiter.join(["Firmennummer", "Firma", "Ort"]) + "\n" + (row + "\n") * 5
    _, found, rows = file_of(content.encode())
    assert found == delimiter
    assert rows[1] == ["1", cell, "x"]


def test_records_are_found_again_by_line_and_offset() -> None:
    for codec in ("utf-8", "cp1252", "utf-16-le", "utf-8-sig"):
        text = "Titel\r\n" + HEADINGS + "".join(f'{n};"Bäck\n{n}";;;Köln;DE\r\n' for n in range(50))
        stream = io.BytesIO(text.encode(codec))
        found = survey(stream, SCORE)
        whole = list(read_records(stream, found))
        for place in (1, 17, 50):
            begin = whole[place].line, whole[place].offset
            assert list(read_records(stream, found, begin=begin)) == whole[place:], codec


@given(st.binary(max_size=300))
def test_any_bytes_are_records(content: bytes) -> None:
    stream = io.BytesIO(content)
    for record in read_records(stream, survey(stream, SCORE)):
        assert record.line >= 1


@given(st.text(max_size=60))
def test_cleaning_leaves_nothing_to_clean(text: str) -> None:
    for cleaned in (clean(text), clean_cell(text)):
        assert not {unicodedata.category(sign) for sign in cleaned} & {"Cf", "Cc", "Zl", "Zp"}
        assert all(sign == " " for sign in cleaned if unicodedata.category(sign) == "Zs")
        assert cleaned == clean(cleaned) == unicodedata.normalize("NFC", cleaned)
    kept = clean_lines(text)
    assert clean_lines(kept) == kept


def test_cleaning_a_flood_of_combining_marks_composes_nothing() -> None:
    flood = "a" + "\u0301\u0327" * 100_000
    assert len(clean(flood)) == len(flood)


@pytest.mark.parametrize(
    ("sign", "named"),
    [("\u0661", "U+0661 ARABIC-INDIC DIGIT ONE"), ("\x07", "U+0007 Cc"), ("е", "U+0435 CYRILLIC SMALL LETTER IE"), ("ä", ""), ("-", "")],
)  # fmt: skip
def test_an_odd_sign_is_named(sign: str, named: str) -> None:
    assert odd_sign(f"ab{sign}c") == named


def form_of(*cells: str, around: tuple[str, ...] = (), by_program: bool = True) -> NumberForm:
    evidence, other = NumberEvidence(), NumberEvidence()
    for cell in cells:
        evidence.add(cell)
    for cell in around:
        other.add(cell)
    return evidence.form([other], by_program=by_program)


@pytest.mark.parametrize(
    ("cells", "decimal"),
    [
        (["345.000"], ""),
        (["345.000", "1250"], ""),
        (["345.000", "24100.000"], "."),
        (["345,000", "24100,000"], ","),
        (["0.000", "345.000"], "."),
        (["345.000", "1.250,00"], ","),
        (["12.345.678", "345.000"], ""),
        (["345.000", "346.000", "999.000"], "."),
        (["345.000", "345.000", "345.000"], ""),
        (["7,00", "1,00"], ","),
        (["12'345.50"], "."),
    ],
)
def test_the_form_of_numbers_is_told_by_all_of_a_column(cells: list[str], decimal: str) -> None:
    assert form_of(*cells) == NumberForm(decimal)


def test_a_column_that_tells_nothing_is_written_like_the_others_of_its_file() -> None:
    assert form_of("345.000", around=("24100.000",)) == NumberForm(".")
    assert form_of("345.000", around=("24.100,00",)) == NumberForm(",")
    assert form_of("345.000", around=("1.234.567",)) == NumberForm()


def test_people_who_type_round_thousands_mean_them() -> None:
    assert form_of("11.000", "12.000", "45.000", by_program=False) == NumberForm()


@pytest.mark.parametrize("cells", [["1.5", "1,5"], ["1.234.567", "1.5"]])
def test_a_column_may_contradict_itself(cells: list[str]) -> None:
    form = form_of(*cells)
    assert form.unclear
    assert without_fraction("1.234", form) is None
    assert without_fraction("1234", form) == "1234"


@given(st.integers(0, 10**9), st.sampled_from([".", ","]), st.integers(1, 4))
def test_zero_decimals_of_a_decimal_column_do_not_change_a_number(
    number: int, sign: str, places: int
) -> None:
    cell = f"{number}{sign}{'0' * places}"
    assert without_fraction(cell, NumberForm(sign)) == str(number)
    assert without_fraction(cell[:-1] + "5", NumberForm(sign)) is None


@pytest.mark.parametrize(
    ("cell", "form", "read"),
    [
        ("28.11.2026", DayForm.USUAL, ReadDay(date(2026, 11, 28))),
        ("2026-11-28", DayForm.USUAL, ReadDay(date(2026, 11, 28))),
        ("28.11.2026 14:33", DayForm.USUAL, ReadDay(date(2026, 11, 28), 873)),
        ("28.11.2026 2:33:10 PM", DayForm.USUAL, ReadDay(date(2026, 11, 28), 873)),
        ("2026-11-28T23:30:00.000Z", DayForm.USUAL, ReadDay(date(2026, 11, 29), 30)),
        ("2026-07-28 23:30:00+0000", DayForm.USUAL, ReadDay(date(2026, 7, 29), 90)),
        ("28.11.2026 00:00", DayForm.USUAL, ReadDay(date(2026, 11, 28))),
        ("28.11.98", DayForm.SHORT_YEAR, ReadDay(date(1998, 11, 28))),
        ("28/11/2026", DayForm.DAY_FIRST, ReadDay(date(2026, 11, 28))),
        ("11/28/2026", DayForm.MONTH_FIRST, ReadDay(date(2026, 11, 28))),
        ("20261128", DayForm.DIGITS, ReadDay(date(2026, 11, 28))),
    ],
)
def test_days_are_read_in_the_form_of_their_column(cell: str, form: DayForm, read: ReadDay) -> None:
    assert read_day(cell, form) == read


@pytest.mark.parametrize(
    "cell", ["28.11.26", "11/28/2026", "20261128", "46354", "gestern", "28.11."]
)
def test_a_day_in_another_form_than_its_column_is_none(cell: str) -> None:
    with pytest.raises(NoDay):
        read_day(cell, DayForm.USUAL)


@pytest.mark.parametrize(
    "cell", ["31.02.2026", "2026-13-01", "28.11.2026 25:00", "01.01.0001T00:00:00+14:00"]
)
def test_a_day_that_the_calendar_lacks_is_impossible(cell: str) -> None:
    with pytest.raises((ImpossibleDay, NoDay)):
        read_day(cell, DayForm.USUAL)


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["28.11.26", "01.02.27"], DayForm.SHORT_YEAR),
        (["28.11.26", "01.02.2027"], DayForm.USUAL),
        (["28/11/2026", "01/02/2027"], DayForm.DAY_FIRST),
        (["01/02/2027", "03/04/2027"], DayForm.UNCLEAR),
        (["11/28/2026", "01/02/2027"], DayForm.UNCLEAR),
        (["20261128"], DayForm.DIGITS),
        ([], DayForm.USUAL),
    ],
)
def test_the_form_of_days_is_told_by_all_of_a_column(cells: list[str], form: DayForm) -> None:
    evidence = DayEvidence()
    for cell in cells:
        evidence.add(cell)
    assert evidence.form() is form


@pytest.mark.parametrize(
    ("cells", "strip"),
    [
        (["97001.0"], True),
        (["97001", "97002.00"], True),
        (["97001.0", "97001.1"], False),
        (["A.0"], False),
    ],
)
def test_tails_of_numbers_mean_nothing_unless_there_are_others(
    cells: list[str], strip: bool
) -> None:
    evidence = KeyEvidence()
    for cell in cells:
        evidence.add(cell)
    assert evidence.strip is strip


LINES = st.lists(st.text("ab 1;,\t\"'\0\u2028\x85", max_size=12), max_size=8)


@given(LINES, st.sampled_from(";,\t"), st.sampled_from(["\r\n", "\n", "\r"]))
def test_lines_that_are_only_split_are_those_of_the_csv_module(
    texts: list[str], delimiter: str, end: str
) -> None:
    lines = [f"{text}{end}" for text in texts]
    begins = range(len(lines))
    together = TextRun(1, begins, lines, is_plain([line.encode() for line in lines]))
    apart = [TextRun(n + 1, [n], [line], plain=False) for n, line in enumerate(lines)]
    assert [*records([together], delimiter)] == [*records(apart, delimiter)]
    found = {record.line: list(record.cells) for record in records([together], delimiter)}
    for number, line in enumerate(lines, start=1):
        if '"' not in "".join(texts) and "\0" not in line:
            (cells,) = csv.reader([line], delimiter=delimiter, strict=True)
            assert found.get(number, []) == (cells if any(map(str.strip, cells)) else [])


def test_long_rows_are_read_a_few_at_a_time() -> None:
    """What is read together is kept twice: rows of a table that somebody fills with texts have no bound of their own."""
    rows = (Record(n, n * 60_000, [str(n)]) for n in range(100))
    found = [*chunked(rows)]
    assert max(len(chunk) for chunk, _ in found) < 25
    assert [record.line for chunk, _ in found for record in chunk] == [*range(100)]
    assert [last for _, last in found] == [False] * (len(found) - 1) + [True]
