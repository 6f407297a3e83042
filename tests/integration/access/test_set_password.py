"""Setting a password: by mail or with the old one, and by nothing else; told by mail; sessions end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain.access.accounts import Account
from meterportal.settings import Moment
from meterportal.store import keys
from meterportal.store.table import Table
from meterportal.store.writes import Write
from meterportal.usecases.access.attempts import BY_ADDRESS

from tests.support.access import (
    PASSWORD,
    a_code,
    a_password,
    a_password_link,
    a_password_of_before,
    a_request,
    log_in,
    put_by_mail,
    put_password,
    the_account,
)
from tests.support.builders import a_contact, a_link, settle
from tests.support.customers import CLARA, everything, open_by, save_contact, signed_in
from tests.support.interleaving import every_order
from tests.support.requesting import code_of, token_of, work
from tests.support.stage import Stage
from tests.support.wire import counted

FIRST, SECOND = PASSWORD, "lampe wolke schrauben"


def test_a_mail_sets_a_password_that_then_opens(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    answer = put_by_mail(stage, adapters, FIRST)
    assert (answer.status, answer.json) == (200, {"has_password": True})
    shown = stage.customer("GET", "/api/session")
    assert (shown.status, shown.json["has_password"]) == (200, True)
    stage.cookies.clear()
    assert log_in(stage, password=FIRST).status == 201


def test_only_its_argon2id_hash_is_stored(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    put_by_mail(stage, adapters, FIRST)
    assert the_account(adapters).password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert FIRST not in str(everything(adapters))


def test_no_link_code_receipt_or_new_link_sets_a_password(stage: Stage, adapters: Adapters) -> None:
    """However fresh it is: it may have been passed on."""
    settle(adapters)
    work(stage, "send_mail", a_request("one"))
    (mail,) = stage.mails()
    ways: list[dict[str, object]] = [
        {"token": a_link(adapters)},
        {"token": token_of(mail)},
        {"email": CLARA, "code": code_of(mail)},
        {"email": CLARA, "code": a_code(adapters)},
    ]
    for way in ways:
        assert stage.customer("POST", "/api/session", way).status == 201
        refused = put_password(stage, FIRST)
        assert (refused.status, refused.json["code"]) == (403, "password_mail_needed")
        assert put_password(stage, FIRST, old_password="").json["code"] == "old_password_wrong"
        if "token" in way:
            assert put_password(stage, FIRST, token=way["token"]).json["code"] == "link_invalid"
    assert the_account(adapters) == Account(CLARA)


def test_a_password_changes_with_the_old_one(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    put_by_mail(stage, adapters, FIRST)
    stage.cookies.clear()
    log_in(stage, password=FIRST)
    assert put_password(stage, SECOND).json["code"] == "password_mail_needed"
    wrong = put_password(stage, SECOND, old_password="not the old one")
    assert (wrong.status, wrong.json["code"], wrong.json["field"]) == (
        403,
        "old_password_wrong",
        "old_password",
    )
    assert put_password(stage, SECOND, old_password=FIRST).status == 200
    assert stage.customer("GET", "/api/machines").status == 200
    assert log_in(stage, password=FIRST).status == 401
    assert log_in(stage, password=SECOND).status == 201
    assert put_password(stage, FIRST, old_password=SECOND).status == 200


def test_a_forgotten_one_is_replaced_by_mail(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    put_by_mail(stage, adapters, FIRST)
    assert put_by_mail(stage, adapters, SECOND).status == 200
    assert log_in(stage, password=FIRST).status == 401
    assert log_in(stage, password=SECOND).status == 201


# passwords that count no more


def test_a_password_of_before_is_over_and_its_owner_is_told(
    stage: Stage, adapters: Adapters
) -> None:
    """Set from a link that may have been passed on: who knows it hears so, nobody else."""
    settle(adapters)
    a_password_of_before(adapters)
    told = log_in(stage, password=PASSWORD)
    assert (told.status, told.json["code"], told.cookies) == (403, "password_ended", [])
    assert "gilt nicht mehr" in told.json["detail"]
    assert "E-Mail" in told.json["detail"]
    assert log_in(stage, password="another one entirely").json["code"] == "login_refused"
    opened = open_by(stage, a_link(adapters)).json
    assert (opened["has_password"], opened["password_ended"]) == (False, True)
    changed = put_password(stage, FIRST, old_password=PASSWORD)
    assert (changed.status, changed.json["code"]) == (403, "password_ended")
    assert put_by_mail(stage, adapters, FIRST).status == 200
    assert log_in(stage, password=FIRST).status == 201
    shown = stage.customer("GET", "/api/session").json
    assert (shown["has_password"], shown["password_ended"]) == (True, False)


def test_staff_end_the_password_of_an_address_with_its_links_and_sessions(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    settle(adapters)
    a_password(adapters, at)
    assert log_in(stage, password=PASSWORD).status == 201
    mailed = a_password_link(adapters, generation=the_account(adapters).generation)
    assert stage.staff("POST", "/api/staff/contacts/5001/links/revoke").status == 200
    assert stage.customer("GET", "/api/machines").status == 401
    assert log_in(stage, password=PASSWORD).json["code"] == "password_ended"
    assert put_password(stage, SECOND, token=mailed).json["code"] == "password_link_over"
    assert put_by_mail(stage, adapters, SECOND).status == 200
    assert log_in(stage, password=SECOND).status == 201


def test_a_password_written_by_an_earlier_release_during_the_upgrade_counts_no_more(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    """Functions of both releases run for a while: the old one knows nothing of the mark."""
    settle(adapters)
    a_password(adapters, at)
    values = {"hash": crypto.hash_password(SECOND), "next": the_account(adapters).generation + 1}
    update = "SET #password = :hash, #generation = :next"
    adapters.table.write(Write(key=keys.account(CLARA), update=update, values=values))
    assert log_in(stage, password=SECOND).json["code"] == "password_ended"


def test_every_other_session_of_the_address_ends(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    put_by_mail(stage, adapters, FIRST)
    by_link = dict(stage.cookies)
    stage.cookies.clear()
    log_in(stage, password=FIRST)
    by_password = dict(stage.cookies)
    stage.cookies.clear()
    token = a_link(adapters)
    open_by(stage, token)
    assert put_by_mail(stage, adapters, SECOND).status == 200
    for cookies in (by_link, by_password):
        for path in ("/api/session", "/api/machines"):
            assert stage.request("customer_api", "GET", path, cookies=cookies).status == 401
    assert stage.customer("GET", "/api/machines").status == 200
    assert open_by(stage, token).status == 201  # a link is no session


@pytest.mark.parametrize(
    ("password", "status", "reasons"),
    [
        ("kurz", 422, ["too_short"]),
        ("", 422, ["too_short"]),
        ("x" * 257, 422, ["too_long"]),
        ("123456789012345", 422, ["sequence"]),
        ("MeinPasswort2026!!", 422, ["common"]),
        ("clara@muster.example", 422, ["personal"]),
        ("Frau Clara Schäfer", 422, ["personal"]),
        ("Muster GmbH 2026!", 422, ["personal"]),
        ("五頭の青い象が走っています速く速く", 200, None),
        ("zwei   Leerzeichen  mehr", 200, None),
    ],
)
def test_a_password_is_refused_with_its_reason(
    stage: Stage, adapters: Adapters, password: str, status: int, reasons: list[str] | None
) -> None:
    signed_in(stage, adapters)
    answer = put_by_mail(stage, adapters, password)
    assert answer.status == status
    if reasons:
        told = answer.json
        assert (told["code"], told["field"], told["reasons"]) == (
            "password_refused",
            "password",
            reasons,
        )
        assert password not in answer.text or len(password) < 5
        assert the_account(adapters) == Account(CLARA)
    else:
        assert log_in(stage, password=password).status == 201


def test_the_dealer_s_name_is_no_password(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        adapters, "settings", replace(adapters.settings, dealer_name="Zebrahaus Köln")
    )
    signed_in(stage, adapters)
    assert put_by_mail(stage, adapters, "Zebrahaus-Koeln-2026").json["reasons"] == ["personal"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "password"),
        ({"password": None}, "password"),
        ({"password": 5}, "password"),
        ({"password": FIRST, "old_password": 5}, "old_password"),
        ({"password": FIRST, "again": FIRST}, "again"),
        ({"password": FIRST, "token": 5}, "token"),
        ({"password": FIRST, "token": "x", "old_password": "x"}, "old_password"),
    ],
)
def test_what_is_no_password_is_refused_by_its_field(
    stage: Stage, adapters: Adapters, body: dict[str, object], field: str
) -> None:
    signed_in(stage, adapters)
    answer = stage.customer("PUT", "/api/password", body)
    assert (answer.status, answer.json["field"]) == (422, field)


def test_nobody_and_who_lost_the_right_sets_none(stage: Stage, adapters: Adapters) -> None:
    assert put_password(stage, FIRST).status == 401
    signed_in(stage, adapters)
    save_contact(adapters, a_contact(active=False))
    assert put_password(stage, FIRST).status == 401


def test_guessing_the_old_password_is_counted_like_logging_in(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = replace(BY_ADDRESS, first=BY_ADDRESS.longest)
    signed_in(stage, adapters)
    put_by_mail(stage, adapters, FIRST)
    monkeypatch.setattr("meterportal.usecases.access.attempts.BY_ADDRESS", slow)
    told = [put_password(stage, SECOND, old_password="wrong").status for _ in range(7)]
    assert told == [403] * 5 + [429] * 2
    assert log_in(stage, password=FIRST).status == 429
    assert open_by(stage, a_link(adapters)).status == 201


# races and cost


@pytest.mark.parametrize("conditions", [True, False])
def test_of_two_who_set_one_at_once_one_wins(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, conditions: bool
) -> None:
    """By one link or by two. Without the conditions both would be told that theirs is set."""
    signed_in(stage, adapters)
    if not conditions:
        _take_conditions_off(monkeypatch)
    told: list[dict[str, int]] = []

    def scene(number: int) -> Any:
        told.append({})
        shared = a_password_link(adapters, generation=the_account(adapters).generation)
        own = a_password_link(adapters, generation=the_account(adapters).generation)
        tokens = [shared, shared if number % 2 else own]

        def act(name: str, token: str) -> None:
            body = {"password": f"{name} kaffee regen fahrrad", "token": token}
            answer = stage.request("customer_api", "PUT", "/api/password", body)
            told[-1][name] = answer.status

        return lambda: act("anna", tokens[0]), lambda: act("bert", tokens[1])

    doubled = 0
    for number, order in every_order(scene, matters=_matters):
        won = [name for name, status in told[number].items() if status == 200]
        doubled += len(won) == 2
        if conditions:
            assert len(won) == 1, order
            stored = the_account(adapters).password
            assert crypto.password_fits(f"{won[0]} kaffee regen fahrrad", stored), order
    assert bool(doubled) is not conditions


def _matters(operation: str, parameters: Any) -> bool:
    return operation == "TransactWriteItems" or "ACCOUNT#" in str(parameters)


def _take_conditions_off(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Table.transact

    def transact(self: Table, writes: Any) -> None:
        bare = [
            write._replace(
                condition=None,
                values={n: v for n, v in write.values.items() if n != "seen"},
            )
            for write in writes
        ]
        original(self, bare)

    monkeypatch.setattr(Table, "transact", transact)


def test_a_login_under_way_with_the_old_password_opens_nothing_lasting(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Verified before the change, written after it: the session is over at its first request."""
    signed_in(stage, adapters)
    put_by_mail(stage, adapters, FIRST)
    changer = dict(stage.cookies)
    original = Table.write

    def write(self: Table, one: Write) -> None:
        if one.put and str(one.put["pk"]).startswith("SESSION#"):
            monkeypatch.setattr(Table, "write", original)
            body = {"password": SECOND, "old_password": FIRST}
            answer = stage.request("customer_api", "PUT", "/api/password", body, cookies=changer)
            assert answer.status == 200
        original(self, one)

    monkeypatch.setattr(Table, "write", write)
    stage.cookies.clear()
    assert log_in(stage, password=FIRST).status == 201
    assert stage.customer("GET", "/api/session").status == 401


def test_setting_a_password_costs_one_transaction(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    token = a_password_link(adapters)
    with counted(adapters.table._client, adapters.queues._client) as calls:
        put_password(stage, FIRST, token=token)
    assert calls == {
        "dynamodb.GetItem": 1,
        "dynamodb.BatchGetItem": 2,
        "dynamodb.TransactWriteItems": 1,
        "sqs.SendMessageBatch": 1,
    }
