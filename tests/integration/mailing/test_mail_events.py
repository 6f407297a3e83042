"""SES events in any order and number: what is stored depends only on which ones came."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from meterportal.adapters import Adapters
from meterportal.domain.mailing.mails import Fate, MailState, OutboxMail
from meterportal.domain.mailing.requests import Request
from meterportal.domain.portfolio.contracts import Delivery
from meterportal.store import keys
from meterportal.store.access import links, mailboxes
from meterportal.store.mailing import marks, rounds
from meterportal.store.portfolio import holdings
from meterportal.store.writes import Write

from tests.support.builders import DUE, a_contact, a_contract
from tests.support.faults import killed
from tests.support.requesting import (
    FACILITY,
    a_company,
    an_event,
    ask,
    left_out,
    show,
    token_of,
    work,
)
from tests.support.stage import Stage

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KINDS = [
    "Send",
    "Delivery",
    "DeliveryDelay",
    "Bounce Permanent",
    "Bounce Transient",
    "Complaint",
    "Reject",
    "Rendering Failure",
]


def tell(stage: Stage, *events: Any) -> list[int]:
    """Put events into the queue's function; the positions of those that come back."""
    return work(stage, "record_mail_events", *events)


def row(adapters: Adapters, round_id: str, mailbox: str = FACILITY) -> OutboxMail:
    found = rounds.mail(adapters.table, round_id, mailbox)
    assert found is not None
    return found


def asked(adapters: Adapters) -> dict[str, str]:
    number = f"7{1:05d}000"
    return holdings.contracts(adapters.table, [(f"1{1:05d}", number)])[number].asked


def test_a_hard_bounce_makes_the_contact_not_ready_and_ends_the_link(
    stage: Stage, adapters: Adapters
) -> None:
    (number,) = a_company(adapters, 1)
    round_id = ask(stage)["id"]
    opened = {"token": token_of(stage.mails()[0])}
    assert stage.customer("POST", "/api/session", opened).status == 201
    assert stage.customer("GET", "/api/machines").status == 200
    assert tell(stage, an_event("Bounce Permanent", round_id)) == []
    assert stage.customer("GET", "/api/machines").status == 401
    assert stage.customer("POST", "/api/session", opened).status == 401
    link = links.load(adapters.table, row(adapters, round_id).link)
    assert link is not None
    assert link.revoked
    told = stage.staff("POST", "/api/staff/readiness", {"selection": {"ids": [number]}}).json
    assert told["not_ready"][0]["reasons"][0]["code"] == "email_bounced"
    assert left_out(ask(stage))[number][0] == "email_bounced"
    (mail,) = show(stage, round_id)["mails"]
    assert (mail["state"], mail["delivery"]) == ("sent", "bounced")
    assert show(stage, round_id)["bounced"] == 1


def test_after_a_hard_bounce_a_corrected_address_can_be_asked_again(
    stage: Stage, adapters: Adapters
) -> None:
    a_company(adapters, 1)
    tell(stage, an_event("Bounce Permanent", ask(stage)["id"]))
    assert asked(adapters) == {}
    person = replace(a_contact(f"5{1:05d}", email="right@haus.example"), company_id="100001")
    place = keys.contact("100001", person.id)
    adapters.table.write(holdings.save_master(place, holdings.contact_master(person)))
    adapters.table.write(mailboxes.list_contact(person))
    stage.staff("POST", "/api/staff/readiness", {"selection": {"filter": {}}})
    assert ask(stage)["sent"] == 1
    assert stage.mails()[-1]["To"] == "right@haus.example"


def test_a_complaint_stops_further_mail_and_leaves_the_request_asked(
    stage: Stage, adapters: Adapters
) -> None:
    a_company(adapters, 1)
    round_id = ask(stage)["id"]
    assert tell(stage, an_event("Complaint", round_id)) == []
    assert mailboxes.load(adapters.table, FACILITY).delivery is Delivery.COMPLAINED
    assert asked(adapters) == {f"5{1:05d}": round_id}


