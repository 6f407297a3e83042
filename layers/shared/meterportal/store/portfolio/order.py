"""The order in which the index lists companies."""

from __future__ import annotations

from meterportal.store.table import shard

Stand = tuple[int, str]
"""A company's place in it: shard and number."""


def stand_of(company_id: str) -> Stand:
    return shard(company_id), company_id
