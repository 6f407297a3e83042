"""The mail by whose link a password is set: to whom it goes, what its link does, and how often."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.access.accounts import Account
from meterportal.store import keys
from meterportal.store.writes import Write
from meterportal.usecases.access.attempts import MAILS_AN_HOUR

from tests.support.access import (
    PASSWORD,
    a_code,
    a_password_link,
    a_password_request,
    ask_for_password_mail,
    log_in,
    password_token_of,
    put_password,
    the_account,
)
from tests.support.builders import a_contact, a_holding, a_link, settle
from tests.support.customers import (
    CLARA,
    COOKIE,
    everything,
    open_by,
    said,
    save_contact,
    signed_in,
)
from tests.support.requesting import (
    an_event,
    race_for_the_last_mail,
    recipients,
    text_of,
    work,
)
from tests.support.stage import Stage
from tests.support.wire import counted

SECOND = "lampe wolke schrauben"


# the mail


def test_the_mail_says_once_and_until_when_and_sets_a_password(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    ask_for_password_mail(stage, email="  Clara@Muster.example")
    stage.drain()
    (mail,) = stage.mails()
    assert (mail["To"], mail["Subject"]) == (CLARA, "Passwort festlegen")
    for kind in ("plain", "html"):
        text = text_of(mail, kind)
        assert "Sehr geehrte Frau Schäfer" in text
        assert re.search(r"einmal und nur bis \d\d:\d\d Uhr", text)
    token = password_token_of(mail)
    answer = put_password(stage, token=token)
    assert (answer.status, answer.json) == (200, {"has_password": True})
    assert answer.cookies == []
    assert log_in(stage, password=PASSWORD).status == 201


def test_an_english_reader_is_written_to_in_english(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, a_holding(contacts=[a_contact(language="en")]))
    ask_for_password_mail(stage, email=CLARA)
    stage.drain()
    (mail,) = stage.mails()
    assert mail["Subject"] == "Set a password"
    assert "Dear Ms Schäfer" in text_of(mail)


@pytest.mark.parametrize("way", ["link", "code"])
def test_within_a_session_it_goes_to_the_session_s_address_without_typing(
    stage: Stage, adapters: Adapters, way: str
) -> None:
    settle(adapters)
    if way == "link":
        open_by(stage, a_link(adapters))
    else:
        log_in(stage, code=a_code(adapters))
    ask_for_password_mail(stage)
    stage.drain()
    assert recipients(stage.mails()) == [CLARA]


def test_without_a_session_an_address_is_needed(stage: Stage) -> None:
    answer = stage.customer("POST", "/api/password/mail", {})
    assert (answer.status, answer.json["code"]) == (401, "not_signed_in")


def test_only_the_hash_of_its_id_is_stored(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    ask_for_password_mail(stage, email=CLARA)
    stage.drain()
    assert password_token_of(stage.mails()[0]) not in str(everything(adapters))


def _bounced(adapters: Adapters) -> None:
    update = "SET #delivery = :delivery"
    adapters.table.write(
        Write(key=keys.mailbox(CLARA), update=update, values={"delivery": "bounced"})
    )


def _deactivated(adapters: Adapters) -> None:
    save_contact(adapters, a_contact(active=False))


@pytest.mark.parametrize("lose", [_bounced, _deactivated])
def test_who_has_lost_the_right_gets_no_mail_and_a_mail_of_before_sets_nothing(
    stage: Stage, adapters: Adapters, lose: partial[None]
) -> None:
    settle(adapters)
    token = a_password_link(adapters)
    lose(adapters)
    ask_for_password_mail(stage, email=CLARA)
    stage.drain()
    assert stage.mails() == []
    assert put_password(stage, token=token).json["code"] == "password_link_over"
    assert the_account(adapters) == Account(CLARA)


def test_known_and_unknown_addresses_cannot_be_told_apart(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    assert adapters.keys
    for email in (CLARA, "nobody@nowhere.example", "no address", ""):
        with counted(adapters.table._client, adapters.queues._client) as calls:
            ask_for_password_mail(stage, email=email)
        assert calls == {"dynamodb.UpdateItem": 1, "sqs.SendMessageBatch": 1}, email
    stage.drain()
    assert recipients(stage.mails()) == [CLARA]


# its link


def test_looking_at_the_link_changes_nothing(stage: Stage, adapters: Adapters) -> None:
    """A scanner fetches pages: the link's secret is in the fragment, and only the PUT uses it up."""
    settle(adapters)
    token = a_password_link(adapters)
    before = everything(adapters)
    for path in ("/api/session", f"/api/session?p={token}", "/api/machines", "/api/password"):
        stage.customer("GET", path)
    assert put_password(stage, "kurz", token=token).status == 422
    assert everything(adapters) == before
    assert put_password(stage, token=token).status == 200


