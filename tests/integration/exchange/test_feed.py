"""The ERP follows what happens to readings: every kind of event, at least once, in order for a machine."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.exchange.feed import FeedEvent
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Machine
from meterportal.settings import Moment
from meterportal.store.portfolio import machines
from meterportal.store.table import Table
from meterportal.store.writes import Write
from meterportal.usecases.exchange import read_feed as reading
from meterportal.usecases.exchange.read_feed import read_feed
from meterportal.usecases.release import release_readings

from tests.support.builders import a_contract, a_holding, a_machine, a_meter, settle
from tests.support.customers import put, signed_in, stored
from tests.support.erp_exports import FILES, as_zip, upload
from tests.support.feed import FEED, Erp
from tests.support.front_door import FrontDoor
from tests.support.portfolio_life import Clock, LaggingTable, behind
from tests.support.reported import (
    a_confirmed_reading,
    a_reading,
    a_reported_machine,
    export,
    release,
    seen,
    settle_reported,
)
from tests.support.stage import Stage
from tests.support.wire import counted

BW, COLOUR = "200001.1.2026-11-28", "200001.2.2026-11-28"


@pytest.fixture
def erp(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Erp:
    """It is told at once; what the held-back seconds are for is tried with a clock of its own."""
    monkeypatch.setattr(reading, "HELD_BACK", timedelta())
    return Erp(stage)


def taken(stage: Stage, what: str, number: str = BW, **fields: Any) -> None:
    body = {"reason": "Verlesen, laut Frau Schäfer"} | fields
    answer = stage.staff("POST", f"/api/staff/readings/{number}/{what}", body, groups="release")
    assert answer.status == 200, answer.text


# what is told


def test_a_reported_value_is_told_as_not_released(
    stage: Stage, adapters: Adapters, erp: Erp
) -> None:
    signed_in(stage, adapters)
    assert erp.look() == []
    assert put(stage, values={"1": 10_850}, version=1, read_on="2026-11-22").status == 200
    answer = stage.erp(FEED)
    assert answer.headers["Content-Type"] == "application/cloudevents-batch+json"
    assert answer.headers["Cache-Control"] == "no-store"
    (event,) = answer.json
    at = datetime.fromisoformat(event.pop("time"))
    assert abs(at - datetime(2026, 11, 23, 9, tzinfo=UTC)) < timedelta(minutes=1)
    assert event == {
        "specversion": "1.0",
        "id": "10000.200001.00000002.001",
        "source": "http://127.0.0.1:8000",
        "type": "meterportal.reading.reported",
        "subject": BW,
        "datacontenttype": "application/json",
        "partitionkey": "10000.200001",
        "sequence": "00000002.001",
        "data": {
            "reading_id": BW,
            "company_id": "10000",
            "contract_id": "70001",
            "machine_id": "200001",
            "serial": "SN200001",
            "meter_id": "1",
            "kind": "BW",
            "due_on": "2026-11-28",
            "read_on": "2026-11-22",
            "value": 10_850,
            "channel": "PORTAL",
            "estimated": False,
            "state": "reported",
            "verdict": "plausible",
            "entry": "reading",
            "reverses": None,
            "previous": None,
            "reset": None,
            "replaces": None,
        },
    }


def test_the_life_of_a_reading_is_told_step_by_step(
    stage: Stage, adapters: Adapters, erp: Erp
) -> None:
    signed_in(stage, adapters)
    assert put(stage, values={"1": 10_850, "2": 4_250}, version=1).status == 200
    assert put(stage, values={"1": 10_860}, version=2).status == 200
    assert erp.told() == [
        ("reported", BW, 10_850, "reported"),
        ("reported", COLOUR, 4_250, "reported"),
        ("corrected", BW, 10_860, "reported"),
    ]
    assert list(erp.events.values())[2]["data"]["previous"]["value"] == 10_850

    release(stage, seen(stored(adapters)))
    taken(stage, "withdrawal", version=4)
    assert erp.told() == [
        ("released", BW, 10_860, "released"),
        ("released", COLOUR, 4_250, "released"),
        ("withdrawn", BW, 10_860, "reported"),
    ]

    release(stage, seen(stored(adapters)))
    run = export(stage)
    taken(stage, "reversal", version=6, value="10.900")
    assert erp.told() == [
        ("released", BW, 10_860, "released"),
        ("reversed", f"{BW}~2", 10_860, "released"),
        ("released", f"{BW}~3", 10_900, "released"),
    ]
    reversal, new = list(erp.events.values())[-2:]
    assert (reversal["data"]["entry"], reversal["data"]["reverses"]) == ("reversal", BW)
    assert (new["data"]["entry"], new["data"]["reverses"]) == ("correction", BW)
    assert new["data"]["previous"]["value"] == 10_860
    assert reversal["sequence"] < new["sequence"]

    # What the ERP itself says is no news to it.
    acknowledged = stage.staff("POST", f"/api/staff/exports/{run['id']}/ack", {"accepted": "all"})
    assert acknowledged.status == 200
    assert erp.look() == []


def test_a_correction_of_a_correction_names_what_it_replaces(
    stage: Stage, adapters: Adapters, erp: Erp
) -> None:
    release(stage, seen(*settle_reported(adapters)))
    export(stage)
    taken(stage, "reversal", version=3, value=10_900)
    export(stage)
    erp.look()
    taken(stage, "reversal", f"{BW}~3", version=4, value=10_890)
    reversal, new = erp.look()
    assert (reversal["subject"], reversal["data"]["reverses"]) == (f"{BW}~4", f"{BW}~3")
    assert (new["subject"], new["data"]["reverses"]) == (f"{BW}~5", f"{BW}~3")


def test_an_estimate_is_told_as_one_until_a_true_value_comes(
    stage: Stage, adapters: Adapters, erp: Erp
) -> None:
    due = datetime(2026, 11, 20, tzinfo=UTC).date()
    signed_in(
        stage,
        adapters,
        a_holding(contracts=[a_contract(next_billing_on=due)], machines=[a_machine(due_on=due)]),
    )
    given = {"dry_run": False, "versions": {"200001": 1}}
    assert stage.staff("POST", "/api/staff/estimates", given).status == 200
    told = erp.look()
    assert {(e["type"], e["data"]["estimated"], e["data"]["state"]) for e in told} == {
        ("meterportal.reading.estimated", True, "reported")
    }
    answer = put(stage, values={"1": 10_850}, version=2, read_on="2026-11-20")
    assert answer.status == 200, answer.text
    (event,) = erp.look()
    assert event["subject"] == told[0]["subject"]
    assert (event["data"]["value"], event["data"]["estimated"]) == (10_850, False)

    release(stage, seen(stored(adapters)))
    assert [one["data"]["estimated"] for one in erp.look()] == [False, True]


def test_a_value_that_staff_enter_and_a_reset_are_told_with_their_channel(
    stage: Stage, adapters: Adapters, erp: Erp
) -> None:
    settle(adapters)
    swap = {"meter_id": "1", "read_on": "2026-11-10", "end": 10_400, "start": 0, "version": 1}
    assert stage.staff("POST", "/api/staff/machines/200001/resets", swap).status == 200
    entry = {"values": {"1": 430}, "channel": "PHONE", "version": 2, "reporter": "5001"}
    answer = stage.staff("PUT", "/api/staff/machines/200001/readings", entry)
    assert answer.status == 200, answer.text
    swapped, entered = erp.look()
    assert (swapped["type"], swapped["subject"]) == ("meterportal.reading.reset", "200001.1")
    assert swapped["data"]["reset"] == {"end": 10_400, "start": 0}
    assert swapped["data"]["reading_id"] is None
    assert (entered["data"]["channel"], entered["data"]["value"]) == ("PHONE", 430)


def test_a_suggestion_that_staff_take_is_told_and_taking_it_back_too(
    stage: Stage, adapters: Adapters, erp: Erp
) -> None:
    settle_reported(adapters, [a_reported_machine("200001", a_confirmed_reading(), a_reading("2"))])
    erp.look()
    for body in ({"decision": "accepted", "value": 90_000, "findings": ["usage_too_high"]}, None):
        decided(stage, adapters, body)
        assert erp.look() == []  # the value is the same
    decided(stage, adapters, {"decision": "taken", "value": 10_900})
    assert erp.told() == [("corrected", BW, 10_900, "reported")]
    decided(stage, adapters, None)
    assert erp.told() == [("corrected", BW, 90_000, "reported")]


def decided(stage: Stage, adapters: Adapters, body: dict[str, Any] | None) -> None:
    """Staff decide about the first value; without a body the last decision is taken back."""
    path = f"/api/staff/readings/{BW}/{'decision' if body else 'undo'}"
    answer = stage.staff("POST", path, {"version": stored(adapters).version} | (body or {}))
    assert answer.status == 200, answer.text


def test_what_the_erp_imports_is_no_event(stage: Stage, adapters: Adapters, erp: Erp) -> None:
    upload(stage, as_zip(FILES))
    stage.drain()
    assert erp.look() == []


def test_a_release_by_hand_is_told_too(stage: Stage, adapters: Adapters, erp: Erp) -> None:
    settle_reported(adapters)
    taken(stage, "release", version=2, reason="Telefonisch geklärt")
    assert erp.told() == [("released", BW, 10_850, "released")]


def test_no_event_names_a_person(stage: Stage, adapters: Adapters, erp: Erp) -> None:
    signed_in(stage, adapters)
    assert put(stage, values={"1": 10_850}, version=1).status == 200
    release(stage, seen(stored(adapters)))
    text = stage.erp(FEED).text
    assert len(erp.look()) == 2
    for name in ("Clara", "Schäfer", "clara@", "5001", "Anna", "staff-1"):
        assert name not in text, name


# where it begins and goes on


def test_it_goes_on_where_it_was_after_a_kill(
    stage: Stage, adapters: Adapters, erp: Erp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST", 4)
    monkeypatch.setattr(release_readings, "TOGETHER", 2)
    devices = [a_reported_machine(str(200_001 + n)) for n in range(9)]
    settle_reported(adapters, devices)
    release(stage, seen(*devices))
    first = erp.ask()
    assert len(first.json) == 4
    assert "Retry-After" not in first.headers
    place, known = erp.place, set(erp.events)
    second = erp.ask()

    again = Erp(stage, place)  # the second answer came, and was lost with the process
    assert again.ask().json == second.json
    again.look()
    assert not known & set(again.events), "a series goes on behind what it has told"
    assert len(known | set(again.events)) == 18


def test_a_day_is_told_again_from_its_beginning_in_berlin(
    stage: Stage, adapters: Adapters, erp: Erp, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC))  # a second to midnight
    monkeypatch.setattr(adapters.table, "_clock", clock.told)
    settle(adapters, a_holding(machines=[a_machine(), a_machine("200002")]))
    written(adapters, "200001")
    clock.now += timedelta(seconds=2)
    written(adapters, "200002")
    assert len(stage.erp(FEED).json) == 2
    assert [e["data"]["machine_id"] for e in stage.erp(f"{FEED}?from=2026-11-23").json] == [
        "200002"
    ]
    assert len(stage.erp(f"{FEED}?from=2026-11-22").json) == 2
    for day in ("0001-01-01", "2025-12-31"):
        assert len(stage.erp(f"{FEED}?from={day}").json) == 2, day


@pytest.mark.parametrize(
    ("asked", "status", "code", "field"),
    [
        ("after=nonsense", 400, "bad_page", "after"),
        ("from=2026-11-24", 422, "day_to_come", "from"),
        ("from=9999-12-31", 422, "day_to_come", "from"),
        ("from=23.11.2026", 400, "bad_query", "from"),
        ("since=2026-11-23", 400, "bad_query", "since"),
    ],
)
def test_a_beginning_that_cannot_be_is_refused(
    stage: Stage, asked: str, status: int, code: str, field: str
) -> None:
    answer = stage.erp(f"{FEED}?{asked}")
    assert (answer.status, answer.json["code"], answer.json["field"]) == (status, code, field)


def test_only_a_place_of_the_feed_is_one(stage: Stage, adapters: Adapters, erp: Erp) -> None:
    settle(adapters)
    stage.staff("POST", "/api/staff/portfolio")
    stage.drain()
    other = stage.staff("GET", "/api/staff/portfolio").json["after"]
    assert stage.erp(f"{FEED}?after={other}").status == 400
    erp.look()
    own = erp.place.partition("=")[2]
    assert stage.staff("GET", f"/api/staff/portfolio/changes?after={own}").status == 400
    both = stage.erp(f"{erp.place}&from=2026-11-23")
    assert (both.status, both.json["code"]) == (422, "two_beginnings")


# what it costs


def test_nothing_new_costs_eight_queries_and_a_change_no_request_more(
    stage: Stage, adapters: Adapters, erp: Erp
) -> None:
    signed_in(stage, adapters)
    with counted(adapters.table._client) as calls:
        assert erp.look() == []
    assert calls == {"dynamodb.Query": 8}
    with counted(adapters.table._client) as calls:
        assert put(stage, values={"1": 10_850}, version=1).status == 200
    assert calls["dynamodb.TransactWriteItems"] == 1


def test_an_answer_reads_no_more_than_it_tells(
    stage: Stage, adapters: Adapters, erp: Erp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST", 6)
    monkeypatch.setattr(release_readings, "TOGETHER", 3)
    monkeypatch.setattr(reading, "_PAGE", 5)
    settle_reported(adapters, [a_reported_machine(str(200_001 + n)) for n in range(30)])
    release(stage, seen(*(stored(adapters, str(200_001 + n)) for n in range(30))))
    with counted(adapters.table._client) as calls:
        assert len(erp.ask().json) == 6
    assert calls == {"dynamodb.Query": 8}, "the rest of sixty events is not looked at"


def test_one_row_of_the_index_tells_what_a_part_of_a_run_has_released(
    stage: Stage, adapters: Adapters, erp: Erp
) -> None:
    devices = [a_reported_machine(str(200_001 + n)) for n in range(9)]
    settle_reported(adapters, devices)
    run = release(stage, seen(*devices))
    (row,) = fed_rows_of(adapters)
    assert (row["pk"], row["sk"]) == (f"RELEASE#{run['id']}", "LINE#200001#-")
    told = erp.look()
    assert [event["id"] for event in told] == [
        f"10000.{device.id}.{device.version + 1:08d}.{n:03d}" for device in devices for n in (1, 2)
    ]
    for device in devices:
        (own,) = machines.history(adapters.table, "10000", device.id)
        assert "changes_pk" not in own
        assert "row" not in own


def fed_rows_of(adapters: Adapters) -> list[dict[str, Any]]:
    return [row for n in range(8) for row in adapters.table.query(f"FEED#{n}", index="changes")]


def three_reported(adapters: Adapters) -> None:
    """Machines 200001 to 200003, of which the second was written by a clock that goes ahead."""
    settle_reported(adapters, [a_reported_machine(str(200_001 + n)) for n in range(3)])
    clock = Clock(adapters.table._clock() + timedelta(seconds=20))
    table = Table(adapters.table._client, adapters.table.name, clock=clock.told)
    ahead = stored(adapters, "200002")
    for write in machines.save(replace(ahead, serial="NEU"), seen=ahead, event=None):
        table.write(write)


def test_a_row_for_several_machines_stands_behind_the_last_write_of_each(
    stage: Stage, adapters: Adapters, erp: Erp
) -> None:
    three_reported(adapters)
    devices = [stored(adapters, str(200_001 + n)) for n in range(3)]
    latest = devices[1].written_at
    assert latest > devices[0].written_at
    release(stage, seen(*devices))
    (row,) = fed_rows_of(adapters)
    (place,) = {stored(adapters, device.id).written_at for device in devices}
    assert row["changes_sk"].partition("#")[0] == place > latest


def test_what_follows_a_release_is_told_behind_it_though_a_clock_went_ahead(
    stage: Stage, adapters: Adapters, erp: Erp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other machines' rows come to stand where the row of the one stands."""
    monkeypatch.setattr(reading, "HELD_BACK", -timedelta(seconds=60))
    three_reported(adapters)
    release(stage, seen(*(stored(adapters, str(200_001 + n)) for n in range(3))))
    reading_id = "200001.1.2026-11-28"
    why = {"reason": "Verlesen, laut Kunde", "version": stored(adapters).version}
    path = f"/api/staff/readings/{reading_id}/withdrawal"
    assert stage.staff("POST", path, why, groups="release").status == 200
    told = [event["type"] for event in erp.look() if event["subject"] == reading_id]
    assert [name.rpartition(".")[2] for name in told] == ["released", "withdrawn"]


