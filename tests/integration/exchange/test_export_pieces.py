"""A large export is written in pieces: killed or out of time it goes on where it stood, and its files are
what they would be at once, byte by byte."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.exchange.batches import BatchState, Writing
from meterportal.settings import moment
from meterportal.store import keys
from meterportal.store.exchange import exports
from meterportal.store.writes import Write
from meterportal.usecases.exchange import export_readings, write_export
from moto.s3.exceptions import NoSuchUpload
from moto.s3.models import S3Backend

from tests.support.builders import settle_machine
from tests.support.exported import content, lines
from tests.support.faults import interrupted, killed
from tests.support.redelivery import deliver
from tests.support.reported import a_reported_machine, release_at_once, settle_reported
from tests.support.stage import ANNA, Stage
from tests.support.wire import counted
from tests.support.world import keep

MACHINES = 6
READINGS = 2 * MACHINES
FILES = ("readings.csv", "readings.json", "manifest.json")
WHOLE = write_export.PART


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of two machines or so; moto takes parts of any size, and refuses those of an upload that is
    over, as S3 does."""
    monkeypatch.setattr(write_export, "PART", 450)
    monkeypatch.setattr(write_export, "_ROWS", 1)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1)
    take = S3Backend.upload_part

    def upload_part(
        self: S3Backend, bucket_name: str, multipart_id: str, part_id: int, value: bytes
    ) -> object:
        if multipart_id not in self.get_bucket(bucket_name).multiparts:
            raise NoSuchUpload(upload_id=multipart_id)
        return take(self, bucket_name, multipart_id, part_id, value)

    monkeypatch.setattr(S3Backend, "upload_part", upload_part)


@pytest.fixture
def started(adapters: Adapters) -> str:
    """An export of what was released; nothing is gathered yet."""
    settle_reported(adapters, [])
    for n in range(MACHINES):
        release_at_once(adapters, settle_machine(adapters, a_reported_machine(str(200_000 + n))))
    return export_readings.start(adapters, by=ANNA, at=moment())


def again(adapters: Adapters, number: str, has_time: Callable[[], bool] = lambda: True) -> None:
    export_readings.export(adapters, number, at=moment(), has_time=has_time)


def shown(stage: Stage, number: str) -> Any:
    return stage.staff("GET", f"/api/staff/exports/{number}").json


