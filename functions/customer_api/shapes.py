"""What the answers look like, for the OpenAPI document. A test holds real answers against it.

Plain schemas, not models: they cost nothing when a function starts.
"""

from __future__ import annotations

from typing import Any

from meterportal.finding_json import SCHEMA

from customer_api.schemas import DAY as _DAY
from customer_api.schemas import TEXT as _TEXT
from customer_api.schemas import WHOLE as _WHOLE
from customer_api.schemas import YES_NO as _YES_NO
from customer_api.schemas import Schema
from customer_api.schemas import a_list as _list
from customer_api.schemas import an_answer as _answer
from customer_api.schemas import an_object as _object
from customer_api.schemas import maybe as _maybe
from customer_api.schemas import one_of as _one_of

_MOMENT = {"type": "string", "format": "date-time"}
_VERDICT = _one_of("plausible", "confirmed", "unchecked")
_COMPANY = _object(id=_TEXT, name=_TEXT)
FINDING = SCHEMA
READING = {
    "value": _WHOLE,
    "read_on": _DAY,
    "state": _one_of("reported", "released", "billed"),
    "verdict": _VERDICT,
    "reason": _TEXT,
    "findings": _list(FINDING),
    "released_on": _maybe(_DAY),
}
LOCATION = _object(site=_TEXT, building=_TEXT, floor=_TEXT, room=_TEXT)
_METER = _object(
    id=_TEXT,
    label=_TEXT,
    display_label=_TEXT,
    kind=_one_of("BW", "COLOUR", "SCAN", "TOTAL"),
    last=_maybe(_object(value=_WHOLE, read_on=_DAY, estimated=_YES_NO)),
    reading=_maybe(
        _object(
            **READING,
            reported_at=_maybe(_MOMENT),
            reported_by=_maybe(_object(name=_TEXT, me=_YES_NO)),
        )
    ),
)
PROBLEM = _object(
    id=_TEXT,
    kind=_one_of("gone", "moved", "not_ours", "previous_reading_wrong", "cannot_read"),
    reported_on=_DAY,
    state=_one_of("open", "accepted"),
    text=_TEXT,
    meter_id=_maybe(_TEXT),
)
CARD = {
    "id": _TEXT,
    "serial": _TEXT,
    "maker": _TEXT,
    "model": _TEXT,
    "location": LOCATION,
    "customer_no": _TEXT,
}
_REPORTING = {
    "version": _WHOLE,
    "complete": _YES_NO,
    "problem": _maybe(PROBLEM),
    "meters": _list(_METER),
}
_MACHINE = _object(**CARD, due_on=_DAY, **_REPORTING)
_LISTED = _object(**CARD, due_on=_maybe(_DAY), **_REPORTING)
_LISTED["properties"]["may_report"] = _YES_NO  # only with scope=company


def _page(machine: Schema) -> Schema:
    return _object(
        company=_COMPANY,
        today=_DAY,
        due_on=_maybe(_DAY),
        progress=_object(reported=_WHOLE, total=_WHOLE),
        next_cursor=_maybe(_TEXT),
        machines=_list(machine),
    )


_OVERVIEW = _page(_MACHINE)
_SESSION = _object(
    contact=_object(name=_TEXT, email_masked=_TEXT),
    company=_COMPANY,
    companies=_list(_COMPANY),
    rights=_object(
        readings=_YES_NO, machines=_YES_NO, service_orders=_one_of("none", "open", "all")
    ),
    language=_one_of("de", "en"),
    has_password=_YES_NO,
    may_set_password=_YES_NO,
    dealer=_object(name=_TEXT),
    today=_DAY,
)
_SESSION["properties"]["overview"] = _OVERVIEW  # only where it was asked for

OPENED = _answer(201, "Signed in; the cookie is set", _SESSION)
SESSION = _answer(200, "Who is signed in", _SESSION)
CLOSED: dict[int, Any] = {204: {"description": "Logged out; the cookie is gone"}}
ASKED = _answer(202, "A link goes to the address on file, if there is one", _object())
PASSWORD_SET = _answer(200, "The password is set", _object(has_password=_YES_NO))
OVERVIEW = _answer(
    200, "Machines in walking order; with scope=company also may_report", _page(_LISTED)
)
CHECKED = _answer(
    200,
    "What the values look like",
    _object(
        machine_id=_TEXT,
        meters=_list(
            _object(meter_id=_TEXT, value=_maybe(_WHOLE), verdict=_VERDICT, findings=_list(FINDING))
        ),
        findings=_list(FINDING),
    ),
)
REPORTED = _answer(
    200,
    "What is stored now",
    _object(version=_WHOLE, readings=_list(_object(meter_id=_TEXT, **READING))),
)
