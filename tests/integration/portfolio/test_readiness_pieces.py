"""A large Portal Ready in pieces: killed or out of time it goes on where it stood, nobody is left out or
told of twice, and what it costs grows with the portfolio only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, repeat
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import (
    METER_REPORTING,
    Company,
    PortalRights,
    ReadingChannel,
)
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.selections import Filter, Selection
from meterportal.settings import moment
from meterportal.store.portfolio import checks, holdings
from meterportal.store.writes import Write
from meterportal.usecases.portfolio import check_readiness, select_contracts
from meterportal.usecases.portfolio.build_portfolio import build
from meterportal.usecases.portfolio.check_readiness import run_check
from meterportal.usecases.portfolio.judge_readiness import judge_group
from meterportal.usecases.portfolio.select_contracts import Places, looked_at

from tests.support.builders import DUE, a_contact, a_contract, a_holding, settle
from tests.support.faults import interrupted, killed
from tests.support.redelivery import deliver
from tests.support.stage import Context, Stage
from tests.support.units import metered
from tests.support.world import keep

COMPANIES = 7
NUMBERS = [f"7{n:04d}" for n in range(COMPANIES)]
PEOPLE = [f"5{n:04d}" for n in range(COMPANIES)]
FAULTY = 3
"""The company whose reporter has no address."""
READY = [number for n, number in enumerate(NUMBERS) if n != FAULTY]
GRANTED = {person: True for n, person in enumerate(PEOPLE) if n != FAULTY}
ALL: Any = {"filter": {}}


def settled(adapters: Adapters, companies: int = COMPANIES, first: int = 0) -> None:
    """Companies of one contract each, whose reporters have no rights yet."""
    for n in range(first, first + companies):
        email = "" if n == FAULTY else f"clara{n}@muster.example"
        person = a_contact(f"5{n:04d}", email=email, rights=None)
        contract = a_contract(f"7{n:04d}", reporters=(person.id,))
        company = Company(f"1{n:04d}", f"Firma {n}")
        held = a_holding(company, contacts=[person], contracts=[contract], machines=[])
        settle(adapters, held, claimed=False)


@pytest.fixture
def small(adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    """A portfolio of several pieces, each of two companies."""
    for module, name, most in (
        (check_readiness, "AT_ONCE", 1),
        (check_readiness, "PIECE", 2),
        (select_contracts, "GROUP", 2),
    ):
        monkeypatch.setattr(module, name, most)
    settled(adapters)


def begun(stage: Stage, selection: Any = ALL, *, dry_run: bool = False) -> str:
    """Starts a check; nothing has been worked off yet."""
    body = {"selection": selection, "dry_run": dry_run}
    answer = stage.staff("POST", "/api/staff/readiness", body)
    assert answer.status == 202, answer.text
    number: str = answer.json["id"]
    return number


def shown(stage: Stage, number: str) -> Any:
    """The whole outcome, from all pages."""
    path = f"/api/staff/readiness/{number}"
    told = page = stage.staff("GET", path).json
    while page["next_cursor"]:
        page = stage.staff("GET", f"{path}?cursor={page['next_cursor']}").json
        for name in ("ready", "not_ready", "notes", "granted"):
            told[name] += page[name]
    return told


def whole(told: Any, where: object = None) -> None:
    """Every contract stands in the outcome once, everybody who can report was given rights."""
    assert told["state"] == "done", where
    assert sorted(told["ready"]) == READY, where
    assert [one["contract_id"] for one in told["not_ready"]] == [NUMBERS[FAULTY]], where
    new = [(one["contact_id"], one["new"]) for one in told["granted"]]
    assert sorted(new) == sorted(GRANTED.items()), where


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("selection", [ALL, {"ids": NUMBERS}], ids=["filter", "ids"])
@pytest.mark.parametrize("single", [100, 0], ids=["read alone", "from the index"])
def test_a_check_in_pieces_tells_what_it_would_at_once(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, selection: Any, single: int
) -> None:
    monkeypatch.setattr(select_contracts, "_SINGLE_READS", single)
    number = begun(stage, selection)
    stage.drain()
    kept = checks.load(adapters.table, number)
    assert kept is not None
    assert kept.pieces == 4
    whole(shown(stage, number))


@pytest.mark.usefixtures("small")
def test_a_contract_that_is_unknown_is_told_once(stage: Stage) -> None:
    number = begun(stage, {"ids": ["404", *NUMBERS]})
    stage.drain()
    told = [one["contract_id"] for one in shown(stage, number)["not_ready"]]
    assert told == ["404", NUMBERS[FAULTY]]


@pytest.mark.usefixtures("small")
def test_a_worker_killed_at_any_call_goes_on_and_tells_nothing_twice(stage: Stage) -> None:
    number = begun(stage)
    back = keep()
    for call in range(80):
        back()
        with killed(call) as calls:
            deliver(stage, "check_readiness", {"check_id": number})
        assert deliver(stage, "check_readiness", {"check_id": number}) == []
        whole(shown(stage, number), call)
        if "killed" not in calls:
            assert call > 10
            return
    raise AssertionError("the check never came to its end")


@pytest.mark.usefixtures("small")
def test_of_two_workers_the_faster_one_s_pieces_count(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the conditions a check that is done changes once more, so they are what protects."""
    number = begun(stage)
    back = keep()

    def other() -> None:
        assert deliver(stage, "check_readiness", {"check_id": number}) == []

    def every_place() -> Iterator[Any]:
        for call in range(200):
            back()
            with interrupted(call, other) as calls:
                run_check(adapters, number, moment(), has_time=lambda: False)
            if len(calls) <= call:
                return
            yield shown(stage, number)
        raise AssertionError("the check never came to its end")

    for call, told in enumerate(every_place()):
        # Who lost a piece may have found rights that the other one had given just before.
        told["granted"] = [{**one, "new": True} for one in told["granted"]]
        whole(told, call)
    write = adapters.table.write

    def unconditional(one: Write) -> None:
        any_of = "attribute_exists(pk) OR #pieces = :seen" if "seen" in one.values else None
        write(one._replace(condition=any_of))

    monkeypatch.setattr(adapters.table, "write", unconditional)
    assert any(sorted(told["ready"]) != READY for told in every_place())


