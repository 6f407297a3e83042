"""What the answers about many machines look like, for the OpenAPI document."""

from __future__ import annotations

from customer_api import shapes
from customer_api.schemas import TEXT, WHOLE, Schema, a_list, an_answer, an_object, maybe

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
STICKERS = an_answer(
    200,
    "Stickers in walking order",
    an_object(stickers=a_list(_STICKER), next_cursor=maybe(TEXT)),
)
