"""The routes that the console's lists live on, through the front door."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company
from meterportal.store import keys
from meterportal.store.portfolio import holdings, machines, snapshots
from meterportal.usecases.portfolio import read_changes

from tests.support.builders import a_holding, a_machine, settle
from tests.support.read_model import rows_of
from tests.support.requesting import report
from tests.support.stage import Stage, query
from tests.support.wire import counted


def got(stage: Stage, path: str, **parameters: str) -> Any:
    answer = stage.staff("GET", query(path, **parameters) if parameters else path, groups="read")
    assert answer.status == 200, answer.text
    return answer.json


def test_before_the_first_snapshot_one_is_asked_for(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    answer = stage.staff("GET", "/api/staff/portfolio", groups="read")
    assert (answer.status, answer.json["code"]) == (404, "no_snapshot")
    assert stage.staff("POST", "/api/staff/portfolio", groups="read").status == 202
    stage.drain()
    assert got(stage, "/api/staff/portfolio")["version"]


def test_the_parts_are_fetched_under_the_site_s_own_origin(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    stage.staff("POST", "/api/staff/portfolio")
    stage.drain()
    with counted(adapters.table._client) as calls:
        snapshot = got(stage, "/api/staff/portfolio")
    assert calls == {"dynamodb.GetItem": 1}
    parts = {}
    for part in snapshot["parts"]:
        split = urlsplit(part["url"])
        assert split.netloc == ""
        assert split.path == f"/portfolio/{snapshot['version']}/{part['name']}"
        assert "X-Amz-Signature=" in split.query
        bucket = adapters.settings.portfolio_bucket
        content = adapters.files.get(bucket, split.path.removeprefix("/"))
        assert part["bytes"] == len(content)
        assert part["sha256"] == hashlib.sha256(content).hexdigest()
        parts[part["name"]] = gzip.decompress(content)
    assert set(parts) == {"grid", "machines", "people"}
    assert {which[0] for which in rows_of(parts)} == {"company", "contact", "contract", "machine"}


@pytest.fixture
def after(stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> str:
    """The place of a snapshot of a small portfolio; what changes is told at once."""
    monkeypatch.setattr(read_changes, "HELD_BACK", timedelta())
    settle(adapters)
    stage.staff("POST", "/api/staff/portfolio")
    stage.drain()
    place: str = got(stage, "/api/staff/portfolio")["after"]
    return place


def test_what_changed_since_is_told_and_nothing_costs_eight_queries(
    stage: Stage, adapters: Adapters, after: str
) -> None:
    report(adapters, "200001", "1", "2")
    name = holdings.company_master(Company("10000", "Neuer Name"))
    adapters.table.write(holdings.save_master(keys.company("10000"), name))
    with counted(adapters.table._client) as calls:
        told = got(stage, "/api/staff/portfolio/changes", after=after)
    assert calls == {"dynamodb.Query": 8}
    assert (told["more"], told["outdated"]) == (False, False)
    rows = {tuple(row[:3]): row[3:] for row in told["rows"]}
    assert rows["company", "10000", "10000"] == [2, "Neuer Name", "de", "", "", ""]
    machine = machines.load(adapters.table, "10000", "200001")
    assert machine is not None
    assert rows["machine", "10000", "200001"] == [
        machine.rev, "70001", 2, "reported", "2026-11-28", "SN200001", "Ricoh", "IM C3000", "K-1",
        "Zentrale", "A", "EG", "101", 1 + 2 + 4 + 32, "2026-11-28", "PORTAL",
    ]  # fmt: skip
    assert rows["contract", "10000", "70001"][:3] == [1, "Service Vollwartung", "PORTAL"]
    assert rows["contact", "10000", "5001"][:2] == [2, "Frau"]
    again = got(stage, "/api/staff/portfolio/changes", after=told["after"])
    assert again["rows"] == told["rows"], "the last half minute is told once more"


def test_what_is_gone_is_told_by_four_places(stage: Stage, adapters: Adapters, after: str) -> None:
    place = keys.contact("10000", "5001")
    at = adapters.table._clock()
    adapters.table.transact(holdings.take_away(place, rev=2, at=at))
    rows = got(stage, "/api/staff/portfolio/changes", after=after)["rows"]
    assert ["contact", "10000", "5001", 3] in rows


@pytest.mark.parametrize("after", ["", "forged", "2026-11-23T09:00:00Z"])
def test_a_place_that_we_never_gave_is_refused(stage: Stage, after: str) -> None:
    answer = stage.staff("GET", query("/api/staff/portfolio/changes", after=after))
    assert answer.status in {400, 422}


def test_values_come_with_those_before_and_the_pages_between(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters, a_holding(machines=[a_machine(), a_machine("200002")]))
    report(adapters, "200001", "1")
    with counted(adapters.table._client) as calls:
        told = got(stage, "/api/staff/machines/values?ids=200002,404,200001")
    assert calls == {"dynamodb.BatchGetItem": 2}
    open_machine, reported = told["machines"]
    assert (open_machine["id"], reported["id"]) == ("200002", "200001")
    assert [meter["value"] for meter in open_machine["meters"]] == [None, None]
    machine = machines.load(adapters.table, "10000", "200001")
    assert machine is not None
    (reading,) = machine.readings
    assert reported["meters"][0] == {
        "meter_id": "1",
        "label": "S/W",
        "kind": "BW",
        "value": reading.value,
        "read_on": reading.read_on.isoformat(),
        "state": "reported",
        "verdict": reading.verdict.value,
        "exported": False,
        "needs_a_person": False,
        "decision": None,
        "previous": {"value": 10_000, "read_on": "2026-10-28", "estimated": False},
        "usage": reading.value - 10_000,
    }


@pytest.mark.parametrize("ids", ["", ",", "1,,2", ",".join(map(str, range(101)))])
def test_too_many_machines_and_none_are_refused(stage: Stage, ids: str) -> None:
    assert stage.staff("GET", f"/api/staff/machines/values?ids={ids}").status in {400, 422}


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("muster", [("company", "10000", "Muster GmbH", "Bonn"), ("contact", "5001", "Clara Schäfer", "clara@muster.example")]),
        ("SCHAEFER%20clara", [("contact", "5001", "Clara Schäfer", "clara@muster.example")]),
        ("70001", [("contract", "70001", "Service Vollwartung", "2026-11-28")]),
        ("ricoh%20sn200001", [("machine", "200001", "Ricoh IM C3000", "SN200001")]),
        ("ricoh%20clara", []),
        ("%20", []),
    ],
)  # fmt: skip
def test_search_finds_rows_that_hold_every_word(
    stage: Stage, adapters: Adapters, q: str, found: list[tuple[str, str, str, str]]
) -> None:
    settle(adapters)
    stage.staff("POST", "/api/staff/portfolio")
    stage.drain()
    hits = got(stage, f"/api/staff/search?q={q}".replace("%20", " "))["hits"]
    assert [(hit["kind"], hit["id"], hit["label"], hit["detail"]) for hit in hits] == found
    assert all(hit["company"] == {"id": "10000", "name": "Muster GmbH"} for hit in hits)


def test_search_ends_at_twenty_hits_and_fetches_its_text_once(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters, a_holding(machines=[a_machine(f"2000{n:02d}") for n in range(30)]))
    stage.staff("POST", "/api/staff/portfolio")
    stage.drain()
    assert len(got(stage, "/api/staff/search?q=ricoh")["hits"]) == 20
    with counted(adapters.table._client, adapters.files._client) as calls:
        got(stage, "/api/staff/search?q=ricoh")
    assert calls == {"dynamodb.GetItem": 1, "dynamodb.BatchGetItem": 2}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/staff/search?q=a"),
        ("GET", "/api/staff/portfolio"),
        ("POST", "/api/staff/portfolio"),
        ("GET", "/api/staff/portfolio/changes?after=x"),
        ("GET", "/api/staff/machines/values?ids=1"),
    ],
)
def test_nobody_without_a_group_sees_any_of_it(stage: Stage, method: str, path: str) -> None:
    assert stage.staff(method, path, groups="").status == 403


def test_a_snapshot_whose_files_are_gone_is_none(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    stage.staff("POST", "/api/staff/portfolio")
    stage.drain()
    found = snapshots.newest(adapters.table)
    assert found is not None
    old = replace(found, built_at=found.built_at.replace(year=2025), after=found.after)
    adapters.table.batch_write(deletes=[keys.snapshot()])
    assert snapshots.publish(adapters.table, old)
    assert stage.staff("GET", "/api/staff/portfolio").json["code"] == "no_snapshot"
