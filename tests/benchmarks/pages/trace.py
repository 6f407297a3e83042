"""Processor time of a page's threads, from the browser's own trace."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page

PAGE = "CrRendererMain"
"""The thread of the page itself."""

_RUN = "ThreadControllerImpl::RunTask"
_REST = 400
"""Milliseconds after which what an act has set off is over."""


class Task(NamedTuple):
    """`begin` in milliseconds of the trace's clock, `spent` in milliseconds of processor time."""

    begin: float
    spent: float


def tasks(
    browser: Browser, page: Page, act: Callable[[], Any], threads: Collection[str]
) -> list[Task]:
    """The tasks of the named threads while `act` goes on and until they rest, by their beginning."""
    browser.start_tracing(page=page, categories=["toplevel", "__metadata"])
    act()
    page.wait_for_timeout(_REST)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    meant = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] in threads
    }
    return sorted(
        Task(event["ts"] / 1_000, event["tdur"] / 1_000)
        for event in events
        if event["name"] == _RUN and (event["pid"], event["tid"]) in meant and "tdur" in event
    )
