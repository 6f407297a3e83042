"""DynamoDB's requests and answers without botocore's walk through its description of them, which was a
fifth of the work of a report. What botocore does besides (signing, tries, errors, events) stays.

Only botocore's own events are used: a request's parameters are set aside before it would write them, and
written here; an answer's items are read here before it would. Both come out the same.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

_ASIDE = "meterportal.parameters"
"""Their name in the context of a call."""

_READS = ("GetItem", "BatchGetItem", "Query")
"""The operations whose answers are items."""


def lighten(client: Any) -> None:
    """Has a client of DynamoDB do so from now on. Its `parameter_validation` is off: that is botocore's
    walk, too."""
    events = client.meta.events
    # Each once, whoever asks again.
    events.register("provide-client-params.dynamodb", _set_aside, unique_id="wire-aside")
    events.register_first("before-call.dynamodb", _write, unique_id="wire-write")
    for operation in _READS:
        event = f"before-parse.dynamodb.{operation}"
        events.register_last(event, _read, unique_id=f"wire-{operation}")


def _set_aside(params: dict[str, Any], context: dict[str, Any], **_: Any) -> dict[str, Any]:
    context[_ASIDE] = params
    # botocore looks into these for the endpoint.
    return {"RequestItems": {}} if "RequestItems" in params else {}


def _write(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    params["body"] = json.dumps(context.pop(_ASIDE), default=_bytes).encode()


def _bytes(value: bytes) -> str:
    return b64encode(value).decode()


def _read(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    if response_dict["status_code"] != 200:
        return
    answer = json.loads(response_dict["body"])
    for item in _items(answer):
        for attribute in item.values():
            _decode(attribute)
    customized_response_dict.update(answer)
    response_dict["body"] = b"{}"


def _items(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of an answer of one of `_READS`."""
    found = [answer["Item"]] if "Item" in answer else []
    found += answer.get("Items", ())
    for items in answer.get("Responses", {}).values():
        found += items
    return found


def _decode(attribute: dict[str, Any]) -> None:
    """Bytes in place of their text, however deep they stand."""
    ((kind, value),) = attribute.items()
    if kind == "B":
        attribute["B"] = b64decode(value)
    elif kind == "L":
        for part in value:
            _decode(part)
    elif kind == "M":
        for part in value.values():
            _decode(part)
