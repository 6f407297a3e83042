"""`make screenshots`: pictures of the main screens for the README, from the demo data, into docs/images;
and of every drawn screen of the contact's page, by the drawings' names, into build/screens.

The application is started afresh, a contact is asked, and the pages are used as in the tests: so a
picture shows what the product does today.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from infra.browser import MISSING, find
from tests.e2e.asking import asked, enter
from tests.e2e.console import open_view, sign_in
from tests.e2e.drawn_screens import take_all
from tests.support.running import CHROMIUM_FLAGS, ROOT, Application, running

INTO = ROOT / "docs" / "images"
DRAWN = ROOT / "build" / "screens"
"""Not kept with the code: they are looked at beside the drawings, and there are many."""
COMPANY, ADDRESS = "10203", "t.dvorak5074@firma10203.example"
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}


def main() -> int:
    chromium = find()
    if chromium is None:
        print(MISSING)
        return 1
    INTO.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as application,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        link = asked(application, COMPANY, ADDRESS)
        with person(browser, phone=True) as page:
            customer(page, link)
        with person(browser, phone=True) as page:
            mail(page, application)
        with person(browser, phone=False) as page:
            staff(page, application)
        take_all(application, browser, DRAWN)
        browser.close()
    return 0


@contextmanager
def person(browser: Browser, *, phone: bool) -> Iterator[Page]:
    context = browser.new_context(
        locale="de-DE", viewport=PHONE if phone else DESK, reduced_motion="reduce"
    )
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def take(page: Page, name: str) -> None:
    if "/staff/" in page.url:  # The console's worker asks on and on.
        page.wait_for_timeout(1_500)
    else:
        page.wait_for_load_state("networkidle")
    page.screenshot(path=INTO / f"{name}.png")
    print(f"docs/images/{name}.png")


def customer(page: Page, link: str) -> None:
    """Door, overview, a hint, the tick, and the screens beside."""
    page.goto(link)
    take(page, "door")
    enter(page, link)
    take(page, "portal")
    card = page.locator("article.machine").first
    machine = (card.get_attribute("id") or "").removeprefix("machine-")
    usual = usual_values(page, machine)
    fields = card.locator("input.digits")
    first = next(iter(usual.values()))
    fields.first.fill(str(first)[:-1])
    fields.first.blur()
    card.locator(".advice .box").first.wait_for()
    card.scroll_into_view_if_needed()
    take(page, "hint")
    for place, value in enumerate(usual.values()):
        fields.nth(place).fill(str(value))
    card.get_by_role("button", name="Absenden").click()
    card.get_by_text("gespeichert, passt zum Verlauf").first.wait_for()
    card.scroll_into_view_if_needed()
    take(page, "tick")
    for name, screen in (
        ("receipt", "receipt"),
        ("history", f"history/{machine}"),
        ("help", f"help/{machine}"),
        ("fleet", "fleet"),
    ):
        page.evaluate("fragment => { location.hash = fragment }", f"#/{screen}")
        page.locator(".screen h1").wait_for()
        take(page, name)


def usual_values(page: Page, machine: str) -> dict[str, int]:
    """What the counters of a machine would show today if used as before, by meter."""
    found: dict[str, int] = page.evaluate(
        """async (machine) => {
          const past = await (await fetch(`/api/machines/${machine}/history`)).json();
          return Object.fromEntries(past.meters.map(({ id, readings }) => {
            const daily = readings.map((one) => one.per_day).filter((pages) => pages);
            const days = (Date.parse("2026-11-23") - Date.parse(readings[0].read_on)) / 86400000;
            const mean = daily.reduce((sum, one) => sum + one, 0) / daily.length;
            return [id, readings[0].value + Math.round(days * mean)];
          }));
        }""",
        machine,
    )
    return found


def mail(page: Page, application: Application) -> None:
    """The request as it was sent."""
    sent = next(one for one in application.json("/_local/mails") if ADDRESS in str(one["to"]))
    page.set_content(sent["html"])
    take(page, "mail")


def staff(page: Page, application: Application) -> None:
    """The places of the month's work, with some unusual values."""
    machine = unusual(application)
    sign_in(page, application, "admin", "today")
    page.get_by_role("link", name="Auffällige Geräte prüfen").wait_for()
    take(page, "today")
    open_view(page, "stock/machines")
    page.get_by_role("row").nth(5).wait_for()
    take(page, "console")
    page.evaluate("place => { location.hash = place }", "#/review")
    page.locator(".review-list tbody tr").first.wait_for()
    take(page, "review")
    page.evaluate("place => { location.hash = place }", "#/readiness")
    page.locator(".request-sums strong").first.wait_for()
    take(page, "request")
    open_view(page, "rounds")
    take(page, "rounds")
    open_view(page, "imports")
    take(page, "imports")
    page.evaluate("place => { location.hash = place }", f"#/companies/{COMPANY}")
    page.locator(".month").wait_for()
    take(page, "customer")
    page.evaluate("place => { location.hash = place }", f"#/machines/{machine}")
    page.get_by_role("table", name="Zählerstände").wait_for()
    take(page, "machine")
    open_view(page, "plausibility")
    page.get_by_role("heading", name="Plausibilität").wait_for()
    take(page, "plausibility")


def unusual(application: Application) -> str:
    """Has some customers report ten times what their counters show; the number of the last machine."""
    found = application.staff("GET", "/api/staff/readings?bucket=missing&limit=12")["machines"]
    for machine in found:
        meter = machine["readings"][0]
        if not meter["last"]:
            continue
        application.staff(
            "PUT",
            f"/api/staff/machines/{machine['id']}/readings",
            {
                "values": {meter["meter_id"]: int(f"{meter['last']['value']}5")},
                "confirm": {meter["meter_id"]: "Steht so auf dem Display."},
                "version": machine["version"],
                "channel": "PHONE",
            },
        )
    last: str = found[-1]["id"]
    return last


if __name__ == "__main__":
    sys.exit(main())
