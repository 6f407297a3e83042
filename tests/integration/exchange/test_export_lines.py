"""The lines of an export as staff see them: with the ERP's answer to each, by parts."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

from meterportal.adapters import Adapters

from tests.support.reported import a_reported_machine, export, release_at_once, settle_reported
from tests.support.stage import Stage

FIRST, SECOND = "200001.1.2026-11-28", "200001.2.2026-11-28"


def exported(stage: Stage, adapters: Adapters, *numbers: str) -> str:
    machines = [a_reported_machine(number) for number in numbers]
    for machine in settle_reported(adapters, machines):
        release_at_once(adapters, machine)
    run: str = export(stage)["id"]
    return run


def lines(stage: Stage, run: str, query: str = "") -> Any:
    answer = stage.staff("GET", f"/api/staff/exports/{run}/lines{query}", groups="read")
    assert answer.status == 200, answer.text
    return answer.json


def test_each_line_says_what_the_erp_has_answered(stage: Stage, adapters: Adapters) -> None:
    run = exported(stage, adapters, "200001", "200002")
    found = lines(stage, run)
    assert found["next_cursor"] is None
    assert [line["reading_id"] for line in found["lines"]] == [
        FIRST,
        SECOND,
        "200002.1.2026-11-28",
        "200002.2.2026-11-28",
    ]
    first = found["lines"][0]
    assert first["company"] == {"id": "10000", "name": "Muster GmbH"}
    assert (first["value"], first["answer"], first["entry"]) == (10_850, "open", "reading")

    refused = {"reading_id": FIRST, "reason": "Vertrag gesperrt"}
    body = {"accepted": [SECOND], "refused": [refused]}
    stage.staff("POST", f"/api/staff/exports/{run}/ack", body, groups="release")
    answers = {
        line["reading_id"]: (line["answer"], line["reason"]) for line in lines(stage, run)["lines"]
    }
    assert answers[FIRST] == ("refused", "Vertrag gesperrt")
    assert answers[SECOND] == ("accepted", None)
    assert [one["reading_id"] for one in lines(stage, run, "?state=refused")["lines"]] == [FIRST]
    assert len(lines(stage, run, "?state=open")["lines"]) == 2


def test_lines_come_by_parts_and_each_once(stage: Stage, adapters: Adapters) -> None:
    run = exported(stage, adapters, "200001", "200002", "200003")
    told: list[str] = []
    query = "?limit=1"
    for _ in range(3):
        page = lines(stage, run, query)
        assert len(page["lines"]) == 2
        told += [line["reading_id"] for line in page["lines"]]
        query = f"?limit=1&cursor={quote_plus(page['next_cursor'] or '')}"
    assert page["next_cursor"] is None
    assert len(set(told)) == 6


def test_an_unknown_export_has_no_lines(stage: Stage) -> None:
    assert stage.staff("GET", "/api/staff/exports/none/lines").status == 404
    assert stage.staff("GET", "/api/staff/exports/none/lines?state=billed").status == 400