@pytest.mark.parametrize(
    ("kind", "state", "fate", "delivery"),
    [
        ("Send", "sent", "accepted", "ok"),
        ("Delivery", "sent", "delivered", "ok"),
        ("DeliveryDelay", "sent", "delayed", "ok"),
        ("Bounce Transient", "sent", "soft_bounced", "ok"),
        ("Bounce Undetermined", "sent", "undetermined", "ok"),
        ("Reject", "undeliverable", "rejected", "ok"),
        ("Rendering Failure", "undeliverable", "not_rendered", "ok"),
    ],
)
def test_other_events_tell_of_the_mail_only(
    stage: Stage, adapters: Adapters, kind: str, state: str, fate: str, delivery: str
) -> None:
    a_company(adapters, 1)
    round_id = ask(stage)["id"]
    assert tell(stage, an_event(kind, round_id)) == []
    found = row(adapters, round_id)
    assert (found.state.value, found.fate) == (state, Fate(fate))
    assert mailboxes.load(adapters.table, FACILITY).delivery.value == delivery
    assert bool(asked(adapters)) == (state == "sent")


def test_an_address_on_the_accounts_suppression_list_has_bounced(
    stage: Stage, adapters: Adapters
) -> None:
    a_company(adapters, 1)
    more: dict[str, Any] = {"bounce": {"bounceSubType": "OnAccountSuppressionList"}}
    assert tell(stage, an_event("Bounce Permanent", ask(stage)["id"], **more)) == []
    assert mailboxes.load(adapters.table, FACILITY).delivery is Delivery.BOUNCED


def test_a_delivery_never_takes_a_bounce_back(stage: Stage, adapters: Adapters) -> None:
    a_company(adapters, 1)
    round_id = ask(stage)["id"]
    tell(stage, an_event("Bounce Permanent", round_id), an_event("Delivery", round_id))
    assert row(adapters, round_id).fate is Fate.BOUNCED
    assert mailboxes.load(adapters.table, FACILITY).delivery is Delivery.BOUNCED


def a_mail_sent(adapters: Adapters, round_id: str, box: str) -> None:
    """The rows that planning and sending leave: outbox, link, and the mark on one contract."""
    contract = a_contract(round_id, company_id=round_id)
    master = holdings.contract_master(contract)
    adapters.table.write(holdings.save_master(keys.contract(round_id, round_id), master))
    request = Request(box, round_id, round_id, "5001", DUE, 1)
    sent = {"link": round_id, "message_id": "m", "attempts": 1}
    row = rounds.plan_mail(round_id, box, [request], state=MailState.SENT, at=NOW).put
    link = links.new(round_id, mailbox=box, company_id="1", round_id=round_id, expires_on=DUE)
    outbox = Write(put={**(row or {}), **sent})
    adapters.table.transact([outbox, link, marks.mark(request, contract, round_id, DUE)])


@given(
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=6),
    data=st.data(),
)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_order_and_number_of_events_do_not_matter(
    stage: Stage, adapters: Adapters, kinds: list[str], data: st.DataObject
) -> None:
    orders = [kinds, data.draw(st.permutations(kinds + data.draw(st.permutations(kinds))))]
    outcomes = []
    for order in orders:
        round_id = adapters.new_number()
        box = f"{round_id}@haus.example"
        a_mail_sent(adapters, round_id, box)
        assert tell(stage, *(an_event(kind, round_id, box) for kind in order)) == []
        found = row(adapters, round_id, box)
        post = mailboxes.load(adapters.table, box)
        contract = holdings.contracts(adapters.table, [(round_id, round_id)])
        link = links.load(adapters.table, found.link)
        assert link is not None
        outcomes.append(
            (
                found.state,
                found.fate,
                post.delivery,
                post.delivery_at,
                bool(contract[round_id].asked),
                link.revoked,
            )
        )
    assert outcomes[0] == outcomes[1]


def test_a_recorder_killed_between_any_two_calls_ends_the_same(
    stage: Stage, adapters: Adapters
) -> None:
    for call in range(30):
        box = f"box{call}@haus.example"
        numbers = a_company(adapters, call, box)
        round_id = ask(stage, {"ids": numbers})["id"]
        event = an_event("Bounce Permanent", round_id, box)
        with killed(call) as calls:
            tell(stage, event)
        assert tell(stage, event) == []
        assert row(adapters, round_id, box).fate is Fate.BOUNCED
        assert mailboxes.load(adapters.table, box).delivery is Delivery.BOUNCED
        contract = holdings.contracts(adapters.table, [(f"1{call:05d}", numbers[0])])
        assert contract[numbers[0]].asked == {}
        if "killed" not in calls:
            return
    raise AssertionError("the recorder never came to its end")


