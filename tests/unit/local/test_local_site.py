"""Static pages as CloudFront serves them, and what a person may choose at the start."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import brotli
import pytest

from infra.aws.site import page, pages
from infra.local.run_settings import DEMO_TODAY, BadSetting, RunSettings
from infra.local.site import ENCODED_FRAGMENT, Policies, serve
from infra.local.template import Template


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, text in {
        "portal/index.html": "<h1>Portal</h1>",
        "console/index.html": "<h1>Konsole</h1>",
        "shared/long.js": "lang();\n" * 500,
        "api/openapi.json": "{}",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    (tmp_path / "secret.txt").write_text("no")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/", "<h1>Portal</h1>"),
        ("/index.html", "<h1>Portal</h1>"),
        ("/staff/", "<h1>Konsole</h1>"),
        ("/api/openapi.json", "{}"),
    ],
)
def test_folders_lie_where_the_deployment_puts_them(site: Path, path: str, text: str) -> None:
    answer = serve(path, {}, [("x-own", "1")], site)
    assert (answer.status, answer.body.decode()) == (200, text)
    assert ("x-own", "1") in answer.headers


def test_the_door_carries_the_dealer_s_name_as_text(site: Path) -> None:
    (site / "portal" / "index.html").write_text('<span data-dealer="">Zähler</span>')
    answer = serve("/", {}, [], site, dealer='Müller & "Söhne"')
    assert answer.body.decode() == (
        '<span data-dealer="Müller &amp; &quot;Söhne&quot;">Müller &amp; &quot;Söhne&quot;</span>'
    )


def test_scripts_and_styles_go_out_without_comments(site: Path) -> None:
    (site / "portal" / "own.js").write_text("// why\nconst one = `//`;\n")
    (site / "portal" / "own.css").write_text("/* why */\na { color: red; }\n")
    assert serve("/own.js", {}, [], site).body == b"const one=`//`;"
    assert serve("/own.css", {}, [], site).body == b"a{color:red}"


def test_the_service_worker_keeps_the_portal_s_files_and_notices_a_change(site: Path) -> None:
    (site / "portal" / "more.css").write_text("a {}")
    (site / "portal" / "sw.js").write_text("// worker")
    before = _precached(site)
    assert before["files"] == ["/", "/more.css", "/shared/long.js"]
    (site / "portal" / "more.css").write_text("b {}")
    after = _precached(site)
    assert after["files"] == before["files"]
    assert after["version"] != before["version"]


def _precached(site: Path) -> dict[str, Any]:
    answer = serve("/precache.js", {}, [], site)
    assert dict(answer.headers)["content-type"] == "text/javascript; charset=utf-8"
    told = answer.body.decode().removeprefix("self.PRECACHE = ").removesuffix(";\n")
    listed: dict[str, Any] = json.loads(told)
    return listed


@pytest.mark.parametrize("times", range(6))
def test_a_fragment_that_was_encoded_opens_the_page_however_often(site: Path, times: int) -> None:
    for path in (f"/%{'25' * times}23t=v1.k1.abc", f"/%{'25' * times}23T%3Dv1"):
        answer = serve(path, {}, [], site)
        assert (answer.status, answer.body.decode()) == (200, "<h1>Portal</h1>"), path
    assert serve(f"/x%{'25' * times}23t=v1", {}, [], site).status == 404


def test_the_edge_function_goes_by_the_same_rule() -> None:
    code = next(iter(Template.read().resources("AWS::CloudFront::Function"))).properties
    (rule,) = re.findall(r"if \(/(.+)/i\.test\(request\.uri\)\)", str(code["FunctionCode"]))
    assert rule.replace("\\/", "/") == ENCODED_FRAGMENT.pattern
    assert ENCODED_FRAGMENT.flags & re.IGNORECASE


@pytest.mark.parametrize(
    "path",
    [
        "/none",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/shared/../../secret.txt",
        "/%00",
        "/staff/x",
        "/shared//page.js",
        "/%2Fetc/passwd",
    ],
)
def test_nothing_else_is_served(site: Path, path: str) -> None:
    assert serve(path, {}, [], site).status == 404


def test_a_page_is_found_as_the_deployment_lists_it() -> None:
    everything = pages()
    assert {key: page(key) for key in everything} == everything


def test_the_consoles_folder_is_found_without_its_slash(site: Path) -> None:
    answer = serve("/staff", {}, [], site)
    assert (answer.status, dict(answer.headers)["location"]) == (308, "/staff/")


@pytest.mark.parametrize(
    ("asked", "coding", "unzip"),
    [("gzip, deflate, br", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress)],
)
def test_long_texts_are_zipped_for_those_who_can(
    site: Path, asked: str, coding: str, unzip: Callable[[bytes], bytes]
) -> None:
    zipped = serve("/shared/long.js", {"accept-encoding": asked}, [], site)
    plain = serve("/shared/long.js", {}, [], site)

    assert dict(zipped.headers)["content-encoding"] == coding
    assert dict(zipped.headers)["etag"] != dict(plain.headers)["etag"]
    assert unzip(zipped.body) == plain.body
    assert dict(zipped.headers)["vary"] == dict(plain.headers)["vary"] == "accept-encoding"
    assert dict(plain.headers)["content-type"] == "text/javascript; charset=utf-8"


def test_an_unchanged_page_is_not_sent_again(site: Path) -> None:
    tag = dict(serve("/", {}, [], site).headers)["etag"]
    again = serve("/", {"if-none-match": f'"other", {tag}'}, [], site)
    assert (again.status, again.body) == (304, b"")


def test_each_path_has_the_headers_of_its_behaviour() -> None:
    template = Template.read(Stage="local")
    policies = Policies(template)

    page, api = dict(policies.of("/staff/")), dict(policies.of("/api/machines"))
    assert "default-src 'self'" in page["content-security-policy"]
    assert "connect-src 'self';" in page["content-security-policy"]
    assert "\n" not in page["content-security-policy"]
    assert page["x-content-type-options"] == "nosniff"
    assert page["strict-transport-security"].startswith("max-age=")
    assert api["content-security-policy"].startswith("default-src 'none'")


def test_without_a_choice_the_demos_day_and_port_8000_hold(tmp_path: Path) -> None:
    chosen = RunSettings.read({"METERPORTAL_STATE": str(tmp_path), "FRESH": "", "PORT": ""})
    assert chosen == RunSettings(8000, tmp_path, DEMO_TODAY, fresh=False, demo=True)
    assert chosen.public_url == "http://127.0.0.1:8000"


def test_a_choice_holds(tmp_path: Path) -> None:
    given = {"PORT": "8010", "FRESH": "1", "TODAY": "2027-01-31", "DEMO": "0"}
    chosen = RunSettings.read({**given, "METERPORTAL_STATE": str(tmp_path)})
    assert chosen == RunSettings(8010, tmp_path, date(2027, 1, 31), fresh=True, demo=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "80"), ("PORT", "x"), ("PORT", "99999"), ("PORT", "٨٠٠٠"), ("TODAY", "31.01.2027")],
)
def test_a_choice_that_makes_no_sense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"{name}="):
        RunSettings.read({name: value})