@pytest.mark.usefixtures("small")
def test_out_of_time_it_goes_on_with_the_company_at_which_it_stood(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each invocation has time for one group only; how far it has come is told."""
    build(adapters, moment(), has_time=lambda: True)
    number = begun(stage)
    judged: Counter[str] = Counter()
    real = judge_group

    def judging(adapters: Adapters, group: Any, *more: Any, **named: Any) -> Any:
        judged.update(one.holding.company.id for one in group)
        return real(adapters, group, *more, **named)

    monkeypatch.setattr(check_readiness, "judge_group", judging)
    progress = []
    for _ in range(10):
        run_check(adapters, number, moment(), has_time=lambda: False)
        told = stage.staff("GET", f"/api/staff/readiness/{number}").json
        progress.append(told["progress"])
        if told["state"] == "done":
            break
        assert (told["state"], told["ready"], told["next_cursor"]) == ("running", [], None)
    assert set(judged.values()) == {1}
    # Companies and contracts, two of each a time.
    assert progress == [{"done": done, "of": 14} for done in (4, 8, 12)] + [None]
    whole(shown(stage, number))


@pytest.mark.usefixtures("small")
def test_a_filter_that_fits_nothing_goes_on_from_where_it_stood_too(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_readiness, "LOOKED_AT", 1)
    number = begun(stage, {"filter": {"words": "nowhere"}})
    after = []
    for _ in range(4):
        run_check(adapters, number, moment(), has_time=lambda: False)
        kept = checks.load(adapters.table, number)
        assert kept is not None
        after.append(kept.after)
    assert after == sorted(set(after))
    told = shown(stage, number)
    assert (told["state"], told["ready"], told["not_ready"]) == ("done", [], [])


@pytest.mark.usefixtures("small")
def test_the_night_s_check_goes_on_behind_its_queue(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = chain([True], repeat(False))
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _: 300_000 * next(left))
    event = {"kind": "portal_ready", "scheduled_at": "2026-11-23T04:00:00Z"}
    number = stage.handler("check_readiness")(event, Context())["check_id"]
    assert shown(stage, number)["state"] == "running"
    monkeypatch.undo()
    stage.drain()
    whole(shown(stage, number))


@pytest.mark.usefixtures("small")
def test_a_check_that_an_earlier_version_has_begun_is_done_to_its_end(
    stage: Stage, adapters: Adapters
) -> None:
    """It had given rights to some and noted them; no piece was known to it."""
    number = begun(stage)
    back = keep()
    stage.drain()
    given = dict(_rows(adapters, number, "GIVEN#"))
    back()
    for sk, item in given.items():
        earlier = {**item, "sk": f"GRANTED#{sk.rpartition('#')[2]}"}
        adapters.table.batch_write(puts=[earlier])
    for n in range(COMPANIES):
        if n != FAULTY:
            person = f"5{n:04d}"
            again = {"selection": {"filter": {"contract_id": NUMBERS[n]}}, "dry_run": False}
            granted = stage.staff("POST", "/api/staff/readiness", again).json["granted"]
            assert [one["contact_id"] for one in granted] == [person]
    stage.drain()
    whole(shown(stage, number))


def test_the_outcome_that_an_earlier_version_has_stored_is_shown(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_readiness, "AT_ONCE", 1)
    settled(adapters)
    number = begun(stage)
    stage.drain()
    ((_, row),) = _rows(adapters, number, "RESULT#")
    header = adapters.table.get(row["pk"], "HEAD") or _header(adapters, row["pk"])
    for name in ("pieces", "after", "results", "progress"):
        del header[name]
    adapters.table.batch_write(
        puts=[header, {**row, "sk": "RESULT#000000"}], deletes=[(row["pk"], row["sk"])]
    )
    whole(shown(stage, number))


def test_what_a_check_costs_grows_with_the_portfolio_only(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted over 100 and 200 companies in pieces of 50: nothing is read or written twice."""
    monkeypatch.setattr(check_readiness, "AT_ONCE", 1)
    monkeypatch.setattr(check_readiness, "PIECE", 50)

    def cost() -> tuple[dict[str, int], float, float]:
        number = begun(stage)
        with metered(adapters.table._client) as consumed:
            assert deliver(stage, "check_readiness", {"check_id": number}) == []
        return dict(consumed.requests), consumed.read, consumed.all_written

    settled(adapters, 100)
    first = cost()
    again = cost()
    settled(adapters, 100, first=100)
    twice = cost()
    twice_again = cost()
    assert first[0]["TransactWriteItems"] == 4  # 99 contacts, 32 at a time, by piece
    assert twice[0]["TransactWriteItems"] == 4
    assert again[0] == {
        "GetItem": 2,  # the header, the snapshot
        "Query": 12,  # the selection, 8 shards, what an earlier version gave, what each piece gave
        "BatchGetItem": 3,  # the name of who has started it, the mailboxes
        "UpdateItem": 3,  # taken up, and two pieces
        "PutItem": 2,
    }
    assert twice_again[0]["Query"] - again[0]["Query"] == 2
    assert twice_again[1] < 2 * again[1]
    assert twice_again[2] < 2 * again[2]


def test_a_transaction_gives_rights_to_as_many_contacts_as_it_takes(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three writes for each, and two: the hundred that DynamoDB takes."""
    monkeypatch.setattr(check_readiness, "AT_ONCE", 1)
    settled(adapters, 34)  # one of them faulty
    number = begun(stage)
    with metered(adapters.table._client) as consumed:
        assert deliver(stage, "check_readiness", {"check_id": number}) == []
    assert consumed.requests["TransactWriteItems"] == 2
    assert [len(row["contacts"]) for _, row in _rows(adapters, number, "GIVEN#")] == [32, 1]


def test_a_queued_check_judges_as_one_that_reads_every_company_whole(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads a part of each row only: what judges has to stand in `JUDGED`."""
    held = settle(adapters, _every_fault())
    asked = {"selection": {"ids": sorted(held.contracts)}, "dry_run": True}
    from_whole = stage.staff("POST", "/api/staff/readiness", asked).json
    assert {why["code"] for one in from_whole["not_ready"] for why in one["reasons"]} == {
        "channel_not_portal",
        "contract_ended",
        "email_doubled",
        "email_missing",
        "reporter_inactive",
        "rights_missing",
    }
    assert {one["new"] for one in from_whole["granted"]} == {False}
    monkeypatch.setattr(check_readiness, "AT_ONCE", 0)
    number = begun(stage, dry_run=True)
    stage.drain()
    from_parts = shown(stage, number)
    for name in ("ready", "not_ready", "notes", "granted"):
        assert from_parts[name] == from_whole[name], name


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(words="vollwartung muster bonn"),
        Filter(reading_channel=ReadingChannel.MPS),
        Filter(running_on=DUE),
        Filter(due_before=DUE),
        Filter(asked=True),
    ],
)
def test_a_filter_chooses_the_same_from_a_part_of_each_row(
    adapters: Adapters, wanted: Filter
) -> None:
    settle(adapters, _every_fault())
    mark = holdings.place_of("10000", "5001")[0], "CONTRACT#70001"
    asked = {"day": DUE.isoformat(), "asked": {"5001": "round"}}
    adapters.table.write(
        Write(key=mark, update="SET #asked_for = :day, #asked = :asked", values=asked)
    )

    def chosen(only: tuple[str, ...] | None) -> list[str]:
        found = looked_at(adapters, Selection(filter=wanted), Places(None), only=only)
        return [contract.id for company in found for contract in company.contracts]

    assert chosen(checks.JUDGED) == chosen(None) != []


