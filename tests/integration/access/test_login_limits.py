"""How often strangers may try to log in, and that they never slow down whom the address knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.access.attempts import Limit, Pace
from meterportal.settings import Moment
from meterportal.store.access import attempts
from meterportal.store.table import Table
from meterportal.store.writes import Write
from meterportal.usecases.access.attempts import BY_ADDRESS, BY_DEVICE, BY_NETWORK

from tests.support.access import PASSWORD, a_code, a_password, log_in
from tests.support.builders import a_link, settle
from tests.support.customers import CLARA, COOKIE, DEVICE, open_by
from tests.support.interleaving import every_order
from tests.support.stage import Answer, Stage
from tests.support.wire import counted

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Clock:
    """The time of the contact's routes, which a test moves on."""

    def __init__(self) -> None:
        self.now = MORNING

    def moment(self) -> Moment:
        return Moment(self.now, self.now.date())

    def wait(self, by: timedelta | float) -> None:
        self.now += by if isinstance(by, timedelta) else timedelta(seconds=by)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in ("session", "account", "machines"):
        monkeypatch.setattr(f"customer_api.{module}.moment", made.moment)
    return made


def strange(stage: Stage, **given: object) -> Answer:
    """A login from a browser that the address does not know, from anywhere in the network."""
    body = {"email": CLARA, **given}
    return stage.request("customer_api", "POST", "/api/session", body)


def from_elsewhere(stage: Stage, **given: object) -> Answer:
    headers = {"x-forwarded-for": "203.0.113.9, 127.0.0.1"}
    body = {"email": CLARA, **given}
    return stage.request("customer_api", "POST", "/api/session", body, headers=headers)


def a_known_browser(stage: Stage, adapters: Adapters) -> None:
    """Leave the stage with the cookies of a browser in which somebody has logged in."""
    stage.cookies.clear()
    assert log_in(stage, code=a_code(adapters)).status == 201
    assert set(stage.cookies) == {COOKIE, DEVICE}


# strangers wait longer and longer


def test_attempts_on_an_address_cost_growing_waits_and_the_link_goes_on(
    stage: Stage, adapters: Adapters, clock: Clock
) -> None:
    settle(adapters)
    token = a_link(adapters)
    for _ in range(BY_ADDRESS.free):
        assert strange(stage, code="WRNG-WRNG").status == 401
    waits = []
    for _ in range(12):
        refused = strange(stage, code="WRNG-WRNG")
        assert (refused.status, refused.json["code"]) == (429, "too_many_attempts")
        assert refused.cookies == []
        waits.append(int(refused.headers["Retry-After"]))
        clock.wait(waits[-1] - 1)
        assert strange(stage, code="WRNG-WRNG").status == 429
        clock.wait(1)
        assert strange(stage, code="WRNG-WRNG").status == 401
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    assert log_in(stage, "nobody@nowhere.example", code="x").status == 401
    assert open_by(stage, token).status == 201
    assert stage.customer("GET", "/api/machines").status == 200


def test_nobody_is_shut_out_for_good(stage: Stage, adapters: Adapters, clock: Clock) -> None:
    """Who comes from a new browser while strangers try waits, and then the right code opens."""
    settle(adapters)
    code = a_code(adapters)
    for _ in range(200):
        strange(stage, code="WRNG-WRNG")
        clock.wait(20)
    refused = from_elsewhere(stage, code=code)
    if refused.status == 429:
        assert int(refused.headers["Retry-After"]) <= 900
        clock.wait(900)
        assert from_elsewhere(stage, code=code).status == 201


def test_the_wait_is_told_in_seconds_or_minutes(
    stage: Stage, adapters: Adapters, clock: Clock
) -> None:
    for _ in range(BY_ADDRESS.free):
        strange(stage, code="x")
    text = strange(stage, code="x").json["detail"]
    assert "Bitte warten Sie 2 Sekunden." in text
    assert "Link aus Ihrer E-Mail funktioniert weiterhin" in text
    clock.wait(1)
    assert "1 Sekunde." in strange(stage, code="x").json["detail"]
    for _ in range(12):
        clock.wait(900)
        strange(stage, code="x")
    body = {"email": CLARA, "code": "x"}
    told = stage.request("customer_api", "POST", "/api/session", body, language="en")
    assert "Please wait 15 minutes." in told.json["detail"]


def test_what_was_long_ago_is_forgotten(stage: Stage, adapters: Adapters, clock: Clock) -> None:
    for _ in range(BY_ADDRESS.free + 1):
        strange(stage, code="x")
    clock.wait(BY_ADDRESS.forgotten)
    told = [strange(stage, code="x").status for _ in range(BY_ADDRESS.free + 1)]
    assert told == [401] * BY_ADDRESS.free + [429]


