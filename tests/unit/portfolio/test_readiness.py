"""Portal Ready as a pure judgement: every reason, its weight, its words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.portfolio.contracts import (
    Contact,
    Contract,
    Delivery,
    PortalRights,
    ReadingChannel,
)
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.readiness import (
    TEXTS,
    Readiness,
    Reason,
    Weight,
    judge,
    stale_holder,
)
from meterportal.domain.portfolio.rights import DEALER_RIGHTS, resolve

from tests.support.builders import a_contact, a_contract, a_machine

TODAY = date(2026, 11, 23)
CLARA = "clara@muster.example"


def judged(
    contract: Contract | None = None,
    *people: Contact,
    posts: dict[str, Mailbox] | None = None,
    machines: list[Machine] | None = None,
    sending: bool = False,
) -> Readiness:
    contacts = {contact.id: contact for contact in people or (a_contact(),)}
    return judge(
        contract or a_contract(),
        contacts,
        posts or {},
        TODAY,
        machines=machines,
        sending=sending,
    )


def codes(found: Readiness) -> list[tuple[str, str | None, str]]:
    return [(reason.code, reason.contact_id, reason.weight.value) for reason in found.reasons]


def without_address(number: str, written: str = "", **fields: Any) -> Contact:
    return replace(a_contact(number, **fields), email=written, mailbox=None)


def test_a_contract_with_one_valid_reporter_is_ready() -> None:
    found = judged()
    assert found.ready
    assert [contact.id for contact in found.reporters] == ["5001"]
    assert found.reasons == ()


def test_only_the_portal_channel_takes_part() -> None:
    found = judged(a_contract(reading_channel=ReadingChannel.MPS))
    assert codes(found) == [("channel_not_portal", None, "error")]
    assert "MPS" in found.errors[0].text("de")


def test_a_contract_ends_with_its_last_day() -> None:
    assert judged(a_contract(ends_on=TODAY)).ready
    found = judged(a_contract(ends_on=date(2026, 10, 28)))
    assert codes(found) == [("contract_ended", None, "error")]
    assert "28.10.2026" in found.errors[0].text("de")
    assert "28 October 2026" in found.errors[0].text("en")


@pytest.mark.parametrize(
    "machines",
    [
        [],
        [replace(a_machine(), active=False)],
        [replace(a_machine(), meters=())],
        [replace(a_machine(), due_on=None)],
    ],
)
def test_nothing_to_report_is_known_only_where_machines_are(machines: list[Machine]) -> None:
    assert codes(judged(machines=machines)) == [("nothing_to_report", None, "error")]
    assert judged(machines=None).ready


def test_without_any_reporter_nobody_can_be_asked() -> None:
    found = judged(a_contract(reporters=()), a_contact(role="Einkauf"))
    assert codes(found) == [("no_reporter", None, "error")]


def test_the_role_reports_where_nobody_is_named_and_the_main_contact_where_no_role_is() -> None:
    contract = a_contract(reporters=())
    role = a_contact("5002", role="meter_reporting", email="role@muster.example")
    main = a_contact("5003", main=True, email="main@muster.example")
    assert [c.id for c in judged(contract, role, main).reporters] == ["5002"]
    assert [c.id for c in judged(contract, main).reporters] == ["5003"]


def test_an_unknown_or_inactive_named_reporter_is_an_error_and_triggers_no_fallback() -> None:
    deputy = a_contact("5002", role="meter_reporting", email="deputy@muster.example")
    unknown = judged(a_contract(reporters=("5999",)), deputy)
    assert codes(unknown) == [("reporter_unknown", "5999", "error")]
    inactive = judged(a_contract(), a_contact(active=False), deputy)
    assert codes(inactive) == [("reporter_inactive", "5001", "error")]
    assert inactive.reporters == ()


def test_a_faulty_named_reporter_beside_a_valid_one_makes_the_contract_not_ready() -> None:
    found = judged(a_contract(reporters=("5001", "5002")), a_contact(), without_address("5002"))
    assert codes(found) == [("email_missing", "5002", "error")]
    assert [contact.id for contact in found.reporters] == ["5001"]


def test_a_faulty_role_reporter_beside_a_valid_one_is_a_warning() -> None:
    role = {"role": "meter_reporting"}
    found = judged(a_contract(reporters=()), a_contact(**role), without_address("5002", **role))
    assert found.ready
    assert codes(found) == [("email_missing", "5002", "warning")]


def test_faulty_role_reporters_alone_are_errors() -> None:
    found = judged(a_contract(reporters=()), without_address("5002", role="meter_reporting"))
    assert codes(found) == [("email_missing", "5002", "error")]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("j.nguyen at firma.example", "„j.nguyen at firma.example“"),
        ("a@firma.example, b@firma.example", "mehrere E-Mail-Adressen in einem Feld"),
        ("a@firma.example;b@firma.example", "mehrere E-Mail-Adressen in einem Feld"),
        ("a@firma.example b@firma.example", "mehrere E-Mail-Adressen in einem Feld"),
        ("аnna@firma.example", "CYRILLIC SMALL LETTER A"),
        ("anna@fïrma.example@", "ungültig"),
    ],
)
def test_an_invalid_address_is_named_as_it_was_written(written: str, words: str) -> None:
    found = judged(None, without_address("5001", written))
    assert codes(found) == [("email_invalid", "5001", "error")]
    assert words in found.errors[0].text("de") or "mehrere" in found.errors[0].text("de")
    assert written in found.errors[0].text("en")


def test_the_same_address_at_two_contacts_of_a_company_names_both() -> None:
    found = judged(None, a_contact(), a_contact("5002", first_name="Anna"))
    assert codes(found) == [("email_doubled", "5001", "error")]
    text = found.errors[0].text("de")
    assert "5001 Clara Schäfer" in text
    assert "5002 Anna Schäfer" in text


def test_a_doubled_address_counts_only_where_a_reporter_is_one_of_the_two() -> None:
    others = [a_contact(n, email="info@muster.example") for n in ("5002", "5003")]
    assert judged(None, a_contact(), *others).ready


def test_a_deactivated_contact_doubles_nothing() -> None:
    assert judged(None, a_contact(), a_contact("5002", active=False)).ready


@pytest.mark.parametrize(
    ("delivery", "code"),
    [(Delivery.BOUNCED, "email_bounced"), (Delivery.COMPLAINED, "email_complained")],
)
def test_an_address_that_failed_is_not_ready(delivery: Delivery, code: str) -> None:
    found = judged(posts={CLARA: Mailbox(CLARA, delivery=delivery)})
    assert codes(found) == [(code, "5001", "error")]


def test_the_same_address_at_another_company_is_information() -> None:
    listed = frozenset({("10000", "5001"), ("10007", "5050"), ("10014", "5060")})
    found = judged(posts={CLARA: Mailbox(CLARA, listed=listed)})
    assert found.ready
    assert codes(found) == [("email_elsewhere", "5001", "info")]
    assert "10007, 10014" in found.notes[0].text("en")


def test_sending_needs_rights_and_the_claim_on_the_address() -> None:
    claimed = {CLARA: Mailbox(CLARA, claims={"10000": "5001"})}
    assert judged(posts=claimed, sending=True).ready
    assert codes(judged(sending=True)) == [("rights_missing", "5001", "error")]
    none = a_contact(rights=None)
    assert codes(judged(None, none, posts=claimed, sending=True))[0][0] == "rights_missing"
    assert judged(None, none).ready


def test_a_right_taken_away_is_never_given_back_by_a_run() -> None:
    found = judged(None, a_contact(rights=PortalRights(readings=False, machines=True)))
    assert codes(found) == [("rights_missing", "5001", "error")]


def test_rights_follow_the_narrowest_decision() -> None:
    company, contact = PortalRights(readings=True), PortalRights(machines=True)
    assert resolve() == DEALER_RIGHTS
    assert resolve(company=company) == company
    assert resolve(company=company, contact=contact) == contact


def test_a_claim_is_stale_when_its_holder_no_longer_stands_at_the_address() -> None:
    clara, post = a_contact(), Mailbox(CLARA, claims={"10000": "5002"})
    moved = a_contact("5002", email="new@muster.example")
    assert stale_holder(clara, {"5001": clara, "5002": moved}, post) == "5002"
    assert stale_holder(clara, {"5001": clara}, post) == "5002"
    assert stale_holder(clara, {"5001": clara, "5002": a_contact("5002")}, post) is None
    assert stale_holder(clara, {"5001": clara}, Mailbox(CLARA, claims={"10000": "5001"})) is None


def test_every_reason_has_words_in_both_languages() -> None:
    facts = dict.fromkeys(
        ("channel", "contact", "name", "email", "letters", "people", "companies"), "x"
    )
    days = {"ended_on": "2026-11-28", "due_on": "2026-11-28"}
    for key in TEXTS:
        code, _, kind = key.partition(".")
        reason = Reason(code, facts=facts | days | ({"kind": kind} if kind else {}))
        assert reason.text("de") != reason.text("en")
    assert {weight.value for weight in Weight} == {"error", "warning", "info"}
