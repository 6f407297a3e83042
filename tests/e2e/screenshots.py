"""`make screenshots`: pictures of the main screens for the README, from the demo data, into docs/images.

The application is started afresh, a contact is asked, and the pages are used as in the tests: so a
picture shows what the product does today.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.asking import asked, enter
from tests.running import CHROMIUM_FLAGS, ROOT, Application, running

INTO = ROOT / "docs" / "images"
COMPANY, ADDRESS = "10203", "t.dvorak5074@firma10203.example"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("Chromium is missing: apt-get install chromium")
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
            clerk(page, application)
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
    card.get_by_text("Plausibel – gespeichert").first.wait_for()
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


def clerk(page: Page, application: Application) -> None:
    """Contracts, and the limits of the check."""
    account = application.account("admin")
    page.goto(application.url + "/staff/")
    page.get_by_label("E-Mail-Adresse").fill(account["username"])
    page.get_by_label("Passwort", exact=True).fill(account["password"])
    page.get_by_role("button", name="Anmelden", exact=True).click()
    page.get_by_role("heading", name="Verträge").wait_for()
    page.get_by_role("row").nth(5).wait_for()
    take(page, "console")
    page.get_by_role("link", name="Plausibilität", exact=True).click()
    page.get_by_role("heading", name="Plausibilität").wait_for()
    take(page, "plausibility")


if __name__ == "__main__":
    sys.exit(main())
