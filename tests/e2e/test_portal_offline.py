"""Without a network: what is submitted waits on the device and is stored once when it is back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.asking import enter, enter_with_files
from tests.e2e.customers import Customer, asked_customer
from tests.support.running import Application

CUSTOMER = Customer(18401, 8)
TWO = Customer(18061, 2, name="Ohne Helfer GmbH")
STORED = "gespeichert, passt zum Verlauf"
TAKE_BACK = re.compile(" ändern$")


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_customer(application, CUSTOMER)


@pytest.fixture
def ready(contact: Page, link: str) -> Page:
    enter_with_files(contact, link)
    return contact


def card(page: Page, n: int) -> Locator:
    return page.locator(f"#machine-{CUSTOMER.machine(n)}")


def enter_value(page: Page, n: int, value: int) -> None:
    page.locator(f"#m-{CUSTOMER.machine(n)}-1").fill(str(value))
    card(page, n).locator("[type=submit]").click()


def value_of(n: int) -> str:
    return f"{CUSTOMER.now(n, '1'):,}".replace(",", ".")


def test_a_submission_waits_survives_a_reload_and_is_stored_when_the_network_is_back(
    ready: Page,
) -> None:
    ready.context.set_offline(True)
    enter_value(ready, 1, CUSTOMER.now(1, "1"))
    expect(card(ready, 1).get_by_text("Wartet auf Netz").first).to_be_visible()
    expect(
        ready.get_by_text("1 Zählerstand von 1 Gerät ist auf diesem Gerät gemerkt")
    ).to_be_visible()
    ready.reload()
    expect(ready.get_by_text("Ohne Verbindung: Sie sehen den Stand von")).to_be_visible()
    expect(card(ready, 1).get_by_text(value_of(1))).to_be_visible()
    expect(card(ready, 1).get_by_text(STORED)).to_have_count(0)
    enter_value(ready, 2, CUSTOMER.now(2, "1"))
    expect(
        ready.get_by_text("2 Zählerstände von 2 Geräten sind auf diesem Gerät gemerkt")
    ).to_be_visible()
    ready.context.set_offline(False)
    for n in (1, 2):
        expect(card(ready, n).get_by_text(STORED)).to_have_count(1)
    expect(ready.get_by_text("auf Netz")).to_have_count(0)


def test_many_machines_sent_at_once_wait_together(ready: Page) -> None:
    for n in (7, 8):
        ready.locator(f"#m-{CUSTOMER.machine(n)}-1").fill(str(CUSTOMER.now(n, "1")))
    ready.context.set_offline(True)
    ready.locator(".sticky").get_by_role("button", name="2 Zählerstände merken").click()
    expect(ready.locator(".notice")).to_contain_text("2 Geräte warten auf Netz")
    ready.context.set_offline(False)
    for n in (7, 8):
        expect(card(ready, n).get_by_text(STORED)).to_have_count(1)


def test_an_answer_that_got_lost_stores_nothing_twice(ready: Page) -> None:
    """The request arrives, its answer does not: the retry carries the same key."""
    keys: list[str | None] = []
    ready.on(
        "request",
        lambda request: (
            keys.append(request.headers.get("idempotency-key"))
            if request.method == "PUT" and request.url.endswith("/readings")
            else None
        ),
    )

    def lose_the_answer(route: object) -> None:
        route.fetch()  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    ready.route("**/readings", lose_the_answer, times=1)
    enter_value(ready, 3, CUSTOMER.now(3, "1"))
    expect(card(ready, 3).get_by_text(STORED)).to_have_count(1, timeout=40_000)
    assert len(keys) == 2
    assert keys[0] == keys[1]
    version = ready.evaluate(
        """(id) => fetch("/api/machines").then((answer) => answer.json())
          .then((page) => page.machines.find((one) => one.id === id).version)""",
        CUSTOMER.machine(3),
    )
    assert version == 2  # stored once


def test_a_conflict_of_what_waited_is_shown_in_its_card(
    ready: Page, colleague: Page, link: str
) -> None:
    ready.context.set_offline(True)
    enter_value(ready, 4, CUSTOMER.now(4, "1"))
    expect(card(ready, 4).get_by_text("Wartet auf Netz").first).to_be_visible()
    enter(colleague, link)
    enter_value(colleague, 4, CUSTOMER.now(4, "1") - 40)
    expect(card(colleague, 4).get_by_text(STORED)).to_have_count(1)
    ready.context.set_offline(False)
    expect(card(ready, 4).get_by_text("Inzwischen wurde für dieses Gerät gemeldet")).to_be_visible()
    card(ready, 4).get_by_role("button", name="Mit meiner Eingabe überschreiben").click()
    expect(card(ready, 4).locator(".value")).to_contain_text(value_of(4))


def test_what_waits_survives_the_end_of_the_session(ready: Page, link: str) -> None:
    ready.context.set_offline(True)
    enter_value(ready, 5, CUSTOMER.now(5, "1"))
    expect(card(ready, 5).get_by_text("Wartet auf Netz").first).to_be_visible()
    ready.context.clear_cookies()
    ready.context.set_offline(False)
    expect(ready.get_by_role("heading", name="Ihre Sitzung ist beendet")).to_be_visible()
    ready.goto("about:blank")
    ready.goto(link)
    expect(card(ready, 5).get_by_text(STORED)).to_have_count(1)


def test_what_waits_can_be_taken_back_and_doubts_come_after_sending(ready: Page) -> None:
    ready.context.set_offline(True)
    enter_value(ready, 6, 7)
    card(ready, 6).get_by_role("button", name=TAKE_BACK).click()
    expect(ready.locator(f"#m-{CUSTOMER.machine(6)}-1")).to_have_value("7")
    enter_value(ready, 6, CUSTOMER.last(6, "1") + 9000)
    expect(card(ready, 6).get_by_text("Wartet auf Netz").first).to_be_visible()
    ready.context.set_offline(False)
    expect(card(ready, 6).get_by_text("Der Wert stimmt")).to_be_visible()
    expect(card(ready, 6).locator(".badge")).to_have_text("Zu prüfen")


def test_several_machines_are_kept_also_where_no_worker_keeps_the_page(
    application: Application, browser: Browser
) -> None:
    """What sends several at once came with its first use only, and that may be without a network."""
    context = browser.new_context(
        locale="de-DE",
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
        service_workers="block",
    )
    page = context.new_page()
    enter(page, asked_customer(application, TWO))
    for n in (1, 2):
        page.locator(f"#m-{TWO.machine(n)}-1").fill(str(TWO.now(n, "1")))
    page.wait_for_load_state("networkidle")
    context.set_offline(True)
    page.locator(".sticky").get_by_role("button", name="2 Zählerstände merken").press("Enter")
    expect(page.locator(".kept")).to_have_count(2)
    context.set_offline(False)
    for n in (1, 2):
        expect(page.locator(f"#machine-{TWO.machine(n)}").get_by_text(STORED)).to_be_visible()
    context.close()


def test_the_service_worker_keeps_files_and_never_what_the_api_says(ready: Page) -> None:
    kept = ready.evaluate(
        """async () => {
          const paths = [];
          for (const name of await caches.keys())
            for (const one of await (await caches.open(name)).keys()) paths.push(new URL(one.url).pathname);
          return paths;
        }"""
    )
    assert {"/", "/portal.js", "/outbox.js", "/shared/site.css", "/history.js"} <= set(kept)
    assert not [path for path in kept if path.startswith(("/api", "/staff"))]
