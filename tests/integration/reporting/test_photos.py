"""Photos of a display: announced by a contact, put by a signed address, shown when they are genuine."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.reporting.photos import MOST_BYTES, MOST_OF_A_METER, kind_of
from meterportal.store.reporting import photos as store
from meterportal.store.writes import Write

from tests.support import clock
from tests.support.builders import a_contract, a_holding, a_machine, a_meter
from tests.support.customers import put, second_company, signed_in
from tests.support.stage import Answer, Stage
from tests.support.wire import counted

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 50
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 50
WEBP = b"RIFF\x20\0\0\0WEBPVP8 " + b"\0" * 50
PLACE = ("10000", "200001")


def announce(stage: Stage, machine_id: str = "200001", **fields: Any) -> Answer:
    body = {"meter_id": "1", "content_type": "image/jpeg", "size": len(JPEG)} | fields
    return stage.customer("POST", f"/api/machines/{machine_id}/photos", body)


def bucket(adapters: Adapters, address: str, content: bytes) -> None:
    """Put a photo where the address says; nobody here checks a signature."""
    key = unquote(urlsplit(address).path).removeprefix("/")
    adapters.files.put(adapters.settings.photo_bucket, key, content, content_type="image/jpeg")


def sent(stage: Stage, adapters: Adapters, content: bytes = JPEG, **fields: Any) -> str:
    """A photo that was announced and put; gives back its id."""
    told = announce(stage, **fields)
    assert told.status == 201, told.text
    bucket(adapters, told.json["upload"]["url"], content)
    return str(told.json["photo_id"])


def shown(stage: Stage, machine_id: str = "200001") -> list[str]:
    answer = stage.staff("GET", f"/api/staff/machines/{machine_id}/photos", groups="read")
    assert answer.status == 200, answer.text
    return [photo["photo_id"] for photo in answer.json["photos"]]


def later(adapters: Adapters, minutes: int) -> None:
    """Let so much time go by for what was announced."""
    item = adapters.table.get(*_key())
    assert item is not None

    def moved(found: re.Match[str]) -> str:
        then = datetime.fromisoformat(found[0]) - timedelta(minutes=minutes)
        return then.isoformat(timespec="seconds")

    photos = re.sub(r"20\d\d-\d\d-\d\dT[\d:+]+", moved, item["photos"])
    adapters.table.write(Write(key=_key(), update="SET #photos = :p", values={"p": photos}))


def _key() -> tuple[str, str]:
    return "MACHINE#10000#200001", "PHOTOS"


def test_an_announced_photo_gets_an_address_of_this_site_for_its_type_and_size(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    told = announce(stage, size=1234).json
    upload = told["upload"]
    assert (upload["method"], upload["headers"]) == ("PUT", {"Content-Type": "image/jpeg"})
    address = urlsplit(upload["url"])
    assert (address.scheme, address.netloc) == ("", "")
    assert address.path == f"/photos/10000/200001/{told['photo_id']}"
    signed = parse_qs(address.query)
    assert signed["X-Amz-SignedHeaders"] == ["content-length;content-type;host"]
    assert signed["X-Amz-Expires"] == ["900"]


def test_announcing_takes_five_requests_and_the_bucket_none(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    with counted(adapters.table._client, adapters.files._client) as requests:
        announce(stage)
    assert dict(requests) == {
        "dynamodb.GetItem": 2,
        "dynamodb.BatchGetItem": 1,
        "dynamodb.Query": 1,
        "dynamodb.PutItem": 1,
    }


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"size": 0}, 422, "size"),
        ({"size": -1}, 422, "size"),
        ({"size": MOST_BYTES + 1}, 422, "size"),
        ({"size": 1.5}, 422, "size"),
        ({"size": "12"}, 422, "size"),
        ({"content_type": "image/svg+xml"}, 422, "content_type"),
        ({"content_type": "text/html"}, 422, "content_type"),
        ({"meter_id": "9"}, 422, "meter_id"),
        ({"meter_id": "2"}, 422, "meter_id"),
        ({"name": "../../x"}, 422, "name"),
        ({"machine_id": "200009"}, 404, None),
        ({"machine_id": "nobody's"}, 404, None),
        ({"machine_id": "200002"}, 404, None),
    ],
)
def test_what_cannot_be_announced_is_refused_and_leaves_nothing(
    stage: Stage, adapters: Adapters, fields: dict[str, Any], status: int, field: str | None
) -> None:
    contracts = [a_contract("70001"), a_contract("70002", reporters=("5009",))]
    hidden = a_meter("2", billable=False)
    machines = [
        a_machine("200001", meters=(a_meter(), hidden)),
        a_machine("200002", contract_id="70002"),
    ]
    signed_in(stage, adapters, a_holding(contracts=contracts, machines=machines))
    second_company(adapters)
    asked = dict(fields)
    refused = announce(stage, asked.pop("machine_id", "200001"), **asked)
    assert (refused.status, refused.json["field"]) == (status, field), refused.text
    assert store.load(adapters.table, PLACE).photos == ()


def test_without_a_session_nothing_is_announced(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    stage.cookies.clear()
    assert announce(stage).status == 401


def test_the_largest_photo_may_be_announced(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    assert announce(stage, size=MOST_BYTES).status == 201


def test_staff_see_what_was_put_with_the_reading_and_with_the_machine(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    put(stage, values={"1": 99_000, "2": 4300}, confirm={"1": "Messe"}, version=1)
    photo = sent(stage, adapters)
    other = sent(stage, adapters, PNG, content_type="image/png", meter_id="2")
    answer = stage.staff("GET", "/api/staff/machines/200001/photos", groups="read").json
    assert [one["photo_id"] for one in answer["photos"]] == [photo, other]
    found = answer["photos"][0]
    assert (found["meter_id"], found["due_on"], found["sent_by"]) == ("1", "2026-11-28", "5001")
    address = urlsplit(found["url"])
    assert address.path == f"/photos/10000/200001/{photo}"
    assert address.netloc == ""
    asked = parse_qs(address.query)
    assert asked["response-content-type"] == ["image/jpeg"]
    assert asked["response-content-disposition"] == ["inline"]
    (row,) = stage.staff("GET", "/api/staff/readings?bucket=implausible").json["machines"]
    beside = {one["meter_id"]: one["photos"] for one in row["readings"]}
    assert [one["photo_id"] for one in beside["1"]] == [photo]
    assert {one["photo_id"] for photos in beside.values() for one in photos} <= {photo, other}


@pytest.mark.parametrize(
    "content",
    [b"<html><script>alert(1)</script>", b"MZ\x90\0" + b"\0" * 50, PNG, b"\xff\xd8"],
    ids=["page", "program", "another type", "cut"],
)
def test_what_is_no_photo_of_its_type_is_never_shown(
    stage: Stage, adapters: Adapters, content: bytes
) -> None:
    signed_in(stage, adapters)
    sent(stage, adapters, content)
    assert shown(stage) == []
    later(adapters, 17)
    assert shown(stage) == []
    assert [photo.state for photo in store.load(adapters.table, PLACE).photos] == ["refused"]


def test_a_photo_that_never_came_harms_nobody(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    announce(stage)
    photo = sent(stage, adapters)
    assert shown(stage) == [photo]
    later(adapters, 17)
    assert shown(stage) == [photo]
    assert [one.state for one in store.load(adapters.table, PLACE).photos] == ["refused", "seen"]


def test_a_photo_that_can_still_be_replaced_is_looked_at_anew(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    told = announce(stage).json
    bucket(adapters, told["upload"]["url"], JPEG)
    assert shown(stage) == [told["photo_id"]]
    bucket(adapters, told["upload"]["url"], b"<html>")
    assert shown(stage) == []
    bucket(adapters, told["upload"]["url"], JPEG)
    later(adapters, 17)
    assert shown(stage) == [told["photo_id"]]
    with counted(adapters.files._client, adapters.table._client) as requests:
        assert shown(stage) == [told["photo_id"]]
    assert dict(requests) == {"dynamodb.BatchGetItem": 2, "dynamodb.GetItem": 1}


def test_a_list_asks_once_for_all_its_machines_photos(stage: Stage, adapters: Adapters) -> None:
    machines = [a_machine(str(200_001 + n)) for n in range(3)]
    signed_in(stage, adapters, a_holding(machines=machines))
    for machine in machines:
        put(stage, machine.id, values={"1": 11_000}, version=1)
    with counted(adapters.table._client, adapters.files._client) as without:
        stage.staff("GET", "/api/staff/readings?company_id=10000")
    photo = sent(stage, adapters)
    with counted(adapters.table._client, adapters.files._client) as requests:
        answer = stage.staff("GET", "/api/staff/readings?company_id=10000").json
    first = answer["machines"][0]["readings"][0]
    assert [one["photo_id"] for one in first["photos"]] == [photo]
    assert requests - without == {"s3.GetObject": 1}


def test_a_meter_has_so_many_photos_and_no_more(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    for _ in range(MOST_OF_A_METER):
        assert announce(stage).status == 201
    refused = announce(stage)
    assert (refused.status, refused.json["code"]) == (409, "too_many_photos")
    assert announce(stage, meter_id="2").status == 201


def test_photos_of_long_ago_make_room(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    for _ in range(MOST_OF_A_METER):
        announce(stage)
    later(adapters, 401 * 24 * 60)
    assert announce(stage).status == 201
    assert len(store.load(adapters.table, PLACE).photos) == 1
    item = adapters.table.get(*_key())
    assert item is not None
    forgotten = datetime.fromtimestamp(item["expires_at"], UTC) - clock.now()
    assert timedelta(days=399) < forgotten <= timedelta(days=400)


def test_two_photos_announced_at_once_are_both_kept(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    original = adapters.table.write
    told: list[Answer] = []

    def write(one: Write) -> None:
        monkeypatch.setattr(adapters.table, "write", original)
        told.append(announce(stage))
        original(one)

    monkeypatch.setattr(adapters.table, "write", write)
    told.append(announce(stage))
    assert {answer.json["photo_id"] for answer in told} == {
        photo.id for photo in store.load(adapters.table, PLACE).photos
    }
    assert len(told) == 2


def test_a_machine_nobody_knows_has_no_photos(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    assert stage.staff("GET", "/api/staff/machines/999999/photos").status == 404
    assert stage.staff("GET", "/api/staff/machines/200001/photos", groups="none").status == 403
    assert shown(stage) == []


def test_formats_are_told_by_their_first_bytes() -> None:
    kinds = [kind_of(content[:12]) for content in (JPEG, PNG, WEBP)]
    assert kinds == ["image/jpeg", "image/png", "image/webp"]
    for other in (b"", b"GIF89a", b"RIFF\0\0\0\0WAVE", b"<svg", b"\x89PNG"):
        assert kind_of(other) is None
