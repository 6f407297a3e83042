"""The planner as a pure function: who is asked for what, who is left out and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.mailing.mails import Fate, MailState, OutboxMail, masked, totals
from meterportal.domain.mailing.requests import (
    Request,
    RoundPlan,
    Terms,
    consider,
    in_order,
    keeps_its_mark,
    may_be_due,
    still_wanted,
)
from meterportal.domain.mailing.schedules import OwnTerms, first
from meterportal.domain.portfolio.contracts import Contact, Contract, Delivery, ReadingChannel
from meterportal.domain.portfolio.machines import Effective, Machine
from meterportal.domain.portfolio.progress import PeriodState, progress, still_open
from meterportal.domain.reporting.readings import Reading, ReadingState

from tests.support.builders import DUE, a_contact, a_contract, a_machine, a_meter

TODAY = date(2026, 11, 23)
TERMS = Terms("round1", TODAY, first(14, (), 20))
SELECTED = replace(TERMS, as_selected=True)
CLARA = "clara@muster.example"
POSTS = {CLARA: Mailbox(CLARA, claims={"10000": "5001"})}


def planned(
    contract: Contract,
    machines: Sequence[Machine] | None = None,
    *,
    terms: Terms = TERMS,
    people: Sequence[Contact] | None = None,
    posts: dict[str, Mailbox] | None = None,
) -> RoundPlan:
    plan = RoundPlan()
    contacts = {c.id: c for c in ([a_contact()] if people is None else people)}
    devices = [a_machine()] if machines is None else machines
    consider(plan, contract, contacts, devices, POSTS if posts is None else posts, terms)
    return plan


def left_out(plan: RoundPlan) -> list[str]:
    return [reason.code for reasons in plan.left_out.values() for reason in reasons]


def reported(machine: Machine, *meters: str, **fields: Any) -> Machine:
    given: dict[str, Any] = {"due_on": DUE, "value": 11_000, "read_on": TODAY} | fields
    return replace(machine, readings=tuple(Reading(meter_id=m, **given) for m in meters))


def due(day: date, **fields: Any) -> Contract:
    return a_contract(next_billing_on=day, **fields)


@pytest.mark.parametrize(
    ("day", "asked"),
    [
        (TODAY + timedelta(days=14), True),
        (TODAY + timedelta(days=15), False),
        (TODAY - timedelta(days=400), True),
    ],
)
def test_due_is_what_falls_within_the_lead_days_overdue_included(day: date, asked: bool) -> None:
    plan = planned(due(day), [a_machine(due_on=day, meters=(a_meter(last_value=None),))])
    assert bool(plan.requests) is asked
    assert plan.not_due == (0 if asked else 1)
    assert not plan.left_out


@pytest.mark.parametrize(
    "contract",
    [
        a_contract(reading_channel=ReadingChannel.TECHNICIAN),
        a_contract(ends_on=date(2026, 10, 28)),
        a_contract(next_billing_on=None, ends_on=None),
    ],
)
def test_what_takes_no_part_is_silently_no_part_of_a_filter(contract: Contract) -> None:
    plan = planned(contract)
    assert (plan.requests, plan.left_out, plan.not_due) == ([], {}, 1)


def test_a_selection_by_number_is_asked_due_or_not_and_answers_for_every_contract() -> None:
    far = date(2027, 8, 28)
    assert planned(due(far), [a_machine(due_on=far)], terms=SELECTED).requests
    other = planned(a_contract(reading_channel=ReadingChannel.MPS), terms=SELECTED)
    assert left_out(other) == ["channel_not_portal"]
    nothing = planned(a_contract(next_billing_on=None, ends_on=None), [], terms=SELECTED)
    assert left_out(nothing) == ["nothing_to_report"]


@pytest.mark.parametrize(("own", "asked"), [(14, True), (3, False), (None, True)])
def test_a_contract_s_own_lead_days_stand_over_the_dealer_s(own: int | None, asked: bool) -> None:
    contract = a_contract(next_billing_on=TODAY + timedelta(days=14))
    schedule = replace(TERMS.schedule, contracts={contract.id: OwnTerms(own)})
    assert may_be_due(contract, replace(TERMS, schedule=schedule)) == asked


def test_a_due_day_takes_the_place_of_the_lead_days() -> None:
    later = date(2026, 12, 28)
    machine = a_machine(due_on=later)
    assert planned(due(later), [machine], terms=replace(TERMS, due_by=later)).requests
    early = replace(TERMS, due_by=date(2026, 11, 27))
    assert planned(a_contract(), terms=early).not_due == 1
    assert left_out(planned(a_contract(), terms=replace(early, as_selected=True))) == ["not_due"]


def test_complete_machines_are_not_listed_and_a_complete_contract_is_left_out() -> None:
    done = reported(a_machine("200001"), "1", "2")
    assert planned(a_contract(), [done, a_machine("200002")]).requests[0].machines == 1
    assert left_out(planned(a_contract(), [done])) == ["already_reported"]


def test_one_missing_meter_keeps_a_machine_on_the_list() -> None:
    assert planned(a_contract(), [reported(a_machine(), "1")]).requests[0].machines == 1


@pytest.mark.parametrize(("days", "asked"), [(20, False), (21, True)])
def test_a_reading_within_the_grace_days_counts_for_the_period(days: int, asked: bool) -> None:
    read_on = DUE - timedelta(days=days)
    effective = a_meter(history=(Effective(read_on, 10_000),))
    assert still_open(a_machine(meters=(effective,)), TERMS.schedule.grace_days_of) is asked
    told = reported(
        a_machine(meters=(a_meter(),)), "1", due_on=DUE - timedelta(days=31), read_on=read_on
    )
    assert still_open(told, TERMS.schedule.grace_days_of) is asked


def test_inactive_machines_and_those_without_a_billable_meter_are_not_asked_for() -> None:
    assert not still_open(a_machine(active=False), TERMS.schedule.grace_days_of)
    assert not still_open(
        a_machine(meters=(a_meter(billable=False),)), TERMS.schedule.grace_days_of
    )
    assert not still_open(a_machine(due_on=None), TERMS.schedule.grace_days_of)


def test_whoever_was_asked_for_the_period_is_not_asked_again() -> None:
    before = a_contract(asked_for=DUE, asked={"5001": "round0"})
    plan = planned(before)
    assert left_out(plan) == ["already_asked"]
    assert plan.left_out["70001"][0].contact_id == "5001"
    assert planned(replace(before, asked={"5001": "round1"})).requests
    assert planned(replace(before, asked_for=DUE - timedelta(days=30))).requests


def test_of_two_reporters_only_the_one_not_asked_yet_is_asked() -> None:
    contract = a_contract(reporters=("5001", "5002"), asked_for=DUE, asked={"5001": "round0"})
    anna = a_contact("5002", email="anna@muster.example")
    posts = POSTS | {anna.email: Mailbox(anna.email, claims={"10000": "5002"})}
    plan = planned(contract, people=[a_contact(), anna], posts=posts)
    assert [request.contact_id for request in plan.requests] == ["5002"]
    assert left_out(plan) == ["already_asked"]


def test_a_contract_that_fails_the_check_is_left_out_with_every_reason() -> None:
    bounced = {CLARA: Mailbox(CLARA, delivery=Delivery.BOUNCED)}
    assert left_out(planned(a_contract(), posts=bounced)) == ["email_bounced"]
    assert left_out(planned(a_contract(), [])) == ["nothing_to_report"]


def request(company: str, contract: str, day: date = DUE, mailbox: str = CLARA) -> Request:
    return Request(mailbox, company, contract, "5001", day, 1)


@given(st.permutations([("B", "3", 0), ("A", "2", 5), ("B", "1", 9), ("C", "4", 5)]))
def test_a_mail_starts_with_the_company_that_is_due_first(entries: Any) -> None:
    requests = [request(company, n, DUE + timedelta(days=d)) for company, n, d in entries]
    assert [r.contract_id for r in in_order(requests)] == ["3", "1", "2", "4"]


def test_one_mailbox_gets_one_mail_over_all_companies() -> None:
    plan = RoundPlan(
        [request("A", "1"), request("B", "2"), request("A", "3", mailbox="x@y.example")]
    )
    assert {box: len(requests) for box, requests in plan.mails().items()} == {
        CLARA: 2,
        "x@y.example": 1,
    }


# just before sending


def wanted(contract: Contract, machines: Sequence[Machine], **more: Any) -> tuple[int, list[str]]:
    people = more.get("people", [a_contact()])
    found, why = still_wanted(
        request("10000", "70001"),
        contract,
        {c.id: c for c in people},
        machines,
        more.get("posts", POSTS),
        TERMS,
    )
    return len(found), [reason.code for reason in why]


ASKED = a_contract(asked_for=DUE, asked={"5001": "round1"})


def test_before_sending_everything_is_judged_by_current_data() -> None:
    machine = a_machine()
    assert wanted(ASKED, [machine, reported(a_machine("2"), "1", "2")]) == (1, [])
    assert wanted(ASKED, [reported(machine, "1", "2")]) == (0, ["already_reported"])
    ended = replace(ASKED, ends_on=date(2026, 11, 1))
    assert wanted(ended, [machine]) == (0, ["contract_ended"])
    moved = replace(ASKED, next_billing_on=date(2026, 12, 28))
    assert wanted(moved, [machine]) == (0, ["slot_changed"])
    assert wanted(replace(ASKED, asked={}), [machine]) == (0, ["slot_changed"])
    assert wanted(replace(ASKED, reporters=("5002",)), [machine]) == (0, ["address_changed"])
    new = a_contact(email="new@muster.example")
    assert wanted(ASKED, [machine], people=[new]) == (0, ["address_changed"])
    bounced = {CLARA: replace(POSTS[CLARA], delivery=Delivery.BOUNCED)}
    assert wanted(ASKED, [machine], posts=bounced) == (0, ["email_bounced"])


def test_what_befell_another_reporter_keeps_no_mail_back() -> None:
    both = replace(ASKED, reporters=("5001", "5002"))
    gone = a_contact("5002", active=False, email="anna@muster.example")
    assert wanted(both, [a_machine()], people=[a_contact(), gone]) == (1, [])


def test_only_what_was_settled_otherwise_keeps_its_mark() -> None:
    complete = planned(a_contract(), [reported(a_machine(), "1", "2")]).left_out["70001"]
    assert keeps_its_mark(complete)
    assert not keeps_its_mark(planned(a_contract(), []).left_out["70001"])


# progress


def test_the_state_of_a_period_follows_its_machines() -> None:
    machine = a_machine()
    released = {"state": ReadingState.RELEASED}
    half, full = reported(machine, "1"), reported(machine, "1", "2")
    cases = [
        ([], PeriodState.EMPTY),
        ([replace(machine, active=False)], PeriodState.EMPTY),
        ([machine], PeriodState.OPEN),
        ([half], PeriodState.PARTLY),
        ([full, machine], PeriodState.PARTLY),
        ([full], PeriodState.COMPLETE),
        ([full, reported(machine, "1", "2", **released)], PeriodState.COMPLETE),
        ([reported(machine, "1", "2", **released)], PeriodState.RELEASED),
    ]
    for machines, state in cases:
        assert progress(machines).state is state
    assert progress([full, half, machine]).reported == 1


# mails in numbers


def test_a_claim_whose_lease_ran_out_is_in_doubt_and_counted_among_the_failed(at: Any) -> None:
    mail = OutboxMail("r", CLARA, MailState.SENDING, (), at.now, lease_until=at.now)
    assert mail.state_at(at.now) is MailState.SENDING
    later = at.now + timedelta(seconds=1)
    assert mail.state_at(later) is MailState.IN_DOUBT
    sent = replace(mail, state=MailState.SENT, fate=Fate.BOUNCED)
    numbers = totals([mail, sent], later)
    assert (numbers["planned"], numbers["failed"], numbers["in_doubt"]) == (2, 1, 1)
    assert (numbers["sent"], numbers["bounced"], numbers["waiting"]) == (1, 1, 0)


def test_a_masked_address_shows_its_first_letter_and_domain() -> None:
    assert masked(CLARA) == "c***@muster.example"
