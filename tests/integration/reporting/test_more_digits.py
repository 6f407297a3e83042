"""N20: the ERP knows five digits, the machine shows six. The value is confirmed, and staff learn of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from meterportal.adapters import Adapters

from tests.support.builders import a_holding, a_machine, a_meter
from tests.support.customers import change, everything, put, signed_in, stored
from tests.support.reported import release, run_of, seen
from tests.support.stage import Stage

TRUE, DOUBLED = 101_500, 981_500
DE = (
    "101.500 hat mehr Stellen als der Zähler, der höchstens 5 anzeigt, passt aber zum bisherigen "
    "Verbrauch: Zeigt das Gerät wirklich so viele Stellen?"
)


def nearly_full(stage: Stage, adapters: Adapters) -> None:
    meter = a_meter(digits=5, last_value=98_000, a_month=4_200)
    signed_in(stage, adapters, a_holding(machines=[a_machine(meters=(meter,))]))


def test_the_value_is_asked_about_and_stored_with_a_reason(
    stage: Stage, adapters: Adapters
) -> None:
    nearly_full(stage, adapters)
    before = everything(adapters)
    checked = stage.customer(
        "POST", "/api/machines/200001/check", {"values": {"1": f"{TRUE} Seiten"}}
    ).json
    (found,) = checked["findings"]
    assert (found["code"], found["severity"], found["text"]) == ("too_many_digits", "warn", DE)
    asked = put(stage, values={"1": TRUE}, version=1)
    assert (asked.status, asked.json["code"]) == (409, "needs_confirmation")
    assert asked.json["findings"] == [found]
    assert everything(adapters) == before
    told = put(stage, values={"1": TRUE}, confirm={"1": found["reasons"][0]}, version=1)
    (reading,) = told.json["readings"]
    assert (told.status, reading["value"], reading["verdict"]) == (200, TRUE, "confirmed")


def test_a_value_that_does_not_fit_stays_refused(stage: Stage, adapters: Adapters) -> None:
    nearly_full(stage, adapters)
    told = put(stage, values={"1": DOUBLED}, confirm={"1": "Stimmt so"}, version=1)
    assert (told.status, told.json["code"]) == (422, "too_many_digits")


def test_staff_learn_of_it_and_the_meter_has_its_digits_after_the_release(
    stage: Stage, adapters: Adapters
) -> None:
    nearly_full(stage, adapters)
    assert put(stage, values={"1": TRUE}, confirm={"1": "Neu"}, version=1).status == 200
    (row,) = stage.staff("GET", "/api/staff/readings?bucket=implausible").json["machines"]
    (shown,) = row["readings"]
    assert [(f["code"], f["severity"]) for f in shown["findings"]] == [("too_many_digits", "warn")]
    assert DE in shown["findings"][0]["text"]

    run = release(stage, seen(stored(adapters)))
    (line,) = run["protocol"]
    assert (line["result"], line["code"]) == ("refused", "confirmed_by_customer")
    assert DE in line["reason"]
    csv = stage.staff("GET", f"/api/staff/releases/{run['id']}/protocol.csv").text
    assert DE in csv
    assert run_of(stage, run["id"])["refused"] == 1

    by_hand = {"reason": "Sechs Stellen, im ERP zu ändern", "version": stored(adapters).version}
    assert stage.staff("POST", f"/api/staff/readings/{shown['id']}/release", by_hand).status == 200
    later = date(2026, 12, 10)
    change(adapters, due_on=later)
    assert replace(stored(adapters), readings=()).meter("1").last.value == TRUE  # type: ignore[union-attr]
    again = put(stage, values={"1": TRUE + 20}, version=stored(adapters).version)
    assert "too_many_digits" not in [f["code"] for f in again.json.get("findings", [])]
