"""axe's rule of contrast is asked once for what looks the same, and still finds whatever it would find alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from tests.e2e.sight import faults

_PAGE = """<!doctype html><html lang="de"><title>Seite</title><style>
  main { background: #fff; color: #222; } .pale { color: #bbb; }
  li { position: relative; } .bar { position: absolute; inset: 0; background: #000; z-index: -1; }
  main.deep { position: relative; z-index: 0; background: none; }
</style><main class="%s"><h1>Liste</h1><ul>%s</ul></main></html>"""
_GOOD = "<li><span>gut zu lesen</span></li>"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 600, "height": 400})
    yield context.new_page()
    context.close()


def shown(page: Page, items: str, kind: str = "") -> Page:
    page.set_content(_PAGE % (kind, items))
    return page


@pytest.mark.parametrize(
    ("odd", "kind"),
    [
        ('<li><span class="pale">gut zu lesen</span></li>', ""),
        ('<li><span style="color: #bbb">gut zu lesen</span></li>', ""),
        ('<li style="background: #333"><span>gut zu lesen</span></li>', ""),
        ('<li style="opacity: .3"><span>gut zu lesen</span></li>', ""),
        ('<li><i class="bar"></i><span>gut zu lesen</span></li>', "deep"),
    ],
    ids=["class", "colour", "behind", "opacity", "across"],
)
def test_one_line_among_many_that_cannot_be_read_is_found(page: Page, odd: str, kind: str) -> None:
    shown(page, _GOOD * 20, kind)
    assert faults(page) == []
    shown(page, _GOOD * 10 + odd + _GOOD * 10, kind)
    found = faults(page)
    assert [one.partition(":")[0] for one in found] == ["color-contrast"], found
    assert faults(page) == found, "what was refused once is refused again"


def test_what_is_hidden_teaches_nothing(page: Page) -> None:
    aside = "position: absolute; left: -999px"
    hidden = f'<li><span class="pale" style="{aside}">verborgen</span></li>'
    shown(page, hidden + _GOOD)
    assert faults(page) == []
    shown(page, _GOOD + '<li><span class="pale">zu sehen</span></li>')
    assert len(faults(page)) == 1


def test_the_same_look_is_judged_once(page: Page) -> None:
    """Else nothing is saved: each text of a list of 200 went through the whole rule."""
    shown(page, '<li><b style="color: #123456">gut zu lesen</b></li>' * 200)
    page.evaluate(AXE_SCRIPT)
    page.evaluate(
        """() => {
          const check = axe._audit.checks["color-contrast"], asItIs = check.evaluate;
          window.judged = 0;
          check.evaluate = function (...all) { window.judged += 1; return asItIs.apply(this, all); };
        }"""
    )
    assert faults(page) == []
    assert page.evaluate("judged") <= 2
    assert faults(page) == []
    assert page.evaluate("judged") <= 2
