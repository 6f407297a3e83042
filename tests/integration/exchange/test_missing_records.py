"""What a full export no longer holds: listed, never ended by itself, ended by the word of staff."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from functools import partial
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.refusals import Refusal
from meterportal.settings import moment
from meterportal.store.portfolio import holdings
from meterportal.usecases.exchange.end_missing import end_missing
from meterportal.usecases.exchange.import_master_data import run_import
from meterportal.usecases.exchange.start_imports import start_import

from tests.support.erp_exports import (
    CONTACTS,
    CONTRACTS,
    FILES,
    MACHINES,
    METERS,
    READINGS,
    Table,
    as_zip,
    imported,
    report,
    with_cells,
)
from tests.support.interleaving import every_order, unconditional
from tests.support.master_rows import rewindable, rows_of
from tests.support.stage import ANNA, Answer, Stage


def without(table: Table, *numbers: str) -> Table:
    return [row for row in table if not set(row[:1]) & set(numbers)]


LESS: dict[str, Table] = {
    **FILES,
    "ansprechpartner.csv": without(CONTACTS, "5002"),
    "vertraege.csv": without(CONTRACTS, "70002"),
    "maschinen.csv": without(MACHINES, "200002", "200003"),
    "zaehler.csv": without(METERS, "200002", "200003"),
    "zaehlerstaende.csv": without(READINGS, "200002", "200003"),
}


def held(adapters: Adapters, company_id: str = "10000") -> Holding:
    found = holdings.load(adapters.table, company_id)
    assert found is not None
    return found


def listed(stage: Stage, import_id: str, kind: str) -> list[Any]:
    path = f"/api/staff/imports/{import_id}/missing?kind={kind}"
    found: list[Any] = stage.staff("GET", path, groups="read").json["records"]
    return found


def end(stage: Stage, import_id: str, kind: str, *ids: str, groups: str = "admin") -> Answer:
    path = f"/api/staff/imports/{import_id}/missing/end"
    return stage.staff("POST", path, {"kind": kind, "ids": list(ids)}, groups=groups)


def counts(found: Any) -> dict[str, tuple[int, int, int]]:
    return {one["kind"]: (one["count"], one["due"], one["unnamed"]) for one in found["missing"]}


def test_what_a_full_export_lacks_is_listed_and_stays(stage: Stage, adapters: Adapters) -> None:
    imported(stage, FILES)
    before = rows_of(adapters)
    found = imported(stage, LESS, dry_run="true", full="true")
    assert counts(found) == {
        "contacts": (1, 0, 0),
        "contracts": (1, 1, 0),
        "machines": (2, 2, 0),
    }
    (contract,) = listed(stage, found["id"], "contracts")
    assert contract == {
        "id": "70002",
        "name": "Service 2",
        "company": {"id": "10007", "name": "Beispiel AG"},
        "due_on": "2026-11-28",
        "standing": "in_use",
    }
    assert [one["id"] for one in listed(stage, found["id"], "machines")] == ["200002", "200003"]
    assert [one["name"] for one in listed(stage, found["id"], "contacts")] == ["Björn Groß"]
    imported(stage, LESS, full="true")
    assert rows_of(adapters) == before


def test_a_part_lists_nothing_and_a_full_export_only_what_it_has_files_for(stage: Stage) -> None:
    imported(stage, FILES)
    part = imported(stage, LESS)
    assert (part["full"], part["missing"]) == (False, [])
    missing = stage.staff("GET", f"/api/staff/imports/{part['id']}/missing?kind=machines")
    assert missing.status == 404
    people = imported(stage, {"ansprechpartner.csv": without(CONTACTS, "5002")}, full="true")
    assert counts(people) == {"contacts": (1, 0, 0)}


def test_a_rejected_row_is_no_missing_record(stage: Stage) -> None:
    imported(stage, FILES)
    rejected = with_cells(with_cells(CONTRACTS, 2, nachste="32.13.2026"), 3, vertragsnummer="")
    found = imported(stage, {"vertraege.csv": rejected}, full="true")
    assert found["rejected"] == 2
    # One is named although its date is unreadable; what the other one meant cannot be told.
    assert counts(found) == {"contracts": (1, 1, 1)}
    assert [one["id"] for one in listed(stage, found["id"], "contracts")] == ["70002"]


def test_what_is_out_of_use_is_not_missing(stage: Stage) -> None:
    ended = with_cells(CONTRACTS, 3, vertragsende="01.02.2026")
    machines = with_cells(MACHINES, 4, aktiv="N")
    people = with_cells(CONTACTS, 3, aktiv="N")
    files = {
        **FILES,
        "vertraege.csv": ended,
        "maschinen.csv": machines,
        "ansprechpartner.csv": people,
    }
    imported(stage, files)
    found = imported(stage, LESS, full="true")
    assert counts(found) == {
        "contacts": (0, 0, 0),
        "contracts": (0, 0, 0),
        "machines": (1, 1, 0),
    }


def test_staff_end_what_is_missing(stage: Stage, adapters: Adapters) -> None:
    imported(stage, FILES)
    found = imported(stage, LESS, full="true", as_of="2026-11-23")
    number = found["id"]
    answer = end(stage, number, "contracts", "70002")
    assert answer.status == 200, answer.text
    assert answer.json["records"] == [{"id": "70002", "standing": "ended"}]
    company = held(adapters, "10007")
    assert company.contracts["70002"].ends_on == date(2026, 11, 22)
    assert company.machines["200003"].due_on == date(2026, 11, 22)
    assert end(stage, number, "machines", "200002", "200003").status == 200
    assert not held(adapters).machines["200002"].active
    assert held(adapters).machines["200001"].active
    assert end(stage, number, "contacts", "5002").status == 200
    assert not held(adapters).contacts["5002"].active
    assert [one["standing"] for one in listed(stage, number, "machines")] == ["ended", "ended"]

    entries = stage.staff("GET", "/api/staff/audit?action=missing_ended").json["entries"]
    told = {(e["record"]["kind"], e["record"]["id"]): e["changes"] for e in entries}
    assert len(entries) == 4
    assert told.keys() == {
        ("contact", "5002"),
        ("machine", "200003"),
        ("machine", "200002"),
        ("contract", "70002"),
    }
    assert told["contract", "70002"] == [
        {"field": "ends_on", "before": "2030-06-28", "after": "2026-11-22"}
    ]
    before = rows_of(adapters)
    again = end(stage, number, "contracts", "70002")
    assert (again.status, again.json["records"][0]["standing"]) == (200, "ended")
    assert rows_of(adapters) == before

    imported(stage, FILES)
    assert held(adapters, "10007").contracts["70002"].ends_on == date(2030, 6, 28)
    assert held(adapters).machines["200002"].active


def test_what_cannot_be_ended_is_refused(stage: Stage, adapters: Adapters) -> None:
    imported(stage, FILES)
    dry = imported(stage, LESS, full="true", dry_run="true")
    part = imported(stage, LESS)
    found = imported(stage, LESS, full="true")
    before = rows_of(adapters)

    def code(answer: Answer) -> tuple[int, str]:
        return answer.status, answer.json["code"]

    assert code(end(stage, dry["id"], "contracts", "70002")) == (409, "no_full_export")
    assert code(end(stage, part["id"], "contracts", "70002")) == (409, "no_full_export")
    assert code(end(stage, "none", "contracts", "70002")) == (404, "not_found")
    assert code(end(stage, found["id"], "contracts", "70001")) == (422, "invalid")
    assert end(stage, found["id"], "contracts").status == 422
    assert end(stage, found["id"], "companies", "10000").status == 422
    assert code(end(stage, found["id"], "contracts", "70002", groups="release")) == (
        403,
        "not_allowed",
    )
    assert rows_of(adapters) == before
    later = imported(stage, {"vertraege.csv": with_cells(CONTRACTS, 2, nachste="28.12.2026")})
    assert later["state"] == "done"
    after = end(stage, found["id"], "contracts", "70002")
    assert code(after) == (409, "not_the_latest_import")
    assert held(adapters, "10007").contracts["70002"].ends_on == date(2030, 6, 28)


def test_a_contract_that_has_not_begun_cannot_end(stage: Stage, adapters: Adapters) -> None:
    begins = with_cells(CONTRACTS, 3, vertragsbeginn="01.01.2027", nachste="28.02.2027")
    imported(stage, {**FILES, "vertraege.csv": begins})
    found = imported(stage, LESS, full="true")
    answer = end(stage, found["id"], "contracts", "70002")
    assert answer.status == 422
    assert "70002" in answer.json["detail"]


def test_an_import_that_brings_a_contract_back_wins_over_staff(
    stage: Stage, adapters: Adapters
) -> None:
    assert _lost(stage, adapters) == []


def test_without_its_conditions_a_contract_would_end_that_came_back(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    unconditional(monkeypatch, adapters.table)
    assert _lost(stage, adapters)


def _lost(stage: Stage, adapters: Adapters) -> list[str]:
    """The orders in which a contract that an import has brought back ends all the same."""
    imported(stage, FILES)
    found = imported(stage, LESS, full="true")
    rewind, at = rewindable(adapters), moment()
    back = {"vertraege.csv": with_cells(CONTRACTS, 3, nachste="28.12.2026")}

    def staff() -> None:
        with suppress(Refusal):
            end_missing(adapters, found["id"], "contracts", ["70002"], at, by=ANNA)

    def scene(_: int) -> Any:
        rewind()
        number = start_import(adapters, as_zip(back), at, by=ANNA)
        return staff, partial(run_import, adapters, number, at)

    lost, orders = [], 0
    for _, order in every_order(scene, matters=lambda name, _: name in _WRITES):
        orders += 1
        if held(adapters, "10007").contracts["70002"].ends_on != date(2030, 6, 28):
            lost.append(order)
        if orders == 60:
            break
    assert orders > 3
    return lost


_WRITES = {"TransactWriteItems", "UpdateItem"}


def test_the_list_leaves_as_csv(stage: Stage) -> None:
    imported(stage, FILES)
    found = imported(stage, LESS, full="true")
    path = f"/api/staff/imports/{found['id']}/missing.csv?kind=machines"
    answer = stage.staff("GET", path, groups="read")
    assert answer.text.removeprefix("\ufeff").splitlines() == [
        "Nummer;Bezeichnung;Firmennummer;Firma;Fällig am;Stand",
        "200002;ECOSYS SN200002;10000;Muster GmbH;28.11.2026;in Gebrauch",
        "200003;DX SN200003;10007;Beispiel AG;28.11.2026;in Gebrauch",
    ]
    assert report(stage, found["id"])["state"] == "done"
