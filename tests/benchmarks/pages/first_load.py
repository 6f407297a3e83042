"""The first load of the contact's page, counted in a real browser."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect


@dataclass(frozen=True, slots=True)
class FirstLoad:
    """From the navigation until all machines can be seen: requests in their order (method and path),
    `compressed` bytes of all bodies as they came over the wire, and hosts that are not our own."""

    requests: tuple[str, ...]
    compressed: int
    strangers: tuple[str, ...]


def count(page: Page, link: str, machines: int) -> FirstLoad:
    """Open a link in a browser that knows nothing yet: the door, its button, the machines.

    What comes later (the service worker, what the first touch fetches) is not counted.
    """
    asked: list[str] = []
    received = 0
    over = False

    def sent(event: dict[str, dict[str, str]]) -> None:
        if not over and event["request"]["url"].startswith("http"):
            asked.append(f"{event['request']['method']} {event['request']['url']}")

    def came(event: dict[str, int]) -> None:
        nonlocal received
        if not over:
            received += event["encodedDataLength"]

    wire = page.context.new_cdp_session(page)
    wire.on("Network.requestWillBeSent", sent)
    wire.on("Network.dataReceived", came)
    wire.send("Network.enable")
    page.goto(link)
    page.get_by_role("button", name="Weiter zu Ihren Geräten").click()
    expect(page.locator("article.machine input.digits").first).to_be_visible()
    expect(page.locator("article.machine")).to_have_count(machines)
    over = True
    wire.detach()
    own = urlsplit(link).netloc
    addresses = [(one.partition(" ")[0], urlsplit(one.partition(" ")[2])) for one in asked]
    return FirstLoad(
        tuple(f"{method} {address.path}" for method, address in addresses),
        received,
        tuple(sorted({address.netloc for _, address in addresses if address.netloc != own})),
    )
