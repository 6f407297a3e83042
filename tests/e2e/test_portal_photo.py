"""A photo of a disputed counter: taken in the page, put into the bucket, looked at by staff."""

from __future__ import annotations

import base64
import struct
import urllib.request
import zlib

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.e2e.asking import because, enter, says_right
from tests.e2e.console import sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.support.running import Application

CUSTOMER = Customer(19101, 2)
WATCH_WHAT_IS_SENT = """
  const before = window.fetch;
  window.sentPictures = [];
  window.fetch = async (address, options = {}) => {
    if (options.body instanceof Blob) {
      const bytes = new Uint8Array(await options.body.arrayBuffer());
      window.sentPictures.push(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")));
    }
    return before(address, options);
  };
"""


def picture(width: int, height: int) -> bytes:
    """A grey PNG, as a camera would hand one in."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = b"".join(
        b"\0" + bytes((row + column) % 256 for column in range(width)) for row in range(height)
    )
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_customer(application, CUSTOMER)


def disputed(page: Page, n: int) -> Locator:
    """The card of a machine whose first counter is asked about."""
    card = page.locator(f"#machine-{CUSTOMER.machine(n)}")
    page.locator(f"#m-{CUSTOMER.machine(n)}-1").fill(str(CUSTOMER.last(n, "1") + 9000))
    card.locator("[type=submit]").click()
    says_right(card)
    card.get_by_role("button", name="Foto beilegen").click()
    return card


def attach(card: Locator, content: bytes, name: str = "display.png") -> None:
    chosen: FilePayload = {"name": name, "mimeType": "image/png", "buffer": content}
    card.get_by_label("Foto aufnehmen oder wählen").set_input_files(chosen)


def test_a_photo_taken_in_the_page_lies_in_the_bucket_and_staff_see_it(
    application: Application, contact: Page, staff: Page, link: str
) -> None:
    contact.add_init_script(WATCH_WHAT_IS_SENT)
    enter(contact, link)
    card = disputed(contact, 1)
    attach(card, picture(2400, 600))
    expect(card.get_by_text("✓ Das Foto ist gesendet.")).to_be_visible()
    because(card)
    card.get_by_role("button", name="absenden").click()
    expect(card.get_by_text("gespeichert, mit Ihrer Begründung")).to_be_visible()

    (sent,) = contact.evaluate("window.sentPictures")
    machine = CUSTOMER.machine(1)
    (photo,) = application.staff("GET", f"/api/staff/machines/{machine}/photos")["photos"]
    with urllib.request.urlopen(application.url + photo["url"], timeout=30) as answer:  # noqa: S310 - our own
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.read() == base64.b64decode(sent)

    sign_in(staff, application, "release", "readings?bucket=implausible")
    shown = staff.get_by_role("row").filter(has_text=machine).locator(".photo img")
    shown.scroll_into_view_if_needed()
    expect(shown).to_have_js_property("naturalWidth", 2000)


def test_a_photo_that_does_not_arrive_is_told_and_sent_again(
    application: Application, contact: Page, link: str
) -> None:
    enter(contact, link)
    card = disputed(contact, 2)
    attach(card, b"no picture at all")
    expect(card.get_by_text("Dieses Bild kann der Browser nicht lesen.")).to_be_visible()
    contact.route("**/photos/**", lambda route: route.abort(), times=1)
    attach(card, picture(40, 30))
    expect(card.get_by_text("Das Foto konnte nicht gesendet werden.")).to_be_visible()
    card.get_by_role("button", name="Noch einmal senden").click()
    expect(card.get_by_text("✓ Das Foto ist gesendet.")).to_be_visible()
    machine = CUSTOMER.machine(2)
    photos = application.staff("GET", f"/api/staff/machines/{machine}/photos")["photos"]
    assert len(photos) == 1
