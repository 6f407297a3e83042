"""Ways in: upload, drop, queue; who may, what is refused at the door, and the report's pages."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, quote_plus

import pytest
from meterportal.adapters import Adapters
from meterportal.store.portfolio import holdings

from tests.support.erp_exports import (
    COMPANIES,
    FILES,
    READINGS,
    as_csv,
    as_zip,
    codes,
    imported,
    report,
    upload,
    with_cells,
)
from tests.support.master_rows import rows_of
from tests.support.stage import Answer, Context, Stage, delivery


def notified(stage: Stage, body: Any) -> list[str]:
    """A message straight to the worker; the ids of what it hands back."""
    event = delivery(body if isinstance(body, str) else json.dumps(body))
    result = stage.handler("import_master_data")(event, Context())
    return [failure["itemIdentifier"] for failure in result["batchItemFailures"]]


def put(bucket: str, key: str, *, sequencer: str = "0055AED6DCD90281E5") -> dict[str, Any]:
    """S3's notification as it comes through a queue."""
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": "eu-central-1",
                "eventTime": "2026-11-23T08:00:00.000Z",
                "eventName": "ObjectCreated:Put",
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
                    "object": {
                        "key": quote_plus(key, safe="/"),
                        "size": 1024,
                        "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                        "sequencer": sequencer,
                    },
                },
            }
        ]
    }


def listed(stage: Stage) -> list[Any]:
    found: list[Any] = stage.staff("GET", "/api/staff/imports").json["imports"]
    return found


def test_a_dropped_file_is_imported_once_however_often_it_is_told(
    stage: Stage, adapters: Adapters
) -> None:
    bucket, key = adapters.settings.import_bucket, "drop/Müller & Söhne/Export 1.zip"
    stage.client("s3").put_object(Bucket=bucket, Key=key, Body=as_zip(FILES))
    stage.drain()
    for one in listed(stage):
        assert (one["state"], one["by"]) == ("done", "drop")
    known = len(listed(stage))
    event = put(bucket, key)
    assert notified(stage, event) == []
    assert len(listed(stage)) == known + 1
    assert listed(stage)[0]["file"] == "Export 1.zip"
    before, runs = rows_of(adapters), listed(stage)
    assert notified(stage, event) == []
    assert (rows_of(adapters), listed(stage)) == (before, runs)
    assert holdings.load(adapters.table, "10000") is not None


def test_what_is_no_put_into_the_drop_is_left_alone(stage: Stage, adapters: Adapters) -> None:
    bucket = adapters.settings.import_bucket
    assert (
        notified(stage, {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": bucket}) == []
    )
    assert notified(stage, put(bucket, "drop/")) == []
    assert notified(stage, put(bucket, "config/columns.toml")) == []
    removed = put(bucket, "drop/a.zip")
    removed["Records"][0]["eventName"] = "ObjectRemoved:Delete"
    assert notified(stage, removed) == []
    assert listed(stage) == []


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        "[]",
        {"schema": 1},
        {"schema": 2, "import_id": "x"},
        {"schema": 1, "import_id": "unknown"},
        {"Records": [{"eventName": "ObjectCreated:Put"}]},
        {"Records": ["x"]},
    ],
)
def test_a_message_that_nobody_wrote_goes_back(stage: Stage, body: Any) -> None:
    assert notified(stage, body) == ["0"]


def test_a_dropped_file_that_is_gone_is_a_failed_import(stage: Stage, adapters: Adapters) -> None:
    assert notified(stage, put(adapters.settings.import_bucket, "drop/weg.zip")) == []
    found = report(stage, listed(stage)[0]["id"])
    assert (found["state"], [f["code"] for f in found["findings"]]) == ("failed", ["file_gone"])


def test_an_import_that_is_over_is_not_run_again(stage: Stage, adapters: Adapters) -> None:
    found = imported(stage, FILES)
    assert notified(stage, {"schema": 1, "import_id": found["id"]}) == []
    assert report(stage, found["id"]) == found


def test_a_dealers_mapping_is_used(stage: Stage, adapters: Adapters) -> None:
    mapping = '[companies.columns]\nid = ["Debitor"]\n[words.language]\nde = ["deu"]\n'
    stage.client("s3").put_object(
        Bucket=adapters.settings.import_bucket, Key="config/columns.toml", Body=mapping.encode()
    )
    csv = b"Debitor;Firma;Sprache\n10000;Muster GmbH;deu\n"
    found = imported(stage, csv, file="kunden.csv")
    assert (found["state"], found["accepted"], found["findings"]) == ("done", 1, [])


