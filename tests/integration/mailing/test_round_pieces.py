"""A large round is planned in pieces: killed or out of time it goes on where it stood, nobody is left out."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.adapters import Adapters
from meterportal.domain.mailing.pieces import in_pieces
from meterportal.settings import moment
from meterportal.store.mailing import rounds
from meterportal.usecases.mailing import draft_round
from meterportal.usecases.mailing.plan_round import plan_round
from meterportal.usecases.portfolio import select_contracts

from tests.support.faults import killed
from tests.support.requesting import a_company, left_out, plan, recipients, show, start
from tests.support.stage import Stage
from tests.support.world import keep

SHARED = "shared@haus.example"
BOXES = ["box1@haus.example", "box2@haus.example", "box4@haus.example", SHARED]


@pytest.fixture
def numbers(adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Contracts of six companies: the first and the last share a mailbox, one has no address."""
    monkeypatch.setattr(draft_round, "PIECE", 2)
    mailboxes = [SHARED, *BOXES[:2], "", BOXES[2], SHARED]
    return [number for n, box in enumerate(mailboxes) for number in a_company(adapters, n, box)]


def whole(stage: Stage, round_id: str, numbers: list[str]) -> None:
    """Everybody has one mail, and who could not be asked is told."""
    stage.drain()
    assert recipients(stage.mails()) == BOXES
    shown = show(stage, round_id)
    assert (shown["state"], shown["planned"], shown["sent"]) == ("done", 4, 4)
    assert left_out(shown) == {numbers[3]: ["email_missing"]}
    shared = next(mail for mail in shown["mails"] if mail["companies"] == 2)
    assert sorted(shared["contract_ids"]) == [numbers[0], numbers[5]]


@pytest.mark.parametrize("by", ["filter", "ids"])
def test_a_round_in_pieces_is_what_it_would_be_at_once(
    stage: Stage, adapters: Adapters, numbers: list[str], by: str
) -> None:
    selection: Any = {"filter": {}} if by == "filter" else {"ids": numbers}
    round_id = start(stage, selection)
    plan(stage, round_id)
    found = rounds.load(adapters.table, round_id)
    assert found is not None
    assert found.pieces is not None
    assert found.pieces.done == found.pieces.count > 2
    whole(stage, round_id, numbers)


def test_a_contract_that_is_unknown_is_told_in_pieces_too(stage: Stage, numbers: list[str]) -> None:
    round_id = start(stage, {"ids": [*numbers, "404"]})
    stage.drain()
    expected = {"404": ["contract_unknown"], numbers[3]: ["email_missing"]}
    assert left_out(show(stage, round_id)) == expected


def test_a_planner_killed_in_any_piece_goes_on_and_doubles_nothing(
    stage: Stage, adapters: Adapters, numbers: list[str]
) -> None:
    round_id = start(stage)
    back = keep()
    for call in range(80):
        back()
        with killed(call) as calls:
            plan(stage, round_id)
        plan(stage, round_id)
        whole(stage, round_id, numbers)
        if "killed" not in calls:
            assert call > 12
            return
    raise AssertionError("the planner never came to its end")


def test_out_of_time_it_goes_on_with_the_piece_at_which_it_stood(
    stage: Stage, adapters: Adapters, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time it has time for four questions only."""
    round_id = start(stage)
    read: list[str] = []
    real = select_contracts.with_machines

    def reading(adapters: Adapters, company: str, *more: Any) -> Any:
        read.append(company)
        return real(adapters, company, *more)

    monkeypatch.setattr(draft_round, "with_machines", reading)
    for _ in range(10):
        plan_round(adapters, round_id, moment(), has_time=_four_times())
        found = rounds.load(adapters.table, round_id)
        if found is not None and found.planned_at is not None:
            break
    else:
        raise AssertionError("the planner never came to its end")
    assert len(read) < 12, "what was planned is not read again"
    whole(stage, round_id, numbers)


def _four_times() -> Callable[[], bool]:
    left = chain(repeat(True, 4), repeat(False))
    return lambda: next(left)


@given(
    st.dictionaries(st.text(max_size=3), st.sets(st.sampled_from("abcdefgh"))), st.integers(1, 5)
)
def test_companies_that_share_a_mailbox_are_in_one_piece(
    companies: dict[str, set[str]], size: int
) -> None:
    pieces = in_pieces(companies, size)
    assert sorted(chain(*pieces)) == sorted(companies)
    where = {company: n for n, piece in enumerate(pieces) for company in piece}
    for one, boxes in companies.items():
        assert all(where[one] == where[other] for other in companies if companies[other] & boxes)