def test_a_row_of_four_meters_costs_one_unit_in_the_table_and_one_in_the_index(
    stage: Stage, adapters: Adapters
) -> None:
    meters = tuple(a_meter(str(n)) for n in range(1, 5))
    signed_in(stage, adapters, a_holding(machines=[a_machine(meters=meters)]))
    assert put(stage, values={one.id: 10_850 for one in meters}, version=1).status == 200
    (row,) = machines.history(adapters.table, "10000", "200001")
    in_the_index = {"pk", "sk", "changes_pk", "changes_sk", "row", "version"}
    assert size(row) < 1_024
    assert size({name: row[name] for name in in_the_index}) < 512


def size(value: Any) -> int:
    """Bytes as DynamoDB counts them: names and values, three for a list and one for each of its parts."""
    match value:
        case dict():
            return sum(len(name) + size(one) for name, one in value.items())
        case list():
            return 3 + sum(1 + size(one) for one in value)
        case str():
            return len(value.encode())
        case _:
            return 5


# clocks, order, loss


def written(adapters: Adapters, number: str, value: int = 10_850) -> Machine:
    """Somebody reports a meter of a machine."""
    machine = stored(adapters, number)
    reported = a_reading("1", value)
    changed = replace(machine, readings=(reported,), version=machine.version + 1)
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    event = machines.event("reported", [reported], at=at, by="5001", channel=ReadingChannel.PORTAL)
    adapters.table.transact(machines.save(changed, seen=machine, event=event))
    return changed