def test_a_faulty_mapping_fails_the_import_in_words(stage: Stage, adapters: Adapters) -> None:
    stage.client("s3").put_object(
        Bucket=adapters.settings.import_bucket, Key="config/columns.toml", Body=b"[companies\n"
    )
    found = imported(stage, FILES)
    assert (found["state"], found["rows"]) == ("failed", 0)
    assert codes(found) == [("config/columns.toml", None, None, "bad_columns")]
    assert "kein gültiges TOML" in found["findings"][0]["text"]
    assert "no valid TOML" in report(stage, found["id"], language="en")["findings"][0]["text"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (as_zip({}), "no_files"),
        (b"PK\x03\x04 broken", "zip_broken"),
        (as_zip({"xl/workbook.xml": b"", "[Content_Types].xml": b""}), "workbook_broken"),
        (b"Rose;Tulpe\n1;2\n", "unknown_file"),
        (b"Firmennummer;Firma\n", "no_rows"),
        (b"\0\1\2", "unknown_file"),
    ],
)
def test_what_cannot_be_read_fails_in_words(stage: Stage, content: bytes, code: str) -> None:
    found = imported(stage, content)
    assert (found["state"], found["accepted"]) == ("failed", 0)
    assert found["rows"] == found["rejected"]
    assert [f["code"] for f in found["findings"]] == [code]


def test_one_unreadable_file_does_not_stop_the_others(stage: Stage, adapters: Adapters) -> None:
    found = imported(stage, as_zip({"firmen.csv": COMPANIES, "zaehler.csv": b'Art;"offen\n1;2\n'}))
    assert (found["state"], found["rows"], found["accepted"], found["rejected"]) == (
        "done",
        3,
        2,
        1,
    )
    assert [(f["file"], f["line"], f["code"]) for f in found["findings"]] == [
        ("zaehler.csv", 1, "missing_column")
    ]


def test_the_door_refuses_what_is_no_upload(stage: Stage) -> None:
    csv = as_csv(COMPANIES, encoding="utf-8")
    for groups in ("read", "remind release"):
        answer = stage.staff("POST", "/api/staff/imports", csv, groups=groups)
        assert (answer.status, answer.json["code"]) == (403, "not_allowed")
    assert upload(stage, csv, kind="application/json").status == 415
    assert upload(stage, csv, kind="text/csv; charset=utf-8").status == 202
    assert stage.staff("POST", "/api/staff/imports").status == 422
    tomorrow = upload(stage, csv, kind="text/csv", as_of="2026-11-24")
    assert (tomorrow.status, tomorrow.json["field"]) == (422, "as_of")
    for query in ({"as_of": "gestern"}, {"dry_run": "vielleicht"}, {"file": "x" * 201}):
        assert upload(stage, csv, kind="text/csv", **query).status in {400, 422}
    assert upload(stage, b"x" * (4 * 1024 * 1024 + 1), kind="text/csv").status == 413
    assert stage.staff("GET", "/api/staff/imports/unknown").status == 404
    assert stage.staff("GET", "/api/staff/imports?cursor=forged").status == 400


def test_the_name_of_a_single_file_is_reported_without_its_folders(stage: Stage) -> None:
    found = imported(stage, as_csv(COMPANIES), file="../../etc/firmen.csv")
    assert found["file"] == found["files"][0]["file"] == "firmen.csv"


def test_the_same_request_twice_is_one_import(stage: Stage) -> None:
    csv = as_csv(COMPANIES)
    key = {"content-type": "application/octet-stream", "idempotency-key": "k1"}
    first = stage.staff("POST", "/api/staff/imports", csv, headers=key)
    second = stage.staff("POST", "/api/staff/imports", csv, headers=key)
    assert first.json == second.json
    other = stage.staff("POST", "/api/staff/imports", csv + b"x", headers=key)
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    stage.drain()
    assert [one["state"] for one in listed(stage)] == ["done"]


