"""What docs/scaling.md calls a limit of the code is one."""

from __future__ import annotations

import re

from meterportal import files
from meterportal.archives import DROP, MAX_UPLOAD, MIB, REQUEST
from meterportal.usecases.exchange import (
    import_findings,
    import_in_pieces,
    import_master_data,
    sort_rows,
    write_export,
)
from meterportal.usecases.mailing import draft_round
from meterportal.usecases.portfolio import check_readiness

from infra.local.template import ROOT
from tests.template.reading import TEMPLATE

_ROW = re.compile(
    r"^\| (?P<what>.+?) \| (?P<value>\d+)(?P<unit> MB)? \| `(?P<where>[\w.]+)` \|$", re.M
)

VALUES = {
    "largest upload, by a signed address or the drop": MAX_UPLOAD,
    "unpacked, all files of an upload together": DROP.unpacked,
    "unpacked bytes for each byte of an archive": DROP.ratio,
    "body of `POST /api/staff/imports`": import_master_data.AT_ONCE,
    "imported at once up to, unpacked": REQUEST.unpacked,
    "rows that a piece reads": sort_rows.PIECE_ROWS,
    "sorted rows that a piece holds": sort_rows.PIECE_BYTES,
    "rows of a part, on average": import_in_pieces.PART_ROWS,
    "parts of an import": import_in_pieces.MAX_PARTS,
    "findings that are kept": import_findings.MAX_FINDINGS,
    "companies of a piece of Portal Ready": check_readiness.PIECE,
    "companies of a piece of a round": draft_round.PIECE,
    "part of an export's file, the smaller one": write_export.PART,
    "read from the bucket at a time": files.AHEAD,
}


def _page() -> str:
    return (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")


def test_the_limits_on_the_page_are_the_code_s() -> None:
    told = {
        row["what"]: int(row["value"]) * (MIB if row["unit"] else 1)
        for row in _ROW.finditer(_page())
    }
    assert told == VALUES


def test_the_page_knows_the_functions_time_and_memory() -> None:
    (function,) = [
        one
        for one in TEMPLATE.resources("AWS::Serverless::Function")
        if one.name == "ImportMasterData"
    ]
    page = _page()
    assert f"Lambda: time of an invocation | {function.properties['Timeout']} s" in page
    assert (
        f"Lambda: memory, disk beside it (as deployed) | {function.properties['MemorySize']:,} MB"
        in page
    )
