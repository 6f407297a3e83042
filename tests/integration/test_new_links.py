"""A new link by mail: to the address on file or nobody, once per request, and nobody outside learns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from meterportal.crypto import fingerprint
from meterportal.domain.contracts import PortalRights
from meterportal.domain.mails import MailState
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import keys, links, mailboxes, portfolio, rounds
from meterportal.store.table import Write
from meterportal.usecases.attempts import LINKS_BY_ADDRESS, REQUESTS_BY_CLIENT

from tests.access import a_request, ask
from tests.builders import DUE, a_contact, a_holding, a_link, a_machine, settle
from tests.customers import CLARA, everything, open_by, save_contact, second_company
from tests.faults import failing, interrupted, killed, refused
from tests.requesting import an_event, code_of, recipients, report, text_of, token_of, work
from tests.stage import Stage
from tests.wire import counted

LIFE = timedelta(days=45)


def the_link(doors: Doors, token: str) -> links.Link:
    found = links.load(doors.table, fingerprint(doors.keys.open_link(token)))
    assert found is not None
    return found


# what is sent


def test_a_new_link_and_code_go_to_the_address_and_open(stage: Stage, doors: Doors) -> None:
    settle(doors)
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


def test_an_english_reader_is_written_to_in_english(stage: Stage, doors: Doors) -> None:
    second_company(doors)
    ask(stage, email=CLARA)
    stage.drain()
    (mail,) = stage.mails()
    assert mail["Subject"] == "Your new link to your machines: Abakus AG"
    assert mail["Content-Language"] == "en"
    assert "Go to your machines" in text_of(mail, "html")


@pytest.mark.parametrize("ended", ["expired", "revoked", "alive"])
def test_a_dead_link_brings_one_to_the_same_company(
    stage: Stage, doors: Doors, at: Moment, ended: str
) -> None:
    second_company(doors)
    settle(doors)
    ends = at.today - timedelta(days=30) if ended == "expired" else DUE
    token = a_link(doors, company_id="10000", expires_on=ends)
    if ended == "revoked":
        doors.table.write(links.revoke(the_link(doors, token).fingerprint, at=at.now))
    ask(stage, token=token)
    stage.drain()
    (mail,) = stage.mails()
    assert mail["Subject"] == "Ihr neuer Link zu Ihren Geräten: 2 Firmen"
    assert open_by(stage, token_of(mail)).json["company"]["id"] == "10000"


def test_a_link_to_a_former_address_is_answered_to_the_present_one(
    stage: Stage, doors: Doors
) -> None:
    settle(doors)
    token = a_link(doors)
    moved = a_contact(email="clara@neu.example")
    save_contact(doors, moved)
    ask(stage, token=token)
    stage.drain()
    assert stage.mails() == []  # nobody has granted the new address anything yet
    doors.table.write(mailboxes.list_contact(moved))
    doors.table.write(mailboxes.claim(moved))
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
    stage: Stage, doors: Doors, due_on: date, reported: bool, expected: date
) -> None:
    settle(doors, a_holding(machines=[a_machine(due_on=due_on)]))
    if reported:
        report(doors, "200001", "1", "2")
    ask(stage, email=CLARA)
    stage.drain()
    (mail,) = stage.mails()
    assert the_link(doors, token_of(mail)).expires_on == expected
    assert f"{expected:%d.%m.%Y}" in text_of(mail)


# to whom not


def _bounced(doors: Doors) -> None:
    values = {"delivery": "bounced"}
    doors.table.write(
        Write(key=keys.mailbox(CLARA), update="SET #delivery = :delivery", values=values)
    )


def _deactivated(doors: Doors) -> None:
    save_contact(doors, a_contact(active=False))


def _without_rights(doors: Doors) -> None:
    nothing = PortalRights()
    doors.table.write(portfolio.grant(a_contact(), nothing, at="2026-11-23T00:00:00+00:00"))


@pytest.mark.parametrize("lose", [_bounced, _deactivated, _without_rights])
def test_who_has_lost_the_right_gets_no_link(stage: Stage, doors: Doors, lose: Any) -> None:
    settle(doors)
    token = a_link(doors)
    lose(doors)
    ask(stage, email=CLARA)
    ask(stage, token=token)
    stage.drain()
    assert stage.mails() == []


def test_nobody_else_gets_a_link_and_nothing_is_left_of_the_address(
    stage: Stage, doors: Doors
) -> None:
    settle(doors)
    before = set(everything(doors))
    ask(stage, email="neugierig@fremd.example")
    ask(stage, email="no address")
    ask(stage, token="v1.k1.nothing")
    ask(stage, token=doors.keys.seal_link(b"1" * 16))
    stage.drain()
    assert stage.mails() == []
    added = set(everything(doors)) - before
    assert all("ATTEMPTS#link-client" in str(key) for key in added)
    assert "neugierig" not in str(everything(doors))


def test_known_and_unknown_addresses_cannot_be_told_apart(stage: Stage, doors: Doors) -> None:
    """Nor living links, dead ones and what was made up: one write, one message, nothing else."""
    settle(doors)
    assert doors.keys
    assert doors.origin_secret is not None
    asked: list[dict[str, object]] = [
        {"email": CLARA},
        {"email": "nobody@nowhere.example"},
        {"email": "no address"},
        {"email": ""},
        {"token": a_link(doors)},
        {"token": a_link(doors, expires_on=date(2026, 1, 1))},
        {"token": doors.keys.seal_link(b"1" * 16)},
        {"token": "made up"},
        {"token": ""},
    ]
    sizes = set()
    for body in asked:
        with counted(doors.table._client, doors.queues._client) as calls:
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


def test_an_address_gets_three_links_an_hour_and_keeps_those_it_has(
    stage: Stage, doors: Doors
) -> None:
    settle(doors)
    for _ in range(5):
        ask(stage, email=CLARA)
        stage.drain()
    mails = stage.mails()
    assert len(mails) == LINKS_BY_ADDRESS.most == 3
    assert all(open_by(stage, token_of(mail)).status == 201 for mail in mails)


def test_a_client_that_asks_too_often_is_told_nothing_and_queues_nothing(
    stage: Stage, doors: Doors
) -> None:
    settle(doors)
    for number in range(REQUESTS_BY_CLIENT.most):
        ask(stage, email=f"nobody{number}@nowhere.example")
    with counted(doors.queues._client) as calls:
        ask(stage, email=CLARA)
    assert calls == {}
    elsewhere = {"x-forwarded-for": "203.0.113.9, 127.0.0.1"}
    stage.request("customer_api", "POST", "/api/links", {"email": CLARA}, headers=elsewhere)
    stage.drain()
    assert recipients(stage.mails()) == [CLARA]


def test_requests_at_once_never_pass_the_limit(stage: Stage, doors: Doors) -> None:
    """The last allowed link is sent once, wherever the second worker comes in between."""
    for call in range(30):
        box = f"box{call}@haus.example"
        number = f"{50_000 + call}"
        settle(doors, _single(number, box))
        for sent in range(LINKS_BY_ADDRESS.most - 1):
            assert work(stage, "send_mail", a_request(f"{call}-{sent}", box)) == []
        other = partial(work, stage, "send_mail", a_request(f"{call}-b", box))
        with interrupted(call, other) as calls:
            assert work(stage, "send_mail", a_request(f"{call}-a", box)) == []
        assert recipients(stage.mails()).count(box) == LINKS_BY_ADDRESS.most
        if len(calls) <= call:
            return
    raise AssertionError("the worker never came to its end")


def _single(number: str, box: str) -> Any:
    held = a_holding(contacts=[a_contact(number, email=box)], contracts=[], machines=[])
    company = replace(held.company, id=f"1{number}")
    people = {key: replace(c, company_id=company.id) for key, c in held.contacts.items()}
    return replace(held, company=company, contacts=people)


# never twice, never lost in silence


def test_delivering_the_message_again_sends_nothing_again(stage: Stage, doors: Doors) -> None:
    settle(doors)
    for _ in range(3):
        assert work(stage, "send_mail", a_request("one")) == []
    assert len(stage.mails()) == 1


def test_a_worker_killed_between_any_two_calls_never_doubles_the_mail(
    stage: Stage, doors: Doors, at: Moment
) -> None:
    doubtful = 0
    for call in range(30):
        box = f"box{call}@haus.example"
        settle(doors, _single(f"{50_000 + call}", box))
        with killed(call) as calls:
            work(stage, "send_mail", a_request(str(call), box))
        work(stage, "send_mail", a_request(str(call), box))
        sent = recipients(stage.mails()).count(box)
        row = rounds.mail(doors.table, f"link-{call}", box)
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
                settled = rounds.mail(doors.table, f"link-{call}", box)
                assert settled is not None
                assert settled.state is MailState.SENT
        if "killed" not in calls:
            assert doubtful
            return
    raise AssertionError("the worker never came to its end")


def test_a_throttled_link_goes_out_later_and_counts_once(stage: Stage, doors: Doors) -> None:
    settle(doors)
    for _ in range(4):
        with failing("SendEmail", refused("TooManyRequestsException")):
            assert work(stage, "send_mail", a_request("one")) == [0]
    assert work(stage, "send_mail", a_request("one")) == []
    (mail,) = stage.mails()
    assert open_by(stage, token_of(mail)).status == 201
    for number in ("two", "three", "four"):
        work(stage, "send_mail", a_request(number))
    assert len(stage.mails()) == LINKS_BY_ADDRESS.most


def test_a_bounce_of_the_mail_ends_its_link_and_the_address(stage: Stage, doors: Doors) -> None:
    settle(doors)
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