def test_a_link_is_used_once_and_says_so_the_second_time(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    token = a_password_link(adapters)
    assert put_password(stage, token=token).status == 200
    again = put_password(stage, SECOND, token=token)
    assert (again.status, again.json["code"]) == (403, "password_link_over")
    assert "schon benutzt" in again.json["detail"]
    assert log_in(stage, password=PASSWORD).status == 201


def test_the_same_sent_again_because_the_answer_was_lost_hears_the_same(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    token = a_password_link(adapters)
    assert put_password(stage, token=token).status == 200
    before = the_account(adapters)
    assert put_password(stage, token=token).json == {"has_password": True}
    assert the_account(adapters) == before
    stage.drain()
    assert [mail["Subject"] for mail in stage.mails()] == ["Ihr Passwort wurde gesetzt"]


def test_a_used_link_is_no_way_to_guess_the_password(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    token = a_password_link(adapters)
    assert put_password(stage, token=token).status == 200
    guessed = [put_password(stage, f"kaffee regen {n}", token=token).status for n in range(7)]
    assert guessed[:5] == [403] * 5
    assert 429 in guessed[5:]


def test_a_link_is_over_after_half_an_hour(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    late = a_password_link(adapters, ago=timedelta(minutes=30))
    assert put_password(stage, token=late).json["code"] == "password_link_over"
    in_time = a_password_link(adapters, ago=timedelta(minutes=29))
    assert put_password(stage, token=in_time).status == 200


def test_a_password_set_meanwhile_ends_the_links_of_before(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    first, second = a_password_link(adapters), a_password_link(adapters)
    assert put_password(stage, token=second).status == 200
    assert put_password(stage, SECOND, token=first).json["code"] == "password_link_over"
    assert log_in(stage, password=PASSWORD).status == 201


def test_what_mail_programs_hang_on_the_link_is_taken_off(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    for number, around in enumerate((" {}\n", "{}.", "{}%3E", "\u200b{}\u00ad")):
        token = around.format(a_password_link(adapters, generation=number))
        assert put_password(stage, token=token).status == 200, around


@pytest.mark.parametrize("password", [PASSWORD, "kurz"])
def test_no_other_secret_passes_for_the_link_nor_the_link_for_another(
    stage: Stage, adapters: Adapters, password: str
) -> None:
    settle(adapters)
    code = a_code(adapters)
    others = [
        a_link(adapters),
        code,
        "",
        "v1.k1.nothing",
        adapters.keys.seal_password_link(b"1" * 16),
    ]
    told = [put_password(stage, password, token=other) for other in others]
    assert {answer.status for answer in told} == {401}
    assert all(said(answer) == said(told[0]) for answer in told)
    assert told[0].json["code"] == "link_invalid"
    token = a_password_link(adapters)
    assert open_by(stage, token).json["code"] == "link_invalid"
    assert log_in(stage, code=token).json["code"] == "login_refused"
    assert put_password(stage, token=token[:-1]).json["code"] == "link_invalid"


def test_the_link_opens_no_readings(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    assert put_password(stage, token=a_password_link(adapters)).cookies == []
    assert stage.customer("GET", "/api/machines").status == 401


def test_the_browser_s_own_session_goes_on_and_all_others_end(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    mine = dict(stage.cookies)
    stage.cookies.clear()
    open_by(stage, a_link(adapters))
    other = dict(stage.cookies)
    stage.cookies = mine
    assert put_password(stage, token=a_password_link(adapters)).status == 200
    assert stage.customer("GET", "/api/machines").status == 200
    assert stage.request("customer_api", "GET", "/api/machines", cookies=other).status == 401


def test_somebody_else_s_session_in_the_browser_is_left_alone(
    stage: Stage, adapters: Adapters
) -> None:
    theirs = a_contact("5002", email="hans@muster.example")
    signed_in(
        stage, adapters, a_holding(contacts=[a_contact(), theirs]), mailbox=theirs.mailbox or ""
    )
    assert put_password(stage, token=a_password_link(adapters)).status == 200
    assert stage.customer("GET", "/api/session").json["contact"]["email_masked"].startswith("h")
    assert stage.customer("GET", "/api/session").json["has_password"] is False


def test_a_session_that_is_closed_meanwhile_does_not_keep_the_password_from_being_set(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    token, mine = a_password_link(adapters), {COOKIE: stage.cookies[COOKIE]}
    original = adapters.table.transact

    def transact(writes: list[Write]) -> None:
        monkeypatch.setattr(adapters.table, "transact", original)
        stage.request("customer_api", "DELETE", "/api/session", cookies=mine)
        original(writes)

    monkeypatch.setattr(adapters.table, "transact", transact)
    assert put_password(stage, token=token).status == 200
    assert log_in(stage, password=PASSWORD).status == 201


# never twice, never too often


def test_a_worker_killed_between_any_two_calls_never_doubles_the_mail(
    stage: Stage, adapters: Adapters
) -> None:

    def known(call: int) -> str:
        box = f"box{call}@muster.example"
        contact = a_contact(f"5{call:03d}", email=box)
        settle(adapters, a_holding(contacts=[contact], contracts=[], machines=[]))
        return box

    race_for_the_last_mail(stage, a_password_request, known, most=MAILS_AN_HOUR.most)


def test_a_bounce_of_the_mail_closes_the_address(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    work(stage, "send_mail", a_password_request("one"))
    token = password_token_of(stage.mails()[0])
    event = an_event("Bounce Permanent", "password-one", CLARA)
    assert work(stage, "record_mail_events", event) == []
    assert put_password(stage, token=token).json["code"] == "password_link_over"


def test_a_message_that_lacks_a_part_goes_back(stage: Stage) -> None:
    message = a_password_request("one")
    for name in ("request_id", "mailbox", "way"):
        assert work(stage, "send_mail", {k: v for k, v in message.items() if k != name}) == [0]
