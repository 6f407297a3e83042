"""Values as an item holds them in few bytes: JSON behind zlib. Text is what an earlier version left."""

from __future__ import annotations

import json
import zlib
from typing import Any


def packed(value: Any) -> bytes:
    """A value of lists, dicts, texts and numbers."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode())


def unpacked(stored: bytes | str) -> Any:
    """What `packed` was given."""
    return json.loads(zlib.decompress(stored) if isinstance(stored, bytes) else stored)
