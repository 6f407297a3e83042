"""What staff changed here stands in one list until the ERP brings it."""

from __future__ import annotations

import csv
import io
from typing import Any

from meterportal.adapters import Adapters
from meterportal.store import keys
from meterportal.store.portfolio import holdings, touching
from meterportal.store.writes import Write

from tests.support.builders import a_contact, a_holding, settle
from tests.support.erp_exports import CONTACTS, CONTRACTS, FILES, imported, with_cells
from tests.support.stage import Stage, query
from tests.support.wire import counted


def listed(stage: Stage, **wanted: str) -> Any:
    told = stage.staff("GET", query("/api/staff/corrections", **wanted), groups="read")
    assert told.status == 200, told.text
    return told.json


def mend_person(stage: Stage, adapters: Adapters, number: str = "5001", **fields: Any) -> None:
    place = ("10000", number)
    seen = holdings.contacts(adapters.table, [place])[place].rev
    told = stage.staff("PATCH", f"/api/staff/contacts/{number}", {"version": seen} | fields)
    assert told.status == 200, told.text


def mend_paper(stage: Stage, adapters: Adapters, **fields: Any) -> None:
    seen = holdings.contracts(adapters.table, [("10000", "70001")])["70001"].rev
    told = stage.staff("PATCH", "/api/staff/contracts/70001", {"version": seen} | fields)
    assert told.status == 200, told.text


def test_everything_that_was_changed_is_listed_field_by_field(
    stage: Stage, adapters: Adapters
) -> None:
    erik = a_contact("5002", first_name="Erik", email="erik@muster.example")
    settle(adapters, a_holding(contacts=[a_contact(), erik]))
    assert listed(stage) == {"corrections": [], "next_cursor": None}
    mend_person(stage, adapters, email="c.schaefer@muster.example", active=False)
    mend_paper(stage, adapters, reporters=["5002"], reading_channel="PHONE")
    person, paper = listed(stage)["corrections"]
    assert (person["kind"], person["id"], person["name"]) == ("contact", "5001", "Clara Schäfer")
    assert person["company"] == {"id": "10000", "name": "Muster GmbH"}
    assert person["by"]["name"] == "Anna Weber"
    assert person["at"].startswith("2026-11-23T09:0")
    assert person["changes"] == [
        {
            "field": "email",
            "in_erp": "clara@muster.example",
            "here": "c.schaefer@muster.example",
        },
        {"field": "active", "in_erp": True, "here": False},
    ]
    assert (paper["kind"], paper["id"]) == ("contract", "70001")
    assert paper["changes"] == [
        {"field": "reading_channel", "in_erp": "PORTAL", "here": "PHONE"},
        {"field": "reporters", "in_erp": "Clara Schäfer (5001)", "here": "Erik Schäfer (5002)"},
    ]


def test_rights_are_no_business_of_the_erp(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    mend_person(stage, adapters, rights={"machines": False})
    assert listed(stage)["corrections"] == []
    assert holdings.contacts(adapters.table, [("10000", "5001")])["10000", "5001"].mended_at == ""


def test_back_to_the_erps_word_it_leaves_the_list(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    mend_person(stage, adapters, phone="0228 1")
    mend_paper(stage, adapters, reading_channel="PHONE")
    assert len(listed(stage)["corrections"]) == 2
    mend_person(stage, adapters, phone="")
    mend_paper(stage, adapters, reading_channel="PORTAL")
    assert listed(stage)["corrections"] == []


def test_an_import_that_brings_it_takes_it_off_the_list(stage: Stage, adapters: Adapters) -> None:
    imported(stage, FILES)
    mend_person(stage, adapters, email="neu@muster.example", phone="0228 1")
    mend_paper(stage, adapters, reading_channel="PHONE")
    imported(stage, FILES)
    assert len(listed(stage)["corrections"]) == 2
    people = with_cells(CONTACTS, 2, e_mail="neu@muster.example")
    papers = with_cells(CONTRACTS, 2, zahlermeldung="Telefon")
    imported(stage, {**FILES, "ansprechpartner.csv": people, "vertraege.csv": papers})
    (left,) = listed(stage)["corrections"]
    assert left["changes"] == [{"field": "phone", "in_erp": "", "here": "0228 1"}]
    assert left["by"]["name"] == "Anna Weber"


def test_a_person_made_here_is_listed_as_new(stage: Stage, adapters: Adapters) -> None:
    new = a_contact("portal-1", first_name="Ida", from_portal=True, email="ida@muster.example")
    settle(adapters, a_holding(contacts=[a_contact()]))
    adapters.table.transact([holdings.make_contact(new, new.rights or a_contact().rights, at="")])  # type: ignore[arg-type]
    (one,) = listed(stage)["corrections"]
    assert one["changes"] == [
        {"field": "contact", "in_erp": None, "here": "Ida Schäfer"},
        {"field": "email", "in_erp": None, "here": "ida@muster.example"},
    ]


def test_pages_follow_each_other_and_cost_the_same(stage: Stage, adapters: Adapters) -> None:
    people = [a_contact(f"50{n:02}", email=f"p{n}@muster.example") for n in range(5)]
    settle(adapters, a_holding(contacts=people))
    for person in people:
        mend_person(stage, adapters, person.id, phone="0228 1")
    found, cursor, pages = [], "", 0
    while True:
        with counted(adapters.table._client) as counts:
            page = listed(stage, limit="2", **({"cursor": cursor} if cursor else {}))
        assert counts["dynamodb.Query"] == 1
        assert sum(counts.values()) <= 5
        found += [one["id"] for one in page["corrections"]]
        pages, cursor = pages + 1, page["next_cursor"]
        if cursor is None:
            break
    assert (pages, sorted(found)) == (3, [person.id for person in people])


def test_the_sheet_says_it_in_the_erps_words(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    mend_person(stage, adapters, phone="=0228", active=False)
    mend_paper(stage, adapters, reading_channel="PHONE")
    told = stage.staff("GET", "/api/staff/corrections.csv", groups="read")
    rows = list(csv.reader(io.StringIO(told.text.removeprefix("\ufeff")), delimiter=";"))
    assert rows[0][:4] == ["Seit", "Firmennummer", "Firma", "Art"]
    assert [row[3:] for row in rows[1:]] == [
        ["Ansprechpartner", "5001", "Clara Schäfer", "Telefon", "", "'=0228", "Anna Weber"],
        ["Ansprechpartner", "5001", "Clara Schäfer", "Aktiv", "J", "N", "Anna Weber"],
        ["Vertrag", "70001", "Service Vollwartung", "Zählermeldung durch", "CO Portal", "Telefon", "Anna Weber"],
    ]  # fmt: skip


def test_what_an_earlier_release_left_comes_into_the_list(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    place = keys.contract("10000", "70001")
    values = {"before": ["5009"]}
    update = "SET #reporters_in_erp = :before REMOVE #changes_pk, #changes_sk"
    adapters.table.write(Write(key=place, update=update, values=values))
    assert listed(stage)["corrections"] == []
    touching.touch(adapters.table, "10000")
    (one,) = listed(stage)["corrections"]
    assert (one["id"], one["at"], one["by"]) == ("70001", None, None)


def test_who_may_look(stage: Stage) -> None:
    assert stage.staff("GET", "/api/staff/corrections", groups="").status == 403
    assert stage.staff("GET", "/api/staff/corrections.csv", groups="").status == 403
