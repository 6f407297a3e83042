"""Imports in pieces, however small their files are."""

from __future__ import annotations

import pytest
from meterportal.usecases.exchange import (
    apply_import,
    import_in_pieces,
    import_master_data,
    sort_rows,
)


def in_small_pieces(patch: pytest.MonkeyPatch) -> None:
    """Everything is too long, and every piece is as small as it can be."""
    for module, name, most in (
        (import_master_data, "AT_ONCE", 0),
        (import_in_pieces, "PART_ROWS", 10),
        (sort_rows, "PIECE_ROWS", 6),
        (sort_rows, "PIECE_BYTES", 600),
        (sort_rows, "CHUNK", 2),
        (apply_import, "_WRITES", 8),
    ):
        patch.setattr(module, name, most)
