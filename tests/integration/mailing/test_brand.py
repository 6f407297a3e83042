"""The dealer's name, logo, colours and addresses: set, refused in words, shown by page and mails."""

from __future__ import annotations

import base64
import json
import re
from functools import partial
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.adapters import Adapters
from meterportal.domain.mailing.brands import ENOUGH, Brand, contrast, ink_on
from meterportal.files import Files
from meterportal.store.mailing import brands
from meterportal.usecases.mailing.show_look import KEY, show_look, style_sheet

from tests.support import clock
from tests.support.builders import settle
from tests.support.pictures import png
from tests.support.requesting import ask, text_of, token_of
from tests.support.stage import Answer, Stage

PATH = "/api/staff/brand"
LOOK = {
    "name": "Kopierladen Möller",
    "head": "#F5C400",
    "accent": "#7a1f5c",
    "imprint": "https://moeller.example/impressum",
    "privacy": "https://moeller.example/datenschutz",
}


def put(stage: Stage, seen: int = 0, /, groups: str = "admin", **changes: Any) -> Answer:
    return stage.staff("PUT", PATH, LOOK | {"version": seen} | changes, groups=groups)


def told(sheet: str) -> Any:
    """What the portal's script reads from the style sheet."""
    (look,) = re.findall('--look: "([^"]*)";', sheet)
    return json.loads(unquote(look))


def test_page_and_mail_show_what_was_set(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    assert put(stage).json["version"] == 1
    ask(stage)
    (mail,) = stage.mails()
    assert mail["From"].startswith("Kopierladen Möller <")
    html = mail.get_body(preferencelist=("html",))
    assert html is not None
    for said in ("#f5c400;color:#000000", 'bgcolor="#7a1f5c"', LOOK["imprint"], LOOK["privacy"]):
        assert said in html.get_content()
    assert f"Impressum: {LOOK['imprint']}" in text_of(mail)
    opened = stage.customer("POST", "/api/session", {"token": token_of(mail)}).json
    assert opened["dealer"] == {"name": "Kopierladen Möller"}
    sheet = adapters.files.get(adapters.settings.site_bucket, KEY).decode()
    for said in (
        "--brand: #f5c400; --brand-ink: #000000;",
        "--accent: #7a1f5c; --accent-ink: #ffffff;",
    ):
        assert said in sheet
    assert ".first {" in sheet, "room for the addresses at the door"
    assert told(sheet) == {field: LOOK[field] for field in ("name", "imprint", "privacy")}


def test_without_a_look_the_installation_s_name_counts(stage: Stage) -> None:
    told = stage.staff("GET", PATH, groups="read").json
    assert (told["version"], told["name"], told["usual_name"]) == (0, "", "Meterportal")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accent", "#f5c400"),
        ("accent", "red"),
        ("head", "#12345"),
        ("head", "#123456;}"),
        ("imprint", "http://moeller.example"),
        ("imprint", "javascript:alert(1)"),
        ("privacy", 'https://moeller.example/"><b>'),
        ("privacy", "https://user@moeller.example/"),
        ("name", "x" * 101),
    ],
)
def test_what_cannot_be_shown_is_refused_at_its_field(stage: Stage, field: str, value: str) -> None:
    refused = put(stage, **{field: value})
    assert (refused.status, refused.json["code"]) == (422, "brand_refused")
    assert refused.json["field"] == field
    assert stage.staff("GET", PATH).json["version"] == 0


def test_a_colour_too_light_is_refused_with_its_contrast(stage: Stage) -> None:
    assert "Kontrast 1,4" in put(stage, accent="#f5c400").json["detail"]


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def on_the_site(adapters: Adapters) -> dict[str, bytes]:
    files, bucket = adapters.files, adapters.settings.site_bucket
    return {key: files.get(bucket, key) for key in files.names(bucket, "brand/")}


def test_a_logo_is_on_the_site_in_the_page_s_head_and_in_mails(
    stage: Stage, adapters: Adapters
) -> None:
    picture = png(480, 120)
    stored = put(stage, logo=encoded(picture)).json
    key = stored["logo"].removeprefix("/")
    found = on_the_site(adapters)
    assert found[key] == picture
    assert f"url(/{key}) center / 128px 32px" in found[KEY].decode()
    settle(adapters)
    ask(stage)
    html = text_of(stage.mails()[0], "html")
    (image,) = re.findall("<img[^>]*>", html)
    for said in (
        f'src="{adapters.settings.public_url}/{key}"',
        'alt="Kopierladen Möller"',
        'width="240" height="60"',
    ):
        assert said in image


