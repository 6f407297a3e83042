"""Workbooks (xlsx) written by hand, and the hostile ones among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tests.support.packed import Entry, packed, raw

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_BEGIN = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

Parts = dict[str, bytes]


def sheet(rows: str, *, before: str = "", behind: str = "") -> bytes:
    """The XML of a sheet with these rows."""
    return f'{_BEGIN}<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{behind}</worksheet>'.encode()


def strings(items: str) -> bytes:
    return f'{_BEGIN}<sst xmlns="{MAIN}">{items}</sst>'.encode()


def styles(formats: str = "", cells: str = '<xf numFmtId="0"/>') -> bytes:
    return f'{_BEGIN}<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts><fonts><font/></fonts><fills><fill><patternFill patternType="none"/></fill></fills><borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs><cellXfs>{cells}</cellXfs><cellStyles><cellStyle name="Standard" xfId="0" builtinId="0"/></cellStyles></styleSheet>'.encode()


def relations(targets: Mapping[str, tuple[str, str]], *, more: str = "") -> bytes:
    """Relationships: id -> (kind, target)."""
    listed = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return (
        f'{_BEGIN}<Relationships xmlns="{PACKAGE}/relationships">{listed}{more}</Relationships>'
    ).encode()


def workbook(sheets: str, *, before: str = "", behind: str = "") -> bytes:
    return f'{_BEGIN}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{before}<sheets>{sheets}</sheets>{behind}</workbook>'.encode()


def content_types(sheets: int) -> bytes:
    named = {f"/xl/worksheets/sheet{n}.xml": "worksheet" for n in range(1, sheets + 1)} | {
        "/xl/workbook.xml": "sheet.main",
        "/xl/sharedStrings.xml": "sharedStrings",
        "/xl/styles.xml": "styles",
    }
    listed = "".join(
        f'<Override PartName="{name}" ContentType="{_TYPE}.{kind}+xml"/>'
        for name, kind in named.items()
    )
    return f'{_BEGIN}<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{listed}</Types>'.encode()


def parts(*sheets: bytes, **more: bytes) -> Parts:
    """The parts of a workbook of these sheets, "Tabelle1" and so on; `strings`, `styles`."""
    named = "".join(
        f'<sheet name="Tabelle{n}" sheetId="{n}" r:id="rId{n}"/>' for n in range(1, len(sheets) + 1)
    )
    targets = {
        f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)
    }
    if "strings" in more:
        targets["rIdT"] = ("sharedStrings", "sharedStrings.xml")
    if "styles" in more:
        targets["rIdS"] = ("styles", "styles.xml")
    made: Parts = {
        "[Content_Types].xml": content_types(len(sheets)),
        "_rels/.rels": relations({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": workbook(named),
        "xl/_rels/workbook.xml.rels": relations(targets),
    }
    made |= {f"xl/worksheets/sheet{n}.xml": one for n, one in enumerate(sheets, start=1)}
    if "strings" in more:
        made["xl/sharedStrings.xml"] = more["strings"]
    if "styles" in more:
        made["xl/styles.xml"] = more["styles"]
    return made


def book(*sheets: bytes, **more: bytes) -> bytes:
    return packed(parts(*sheets, **more))


def with_parts(changed: Mapping[str, bytes]) -> bytes:
    """A sound small workbook with other parts, or more of them."""
    sound = parts(PLAIN, strings=strings("<si><t>SN1</t></si>"), styles=styles())
    return packed(sound | dict(changed), level=1)


PLAIN = sheet('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1</v></c></row>')


def columns() -> Iterator[str]:
    """A to XFD."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    heads = ["", *letters, *(a + b for a in letters for b in letters)]
    for head in heads:
        for letter in letters:
            yield head + letter
            if head + letter == "XFD":
                return


