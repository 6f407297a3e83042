"""What the answers around one machine and its reporters look like, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from customer_api import shapes
from customer_api.schemas import (
    DAY,
    NUMBER,
    TEXT,
    WHOLE,
    YES_NO,
    a_list,
    an_answer,
    an_object,
    maybe,
    one_of,
)

_ENTRY = an_object(
    value=WHOLE,
    read_on=DAY,
    origin=one_of("imported", "reported", "released", "reset", "estimated"),
    state=one_of("reported", "released", "billed", "effective"),
    channel=TEXT,
    estimated=YES_NO,
    usage=maybe(WHOLE),
    per_day=maybe(NUMBER),
    reset=maybe(an_object(end=WHOLE, start=WHOLE)),
)
_METER = an_object(
    id=TEXT,
    label=TEXT,
    kind=one_of("BW", "COLOUR", "SCAN", "TOTAL"),
    unit=TEXT,
    readings=a_list(_ENTRY),
)

_CARD = an_object(**shapes.CARD, may_report=YES_NO)

HISTORY = an_answer(
    200,
    "Readings by meter, newest first",
    an_object(machine_id=TEXT, machine=_CARD, meters=a_list(_METER)),
)
PROBLEM = an_answer(201, "The problem that waits for staff now", shapes.PROBLEM)
WITHDRAWN: dict[int, Any] = {204: {"description": "Taken back; the machine is due again"}}
HELP = an_answer(
    200,
    "Steps, and where each meter's number stands",
    an_object(
        machine_id=TEXT,
        maker=TEXT,
        model=TEXT,
        match=one_of("model", "family", "maker", "general"),
        title=TEXT,
        steps=a_list(TEXT),
        picture=maybe(an_object(src=TEXT, alt=TEXT)),
        machine=_CARD,
        meters=a_list(an_object(id=TEXT, label=TEXT, display_label=TEXT, where=TEXT)),
    ),
)
SUCCESSOR = an_answer(
    201,
    "The request as it stands",
    an_object(id=TEXT, state=one_of("open", "approved", "refused"), contract_ids=a_list(TEXT)),
)