def test_an_unknown_address_has_the_same_waits(
    stage: Stage, adapters: Adapters, clock: Clock
) -> None:
    settle(adapters)
    told = []
    for email in (CLARA, "nobody@nowhere.example"):
        answers = [log_in(stage, email, password="x") for _ in range(8)]
        told.append([(one.status, one.headers.get("Retry-After")) for one in answers])
    assert told[0] == told[1]
    assert [status for status, _ in told[0]] == [401] * 5 + [429] * 3


def test_the_right_secret_uses_nothing_up(stage: Stage, adapters: Adapters, clock: Clock) -> None:
    """Many people behind one address and without cookies never get in each other's way."""
    settle(adapters)
    code = a_code(adapters)
    for _ in range(3 * BY_ADDRESS.free):
        assert strange(stage, code=code).status == 201
    for _ in range(BY_ADDRESS.free):
        assert strange(stage, code="WRNG-WRNG").status == 401


def test_a_network_that_tries_many_addresses_has_to_wait(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(
        "meterportal.usecases.access.attempts.BY_NETWORK", replace(BY_NETWORK, free=5)
    )
    settle(adapters)
    told = [log_in(stage, f"nobody{n}@nowhere.example", code="x").status for n in range(7)]
    assert told == [401] * 5 + [429] * 2
    assert strange(stage, code=a_code(adapters)).status == 429
    assert from_elsewhere(stage, code=a_code(adapters)).status == 201


# and never slow down whom the address knows


def test_the_right_secret_on_a_known_browser_works_whatever_strangers_try(
    stage: Stage, adapters: Adapters, at: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the address nor the network that they share can be used up against its owner."""
    monkeypatch.setattr(
        "meterportal.usecases.access.attempts.BY_NETWORK", replace(BY_NETWORK, free=30)
    )
    settle(adapters)
    a_password(adapters, at)
    a_known_browser(stage, adapters)
    code = a_code(adapters)
    for number in range(40):
        strange(stage, password=f"guess {number}")
        if number % 10 == 0:
            assert log_in(stage, password=PASSWORD).status == 201, number
    assert strange(stage, password=PASSWORD).status == 429
    assert log_in(stage, password=PASSWORD).status == 201
    assert log_in(stage, code=code).status == 201


def test_a_known_browser_has_a_hundred_wrong_attempts_of_its_own(
    stage: Stage, adapters: Adapters, at: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert BY_DEVICE.free == 100
    monkeypatch.setattr(
        "meterportal.usecases.access.attempts.BY_DEVICE", replace(BY_DEVICE, free=9)
    )
    settle(adapters)
    a_password(adapters, at)
    a_known_browser(stage, adapters)
    assert log_in(stage, password=PASSWORD).status == 201
    told = [log_in(stage, password="wrong wrong").status for _ in range(11)]
    assert told == [401] * 9 + [429] * 2
    assert strange(stage, password=PASSWORD).status == 201


def test_the_cookie_says_nothing_opens_nothing_and_lives_for_180_days(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    opened = log_in(stage, code=a_code(adapters))
    cookie = next(one for one in opened.cookies if one.startswith(DEVICE))
    value, *attributes = cookie.split("; ")
    lifetime = f"Max-Age={180 * 24 * 3600}"
    assert sorted(attributes) == ["HttpOnly", lifetime, "Path=/", "SameSite=Strict", "Secure"]
    assert "clara" not in value
    alone = {DEVICE: stage.cookies[DEVICE]}
    assert stage.request("customer_api", "GET", "/api/machines", cookies=alone).status == 401
    assert len(open_by(stage, a_link(adapters)).cookies) == 1, "a link makes no browser known"


def test_logging_out_leaves_the_browser_known(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    a_known_browser(stage, adapters)
    told = stage.customer("DELETE", "/api/session")
    assert [cookie.partition("=")[0] for cookie in told.cookies] == [COOKIE]


def tired_strangers(stage: Stage) -> None:
    for _ in range(BY_ADDRESS.free):
        strange(stage, code="WRNG-WRNG")


@pytest.mark.parametrize("cookie", ["forged", "altered", "cut", "", "of another stage"])
def test_a_cookie_that_is_not_ours_makes_nobody_known(
    stage: Stage, adapters: Adapters, clock: Clock, cookie: str
) -> None:
    settle(adapters)
    a_known_browser(stage, adapters)
    mine = stage.cookies[DEVICE]
    given = {
        "forged": "k1.AAAA",
        "altered": mine[:-4] + "AAAA",
        "cut": mine[:-1],
        "of another stage": adapters.keys.seal_cursor("device", {"device": "x", "known_to": {}}),
    }.get(cookie, cookie)
    tired_strangers(stage)
    body = {"email": CLARA, "code": a_code(adapters)}
    told = stage.request("customer_api", "POST", "/api/session", body, cookies={DEVICE: given})
    assert told.status == 429


def test_a_browser_is_known_to_those_who_have_logged_in_there_only(
    stage: Stage, adapters: Adapters, clock: Clock
) -> None:
    """Who has an account of their own is a stranger to every other address."""
    settle(adapters)
    a_known_browser(stage, adapters)
    for _ in range(BY_ADDRESS.free):
        assert log_in(stage, "other@muster.example", code="x").status == 401
    assert log_in(stage, "other@muster.example", code="x").status == 429
    assert log_in(stage, code=a_code(adapters)).status == 201


def test_a_browser_is_forgotten_after_its_time(
    stage: Stage, adapters: Adapters, clock: Clock
) -> None:
    settle(adapters)
    a_known_browser(stage, adapters)
    clock.wait(timedelta(days=180))
    tired_strangers(stage)
    assert log_in(stage, code="x").status == 429


def test_each_login_prolongs_it_and_five_addresses_share_a_browser(
    stage: Stage, adapters: Adapters, clock: Clock
) -> None:
    from meterportal.usecases.access import clients

    client = clients.Client("net")
    for number in range(7):
        cookie = clients.remembered(adapters, clock.moment(), client, f"box{number}@x.example")
        client = clients.recognised(adapters, clock.moment(), "net", cookie)
        clock.wait(timedelta(days=1))
    known = [number for number in range(7) if client.knows(f"box{number}@x.example")]
    assert known == [2, 3, 4, 5, 6]
    assert client.device
    assert len(cookie) < 1000


# the counting itself


def test_a_known_browser_costs_one_write_a_stranger_two(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    a_known_browser(stage, adapters)
    with counted(adapters.table._client) as calls:
        log_in(stage, code="x")
    assert calls == {"dynamodb.UpdateItem": 1, "dynamodb.BatchGetItem": 1}
    with counted(adapters.table._client) as calls:
        strange(stage, code="x")
    assert calls == {"dynamodb.UpdateItem": 2, "dynamodb.BatchGetItem": 1}


def test_counting_of_mails_begins_anew_after_its_time(adapters: Adapters, at: Moment) -> None:
    limit = Limit("try", 1, timedelta(minutes=15))
    adapters.table.write(attempts.count(limit, "x", now=at.now))
    adapters.table.write(attempts.count(limit, "x", now=at.now + timedelta(minutes=15)))


@pytest.mark.parametrize("waited", [False, True])
@pytest.mark.parametrize("conditions", [True, False])
def test_two_attempts_at_once_never_pass_the_limit(
    stage: Stage,
    adapters: Adapters,
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
    conditions: bool,
    waited: bool,
) -> None:
    """The last free attempt, or the one after a wait, is given once; without the condition twice."""
    monkeypatch.setattr(
        "meterportal.usecases.access.attempts.BY_ADDRESS", replace(BY_ADDRESS, free=1)
    )
    if not conditions:
        monkeypatch.setattr(Table, "write", _bare(Table.write, anew=waited))
    settle(adapters)
    told: list[list[int]] = []

    def scene(number: int) -> tuple[Callable[[], object], Callable[[], object]]:
        told.append([])
        body = {"email": f"box{number}@haus.example", "code": "x"}
        if waited:
            stage.request("customer_api", "POST", "/api/session", body)
            clock.wait(900)

        def act() -> None:
            told[-1].append(stage.request("customer_api", "POST", "/api/session", body).status)

        return act, act

    passed = 0
    for number, order in every_order(scene, matters=lambda name, _: name == "UpdateItem"):
        passed += told[number] == [401, 401]
        if conditions:
            assert sorted(told[number]) == [401, 429], order
    assert bool(passed) is not conditions
    assert len(told) > 2


def _bare(write: Callable[[Table, Write], None], *, anew: bool) -> Callable[[Table, Write], None]:
    """Writes attempts without their condition; `anew`: only those taken after a wait."""
    unused = {"free", "seen", "seen_at"}

    def bare(table: Table, made: Write) -> None:
        taken = unused & set(made.values)
        if taken and not (anew and "free" in taken):
            values = {name: value for name, value in made.values.items() if name not in unused}
            made = made._replace(condition=None, values=values)
        write(table, made)

    return bare


@pytest.mark.parametrize("taken", range(40))
def test_waits_never_shrink_and_end_at_the_longest(taken: int) -> None:
    pace = Pace("x", 3, timedelta(seconds=2), timedelta(minutes=15), timedelta(hours=1))
    assert timedelta() <= pace.wait(taken) <= pace.wait(taken + 1) <= pace.longest
    assert (pace.wait(taken) == timedelta()) is (taken < pace.free)


# who asks
