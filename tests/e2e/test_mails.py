"""The mails as a mail program shows them: rendered in Chromium as they were really sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.machines import Location
from playwright.sync_api import Browser, Page

from tests.support.builders import a_contact, a_contract, a_holding, a_machine
from tests.support.customers import signed_in
from tests.support.receipts import a_report, settle_receipts, wait
from tests.support.reminding import fire, on, remind
from tests.support.requesting import ask, code_of, text_of, token_of
from tests.support.stage import Stage

LONG = (
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH & Co. KG"
)
ESTIMATES = {
    "version": 0,
    "lead_days": 14,
    "grace_days": 20,
    "reminders": [{"days": 3, "since": "request"}],
    "hour": 7,
    "weekends": False,
    "last_step": "estimate",
    "announce_after": 3,
}
KINDS = ("request", "receipt", "reminder", "announcement")
CONTRASTS = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (parts(colour)[3] !== 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const own = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.body.querySelectorAll('*')].filter((one) => own(one) && one.offsetParent).map((one) => {
    const [a, b] = [light(getComputedStyle(one).color), light(behind(one))].sort((x, y) => y - x);
    return { text: one.textContent.slice(0, 40), ratio: (a + 0.05) / (b + 0.05) };
  });
}"""
"""The contrast of every text with what lies behind it, by WCAG's formula."""


@pytest.fixture
def mails(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, language: str
) -> dict[str, Any]:
    """One mail of each kind, as SES was given it: many machines, long names, umlauts."""
    machines = [
        a_machine(
            f"2000{n:02d}",
            serial=f"SN{n:02d}" + "X" * 40,
            customer_no="Kopierer-Flur-Süd/" + "0" * 30,
            location=Location("Werk Überlingen", "Bürogebäude", "1. OG", f"Raum {n}"),
        )
        for n in range(12)
    ]
    held = a_holding(
        Company("10000", LONG),
        contacts=[a_contact(language=language, last_name="Müller-Lüdenscheidt")],
        contracts=[a_contract(name="Wartungsvertrag " * 6)],
        machines=machines,
    )
    signed_in(stage, adapters, held)
    ask(stage)
    a_report(stage, "200000")
    a_report(
        stage, "200001", values={"1": 99_850}, confirm={"1": "Großauftrag: " + "Wahlzettel" * 20}
    )
    wait(monkeypatch, 11)
    settle_receipts(stage)
    remind(stage)
    monkeypatch.setattr(adapters, "settings", replace(adapters.settings, today=None))
    stage.staff("PUT", "/api/staff/schedule", ESTIMATES, groups="admin")
    on(monkeypatch, date(2026, 12, 1))
    fire(stage, date(2026, 12, 1))
    return dict(zip(KINDS, stage.mails(), strict=True))


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture(params=[360, 600])
def reader(browser: Browser, scheme: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A mail program's window: so wide, light or dark, without scripts and without the net."""
    context = browser.new_context(
        viewport={"width": request.param, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
        java_script_enabled=False,
        offline=True,
    )
    yield context.new_page()
    context.close()


def box(page: Page, selector: str) -> dict[str, float]:
    """The size of the one element that fits."""
    found = page.locator(selector)
    assert found.count() == 1
    size = found.bounding_box()
    assert size is not None
    return {"width": size["width"], "height": size["height"]}


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_mail_fits_its_window_and_can_be_tapped(
    mails: dict[str, Any], reader: Page, scheme: str, tmp_path: Path, language: str
) -> None:
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))
    for kind in KINDS:
        reader.set_content(text_of(mails[kind], "html"))
        width = reader.evaluate("innerWidth")
        assert reader.evaluate("document.documentElement.scrollWidth") <= width, kind
        assert box(reader, "table.card")["width"] <= min(580, width), kind
        button = box(reader, 'a[style*="display:inline-block"]')
        assert button["height"] >= 44, kind
        assert button["width"] >= 44, kind
        assert reader.locator("html").get_attribute("lang") == language
        for table in reader.locator("table").all():
            assert table.get_attribute("role") == "presentation"
        weakest = min(reader.evaluate(CONTRASTS), key=lambda found: found["ratio"])
        assert weakest["ratio"] >= 4.5, (kind, weakest)
        reader.screenshot(path=tmp_path / f"{kind}-{language}-{width}-{scheme}.png", full_page=True)
    assert asked == [], "a mail fetches nothing"


@pytest.mark.parametrize("language", ["de", "en"])
def test_both_parts_of_a_mail_say_the_same_way_in(mails: dict[str, Any], language: str) -> None:
    for kind in KINDS:
        mail = mails[kind]
        assert mail["Content-Language"] == language
        plain, html = text_of(mail), text_of(mail, "html")
        assert token_of(mail)
        assert code_of(mail)
        assert html.count(f"#t={token_of(mail)}") == 3  # button, link, and the link's own text
        assert plain.count(f"#t={token_of(mail)}") == 1
        for entity in ("&amp;", "&#", "&lt;", "<", "style="):
            assert entity not in plain, (kind, entity)
        assert "mbH & Co. KG" in plain
        assert "mbH &amp; Co. KG" in html
        assert "Müller-Lüdenscheidt" in plain
        for spy in ("<img", "<script", "<link", "@import", "url("):
            assert spy not in html
        assert mail["List-Unsubscribe"] is None
