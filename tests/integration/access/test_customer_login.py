"""Getting in by address and short code, or by address and password; what outsiders can learn of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain.access.accounts import Account
from meterportal.settings import Moment
from meterportal.store import keys
from meterportal.store.access import accounts, links
from meterportal.store.writes import Write

from tests.support.access import PASSWORD, a_code, a_password, log_in
from tests.support.builders import a_contact, a_link, settle
from tests.support.customers import (
    CLARA,
    COOKIE,
    everything,
    open_by,
    said,
    save_contact,
    second_company,
)
from tests.support.stage import Stage
from tests.support.wire import counted

OTHER = "hannes@anders.example"


# by code


def test_address_and_code_open_what_the_link_opens(stage: Stage, adapters: Adapters) -> None:
    second_company(adapters)
    settle(adapters)
    code = a_code(adapters, company_id="10007")
    by_code = log_in(stage, code=code)
    assert by_code.status == 201
    assert by_code.json == open_by(stage, a_link(adapters, company_id="10007")).json
    assert stage.customer("GET", "/api/machines").status == 200


def test_a_code_brings_the_overview_along(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    body = {"email": CLARA, "code": a_code(adapters)}
    opened = stage.customer("POST", "/api/session?overview=1", body)
    assert opened.json["overview"] == stage.customer("GET", "/api/machines").json


def test_a_code_is_read_as_people_type_it(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    code = a_code(adapters)
    for typed in (
        code.lower(),
        code.replace("-", ""),
        f"  {code[0]} {code[1:]}\n",
        code.replace("-", "–"),
        code.replace("0", "O").replace("1", "l"),
        code.replace("0", "o").replace("1", "I"),
    ):
        assert log_in(stage, code=typed).status == 201, typed


def test_the_address_may_be_typed_as_it_comes(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    assert log_in(stage, "  Clara@MUSTER.example ", code=a_code(adapters)).status == 201


def test_no_code_and_no_address_of_a_try_is_stored(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    code = a_code(adapters)
    log_in(stage, "neugierig@fremd.example", code=code)
    assert log_in(stage, code=code).status == 201
    table = str(everything(adapters))
    assert code not in table
    assert code.replace("-", "") not in table
    assert "neugierig" not in table
    assert "127.0.0.1" not in table


def _revoked(adapters: Adapters, at: Moment) -> None:
    for name in re.findall("LINK#([0-9a-f]{64})", str(everything(adapters))):
        adapters.table.write(links.revoke(name, at=at.now))


def _all_ended(adapters: Adapters, at: Moment) -> None:
    adapters.table.write(accounts.end_everything(CLARA, at=at.now))


def _deactivated(adapters: Adapters, at: Moment) -> None:
    save_contact(adapters, a_contact(active=False))


def _moved(adapters: Adapters, at: Moment) -> None:
    save_contact(adapters, a_contact(email="clara@neu.example"))


def _bounced(adapters: Adapters, at: Moment) -> None:
    update = "SET #delivery = :delivery"
    adapters.table.write(
        Write(key=keys.mailbox(CLARA), update=update, values={"delivery": "bounced"})
    )


@pytest.mark.parametrize("end", [_revoked, _all_ended, _deactivated, _moved, _bounced])
def test_a_code_ends_with_its_link_and_so_do_its_sessions(
    stage: Stage, adapters: Adapters, at: Moment, end: Callable[[Adapters, Moment], None]
) -> None:
    settle(adapters)
    code = a_code(adapters)
    assert log_in(stage, code=code).status == 201
    end(adapters, at)
    assert stage.customer("GET", "/api/machines").status == 401
    assert log_in(stage, code=code).json["code"] == "login_refused"


def test_a_code_is_over_when_its_link_is(stage: Stage, adapters: Adapters, at: Moment) -> None:
    settle(adapters)
    over = a_code(adapters, expires_on=at.today - timedelta(days=1))
    assert log_in(stage, code=over).json["code"] == "login_refused"
    assert log_in(stage, code=a_code(adapters, expires_on=at.today)).status == 201


def test_a_code_serves_its_own_address_only(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    code = a_code(adapters, OTHER)
    assert log_in(stage, code=code).json["code"] == "login_refused"


def test_codes_of_an_earlier_key_still_open(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(adapters)
    code = a_code(adapters)
    (kid, secret), *_ = adapters.keys._secrets.items()
    rotated = crypto.KeyRing(
        {"current": "k9", kid: secret, "k9": "a newer secret"}, stage=adapters.settings.stage
    )
    monkeypatch.setattr(adapters, "keys", rotated)
    assert log_in(stage, code=code).status == 201


# by password


def test_address_and_password_open_a_session(stage: Stage, adapters: Adapters, at: Moment) -> None:
    settle(adapters)
    a_password(adapters, at)
    opened = log_in(stage, password=PASSWORD)
    assert opened.status == 201
    assert opened.json["company"]["id"] == "10000"
    assert (opened.json["has_password"], opened.json["password_ended"]) == (True, False)
    assert stage.customer("GET", "/api/session").json == opened.json
    assert stage.customer("GET", "/api/machines").status == 200


def test_a_password_counts_however_its_characters_were_typed(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    settle(adapters)
    stored = crypto.hash_password("über die müde ﬂut".replace("ﬂ", "fl"))
    adapters.table.write(accounts.set_password(Account(CLARA), stored, at=at.now))
    assert log_in(stage, password="u\u0308ber die mu\u0308de ﬂut").status == 201
    assert log_in(stage, password="Über die müde flut").status == 401


def test_a_password_leads_to_every_company_of_the_address(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    second_company(adapters)
    settle(adapters)
    a_password(adapters, at)
    body = {"email": CLARA, "password": PASSWORD}
    opened = stage.customer("POST", "/api/session?overview=1", body).json
    assert [company["id"] for company in opened["companies"]] == ["10007", "10000"]
    assert opened["overview"]["company"]["id"] == opened["company"]["id"] == "10007"
    assert opened["link_until"] is None


@pytest.mark.parametrize("end", [_deactivated, _moved, _bounced])
def test_who_has_lost_the_right_is_not_let_in_by_password(
    stage: Stage, adapters: Adapters, at: Moment, end: Callable[[Adapters, Moment], None]
) -> None:
    settle(adapters)
    a_password(adapters, at)
    log_in(stage, password=PASSWORD)
    end(adapters, at)
    assert stage.customer("GET", "/api/machines").status == 401
    assert log_in(stage, password=PASSWORD).json["code"] == "login_refused"


# what nobody learns


def test_whatever_is_wrong_looks_and_costs_the_same(
    stage: Stage, adapters: Adapters, at: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown address, no address at all, wrong password, none set; unknown, wrong, foreign code."""
    settle(adapters)
    a_password(adapters, at)
    foreign, over = (
        a_code(adapters, OTHER),
        a_code(adapters, expires_on=at.today - timedelta(days=1)),
    )
    assert adapters.keys
    assert adapters.origin_secret is not None
    verified: list[str] = []
    original = crypto.password_fits

    def fits(password: str, stored: str) -> bool:
        verified.append(stored)
        return original(password, stored)

    monkeypatch.setattr(crypto, "password_fits", fits)
    wrong: list[dict[str, object]] = [
        {"email": CLARA, "password": "wrong wrong wrong"},
        {"email": "nobody@nowhere.example", "password": PASSWORD},
        {"email": "no address", "password": PASSWORD},
        {"email": "", "password": ""},
        {"email": CLARA, "code": foreign},
        {"email": "nobody@nowhere.example", "code": foreign},
        {"email": CLARA, "code": "no code"},
        {"email": "no address", "code": ""},
    ]
    told = []
    for body in wrong:
        with counted(adapters.table._client) as calls:
            answer = stage.customer("POST", "/api/session", body)
        assert answer.cookies == []
        told.append((answer.status, said(answer), dict(calls)))
    assert all(one == told[0] for one in told), told
    assert told[0][0] == 401
    assert told[0][1]["code"] == "login_refused"
    assert told[0][2] == {"dynamodb.UpdateItem": 2, "dynamodb.BatchGetItem": 1}
    assert len(verified) == sum("password" in body for body in wrong)
    # Only who holds a code can tell that it is over; the answer is the same to them.
    assert said(log_in(stage, code=over)) == told[0][1]


