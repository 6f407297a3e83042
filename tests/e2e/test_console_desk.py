"""At a desk nothing of the console sticks out: not of the window, and no state's word of its frame; and its lists
are dense: twenty lines on a screen, a line each."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e.asking import asked
from tests.e2e.console import open_view, sign_in
from tests.e2e.customers import Customer, taken_over
from tests.e2e.test_console_exchange import tables_of
from tests.support.erp_exports import as_zip
from tests.support.running import Application

CUSTOMER = Customer(
    28711, 3, name="Reederei Ångström & Söhne Schifffahrtsgesellschaft mbH", others=1
)
LINE = 32
"""Pixels that a line of a list may be high."""
LEAST = 20
"""Lines of the portfolio on a screen of 1440 x 900."""

DESKS: tuple[ViewportSize, ...] = (
    {"width": 1216, "height": 720},
    {"width": 1280, "height": 720},
    {"width": 1440, "height": 900},
)
_FILLED = "main :is(tbody tr, .grid-row:not([hidden]), .today-runs li, .review-empty)"
VIEWS = (
    "today",
    "stock",
    "review",
    "releases",
    "imports",
    "journal",
    "people",
    f"companies/{CUSTOMER.number}",
    f"machines/{CUSTOMER.machine(1)}",
)

# Clipped or scrolled parts are their own boxes' matter; a word cut off in the page's head is not.
_STICKS_OUT = """() => {
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 1;
  const boxed = (one) => one.closest("main .unseen, .grid, .wide-table, .review-scroll, dialog");
  const out = [...document.querySelectorAll(".top *, main *")].filter((one) =>
    shown(one) && !boxed(one) && one.getBoundingClientRect().right > innerWidth + 1);
  const burst = [...document.querySelectorAll(".badge")].filter((one) => shown(one) && one.scrollWidth > one.clientWidth + 1);
  return [...out, ...burst].map((one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`);
}"""


@pytest.fixture(scope="session", autouse=True)
def _customer(application: Application) -> None:
    """With people who have a telephone, a mail that arrived, and all rights."""
    tables = tables_of(CUSTOMER)
    head, *people = tables["ansprechpartner.csv"]
    told = [[*person, "+49 40 5550177-4412"] for person in people]
    tables["ansprechpartner.csv"] = [[*head, "Telefon"], *told]
    taken_over(application, as_zip(tables))
    asked(application, str(CUSTOMER.number), CUSTOMER.mailbox)


@pytest.mark.parametrize("desk", DESKS, ids=lambda desk: str(desk["width"]))
def test_nothing_sticks_out_at_a_desk(
    application: Application, staff: Page, desk: ViewportSize
) -> None:
    staff.set_viewport_size(desk)
    application.staff("POST", "/api/staff/releases", {"selection": {"filter": {}}, "dry_run": True})
    sign_in(staff, application, "admin", "statistics")
    for language in ("de", "en"):
        expect(staff.locator("html")).to_have_attribute("lang", language)
        for view in VIEWS:
            open_view(staff, view)
            expect(staff.locator(_FILLED).first).to_be_visible()
            if view in {"releases", "imports"}:
                expect(staff.locator(".badge").first).to_be_visible()
            assert staff.evaluate(_STICKS_OUT) == [], (language, view)
        staff.locator("#language").click()


# Rows that lie in the window whole; the ones below the fold are none that somebody sees.
_LINES = """(rows) => [...document.querySelectorAll(rows)]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .map((one) => one.getBoundingClientRect())
  .filter(({ top, bottom }) => top >= 0 && bottom <= innerHeight)
  .map(({ height }) => height)"""


@pytest.mark.parametrize("kind", ["contracts", "companies", "machines"])
def test_the_portfolio_shows_twenty_lines_on_a_screen(
    application: Application, staff: Page, kind: str
) -> None:
    staff.set_viewport_size({"width": 1440, "height": 900})
    sign_in(staff, application, "admin", f"stock/{kind}")
    rows = staff.locator(".grid-row:visible")
    expect(rows.nth(LEAST)).to_be_visible()
    heights = staff.evaluate(_LINES, ".grid-row")
    assert len(heights) >= LEAST
    assert max(heights) <= LINE


@pytest.mark.parametrize("width", [1280, 1440])
def test_a_customer_s_tables_have_a_line_for_each_row(
    application: Application, staff: Page, width: int
) -> None:
    staff.set_viewport_size({"width": width, "height": 900})
    sign_in(staff, application, "admin", f"companies/{CUSTOMER.number}")
    for language in ("de", "en"):
        expect(staff.locator("html")).to_have_attribute("lang", language)
        expect(staff.locator("main tbody tr")).to_have_count(2 + 2 + 4)
        heights = staff.evaluate(_LINES, "main tbody tr")
        assert len(heights) == 2 + 2 + 4, "all of them on one screen"
        assert max(heights) <= LINE, (language, heights)
        hidden = staff.locator("main .scroll").evaluate_all(
            "all => all.map((one) => one.scrollWidth - one.clientWidth)"
        )
        assert hidden == [0, 0, 0], language
        expect(staff.locator(f"#phone-{CUSTOMER.contact}")).to_contain_text("5550177")
        person = staff.get_by_role("row").filter(has=staff.locator(f"#contact-{CUSTOMER.contact}"))
        rights = person.locator(f"#rights-{CUSTOMER.contact}")
        expect(rights).to_have_attribute("title", rights.inner_text())
        staff.locator("#language").click()
