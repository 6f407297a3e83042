"""Successors: named by the contact and agreed to by staff."""

from __future__ import annotations

from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import PortalRights
from meterportal.store import keys
from meterportal.store.access import mailboxes
from meterportal.store.portfolio import holdings
from meterportal.store.writes import Write

from tests.support.builders import a_contact, a_contract, a_holding, a_link, settle
from tests.support.customers import (
    CLARA,
    before_the_next_write,
    everything,
    save_contact,
    second_company,
    signed_in,
)
from tests.support.handing_over import (
    ERIKA,
    approved,
    ask,
    asked,
    claims,
    contract,
    decide,
    held,
    listed,
    machines_of,
    two_contracts,
)
from tests.support.interleaving import every_order
from tests.support.stage import Stage


def test_a_new_person_reports_once_staff_have_agreed(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters, two_contracts())
    before = everything(adapters)
    number = asked(stage, text="Clara ist in Elternzeit")
    after = everything(adapters)
    changed = [key for key in after if before.get(key) != after[key]]
    assert len(changed) == 2  # the request, and how many of them are open
    (waiting,) = listed(stage)
    assert (waiting["name"], waiting["email"], waiting["text"]) == (
        "Erika Neu",
        ERIKA,
        "Clara ist in Elternzeit",
    )
    assert waiting["contact"] == {"id": "5001", "name": "Clara Schäfer", "email": CLARA,
                                  "in_erp": True}  # fmt: skip
    assert waiting["contract_ids"] == ["70001", "70002"]
    told = approved(stage, number)
    person = told["person"]["id"]
    assert (told["state"], told["person"]["in_erp"]) == ("approved", False)
    assert told["handed_over"] == told["carry_over"] == ["70001", "70002"]
    for paper in held(adapters).contracts.values():
        assert paper.reporters == (person,)
        assert paper.reporters_in_erp == ("5001",)
    made = held(adapters).contacts[person]
    assert (made.first_name, made.last_name, made.mailbox) == ("Erika", "Neu", ERIKA)
    assert made.rights == PortalRights(readings=True, machines=True, service_orders="open")
    assert claims(adapters) == {"10000": person}
    assert machines_of(stage, adapters, ERIKA) == ["200001", "200002"]
    assert machines_of(stage, adapters, CLARA) == []
    assert holdings.companies_of(adapters.table, "CONTACT", [person]) == {person: "10000"}


