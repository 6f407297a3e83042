"""Small files that are meant to cost much: refused or read, within the memory that a request has.

`python -m tests.support.hostile` shows what each of them costs.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from meterportal.archives import MIB, REQUEST, Archive
from meterportal.domain.unreadable import Unreadable
from meterportal.workbooks import book_in

from infra.local.template import ROOT
from tests.support.hostile import COSTLY, MAKERS, ods, xlsx
from tests.support.packed import packed
from tests.support.reading import opened, refusal

MOST_MEMORY = 256
PIECE = 64 * 1024


@cache
def costs(form: str) -> Mapping[str, Any]:
    """What the hostile files of a form cost, each read in a process of its own."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.support.hostile", "--json", form],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {cost["name"]: cost for cost in map(json.loads, told.stdout.splitlines())}


def costs_little(name: str, form: str) -> None:
    cost = costs(form)[name]
    assert cost["code"] == MAKERS[name][1]
    assert cost["memory"] < MOST_MEMORY


@pytest.mark.parametrize("name", [name for name in MAKERS if name not in COSTLY])
def test_a_hostile_file_costs_little_memory_and_is_refused_in_words(name: str) -> None:
    costs_little(name, "--short")


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(COSTLY))
def test_a_file_that_keeps_us_busy_costs_little_memory_too(name: str) -> None:
    costs_little(name, "--long")


@pytest.mark.parametrize(
    "name",
    [
        "xlsx 70 MB of blanks",
        "ods 70 MB of blanks",
        "xlsx shared string of 30 MB",
        "xlsx an attribute of 30 MB",
        "xlsx nested a million deep",
        "xlsx a picture of 70 MB",
    ],
)
def test_no_more_is_unpacked_than_was_read(name: str) -> None:
    content = MAKERS[name][0]()
    archive = Archive(io.BytesIO(content), REQUEST)
    limit = REQUEST.small + REQUEST.ratio * len(content)
    try:
        book_in(archive)
    except Unreadable as refused:
        if refused.code == "too_large_unpacked":
            assert limit < archive.unpacked <= limit + PIECE
            return
    assert archive.unpacked < 4 * MIB


def test_parts_are_followed_once_and_others_only_begun() -> None:
    made = xlsx.parts(
        xlsx.sheet('<row><c t="s"><v>0</v></c></row>' * 40, behind="<x>" + "y" * MIB + "</x>"),
        strings=xlsx.strings("<si><t>SN1</t></si>"),
        styles=xlsx.styles(),
    )
    others = {f"xl/media/{n}.png": b"\x89PNG" + b"\0" * MIB for n in range(20)}
    book = opened(packed(made | others))
    assert book.archive.unpacked < sum(map(len, made.values())) + (len(others) + 1) * PIECE
    (sheet,) = book.sheets
    assert sum(1 for _ in book.rows(sheet)) == 40
    read = book.archive.unpacked
    assert sum(1 for _ in book.rows(sheet)) == 40
    assert book.archive.unpacked == read
    assert len(book.archive.opened) == len(set(book.archive.opened)) == len(made | others)


@pytest.mark.parametrize(
    ("limited", "code"),
    [
        ({"sheets": 1}, "too_many_sheets"),
        ({"rows": 2}, "too_many_rows"),
        ({"cells": 8}, "too_many_cells"),
        ({"tags": 40}, "too_many_cells"),
        ({"text": 20}, "too_much_text"),
        ({"cell": 4}, "huge_cell"),
        ({"unpacked": 200}, "too_large_unpacked"),
        ({"entries": 2}, "too_many_files"),
    ],
)
def test_every_limit_is_kept_for_both_formats(limited: dict[str, int], code: str) -> None:
    limits = replace(REQUEST, **limited)
    row = ods.row(*(ods.text(f"Zelle{n}") for n in range(3)))
    tables = [ods.table(row * 3), ods.table(row * 3, name="Zwei")]
    cells = '<c t="inlineStr"><is><t>Zelle</t></is></c>' * 3
    sheets = [xlsx.sheet(f"<row>{cells}</row>" * 3)] * 2
    for content in (ods.book(*tables), xlsx.book(*sheets)):
        assert refusal(content) == ""
        assert refusal(content, limits) == code


def test_cells_behind_the_last_column_are_left_out_in_both_formats() -> None:
    limits = replace(REQUEST, columns=2)
    cells = "<c><v>1</v></c>" * 5
    for content in (
        ods.book(ods.table(ods.row(*[ods.number("1")] * 5))),
        xlsx.book(xlsx.sheet(f"<row>{cells}</row>")),
    ):
        book = opened(content, limits)
        assert book.sheets[0].head == ((1, (1, 1)),)
