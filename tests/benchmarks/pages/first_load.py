"""The first load of the contact's page, counted in a real browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, expect

WARMS = "GET /api/door"


@dataclass(frozen=True, slots=True)
class FirstLoad:
    """From the navigation until all machines can be seen: requests in their order (method and path),
    `compressed` bytes of all bodies as they came over the wire, and hosts that are not our own."""

    requests: tuple[str, ...]
    compressed: int
    strangers: tuple[str, ...]

    @property
    def waited_for(self) -> tuple[str, ...]:
        """All but the one by which the door has the API's function start."""
        return tuple(one for one in self.requests if one != WARMS)


def count(page: Page, link: str, machines: int) -> FirstLoad:
    """Open a link in a browser that knows nothing yet: the door, its button, the machines.

    What comes later (the service worker, what the first touch fetches) is not counted.
    """
    asked: list[Request] = []

    def sent_for(request: Request) -> None:
        asked.append(request)

    page.on("request", sent_for)
    page.goto(link)
    page.get_by_role("button", name=re.compile("Weiter zu Ihren Geräten|Continue to")).click()
    expect(page.locator("article.machine input.digits").first).to_be_visible()
    expect(page.locator("article.machine")).to_have_count(machines)
    page.remove_listener("request", sent_for)
    sent = [(one, urlsplit(one.url)) for one in asked if one.url.startswith("http")]
    own = urlsplit(link).netloc
    return FirstLoad(
        tuple(f"{one.method} {address.path}" for one, address in sent),
        sum(one.sizes()["responseBodySize"] for one, _ in sent),
        tuple(sorted({address.netloc for _, address in sent if address.netloc != own})),
    )