class Follower:
    """The use case with a clock that is true; `first` are ids in the order in which they came first."""

    def __init__(self, adapters: Adapters, clock: Clock) -> None:
        self.adapters, self.clock = adapters, clock
        self.after: str | None = None
        self.first: dict[str, FeedEvent] = {}

    def poll(self) -> None:
        more = True
        while more:
            found = read_feed(self.adapters, self.clock.at, after=self.after)
            self.after, more = found.after, found.more
            for event in found.events:
                self.first.setdefault(event.id, event)

    def in_order(self) -> bool:
        last: dict[str, str] = {}
        for event in self.first.values():
            machine = event.change.machine_id
            if event.sequence <= last.get(machine, ""):
                return False
            last[machine] = event.sequence
        return True


def lives(adapters: Adapters, seed: int, lag: int, skew: int) -> tuple[Follower, set[str]]:
    """Machines change under clocks that differ, before an index that lags, while somebody follows; and
    what was written in all."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    clock = Clock()
    table = LaggingTable(adapters.table, clock)
    behind(adapters, table)
    settle(adapters, a_holding(machines=[a_machine(str(200_001 + n)) for n in range(3)]))
    follower, wrote = Follower(adapters, clock), set()
    for turn in range(40):
        table.lag = timedelta(seconds=chance.uniform(0, lag))
        clock.skew = timedelta(seconds=chance.uniform(-skew, skew))
        changed = written(adapters, str(200_001 + chance.randrange(3)), 11_000 + turn)
        wrote.add(f"10000.{changed.id}.{changed.version:08d}.001")
        table.written()
        clock.now += timedelta(seconds=chance.uniform(0, 4))
        if turn % 2:
            follower.poll()
    for _ in range(8):
        clock.now += timedelta(seconds=10)
        follower.poll()
    return follower, wrote


@pytest.mark.parametrize(("lag", "skew"), [(30, 0), (20, 10), (0, 25)])
@pytest.mark.parametrize("seed", range(2))
def test_writers_within_the_held_back_seconds_lose_nothing(
    adapters: Adapters, seed: int, lag: int, skew: int
) -> None:
    follower, wrote = lives(adapters, seed, lag, skew)
    assert set(follower.first) == wrote


@pytest.mark.parametrize("skew", [0, 3, 25])
@pytest.mark.parametrize("seed", range(2))
def test_a_machine_s_events_come_in_the_order_of_its_versions(
    adapters: Adapters, seed: int, skew: int
) -> None:
    follower, wrote = lives(adapters, seed, 4, skew)
    assert set(follower.first) == wrote
    assert follower.in_order()


def test_clocks_that_differ_would_turn_the_order_round(
    adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above sees what it is to see: without its bound a write goes behind the one before it."""
    stamped = Write.stamped
    monkeypatch.setattr(Write, "stamped", lambda self, at: stamped(self._replace(behind=""), at))
    assert not all(lives(adapters, seed, 4, 25)[0].in_order() for seed in range(3))


