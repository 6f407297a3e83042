"""Release of one reading by hand."""

from __future__ import annotations

from typing import Any

from meterportal.adapters import Adapters

from tests.support.customers import before_the_next_write, change, events, stored
from tests.support.reported import (
    a_confirmed_reading,
    a_reading,
    a_reported_machine,
    release,
    run_of,
    seen,
    settle_reported,
)
from tests.support.stage import Answer, Stage

READING = "200001.1.2026-11-28"


def by_hand(stage: Stage, number: str = READING, **fields: Any) -> Answer:
    body = {"reason": "Mit Frau Schäfer telefoniert", "version": 2} | fields
    return stage.staff("POST", f"/api/staff/readings/{number}/release", body, groups="release")


def test_a_reading_is_released_with_a_reason_and_a_protocol_of_its_own(
    stage: Stage, adapters: Adapters
) -> None:
    machine = a_reported_machine("200001", a_confirmed_reading(), a_reading("2"))
    settle_reported(adapters, [machine])
    answer = by_hand(stage)

    assert answer.status == 200, answer.text
    assert (answer.json["state"], answer.json["version"]) == ("released", 3)
    reading, other = stored(adapters).readings
    assert (reading.state.value, reading.released_by) == ("released", "staff-1")
    assert reading.release_reason == "Mit Frau Schäfer telefoniert"
    assert other.state.value == "reported"
    assert events(adapters) == ["released"]
    (listed,) = stage.staff("GET", "/api/staff/releases").json["releases"]
    assert (listed["kind"], listed["state"], listed["released"]) == ("manual", "done", 1)
    run = run_of(stage, answer.json["release_id"])
    (line,) = run["protocol"]
    assert (line["reading_id"], line["result"], line["value"]) == (READING, "released", 90_000)
    assert line["release_reason"] == "Mit Frau Schäfer telefoniert"
    assert "Mit Frau Schäfer telefoniert" in line["reason"]
    assert [finding["code"] for finding in line["findings_at_release"]] == ["usage_too_high"]
    assert run["progress"] == {"done": 0, "chunks": 0}


def test_what_a_run_refused_can_be_released_by_hand(stage: Stage, adapters: Adapters) -> None:
    machine = a_reported_machine("200001", a_confirmed_reading(), a_reading("2"))
    found = settle_reported(adapters, [machine])
    release(stage, seen(*found))
    bucket = stage.staff("GET", "/api/staff/readings?bucket=implausible").json["machines"]
    answer = by_hand(stage, bucket[0]["readings"][0]["id"], version=bucket[0]["version"])

    assert answer.status == 200, answer.text
    assert stored(adapters).readings[0].refused is None
    assert stage.staff("GET", "/api/staff/readings?bucket=implausible").json["machines"] == []


def test_every_other_attempt_is_refused(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters)

    def refused(number: str = READING, **fields: Any) -> tuple[int, str]:
        answer = by_hand(stage, number, **fields)
        return answer.status, answer.json["code"]

    assert refused(version=1) == (412, "changed_meanwhile")
    assert by_hand(stage, version=1).json["version"] == 2
    for unknown in (
        "200001.9.2026-11-28",
        "200009.1.2026-11-28",
        "200001.1.2027-11-28",
        "200001.1.20261128",
        "200001.1",
        "nothing",
    ):
        assert refused(unknown) == (404, "not_found"), unknown
    for reason in ("", "ja", "  ja  ", "x" * 501, None, 7):
        assert refused(reason=reason)[0] == 422, reason
    no_version = stage.staff(
        "POST", f"/api/staff/readings/{READING}/release", {"reason": "Telefonat"}
    )
    assert (no_version.status, no_version.json["code"]) == (422, "version_missing")
    unknown_field = by_hand(stage, force=True)
    assert (unknown_field.status, unknown_field.json["field"]) == (422, "force")
    assert stored(adapters).state == "reported"

    assert by_hand(stage).status == 200
    again = by_hand(stage, reason="Noch einmal angerufen")
    assert (again.status, again.json["code"], again.json["state"]) == (
        409,
        "already_released",
        "released",
    )


def test_what_staff_send_again_is_told_again(stage: Stage, adapters: Adapters) -> None:
    """The answer to the first time may have got lost."""
    settle_reported(adapters)
    first, again = by_hand(stage), by_hand(stage)
    assert (again.status, again.json) == (200, first.json)
    assert events(adapters) == ["released"]
    assert len(stage.staff("GET", "/api/staff/releases").json["releases"]) == 1
    claims = {
        "token_use": "id",
        "sub": "staff-2",
        "email": "b@dealer.example",
        "cognito:groups": "[release]",
    }
    body = {"reason": "Mit Frau Schäfer telefoniert", "version": 2}
    path = f"/api/staff/readings/{READING}/release"
    other = stage.request("staff_api", "POST", path, body, claims=claims)
    assert (other.status, other.json["code"]) == (409, "already_released")


def test_reading_is_not_releasing(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters)
    for groups in ("read", "remind"):
        answer = stage.staff(
            "POST",
            f"/api/staff/readings/{READING}/release",
            {"reason": "Telefonat", "version": 2},
            groups=groups,
        )
        assert answer.status == 403


def test_master_data_written_in_between_do_not_matter(
    stage: Stage, adapters: Adapters, monkeypatch: Any
) -> None:
    settle_reported(adapters)
    before_the_next_write(monkeypatch, adapters, lambda: change(adapters, serial="SN-NEU"))

    assert by_hand(stage).status == 200
    assert (stored(adapters).serial, stored(adapters).version) == ("SN-NEU", 3)