def _every_fault() -> Holding:
    """A company with a ready contract, and others with a reason against each."""
    people = [
        a_contact("5001"),
        a_contact("5002", email="inaktiv@muster.example", active=False),
        a_contact("5003", email="ohne@muster.example", rights=PortalRights(readings=False)),
        a_contact("5004", email="beide@muster.example"),
        a_contact("5005", email="beide@muster.example", rights=None),
        a_contact("5006", email=""),
        a_contact("5007", email="rolle@muster.example", role=METER_REPORTING),
    ]
    papers = [
        a_contract("70001"),
        a_contract("70002", ends_on=DUE - timedelta(days=400)),
        a_contract("70003", reading_channel=ReadingChannel.MPS),
        *(a_contract(f"7001{n}", reporters=(f"500{n}",)) for n in (2, 3, 4, 6)),
        a_contract("70020", reporters=()),
    ]
    return a_holding(contacts=people, contracts=papers, machines=[])


def _rows(adapters: Adapters, number: str, begins: str) -> list[tuple[str, Any]]:
    return [(item["sk"], item) for item in adapters.table.query(f"CHECK#{number}", begins=begins)]


def _header(adapters: Adapters, pk: str) -> Any:
    (found,) = [item for item in adapters.table.query(pk) if "done_at" in item]
    return found