def whole(stage: Stage, adapters: Adapters, number: str, where: object = None) -> dict[str, bytes]:
    """The files, each reading once in each of them."""
    run = shown(stage, number)
    assert (run["state"], run["count"], run["progress"]) == ("done", READINGS, None), where
    told = Counter(line["reading_id"] for line in lines(adapters, run))
    assert len(told) == READINGS, where
    assert set(told.values()) == {1}, where
    bodies = {name: content(adapters, run, name) for name in FILES}
    assert bodies["readings.csv"].count(b"\r\n") == READINGS + 1, where
    assert run["sum"] == sum(line["value"] for line in lines(adapters, run)), where
    for file in run["files"]:
        body = bodies[file["name"]]
        assert (file["bytes"], file["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    manifest = json.loads(bodies["manifest.json"])
    assert (manifest["count"], manifest["sum"]) == (READINGS, run["sum"]), where
    return bodies


@pytest.mark.usefixtures("small")
def test_files_in_pieces_are_what_they_are_at_once(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, started: str
) -> None:
    with counted(adapters.files._client) as pieces:
        again(adapters, started)
    in_pieces = whole(stage, adapters, started)
    assert pieces["s3.UploadPart"] > 4
    found = exports.load(adapters.table, started)
    assert found is not None
    assert found.writing == Writing()

    monkeypatch.setattr(write_export, "PART", WHOLE)
    sealed = replace(found, state=BatchState.SEALED)
    with counted(adapters.files._client) as at_once:
        done = write_export.write_files(adapters, sealed, has_time=lambda: True)
    assert at_once == {"s3.PutObject": 3}
    assert done is not None
    assert replace(done, state=BatchState.DONE) == found
    assert whole(stage, adapters, started) == in_pieces


@pytest.mark.usefixtures("small")
def test_a_worker_killed_at_any_call_goes_on_and_doubles_nothing(
    stage: Stage, adapters: Adapters, started: str
) -> None:
    back, expected = keep(), dict[str, bytes]()
    for call in range(100):
        back()
        with killed(call, reads=True) as calls:
            deliver(stage, "export_readings", {"export_id": started})
        assert deliver(stage, "export_readings", {"export_id": started}) == []
        found = whole(stage, adapters, started, call)
        assert (expected or found) == found, call
        expected = found
        if "killed" not in calls:
            assert call > 30
            return
    raise AssertionError("the export never came to its end")


@pytest.mark.usefixtures("small")
def test_two_workers_at_one_export_write_the_same_files(
    stage: Stage, adapters: Adapters, started: str
) -> None:
    back, expected = keep(), dict[str, bytes]()
    for call in range(100):
        back()
        with interrupted(call, lambda: again(adapters, started)) as calls:
            again(adapters, started)
        found = whole(stage, adapters, started, call)
        assert (expected or found) == found, call
        expected = found
        if len(calls) <= call:
            assert call > 30
            return
    raise AssertionError("the export never came to its end")


@pytest.mark.usefixtures("small")
def test_out_of_time_it_goes_on_with_the_piece_at_which_it_stood(
    stage: Stage, adapters: Adapters, started: str
) -> None:
    """Each invocation has time for one piece only; how far it has come is told."""
    found = exports.load(adapters.table, started)
    assert found is not None
    again(adapters, started)
    expected = whole(stage, adapters, started)
    adapters.table.write(_sealed_again(started))

    told = []
    with counted(adapters.files._client) as requests:
        for _ in range(20):
            again(adapters, started, lambda: False)
            run = shown(stage, started)
            told.append(run["progress"]["written"])
            assert run["progress"]["gathered"] == MACHINES
            if told[-1] == MACHINES:
                break
    # Two files, one part each a piece, none twice; they are not joined without time for it.
    assert requests["s3.UploadPart"] == 2 * len(told)
    assert told == sorted(set(told))
    assert len(told) > 2
    assert requests["s3.CreateMultipartUpload"] == 2
    assert shown(stage, started)["state"] == "running"
    stage.drain()
    assert whole(stage, adapters, started) == expected


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("pieces", [1, 2, 10])
def test_parts_that_the_bucket_has_forgotten_are_written_anew(
    stage: Stage, adapters: Adapters, started: str, pieces: int
) -> None:
    """After a week; with 10 all parts were there, only not joined."""
    again(adapters, started)
    expected = whole(stage, adapters, started)
    adapters.table.write(_sealed_again(started))
    for name in FILES:
        adapters.files.erase(adapters.settings.export_bucket, write_export.place_of(started, name))
    for _ in range(pieces):
        found = exports.load(adapters.table, started)
        assert found is not None
        if found.writing.ended:
            break
        again(adapters, started, lambda: False)
    s3, bucket = stage.client("s3"), adapters.settings.export_bucket
    for one in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]:
        s3.abort_multipart_upload(Bucket=bucket, Key=one["Key"], UploadId=one["UploadId"])
    stage.drain()
    assert whole(stage, adapters, started) == expected


@pytest.mark.usefixtures("small")
def test_an_export_that_an_earlier_version_has_sealed_is_written_to_its_end(
    stage: Stage, adapters: Adapters, started: str
) -> None:
    again(adapters, started)
    adapters.table.write(_sealed_again(started))
    key = {"pk": {"S": f"EXPORT#{started}"}, "sk": {"S": "EXPORT"}}
    stage.client("dynamodb").update_item(
        TableName=adapters.settings.table, Key=key, UpdateExpression="REMOVE gathered"
    )
    again(adapters, started, lambda: False)
    progress = shown(stage, started)["progress"]
    assert progress["gathered"] == progress["written"] > 0
    stage.drain()
    whole(stage, adapters, started)


def test_how_many_were_gathered_is_told_meanwhile(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, started: str
) -> None:
    assert shown(stage, started)["progress"] == {"gathered": 0, "written": 0}
    monkeypatch.setattr(export_readings, "WRITES", 1)
    turns = iter([True, True, False])
    again(adapters, started, lambda: next(turns))
    assert shown(stage, started)["progress"] == {"gathered": 2, "written": 0}
    stage.drain()
    whole(stage, adapters, started)


@pytest.mark.usefixtures("small")
def test_a_piece_holds_no_more_however_large_the_batch_is(
    adapters: Adapters, monkeypatch: pytest.MonkeyPatch, started: str
) -> None:
    """Bytes of each part, requests and reads for each piece: counted."""
    sizes: list[int] = []
    real = adapters.files.put_part

    def put(bucket: str, key: str, upload: str, number: int, held: bytes | bytearray) -> None:
        sizes.append(len(held))
        real(bucket, key, upload, number, held)

    monkeypatch.setattr(adapters.files, "put_part", put)
    with counted(adapters.files._client, adapters.table._client) as requests:
        again(adapters, started)
    pieces = requests["s3.UploadPart"] // 2
    assert pieces > 2
    assert max(sizes) < 5 * write_export.PART
    assert {name: count for name, count in requests.items() if name.startswith("s3.")} == {
        "s3.CreateMultipartUpload": 2,
        "s3.UploadPart": 2 * pieces,
        "s3.ListParts": 2,
        "s3.CompleteMultipartUpload": 2,
        "s3.HeadObject": 2,
        "s3.GetObject": 2,  # for their checksums
        "s3.PutObject": 1,
    }
    # Taken up, sealed, each piece, done.
    assert requests["dynamodb.UpdateItem"] == 3 + pieces


def _sealed_again(number: str) -> Write:
    return Write(
        key=keys.run("EXPORT", number),
        update="SET #state = :sealed REMOVE #files",
        condition="attribute_exists(pk)",
        values={"sealed": BatchState.SEALED.value},
    )
