"""S3's notifications of dropped files, as the queue delivers them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from meterportal.queues import UnknownMessage
from meterportal.usecases.exchange.start_imports import Dropped


def dropped_files(body: str) -> list[Dropped] | None:
    """The files that a notification names; none for the test event that S3 sends when it is set up;
    None when the message is no notification. Raises `UnknownMessage` for an invalid one.
    """
    try:
        message = json.loads(body)
    except json.JSONDecodeError:
        return None
    if not isinstance(message, dict):
        return None
    if message.get("Event") == "s3:TestEvent":
        return []
    records = message.get("Records")
    if not isinstance(records, list):
        return None
    try:
        return [_dropped(record) for record in records if _is_put(record)]
    except (KeyError, TypeError, ValueError) as error:
        raise UnknownMessage("no notification of S3") from error


def _is_put(record: dict[str, Any]) -> bool:
    """Whether a file was put under drop/; folders that the S3 console makes do not count."""
    key = unquote_plus(record["s3"]["object"]["key"])
    made = record["eventName"].removeprefix("s3:").startswith("ObjectCreated:")
    return made and key.startswith("drop/") and not key.endswith("/")


def _dropped(record: dict[str, Any]) -> Dropped:
    put = record["s3"]["object"]
    return Dropped(
        bucket=record["s3"]["bucket"]["name"],
        key=unquote_plus(put["key"]),
        etag=put.get("eTag", ""),
        sequencer=put.get("sequencer", ""),
        at=datetime.fromisoformat(record["eventTime"]),
    )
