"""docs/mail-events.md line by line: each event comes in by the queue, what is stored is what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from meterportal.adapters import Adapters
from meterportal.domain.mailing.mail_events import ANY, TABLE, meaning
from meterportal.domain.mailing.mails import Fate, MailState, OutboxMail
from meterportal.domain.portfolio.contracts import Delivery
from meterportal.store import keys
from meterportal.store.access import links, mailboxes
from meterportal.store.mailing import rounds
from meterportal.store.portfolio import holdings

from infra.local.template import ROOT
from tests.integration.mailing.test_mail_events import a_mail_sent
from tests.support.builders import a_contact, a_holding, a_link, settle
from tests.support.customers import CLARA, open_by, refused
from tests.support.requesting import a_company, an_event, ask, token_of, work
from tests.support.stage import Stage

NAMED = {
    "Bounce": ("bounce", "bounceType", "bounceSubType", "bouncedRecipients"),
    "Complaint": ("complaint", "complaintFeedbackType", "complaintSubType", "complainedRecipients"),
    "DeliveryDelay": ("deliveryDelay", "delayType", "", "delayedRecipients"),
    "Reject": ("reject", "reason", "", ""),
}


@dataclass(frozen=True)
class Line:
    """A line of the document."""

    event: str
    kind: str
    subtype: str
    mail: str
    mailbox: str
    link: str
    round: str

    @property
    def name(self) -> str:
        return f"{self.event}/{self.kind}/{self.subtype}"

    @property
    def outcome(self) -> tuple[str, str, str, str]:
        return self.mail, self.mailbox, self.link, self.round


def documented() -> list[Line]:
    text = (ROOT / "docs" / "mail-events.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [Line(*(cell.strip() for cell in row)) for row in rows[2:]]


LINES = documented()
WEIGHED = [line for line in LINES if line.mail != "-"]
OUTCOMES = list({line.outcome: line for line in WEIGHED}.values())
"""One line for each thing that can happen."""


def told(line: Line, round_id: str, box: str, *, other: str = "Unheard of") -> dict[str, Any]:
    """The event of a line as EventBridge brings it; what the line leaves open is `other`."""
    event = an_event(line.event, round_id, box)
    if line.event in NAMED:
        place, kind, subtype, recipients = NAMED[line.event]
        about = event["detail"].setdefault(place, {"timestamp": "2026-11-23T09:05:00.000Z"})
        about[kind] = other if line.kind == ANY else line.kind
        if subtype:
            about[subtype] = other if line.subtype == ANY else line.subtype
        if recipients:
            about[recipients] = [{"emailAddress": box}]
    return event


def stored(
    adapters: Adapters, round_id: str, box: str
) -> tuple[OutboxMail, tuple[str, str, str, str]]:
    """The mail, and what the document would say of what is stored."""
    mail = rounds.mail(adapters.table, round_id, box)
    link = links.load(adapters.table, round_id)
    assert mail is not None
    assert link is not None
    post = mailboxes.load(adapters.table, box).delivery
    asked = holdings.contracts(adapters.table, [(round_id, round_id)])[round_id].asked
    gone = "again" if mail.state is MailState.UNDELIVERABLE else "forgotten"
    return mail, (
        mail.fate.value if mail.fate else "stays",
        "stays" if post is Delivery.OK else post.value,
        "ends" if link.revoked else "stays",
        "asked" if asked else gone,
    )


def after(stage: Stage, adapters: Adapters, *lines: Line, **more: Any) -> tuple[str, str, str, str]:
    """What is stored when these events have come in for one mail, in this order."""
    round_id = adapters.new_number()
    box = f"{round_id}@haus.example"
    a_mail_sent(adapters, round_id, box)
    for line in lines:
        assert work(stage, "record_mail_events", told(line, round_id, box, **more)) == []
    return stored(adapters, round_id, box)[1]


def test_the_document_has_every_line_of_the_table() -> None:
    said = [(line.event, line.kind, line.subtype) for line in LINES]
    assert said == [(row.event, row.kind, row.subtype) for row in TABLE]
    assert len(set(said)) == len(said)
    text = (ROOT / "docs" / "mail-events.md").read_text(encoding="utf-8")
    assert ", ".join(Fate) in text.replace("\n  ", " ")


def test_every_event_does_what_its_line_says(stage: Stage, adapters: Adapters) -> None:
    """Also where a type or subtype is none that SES has documented, or there is none."""
    wrong = [
        (line.name, other, found)
        for line in WEIGHED
        for other in (("Unheard of", "") if ANY in (line.kind, line.subtype) else ("",))
        if (found := after(stage, adapters, line, other=other)) != line.outcome
    ]
    assert wrong == []


def test_an_event_that_means_nothing_is_taken_for_any_mail(stage: Stage) -> None:
    silent = [line for line in LINES if line.mail == "-"]
    assert {line.event for line in silent} == {"Open", "Click", "Subscription"}
    for line in silent:
        assert work(stage, "record_mail_events", told(line, "404", "x@haus.example")) == []


def test_names_count_in_any_case_and_old_notifications_like_events(
    stage: Stage, adapters: Adapters
) -> None:
    for line in WEIGHED:
        row = meaning(line.event.upper(), line.kind.upper(), line.subtype.upper())
        assert row == meaning(line.event, line.kind, line.subtype)
    round_id = adapters.new_number()
    a_mail_sent(adapters, round_id, "x@haus.example")
    line = next(one for one in LINES if one.name == "Bounce/Permanent/NoEmail")
    event = told(line, round_id, "x@haus.example")["detail"]
    event["notificationType"] = event.pop("eventType")
    assert work(stage, "record_mail_events", event) == []
    assert stored(adapters, round_id, "x@haus.example")[1] == line.outcome


def test_the_order_of_two_events_makes_no_difference(stage: Stage, adapters: Adapters) -> None:
    """The heavier fate stays, a mailbox that closed stays closed, what ended stays ended."""
    wrong = []
    for first, second in product(OUTCOMES, OUTCOMES):
        expected = (
            max((first.mail, second.mail), key=_weight),
            max((first.mailbox, second.mailbox), key=_closing.index),
            "ends" if "ends" in (first.link, second.link) else "stays",
        )
        found = after(stage, adapters, first, second)
        asked = first.round == second.round == "asked"
        if found[:3] != expected or (found[3] == "asked") != asked:
            wrong.append((first.name, second.name, found))
    assert wrong == []


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_number_of_events_in_any_order_ends_in_one_state(
    stage: Stage, adapters: Adapters, data: st.DataObject
) -> None:
    """Whole lives of a mail: what counts is which events came."""
    came = data.draw(st.lists(st.sampled_from(WEIGHED), min_size=3, max_size=6))
    other = data.draw(st.permutations(came))
    again = data.draw(st.lists(st.sampled_from(came), max_size=3))
    found = after(stage, adapters, *came)
    assert after(stage, adapters, *other, *again) == found
    assert found[0] == max((line.mail for line in came), key=_weight)
    assert found[1] == max((line.mailbox for line in came), key=_closing.index)


_closing = ["stays", "bounced", "complained"]


def _weight(mail: str) -> int:
    return list(Fate).index(Fate(mail)) if mail != "stays" else -1


def test_the_table_knows_each_fate_and_weighs_as_it_is_written() -> None:
    shown = {row.effect.fate for row in TABLE if row.effect and row.effect.fate}
    assert shown == set(Fate)
    for lighter, heavier in pairwise(Fate):
        assert lighter in heavier.outweighed
        assert heavier not in lighter.outweighed


# the cases that people met


def test_who_takes_our_mail_out_of_the_spam_folder_keeps_link_mailbox_and_readiness(
    stage: Stage, adapters: Adapters
) -> None:
    (number,) = a_company(adapters, 1, CLARA)
    round_id = ask(stage)["id"]
    token = token_of(stage.mails()[0])
    event = {
        "eventType": "Complaint",
        "complaint": {
            "complainedRecipients": [{"emailAddress": CLARA}],
            "complaintFeedbackType": "not-spam",
            "timestamp": "2026-11-28T03:00:00.000Z",
        },
        "mail": an_event("Delivery", round_id, CLARA)["detail"]["mail"],
    }
    assert work(stage, "record_mail_events", json.dumps(event)) == []
    assert open_by(stage, token).status == 201
    shown = stage.staff("GET", f"/api/staff/rounds/{round_id}").json["mails"][0]
    assert (shown["state"], shown["delivery"]) == ("sent", None)
    checked = stage.staff("POST", "/api/staff/readiness", {"selection": {"ids": [number]}}).json
    assert checked["ready"] == [number]


@pytest.mark.parametrize("order", [("Delivery", "Bounce Transient"), ("Bounce Transient", "Send")])
def test_an_automatic_reply_is_no_failure_of_a_mail_that_was_delivered(
    stage: Stage, adapters: Adapters, order: tuple[str, ...]
) -> None:
    a_company(adapters, 1, CLARA)
    round_id = ask(stage)["id"]
    for kind in (*order, "Delivery"):
        assert work(stage, "record_mail_events", an_event(kind, round_id, CLARA)) == []
    shown = stage.staff("GET", f"/api/staff/rounds/{round_id}").json
    assert (shown["mails"][0]["delivery"], shown["bounced"]) == ("delivered", 0)
    assert open_by(stage, token_of(stage.mails()[0])).status == 201


def test_a_row_of_an_earlier_release_is_weighed_by_its_fate(
    stage: Stage, adapters: Adapters
) -> None:
    """Earlier releases noted a rank beside the fate, by another order."""
    round_id = adapters.new_number()
    box = f"{round_id}@haus.example"
    a_mail_sent(adapters, round_id, box)
    place = keys.mail(round_id, box)
    item = adapters.table.get(*place)
    adapters.table.batch_write(puts=[{**(item or {}), "fate": "soft_bounced", "rank": 4}])
    line = next(one for one in LINES if one.event == "Delivery")
    work(stage, "record_mail_events", told(line, round_id, box))
    assert stored(adapters, round_id, box)[0].fate is Fate.DELIVERED


def test_mail_that_a_suppression_list_held_back_leaves_the_contract_to_be_asked_again(
    stage: Stage, adapters: Adapters
) -> None:
    """Nobody has read it: unlike a complaint, after which the request stands."""
    settle(adapters, a_holding(contacts=[a_contact()]))
    round_id = ask(stage)["id"]
    token = token_of(stage.mails()[0])
    line = next(
        one for one in LINES if one.subtype == "OnAccountSuppressionList" and one.kind == ANY
    )
    assert work(stage, "record_mail_events", told(line, round_id, CLARA)) == []
    assert refused(stage, token)["code"] == "link_expired"
    assert open_by(stage, a_link(adapters)).status == 401
    contract = holdings.contracts(adapters.table, [("10000", "70001")])["70001"]
    assert contract.asked == {}
