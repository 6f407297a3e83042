"""How often somebody may try to log in: counted in the write, by address and client, never by link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from customer_api.client import client_of
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import attempts
from meterportal.store.table import Write
from meterportal.usecases.attempts import BY_ADDRESS, BY_CLIENT

from tests.access import a_code, log_in
from tests.builders import a_link, settle
from tests.customers import CLARA, open_by
from tests.interleaving import every_order
from tests.stage import Stage


def test_too_many_attempts_on_an_address_have_to_wait_and_the_link_goes_on(
    stage: Stage, doors: Doors
) -> None:
    settle(doors)
    code, token = a_code(doors), a_link(doors)
    for _ in range(BY_ADDRESS.most):
        assert log_in(stage, code="WRNG-WRNG").status == 401
    refused = log_in(stage, code=code)
    assert (refused.status, refused.json["code"]) == (429, "too_many_attempts")
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert refused.cookies == []
    assert log_in(stage, "nobody@nowhere.example", code="x").status == 401
    assert open_by(stage, token).status == 201
    assert stage.customer("GET", "/api/machines").status == 200


def test_an_unknown_address_has_the_same_limit(stage: Stage) -> None:
    told = [log_in(stage, "nobody@nowhere.example", password="x").status for _ in range(12)]
    assert told == [401] * BY_ADDRESS.most + [429] * 2


def test_a_client_that_tries_many_addresses_has_to_wait(
    stage: Stage, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "meterportal.usecases.attempts.BY_CLIENT", attempts.Limit("c", 5, BY_CLIENT.within)
    )
    settle(doors)
    told = [log_in(stage, f"nobody{n}@nowhere.example", code="x").status for n in range(7)]
    assert told == [401] * 5 + [429] * 2
    assert log_in(stage, code=a_code(doors)).status == 429
    elsewhere = {"x-forwarded-for": "203.0.113.9, 127.0.0.1"}
    body = {"email": CLARA, "code": a_code(doors)}
    assert stage.customer("POST", "/api/session", body, headers=elsewhere).status == 201


def test_counting_begins_anew_after_its_time(doors: Doors, at: Moment) -> None:
    limit = attempts.Limit("try", 1, timedelta(minutes=15))
    doors.table.write(attempts.count(limit, "x", now=at.now))
    later = at.now + timedelta(seconds=limit.left(at.now))
    doors.table.write(attempts.count(limit, "x", now=later))
    assert limit.left(later) == 900


@pytest.mark.parametrize("conditions", [True, False])
def test_two_attempts_at_once_never_pass_the_limit(
    stage: Stage, doors: Doors, monkeypatch: pytest.MonkeyPatch, conditions: bool
) -> None:
    """The last free attempt is given once; without the condition it would be given twice."""
    monkeypatch.setattr(
        "meterportal.usecases.attempts.BY_ADDRESS", attempts.Limit("a", 1, BY_ADDRESS.within)
    )
    if not conditions:
        original = attempts.count

        def bare(limit: attempts.Limit, whose: str, *, now: datetime) -> Write:
            write = original(limit, whose, now=now)
            values = {name: value for name, value in write.values.items() if name != "most"}
            return replace(write, condition=None, values=values)

        monkeypatch.setattr(attempts, "count", bare)
    settle(doors)
    told: list[list[int]] = []

    def scene(number: int) -> tuple[Callable[[], object], Callable[[], object]]:
        told.append([])

        def act() -> None:
            body = {"email": f"box{number}@haus.example", "code": "x"}
            told[-1].append(stage.request("customer_api", "POST", "/api/session", body).status)

        return act, act

    for number, order in every_order(scene, matters=lambda name, _: name == "UpdateItem"):
        assert sorted(told[number]) == ([401, 429] if conditions else [401, 401]), order
    assert len(told) > 2


@pytest.mark.parametrize(
    ("source", "forwarded", "expected"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9, 192.0.2.1", "203.0.113.9"),
        ("192.0.2.1", "203.0.113.9", "203.0.113.9"),
        ("192.0.2.1", "made up, 198.51.100.7, 203.0.113.9, 192.0.2.1", "203.0.113.9"),
        ("192.0.2.1", "2001:db8:1:2:3:4:5:6, 192.0.2.1", "2001:db8:1:2::"),
        ("192.0.2.1", "::ffff:203.0.113.9", "::ffff:203.0.113.9"),
        ("192.0.2.1", " , ,", "192.0.2.1"),
        ("192.0.2.1", "x" * 5000, "x" * 64),
        ("", None, ""),
    ],
)
def test_the_client_is_who_stands_before_cloudfront(
    doors: Doors, source: str, forwarded: str | None, expected: str
) -> None:
    assert doors.origin_secret
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    event = {"requestContext": {"http": {"sourceIp": source}}, "headers": headers}
    assert client_of(event) == expected


def test_a_forwarded_address_counts_only_behind_cloudfront(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "origin_secret", "")
    headers = {"x-forwarded-for": "203.0.113.9, 192.0.2.1"}
    event = {"requestContext": {"http": {"sourceIp": "192.0.2.1"}}, "headers": headers}
    assert client_of(event) == "192.0.2.1"
