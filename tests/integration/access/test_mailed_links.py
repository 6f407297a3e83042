"""Staff send a contact a new link: to the address on file, once per request, refused where it is of no use."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Contact, Delivery, PortalRights
from meterportal.store.access import mailboxes

from tests.support.builders import a_contact, a_holding, a_link, settle
from tests.support.customers import CLARA, open_by, save_contact, second_company
from tests.support.faults import failing, refused
from tests.support.requesting import recipients, text_of, token_of
from tests.support.stage import Answer, Stage
from tests.support.wire import counted

LINKS = "/api/staff/contacts/{}/links"


def send(stage: Stage, contact: str = "5001", key: str = "", **more: Any) -> Answer:
    headers = {"idempotency-key": key} if key else {}
    return stage.staff("POST", LINKS.format(contact), groups="remind", headers=headers, **more)


def actions(stage: Stage) -> list[str]:
    entries = stage.staff("GET", "/api/staff/audit").json["entries"]
    return [one["action"] for one in entries]


def test_it_goes_to_the_address_on_file_and_the_earlier_one_opens_too(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    earlier = a_link(adapters)
    told = send(stage)
    assert (told.status, told.json) == (202, {"contact_id": "5001", "to": CLARA})
    stage.drain()
    (mail,) = stage.mails()
    assert mail["To"] == CLARA
    assert "hier ist Ihr neuer Link" in text_of(mail)
    assert open_by(stage, token_of(mail)).status == 201
    assert open_by(stage, earlier).status == 201
    (entry,) = stage.staff("GET", "/api/staff/audit").json["entries"]
    assert (entry["action"], entry["contact"]["id"]) == ("link_sent", "5001")


def test_it_opens_the_company_from_which_it_was_sent(stage: Stage, adapters: Adapters) -> None:
    other = second_company(adapters)
    settle(adapters)
    (theirs,) = (one for one in other.contacts.values() if one.mailbox == CLARA)
    for contact, company in ((theirs.id, other.company.id), ("5001", "10000")):
        assert send(stage, contact).status == 202
        stage.drain()
        assert open_by(stage, token_of(stage.mails()[-1])).json["company"]["id"] == company


def test_after_a_revocation_only_the_new_one_opens(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    earlier = a_link(adapters)
    assert stage.staff("POST", LINKS.format("5001") + "/revoke").status == 200
    assert send(stage).status == 202
    stage.drain()
    assert open_by(stage, earlier).json["code"] == "link_expired"
    assert open_by(stage, token_of(stage.mails()[-1])).status == 201


def test_the_same_request_sends_one_mail_and_stands_once_in_the_journal(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    with failing("SendMessageBatch", refused("ServiceUnavailable", 503)):
        assert send(stage, key="one").status == 503
    assert [send(stage, key="one").status for _ in range(2)] == [202, 202]
    stage.drain()
    assert recipients(stage.mails()) == [CLARA]
    assert actions(stage) == ["link_sent"]
    assert send(stage, key="two").status == 202
    stage.drain()
    assert recipients(stage.mails()) == [CLARA, CLARA]


def test_a_key_of_another_person_s_link_is_refused(stage: Stage, adapters: Adapters) -> None:
    people = [a_contact(), a_contact("5002", email="boris@muster.example")]
    settle(adapters, a_holding(contacts=people))
    assert send(stage, key="one").status == 202
    assert send(stage, "5002", key="one").json["code"] == "idempotency_key_reused"


@pytest.mark.parametrize("state", [Delivery.BOUNCED, Delivery.COMPLAINED])
def test_a_blocked_address_is_refused_in_words(
    stage: Stage, adapters: Adapters, state: Delivery
) -> None:
    settle(adapters)
    failed = mailboxes.note_failure(CLARA, state, at="2026-11-20T00:00:00.000+00:00")
    adapters.table.write(failed)
    told = send(stage)
    assert (told.status, told.json["code"]) == (409, "address_blocked")
    assert "heben Sie die Sperre auf" in told.json["detail"]
    stage.drain()
    assert (recipients(stage.mails()), actions(stage)) == ([], [])


NOTHING = PortalRights(readings=False, machines=False)


@pytest.mark.parametrize(
    "person",
    [a_contact(rights=None), a_contact(rights=NOTHING), a_contact(active=False)],
    ids=["never given", "taken away", "left"],
)
def test_without_rights_it_is_refused_in_words(
    stage: Stage, adapters: Adapters, person: Contact
) -> None:
    settle(adapters, a_holding(contacts=[person]))
    told = send(stage)
    assert (told.status, told.json["code"]) == (409, "no_portal_rights")
    assert "Portal Ready" in told.json["detail"]
    assert actions(stage) == []


def test_an_address_that_stands_for_a_colleague_is_refused(
    stage: Stage, adapters: Adapters
) -> None:
    other = a_contact("5002", email="boris@muster.example")
    settle(adapters, a_holding(contacts=[a_contact(), other]))
    save_contact(adapters, replace(other, email=CLARA, mailbox=CLARA))
    assert send(stage, "5002").json["code"] == "no_portal_rights"
    assert send(stage).status == 202


def test_whoever_leaves_before_it_is_sent_gets_none(stage: Stage, adapters: Adapters) -> None:
    held = settle(adapters)
    assert send(stage).status == 202
    save_contact(adapters, replace(held.contacts["5001"], active=False))
    stage.drain()
    assert recipients(stage.mails()) == []


def test_it_is_for_who_may_remind_and_for_people_with_an_address(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters, a_holding(contacts=[a_contact(), a_contact("5002", email="")]))
    assert stage.staff("POST", LINKS.format("5001"), groups="read").status == 403
    assert send(stage, "9999").status == 404
    assert send(stage, "5002").json["code"] == "no_address"


def test_the_fourth_within_an_hour_is_refused_and_the_person_can_still_ask_for_one(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    assert [send(stage).status for _ in range(3)] == [202, 202, 202]
    told = send(stage)
    assert (told.status, told.json["code"]) == (409, "enough_links")
    stage.drain()
    assert stage.customer("POST", "/api/links", {"email": CLARA}).status == 202
    stage.drain()
    assert len(recipients(stage.mails())) == 4


def test_it_reads_three_rows_and_writes_once(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    with counted(adapters.table._client, adapters.queues._client) as calls:
        assert send(stage).status == 202
    assert calls == {
        "dynamodb.GetItem": 1,
        "dynamodb.BatchGetItem": 2,
        "dynamodb.TransactWriteItems": 1,
        "sqs.SendMessageBatch": 1,
    }
