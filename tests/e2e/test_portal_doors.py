"""The ways in by a link: the door, links that mail programs damaged, links that open nothing any more."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

import boto3
import pytest
from meterportal.store import keys
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.asking import asked, enter, sent_after
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

COMPANY, ADDRESS = "10084", "p.gross5038@firma10084.example"
ENDED_COMPANY, ENDED_ADDRESS = "10126", "g.koenigs5054@firma10126.example"
ENDED_CONTACT = "5054"
SOON = "Wenn wir diese Adresse kennen, ist ein neuer Link unterwegs."

DAMAGED: dict[str, Callable[[str], str]] = {
    "escaped": lambda url: url.replace("#", "%23"),
    "escaped twice": lambda url: url.replace("#", "%2523"),
    "escaped thrice": lambda url: url.replace("#", "%252523"),
    "escaped four times": lambda url: url.replace("#", "%25252523"),
    "escaped whole, thrice": lambda url: url.replace("#t=", "%252523t%25253D"),
    "escaped whole": lambda url: url.replace("#t=", "%23t%3D"),
    "in the query": lambda url: url.replace("#", "?"),
    "with a full stop": lambda url: f"{url}.",
    "with a bracket": lambda url: f"{url}>",
    "with an escaped bracket": lambda url: f"{url}%29.",
    "quoted-printable": lambda url: url.replace("#t=", "#t=3D"),
    "with a soft line break": lambda url: f"{url[:-20]}=%0D%0A{url[-20:]}",
    "with spaces": lambda url: f"{url[:-20]}%20 {url[-20:]}%20",
    "escaped, with spaces and a full stop": lambda url: f"{url[:-9]}%20{url[-9:]}.".replace(
        "#", "%23"
    ),
}

INVISIBLE = {
    "zero width spaces": "\u200b",
    "soft hyphens": "\u00ad",
    "word joiners": "\u2060",
    "byte order marks": "\ufeff",
    "no-break spaces": "\u00a0",
}


def strewn(url: str, letter: str) -> str:
    """A link with a letter at its token's beginning, in it and at its end."""
    start, token = url.split("#t=")
    return f"{start}#t={letter}{token[:30]}{letter}{token[30:]}{letter}"


for name, letter in INVISIBLE.items():
    DAMAGED[f"with {name}"] = partial(strewn, letter=letter)
    DAMAGED[f"with {name}, escaped"] = partial(strewn, letter=quote(letter))

DEAD: dict[str, Callable[[str], str]] = {
    "cut": lambda token: token[:-9],
    "cut to its head": lambda token: token[:6],
    "forged": lambda token: token[:20] + ("A" if token[20] != "A" else "B") + token[21:],
    "of another version": lambda token: f"v2{token[2:]}",
    "of an unknown key": lambda token: token.replace(".k1.", ".k7.", 1),
    "far too long": lambda token: token * 100,
    "none of ours": lambda _: "guten-tag",
}


@pytest.fixture
def link(application: Application) -> str:
    return asked(application, COMPANY, ADDRESS)


def door(page: Page) -> Locator:
    return page.get_by_role("button", name="Weiter zu Ihren Geräten")


def requests_to_the_api(page: Page) -> list[str]:
    """Fills with what the page asks the API from now on."""
    asked_for: list[str] = []
    page.on(
        "request",
        lambda one: asked_for.append(f"{one.method} {one.url}") if "/api/" in one.url else None,
    )
    return asked_for


def open_dead(page: Page, application: Application, token: str) -> Locator:
    """The page behind the door for a token that opens nothing."""
    page.goto("about:blank")
    page.goto(f"{application.url}/#t={token}")
    door(page).click()
    heading = page.locator(".door h1")
    expect(heading).to_be_focused()
    return heading


def new_link(page: Page) -> Locator:
    return page.get_by_role("region", name="Neuen Link zusenden")


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_link_damaged_on_its_way_opens_after_the_click(
    contact: Page, link: str, damage: str
) -> None:
    contact.goto(DAMAGED[damage](link))
    door(contact).click()
    expect(contact.locator("article.machine").first).to_be_visible()
    assert link.partition("#t=")[2] not in contact.url


