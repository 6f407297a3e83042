"""A new link by mail: to the address on file or nobody, once per request, and nobody outside learns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.crypto import fingerprint
from meterportal.domain.access.links import Link
from meterportal.domain.mailing.mails import MailState
from meterportal.domain.portfolio.contracts import PortalRights
from meterportal.settings import Moment
from meterportal.store import keys
from meterportal.store.access import links, mailboxes
from meterportal.store.mailing import rounds
from meterportal.store.portfolio import holdings
from meterportal.store.writes import Write
from meterportal.usecases.access.attempts import MAILS_A_DAY, MAILS_AN_HOUR, REQUESTS

from tests.support.access import a_code, a_request, ask, log_in
from tests.support.builders import DUE, a_contact, a_holding, a_link, a_machine, settle
from tests.support.customers import (
    CLARA,
    DEVICE,
    everything,
    open_by,
    save_contact,
    second_company,
)
from tests.support.faults import failing, killed, refused
from tests.support.requesting import (
    an_event,
    at_hour,
    code_of,
    race_for_the_last_mail,
    recipients,
    report,
    text_of,
    token_of,
    work,
)
from tests.support.stage import Stage
from tests.support.wire import counted

LIFE = timedelta(days=45)


def the_link(adapters: Adapters, token: str) -> Link:
    found = links.load(adapters.table, fingerprint(adapters.keys.open_link(token)))
    assert found is not None
    return found


# what is sent


def test_a_new_link_and_code_go_to_the_address_and_open(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    ask(stage, email="  Clara@Muster.example")
    stage.drain()
    (mail,) = stage.mails()
    assert mail["To"] == CLARA
    assert mail["Subject"] == "Ihr neuer Link zu Ihren Geräten: Muster GmbH"
    for kind in ("plain", "html"):
        assert "Sehr geehrte Frau Schäfer" in text_of(mail, kind)
        assert "12.01.2027" in text_of(mail, kind)
        assert "Muster GmbH" in text_of(mail, kind)
    assert open_by(stage, token_of(mail)).status == 201
    body = {"email": CLARA, "code": code_of(mail)}
    assert stage.customer("POST", "/api/session", body).status == 201


def test_an_english_reader_is_written_to_in_english(stage: Stage, adapters: Adapters) -> None:
    second_company(adapters)
    ask(stage, email=CLARA)
    stage.drain()
    (mail,) = stage.mails()
    assert mail["Subject"] == "Your new link to your machines: Abakus AG"
    assert mail["Content-Language"] == "en"
    assert "Go to your machines" in text_of(mail, "html")


@pytest.mark.parametrize("ended", ["expired", "revoked", "alive"])
def test_a_dead_link_brings_one_to_the_same_company(
    stage: Stage, adapters: Adapters, at: Moment, ended: str
) -> None:
    second_company(adapters)
    settle(adapters)
    ends = at.today - timedelta(days=30) if ended == "expired" else DUE
    token = a_link(adapters, company_id="10000", expires_on=ends)
    if ended == "revoked":
        adapters.table.write(links.revoke(the_link(adapters, token).fingerprint, at=at.now))
    ask(stage, token=token)
    stage.drain()
    (mail,) = stage.mails()
    assert mail["Subject"] == "Ihr neuer Link zu Ihren Geräten: Muster GmbH, Abakus AG"
    assert open_by(stage, token_of(mail)).json["company"]["id"] == "10000"


def test_a_link_to_a_former_address_is_answered_to_the_present_one(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    token = a_link(adapters)
    moved = a_contact(email="clara@neu.example")
    save_contact(adapters, moved)
    ask(stage, token=token)
    stage.drain()
    assert stage.mails() == []  # nobody has granted the new address anything yet
    adapters.table.write(mailboxes.list_contact(moved))
    adapters.table.write(mailboxes.claim(moved))
    ask(stage, token=token)
    stage.drain()
    assert recipients(stage.mails()) == ["clara@neu.example"]


@pytest.mark.parametrize(
    ("due_on", "reported", "expected"),
    [
        (DUE, False, DUE + LIFE),
        (DUE, True, date(2026, 11, 23) + LIFE),
        (date(2026, 8, 1), False, date(2026, 11, 23) + LIFE),
        (date(2027, 10, 1), False, date(2026, 11, 23) + LIFE),
    ],
    ids=["due", "all reported", "long overdue", "due next year"],
)
def test_a_link_lives_45_days_beyond_what_is_open(
    stage: Stage, adapters: Adapters, due_on: date, reported: bool, expected: date
) -> None:
    settle(adapters, a_holding(machines=[a_machine(due_on=due_on)]))
    if reported:
        report(adapters, "200001", "1", "2")
    ask(stage, email=CLARA)
    stage.drain()
    (mail,) = stage.mails()
    assert the_link(adapters, token_of(mail)).expires_on == expected
    assert f"{expected:%d.%m.%Y}" in text_of(mail)


# to whom not


def _bounced(adapters: Adapters) -> None:
    values = {"delivery": "bounced"}
    adapters.table.write(
        Write(key=keys.mailbox(CLARA), update="SET #delivery = :delivery", values=values)
    )


def _deactivated(adapters: Adapters) -> None:
    save_contact(adapters, a_contact(active=False))


def _without_rights(adapters: Adapters) -> None:
    nothing = PortalRights()
    adapters.table.write(holdings.grant(a_contact(), nothing, at="2026-11-23T00:00:00+00:00"))


@pytest.mark.parametrize("lose", [_bounced, _deactivated, _without_rights])
def test_who_has_lost_the_right_gets_no_link(stage: Stage, adapters: Adapters, lose: Any) -> None:
    settle(adapters)
    token = a_link(adapters)
    lose(adapters)
    ask(stage, email=CLARA)
    ask(stage, token=token)
    stage.drain()
    assert stage.mails() == []


def test_nobody_else_gets_a_link_and_nothing_is_left_of_the_address(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    before = set(everything(adapters))
    ask(stage, email="neugierig@fremd.example")
    ask(stage, email="no address")
    ask(stage, token="v1.k1.nothing")
    ask(stage, token=adapters.keys.seal_link(b"1" * 16))
    stage.drain()
    assert stage.mails() == []
    added = set(everything(adapters)) - before
    assert all("ATTEMPTS#mail-request" in str(key) for key in added)
    assert "neugierig" not in str(everything(adapters))


def test_known_and_unknown_addresses_cannot_be_told_apart(stage: Stage, adapters: Adapters) -> None:
    """Nor living links, dead ones and what was made up: one write, one message, nothing else."""
    settle(adapters)
    assert adapters.keys
    assert adapters.origin_secret is not None
    asked: list[dict[str, object]] = [
        {"email": CLARA},
        {"email": "nobody@nowhere.example"},
        {"email": "no address"},
        {"email": ""},
        {"token": a_link(adapters)},
        {"token": a_link(adapters, expires_on=date(2026, 1, 1))},
        {"token": adapters.keys.seal_link(b"1" * 16)},
        {"token": "made up"},
        {"token": ""},
    ]
    sizes = set()
    for body in asked:
        with counted(adapters.table._client, adapters.queues._client) as calls:
            sizes.add(len(ask(stage, **body).headers))
        assert calls == {"dynamodb.UpdateItem": 1, "sqs.SendMessageBatch": 1}, body
    assert len(sizes) == 1


@pytest.mark.parametrize(
    "body", [{}, {"email": CLARA, "token": "x"}, {"email": 5}, {"token": None}, {"mail": CLARA}]
)
def test_what_is_no_request_is_refused_by_its_field(stage: Stage, body: dict[str, object]) -> None:
    answer = stage.customer("POST", "/api/links", body)
    assert answer.status == 422
    assert answer.json["field"] in {"email", "token", "mail"}


# limits


def test_an_address_gets_so_many_links_an_hour_and_a_day_and_keeps_those_it_has(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(adapters)
    sent = []
    for hour in range(4):
        at_hour(monkeypatch, hour)
        for number in range(MAILS_AN_HOUR.most + 1):
            work(stage, "send_mail", a_request(f"{hour}-{number}"))
        sent.append(len(stage.mails()))
    assert sent == [3, 6, 6, 6]
    assert (MAILS_AN_HOUR.most, MAILS_A_DAY.most) == (3, 6)
    assert all(open_by(stage, token_of(mail)).status == 201 for mail in stage.mails())


def test_strangers_who_ask_leave_the_mails_of_a_known_browser_and_of_an_old_link(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(adapters)
    at_hour(monkeypatch, 9)
    assert log_in(stage, code=a_code(adapters)).status == 201
    known, stage.cookies = {DEVICE: stage.cookies[DEVICE]}, {}
    for _ in range(MAILS_AN_HOUR.most + 2):
        ask(stage, email=CLARA)
    stage.drain()
    assert len(stage.mails()) == MAILS_AN_HOUR.most
    asked: dict[str, object] = {"email": CLARA}
    assert stage.request("customer_api", "POST", "/api/links", asked, cookies=known).status == 202
    ask(stage, token=a_link(adapters))
    stage.drain()
    assert len(stage.mails()) == MAILS_AN_HOUR.most + 2


def test_a_network_that_asks_too_often_has_to_wait_for_every_address_alike(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told so; a browser that the address knows, and other networks, go on."""
    settle(adapters)
    assert log_in(stage, code=a_code(adapters)).status == 201
    known, stage.cookies = {DEVICE: stage.cookies[DEVICE]}, {}
    monkeypatch.setattr(
        "meterportal.usecases.access.attempts.REQUESTS",
        replace(REQUESTS, free=3, first=REQUESTS.longest),
    )
    for number in range(3):
        ask(stage, email=f"nobody{number}@nowhere.example")
    elsewhere = {"x-forwarded-for": "203.0.113.9, 127.0.0.1"}
    for path in ("/api/links", "/api/password/mail"):
        body = {"email": CLARA}
        with counted(adapters.queues._client) as calls:
            told = stage.request("customer_api", "POST", path, body)
        assert (told.status, told.json["code"]) == (429, "too_many_attempts")
        assert int(told.headers["Retry-After"]) >= 1
        assert calls == {}
        assert stage.request("customer_api", "POST", path, body, cookies=known).status == 202
        assert stage.request("customer_api", "POST", path, body, headers=elsewhere).status == 202
    other = {"email": "nobody@nowhere.example"}
    assert stage.request("customer_api", "POST", "/api/links", other, cookies=known).status == 429


