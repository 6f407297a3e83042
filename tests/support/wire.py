"""Counting requests on the wire: every HTTP request that botocore sends, by service and operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.client import BaseClient


@contextmanager
def counted(*clients: BaseClient) -> Iterator[Counter[str]]:
    """Counts by "service.Operation" while the block runs; retries count, as they do on the bill."""
    counts: Counter[str] = Counter()

    def count(event_name: str, **_: Any) -> None:
        service, operation = event_name.split(".")[1:]
        counts[f"{service}.{operation}"] += 1

    for client in clients:
        client.meta.events.register_first("before-send", count)
    try:
        yield counts
    finally:
        for client in clients:
            client.meta.events.unregister("before-send", count)