def test_nothing_happens_before_the_click_and_a_known_device_goes_on_by_itself(
    application: Application, contact: Page, link: str
) -> None:
    """But that the function is started while the door is read: once a visit, and for nobody."""
    calls = requests_to_the_api(contact)
    with contact.expect_response("**/api/door") as started:
        contact.goto(link)
    assert started.value.status == 204
    expect(door(contact)).to_be_visible()
    contact.get_by_role("button", name="EN, English").click()
    expect(contact.get_by_role("button", name="Continue to your machines")).to_be_visible()
    contact.get_by_role("button", name="DE, Deutsch").click()
    expect(door(contact)).to_be_visible()
    contact.reload(wait_until="networkidle")
    expect(door(contact)).to_be_visible()
    assert calls == [f"GET {application.url}/api/door"]
    assert contact.context.cookies() == []
    door(contact).click()
    expect(contact.locator("article.machine").first).to_be_visible()
    assert calls[1] == f"POST {application.url}/api/session?overview=1"
    assert sum("/api/door" in call for call in calls) == 1

    contact.context.clear_cookies()
    contact.goto("about:blank")
    contact.goto(link)
    expect(contact.locator("article.machine").first).to_be_visible()
    expect(door(contact)).to_have_count(0)


def test_a_language_is_chosen_by_the_tap(contact: Page, link: str) -> None:
    """Also where the page is left before it could say anything in it."""
    held: list[Route] = []
    contact.route("**/language.js", lambda route: held.append(route), times=1)
    contact.goto(link)
    with contact.expect_request("**/language.js"):
        contact.get_by_role("button", name="EN, English").click()
    contact.reload()
    expect(contact.get_by_role("button", name="Continue to your machines")).to_be_visible()


@pytest.mark.parametrize("fault", ["refused", "no answer"])
def test_the_door_opens_also_where_the_function_is_not_started_by_it(
    contact: Page, link: str, fault: str
) -> None:
    tried: list[Route] = []

    def goes_wrong(route: Route) -> None:
        tried.append(route)
        if fault == "refused":
            route.fulfill(status=503, json={"code": "unavailable"})

    contact.route("**/api/door", goes_wrong)
    contact.goto(link)
    door(contact).click()
    expect(contact.locator("article.machine").first).to_be_visible()
    assert len(tried) == 1
    contact.unroute_all(behavior="ignoreErrors")


def test_the_door_names_nobody(application: Application, contact: Page, link: str) -> None:
    contact.goto(link)
    expect(door(contact)).to_be_visible()
    with_link = contact.locator("body").inner_text()
    contact.goto("about:blank")
    contact.goto(f"{application.url}/#t=guten-tag")
    expect(door(contact)).to_be_visible()
    assert contact.locator("body").inner_text() == with_link


def test_pages_of_links_are_not_for_search_engines_and_run_nothing_foreign(
    application: Application, contact: Page
) -> None:
    for way in ("/", "/#t=x", "/%23t=guten-tag", "/%2523t=guten-tag", "/%252523t=guten-tag"):
        contact.goto("about:blank")
        answer = contact.goto(application.url + way)
        assert answer is not None
        assert answer.status == 200, way
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy, way
        assert "unsafe" not in policy, way
        assert "*" not in policy, way
        assert answer.headers["referrer-policy"] == "no-referrer", way
        robots = contact.locator("meta[name=robots]")
        expect(robots).to_have_attribute("content", re.compile("noindex"))


def test_links_that_open_nothing_all_end_on_the_same_page(
    application: Application, contact: Page, link: str
) -> None:
    token = link.partition("#t=")[2]
    shown = {}
    for name, damage in DEAD.items():
        heading = open_dead(contact, application, damage(token))
        expect(heading).to_have_text("Dieser Link gilt nicht mehr")
        shown[name] = contact.locator("body").inner_text()
    assert len(set(shown.values())) == 1, shown
    assert contact.context.cookies() == []


