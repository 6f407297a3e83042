"""Membership through the front door: several companies behind one mailbox, and rights that end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company, PortalRights
from meterportal.store import keys
from meterportal.store.access import mailboxes
from meterportal.store.portfolio import holdings
from meterportal.store.writes import Write

from tests.support.builders import a_contact, a_contract, a_holding, a_link, a_machine, settle
from tests.support.customers import (
    CLARA,
    open_by,
    put,
    refused,
    save_contact,
    second_company,
    signed_in,
    stored,
)
from tests.support.requesting import ask, token_of
from tests.support.stage import Stage


@pytest.fixture
def neutral(stage: Stage) -> dict[str, object]:
    """What every link that opens nothing is told."""
    return refused(stage, "v1.k1.nothing")


# losing the right


def _deactivated(adapters: Adapters) -> None:
    save_contact(adapters, a_contact(active=False))


def _other_address(adapters: Adapters) -> None:
    save_contact(adapters, a_contact(email="clara@neu.example"))


def _without_rights(adapters: Adapters) -> None:
    nothing = PortalRights()
    adapters.table.write(holdings.grant(a_contact(), nothing, at="2026-11-23T00:00:00+00:00"))


def _bounced(adapters: Adapters) -> None:
    _delivery(adapters, "bounced")


def _complained(adapters: Adapters) -> None:
    _delivery(adapters, "complained")


def _delivery(adapters: Adapters, delivery: str) -> None:
    update = "SET #delivery = :delivery"
    adapters.table.write(
        Write(key=keys.mailbox(CLARA), update=update, values={"delivery": delivery})
    )


def _claimed_by_another(adapters: Adapters) -> None:
    other = a_contact("5002")
    save_contact(adapters, other)
    adapters.table.write(mailboxes.claim(other, instead_of="5001"))


LOSSES = pytest.mark.parametrize(
    "lose",
    [
        _deactivated,
        _other_address,
        _without_rights,
        _bounced,
        _complained,
        _claimed_by_another,
    ],
)


@LOSSES
def test_who_loses_the_right_is_refused_at_the_next_request(
    stage: Stage, adapters: Adapters, lose: object
) -> None:
    signed_in(stage, adapters)
    assert callable(lose)
    lose(adapters)
    for answer in (
        stage.customer("GET", "/api/session"),
        stage.customer("GET", "/api/machines"),
        stage.customer("PUT", "/api/session/company", {"company_id": "10000"}),
        stage.customer("POST", "/api/machines/200001/check", {"values": {"1": 11_000}}),
        put(stage, values={"1": 11_000}, version=1),
    ):
        assert (answer.status, answer.json["code"]) == (401, "not_signed_in")
    assert stored(adapters).version == 1


@LOSSES
def test_who_has_lost_the_right_is_not_let_in_again(
    stage: Stage, adapters: Adapters, lose: object, neutral: dict[str, object]
) -> None:
    settle(adapters)
    token = a_link(adapters)
    assert callable(lose)
    lose(adapters)
    assert refused(stage, token) == neutral


def test_the_right_to_see_machines_alone_signs_in(stage: Stage, adapters: Adapters) -> None:
    rights = PortalRights(machines=True)
    signed_in(stage, adapters, a_holding(contacts=[a_contact(rights=rights)]))
    overview = stage.customer("GET", "/api/machines")
    assert (overview.status, overview.json["machines"]) == (200, [])


# companies


def test_one_login_leads_to_every_company_of_the_mailbox(stage: Stage, adapters: Adapters) -> None:
    second_company(adapters)
    signed_in(stage, adapters)
    shown = stage.customer("GET", "/api/session").json
    assert [company["name"] for company in shown["companies"]] == ["Abakus AG", "Muster GmbH"]
    assert shown["company"]["id"] == "10000"

    switched = stage.customer("PUT", "/api/session/company", {"company_id": "10007"})
    assert switched.status == 200
    assert switched.json["company"] == {"id": "10007", "name": "Abakus AG"}
    assert switched.json["language"] == "en"
    assert stage.customer("GET", "/api/session").json == switched.json
    overview = stage.customer("GET", "/api/machines").json
    assert overview["company"]["id"] == "10007"
    assert [machine["id"] for machine in overview["machines"]] == ["200009"]


def test_the_last_day_of_a_link_is_that_of_the_latest_company_and_holds_for_each(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    later = date(2026, 12, 5)
    settle(
        adapters,
        a_holding(
            Company("10007", "Abakus AG"),
            contacts=[a_contact("6001")],
            contracts=[a_contract("70009", reporters=("6001",), next_billing_on=later)],
            machines=[a_machine("200009", contract_id="70009", due_on=later)],
        ),
    )
    ask(stage)
    (mail,) = stage.mails()
    last = later + timedelta(days=45)
    assert open_by(stage, token_of(mail)).json["link_until"] == last.isoformat()
    for company in ("10007", "10000"):
        shown = stage.customer("PUT", "/api/session/company", {"company_id": company})
        assert shown.json["link_until"] == last.isoformat()
        assert stage.customer("GET", "/api/session").json["link_until"] == last.isoformat()


def test_what_is_open_at_one_company_is_closed_at_the_other(
    stage: Stage, adapters: Adapters
) -> None:
    second_company(adapters)
    signed_in(stage, adapters)
    assert put(stage, "200009", values={"1": 11_000}, version=1).status == 404
    stage.customer("PUT", "/api/session/company", {"company_id": "10007"})
    assert put(stage, "200001", values={"1": 11_000}, version=1).status == 404
    assert put(stage, "200009", values={"1": 11_000}, version=1).status == 200
    assert stored(adapters, "200009", "10007").readings[0].reported_by == "6001"


def test_every_other_company_is_unknown(stage: Stage, adapters: Adapters) -> None:
    settle(
        adapters,
        a_holding(Company("10007", "Fremd AG"), contacts=[a_contact("6001", email="x@y.example")]),
    )
    signed_in(stage, adapters)
    for company_id in ("10014", "10007", "", "x" * 64, "10000#CONTACT"):
        answer = stage.customer("PUT", "/api/session/company", {"company_id": company_id})
        assert answer.status == 404, company_id
    assert stage.customer("GET", "/api/session").json["company"]["id"] == "10000"


def test_a_link_to_a_company_that_is_gone_opens_the_first_of_the_others(
    stage: Stage, adapters: Adapters
) -> None:
    second_company(adapters)
    settle(adapters)
    save_contact(adapters, a_contact(active=False))
    opened = open_by(stage, a_link(adapters))
    assert opened.json["company"]["id"] == "10007"
    assert [company["id"] for company in opened.json["companies"]] == ["10007"]


def test_losing_one_company_leaves_the_link_to_the_other(stage: Stage, adapters: Adapters) -> None:
    second_company(adapters)
    signed_in(stage, adapters)
    save_contact(adapters, replace(a_contact(), active=False))
    assert stage.customer("GET", "/api/machines").status == 401
    assert open_by(stage, a_link(adapters)).json["company"]["id"] == "10007"


def test_the_overview_that_comes_along_is_that_of_the_company_turned_to(
    stage: Stage, adapters: Adapters
) -> None:
    second_company(adapters)
    signed_in(stage, adapters)
    switched = stage.customer(
        "PUT", "/api/session/company?overview=1", {"company_id": "10007"}
    ).json
    assert switched["overview"] == stage.customer("GET", "/api/machines").json
    assert switched["overview"]["company"]["id"] == "10007"
    unknown = stage.customer("PUT", "/api/session/company?overview=1", {"company_id": "10014"})
    assert unknown.status == 404


def test_a_link_to_a_lost_company_brings_the_overview_of_the_one_it_opens(
    stage: Stage, adapters: Adapters
) -> None:
    second_company(adapters)
    settle(adapters)
    save_contact(adapters, a_contact(active=False))
    opened = stage.customer("POST", "/api/session?overview=1", {"token": a_link(adapters)})
    assert opened.json["company"]["id"] == opened.json["overview"]["company"]["id"] == "10007"


# language


def test_a_chosen_language_is_kept_for_the_address_and_outweighs_the_erp_s(
    stage: Stage, adapters: Adapters
) -> None:
    second_company(adapters)
    signed_in(stage, adapters)
    chosen = stage.customer("PUT", "/api/session/language", {"language": "en"})
    assert (chosen.status, chosen.json["language"]) == (200, "en")
    assert open_by(stage, a_link(adapters)).json["language"] == "en"
    stage.customer("PUT", "/api/session/language", {"language": "de"})
    switched = stage.customer("PUT", "/api/session/company", {"company_id": "10007"})
    assert switched.json["language"] == "de"


@pytest.mark.parametrize("language", ["fr", "", "DE", None, 5])
def test_a_language_that_we_do_not_speak_is_refused(
    stage: Stage, adapters: Adapters, language: object
) -> None:
    signed_in(stage, adapters)
    answer = stage.customer("PUT", "/api/session/language", {"language": language})
    assert (answer.status, answer.json["field"]) == (422, "language")
