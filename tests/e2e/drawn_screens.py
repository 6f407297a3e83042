"""Pictures of every drawn screen of the contact's page, named as the drawings: to be laid beside them.

`take_all` puts them into a folder. Each picture has a browser of its own; data are those of `drawn`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, FilePayload, Locator, Page, ViewportSize

from tests.e2e.asking import says_right, speak, through_the_door
from tests.e2e.drawn import Company, asked_as_drawn, companies
from tests.support.running import Application
from tests.support.spreadsheets import XLSX, as_sheets

PHONE: ViewportSize = {"width": 390, "height": 844}
SMALL: ViewportSize = {"width": 320, "height": 844}
DESK: ViewportSize = {"width": 1366, "height": 768}


class Screens:
    """The links of the drawn companies, asked when first needed, and the pictures of their pages."""

    def __init__(self, application: Application, browser: Browser, into: Path, start: int) -> None:
        self.application = application
        self.browser = browser
        self.into = into
        self.companies = companies(start)
        self._links: dict[str, str] = {}

    def link(self, name: str) -> str:
        if name not in self._links:
            also = ("bakery", "office") if name == "of three" else ()
            wanted = (self.companies[one] for one in (name, *also))
            self._links[name] = asked_as_drawn(self.application, *wanted)
        return self._links[name]

    @contextmanager
    def person(
        self, size: ViewportSize, scheme: Literal["light", "dark"] = "light"
    ) -> Iterator[Page]:
        touch = size["width"] < 1000
        context = self.browser.new_context(
            locale="de-DE",
            viewport=size,
            is_mobile=touch,
            has_touch=touch,
            reduced_motion="reduce",
            color_scheme=scheme,
        )
        context.set_default_timeout(20_000)
        yield context.new_page()
        context.close()

    @contextmanager
    def inside(
        self, name: str, size: ViewportSize = PHONE, scheme: Literal["light", "dark"] = "light"
    ) -> Iterator[Page]:
        """Behind the door of a company."""
        with self.person(size, scheme) as page:
            through_the_door(page, self.link(name))
            page.locator("input.digits, .finish, .group").first.wait_for()
            yield page

    def take(self, page: Page, name: str, *, whole: bool = False) -> None:
        page.wait_for_load_state("networkidle")
        before = page.viewport_size
        if whole and before:  # so that all is built which is so only near the window
            for _ in range(3):
                tall = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size(
                    {"width": before["width"], "height": max(tall, before["height"])}
                )
                page.wait_for_timeout(300)
        page.screenshot(path=self.into / f"{name}.png", caret="initial")
        if before:
            page.set_viewport_size(before)


def field(page: Page, company: Company, n: int, meter: str) -> Locator:
    return page.locator(f"#m-{company.machine(n)}-{meter}")


def fill(page: Page, company: Company, *places: int) -> None:
    """Today's values of machines."""
    for n in places:
        for meter, (_, now) in company.copiers[n].values.items():
            field(page, company, n, meter).fill(f"{now:,}".replace(",", "."))


def send(page: Page, company: Company, n: int) -> None:
    card = page.locator(f"#machine-{company.machine(n)}")
    card.locator("[type=submit]").click()
    card.locator(".verdict, .done-row").first.wait_for()


def report(screens: Screens, name: str, *places: int) -> None:
    """Store machines' values by the API, as another device of the contact does."""
    company = screens.companies[name]
    with screens.inside(name) as page:
        page.evaluate(
            """async (reports) => {
              const known = {};
              for (let after = ""; after !== null;) {
                const page = await (await fetch("/api/machines" + after)).json();
                for (const one of page.machines) known[one.id] = one.version;
                after = page.next_cursor ? `?cursor=${encodeURIComponent(page.next_cursor)}` : null;
              }
              for (const [id, values] of reports) {
                await fetch(`/api/machines/${id}/readings`, {
                  method: "PUT",
                  headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
                  body: JSON.stringify({ values, version: known[id], read_on: "2026-11-23" }),
                });
              }
            }""",
            [[company.machine(n), _today(company, n)] for n in places],
        )


