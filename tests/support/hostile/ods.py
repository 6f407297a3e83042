"""OpenDocument spreadsheets written by hand, and the hostile ones among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.support.packed import packed

_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "style")
)
MIMETYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = b'<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'


def content(tables: str, *, styles: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} '
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
        'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" office:version="1.3">'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body>"
        f"<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    ).encode()


def table(rows: str, *, name: str = "Tabelle1", more: str = "") -> str:
    return f'<table:table table:name="{name}"{more}>{rows}</table:table>'


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def text(words: str, *, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{more}><text:p>{words}</text:p></table:table-cell>'


def number(value: str, *, kind: str = "float", more: str = "") -> str:
    return f'<table:table-cell office:value-type="{kind}" office:value="{value}"{more}><text:p>{value}</text:p></table:table-cell>'


def empty(more: str = "") -> str:
    return f"<table:table-cell{more}/>"


def parts(made: bytes, **more: bytes) -> dict[str, bytes]:
    return {"mimetype": MIMETYPE, "content.xml": made, "META-INF/manifest.xml": _MANIFEST} | more


def book(*tables: str, styles: str = "") -> bytes:
    return packed(parts(content("".join(tables), styles=styles)), level=1)


def repeated(columns: int = 1, rows: int = 1) -> tuple[str, str]:
    """Attributes of a cell and of a row that stand for many."""
    return (
        f' table:number-columns-repeated="{columns}"',
        f' table:number-rows-repeated="{rows}"',
    )


_CELLS, _ROWS = repeated(2**31, 2**31)
_PLAIN = row(text("SN1"), number("1"))
_LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;">]>'

Maker = Callable[[], bytes]

MAKERS: Mapping[str, tuple[Maker, str]] = {
    "ods empty cells, 2^31": (lambda: book(table(row(text("SN1"), empty(_CELLS)))), ""),
    "ods empty rows, 2^31": (lambda: book(table(_PLAIN + row(empty(_CELLS), more=_ROWS))), ""),
    "ods full cells, 2^31": (lambda: book(table(row(text("SN1", more=_CELLS)))), ""),
    "ods full rows, 2^31": (lambda: book(table(row(text("SN1"), more=_ROWS))), "workbook_broken"),
    "ods full rows to the end": (
        lambda: book(table(row(text("SN1"), more=repeated(1, 1_048_576)[1]))),
        "too_many_rows",
    ),
    "ods full rows and cells, 2^31": (
        lambda: book(table(row(text("SN1", more=_CELLS), more=_ROWS))),
        "workbook_broken",
    ),
    "ods a row behind 2^31 empty ones": (
        lambda: book(table(row(empty(), more=_ROWS) + _PLAIN)),
        "workbook_broken",
    ),
    "ods a thousand rows of a thousand cells, a thousand times": (
        lambda: book(table(row(text("SN1", more=repeated(1_000)[0]), more=repeated(1, 1_000)[1]) * 1_000)),
        "too_many_cells",
    ),
    "ods blanks, 2^31 in one cell": (
        lambda: book(table(row(text(f'SN<text:s text:c="{2**31}"/>')))),
        "huge_cell",
    ),
    "ods a million paragraphs in a cell": (
        lambda: book(table(row(text("</text:p><text:p>".join("x" * 900_000))))),
        "huge_cell",
    ),
    "ods a cell of a million characters": (
        lambda: book(table(row(text("x" * 1_000_000)))),
        "huge_cell",
    ),
    "ods one long text in every row": (
        lambda: book(table(row(text("ä" * 30_000), more=repeated(1, 100_000)[1]))),
        "too_much_text",
    ),
    "ods spans nested a million deep": (
        lambda: book(table(row(text("<text:span>" * 1_000_000 + "</text:span>" * 1_000_000)))),
        "workbook_broken",
    ),
    "ods tables nested a million deep": (
        lambda: book("<table:table>" * 1_000_000 + "</table:table>" * 1_000_000),
        "workbook_broken",
    ),
    "ods a hundred thousand tables": (lambda: book(table("") * 100_000), "too_many_sheets"),
    "ods half a million empty rows": (lambda: book(table(row() * 480_000 + _PLAIN)), ""),
    "ods 230,000 cells": (lambda: book(table(row(*(number("1"),) * 23) * 10_000)), ""),
    "ods a million cells": (lambda: book(table(row(*(number("1"),) * 10) * 100_000)), "too_many_cells"),
    "ods styles without end": (
        lambda: book(
            table(_PLAIN),
            styles="".join(
                f'<style:style style:name="t{n}" style:family="table"><style:table-properties table:display="false"/></style:style>'
                for n in range(400_000)
            ),
        ),
        "workbook_broken",
    ),
    "ods laughs in UTF-8": (lambda: packed(parts(_LAUGHS + b"<x>&b;</x>")), "workbook_broken"),
    "ods laughs in UTF-16": (
        lambda: packed(parts((_LAUGHS.decode() + "<x>&b;</x>").encode("utf-16"))),
        "workbook_broken",
    ),
    "ods laughs in the manifest": (
        lambda: packed(
            parts(content(table(_PLAIN))) | {"META-INF/manifest.xml": _LAUGHS + b"<x>&b;</x>"}
        ),
        "workbook_broken",
    ),
    "ods 70 MB of blanks": (lambda: book(table(" " * 70_000_000 + _PLAIN)), "too_large_unpacked"),
}  # fmt: skip
