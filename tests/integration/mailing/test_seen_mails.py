"""Staff see what became of the newest mail to a contact, and the mail itself, without what opens the portal."""

from __future__ import annotations

from typing import Any

from meterportal.adapters import Adapters
from meterportal.store import keys

from tests.support.builders import a_contact, a_holding, settle
from tests.support.customers import CLARA
from tests.support.requesting import an_event, ask, code_of, text_of, token_of, work
from tests.support.stage import Stage


def card(stage: Stage) -> Any:
    (one,) = stage.staff("GET", "/api/staff/companies/10000").json["contacts"]
    return one


def test_the_card_says_what_became_of_the_newest_mail(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    assert card(stage)["mail"] is None
    round_id = ask(stage)["id"]
    told = card(stage)["mail"]
    assert told.pop("planned_at").startswith("2026-11-23T09:0")
    assert told == {"round_id": round_id, "on": "2026-11-23", "state": "sent", "fate": None}
    work(stage, "record_mail_events", an_event("Delivery", round_id, CLARA))
    assert card(stage)["mail"]["fate"] == "delivered"


def test_the_mail_is_shown_as_it_was_but_opens_nothing(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    round_id = ask(stage)["id"]
    (sent,) = stage.mails()
    told = stage.staff("GET", f"/api/staff/contacts/5001/mails/{round_id}", groups="read")
    assert told.status == 200, told.text
    assert (told.json["to"], told.json["subject"]) == (CLARA, str(sent["Subject"]))
    assert (told.json["state"], told.json["contract_ids"]) == ("sent", ["70001"])
    for secret in (token_of(sent), code_of(sent), "#t="):
        assert secret not in told.text
    theirs = [line for line in text_of(sent).splitlines() if "SN200001" in line]
    assert theirs
    assert all(line in told.json["text"] for line in theirs)


def test_a_mail_of_which_nothing_is_left_still_tells_what_is_known(
    stage: Stage, adapters: Adapters
) -> None:
    held = settle(adapters)
    round_id = ask(stage)["id"]
    for number in held.machines:
        pk, sk = keys.machine("10000", number)
        adapters.table.batch_write(deletes=[(pk, sk)])
    told = stage.staff("GET", f"/api/staff/contacts/5001/mails/{round_id}").json
    assert (told["state"], told["subject"], told["text"]) == ("sent", None, None)


def test_mails_of_others_and_unknown_ones_are_one_404(stage: Stage, adapters: Adapters) -> None:
    people = [a_contact(), a_contact("5002", email="erik@muster.example"), a_contact("5003", email="")]  # fmt: skip
    settle(adapters, a_holding(contacts=people))
    round_id = ask(stage)["id"]
    for contact, number in (("5002", round_id), ("5003", round_id), ("5001", "x"), ("9", round_id)):
        path = f"/api/staff/contacts/{contact}/mails/{number}"
        assert stage.staff("GET", path).status == 404
