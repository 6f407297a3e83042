"""Values typed before a reload: they come back, and are judged without disturbing anybody."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.asking import enter
from tests.e2e.customers import Customer, asked_customer
from tests.support.running import Application


def checks(page: Page) -> list[str]:
    """Fills with what the page has checked from now on: the machine when asked, `.` when answered."""
    told: list[str] = []

    def tell(url: str, word: str) -> None:
        if url.endswith("/check"):
            told.append(word or url.split("/")[-2])

    page.on("request", lambda request: tell(request.url, ""))
    page.on("requestfinished", lambda request: tell(request.url, "."))
    return told


def test_a_restored_draft_is_judged_as_if_its_fields_were_just_left(
    application: Application, contact: Page
) -> None:
    """In silence, once a machine, one after another, and only what comes near the window."""
    customer = Customer(18104, 12)
    enter(contact, asked_customer(application, customer))

    def hint(n: int) -> Locator:
        return contact.locator(f"#machine-{customer.machine(n)} .advice").locator(".hint")

    fault = contact.locator(f"#m-{customer.machine(12)}-1-error")
    for n, meter in ((1, "1"), (1, "2"), (2, "1")):
        contact.locator(f"#m-{customer.machine(n)}-{meter}").fill("1")
    contact.locator(f"#m-{customer.machine(12)}-1").fill("12,5")
    contact.keyboard.press("Tab")
    expect(fault).to_contain_text("ganze Zahl")
    contact.wait_for_load_state(
        "networkidle"
    )  # what was asked while typing is none of the reload's
    contact.evaluate("scrollTo(0, 0)")
    told = checks(contact)
    contact.reload()
    expect(hint(1)).to_have_count(2)
    expect(hint(2)).to_have_count(1)
    expect(contact.locator("h1")).to_be_focused()
    expect(contact.locator("#said")).to_be_empty()
    contact.wait_for_load_state("networkidle")
    assert sorted(told[::2]) == [customer.machine(1), customer.machine(2)]
    assert told[1::2] == [".", "."]
    contact.locator(f"#machine-{customer.machine(12)}").scroll_into_view_if_needed()
    expect(fault).to_contain_text("ganze Zahl")
    expect(contact.locator("h1")).to_be_focused()
    assert told[4:] == [customer.machine(12), "."]


def test_who_types_on_in_a_restored_draft_is_not_interrupted(
    application: Application, contact: Page
) -> None:
    alone = Customer(18105, 1)
    enter(contact, asked_customer(application, alone))
    contact.locator("input.digits").first.fill("1")
    told = checks(contact)
    contact.route("**/doubt.js", lambda route: go_on(contact, route))
    contact.reload()
    expect(contact.locator("input.digits").first).to_have_value("12")
    contact.wait_for_load_state("networkidle")
    assert told == []
    contact.keyboard.press("Tab")
    expect(contact.locator(".hint")).to_have_count(1)


def go_on(page: Page, route: Route) -> None:
    page.locator("input.digits").first.press("End")
    page.keyboard.type("2")
    route.continue_()
