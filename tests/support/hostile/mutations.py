"""Sound files, each changed in a few places by chance: the same changes for the same number."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

from tests.support.erp_exports import FILES, as_zip
from tests.support.hostile import ods, xlsx
from tests.support.packed import packed, unpacked
from tests.support.spreadsheets import as_workbook

_HEADINGS = ["Seriennummer", "Zähler", "Neuer Stand", "Datum"]
_NUMBERS = [b"-1", b"0", b"1e999", b"2147483648", b"9" * 40, b"NaN", b"", b"1048577", b"\xd9\xa1"]
_MARKS = [b"<", b">", b"&", b'"', b"]]>", b"<!--", b"<![CDATA[", b"<!DOCTYPE x>", b"&#0;", b"\0"]
_SIGNATURES = [b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7"]


@cache
def sound() -> tuple[bytes, ...]:
    """A workbook of openpyxl, one written by hand, an OpenDocument spreadsheet, an export."""
    day = date(2026, 11, 20)
    table: list[list[Any]] = [
        _HEADINGS,
        *([f"SN20000{n % 3}", "S/W", 11_000 + n, day] for n in range(12)),
    ]
    by_hand = xlsx.book(
        xlsx.sheet(
            '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Stand</t></is></c></row>'
            '<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" s="0"><f>1+1</f><v>2</v></c><c r="D2" s="1"><v>46346.5</v></c></row>'
        ),
        xlsx.sheet(""),
        strings=xlsx.strings("<si><t>SN</t></si><si><r><t>SN</t></r><r><t>1</t></r></si>"),
        styles=xlsx.styles(
            '<numFmt numFmtId="164" formatCode="dd.mm.yyyy"/>',
            '<xf numFmtId="0"/><xf numFmtId="164"/>',
        ),
    )
    wide, high = ods.repeated(3, 2)
    document = ods.book(
        ods.table(
            ods.row(*map(ods.text, _HEADINGS))
            + ods.row(ods.text("SN1"), ods.text("S/W"), ods.number("11000"), ods.empty(wide))
            + ods.row(ods.empty(wide), more=high)
        ),
        ods.table("", name="Leer"),
    )
    return as_workbook(table), by_hand, document, as_zip(FILES)


def mutated(number: int) -> bytes:
    """A sound file with a few changes: of its bytes as they are packed, or of a part's content."""
    chance = random.Random(number)  # noqa: S311 - the same every time
    content = chance.choice(sound())
    return chance.choice((_in_bytes, _in_bytes, _in_part, _in_part, _in_part, _in_headers))(
        content, chance
    )


def _in_bytes(content: bytes, chance: random.Random) -> bytes:
    change: Callable[[bytes, random.Random], bytes] = chance.choice((_flip, _flip, _cut, _double))
    for _ in range(chance.choice((1, 1, 2, 8))):
        content = change(content, chance)
    return content


def _in_part(content: bytes, chance: random.Random) -> bytes:
    """Packed again soundly, so that what reads the parts comes to see the change."""
    parts = unpacked(content)
    name = chance.choice(list(parts))
    for _ in range(chance.choice((1, 1, 2, 5))):
        change = chance.choice((_flip, _cut, _double, _number, _mark, _mark))
        parts[name] = change(parts[name], chance)
    match chance.randrange(12):
        case 0:
            del parts[name]
        case 1:
            parts[name] = parts[chance.choice(list(parts))]
        case 2:
            parts[name] = parts[name].decode("latin-1").encode("utf-16")
        case 3:
            parts[chance.choice([name.upper(), "../" + name, "xl/vbaProject.bin", "x"])] = b"<x/>"
    return packed(parts)


def _in_headers(content: bytes, chance: random.Random) -> bytes:
    """A field of two or four bytes behind one of the signatures."""
    places = [
        place
        for signature in _SIGNATURES
        for place in range(len(content))
        if content.startswith(signature, place)
    ]
    spoilt = bytearray(content)
    for _ in range(chance.choice((1, 2))):
        place = chance.choice(places) + 4 + 2 * chance.randrange(22)
        value = chance.choice((0, 1, 8, 14, 99, 0x800, 0xFFFF, 0xFFFFFFFF, chance.getrandbits(32)))
        field = struct.pack("<L", value)[: chance.choice((2, 4))]
        spoilt[place : place + len(field)] = field
    return bytes(spoilt)


def _flip(content: bytes, chance: random.Random) -> bytes:
    if not content:
        return b"\0"
    spoilt = bytearray(content)
    spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


def _cut(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    return content[:place] + content[place + chance.choice((1, 4, 100, len(content))) :]


def _double(content: bytes, chance: random.Random) -> bytes:
    place, length = chance.randrange(len(content) + 1), chance.choice((1, 20, 400))
    return content[: place + length] + content[place:]


def _number(content: bytes, chance: random.Random) -> bytes:
    """A run of digits becomes a number that nobody expects there."""
    places = [n for n, sign in enumerate(content) if 48 <= sign <= 57]
    if not places:
        return content
    first = last = chance.choice(places)
    while last + 1 < len(content) and 48 <= content[last + 1] <= 57:
        last += 1
    return content[:first] + chance.choice(_NUMBERS) + content[last + 1 :]


def _mark(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    return content[:place] + chance.choice(_MARKS) + content[place:]