def _today(company: Company, n: int) -> dict[str, str]:
    return {meter: str(now) for meter, (_, now) in company.copiers[n].values.items()}


def door(screens: Screens) -> None:
    with screens.person(PHONE) as page:
        page.goto(screens.link("one"))
        page.locator(".door h1").wait_for()
        screens.take(page, "01-tuer")
        page.goto("about:blank")
        page.goto(f"{screens.application.url}/#t=guten-tag")
        page.locator(".door .large").click()
        page.get_by_role("heading", name="Link").first.wait_for()
        screens.take(page, "01-link-tot", whole=True)


def entry(screens: Screens) -> None:
    company = screens.companies["one"]
    with screens.inside("one") as page:
        field(page, company, 0, "1").focus()
        screens.take(page, "02-eingabe")
        field(page, company, 0, "1").fill("66.601")
        field(page, company, 0, "2").fill("24817,5")
        page.locator("[type=submit]").click()
        page.locator(".meter .error:not(:empty)").wait_for()
        screens.take(page, "02-fehler")
    with screens.inside("one", SMALL) as page:
        field(page, company, 0, "1").fill("66601")
        field(page, company, 0, "2").fill("24817")
        screens.take(page, "02-eingabe-320")


def hints(screens: Screens) -> None:
    company = screens.companies["one"]
    for scheme, name in (("light", "03-hinweis"), ("dark", "13-hinweis-dunkel")):
        with screens.inside("one", PHONE, "dark" if scheme == "dark" else "light") as page:
            field(page, company, 0, "1").fill("166.601")
            field(page, company, 0, "2").focus()
            page.locator(".hint").first.wait_for()
            page.keyboard.type("248")
            if scheme == "light":
                screens.take(page, "03-hinweis-kurz")
            page.keyboard.type("17")
            field(page, company, 0, "2").blur()
            page.locator(".hint svg").wait_for()
            page.evaluate("scrollTo(0, 44)")
            screens.take(page, name)
            if scheme == "dark":
                continue
            says_right(page.locator("article.machine"))
            page.get_by_role("radio").first.check()
            screens.take(page, "03-hinweis-grund")
            speak(page)
            page.locator("html[lang=en]").wait_for()
            page.get_by_text("Why is 166,601 right?").wait_for()
            field(page, company, 0, "1").fill("166,601")
            field(page, company, 0, "1").blur()
            page.get_by_role("button", name="Use 66,601").wait_for()
            screens.take(page, "03-hinweis-englisch")
            speak(page)  # kept for the next pictures


def overview(screens: Screens) -> None:
    company = screens.companies["twelve"]
    report(screens, "twelve", 10, 11)
    with screens.inside("twelve") as page:
        fill(page, company, 0)
        send(page, company, 0)
        fill(page, company, 1)
        field(page, company, 1, "2").focus()
        screens.take(page, "06-uebersicht")
        fill(page, company, 2)
        page.locator("details:has(.cards)").last.evaluate("one => { one.open = true }")
        field(page, company, 1, "2").focus()
        screens.take(page, "06-uebersicht-ganz", whole=True)
    with screens.inside("twelve", SMALL) as page:
        fill(page, company, 1)
        field(page, company, 1, "2").focus()
        screens.take(page, "06-uebersicht-320")


def offline(screens: Screens) -> None:
    company = screens.companies["twelve"]
    with screens.inside("twelve") as page:
        fill(page, company, 1, 2)
        page.wait_for_load_state("networkidle")
        page.context.set_offline(True)
        for n in (1, 2):
            page.locator(f"#machine-{company.machine(n)} [type=submit]").click()
            page.locator(f"#machine-{company.machine(n)}.waiting").wait_for()
        field(page, company, 3, "1").fill("151.902")
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=screens.into / "12-ohne-netz.png")


