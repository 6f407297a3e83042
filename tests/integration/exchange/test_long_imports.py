"""Imports that are too long for one go: in pieces, each of which may be the last one of its worker."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import IO, Any

import pytest
from meterportal.adapters import Adapters
from meterportal.archives import DROP
from meterportal.domain.exchange.import_runs import Import
from meterportal.queues import OutOfTime
from meterportal.settings import moment
from meterportal.store.exchange import imports
from meterportal.usecases.exchange import import_in_pieces, read_upload, sort_rows
from meterportal.usecases.exchange.import_master_data import run_import
from meterportal.usecases.exchange.start_imports import start_import

from tests.support.erp_exports import (
    COMPANIES,
    CONTACTS,
    CONTRACTS,
    FILES,
    MACHINES,
    READINGS,
    Table,
    as_csv,
    as_zip,
    codes,
    imported,
    report,
    upload,
    with_cells,
)
from tests.support.interleaving import every_order
from tests.support.master_rows import rewindable, rows_of
from tests.support.packed import packed
from tests.support.pieces import in_small_pieces
from tests.support.redelivery import work_off
from tests.support.spreadsheets import as_sheets, as_workbook
from tests.support.stage import ANNA, Stage

CHANGED: Mapping[str, Table] = {
    **FILES,
    "firmen.csv": with_cells(COMPANIES, 2, ort="Berlin"),
    "ansprechpartner.csv": with_cells(
        with_cells(CONTACTS, 2, email="neu@muster.example"), 4, email="neu@muster.example"
    ),
    "vertraege.csv": with_cells(
        with_cells(CONTRACTS, 2, firmennummer="10007", meldeansprech="5001"),
        3,
        nachste="28.12.2026",
    ),
    "maschinen.csv": with_cells([*MACHINES, MACHINES[1]], 4, seriennummer="SN200001"),
    "zaehlerstaende.csv": with_cells(
        [
            *READINGS,
            ["200001", "1", "20.11.2026", "5100", "Techniker", "", "", "N", "", ""],
            ["299999", "1", "20.11.2026", "5100", "Techniker", "", "", "N", "", ""],
            ["Summe", "", "", "7", "", "", "", "", "", ""],
        ],
        6,
        stand="x",
    ),
}
"""A second export: contracts and addresses have moved, rows refer to nothing, a line of totals."""

PORTIONS = ("state", "rows", "accepted", "rejected", "files", "changes", "missing", "causes")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_pieces(monkeypatch)


def told(found: Any) -> dict[str, Any]:
    """A report without what differs each time; the same findings may come in another order."""
    same = {name: found[name] for name in PORTIONS}
    same["causes"] = sorted((c["code"], c["file"], c["count"]) for c in found["causes"])
    return same | {"findings": sorted(codes(found), key=str), "sample": len(found["sample"])}


def without_times(rows: Mapping[tuple[str, str], Any]) -> Any:
    times = {"at", "import_id", "changes_sk", "expires_at", "version", "rev"}
    return {
        key: {name: _settled(value) for name, value in row.items() if name not in times}
        for key, row in rows.items()
        if not key[1].startswith("HISTORY")
    }


def _settled(value: Any) -> Any:
    """A set has no order."""
    return {"SS": sorted(value["SS"])} if "SS" in value else value


def left_behind(stage: Stage, adapters: Adapters) -> list[str]:
    """The keys of files that long imports have put beside their uploads, in any version."""
    answer = stage.client("s3").list_object_versions(
        Bucket=adapters.settings.import_bucket, Prefix="uploads/"
    )
    return [one["Key"] for one in answer.get("Versions", []) if "/work/" in one["Key"]]


def test_in_pieces_an_export_comes_to_what_it_comes_to_at_once(
    stage: Stage, adapters: Adapters, request: pytest.FixtureRequest
) -> None:
    imported(stage, FILES)
    rewind = rewindable(adapters)
    wanted = {}
    for dry in ("true", "false"):
        rewind()
        found = imported(stage, CHANGED, dry_run=dry, full="true")
        wanted[dry] = told(found), without_times(rows_of(adapters))
    assert wanted["false"][0]["rejected"] == 3
    request.getfixturevalue("small")
    for dry in ("true", "false"):
        rewind()
        found = imported(stage, CHANGED, dry_run=dry, full="true")
        assert told(found) == wanted[dry][0], dry
        assert without_times(rows_of(adapters)) == wanted[dry][1], dry
        ended = imports.load(adapters.table, found["id"])
        assert ended is not None
        assert ended.work
        assert ended.progress == (found["rows"], found["rows"])
    assert left_behind(stage, adapters) == []


def test_a_workbook_and_a_file_by_itself_are_read_in_pieces_too(
    stage: Stage, adapters: Adapters, small: None
) -> None:
    book = as_workbook(COMPANIES)
    parts = {"firmen.xlsx": book, "vertraege.csv": as_csv(CONTRACTS), "lies.txt": b"Guten Tag"}
    found = imported(stage, packed(parts))
    assert {one["file"]: one["accepted"] for one in found["files"]} == {
        "firmen.xlsx": 2,
        "vertraege.csv": 2,
        "lies.txt": 0,
    }
    found = imported(stage, as_csv(CONTACTS), file="ansprechpartner.csv")
    assert (found["state"], found["accepted"]) == ("done", 3)
    found = imported(stage, b"a;b\r\n1;2\r\n", file="x.csv")
    assert (found["state"], [f["code"] for f in found["findings"]]) == ("failed", ["unknown_file"])


def test_of_the_workbooks_in_an_archive_one_lies_on_the_disk(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    """The function has 512 MB of it, and a workbook may have half of that."""
    copies: list[IO[bytes]] = []
    most = [0]
    real = tempfile.TemporaryFile

    def copied() -> IO[bytes]:
        copies.append(real())
        most.append(sum(not copy.closed for copy in copies))
        return copies[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", copied)
    monkeypatch.setattr(sort_rows, "PIECE_ROWS", 100)
    monkeypatch.setattr(sort_rows, "PIECE_BYTES", 100_000)
    base = {"Firmen": COMPANIES, "Ansprechpartner": CONTACTS, "Verträge": CONTRACTS}
    found = imported(
        stage,
        packed({"a.xlsx": as_sheets(base), "b.xlsx": as_sheets({"Maschinen": MACHINES})}),
    )
    assert (found["state"], found["rows"], found["rejected"]) == ("done", 10, 0)
    assert max(most) == 1
    assert all(copy.closed for copy in copies)


@pytest.mark.parametrize(
    "step", [pytest.param(13, id="short"), pytest.param(1, id="long", marks=pytest.mark.long)]
)
def test_a_worker_may_die_at_any_call_of_any_piece(
    stage: Stage, adapters: Adapters, small: None, step: int
) -> None:
    stage.client("s3").put_object(
        Bucket=adapters.settings.import_bucket, Key="config/columns.toml", Body=b""
    )
    imported(stage, FILES)
    rewind = rewindable(adapters)
    wanted = told(imported(stage, CHANGED, full="true")), without_times(rows_of(adapters))
    deaths = 0
    for call in range(0, 600, step):
        rewind()
        number = upload(stage, as_zip(CHANGED), full="true").json["id"]
        died = work_off(stage, "import_master_data", adapters.settings.import_queue, call=call)
        assert (told(report(stage, number)), without_times(rows_of(adapters))) == wanted, call
        assert left_behind(stage, adapters) == [], call
        if not died:
            break
        deaths += 1
    assert deaths > 3


def test_time_may_be_up_behind_any_piece(stage: Stage, adapters: Adapters, small: None) -> None:
    imported(stage, FILES)
    rewind = rewindable(adapters)
    wanted = told(imported(stage, CHANGED)), without_times(rows_of(adapters))
    rewind()
    number = upload(stage, as_zip(CHANGED)).json["id"]
    goes, seen = 0, set()
    while (ended := _a_little(adapters, number)).state == "running":
        assert ended.progress not in seen or ended.progress[1] == 0 or goes < 90
        seen.add(ended.progress)
        goes += 1
    assert goes > 6
    assert len(seen) > 3
    assert (told(report(stage, number)), without_times(rows_of(adapters))) == wanted


def _a_little(adapters: Adapters, number: str) -> Import:
    """One invocation that has time for the smallest step that is kept."""
    for asked in range(2, 40):
        enough: Iterator[bool] = iter([True] * asked)
        try:
            return run_import(adapters, number, moment(), has_time=partial(next, enough, False))
        except OutOfTime:
            continue
    raise AssertionError("no time is enough")


def test_two_workers_with_one_import_write_it_once(
    stage: Stage, adapters: Adapters, small: None
) -> None:
    _side_by_side(stage, adapters, same=True)


def test_the_same_export_twice_at_once_comes_to_the_same(
    stage: Stage, adapters: Adapters, small: None
) -> None:
    _side_by_side(stage, adapters, same=False)


def _side_by_side(stage: Stage, adapters: Adapters, *, same: bool) -> None:
    imported(stage, FILES)
    rewind = rewindable(adapters)
    much = _changes(imported(stage, CHANGED)["changes"])
    wanted = without_times(rows_of(adapters))
    at = moment()
    numbers: list[tuple[str, str]] = []

    def scene(_: int) -> tuple[Callable[[], Import], Callable[[], Import]]:
        rewind()
        one = start_import(adapters, as_zip(CHANGED), at, by=ANNA)
        two = one if same else start_import(adapters, as_zip(CHANGED), at, by=ANNA)
        numbers.append((one, two))
        return lambda: run_import(adapters, one, at), lambda: run_import(adapters, two, at)

    orders = 0
    for number, order in every_order(scene, matters=_writes):
        orders += 1
        ended = [imports.load(adapters.table, n) for n in numbers[number]]
        assert [one.state for one in ended if one] == ["done", "done"], order
        assert without_times(rows_of(adapters)) == wanted, order
        changes = [_changes(one.changes) for one in ended if one]
        assert changes == [much, much] if same else sum(changes) == much, order
        if orders == 6:
            break
    assert orders > 3


def _writes(operation: str, parameters: Mapping[str, Any]) -> bool:
    moves = operation == "UpdateItem" and "#work" in str(parameters.get("UpdateExpression"))
    return operation == "TransactWriteItems" or moves


def _changes(changes: Mapping[str, Mapping[str, int]]) -> int:
    return sum(kind["new"] + kind["changed"] for kind in changes.values())


def test_a_file_that_another_takes_the_place_of_is_not_mixed_with_it(
    stage: Stage, adapters: Adapters, small: None
) -> None:
    number = upload(stage, as_zip(FILES)).json["id"]
    assert _a_little(adapters, number).state == "running"
    begun = imports.load(adapters.table, number)
    assert begun is not None
    bucket, key = begun.place
    stage.client("s3").put_object(Bucket=bucket, Key=key, Body=as_zip(CHANGED))
    stage.drain()
    found = report(stage, number)
    assert (found["state"], codes(found)[0][3]) == ("failed", "file_gone")
    assert left_behind(stage, adapters) == []


def test_a_large_drop_is_read_some_bytes_at_a_time(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Larger than what is read at once, with a zip64 entry; no answer holds more than some MB."""
    head = "Maschinennummer;Zählernummer;Datum;Stand\r\n".encode("cp1252")
    rows = b"".join(b"%d;1;28.08.2026;%d\r\n" % (900_000 + n, n) for n in range(3_000))
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(zipfile.ZipInfo("firmen.csv"), as_csv(COMPANIES), zipfile.ZIP_DEFLATED)
        made.writestr(zipfile.ZipInfo("ballast.bin"), b"x" * 9_000_000, zipfile.ZIP_STORED)
        with made.open(zipfile.ZipInfo("staende.csv"), "w", force_zip64=True) as content:
            content.write(head + rows)
    monkeypatch.setattr(import_in_pieces, "PART_ROWS", 1_000)
    sizes: list[int] = []
    real = adapters.files._read

    def counted(**parameters: Any) -> bytes:
        found: bytes = real(**parameters)
        sizes.append(len(found))
        return found

    monkeypatch.setattr(adapters.files, "_read", counted)
    bucket = adapters.settings.import_bucket
    stage.client("s3").put_object(Bucket=bucket, Key="drop/gross.zip", Body=written.getvalue())
    stage.drain()
    (listed,) = stage.staff("GET", "/api/staff/imports").json["imports"]
    found = report(stage, listed["id"])
    assert (found["state"], found["rows"], found["accepted"]) == ("done", 3_002, 2)
    assert {c["code"]: c["count"] for c in found["causes"]}["unknown_machine"] == 3_000
    assert max(sizes) <= 4 * 1024 * 1024


def test_what_is_hostile_is_refused_in_pieces_too(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    """A file that unpacks to more than its limits: in words, before its rows are taken."""
    tight = replace(DROP, unpacked=20_000, small=20_000, ratio=2)
    monkeypatch.setattr(read_upload.LongUpload.__init__, "__defaults__", (tight,))
    bomb = packed({"firmen.csv": as_csv(COMPANIES), "staende.csv": b"a;b\r\n" * 40_000})
    found = imported(stage, bomb)
    assert (found["state"], codes(found)[0][3]) == ("failed", "too_large_unpacked")
    monkeypatch.setattr(read_upload, "MAX_UPLOAD", 100)
    found = imported(stage, as_zip(FILES))
    assert (found["state"], codes(found)[0][3]) == ("failed", "too_large_upload")
    assert rows_of(adapters) == {}