def test_findings_come_by_the_thousand_and_in_the_readers_language(stage: Stage) -> None:
    rows = [["299999", str(n), "28.08.2026", "1", "", "", "", "", "", ""] for n in range(2500)]
    found = imported(stage, as_csv([READINGS[0], *rows]), file="zaehlerstaende.csv")
    assert (found["finding_count"], len(found["findings"])) == (2500, 1000)
    lines, cursor = [f["line"] for f in found["findings"]], found["next_cursor"]
    while cursor:
        path = f"/api/staff/imports/{found['id']}?cursor={quote_plus(cursor)}"
        page = stage.staff("GET", path, language="en").json
        assert page["findings"][0]["text"] == "The machine 299999 is not known."
        lines += [f["line"] for f in page["findings"]]
        cursor = page["next_cursor"]
    assert lines == list(range(2, 2502))


def test_imports_are_listed_newest_first_by_pages(stage: Stage) -> None:
    numbers = [
        upload(stage, as_csv(COMPANIES), kind="application/octet-stream").json["id"]
        for _ in range(3)
    ]
    assert {one["state"] for one in listed(stage)} == {"running"}
    stage.drain()
    first = stage.staff("GET", "/api/staff/imports?limit=2", groups="read").json
    rest = stage.staff(
        "GET",
        f"/api/staff/imports?limit=2&cursor={quote_plus(first['next_cursor'])}",
        groups="read",
    ).json
    assert {one["id"] for one in first["imports"] + rest["imports"]} == set(numbers)
    assert rest["next_cursor"] is None
    assert "findings" not in first["imports"][0]


def announced(stage: Stage, size: int, name: str = "Export 2026.zip") -> Answer:
    return stage.staff("POST", "/api/staff/imports/uploads", {"file": name, "size": size})


def test_a_large_file_goes_to_an_address_of_its_own(stage: Stage, adapters: Adapters) -> None:
    content = as_zip(FILES)
    told = announced(stage, len(content))
    assert told.status == 201
    upload_id, way = told.json["upload_id"], told.json["upload"]
    path, _, query = way["url"].partition("?")
    assert path == f"/uploads/{upload_id}/Export%202026.zip"
    assert (way["method"], way["headers"]) == ("PUT", {"Content-Type": "application/octet-stream"})
    # The signature covers how many bytes of which type: nothing else can be put there.
    signed = parse_qs(query)["X-Amz-SignedHeaders"][0].split(";")
    assert {"content-length", "content-type", "host"} <= set(signed)
    start = f"/api/staff/imports?upload={upload_id}&file=Export%202026.zip&full=true"
    early = stage.staff("POST", start)
    assert (early.status, early.json["code"]) == (409, "upload_missing")
    bucket, key = adapters.settings.import_bucket, f"uploads/{upload_id}/Export 2026.zip"
    stage.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    twice = [stage.staff("POST", start) for _ in range(2)]
    assert [(one.status, one.json["id"]) for one in twice] == [(202, upload_id)] * 2
    for other in (
        start.removesuffix("&full=true"),
        f"{start}&dry_run=true",
        f"{start}&as_of=2026-01-31",
    ):
        told = stage.staff("POST", other)
        assert (told.status, told.json["code"]) == (409, "upload_started"), other
    stage.drain()
    found = report(stage, upload_id)
    assert (found["state"], found["full"], found["rejected"]) == ("done", True, 0)
    assert len(listed(stage)) == 1


def test_what_a_dry_run_has_shown_is_what_is_taken_over(stage: Stage, adapters: Adapters) -> None:
    """The address takes another file of the same size; it is not imported."""
    content, other = as_csv(COMPANIES), as_csv(with_cells(COMPANIES, 2, ort="Jena"))
    upload_id = announced(stage, len(content), "firmen.csv").json["upload_id"]
    bucket, key = adapters.settings.import_bucket, f"uploads/{upload_id}/firmen.csv"
    stage.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    start = f"/api/staff/imports?upload={upload_id}&file=firmen.csv&dry_run=true"
    assert stage.staff("POST", start).status == 202
    stage.drain()
    stage.client("s3").put_object(Bucket=bucket, Key=key, Body=other)
    taken = stage.staff("POST", f"/api/staff/imports/{upload_id}/apply").json["id"]
    stage.drain()
    found = report(stage, taken)
    assert (found["state"], [f["code"] for f in found["findings"]]) == ("failed", ["file_gone"])
    assert holdings.load(adapters.table, "10000") is None


def test_an_address_is_refused_for_what_is_no_export(stage: Stage) -> None:
    for size, code in ((0, "nothing_uploaded"), (2**31 + 1, "upload_too_large")):
        told = announced(stage, size)
        assert (told.status, told.json["code"]) == (422, code)
    assert stage.staff("POST", "/api/staff/imports?upload=..%2Fconfig").status in {400, 422}
