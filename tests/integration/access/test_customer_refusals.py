"""Bad input at the contact's routes: a clear refusal, nothing stored, never a 500."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from meterportal.adapters import Adapters

from tests.support.builders import a_holding, a_link, a_machine, a_meter, settle
from tests.support.customers import CLARA, COOKIE, everything, put, signed_in, stored
from tests.support.stage import PUBLIC_URL, Answer, Stage

PUT_PATH = "/api/machines/200001/readings"
CHECK_PATH = "/api/machines/200001/check"
GOOD: dict[str, Any] = {"values": {"1": 11_000}, "version": 1}
WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/api/session", {"token": "x"}),
    ("PUT", "/api/session/company", {"company_id": "10000"}),
    ("POST", CHECK_PATH, {"values": {"1": 11_000}}),
    ("PUT", PUT_PATH, GOOD),
]


def refusal(answer: Answer) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json", answer
    assert answer.json["status"] == answer.status
    assert answer.json["detail"]
    return answer.status, answer.json["code"]


@pytest.fixture
def signed(stage: Stage, adapters: Adapters) -> Stage:
    """A stage with a signed-in contact."""
    signed_in(stage, adapters)
    return stage


def test_only_json_is_taken(signed: Stage) -> None:
    for method, path, body in WRITES:
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
            answer = signed.customer(method, path, body, headers={"content-type": kind})
            assert refusal(answer) == (415, "wrong_content_type"), (path, kind)


BROKEN = [
    "{", "[", "nonsense", "{'values': {}}", '{"values": {"1": NaN}, "version": 1}',
    '{"values": {"1": Infinity}, "version": 1}', '{"values": {"1": 1, "1": 2}, "version": 1}',
    '{"values": {"1": 1}, "version": 1, "version": 2}', '{"a": ' * 21 + "1" + "}" * 21,
    '{"token": "\\ud800"}', "[" * 30_000,
]  # fmt: skip


def test_broken_json_is_refused(signed: Stage) -> None:
    for method, path, _ in WRITES:
        for text in BROKEN:
            assert refusal(signed.customer(method, path, text)) == (400, "malformed"), (path, text)


def test_a_body_is_at_most_64_kb(signed: Stage) -> None:
    for method, path, _ in WRITES:
        huge = '{"values": {"1": "' + "1" * 65_536 + '"}}'
        assert refusal(signed.customer(method, path, huge)) == (413, "too_large"), path


def test_a_body_has_the_fields_that_it_has(signed: Stage) -> None:
    wrong: list[tuple[Any, str | None]] = [
        ({**GOOD, "value": 1}, "value"),
        ({"version": 1}, "values"),
        ({**GOOD, "values": None}, "values"),
        ({**GOOD, "values": []}, "values"),
        ({**GOOD, "values": {}}, "values"),
        ({**GOOD, "values": {"9": 1}}, "values.9"),
        ({**GOOD, "values": {"": 1}}, "values."),
        ({**GOOD, "confirm": []}, "confirm"),
        ({**GOOD, "confirm": {"1": 5}}, "confirm.1"),
        ({**GOOD, "confirm": {"1": ""}}, "confirm.1"),
        ({**GOOD, "confirm": {"1": "x" * 501}}, "confirm.1"),
        ({**GOOD, "confirm": {"1": "a\nb"}}, "confirm.1"),
        ({**GOOD, "confirm": {"2": "ja"}}, "confirm.2"),
        ({**GOOD, "version": "1"}, "version"),
        ({**GOOD, "version": 1.0}, "version"),
        ({**GOOD, "version": True}, "version"),
        ({**GOOD, "version": None}, "version"),
        ([], None),
        (5, None),
        ('"text"', None),
        (None, None),
    ]
    for body, field in wrong:
        answer = signed.customer("PUT", PUT_PATH, body if body is not None else "null")
        assert refusal(answer)[0] == 422, body
        assert answer.json["field"] == field, body


def test_a_missing_version_has_a_code_of_its_own(signed: Stage) -> None:
    answer = signed.customer("PUT", PUT_PATH, {"values": {"1": 11_000}})
    assert refusal(answer) == (422, "version_missing")
    assert answer.json["field"] == "version"
    assert refusal(signed.customer("PUT", PUT_PATH, {})) != (500, "")


def test_any_other_version_is_stale(signed: Stage) -> None:
    for version in (0, 2, -1, 10**12, 10**29):
        answer = signed.customer("PUT", PUT_PATH, {**GOOD, "version": version})
        assert refusal(answer) == (412, "changed_meanwhile"), version
        assert answer.json["version"] == 1


BAD_VALUES = [
    None, "", "  ", "12,5", "1.2", 12.5, 1e3, True, False, -1, "-1", 10**12, "9" * 5000, 10**40,
    "١٢", "1_000", "0x1F", "1e5", "+5", "12 Seiten 5", "12.34.567", [], ["1"], {}, {"v": 1},
]  # fmt: skip


def test_values_that_are_no_counters_are_refused_by_their_field(
    signed: Stage, adapters: Adapters
) -> None:
    before = everything(adapters)
    for value in BAD_VALUES:
        answer = put(signed, values={"2": 4300, "1": value}, version=1)
        assert refusal(answer)[0] == 422, value
        assert answer.json["field"] == "values.1", value
        checked = signed.customer("POST", CHECK_PATH, {"values": {"2": 4300, "1": value}})
        assert checked.status == 200, value
        (finding,) = checked.json["findings"]
        assert (finding["meter_id"], finding["severity"]) == ("1", "block")
        assert finding["text"]
    assert everything(adapters) == before


def test_what_people_write_is_understood(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters, a_holding(machines=[a_machine(meters=(a_meter(last_value=None),))]))
    for version, text in enumerate(
        ["12.345", "12 346", "12'347", "12,348", "012349", "12350 Seiten", " 12351 ", "12\u202f352"]
    ):
        answer = put(stage, values={"1": text}, version=version + 1)
        assert answer.json["readings"][0]["value"] == 12_345 + version, text


def test_impossible_days_are_refused(signed: Stage, adapters: Adapters) -> None:
    for on in ("2026-11-24", "2026-10-27", "0001-01-01", "9999-12-31"):
        answer = put(signed, read_on=on, **GOOD)
        assert refusal(answer)[0] == 422, on
        assert answer.json["field"] == "read_on"
        assert answer.json["findings"][0]["severity"] == "block"
    nonsense: list[Any] = [
        "2026-02-30",
        "2026-W47-1",
        "24.11.2026",
        "2026-11-23T00:00:00",
        "",
        "heute",
    ]
    nonsense += [20261123, 0, "２０２６-11-23", [], True]
    for day in nonsense:
        answer = put(signed, read_on=day, **GOOD)
        assert refusal(answer)[0] == 422, day
        assert answer.json["field"] == "read_on", day
    assert stored(adapters).readings == ()


def test_unknown_fields_are_refused_at_every_route(signed: Stage) -> None:
    for method, path, body in WRITES:
        answer = signed.customer(method, path, {**body, "admin": True})
        assert refusal(answer)[0] == 422
        assert answer.json["field"] == "admin"


def test_a_foreign_site_may_change_nothing(signed: Stage, adapters: Adapters) -> None:
    before = everything(adapters)
    foreign = [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": PUBLIC_URL.replace("http:", "https:")},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": PUBLIC_URL},
    ]
    for headers in foreign:
        for method, path, body in [*WRITES, ("DELETE", "/api/session", None)]:
            answer = signed.customer(method, path, body, headers=headers)
            assert refusal(answer) == (403, "foreign_origin"), (headers, path)
    assert everything(adapters) == before
    own = {"origin": PUBLIC_URL, "sec-fetch-site": "same-origin"}
    assert signed.customer("PUT", PUT_PATH, GOOD, headers=own).status == 200


def test_other_methods_and_paths_do_not_exist(signed: Stage) -> None:
    for method, path in [
        ("DELETE", PUT_PATH), ("GET", PUT_PATH), ("POST", PUT_PATH), ("PUT", CHECK_PATH),
        ("PATCH", "/api/session"), ("POST", "/api/machines"), ("GET", "/api/machines/200001"),
        ("GET", "/api/machines/"), ("GET", "/api/machines/../session"), ("GET", "/api"),
    ]:  # fmt: skip
        answer = signed.customer(method, path)
        assert (answer.status, answer.json["code"]) == (404, "not_found"), (method, path)
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_refusals_speak_the_callers_language(signed: Stage) -> None:
    german = signed.customer("PUT", PUT_PATH, {**GOOD, "version": 9})
    english = signed.customer("PUT", PUT_PATH, {**GOOD, "version": 9}, language="en-GB")
    assert german.json["detail"].startswith("Die Zählerstände")
    assert english.json["detail"].startswith("The readings")


def test_every_answer_forbids_caching(signed: Stage) -> None:
    answers = [
        signed.customer("GET", "/api/machines"),
        signed.customer("PUT", PUT_PATH, "{"),
        signed.customer("PUT", PUT_PATH, GOOD),
        signed.customer("DELETE", "/api/session"),
        signed.customer("GET", "/api/session"),
    ]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


def test_log_lines_and_refusals_hold_no_address_name_token_or_cookie(
    stage: Stage,
    adapters: Adapters,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.INFO)
    settle(adapters)
    token = a_link(adapters)
    answers = [stage.customer("POST", "/api/session", {"token": token[:-1]})]
    stage.customer("POST", "/api/session", {"token": token})
    cookie = stage.cookies[COOKIE]
    for body in (GOOD, GOOD, {**GOOD, "version": 9}, {"values": {"1": CLARA}, "version": 2}, {}):
        answers.append(stage.customer("PUT", PUT_PATH, body))
    answers.append(stage.customer("GET", "/api/machines?cursor=x"))
    answers.append(stage.customer("POST", "/api/session", {"token": f"{token}{CLARA}"}))
    said = " ".join(answer.text for answer in answers)
    logged = caplog.text + "".join(capfd.readouterr())
    for secret in (CLARA, "muster.example", "Clara", "Schäfer", token, token[6:], cookie):
        assert secret not in said
        assert secret not in logged
