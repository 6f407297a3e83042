"""What the answers about many machines look like, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from customer_api import shapes
from customer_api.schemas import (
    DAY,
    TEXT,
    WHOLE,
    YES_NO,
    Schema,
    a_list,
    an_answer,
    an_object,
    maybe,
)

_READINGS = a_list(an_object(meter_id=TEXT, **shapes.READING))
_TAKEN = an_object(
    machine_id=TEXT, status={"type": "integer", "const": 200}, version=WHOLE, readings=_READINGS
)
_REFUSED: Schema = {
    "type": "object",
    "description": "The fields that the refusal of a single machine has.",
    "properties": {
        "machine_id": TEXT,
        "status": {"type": "integer", "enum": [404, 409, 412, 422, 503]},
        "code": TEXT,
        "detail": TEXT,
        "field": maybe(TEXT),
        "findings": a_list(shapes.FINDING),
    },
    "required": ["machine_id", "status", "code", "detail", "field"],
}

_STICKER = an_object(
    machine_id=TEXT,
    serial=TEXT,
    model=TEXT,
    customer_no=TEXT,
    location=shapes.LOCATION,
    url={"type": "string", "format": "uri"},
    size={"type": "integer", "description": "Side of the drawing, its empty margin included"},
    path={"type": "string", "description": "SVG path data of the dark modules"},
)

STORED = an_answer(
    200,
    "What became of each machine, in the order sent",
    an_object(machines=a_list({"anyOf": [_TAKEN, _REFUSED]})),
)
_NAMED = {
    "machine_id": TEXT,
    "serial": TEXT,
    "model": TEXT,
    "customer_no": TEXT,
    "location": shapes.LOCATION,
    "line": {"type": "integer", "description": "The first line that tells of this machine"},
    "lines": {"type": "object", "additionalProperties": WHOLE, "description": "By meter id"},
}
_CHECKED = an_object(
    **_NAMED,
    labels={"type": "object", "additionalProperties": TEXT},
    values={"type": "object", "additionalProperties": WHOLE},
    read_on=DAY,
    version=WHOLE,
    findings=a_list(shapes.FINDING),
)

HANDED_IN = an_answer(
    200,
    "What was stored, what to confirm by PUT /api/readings, and which rows cannot be taken",
    an_object(
        dry_run=YES_NO,
        taken=a_list(an_object(**_NAMED, version=WHOLE, readings=_READINGS)),
        to_check=a_list(_CHECKED),
        not_recognised=a_list(an_object(line=WHOLE, text=TEXT, code=TEXT, reason=TEXT)),
        blank={"type": "integer", "description": "Rows without a new reading"},
    ),
)
UPLOAD = an_answer(
    201,
    "Where to put the photo",
    an_object(
        photo_id=TEXT,
        upload=an_object(
            method={"type": "string", "const": "PUT"},
            url={"type": "string", "format": "uri-reference"},
            headers={"type": "object", "additionalProperties": TEXT},
        ),
    ),
)
STICKERS = an_answer(
    200,
    "Stickers in walking order",
    an_object(stickers=a_list(_STICKER), next_cursor=maybe(TEXT)),
)


def a_file(kind: str) -> dict[int, Any]:
    """A file of a media type."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}}}
    return {200: {"description": "The file", "content": content}}