def test_a_login_costs_nine_requests_with_its_overview(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    settle(adapters)
    a_password(adapters, at)
    body = {"email": CLARA, "password": PASSWORD}
    with counted(adapters.table._client) as calls:
        stage.customer("POST", "/api/session?overview=1", body)
    assert calls == {
        "dynamodb.UpdateItem": 4,
        "dynamodb.BatchGetItem": 1,
        "dynamodb.GetItem": 2,  # the dealer's look; their schedule, for nobody was asked
        "dynamodb.Query": 1,
        "dynamodb.PutItem": 1,
    }
    stage.cookies.pop(COOKIE)
    with counted(adapters.table._client) as calls:
        stage.customer("POST", "/api/session?overview=1", body)
    assert calls["dynamodb.UpdateItem"] == 2, "a browser that the address knows"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "token"),
        ({"email": CLARA}, "code"),
        ({"code": "ABCD"}, "email"),
        ({"password": PASSWORD}, "email"),
        ({"token": "x", "email": CLARA, "code": "x"}, "email"),
        ({"email": CLARA, "code": "x", "password": "x"}, "email"),
        ({"email": 5, "code": "x"}, "email"),
        ({"email": CLARA, "password": None}, "password"),
        ({"email": CLARA, "code": ["x"]}, "code"),
        ({"email": CLARA, "pin": "x"}, "pin"),
    ],
)
def test_a_body_that_is_none_of_the_three_is_refused_by_its_field(
    stage: Stage, body: dict[str, object], field: str
) -> None:
    answer = stage.customer("POST", "/api/session", body)
    assert (answer.status, answer.json["field"]) == (422, field)
