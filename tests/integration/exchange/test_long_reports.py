"""What a long import tells, and when it is refused: as a short one does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.archives import REQUEST
from meterportal.settings import moment
from meterportal.store.exchange import imports
from meterportal.usecases.exchange import (
    import_in_pieces,
    import_master_data,
    sort_rows,
    unpack_upload,
)
from meterportal.usecases.exchange.apply_import import apply_import
from meterportal.usecases.exchange.import_master_data import run_import
from meterportal.usecases.exchange.start_imports import start_import

from tests.support.erp_exports import (
    COMPANIES,
    CONTACTS,
    CONTRACTS,
    FILES,
    as_zip,
    codes,
    imported,
    report,
    upload,
    with_cells,
)
from tests.support.pieces import in_small_pieces
from tests.support.spreadsheets import as_sheets
from tests.support.stage import ANNA, Stage


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_pieces(monkeypatch)


def missing(found: Any) -> dict[str, int]:
    return {one["kind"]: one["count"] for one in found["missing"]}


def test_a_record_whose_number_a_program_has_changed_is_not_missing(
    stage: Stage, small: None
) -> None:
    zeros = with_cells(CONTRACTS, 2, vertragsnummer="0070001")
    imported(stage, {"firmen.csv": COMPANIES, "vertraege.csv": zeros})
    found = imported(stage, {"vertraege.csv": CONTRACTS}, full="true")
    assert [code for *_, code in codes(found)].count("number_changed") == 1
    assert missing(found) == {"contracts": 0}


def between_parts(patch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Lets this happen once, behind the first part that is written."""
    real, acts = apply_import, [act]

    def apply(*args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs)
        if acts:
            acts.pop()()

    patch.setattr(import_in_pieces, "apply_import", apply)


def test_an_import_that_has_begun_lets_others_begin(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    """It takes over a dry run: nothing may have come before it, but something may come while it runs."""
    imported(stage, FILES)
    moved = {**FILES, "firmen.csv": with_cells(COMPANIES, 2, ort="Berlin")}
    del moved["ansprechpartner.csv"]
    preview = imported(stage, moved, dry_run="true")
    taken = stage.staff("POST", f"/api/staff/imports/{preview['id']}/apply").json["id"]
    people = as_zip({"ansprechpartner.csv": with_cells(CONTACTS, 2, email="neu@muster.example")})
    other = start_import(adapters, people, moment(), by=ANNA)
    between_parts(monkeypatch, lambda: run_import(adapters, other, moment()))
    stage.drain()
    assert [report(stage, number)["state"] for number in (taken, other)] == ["done", "done"]
    assert imports.standing(adapters.table)[1] == other


def test_what_was_written_before_a_refusal_is_told(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    imported(stage, {"firmen.csv": COMPANIES}, as_of="2026-11-19")
    number = upload(stage, as_zip(FILES), as_of="2026-11-20").json["id"]
    companies, day = as_zip({"firmen.csv": COMPANIES}), date(2026, 11, 21)
    newer = start_import(adapters, companies, moment(), by=ANNA, as_of=day)
    between_parts(monkeypatch, lambda: run_import(adapters, newer, moment()))
    asked: list[object] = []
    monkeypatch.setattr(import_master_data, "ask_for_snapshot", lambda *of: asked.append(of))
    # The only part with rows in it is the first.
    monkeypatch.setattr(sort_rows, "part_of", lambda *_: 0)
    stage.drain()
    found = report(stage, number)
    assert (found["state"], codes(found)[0][3]) == ("failed", "overtaken")
    counted = {one: found["changes"][one]["new"] for one in ("contacts", "contracts", "machines")}
    assert counted == {"contacts": 3, "contracts": 2, "machines": 3}
    assert all(n >= 0 for kind in found["changes"].values() for n in kind.values())
    assert len(asked) == 1


@pytest.mark.parametrize("limit", [{"cells": 30}, {"rows": 4}, {"text": 200}, {"sheets": 1}])
def test_a_small_file_with_much_in_it_goes_in_pieces(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, limit: dict[str, int]
) -> None:
    """What a large file may hold a small one may hold as well."""
    tight = replace(REQUEST, **limit)
    monkeypatch.setattr(unpack_upload.unpack, "__defaults__", (tight,))
    sheets = {"Firmen": COMPANIES, "Ansprechpartner": CONTACTS, "Leer": []}
    found = imported(stage, as_sheets(sheets), file="alles.xlsx")
    assert (found["state"], found["rows"], found["accepted"]) == ("done", 5, 5)