def test_browsers_keep_a_logo_for_good_and_the_look_for_a_minute(
    stage: Stage, adapters: Adapters
) -> None:
    key = put(stage, logo=encoded(png())).json["logo"].removeprefix("/")
    s3, bucket = adapters._client("s3"), adapters.settings.site_bucket
    told = {name: s3.head_object(Bucket=bucket, Key=name) for name in (key, KEY)}
    assert told[key]["CacheControl"] == "public, max-age=31536000, immutable"
    assert told[key]["ContentType"] == "image/png"
    assert told[KEY]["CacheControl"] == "public, max-age=60"
    assert told[KEY]["ContentType"] == "text/css; charset=utf-8"


def test_a_logo_stays_until_it_is_taken_away_and_mails_that_were_sent_keep_it(
    stage: Stage, adapters: Adapters
) -> None:
    logo = put(stage, logo=encoded(png())).json["logo"]
    assert put(stage, 1, name="Anders").json["logo"] == logo
    assert put(stage, 2, name="Anders", logo="").json["logo"] == ""
    found = on_the_site(adapters)
    assert "url(" not in found[KEY].decode()
    assert logo.removeprefix("/") in found
    settle(adapters)
    ask(stage)
    assert "<img" not in text_of(stage.mails()[0], "html")


def test_a_picture_that_is_none_changes_nothing(stage: Stage, adapters: Adapters) -> None:
    refused = put(stage, logo=encoded(b"<svg onload=alert(1)>"))
    assert (refused.status, refused.json["code"], refused.json["field"]) == (
        422,
        "logo_refused",
        "logo",
    )
    assert "als PNG" in refused.json["detail"]
    for no_base64 in ("no base64!", "ö" * 8):
        assert put(stage, logo=no_base64).json["code"] == "malformed"
    assert stage.staff("GET", PATH).json["version"] == 0
    assert on_the_site(adapters) == {}


def test_a_logo_of_a_colleague_is_not_lost_to_a_later_save(stage: Stage) -> None:
    assert put(stage, logo=encoded(png())).json["version"] == 1
    late = put(stage, 0, name="Anders")
    assert (late.status, late.json["version"]) == (412, 1)
    assert stage.staff("GET", PATH).json["logo"]


def test_a_look_that_did_not_reach_the_site_gets_there_with_the_next_try(
    stage: Stage, adapters: Adapters
) -> None:
    put(stage)
    bucket = adapters.settings.site_bucket
    adapters.files.put(bucket, KEY, b"", content_type="text/css")  # As it was before.
    assert put(stage, 1).json["version"] == 1
    assert "--brand: #f5c400" in on_the_site(adapters)[KEY].decode()


def test_of_two_looks_the_later_one_stays_on_the_site(adapters: Adapters) -> None:
    """While the first is put there, a second one is stored and put: it is put once more."""
    table, bucket = adapters.table, adapters.settings.site_bucket
    now = partial(brands.load, table)

    class Meanwhile(Files):
        puts = 0

        def put(self, *args: Any, **more: Any) -> None:
            self.puts += 1
            if self.puts == 1:
                for write in brands.save(Brand(head="#123456"), by="s", at=clock.now()):
                    table.write(write)
                show_look(now, adapters.files, bucket)
            super().put(*args, **more)

    show_look(now, Meanwhile(adapters._client("s3")), bucket)
    assert "--brand: #123456" in on_the_site(adapters)[KEY].decode()


@pytest.mark.parametrize(
    "name", ['"} body { display: none } /*', "Müller & Söhne \\ 'GmbH'", "</style>", "🖨️ Druck"]
)
def test_no_name_ends_the_style_sheet(name: str) -> None:
    sheet = style_sheet(Brand(name=name))
    assert told(sheet) == {"name": name}
    assert sheet.count("{") == sheet.count("}") == 2


def test_without_a_look_the_sheet_is_empty() -> None:
    assert style_sheet(Brand()) == ""


def test_two_people_do_not_undo_each_other(stage: Stage) -> None:
    assert put(stage).status == 200
    late = put(stage, 0, name="Anders")
    assert (late.status, late.json["code"], late.json["version"]) == (412, "changed_meanwhile", 1)
    assert put(stage, 0).json["version"] == 1
    assert put(stage, 1, name="Anders").json["version"] == 2


@pytest.mark.parametrize("group", ["read", "remind", "release"])
def test_only_administrators_set_it(stage: Stage, group: str) -> None:
    assert put(stage, groups=group).status == 403


@given(st.integers(0, 0xFFFFFF))
def test_every_colour_has_a_text_colour_that_can_be_read(colour: int) -> None:
    shown = f"#{colour:06x}"
    assert contrast(ink_on(shown), shown) >= ENOUGH