def test_whoever_has_a_cut_link_gets_a_new_one_at_the_address_on_file(
    application: Application, contact: Page, link: str
) -> None:
    open_dead(contact, application, DEAD["cut"](link.partition("#t=")[2]))
    box = new_link(contact)
    box.get_by_role("button").click()
    expect(box.get_by_text("Bitte geben Sie eine E-Mail-Adresse ein")).to_be_visible()
    expect(box.get_by_label("E-Mail-Adresse")).to_be_focused()
    box.get_by_label("E-Mail-Adresse").fill(f"  {ADDRESS.upper()} ")
    box.get_by_role("button").click()
    expect(box.locator("p", has_text=SOON)).to_be_focused()
    told = box.inner_text()
    enter(contact, sent_after(application, ADDRESS, link))

    contact.context.clear_cookies()
    contact.goto(application.url)
    box = new_link(contact)
    box.get_by_label("E-Mail-Adresse").fill("niemand@firma10084.example")
    box.get_by_role("button").click()
    expect(box.get_by_text(SOON)).to_be_visible()
    assert box.inner_text() == told


def revoke(application: Application, link: str) -> None:
    """The dealer ends what `link` and all others of its address open."""
    application.staff("POST", f"/api/staff/contacts/{ENDED_CONTACT}/links/revoke")


def let_pass(application: Application, link: str) -> None:
    """The link's last day is over: the link as its mail's row names it, its day in the past."""
    mails = application.json("/_local/mails")
    mail = next(one for one in mails if link in one["text"])
    aws = application.json("/_local/")["aws"]
    table = boto3.resource(
        "dynamodb",
        endpoint_url=aws["endpoint"],
        region_name="eu-central-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    ).Table(aws["table"])
    pk, sk = keys.mail(mail["tags"]["round"], ENDED_ADDRESS)
    row = table.get_item(Key={"pk": pk, "sk": sk})["Item"]
    pk, sk = keys.link(str(row["link"]))
    table.update_item(
        Key={"pk": pk, "sk": sk},
        UpdateExpression="SET expires_on = :day",
        ConditionExpression="attribute_exists(pk)",
        ExpressionAttributeValues={":day": "2026-11-22"},
    )


@pytest.mark.parametrize("end", [revoke, let_pass])
def test_a_link_past_its_end_says_so_and_offers_a_new_one(
    application: Application,
    contact: Page,
    end: Callable[[Application, str], None],
) -> None:
    ended = asked(application, ENDED_COMPANY, ENDED_ADDRESS)
    end(application, ended)
    heading = open_dead(contact, application, ended.partition("#t=")[2])
    expect(heading).to_have_text("Dieser Link gilt nicht mehr")
    contact.get_by_role("button", name="English").click()
    expect(heading).to_have_text("This link no longer works")
    assert "Link gilt" not in contact.locator("main").inner_text()
    contact.get_by_role("button", name="Deutsch").click()
    assert faults(contact) == []
    assert overflow(contact) == []
    box = new_link(contact)
    expect(box.get_by_label("E-Mail-Adresse")).to_have_count(0)
    box.get_by_role("button").click()
    expect(box.locator("p", has_text=SOON)).to_be_focused()
    enter(contact, sent_after(application, ENDED_ADDRESS, ended))


def test_a_revoked_link_ends_the_session_that_it_opened(
    application: Application, contact: Page
) -> None:
    ended = asked(application, ENDED_COMPANY, ENDED_ADDRESS)
    enter(contact, ended)
    revoke(application, ended)
    contact.reload()
    expect(contact.get_by_role("heading", name="Bitte öffnen Sie den Link")).to_be_visible()
    new_link(contact).get_by_label("E-Mail-Adresse").fill(ENDED_ADDRESS)
    new_link(contact).get_by_role("button").click()
    contact.goto(sent_after(application, ENDED_ADDRESS, ended))
    expect(contact.locator("article.machine").first).to_be_visible()


@pytest.mark.parametrize("page", ["door", "dead", "login", "nothing"])
def test_a_page_before_the_machines_is_accessible_and_never_wider_than_the_window(
    application: Application, contact: Page, link: str, page: str
) -> None:
    if page == "dead":
        open_dead(contact, application, DEAD["cut"](link.partition("#t=")[2]))
    else:
        contact.goto(
            {"door": link, "login": f"{application.url}/#/login"}.get(page, application.url)
        )
    expect(contact.locator(".door h1")).to_be_visible()
    for look in each_look(contact):
        expect(contact.locator(".door h1")).to_be_visible()
        assert faults(contact, look) == [], look
    assert overflow(contact) == []
