"""How much of an ERP's reason is kept."""

from __future__ import annotations

import json

import pytest
from meterportal.domain.exchange.exports import REASON_BYTES, kept_reason


@pytest.mark.parametrize("reason", ["x", "a" * 500, "ä" * 250, "\U00020000" * 125])
def test_a_reason_is_kept_whole_as_long_as_it_has_room(reason: str) -> None:
    assert kept_reason(reason) == reason


@pytest.mark.parametrize("sign", ["ä", '"', "\\", "\n", "\x01", "好", "\U00020000"])
def test_of_a_longer_one_its_beginning_is_kept(sign: str) -> None:
    kept = kept_reason(sign * 500)
    assert kept == sign * (len(kept) - 1) + "…"
    size = len(json.dumps(kept[:-1], ensure_ascii=False).encode()) - 2
    assert REASON_BYTES - 6 < size <= REASON_BYTES
