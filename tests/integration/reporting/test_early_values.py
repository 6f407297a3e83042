"""A period takes a value once somebody was asked for it, or from the grace days before its due date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters

from tests.conftest import TODAY
from tests.support.builders import a_contract, a_holding, a_machine
from tests.support.customers import change, everything, put, second_company, signed_in, values_of
from tests.support.receipts import settle_receipts, wait
from tests.support.reported import a_reading
from tests.support.requesting import ask, text_of
from tests.support.spreadsheets import hand_in
from tests.support.stage import Answer, Stage

GRACE = timedelta(days=20)
LATER = date(2027, 2, 28)
GOOD = {"1": 11_000, "2": 4_300}
DE = "Der Zählerstand zum 28.02.2027 wird mit einem Ablesedatum ab dem 08.02.2027 angenommen, nicht früher."
EN = "The reading for 28 February 2027 is taken with a date of reading from 8 February 2027 on, not earlier."


def due(stage: Stage, adapters: Adapters, on: date = LATER, **fields: Any) -> None:
    """Signed in at a company whose one machine is due on a day."""
    machine = a_machine(due_on=on, **fields)
    signed_in(
        stage, adapters, a_holding(contracts=[a_contract(next_billing_on=on)], machines=[machine])
    )


def refused(answer: Answer) -> tuple[int, str, str]:
    return answer.status, answer.json["code"], answer.json["field"]


EARLY = (422, "not_open_yet", "read_on")


@pytest.mark.parametrize(("language", "words"), [("de", DE), ("en", EN)])
def test_a_value_for_a_period_that_is_not_open_yet_is_refused_with_the_first_day(
    stage: Stage, adapters: Adapters, language: str, words: str
) -> None:
    due(stage, adapters)
    before = everything(adapters)
    for method, path, more in (
        ("PUT", "/api/machines/200001/readings", {"version": 1}),
        ("PUT", "/api/machines/200001/readings", {"version": 7}),
        ("PUT", "/api/machines/200001/readings", {"version": 1, "read_on": "2026-11-20"}),
        ("POST", "/api/machines/200001/check", {}),
    ):
        told = stage.customer(method, path, {"values": GOOD} | more, language=language)
        assert refused(told) == EARLY
        assert told.json["detail"] == words
        assert told.json["opens_on"] == "2027-02-08"
    assert everything(adapters) == before


@pytest.mark.parametrize(
    ("days", "read_days_ago", "taken"),
    [(20, 0, True), (21, 0, False), (15, 5, True), (15, 6, False)],
)
def test_the_day_of_reading_decides_to_the_day(
    stage: Stage, adapters: Adapters, days: int, read_days_ago: int, taken: bool
) -> None:
    due(stage, adapters, TODAY + timedelta(days=days))
    read_on = (TODAY - timedelta(days=read_days_ago)).isoformat()
    told = put(stage, values=GOOD, read_on=read_on, version=1)
    assert told.status == (200 if taken else 422), told.text
    if not taken:
        first = TODAY + timedelta(days=days) - GRACE
        assert told.json["opens_on"] == first.isoformat()


def test_what_cannot_be_read_is_told_before_the_day(stage: Stage, adapters: Adapters) -> None:
    due(stage, adapters)
    told = put(stage, values={"1": "zwölf"}, version=1)
    assert refused(told) == (422, "not_a_whole_number", "values.1")
    checked = stage.customer("POST", "/api/machines/200001/check", {"values": {"1": "zwölf"}})
    assert refused(checked) == EARLY


def test_a_period_that_was_asked_for_takes_a_value_of_any_day(
    stage: Stage, adapters: Adapters
) -> None:
    due(stage, adapters)
    assert put(stage, values=GOOD, version=1).status == 422
    assert ask(stage, {"ids": ["70001"]})["sent"] == 1
    assert "opens_on" not in stage.customer("GET", "/api/machines").json["machines"][0]
    assert put(stage, values=GOOD, read_on="2026-11-10", version=1).status == 200


def test_an_asking_for_another_period_opens_nothing(stage: Stage, adapters: Adapters) -> None:
    due(stage, adapters, date(2026, 11, 28))
    assert ask(stage, {"ids": ["70001"]})["sent"] == 1
    change(adapters, due_on=LATER)
    assert refused(put(stage, values=GOOD, version=1)) == EARLY


def test_many_at_once_are_refused_each_by_itself(stage: Stage, adapters: Adapters) -> None:
    machines = [a_machine("200001"), a_machine("200002", due_on=LATER, contract_id="70002")]
    contracts = [a_contract(), a_contract("70002", next_billing_on=LATER)]
    signed_in(stage, adapters, a_holding(contracts=contracts, machines=machines))
    reports = [{"machine_id": m, "values": GOOD, "version": 1} for m in ("200001", "200002")]
    told = stage.customer("PUT", "/api/readings", {"machines": reports}).json["machines"]
    assert [one["status"] for one in told] == [200, 422]
    assert (told[1]["code"], told[1]["opens_on"]) == ("not_open_yet", "2027-02-08")


@pytest.mark.parametrize("query", ["?dry_run=1", ""])
def test_rows_of_a_sheet_come_back_with_the_first_day(
    stage: Stage, adapters: Adapters, query: str
) -> None:
    due(stage, adapters)
    before = everything(adapters)
    sheet = "Seriennummer;Zähler;Neuer Stand\nSN200001;S/W;11.000\n"
    told = hand_in(stage, sheet, query=query).json
    (row,) = told["not_recognised"]
    assert (row["line"], row["code"], row["reason"]) == (2, "not_open_yet", DE)
    assert told["taken"] == told["to_check"] == []
    assert everything(adapters) == before


def test_what_stands_already_is_corrected_with_its_own_day_or_a_later_one(
    stage: Stage, adapters: Adapters
) -> None:
    """As a period may hold what came in before an asking was taken back."""
    standing = a_reading("1", 10_450, due_on=LATER, read_on=date(2026, 11, 10))
    due(stage, adapters, readings=(standing,), version=2)
    again = put(stage, values={"1": 10_450}, read_on="2026-11-10", version=2)
    assert (again.status, again.json["version"]) == (200, 2)
    assert put(stage, values={"1": 10_460}, read_on="2026-11-10", version=2).status == 200
    assert put(stage, values={"1": 10_850}, version=3).status == 200
    assert refused(put(stage, values={"1": 10_800}, read_on="2026-11-22", version=4)) == EARLY
    assert refused(put(stage, values={"2": 4_300}, version=4)) == EARLY
    assert refused(put(stage, values={"1": 10_880, "2": 4_300}, version=4)) == EARLY
    assert values_of(adapters) == {"1": 10_850}


def test_the_overview_sets_machines_apart_that_are_not_due_yet(
    stage: Stage, adapters: Adapters
) -> None:
    begun = a_reading("1", 10_850, due_on=LATER, read_on=date(2026, 11, 10))
    machines = [
        a_machine("200001"),
        a_machine("200002", due_on=LATER, contract_id="70002"),
        a_machine("200003", due_on=LATER, contract_id="70002", readings=(begun,)),
    ]
    contracts = [a_contract(), a_contract("70002", next_billing_on=LATER)]
    signed_in(stage, adapters, a_holding(contracts=contracts, machines=machines))
    shown = stage.customer("GET", "/api/machines").json
    assert [machine.get("opens_on") for machine in shown["machines"]] == [None, "2027-02-08", None]
    assert shown["progress"] == {"reported": 0, "total": 2}
    assert shown["due_on"] == "2026-11-28"
    assert stage.customer("GET", "/api/session?overview=1").json["overview"] == shown
    company = stage.customer("GET", "/api/machines?scope=company").json
    assert company["machines"][1]["opens_on"] == "2027-02-08"


def test_where_nothing_is_due_yet_nothing_counts_as_open(stage: Stage, adapters: Adapters) -> None:
    due(stage, adapters)
    shown = stage.customer("GET", "/api/machines").json
    assert shown["progress"] == {"reported": 0, "total": 0}
    assert len(shown["machines"]) == 1


def test_a_receipt_does_not_miss_what_is_not_due_yet(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks ahead as far as its latest due date; before that day, a period may not be open yet."""
    soon = date(2026, 12, 20)
    machines = [
        a_machine("200001", due_on=soon),
        a_machine("200002", due_on=date(2026, 12, 18), contract_id="70002"),
    ]
    contracts = [
        a_contract(next_billing_on=soon),
        a_contract("70002", next_billing_on=date(2026, 12, 18)),
    ]
    signed_in(stage, adapters, a_holding(contracts=contracts, machines=machines))
    assert ask(stage, {"ids": ["70001"]})["sent"] == 1
    assert put(stage, values=GOOD, version=1).status == 200
    wait(monkeypatch, 11)
    assert settle_receipts(stage) == 1
    text = text_of(stage.mails()[-1])
    assert "Damit ist alles gemeldet." in text
    assert "SN200002" not in text


