"""Staff correct who reports for a contract and how its counters arrive; the ERP has the last word."""

from __future__ import annotations

from contextvars import Context
from functools import partial
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Contract
from meterportal.store.portfolio import holdings

from tests.support.builders import a_contact, a_holding, settle
from tests.support.customers import before_the_next_write, second_company
from tests.support.erp_exports import (
    CONTRACTS,
    FILES,
    Table,
    as_zip,
    imported,
    upload,
    with_cells,
)
from tests.support.stage import Answer, Stage
from tests.support.wire import counted


def contract(adapters: Adapters, number: str = "70001", company_id: str = "10000") -> Contract:
    return holdings.contracts(adapters.table, [(company_id, number)])[number]


def patch(stage: Stage, adapters: Adapters, number: str = "70001", **fields: Any) -> Answer:
    body = {"version": contract(adapters).rev} | fields
    return stage.staff("PATCH", f"/api/staff/contracts/{number}", body, groups="remind")


def two_people(adapters: Adapters) -> None:
    people = [
        a_contact(),
        a_contact("5002", first_name="Erik", email="erik@muster.example"),
        a_contact("5003", active=False, email="ida@muster.example"),
    ]
    settle(adapters, a_holding(contacts=people))


def test_the_reporters_and_the_channel_are_changed(stage: Stage, adapters: Adapters) -> None:
    two_people(adapters)
    seen = contract(adapters).rev
    told = patch(stage, adapters, reporters=["5002", "5001", "5002"], reading_channel="PHONE")
    assert told.status == 200, told.text
    assert told.json == {
        "id": "70001",
        "version": seen + 1,
        "reading_channel": "PHONE",
        "reporters": ["5002", "5001"],
        "carry_over": True,
    }
    assert contract(adapters).rev == seen + 1
    (card,) = stage.staff("GET", "/api/staff/companies/10000").json["contracts"]
    assert (card["version"], card["named"]) == (seen + 1, ["5002", "5001"])
    assert card["in_erp"] == {"reading_channel": "PORTAL", "reporters": ["5001"]}
    (entry,) = stage.staff("GET", "/api/staff/audit").json["entries"]
    assert entry["changes"] == [
        {"field": "reading_channel", "before": "PORTAL", "after": "PHONE"},
        {"field": "reporters", "before": "5001", "after": "5002 5001"},
    ]


def test_back_to_what_the_erp_says_nothing_is_left_to_carry_over(
    stage: Stage, adapters: Adapters
) -> None:
    two_people(adapters)
    assert patch(stage, adapters, reporters=["5002"], reading_channel="PHONE").json["carry_over"]
    told = patch(stage, adapters, reporters=["5001"], reading_channel="PORTAL")
    assert told.json["carry_over"] is False
    assert stage.staff("GET", "/api/staff/companies/10000").json["contracts"][0]["in_erp"] is None


def test_a_repeated_request_changes_nothing(stage: Stage, adapters: Adapters) -> None:
    two_people(adapters)
    seen = contract(adapters).rev
    for _ in range(2):
        assert patch(stage, adapters, version=seen, reporters=["5002"]).json["version"] == seen + 1
    stale = patch(stage, adapters, version=seen, reporters=["5001"])
    assert (stale.status, stale.json["code"], stale.json["version"]) == (
        412,
        "changed_meanwhile",
        seen + 1,
    )
    assert len(stage.staff("GET", "/api/staff/audit").json["entries"]) == 1


def test_of_two_at_once_the_second_sees_the_first(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_people(adapters)
    before_the_next_write(
        monkeypatch, adapters, lambda: patch(stage, adapters, reading_channel="LETTER")
    )
    seen = contract(adapters).rev
    told = patch(stage, adapters, reporters=["5002"])
    assert (told.status, told.json["version"]) == (412, seen + 1)
    assert contract(adapters).reporters == ("5001",)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"reporters": ["6001"]}, "reporters"),
        ({"reporters": ["5003"]}, "reporters"),
        ({"reading_channel": "FAX"}, "reading_channel"),
        ({"version": None}, "version"),
        ({"name": "Neu"}, "name"),
    ],
)
def test_bad_input_is_refused(
    stage: Stage, adapters: Adapters, fields: dict[str, Any], field: str
) -> None:
    second_company(adapters)
    two_people(adapters)
    told = patch(stage, adapters, **fields)
    assert (told.status, told.json["field"]) == (422, field), told.text


def test_rights_and_unknown_contracts(stage: Stage, adapters: Adapters) -> None:
    two_people(adapters)
    for number in ("79999", "x" * 65):
        assert patch(stage, adapters, number, reporters=[]).status == 404
    for groups in ("read", "release"):
        body = {"reporters": [], "version": 1}
        told = stage.staff("PATCH", "/api/staff/contracts/70001", body, groups=groups)
        assert told.status == 403


def test_it_costs_one_read_one_query_and_a_transaction(stage: Stage, adapters: Adapters) -> None:
    two_people(adapters)
    seen = contract(adapters).rev
    with counted(adapters.table._client) as counts:
        body = {"reporters": ["5002"], "version": seen}
        assert stage.staff("PATCH", "/api/staff/contracts/70001", body).status == 200
    operations = ("BatchGetItem", "Query", "TransactWriteItems")
    assert counts == {f"dynamodb.{name}": 1 for name in operations}


# what an import makes of it


def erp(contracts: Table = CONTRACTS) -> dict[str, Table]:
    return {**FILES, "vertraege.csv": contracts}


def test_the_same_export_again_leaves_it(stage: Stage, adapters: Adapters) -> None:
    assert imported(stage, erp())["state"] == "done"
    assert contract(adapters).reading_channel == "PORTAL"
    assert patch(stage, adapters, reading_channel="LETTER").status == 200
    again = imported(stage, erp())
    assert sum(n["changed"] + n["new"] for n in again["changes"].values()) == 0
    assert contract(adapters).reading_channel == "LETTER"


def test_what_the_erp_says_anew_counts(stage: Stage, adapters: Adapters) -> None:
    imported(stage, erp())
    assert patch(stage, adapters, reading_channel="LETTER").status == 200
    imported(stage, erp(with_cells(CONTRACTS, 2, zahlermeldung="Telefon")))
    assert (contract(adapters).reading_channel, contract(adapters).channel_in_erp) == (
        "PHONE",
        None,
    )


def test_what_was_carried_over_is_done(stage: Stage, adapters: Adapters) -> None:
    imported(stage, erp())
    assert patch(stage, adapters, reading_channel="LETTER").status == 200
    imported(stage, erp(with_cells(CONTRACTS, 2, zahlermeldung="Brief")))
    assert (contract(adapters).reading_channel, contract(adapters).channel_in_erp) == (
        "LETTER",
        None,
    )


def test_what_staff_set_during_an_import_is_not_overwritten(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(stage, erp())
    assert upload(stage, as_zip(erp(with_cells(CONTRACTS, 2, bezeichnung="Neu")))).status == 202
    # In a context of its own: staff do not act under the import's rights.
    meddle = partial(Context().run, patch, stage, adapters, reading_channel="LETTER")
    before_the_next_write(monkeypatch, adapters, meddle)
    stage.drain()
    assert (contract(adapters).name, contract(adapters).reading_channel) == ("Neu", "LETTER")