def test_without_the_time_that_is_told_again_something_would_be_lost(
    adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "OVERLAP", timedelta())
    follower, wrote = lives(adapters, 0, 30, 0)
    assert set(follower.first) < wrote


def test_the_newest_seconds_are_held_back(adapters: Adapters, at: Moment) -> None:
    clock = Clock(at.now)
    behind(adapters, LaggingTable(adapters.table, clock))
    settle(adapters)
    written(adapters, "200001")
    assert read_feed(adapters, clock.at).events == []
    clock.now += timedelta(seconds=6)
    assert len(read_feed(adapters, clock.at).events) == 1


# who may


THE_ERP = {"token_use": "access", "client_id": "erp", "scope": "erp/feed"}
PERSON = {"sub": "staff-1", "cognito:groups": "[admin]"}


@pytest.mark.parametrize(
    "claims",
    [
        {"token_use": "id", **PERSON},
        {"token_use": "access", "scope": "openid", **PERSON},
        {"token_use": "id", "scope": "erp/feed", **PERSON},
        THE_ERP | {"scope": "erp/feeding"},
        {},
    ],
)
def test_nobody_but_the_erp_may_follow(stage: Stage, claims: dict[str, str]) -> None:
    answer = stage.request("erp_api", "GET", FEED, claims=claims)
    assert (answer.status, answer.json["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("claims", [THE_ERP, THE_ERP | PERSON])
def test_staff_s_routes_take_no_access_token_even_behind_the_gateway(
    stage: Stage, claims: dict[str, str]
) -> None:
    for path in ("/api/staff/portfolio", "/api/staff/audit", "/api/staff/exports"):
        answer = stage.request("staff_api", "GET", path, claims=claims)
        assert (answer.status, answer.json["code"]) == (403, "not_allowed"), path


def answered(door: FrontDoor, method: str, path: str, token: str) -> int:
    status: list[str] = []
    asked = {"REQUEST_METHOD": method, "REQUEST_URI": path, "QUERY_STRING": ""}
    asked |= {"HTTP_AUTHORIZATION": token, "HTTP_HOST": "api.example"}
    list(door({**asked, "wsgi.input": BytesIO()}, lambda told, _: status.append(told)))
    return int(status[0].split()[0])


def test_the_gateway_lets_each_token_to_its_own_routes_only(stage: Stage) -> None:
    door = FrontDoor()
    door.open(stage)
    assert answered(door, "GET", FEED, door.erp_token) == 200
    assert answered(door, "GET", FEED, door.token) == 401
    assert answered(door, "GET", FEED, "") == 401
    closed = [route for route in stage.routes if route.authorizer and route.path != FEED]
    assert len(closed) > 40
    for route in closed:
        assert answered(door, route.method, route.path, door.erp_token) == 401
