"""What the next imports make of a successor: the ERP names others, or the contact it knows itself."""

from __future__ import annotations

from contextvars import Context
from typing import Any

import pytest
from meterportal.adapters import Adapters

from tests.support.builders import a_link
from tests.support.customers import before_the_next_write, everything
from tests.support.erp_exports import (
    CONTACTS,
    CONTRACTS,
    FILES,
    Table,
    as_zip,
    imported,
    upload,
    with_cells,
)
from tests.support.handing_over import (
    ERIKA,
    approved,
    asked,
    claims,
    contract,
    held,
    listed,
    machines_of,
)
from tests.support.stage import Stage


def erp(**changed: Table) -> dict[str, Table]:
    return {**FILES, **{f"{name}.csv": table for name, table in changed.items()}}


@pytest.fixture
def handed(stage: Stage, adapters: Adapters) -> str:
    """The ERP's small export, with Clara's contract handed over to a person of our making."""
    assert imported(stage, erp())["state"] == "done"
    stage.staff("POST", "/api/staff/readiness", {"selection": {"ids": ["70001"]}})
    token = a_link(adapters, mailbox="c.schaefer@muster.example")
    assert stage.customer("POST", "/api/session", {"token": token}).status == 201
    person: str = approved(stage, asked(stage))["person"]["id"]
    assert contract(adapters).reporters == (person,)
    return person


def carry_over(stage: Stage) -> list[str]:
    found: list[str] = listed(stage, "decided")[0]["carry_over"]
    return found


def test_unchanged_rows_of_the_erp_leave_the_successor_in_place(
    stage: Stage, adapters: Adapters, handed: str
) -> None:
    again = imported(stage, erp())
    assert contract(adapters).reporters == (handed,)
    assert sum(n["changed"] + n["new"] for n in again["changes"].values()) == 0
    renamed = with_cells(CONTRACTS, 2, bezeichnung="Service 2027", nachste="28.12.2026")
    imported(stage, erp(vertraege=renamed))
    assert contract(adapters).name == "Service 2027"
    assert contract(adapters).reporters == (handed,)
    assert carry_over(stage) == ["70001"]


def test_a_row_that_names_other_reporters_wins(
    stage: Stage, adapters: Adapters, handed: str
) -> None:
    imported(stage, erp(vertraege=with_cells(CONTRACTS, 2, melde="5002")))
    assert contract(adapters).reporters == ("5002",)
    assert contract(adapters).reporters_in_erp is None
    assert carry_over(stage) == []
    imported(stage, erp())  # and what it said before is news again
    assert contract(adapters).reporters == ("5001",)


ERIKA_IN_ERP = ["5009", "10000", "Frau", "Erika", "Neu", ERIKA, "", "DE", "J"]


def _lasting(rows: dict[Any, Any]) -> dict[Any, Any]:
    """The rows without those that every import writes anew."""
    anew = ("IMPORT", "SNAPSHOT", "JOURNAL", "STAFF")
    return {k: v for k, v in rows.items() if not any(one in str(k) for one in anew)}


def test_the_erp_s_own_contact_takes_over_from_the_one_made_here(
    stage: Stage, adapters: Adapters, handed: str
) -> None:
    found = imported(stage, erp(ansprechpartner=[*CONTACTS, ERIKA_IN_ERP]))
    assert [f["code"] for f in found["findings"]] == []
    assert found["changes"]["contacts"] == {"new": 1, "changed": 0, "unchanged": 3}
    assert found["changes"]["contracts"]["unchanged"] == 1
    assert not held(adapters).contacts[handed].active
    assert contract(adapters).reporters == ("5009",)
    assert contract(adapters).reporters_in_erp == ("5001",)
    ready = stage.staff("POST", "/api/staff/readiness", {"selection": {"ids": ["70001"]}}).json
    assert ready["ready"] == ["70001"]
    assert claims(adapters) == {"10000": "5009"}
    assert machines_of(stage, adapters, ERIKA) == ["200001", "200002"]
    # Once the contract names the contact, too, nothing is left to carry over.
    full = erp(
        ansprechpartner=[*CONTACTS, ERIKA_IN_ERP], vertraege=with_cells(CONTRACTS, 2, melde="5009")
    )
    imported(stage, full)
    assert contract(adapters).reporters == ("5009",)
    assert contract(adapters).reporters_in_erp is None
    rows = everything(adapters)
    imported(stage, full)
    assert _lasting(everything(adapters)) == _lasting(rows)


def test_a_contract_that_goes_to_another_company_forgets_its_successor(
    stage: Stage, adapters: Adapters, handed: str
) -> None:
    moved = with_cells(CONTRACTS, 2, firmennummer="10007", melde="5003")
    imported(stage, erp(vertraege=moved))
    there = held(adapters, "10007").contracts["70001"]
    assert there.reporters == ("5003",)
    assert there.reporters_in_erp is None


def test_an_approval_during_an_import_is_not_overwritten(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(stage, erp())
    stage.staff("POST", "/api/staff/readiness", {"selection": {"ids": ["70001"]}})
    stage.customer(
        "POST", "/api/session", {"token": a_link(adapters, mailbox="c.schaefer@muster.example")}
    )
    number = asked(stage)
    renamed = erp(vertraege=with_cells(CONTRACTS, 2, bezeichnung="Service 2027"))
    assert upload(stage, as_zip(renamed)).status == 202
    # In a context of its own: staff do not act under the import's rights.
    before_the_next_write(monkeypatch, adapters, lambda: Context().run(approved, stage, number))
    stage.drain()
    assert contract(adapters).name == "Service 2027"
    assert contract(adapters).reporters[0].startswith("portal-")