def finish(screens: Screens) -> None:
    company = screens.companies["one"]
    with screens.inside("one") as page:
        fill(page, company, 0)
        page.locator("[type=submit]").click()
        page.get_by_role("heading", name="Danke").wait_for()
        screens.take(page, "04-fertig", whole=True)
        for name, screen in (("10-ablesen", "help"), ("11-verlauf", "history")):
            page.evaluate("to => { location.hash = to }", f"#/{screen}/{company.machine(0)}")
            page.locator(".screen h1").wait_for()
            screens.take(page, name, whole=True)
        page.evaluate("location.hash = '#/receipt'")
        page.get_by_role("heading", name="Quittung").wait_for()
        screens.take(page, "quittung", whole=True)


def of_three(screens: Screens) -> None:
    with screens.inside("of three") as page:
        company = screens.companies["of three"]
        for n in (0, 1):
            fill(page, company, n)
            send(page, company, n)
        page.get_by_role("button", name="Weiter mit").wait_for()
        page.evaluate("scrollTo(0, 0)")
        screens.take(page, "05-drei-firmen")


def not_due(screens: Screens) -> None:
    report(screens, "later", 0, 1)
    with screens.inside("later") as page:
        page.locator(".finish h2").wait_for()
        screens.take(page, "07-nicht-faellig", whole=True)


def table(screens: Screens) -> None:
    company = screens.companies["fleet"]
    report(screens, "fleet", 0, *range(12, 52))
    sizes: tuple[tuple[ViewportSize, Literal["light", "dark"], str], ...] = (
        (DESK, "light", "08-tabelle"),
        (DESK, "dark", "13-tabelle-dunkel"),
        ({"width": 1280, "height": 768}, "light", "08-tabelle-1280"),
        ({"width": 1024, "height": 768}, "light", "08-tabelle-1024"),
    )
    for size, scheme, name in sizes:
        with screens.inside("fleet", size, scheme) as page:
            fill(page, company, 1, 2, 3)
            field(page, company, 5, "1").fill("6.601")
            field(page, company, 5, "2").fill("24.817")
            field(page, company, 4, "1").focus()
            page.locator(".hint").first.wait_for()
            screens.take(page, name)


def sheet(screens: Screens) -> None:
    company = screens.companies["fleet"]
    rows: list[tuple[str, ...]] = [("Serial No.", "B&W Total", "Color Total")]
    odd: dict[tuple[int, str], int] = {(5, "1"): 6601, (9, "1"): 9310, (9, "2"): 24402}
    for n in (5, 9, *range(52, 110)):
        values = company.copiers[n].values.items()
        shown = (f"{odd.get((n, meter), now):,}".replace(",", ".") for meter, (_, now) in values)
        rows.append((company.copiers[n].serial, *shown))
    rows += [("4QPL81O337", "500"), ("T2HH450917", "500"), ("Summe",)]
    book = FilePayload(
        name="Zählerstände November.xlsx", mimeType=XLSX, buffer=as_sheets({"Zähler": rows})
    )
    with screens.inside("fleet", DESK) as page:
        page.evaluate("location.hash = '#/fleet'")
        page.get_by_label("Datei (").set_input_files(book)
        page.get_by_role("button", name="Prüfen").click()
        page.locator(".equation").wait_for(timeout=60_000)
        screens.take(page, "09-datei-ergebnis")


def cookies(screens: Screens) -> None:
    with screens.person(PHONE) as page:
        page.goto(screens.link("one"))
        answer: dict[str, Any] = {
            "status": 401,
            "json": {"code": "unauthorized", "detail": "", "reasons": ["no_cookie"]},
        }
        page.route("**/api/session", lambda route: route.fulfill(**answer))
        page.locator(".door .large").click()
        page.locator("input.digits").first.fill("1")
        page.get_by_role("heading", name="Cookie").wait_for()
        screens.take(page, "14-cookies", whole=True)


ALL: tuple[Callable[[Screens], None], ...] = (
    door,
    cookies,
    entry,
    hints,
    finish,
    overview,
    offline,
    of_three,
    not_due,
    table,
    sheet,
)


def take_all(application: Application, browser: Browser, into: Path, start: int = 27481) -> None:
    into.mkdir(parents=True, exist_ok=True)
    screens = Screens(application, browser, into, start)
    for one in ALL:
        one(screens)
