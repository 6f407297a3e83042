"""What answers of the staff's routes look like, for the OpenAPI document, where they are no plain 200."""

from __future__ import annotations

from typing import Any

_ID = {
    "type": "object",
    "properties": {"id": {"type": "string"}},
    "required": ["id"],
    "additionalProperties": False,
}
_UNDER_WAY = "Under way: GET the route of this id until `state` is no longer running"

STARTED: dict[int, Any] = {
    202: {"description": _UNDER_WAY, "content": {"application/json": {"schema": _ID}}}
}
DONE_OR_STARTED: dict[int, Any] = STARTED | {
    200: {
        "description": "Done at once",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}
ACKNOWLEDGED: dict[int, Any] = {
    status: {"description": told, "content": {"application/json": {"schema": {"type": "object"}}}}
    for status, told in ((200, "All lines are marked"), (202, "Some lines are still to be marked"))
}
CSV: dict[int, Any] = {
    200: {
        "description": "A part of the table; a Link header names the next one",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}