def test_the_next_round_asks_the_successor(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    approved(stage, asked(stage))
    stage.staff("POST", "/api/staff/rounds", {"selection": {"ids": ["70001"]}})
    stage.drain()
    assert [mail["To"] for mail in stage.mails()] == [ERIKA]


def test_only_the_contracts_that_were_chosen_are_handed_over(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters, two_contracts())
    approved(stage, asked(stage, contract_ids=["70002", "70002"]))
    assert contract(adapters).reporters == ("5001",)
    assert contract(adapters).reporters_in_erp is None
    assert machines_of(stage, adapters, ERIKA) == ["200002"]
    assert machines_of(stage, adapters, CLARA) == ["200001"]


def test_a_contact_that_the_company_has_already_is_that_person(
    stage: Stage, adapters: Adapters
) -> None:
    people = [a_contact(), a_contact("5002", email=ERIKA, rights=None)]
    signed_in(stage, adapters, a_holding(contacts=people))
    told = approved(stage, asked(stage, name="Erika Mustermann"))
    assert told["person"] == {"id": "5002", "name": "Clara Schäfer", "email": ERIKA,
                              "in_erp": True}  # fmt: skip
    assert contract(adapters).reporters == ("5002",)
    assert claims(adapters) == {"10000": "5002"}
    assert machines_of(stage, adapters, ERIKA) == ["200001"]


def test_others_who_report_keep_their_places(stage: Stage, adapters: Adapters) -> None:
    people = [a_contact(), a_contact("5002", email="paul@muster.example")]
    named = [a_contract(reporters=("5002", "5001"))]
    signed_in(stage, adapters, a_holding(contacts=people, contracts=named))
    person = approved(stage, asked(stage))["person"]["id"]
    assert contract(adapters).reporters == ("5002", person)


def test_where_the_role_reported_the_others_are_named_now(stage: Stage, adapters: Adapters) -> None:
    role = {"role": "meter_reporting"}
    people = [a_contact(**role), a_contact("5002", email="paul@muster.example", **role)]
    signed_in(stage, adapters, a_holding(contacts=people, contracts=[a_contract(reporters=())]))
    person = approved(stage, asked(stage))["person"]["id"]
    assert contract(adapters).reporters == (person, "5002")
    assert contract(adapters).reporters_in_erp == ()


def test_an_address_of_another_company_gets_its_claim_here_too(
    stage: Stage, adapters: Adapters
) -> None:
    other = second_company(adapters)  # clara@muster.example there
    paul = a_contact("5002", email="paul@muster.example", role="", rights=None)
    settle(adapters, a_holding(contacts=[a_contact(email="c2@muster.example"), paul]))
    stage.customer("POST", "/api/session", {"token": a_link(adapters, mailbox="c2@muster.example")})
    person = approved(stage, asked(stage, email=CLARA))["person"]["id"]
    assert claims(adapters, CLARA) == {other.company.id: "6001", "10000": person}
    listed_there = mailboxes.load(adapters.table, CLARA).listed
    assert {("10007", "6001"), ("10000", person)} <= listed_there


def test_who_left_the_address_gives_up_the_claim(stage: Stage, adapters: Adapters) -> None:
    people = [a_contact(), a_contact("5002", email=ERIKA)]
    signed_in(stage, adapters, a_holding(contacts=people))
    save_contact(adapters, a_contact("5002", email="paul@muster.example"))
    assert claims(adapters) == {"10000": "5002"}
    person = approved(stage, asked(stage))["person"]["id"]
    assert claims(adapters) == {"10000": person}


@pytest.mark.parametrize(
    ("people", "code"),
    [
        ([a_contact("5002", email=ERIKA), a_contact("5003", email=ERIKA)], "address_taken"),
        ([a_contact("5002", email=ERIKA, active=False)], "address_taken"),
        (
            [a_contact("5002", email=ERIKA, rights=PortalRights(machines=True))],
            "reporting_withdrawn",
        ),
    ],
    ids=["twice", "not active", "not allowed"],
)
def test_an_address_that_cannot_be_used_is_refused_in_words(
    stage: Stage, adapters: Adapters, people: list[Any], code: str
) -> None:
    settle(adapters, a_holding(contacts=[a_contact(), *people], machines=[]), claimed=False)
    for person in people:
        if person.active:
            adapters.table.write(holdings.grant(person, person.rights, at="2026-11-01"))
    signed_in(stage, adapters)
    number = asked(stage)
    before = everything(adapters)
    answer = decide(stage, number)
    assert (answer.status, answer.json["code"]) == (409, code)
    assert "5002" in answer.json["detail"]
    assert everything(adapters) == before
    assert len(listed(stage)) == 1
    assert decide(stage, number, "refused", note="im ERP klären").status == 200


def test_an_address_that_bounced_is_refused(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    number = asked(stage)
    update = "SET #delivery = :bounced, #claims = :none"
    values: dict[str, Any] = {"bounced": "bounced", "none": {}}
    adapters.table.write(Write(key=keys.mailbox(ERIKA), update=update, values=values))
    assert decide(stage, number).json["code"] == "address_unreachable"


def test_a_refusal_changes_nothing_else(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    number = asked(stage)
    answer = decide(stage, number, "refused", note="arbeitet nicht mehr dort")
    assert (answer.json["state"], answer.json["note"]) == ("refused", "arbeitet nicht mehr dort")
    assert answer.json["decided_by"] == "staff-1"
    assert contract(adapters).reporters == ("5001",)
    assert listed(stage) == []
    assert [one["id"] for one in listed(stage, "decided")] == [number]


def test_a_decision_is_made_once(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    number = asked(stage)
    first = approved(stage, number)
    assert approved(stage, number) == first
    again = decide(stage, number, "refused")
    assert (again.status, again.json["code"], again.json["state"]) == (
        409,
        "successor_decided",
        "approved",
    )
    assert decide(stage, "unknown").status == 404
    assert stage.staff(
        "POST", f"/api/staff/successors/{number}/decision", {"decision": "approved"}, groups="read"
    ).status == 403  # fmt: skip


def test_the_same_request_twice_is_one(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    assert asked(stage) == asked(stage)
    assert len(listed(stage)) == 1
    assert asked(stage, text="anders") != asked(stage)


def test_what_the_erp_gave_to_others_meanwhile_is_not_handed_over(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters, two_contracts())
    number = asked(stage)
    place = keys.contract("10000", "70001")
    master = holdings.contract_master(a_contract(reporters=("5009",)))
    adapters.table.write(holdings.save_master(place, master))
    assert approved(stage, number)["handed_over"] == ["70002"]
    assert contract(adapters).reporters == ("5009",)


def test_a_request_that_has_nothing_left_to_give_is_refused_in_words(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    first, second = asked(stage), asked(stage, email="paul@muster.example")
    approved(stage, first)
    answer = decide(stage, second)
    assert (answer.status, answer.json["code"]) == (409, "nothing_to_hand_over")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"name": ""}, "name", "text_refused"),
        ({"name": "x" * 121}, "name", "text_refused"),
        ({"name": None}, "name", "invalid"),
        ({"email": "erika"}, "email", "email_refused"),
        ({"email": "a@x.example, b@x.example"}, "email", "email_refused"),
        ({"email": "еrika@muster.example"}, "email", "email_refused"),  # a Cyrillic e
        ({"email": f"{'x' * 250}@muster.example"}, "email", "text_refused"),
        ({"email": CLARA.upper()}, "email", "successor_is_you"),
        ({"text": "x" * 501}, "text", "text_refused"),
        ({"contract_ids": "70001"}, "contract_ids", "invalid"),
        ({"contract_ids": ["7"] * 1001}, "contract_ids", "invalid"),
        ({"more": 1}, "more", "invalid"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_field(
    stage: Stage, adapters: Adapters, body: dict[str, Any], field: str, code: str
) -> None:
    signed_in(stage, adapters)
    answer = ask(stage, **body)
    assert (answer.status, answer.json["field"], answer.json["code"]) == (422, field, code)
    assert listed(stage) == []


def test_more_contracts_than_one_transaction_takes_are_refused_in_words(
    stage: Stage, adapters: Adapters
) -> None:
    contracts = [a_contract(str(70_001 + n)) for n in range(91)]
    signed_in(stage, adapters, a_holding(contracts=contracts, machines=[]))
    answer = ask(stage)
    assert (answer.status, answer.json["code"]) == (422, "too_many_contracts")
    assert "90" in answer.json["detail"]
    numbers = [one.id for one in contracts[:90]]
    told = approved(stage, asked(stage, contract_ids=numbers))
    assert told["handed_over"] == numbers


@pytest.mark.parametrize("number", ["70009", "99999", "70002", ""])
def test_contracts_of_others_and_unknown_ones_look_alike(
    stage: Stage, adapters: Adapters, number: str
) -> None:
    second_company(adapters)
    papers = [a_contract(), a_contract("70002", reporters=("5002",))]
    signed_in(stage, adapters, a_holding(contracts=papers))
    answer = ask(stage, contract_ids=["70001", number])
    assert (answer.status, answer.json["field"]) == (404, "contract_ids")


def test_who_reports_for_nothing_has_nothing_to_hand_over(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters, a_holding(contracts=[a_contract(reporters=("5002",))]))
    assert ask(stage).json["code"] == "nothing_to_hand_over"


def test_of_two_members_of_staff_at_once_one_decides(stage: Stage, adapters: Adapters) -> None:
    def scene(_: int) -> Any:
        settle(adapters, a_holding(machines=[]))
        stage.cookies.clear()
        stage.customer("POST", "/api/session", {"token": a_link(adapters)})
        answers.clear()
        numbers.append(asked(stage, text=f"Versuch {len(numbers)}"))

        def decided(decision: str) -> Any:
            return lambda: answers.append(decide(stage, numbers[-1], decision).status)

        return decided("approved"), decided("refused")

    answers: list[int] = []
    numbers: list[str] = []
    for _ in every_order(scene, matters=lambda operation, _: operation == "TransactWriteItems"):
        assert sorted(answers) == [200, 409]
        (row,) = [one for one in listed(stage, "decided") if one["id"] == numbers[-1]]
        assert (contract(adapters).reporters == ("5001",)) is (row["state"] == "refused")
    assert len(numbers) >= 2


@pytest.mark.parametrize("conditions", [True, False])
def test_an_address_that_arrives_in_between_is_never_doubled(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, conditions: bool
) -> None:
    signed_in(stage, adapters)
    number = asked(stage)

    def meddle() -> None:
        erika = a_contact("5002", email=ERIKA, rights=None)
        save_contact(adapters, erika)
        adapters.table.write(mailboxes.list_contact(erika))

    before_the_next_write(monkeypatch, adapters, meddle, conditions=conditions)
    person = approved(stage, number)["person"]["id"]
    at_address = [c.id for c in held(adapters).contacts.values() if c.mailbox == ERIKA and c.active]
    assert (at_address == ["5002"] == [person]) is conditions
