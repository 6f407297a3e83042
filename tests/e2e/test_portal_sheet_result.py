"""The result of a sheet: an equation that adds up, what needs a person first, each value with its counter."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import cramped, faults
from tests.e2e.test_portal_fleet_table import at_the_table, bar, field, line, reported
from tests.support.running import Application

CUSTOMER = Customer(27254, 8, name="Möwe Kontor AG")
HEADS = ("Seriennummer", "Zählernummer", "Neuer Stand")


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_customer(application, CUSTOMER)


def usual(n: int) -> dict[str, int]:
    return {meter: CUSTOMER.now(n, meter) for meter in "12"}


def rows(n: int, values: dict[str, int]) -> list[str]:
    return [f"SN{CUSTOMER.machine(n)}\t{meter}\t{value}" for meter, value in values.items()]


def swapped(n: int) -> dict[str, int]:
    return {"1": usual(n)["2"], "2": usual(n)["1"]}


def checked(page: Page, *lines: str) -> None:
    page.evaluate("location.hash = '#/fleet'")
    page.get_by_label("Oder Zellen aus").fill("\n".join(["\t".join(HEADS), *lines]))
    page.get_by_role("button", name="Prüfen").click()
    expect(page.get_by_text("Abgesendet ist noch nichts.")).to_be_visible()


def test_the_parts_add_up_and_what_is_decided_lies_in_the_table(
    application: Application, desk: Page, link: str
) -> None:
    at_the_table(desk, link)
    checked(
        desk,
        *rows(1, usual(1)),
        *rows(2, swapped(2)),
        f"SN{CUSTOMER.machine(3)}\t1\t",
        f"SN{CUSTOMER.machine(4)}X\t1\t5",
        *rows(5, {"1": CUSTOMER.last(5, "1") - 500}),
    )
    equation = desk.locator(".equation strong").inner_text()
    assert re.sub(r"[▲✕✓]", "", equation) == (
        "7 Angaben = 3 zu prüfen + 1 nicht erkannt + 2 bereit + 1 ohne neuen Stand"
    )
    numbers = [int(number) for number in re.findall(r"\d+", equation)]
    assert numbers[0] == sum(numbers[1:])
    expect(desk.locator(".sheet-result h2")).to_have_text(
        ["▲2 Geräte zu prüfen", "✕1 Zeile nicht erkannt", "✓1 Gerät bereit"]
    )
    expect(desk.get_by_text("2 Zählerstände: 1 Schwarzweiß, 1 Farbe")).to_be_visible()
    to_check = desk.get_by_role("region", name="2 Geräte zu prüfen")
    expect(to_check.locator("tbody tr")).to_have_count(3)
    first = to_check.locator("tbody tr").first
    for told in ("Schwarzweiß", CUSTOMER.last(2, "1"), swapped(2)["1"]):
        expect(first).to_contain_text(
            f"{told:,}".replace(",", ".") if isinstance(told, int) else told
        )
    first.get_by_role("button", name="Beide tauschen").click()
    expect(first.get_by_text("Als Entwurf in der Tabelle")).to_be_visible()
    assert reported(application, 2, CUSTOMER) == {}
    expect(desk.locator(".sticky")).to_have_text(
        re.compile(
            r"^Danach: 1 von 8 gemeldet, 1 zu prüfen, 1 ausgefüllt \(als Entwurf in der Tabelle\), 5 offen"
        )
    )
    desk.get_by_role("button", name="2 Zählerstände von 1 Gerät absenden").click()
    expect(desk.get_by_role("heading", name="1 Gerät gespeichert")).to_be_visible()
    assert reported(application, 1, CUSTOMER) == usual(1)
    desk.get_by_role("link", name="Zurück zur Tabelle").click()
    expect(line(desk, 1, CUSTOMER).locator(".state")).to_contain_text("gemeldet")
    for meter in "12":
        expect(field(desk, 2, meter, CUSTOMER)).to_have_value(str(usual(2)[meter]))
    expect(line(desk, 5, CUSTOMER).locator(".state")).to_contain_text("zu prüfen")
    bar(desk).get_by_role("button", name="2 Zählerstände von 1 Gerät absenden").click()
    expect(line(desk, 2, CUSTOMER).locator(".state")).to_contain_text("gemeldet")
    assert reported(application, 2, CUSTOMER) == usual(2)


def test_what_is_not_decided_goes_into_the_table_with_its_question(desk: Page, link: str) -> None:
    at_the_table(desk, link)
    checked(desk, *rows(6, {"1": CUSTOMER.last(6, "1") - 500}))
    desk.get_by_role("button", name="Der Wert stimmt …").click()
    expect(field(desk, 6, "1", CUSTOMER)).to_be_focused()
    expect(line(desk, 6, CUSTOMER).locator(".under")).to_be_visible()
    expect(bar(desk)).to_contain_text("1 zu prüfen")
    field(desk, 6, "1", CUSTOMER).fill("")


def test_the_result_is_accessible_and_keeps_its_distances(desk: Page, link: str) -> None:
    at_the_table(desk, link)
    checked(desk, *rows(7, usual(7)), *rows(8, swapped(8)), f"SN{CUSTOMER.machine(4)}X\t1\t5")
    assert faults(desk) == []
    assert cramped(desk) == []
