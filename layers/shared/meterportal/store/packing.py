"""Values as an item holds them in few bytes: JSON behind zlib. Text is what an earlier version left."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

compact = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
"""A value, which holds itself nowhere, as JSON without spaces. One encoder for all: `json.dumps` would make one each time."""

_decode = json.JSONDecoder().raw_decode


def read(text: str) -> Any:
    """The value of what `compact` wrote. It has no space around it, which `json.loads` would look for."""
    return _decode(text)[0]


def packed(value: Any) -> bytes:
    """A value of lists, dicts, texts and numbers."""
    return deflated(compact(value))


def unpacked(stored: bytes | str) -> Any:
    """What `packed` was given."""
    return json.loads(inflated(stored))


def unpacked_parts(stored: bytes | str) -> Iterator[tuple[Any, str]]:
    """The values of a list that `packed` was given, each with its JSON as it stands in the list."""
    if isinstance(stored, str):
        yield from ((value, compact(value)) for value in json.loads(stored))
        return
    text, place = inflated(stored), 1
    while text[place] != "]":
        value, end = _decode(text, place)
        yield value, text[place:end]
        place = end + (text[end] == ",")


def deflated(text: str) -> bytes:
    return zlib.compress(text.encode())


def inflated(stored: bytes | str) -> str:
    """What `deflated` was given."""
    return zlib.decompress(stored).decode() if isinstance(stored, bytes) else stored