def _laughs(encoding: str, part: str) -> bytes:
    text = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "haha">'
    text += "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    text += f'<!ENTITY big "{"x" * 60_000}">]><worksheet xmlns="{MAIN}"><sheetData><row><c t="inlineStr"><is><t>&j;{"&big;" * 3_000}</t></is></c></row></sheetData></worksheet>'
    content = text.encode(encoding) if encoding == "utf-16" else text.encode()
    return with_parts({part: content})


def _odd_name() -> bytes:
    """Entities in a sheet whose part is called neither .xml nor .rels."""
    made = parts(PLAIN, strings=strings("<si><t>SN1</t></si>"))
    laughs = f'<!DOCTYPE x [<!ENTITY a "1">]><worksheet xmlns="{MAIN}"><sheetData><row><c><v>&a;</v></c></row></sheetData></worksheet>'
    del made["xl/worksheets/sheet1.xml"]
    made["xl/worksheets/sheet1.dat"] = laughs.encode()
    made["xl/_rels/workbook.xml.rels"] = relations(
        {
            "rId1": ("worksheet", "worksheets/sheet1.dat"),
            "rIdT": ("sharedStrings", "sharedStrings.xml"),
        }
    )
    return packed(made)


def _one_part_for_all() -> bytes:
    made = parts(PLAIN, strings=strings("<si><t>SN1</t></si>"))
    named = "".join(f'<sheet name="T{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, 200))
    return packed(made | {"xl/workbook.xml": workbook(named)})


def _circle() -> bytes:
    made = parts(PLAIN, strings=strings("<si><t>SN1</t></si>"))
    made["xl/_rels/workbook.xml.rels"] = relations({"rId1": ("worksheet", "workbook.xml")})
    made["xl/worksheets/_rels/sheet1.xml.rels"] = relations({"rId1": ("worksheet", "sheet1.xml")})
    return packed(made)


def _doubled() -> bytes:
    made = parts(PLAIN, strings=strings("<si><t>SN1</t></si>"))
    other = PLAIN.replace(b"<v>1<", b"<v>9<")
    return raw(
        Entry(name.encode(), content)
        for name, content in [*made.items(), ("xl/worksheets/sheet1.xml", other)]
    )


def _external_links() -> bytes:
    made = parts(PLAIN, strings=strings("<si><t>SN1</t></si>"))
    targets = {f"rId{n}": ("externalLink", f"externalLinks/l{n}.xml") for n in range(2, 20_000)}
    return packed(
        made
        | {
            "xl/_rels/workbook.xml.rels": relations(
                {"rId1": ("worksheet", "worksheets/sheet1.xml"), **targets}
            )
        }
    )


def _words() -> bytes:
    """Elements and attributes that each have a name of their own: parsers keep every name."""
    rows = "".join(f'<a{n:x} b{n:x}=""/>' for n in range(1_000_000))
    return with_parts({"xl/worksheets/sheet1.xml": sheet(rows)})


def _namespaces() -> bytes:
    """A prefix that stands for a long text, at every element."""
    far = "u" * 500_000
    rows = f'<row xmlns:p="{far}">' + '<p:c p:d="1"/>' * 400_000 + "</row>"
    return with_parts({"xl/worksheets/sheet1.xml": sheet(rows)})


def _rows(count: int, row: str) -> bytes:
    return with_parts({"xl/worksheets/sheet1.xml": sheet(row * count)})


Maker = Callable[[], bytes]

MAKERS: Mapping[str, tuple[Maker, str]] = {
    # name: the maker, and the code of the refusal ("" for a file that is read)
    "xlsx shared strings, two million": (
        lambda: with_parts({"xl/sharedStrings.xml": strings("<si><t/></si>" * 2_400_000)}),
        "too_many_cells",
    ),
    "xlsx shared strings, each another": (
        lambda: with_parts(
            {"xl/sharedStrings.xml": strings("".join(f"<si><t>{n:x}</t></si>" for n in range(1_200_000)))}
        ),
        "too_many_cells",
    ),
    "xlsx shared string of 30 MB": (
        lambda: with_parts({"xl/sharedStrings.xml": strings(f"<si><t>{'x' * 30_000_000}</t></si>")}),
        "huge_cell",
    ),
    "xlsx shared string of a thousand runs": (
        lambda: with_parts({"xl/sharedStrings.xml": strings(f"<si>{'<r><t>xxxxxxxx</t></r>' * 1_000_000}</si>")}),
        "huge_cell",
    ),
    "xlsx one long string in every cell": (
        lambda: with_parts(
            {
                "xl/sharedStrings.xml": strings(f"<si><t>{'ä' * 30_000}</t></si>"),
                "xl/worksheets/sheet1.xml": sheet('<row><c t="s"><v>0</v></c></row>' * 400_000),
            }
        ),
        "too_much_text",
    ),
    "xlsx a million styles": (
        lambda: with_parts({"xl/styles.xml": styles("", '<xf numFmtId="14"/>' * 1_400_000)}),
        "workbook_broken",
    ),
    "xlsx a million number formats": (
        lambda: with_parts(
            {"xl/styles.xml": styles("".join(f'<numFmt numFmtId="{n}" formatCode="{n}d"/>' for n in range(700_000)))}
        ),
        "workbook_broken",
    ),
    "xlsx fonts and fills": (
        lambda: with_parts(
            {"xl/styles.xml": styles(behind_cells(450_000))}
        ),
        "",
    ),
    "xlsx dimension that lies": (
        lambda: with_parts(
            {
                "xl/worksheets/sheet1.xml": sheet(
                    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>3</v></c><c r="XFD1048576"><v>2</v></c></row>',
                    before='<dimension ref="A1:XFD1048576"/>',
                )
            }
        ),
        "",
    ),
    "xlsx one cell at XFD1048576": (
        lambda: with_parts(
            {"xl/worksheets/sheet1.xml": sheet('<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>')}
        ),
        "",
    ),
    "xlsx cells in far columns of many rows": (
        lambda: with_parts(
            {
                "xl/worksheets/sheet1.xml": sheet(
                    "".join(f'<row r="{n}"><c r="XFD{n}"><v>2</v></c></row>' for n in range(1, 300_000))
                )
            }
        ),
        "",
    ),
    "xlsx a row of every column": (
        lambda: with_parts(
            {
                "xl/worksheets/sheet1.xml": sheet(
                    "".join(
                        f'<row r="{n}">' + "".join(f'<c r="{c}{n}"><v>1</v></c>' for c in columns()) + "</row>"
                        for n in range(1, 41)
                    )
                )
            }
        ),
        "too_many_cells",
    ),
    "xlsx 900,000 empty rows": (lambda: _rows(900_000, "<row/>"), ""),
    "xlsx three million empty rows": (lambda: _rows(3_000_000, "<row/>"), "too_many_cells"),
    "xlsx 900,000 empty cells": (
        lambda: with_parts({"xl/worksheets/sheet1.xml": sheet("<row>" + "<c/>" * 900_000 + "</row>")}),
        "",
    ),
    "xlsx a cell of a million characters": (
        lambda: with_parts(
            {"xl/worksheets/sheet1.xml": sheet(f'<row><c t="inlineStr"><is><t>{"x" * 1_000_000}</t></is></c></row>')}
        ),
        "huge_cell",
    ),
    "xlsx a number of a million digits": (
        lambda: with_parts({"xl/worksheets/sheet1.xml": sheet(f"<row><c><v>{'9' * 1_000_000}</v></c></row>")}),
        "huge_cell",
    ),
    "xlsx a number of 30,000 digits": (
        lambda: _rows(600, f"<row><c><v>{'9' * 30_000}</v></c></row>"),
        "workbook_broken",
    ),
    "xlsx row and column of many digits": (
        lambda: with_parts(
            {"xl/worksheets/sheet1.xml": sheet(f'<row r="{"9" * 30_000}"><c r="{"Z" * 30_000}1"><v>1</v></c></row>')}
        ),
        "workbook_broken",
    ),
    "xlsx nested a million deep": (
        lambda: with_parts({"xl/worksheets/sheet1.xml": sheet("<row>" * 1_000_000 + "</row>" * 1_000_000)}),
        "workbook_broken",
    ),
    "xlsx a million merged cells": (
        lambda: with_parts(
            {
                "xl/worksheets/sheet1.xml": sheet(
                    '<row r="1"><c r="A1"><v>1</v></c></row>',
                    behind='<mergeCells count="1">' + '<mergeCell ref="A1:XFD1048576"/>' * 900_000 + "</mergeCells>",
                )
            }
        ),
        "",
    ),
    "xlsx half a million defined names": (
        lambda: with_parts(
            {
                "xl/workbook.xml": workbook(
                    '<sheet name="T" sheetId="1" r:id="rId1"/>',
                    behind="<definedNames>"
                    + "".join(f'<definedName name="n{n}">T!A{n}</definedName>' for n in range(500_000))
                    + "</definedNames>",
                )
            }
        ),
        "",
    ),
    "xlsx a hundred thousand sheets": (
        lambda: with_parts(
            {
                "xl/workbook.xml": workbook(
                    "".join(f'<sheet name="T{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, 100_000))
                )
            }
        ),
        "workbook_broken",
    ),
    "xlsx 300 sheets": (lambda: book(*(PLAIN.replace(b' t="s"', b"") for _ in range(300))), "too_many_sheets"),
    "xlsx 500,000 cells": (
        lambda: with_parts(
            {"xl/worksheets/sheet1.xml": sheet(("<row>" + '<c s="0"><v>1</v></c>' * 24 + "</row>") * 20_000)}
        ),
        "",
    ),
    "xlsx 20,000 external links": (_external_links, "workbook_broken"),
    "xlsx one part for every sheet": (_one_part_for_all, "workbook_broken"),
    "xlsx relations in a circle": (_circle, "workbook_broken"),
    "xlsx a part twice": (_doubled, "zip_names"),
    "xlsx names without end": (_words, "workbook_broken"),
    "xlsx a namespace of half a megabyte": (_namespaces, "workbook_broken"),
    "xlsx an attribute of 30 MB": (
        lambda: with_parts({"xl/worksheets/sheet1.xml": sheet(f'<row x="{"x" * 30_000_000}"/>')}),
        "workbook_broken",
    ),
    "xlsx a comment of 30 MB": (
        lambda: with_parts({"xl/worksheets/sheet1.xml": sheet(f"<!--{'x' * 30_000_000}-->")}),
        "workbook_broken",
    ),
    "xlsx 70 MB of blanks": (
        lambda: with_parts({"xl/worksheets/sheet1.xml": sheet(" " * 70_000_000)}),
        "too_large_unpacked",
    ),
    "xlsx a picture of 70 MB": (
        lambda: with_parts({"xl/media/image1.bmp": b"BM" + b"\0" * 70_000_000}),
        "",
    ),
    "xlsx laughs in UTF-8": (lambda: _laughs("utf-8", "xl/worksheets/sheet1.xml"), "workbook_broken"),
    "xlsx laughs in UTF-16": (lambda: _laughs("utf-16", "xl/worksheets/sheet1.xml"), "workbook_broken"),
    "xlsx laughs in the strings": (lambda: _laughs("utf-8", "xl/sharedStrings.xml"), "workbook_broken"),
    "xlsx laughs in the types": (lambda: _laughs("utf-16", "[Content_Types].xml"), "workbook_broken"),
    "xlsx laughs that nobody reads": (lambda: _laughs("utf-16", "docProps/custom"), "workbook_broken"),
    "xlsx entities under an odd name": (_odd_name, "workbook_broken"),
}  # fmt: skip


def behind_cells(count: int) -> str:
    return '<numFmt numFmtId="1" formatCode="0"/>' + "".join(
        "<font><b/></font>" for _ in range(count)
    )
