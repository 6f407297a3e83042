"""Everything that is stored outside of a function: kept, put back, and told without what chance decides."""

from __future__ import annotations

import base64
import copy
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from meterportal.store import keys
from meterportal.store.packing import unpacked
from moto.cognitoidp.models import cognitoidp_backends
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.ses.models import ses_backends
from moto.sqs.models import sqs_backends

from tests.support.requesting import text_of
from tests.support.stage import REGION, Stage

# When a row goes by itself, totals that are only kept so that nobody counts them again, and how often
# something was tried.
_ASIDE = {"expires_at", "settled", "attempts"}

World = Counter[str]
"""Rows, files, mails and messages as text, each with how often it is there."""

_LEFT_OUT = {"SNAPSHOT", keys.sending_pace(0)[0]}
_BY_CHANCE = [
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:\+\d\d:\d\d|Z)?"), "<moment>"),
    (re.compile(r"\$argon2id\$[^\"]+"), "<password>"),
    (re.compile(r"[0-9a-f]{24,64}|\b[0-9a-f-]{36,}\b|\bdrop-[0-9a-f]{20}\b"), "<hash>"),
    (re.compile(r"\b[a-z]{16}(?:-[a-z]+){5,}"), "<mail>"),
    (re.compile(r"\b[a-z2-7]{20}\b"), "<number>"),
    (re.compile(r"WINDOW#\d+"), "<window>"),
    (re.compile(r"#[tp]=[\w.-]+"), "<token>"),
    (re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b"), "<code>"),
]


def keep() -> Callable[[], None]:
    """Keep the world as it is; the call gives it back."""
    tables = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables
    queues = sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues
    buckets = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets
    mails = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    items = {name: copy.deepcopy(table.items) for name, table in tables.items()}
    messages = {name: copy.deepcopy(queue._messages) for name, queue in queues.items()}
    hidden = {name: vars(queue)["visibility_timeout"] for name, queue in queues.items()}
    files = {
        name: [(key, list(bucket.keys.getlist(key))) for key in bucket.keys]
        for name, bucket in buckets.items()
    }
    begun = {name: set(bucket.multiparts) for name, bucket in buckets.items()}
    sent = list(mails)
    directory = cognitoidp_backends[DEFAULT_ACCOUNT_ID][REGION]
    people = copy.deepcopy(directory.user_pools)

    def back() -> None:
        for name, table in tables.items():
            table.items = copy.deepcopy(items[name])
            if table.stream_shard is not None:
                table.stream_shard.items.clear()
        for name, queue in queues.items():
            queue._messages = copy.deepcopy(messages[name])
            vars(queue)["visibility_timeout"] = hidden[name]
            queue.deleted_messages.clear()
            queue.pending_messages.clear()
        for name, bucket in buckets.items():
            bucket.keys.clear()
            for key, versions in files[name]:
                bucket.keys.setlist(key, versions)
            for upload in [number for number in bucket.multiparts if number not in begun[name]]:
                del bucket.multiparts[upload]
        mails[:] = sent
        directory.user_pools = copy.deepcopy(people)

    return back


def reveal() -> None:
    """Let every message be seen that is hidden because somebody has it or has looked at it."""
    for queue in sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues.values():
        for message in queue._messages:
            message.visible_at = 0


def settle(stage: Stage) -> None:
    """Let the workers do what waits; empty queues are not even asked."""
    queues = sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues
    stage.drain(worth_asking=lambda name: bool(queues[name].messages))


def told(stage: Stage) -> World:
    """The world without what differs each time: moments, random ids, secrets, and how often somebody
    has tried something. Snapshots are left out: they are built as often as asked, of rows that are here.
    So are the turns of sending: a worker leases some when those that it has are over, by the clock.
    """
    found: World = Counter()
    for name, queue in sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues.items():
        for message in [] if name.endswith("PortfolioQueue") else queue._messages:
            found[_plain(f"{name}\n{message.body}")] += 1
    for table in dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables.values():
        for partition in table.items.values():
            for item in partition.values():
                if item.to_json()["Attributes"]["pk"]["S"] in _LEFT_OUT:
                    continue
                found[_plain(_row(item.to_json()["Attributes"]))] += 1
    for name, bucket in s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets.items():
        for key in bucket.keys:
            if key.startswith("portfolio/"):
                continue
            content = bucket.keys[key].value.decode("utf-8", "replace")
            found[_plain(f"{name}/{key}\n{content}")] += 1
    for mail in stage.mails():
        found[_plain(f"{mail['To']}\n{mail['Subject']}\n{text_of(mail)}")] += 1
    return found


def _row(attributes: dict[str, Any]) -> str:
    kept = {name: value for name, value in attributes.items() if name not in _ASIDE}
    if attributes["pk"]["S"].startswith("ATTEMPTS#"):
        kept = {name: kept[name] for name in kept if name not in {"count", "last_at"}}
    if kept.get("dropped") == {"S": "[]"}:
        del kept["dropped"]
    for name, value in kept.items():
        if "SS" in value:
            value["SS"] = sorted(value["SS"])
        if "B" in value:
            kept[name] = {"S": json.dumps(unpacked(_bytes(value["B"])), ensure_ascii=False)}
    return json.dumps(kept, sort_keys=True)


def _bytes(stored: bytes | str) -> bytes:
    """moto holds what came over the wire in base64."""
    return stored if isinstance(stored, bytes) and stored[:1] == b"x" else base64.b64decode(stored)


def _plain(text: str) -> str:
    for chance, word in _BY_CHANCE:
        text = chance.sub(word, text)
    return text
