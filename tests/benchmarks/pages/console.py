"""The console over a snapshot of any size: first rows, keys, order and scrolling in a real browser.

A server on this machine answers what the lists ask for; nothing else of the application runs. Times but
the first rows are processor time of the page's thread and of its worker, from the browser's own trace. Keys and
clicks go to where they belong without being looked for: a search for a role is work of the page, too.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from infra.browser import find
from infra.local import site
from infra.local.http_api import Answer
from tests.benchmarks.pages.trace import PAGE, tasks
from tests.benchmarks.portfolio.generate import TODAY
from tests.support.running import CHROMIUM_FLAGS

FIRST_LOADS = 5
FILTERS = ("gmbh", "ricoh", "a", "mue", "koeln")
SORTS = 5
TYPED = 3
"""How often the same words are typed: of each keystroke, the median counts."""
WORDS = ("a", "2", ".", "gmbh", "mueller ag", "koeln ricoh 3", "qqq")
"""What is typed into the search: short ones hit almost everything, the last one nothing."""

_CELLS = 20
"""So many cells are at least one row."""
_WATCH = f"""
  const watch = new MutationObserver(() => {{
    if (document.querySelectorAll("[role=row] .cell").length <= {_CELLS}) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => {{ globalThis.firstRows = performance.now(); }}));
  }});
  watch.observe(document, {{ subtree: true, childList: true }});
"""
"""The page notes by itself when its first rows are painted: who asks from outside asks late."""

_THREADS = (PAGE, "SharedWorker thread")
_REST = 3_000
"""Milliseconds in which the worker makes ready what it makes once: text to search, ranks to order by."""


@dataclass(frozen=True, slots=True)
class Lists:
    """`first_rows` in milliseconds from the navigation (median of five loads with nothing kept), and
    `after_reload`, when the device has kept the rows; the others in milliseconds of processor time of the page
    and its worker together, painting included: the dearest keystroke of the search, a filter and an order
    whose ranks are known (medians), and the longest task of scrolling."""

    first_rows: float
    after_reload: float
    keystroke: float
    filtering: float
    sorting: float
    scrolling: float


@contextmanager
def serving(parts: Mapping[str, bytes], rows: Mapping[str, int]) -> Iterator[str]:
    """The address of a server that has this snapshot: the files of its parts, and how many rows each has."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # As every front does; else a file waits 40 ms for the receipt of its headers.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            name = address.path.rpartition("/")[2]
            if address.path.startswith("/parts/"):
                self.give(parts[name], "application/octet-stream")
            elif address.path == "/api/staff/portfolio":
                self.tell(_snapshot(parts, rows))
            elif address.path == "/api/staff/portfolio/changes":
                self.tell({"rows": [], "after": "later", "more": False, "outdated": False})
            elif address.path == "/api/staff/machines/values":
                self.tell({"machines": [_values(one) for one in _ids(address.query)]})
            elif address.path == "/staff/config.json":
                self.tell({})
            else:
                self.page(address.path)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            key = base64.urlsafe_b64encode(bytes(32)).decode()
            self.tell({"id_token": _token(), "rows_key": key, "today": TODAY.isoformat()})

        def page(self, path: str) -> None:
            answer = _file(path, self.headers.get("accept-encoding", ""))
            self.answer(answer.status, answer.headers, answer.body)

        def tell(self, answer: Any) -> None:
            self.give(json.dumps(answer).encode(), "application/json")

        def give(self, content: bytes, kind: str) -> None:
            self.answer(200, [("content-type", kind)], content)

        def answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@cache
def _file(path: str, coding: str) -> Answer:
    """A file of the site, compressed once, as an edge keeps it."""
    return site.serve(path, {"accept-encoding": coding}, [])


def _ids(query: str) -> list[str]:
    return parse_qs(query)["ids"][0].split(",")