def test_a_message_of_an_earlier_release_is_sent(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    message = {name: value for name, value in a_request("one").items() if name != "way"}
    assert work(stage, "send_mail", message) == []
    assert len(stage.mails()) == 1


def test_requests_at_once_never_pass_the_limit(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last allowed link is sent once, wherever the second worker comes in between."""
    at_hour(monkeypatch, 9)

    def known(call: int) -> str:
        box = f"box{call}@haus.example"
        settle(adapters, _single(f"{50_000 + call}", box))
        return box

    race_for_the_last_mail(stage, a_request, known, most=MAILS_AN_HOUR.most)


def _single(number: str, box: str) -> Any:
    held = a_holding(contacts=[a_contact(number, email=box)], contracts=[], machines=[])
    company = replace(held.company, id=f"1{number}")
    people = {key: replace(c, company_id=company.id) for key, c in held.contacts.items()}
    return replace(held, company=company, contacts=people)


# never twice, never lost in silence


def test_delivering_the_message_again_sends_nothing_again(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    for _ in range(3):
        assert work(stage, "send_mail", a_request("one")) == []
    assert len(stage.mails()) == 1


def test_a_worker_killed_between_any_two_calls_never_doubles_the_mail(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    doubtful = 0
    for call in range(30):
        box = f"box{call}@haus.example"
        settle(adapters, _single(f"{50_000 + call}", box))
        with killed(call) as calls:
            work(stage, "send_mail", a_request(str(call), box))
        work(stage, "send_mail", a_request(str(call), box))
        sent = recipients(stage.mails()).count(box)
        row = rounds.mail(adapters.table, f"link-{call}", box)
        assert row is not None
        if not (sent == 1 and row.state is MailState.SENT):
            doubtful += 1
            assert sent <= 1
            later = (row.lease_until or at.now) + timedelta(seconds=1)
            assert row.state_at(later) is MailState.IN_DOUBT
            if sent:  # settled by the mail system's event, like every mail
                assert (
                    work(stage, "record_mail_events", an_event("Send", f"link-{call}", box)) == []
                )
                settled = rounds.mail(adapters.table, f"link-{call}", box)
                assert settled is not None
                assert settled.state is MailState.SENT
        if "killed" not in calls:
            assert doubtful
            return
    raise AssertionError("the worker never came to its end")


def test_a_throttled_link_goes_out_later_and_counts_once(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(adapters)
    at_hour(monkeypatch, 9)
    for _ in range(4):
        with failing("SendEmail", refused("TooManyRequestsException")):
            assert work(stage, "send_mail", a_request("one")) == [0]
    assert work(stage, "send_mail", a_request("one")) == []
    (mail,) = stage.mails()
    assert open_by(stage, token_of(mail)).status == 201
    for number in ("two", "three", "four"):
        work(stage, "send_mail", a_request(number))
    assert len(stage.mails()) == MAILS_AN_HOUR.most


def test_a_bounce_of_the_mail_ends_its_link_and_the_address(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    work(stage, "send_mail", a_request("one"))
    token = token_of(stage.mails()[0])
    assert work(stage, "record_mail_events", an_event("Bounce Permanent", "link-one", CLARA)) == []
    assert open_by(stage, token).status == 401
    ask(stage, email=CLARA)
    stage.drain()
    assert len(stage.mails()) == 1


def test_a_message_that_lacks_a_part_goes_back(stage: Stage) -> None:
    assert work(stage, "send_mail", {"schema": 1, "kind": "new_link", "mailbox": CLARA}) == [0]
    assert work(stage, "send_mail", {"schema": 1, "kind": "unknown"}) == [0]