def test_an_event_without_tags_is_found_by_its_message_id(stage: Stage, adapters: Adapters) -> None:
    a_company(adapters, 1)
    round_id = ask(stage)["id"]
    event = an_event("Delivery", round_id, tagged=False)
    event["detail"]["mail"]["messageId"] = row(adapters, round_id).message_id
    assert tell(stage, event) == []
    assert row(adapters, round_id).fate is Fate.DELIVERED


def test_a_bare_event_and_a_display_name_are_understood(stage: Stage, adapters: Adapters) -> None:
    a_company(adapters, 1)
    round_id = ask(stage)["id"]
    detail = an_event("Delivery", round_id)["detail"]
    detail["mail"]["destination"] = [f"Haus <{FACILITY.upper()}>"]
    assert tell(stage, detail) == []
    detail["mail"]["destination"] = []
    assert tell(stage, detail) == []
    assert row(adapters, round_id).fate is Fate.DELIVERED


def test_a_bounce_of_another_recipient_is_not_held_against_this_one(
    stage: Stage, adapters: Adapters
) -> None:
    a_company(adapters, 1)
    round_id = ask(stage)["id"]
    event = an_event("Bounce Permanent", round_id)
    event["detail"]["mail"]["destination"].append("other@haus.example")
    event["detail"]["bounce"]["bouncedRecipients"] = [{"emailAddress": "other@haus.example"}]
    assert tell(stage, event) == []
    assert mailboxes.load(adapters.table, FACILITY).delivery is Delivery.OK


def test_an_event_before_sent_is_written_settles_the_row(stage: Stage, adapters: Adapters) -> None:
    a_company(adapters, 1)
    round_id = ask(stage)["id"]
    place = keys.mail(round_id, FACILITY)
    sending = {"s": MailState.SENDING.value}
    adapters.table.write(Write(key=place, update="SET #state = :s", values=sending))
    assert tell(stage, an_event("Send", round_id)) == []
    assert row(adapters, round_id).state is MailState.SENT


def broken(**changes: Any) -> dict[str, Any]:
    event = an_event("Send", "404")
    event["detail"] |= changes
    return event


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        "null",
        "{}",
        json.dumps({"detail": 5}),
        json.dumps(broken(eventType="Teleported")),
        json.dumps(broken(eventType=None)),
        json.dumps(broken(mail={})),
        json.dumps(broken(mail={"messageId": 5})),
        json.dumps(broken(mail={"messageId": "unknown"})),
        json.dumps(broken(eventType="Bounce", bounce=[])),
        json.dumps(an_event("Send", "404")),
        json.dumps(an_event("Send", "404", tagged=False)),
    ],
)
def test_what_is_not_ours_comes_back_until_it_is_a_dead_letter(
    stage: Stage, adapters: Adapters, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    a_company(adapters, 1)
    round_id = ask(stage)["id"]
    assert tell(stage, body, an_event("Delivery", round_id)) == [0]
    assert row(adapters, round_id).fate is Fate.DELIVERED
    reasons = [record.__dict__.get("reason") for record in caplog.records]
    assert any(reasons)


@pytest.mark.parametrize("kind", ["Open", "Click", "Subscription"])
def test_kinds_that_do_not_matter_are_taken_in_silence(stage: Stage, kind: str) -> None:
    assert tell(stage, an_event(kind, "404")) == []


@pytest.mark.parametrize("time", ["yesterday", "2026-11-23T09:00:00", 5, None])
def test_an_odd_time_harms_nothing(stage: Stage, adapters: Adapters, time: Any) -> None:
    a_company(adapters, 1)
    event = an_event("Bounce Permanent", ask(stage)["id"], bounce={"timestamp": time})
    assert tell(stage, event) == []
    assert mailboxes.load(adapters.table, FACILITY).delivery is Delivery.BOUNCED
