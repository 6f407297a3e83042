"""Setting a password: from a fresh link or with the old one; told by mail; other sessions end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from meterportal import crypto
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import accounts, keys, notices
from meterportal.store.accounts import Account
from meterportal.store.table import Table, Write
from meterportal.usecases.attempts import BY_ADDRESS
from meterportal.usecases.sweep_rounds import sweep

from tests.builders import a_contact, a_holding, a_link
from tests.customers import (
    CLARA,
    COOKIE,
    everything,
    move_session,
    open_by,
    save_contact,
    signed_in,
)
from tests.faults import failing, killed
from tests.interleaving import every_order
from tests.requesting import an_event, text_of, work
from tests.stage import Answer, Stage
from tests.wire import counted

SET_AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
MUCH_LATER = datetime.now(UTC) + timedelta(days=1)
FIRST, SECOND = "kaffee regen fahrrad", "lampe wolke schrauben"


def put(stage: Stage, password: object = FIRST, **more: object) -> Answer:
    return stage.customer("PUT", "/api/password", {"password": password, **more})


def log_in(stage: Stage, password: str = FIRST) -> Answer:
    body = {"email": CLARA, "password": password}
    return stage.customer("POST", "/api/session", body)


def account(doors: Doors, mailbox: str = CLARA) -> Account:
    return accounts.unpack(mailbox, doors.table.get(*keys.account(mailbox)))


def test_a_fresh_link_sets_a_password_that_then_opens(stage: Stage, doors: Doors) -> None:
    signed_in(stage, doors)
    answer = put(stage)
    assert (answer.status, answer.json) == (200, {"has_password": True})
    shown = stage.customer("GET", "/api/session")
    assert (shown.status, shown.json["has_password"]) == (200, True)
    stage.cookies.clear()
    assert log_in(stage).status == 201


def test_only_its_argon2id_hash_is_stored(stage: Stage, doors: Doors) -> None:
    signed_in(stage, doors)
    put(stage)
    assert account(doors).password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert FIRST not in str(everything(doors))


def test_a_password_changes_with_the_old_one(stage: Stage, doors: Doors) -> None:
    signed_in(stage, doors)
    put(stage)
    stage.cookies.clear()
    log_in(stage)
    assert put(stage, SECOND).json["code"] == "fresh_link_needed"
    wrong = put(stage, SECOND, old_password="not the old one")
    assert (wrong.status, wrong.json["code"], wrong.json["field"]) == (
        403,
        "old_password_wrong",
        "old_password",
    )
    assert put(stage, SECOND, old_password=FIRST).status == 200
    assert stage.customer("GET", "/api/machines").status == 200
    assert log_in(stage).status == 401
    assert log_in(stage, SECOND).status == 201


def test_a_link_opened_half_an_hour_ago_is_no_longer_fresh(stage: Stage, doors: Doors) -> None:
    signed_in(stage, doors)
    move_session(stage, doors, created_at=timedelta(minutes=29))
    assert stage.customer("GET", "/api/session").json["may_set_password"] is True
    move_session(stage, doors, created_at=timedelta(minutes=2))
    assert stage.customer("GET", "/api/session").json["may_set_password"] is False
    refused = put(stage)
    assert (refused.status, refused.json["code"]) == (403, "fresh_link_needed")
    assert put(stage, old_password="").json["code"] == "old_password_wrong"
    assert account(doors) == Account(CLARA)


def test_a_forgotten_one_is_replaced_from_a_new_link(stage: Stage, doors: Doors) -> None:
    signed_in(stage, doors)
    put(stage)
    stage.cookies.clear()
    open_by(stage, a_link(doors))
    assert put(stage, SECOND).status == 200
    assert log_in(stage).status == 401
    assert log_in(stage, SECOND).status == 201


def test_every_other_session_of_the_address_ends(stage: Stage, doors: Doors) -> None:
    signed_in(stage, doors)
    by_link = dict(stage.cookies)
    put(stage)
    stage.cookies.clear()
    log_in(stage)
    by_password = dict(stage.cookies)
    stage.cookies.clear()
    token = a_link(doors)
    open_by(stage, token)
    assert put(stage, SECOND).status == 200
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
    stage: Stage, doors: Doors, password: str, status: int, reasons: list[str] | None
) -> None:
    signed_in(stage, doors)
    answer = put(stage, password)
    assert answer.status == status
    if reasons:
        told = answer.json
        assert (told["code"], told["field"], told["reasons"]) == (
            "password_refused",
            "password",
            reasons,
        )
        assert password not in answer.text or len(password) < 5
        assert account(doors) == Account(CLARA)
    else:
        assert log_in(stage, password).status == 201


def test_the_dealer_s_name_is_no_password(
    stage: Stage, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "settings", replace(doors.settings, dealer_name="Zebrahaus Köln"))
    signed_in(stage, doors)
    assert put(stage, "Zebrahaus-Koeln-2026").json["reasons"] == ["personal"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "password"),
        ({"password": None}, "password"),
        ({"password": 5}, "password"),
        ({"password": FIRST, "old_password": 5}, "old_password"),
        ({"password": FIRST, "again": FIRST}, "again"),
    ],
)
def test_what_is_no_password_is_refused_by_its_field(
    stage: Stage, doors: Doors, body: dict[str, object], field: str
) -> None:
    signed_in(stage, doors)
    answer = stage.customer("PUT", "/api/password", body)
    assert (answer.status, answer.json["field"]) == (422, field)


def test_nobody_and_who_lost_the_right_sets_none(stage: Stage, doors: Doors) -> None:
    assert put(stage).status == 401
    signed_in(stage, doors)
    save_contact(doors, a_contact(active=False))
    assert put(stage).status == 401


def test_guessing_the_old_password_is_counted_like_logging_in(stage: Stage, doors: Doors) -> None:
    signed_in(stage, doors)
    put(stage)
    log_in(stage)
    for _ in range(BY_ADDRESS.most - 1):
        assert put(stage, SECOND, old_password="wrong").status == 403
    refused = put(stage, SECOND, old_password=FIRST)
    assert (refused.status, refused.json["code"]) == (429, "too_many_attempts")
    assert log_in(stage).status == 429
    assert open_by(stage, a_link(doors)).status == 201


# the notice


def test_the_address_is_told_by_a_mail_that_opens_nothing(stage: Stage, doors: Doors) -> None:
    signed_in(stage, doors)
    put(stage)
    stage.drain()
    (mail,) = stage.mails()
    assert (mail["To"], mail["Subject"]) == (CLARA, "Ihr Passwort wurde gesetzt")
    for kind in ("plain", "html"):
        text = text_of(mail, kind)
        assert "Sehr geehrte Frau Schäfer" in text
        assert "#t=" not in text
        assert "Code:" not in text
        assert "/#/login" in text
        assert FIRST not in text
    assert list(notices.waiting(doors.table, until=MUCH_LATER)) == []


def test_an_english_contact_is_told_in_english(stage: Stage, doors: Doors) -> None:
    signed_in(stage, doors, a_holding(contacts=[a_contact(language="en")]))
    put(stage)
    stage.drain()
    (mail,) = stage.mails()
    assert mail["Subject"] == "Your password has been set"
    assert "Dear Ms Schäfer" in text_of(mail)


def test_a_notice_that_was_not_queued_is_found_by_the_next_plan(
    stage: Stage, doors: Doors, at: Moment
) -> None:
    signed_in(stage, doors)
    fault = ReadTimeoutError(endpoint_url="sqs")
    with failing("SendMessageBatch", fault):
        assert put(stage).status == 200
    stage.drain()
    assert stage.mails() == []
    later = Moment(MUCH_LATER, at.today)
    sweep(doors, later)
    sweep(doors, later)
    stage.drain()
    assert len(stage.mails()) == 1
    sweep(doors, later)
    stage.drain()
    assert len(stage.mails()) == 1


def test_a_notice_is_sent_once_whatever_dies_in_between(stage: Stage, doors: Doors) -> None:
    for call in range(30):
        box = f"box{call}@haus.example"
        doors.table.write(notices.note(box, set_at=SET_AT))
        body = {
            "schema": 1,
            "kind": "password_notice",
            "mailbox": box,
            "set_at": SET_AT.isoformat(),
        }
        with killed(call) as calls:
            work(stage, "send_mail", body)
        work(stage, "send_mail", body)
        tos = [str(mail["To"]) for mail in stage.mails()]
        assert tos.count(box) <= 1
        if "killed" not in calls:
            assert tos.count(box) == 1
            return
    raise AssertionError("the worker never came to its end")


def test_a_bounced_address_is_not_written_to(stage: Stage, doors: Doors) -> None:
    signed_in(stage, doors)
    put(stage)
    values = {"delivery": "bounced"}
    doors.table.write(
        Write(key=keys.mailbox(CLARA), update="SET #delivery = :delivery", values=values)
    )
    stage.drain()
    assert stage.mails() == []


def test_a_notice_bounces_like_every_mail(stage: Stage, doors: Doors) -> None:
    signed_in(stage, doors)
    put(stage)
    stage.drain()
    (row,) = (item for key, item in everything(doors).items() if "ROUND#notice-" in str(key))
    round_id = str(row).partition("ROUND#")[2][:39]
    assert work(stage, "record_mail_events", an_event("Bounce Permanent", round_id, CLARA)) == []
    assert stage.customer("GET", "/api/machines").status == 401


def test_a_message_without_a_moment_goes_back(stage: Stage) -> None:
    body = {"schema": 1, "kind": "password_notice", "mailbox": CLARA}
    for set_at in ("soon", "2026-11-23T10:00:00", ""):
        assert work(stage, "send_mail", body | {"set_at": set_at}) == [0]


# races and cost


@pytest.mark.parametrize("conditions", [True, False])
def test_of_two_who_set_one_at_once_one_wins_and_the_other_session_ends(
    stage: Stage, doors: Doors, monkeypatch: pytest.MonkeyPatch, conditions: bool
) -> None:
    """Without the condition both would be told that theirs is set."""
    signed_in(stage, doors)
    token = a_link(doors)
    if not conditions:
        _take_conditions_off(monkeypatch)
    told: list[dict[str, int]] = []

    def scene(number: int) -> Any:
        told.append({})
        cookies = []
        for _ in range(2):
            open_by(stage, token)
            cookies.append({COOKIE: stage.cookies[COOKIE]})

        def act(name: str, cookie: dict[str, str]) -> None:
            body = {"password": f"{name} kaffee regen fahrrad"}
            answer = stage.request("customer_api", "PUT", "/api/password", body, cookies=cookie)
            told[-1][name] = answer.status

        return lambda: act("anna", cookies[0]), lambda: act("bert", cookies[1])

    doubled = 0
    for number, order in every_order(scene, matters=_matters):
        won = [name for name, status in told[number].items() if status == 200]
        doubled += len(won) == 2
        if conditions:
            assert len(won) == 1, order
            stored = account(doors).password
            assert crypto.password_fits(f"{won[0]} kaffee regen fahrrad", stored), order
    assert bool(doubled) is not conditions


def _matters(operation: str, parameters: Any) -> bool:
    return operation == "TransactWriteItems" or "ACCOUNT#" in str(parameters)


def _take_conditions_off(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Table.transact

    def transact(self: Table, writes: Any) -> None:
        bare = [
            replace(
                write,
                condition=None,
                values={n: v for n, v in write.values.items() if n != "seen"},
            )
            for write in writes
        ]
        original(self, bare)

    monkeypatch.setattr(Table, "transact", transact)


def test_a_login_under_way_with_the_old_password_opens_nothing_lasting(
    stage: Stage, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Verified before the change, written after it: the session is over at its first request."""
    signed_in(stage, doors)
    put(stage)
    changer = dict(stage.cookies)
    original = Table.write

    def write(self: Table, one: Write) -> None:
        if one.put and str(one.put["pk"]).startswith("SESSION#"):
            monkeypatch.setattr(Table, "write", original)
            body = {"password": SECOND}
            answer = stage.request("customer_api", "PUT", "/api/password", body, cookies=changer)
            assert answer.status == 200
        original(self, one)

    monkeypatch.setattr(Table, "write", write)
    assert log_in(stage).status == 201
    assert stage.customer("GET", "/api/session").status == 401


def test_setting_a_password_costs_one_transaction(stage: Stage, doors: Doors) -> None:
    signed_in(stage, doors)
    with counted(doors.table._client, doors.queues._client) as calls:
        put(stage)
    assert calls == {
        "dynamodb.GetItem": 1,
        "dynamodb.BatchGetItem": 2,
        "dynamodb.TransactWriteItems": 1,
        "sqs.SendMessageBatch": 1,
    }
