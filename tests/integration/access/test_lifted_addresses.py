"""Staff lift the block of an address with a reason: the portal and SES write to it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Delivery
from meterportal.store.access import mailboxes
from meterportal.store.writes import ConditionFailed

from tests.support import suppressed
from tests.support.builders import a_contact, a_holding, a_link, settle
from tests.support.customers import CLARA, open_by, second_company
from tests.support.faults import failing, refused
from tests.support.requesting import an_event, ask, token_of, work
from tests.support.stage import Answer, Stage

LIFT = "/api/staff/contacts/5001/lift"


def bounced(stage: Stage, adapters: Adapters, event: str = "Bounce Permanent") -> str:
    """The round whose mail bounced."""
    settle(adapters)
    round_id: str = ask(stage)["id"]
    assert work(stage, "record_mail_events", an_event(event, round_id, CLARA)) == []
    suppressed.hold_back(CLARA)
    assert open_by(stage, a_link(adapters)).status == 401
    return round_id


def lift(stage: Stage, delivery: str = "bounced", **more: Any) -> Answer:
    body = {"reason": "Postfach war voll", "delivery": delivery} | more
    return stage.staff("POST", LIFT, body, groups="remind")


def test_an_address_that_bounced_is_written_to_again(stage: Stage, adapters: Adapters) -> None:
    bounced(stage, adapters)
    told = lift(stage, reason=" Postfach\u200b war voll ")
    assert told.status == 200, told.text
    assert (told.json["delivery"], told.json["delivery_at"]) == ("ok", None)
    assert told.json["lifted"]["reason"] == "Postfach war voll"
    assert not suppressed.ON_LIST.holds(CLARA)
    assert mailboxes.unreachable(adapters.table) == frozenset()
    ask(stage)
    mail = stage.mails()[-1]
    assert mail["To"] == CLARA
    assert open_by(stage, token_of(mail)).status == 201
    entry = stage.staff("GET", "/api/staff/audit").json["entries"][1]
    assert (entry["action"], entry["contact"]["id"]) == ("address_lifted", "5001")
    assert entry["changes"] == [{"field": "delivery", "before": "bounced", "after": "ok"}]


def test_a_complaint_is_lifted_as_what_it_is(stage: Stage, adapters: Adapters) -> None:
    bounced(stage, adapters, "Complaint")
    stale = lift(stage, "bounced")
    assert (stale.status, stale.json["field"]) == (412, "delivery")
    assert suppressed.ON_LIST.holds(CLARA)
    assert lift(stage, "complained").json["delivery"] == "ok"


def test_what_happened_before_does_not_block_the_address_again(
    stage: Stage, adapters: Adapters
) -> None:
    bounced(stage, adapters)
    lift(stage)
    before = "2026-11-23T08:59:59.999+00:00"
    with pytest.raises(ConditionFailed):
        adapters.table.write(mailboxes.note_failure(CLARA, Delivery.BOUNCED, at=before))
    assert mailboxes.load(adapters.table, CLARA).delivery is Delivery.OK
    later = mailboxes.note_failure(CLARA, Delivery.BOUNCED, at="2027-01-01T00:00:00.000+00:00")
    adapters.table.write(later)
    assert mailboxes.load(adapters.table, CLARA).delivery is Delivery.BOUNCED


def test_lifted_twice_it_is_lifted_once(stage: Stage, adapters: Adapters) -> None:
    bounced(stage, adapters)
    assert [lift(stage).status for _ in range(2)] == [200, 200]
    entries = stage.staff("GET", "/api/staff/audit").json["entries"]
    assert [one["action"] for one in entries].count("address_lifted") == 1


def test_without_ses_nothing_is_lifted(stage: Stage, adapters: Adapters) -> None:
    bounced(stage, adapters)
    with failing("DeleteSuppressedDestination", refused("TooManyRequestsException", 429)):
        assert lift(stage).status == 503
    assert mailboxes.load(adapters.table, CLARA).delivery is Delivery.BOUNCED
    assert lift(stage).status == 200


def looked_up(stage: Stage, **more: Any) -> Answer:
    path = "/api/staff/contacts/5001/suppression"
    return stage.staff("GET", path, **({"groups": "read"} | more))


@pytest.mark.parametrize("reason", ["bounce", "complaint"])
def test_staff_see_whether_ses_holds_mail_back_since_when_and_why(
    stage: Stage, adapters: Adapters, reason: str
) -> None:
    settle(adapters)
    suppressed.ON_LIST.take_off(CLARA)
    assert looked_up(stage).json == {"address": CLARA, "held_back": None}
    suppressed.hold_back(CLARA, complained=reason == "complaint")
    told = looked_up(stage).json
    assert (told["address"], told["held_back"]["reason"]) == (CLARA, reason)
    listed = suppressed.ON_LIST.listed(CLARA)
    assert listed is not None
    since = datetime.fromisoformat(told["held_back"]["since"])
    assert since == listed.since.replace(microsecond=listed.since.microsecond // 1000 * 1000)
    suppressed.ON_LIST.take_off(CLARA)


def test_what_is_lifted_reads_as_lifted_at_ses(stage: Stage, adapters: Adapters) -> None:
    bounced(stage, adapters)
    assert looked_up(stage).json["held_back"]["reason"] == "bounce"
    lift(stage)
    assert looked_up(stage).json["held_back"] is None


def test_when_ses_does_not_say_it_is_asked_again(stage: Stage, adapters: Adapters) -> None:
    bounced(stage, adapters)
    with failing("GetSuppressedDestination", refused("TooManyRequestsException", 429)):
        told = looked_up(stage)
    assert (told.status, told.json["code"]) == (503, "unavailable")
    assert looked_up(stage).json["held_back"] is not None
    lift(stage)


def test_mail_that_ses_held_back_says_so_and_the_list_of_ses_agrees(
    stage: Stage, adapters: Adapters
) -> None:
    """An address may stand on the list for mail that another system sent."""
    settle(adapters)
    round_id: str = ask(stage)["id"]
    suppressed.hold_back(CLARA, complained=True)
    more: dict[str, Any] = {"bounce": {"bounceSubType": "OnAccountSuppressionList"}}
    event = an_event("Bounce Permanent", round_id, CLARA, **more)
    assert work(stage, "record_mail_events", event) == []
    (mail,) = stage.staff("GET", f"/api/staff/rounds/{round_id}").json["mails"]
    assert mail["delivery"] == "suppressed"
    assert looked_up(stage).json["held_back"]["reason"] == "complaint"
    assert lift(stage).status == 200
    assert looked_up(stage).json["held_back"] is None


def test_it_counts_at_the_other_companies_of_the_address(stage: Stage, adapters: Adapters) -> None:
    second_company(adapters)
    bounced(stage, adapters)
    lift(stage)
    (other,) = stage.staff("GET", "/api/staff/companies/10007").json["contacts"]
    assert other["delivery"] == "ok"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"reason": " \u200b "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"reason": None}, "reason"),
        ({"delivery": "ok"}, "delivery"),
    ],
)
def test_bad_input_is_refused(
    stage: Stage, adapters: Adapters, fields: dict[str, Any], field: str
) -> None:
    settle(adapters)
    told = stage.staff("POST", LIFT, {"reason": "Weil", "delivery": "bounced"} | fields)
    assert (told.status, told.json["field"]) == (422, field)


def test_rights_unknown_contacts_and_those_without_an_address(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters, a_holding(contacts=[a_contact(), a_contact("5002", email="")]))
    body = {"reason": "Weil", "delivery": "bounced"}
    for groups in ("read", "release"):
        assert stage.staff("POST", LIFT, body, groups=groups).status == 403
    for number in ("5002", "5999", "x" * 65):
        assert stage.staff("POST", LIFT.replace("5001", number), body).status == 404
        seen = LIFT.replace("5001", number).replace("lift", "suppression")
        assert stage.staff("GET", seen).status == 404
    assert looked_up(stage, groups="").status == 403
