"""Columns come back as they were packed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.domain.portfolio.columns import ColumnWriter, EndOfLine
from meterportal.domain.portfolio.snapshots import folded

from tests.support.snapshot_reader import ColumnReader

LINES = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]))
DAYS = st.just("") | st.dates(date(2000, 1, 1)).map(date.isoformat)


@given(
    numbers=st.lists(st.integers(0, 2**32 - 1)),
    near=st.lists(st.integers(0, 2**31 - 1)),
    around=st.lists(st.integers(-(2**31), 2**31 - 1)),
    texts=st.lists(LINES),
    words=st.lists(st.sampled_from(["", "a", "ä"])),
    days=st.lists(DAYS),
    ids=st.lists(st.from_regex(r"[0-9]{1,12}|[A-Z]-[0-9]", fullmatch=True)),
)
def test_every_column_is_read_as_it_was_written(
    numbers: list[int],
    near: list[int],
    around: list[int],
    texts: list[str],
    words: list[str],
    days: list[str],
    ids: list[str],
) -> None:
    writer = ColumnWriter()
    writer.numbers("numbers", numbers)
    writer.deltas("near", near)
    writer.signed("around", around)
    writer.texts("texts", texts)
    writer.words("words", words)
    writer.words("words that are rare", texts)
    writer.days("days", days)
    writer.ids("ids", ids)
    reader = ColumnReader(writer.packed())
    assert reader.numbers("numbers") == numbers
    assert reader.numbers("near") == near
    assert reader.numbers("around") == around
    assert reader.texts("texts") == texts
    assert reader.texts("words") == words
    assert reader.texts("words that are rare") == texts
    assert reader.days("days") == days
    assert reader.ids("ids") == ids


def test_the_form_is_the_one_that_browsers_read() -> None:
    """Byte by byte, as docs/read-model.md tells it."""
    writer = ColumnWriter()
    writer.numbers("n", [1, 258])
    writer.deltas("d", [5, 4])
    writer.texts("t", ["ä", ""])
    head = b'{"n":["H",0,4],"d":["h",4,4,"delta"],"t":["s",8,4]}'
    content = bytes([1, 2, 0, 1]) + bytes([5, 255, 0, 255]) + "ä\n\n".encode()
    assert writer.packed() == len(head).to_bytes(4, "little") + head + content


def test_an_end_of_line_is_refused() -> None:
    with pytest.raises(EndOfLine):
        ColumnWriter().texts("t", ["a\nb"])


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Müller", "mueller"),
        ("Mu\u0308ller", "mueller"),
        ("GROß", "gross"),
        ("Łukasz Sørensen", "lukasz sorensen"),
        ("Đorđe Þór Guðrún", "dorde thor gudrun"),
        ("Æbleskær, Cœur, Diyarbakır", "aebleskaer, coeur, diyarbakir"),
        ("Ǿ ǽ ẞ", "o ae ss"),
        ("Café Zoë", "cafe zoe"),
        ("İzmir", "izmir"),
    ],
)
def test_text_is_folded_for_text_and_query_alike(text: str, same: str) -> None:
    assert folded(text) == same