def _snapshot(parts: Mapping[str, bytes], rows: Mapping[str, int]) -> dict[str, Any]:
    listed = [
        {
            "name": name,
            "url": f"/parts/{name}",
            "bytes": len(content),
            "rows": rows[name],
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for name, content in parts.items()
    ]
    return {"version": "v1", "built_at": "2026-11-23T02:00:00Z", "after": "v1", "parts": listed}


def _values(machine: str) -> dict[str, Any]:
    previous = {"value": 10_000, "read_on": "2026-08-28", "estimated": False}
    value = {"value": 12_867, "read_on": "2026-11-23", "state": "reported", "verdict": "plausible"}
    meters = [
        {
            "meter_id": "1",
            "label": "S/W",
            "kind": "BW",
            "previous": previous,
            "usage": 2_867,
            **value,
        },
        {
            "meter_id": "2",
            "label": "Farbe",
            "kind": "COLOR",
            "previous": previous,
            "usage": 2_867,
            **value,
        },
    ]
    facts = {"company_id": "1", "version": 1, "rev": 1, "due_on": "2026-11-28"}
    return {"id": machine, **facts, "meters": meters}


def _token() -> str:
    """Nobody checks it here but the page, which reads its end and its groups."""
    now = time.time()
    claims = {"sub": "bench", "iat": now, "exp": now + 300, "cognito:groups": ["admin"]}
    return f".{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}."


def measure(url: str) -> Lists:
    """All figures of one server, in one browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(whole=True), args=CHROMIUM_FLAGS)
        try:
            loads = [_first_rows(browser, url) for _ in range(FIRST_LOADS)]
            page = _fresh(browser)
            _opened(page, url)
            _settled(page)
            keys = [_typed(browser, page, words) for words in WORDS]
            filtering = median(
                _filtered(browser, page, words) for words in FILTERS for _ in range(TYPED)
            )
            _filter(page, "")
            head = _middle(page.get_by_role("columnheader", name="Seriennr."))
            page.mouse.click(*head)
            page.wait_for_timeout(_REST)
            sorting = median(
                _spent(browser, page, lambda: page.mouse.click(*head)) for _ in range(SORTS)
            )
            scrolling = _longest(browser, page, lambda: _scroll(page))
            reload = _opened(page, url)
        finally:
            browser.close()
    return Lists(median(loads), reload, max(keys), filtering, sorting, scrolling)


def _fresh(browser: Browser) -> Page:
    context = browser.new_context(locale="de-DE", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(_WATCH)
    return page


def _first_rows(browser: Browser, url: str) -> float:
    page = _fresh(browser)
    try:
        return _opened(page, url)
    finally:
        page.context.close()


def _opened(page: Page, url: str) -> float:
    """Milliseconds from the navigation to the first row of the contracts, by the page's own clock."""
    page.goto("about:blank")
    page.goto(f"{url}/staff/#/stock/contracts", wait_until="commit")
    found: float = page.wait_for_function("globalThis.firstRows").json_value()
    return found


def _settled(page: Page) -> None:
    """All three parts are there, and what makes the search ready is done."""
    page.evaluate("location.hash = '#/stock/machines'")
    page.get_by_role("grid", name="Geräte").wait_for()
    expect(page.locator(".stock-fresh")).to_contain_text("aktuell", timeout=120_000)
    page.wait_for_timeout(_REST)


def _typed(browser: Browser, page: Page, words: str) -> float:
    """The dearest keystroke of some words in the search over everything."""
    field = page.get_by_role("combobox").first
    spent = []
    for _ in range(TYPED):
        field.press("Control+a")
        field.press("Delete")
        page.wait_for_timeout(300)
        spent.append([_spent(browser, page, partial(page.keyboard.press, key)) for key in words])
    dearest: float = max(median(times) for times in zip(*spent, strict=True))
    return dearest


def _filtered(browser: Browser, page: Page, words: str) -> float:
    _filter(page, "")
    page.wait_for_timeout(_REST // 4)
    return _spent(browser, page, lambda: page.keyboard.insert_text(words))


def _filter(page: Page, words: str) -> None:
    page.get_by_role("searchbox", name="Filtern").fill(words)


def _middle(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _scroll(page: Page) -> None:
    page.get_by_role("grid", name="Geräte").hover()
    for _ in range(60):
        page.mouse.wheel(0, 900)
        page.wait_for_timeout(16)


def _spent(browser: Browser, page: Page, act: Callable[[], Any]) -> float:
    return sum(_tasks(browser, page, act))


def _longest(browser: Browser, page: Page, act: Callable[[], Any]) -> float:
    return max(_tasks(browser, page, act))


def _tasks(browser: Browser, page: Page, act: Callable[[], Any]) -> list[float]:
    """Milliseconds of processor time of each task on the page's thread and its worker's, until both rest."""
    return [task.spent for task in tasks(browser, page, act, _THREADS)] or [0.0]