def counted(stage: Stage, name: str = "open") -> dict[str, int | None]:
    told = stage.customer("GET", "/api/session?counts=1").json["companies"]
    return {company["id"]: company[name] for company in told}


def test_the_session_tells_what_is_open_at_each_company(stage: Stage, adapters: Adapters) -> None:
    machines = [a_machine("200001"), a_machine("200002"), a_machine("200003", due_on=LATER)]
    signed_in(stage, adapters, a_holding(machines=machines))
    second_company(adapters)
    assert "open" not in stage.customer("GET", "/api/session").json["companies"][0]
    assert counted(stage) == {"10000": 2, "10007": 1}
    assert counted(stage, "reported") == {"10000": 0, "10007": 0}
    put(stage, values=GOOD, version=1)
    stage.customer("POST", "/api/machines/200002/problems", {"kind": "gone"})
    assert counted(stage) == {"10000": 0, "10007": 1}
    assert counted(stage, "reported") == {"10000": 1, "10007": 0}
    stage.customer("PUT", "/api/session/company", {"company_id": "10007"})
    assert counted(stage) == {"10000": 0, "10007": 1}
    shown = stage.customer("GET", "/api/session?counts=1&overview=1").json
    assert shown["overview"]["progress"]["total"] == 1
    assert stage.customer("GET", "/api/session?counts=2").status == 400
