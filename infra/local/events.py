"""The events that functions get for requests and for messages of a queue; the local application and the
tests build them here.

Requests come in payload format 2.0, as AWS documents it; where the documentation is silent, in the
form observed there: paths arrive percent-decoded (but for %25), bodies as text for text/*, JSON, XML
and JavaScript (what is no UTF-8 in them is lost) and in base64 otherwise, several headers of one
name joined by commas, cookies apart.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from infra.local.http_api import Request

_TEXT = {"application/json", "application/xml", "application/javascript"}
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def decoded(path: str) -> str:
    """Percent-escapes resolved as an HTTP API does for rawPath: each but %25."""

    def run(match: re.Match[str]) -> str:
        parts = re.split(r"(%25)", match[0])
        return "".join(part if part == "%25" else unquote(part) for part in parts)

    return _ESCAPES.sub(run, path)


def of_request(
    request: Request,
    key: str,
    parameters: Mapping[str, str],
    claims: Mapping[str, Any] | None,
    at: datetime,
) -> dict[str, Any]:
    """The event of a request to the route of this key; `claims` are those of the checked token, None
    without one.
    """
    at = at.astimezone(UTC)
    host = request.header("host") or ""
    path = decoded(request.path)
    headers = {
        name: value
        for name in dict.fromkeys(key.lower() for key, _ in request.headers)
        if name != "cookie" and (value := request.header(name)) is not None
    }
    context: dict[str, Any] = {
        "accountId": "000000000000",
        "apiId": "local",
        "domainName": host,
        "domainPrefix": host.split(".")[0],
        "http": {
            "method": request.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent") or "",
        },
        "requestId": uuid.uuid4().hex,
        "routeKey": key,
        "stage": "$default",
        "time": at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(at.timestamp() * 1000),
    }
    if claims is not None:
        stringified = {name: claim_text(value) for name, value in claims.items()}
        context["authorizer"] = {"jwt": {"claims": stringified, "scopes": None}}
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": key,
        "rawPath": path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": context,
        "isBase64Encoded": False,
    }
    cookies = [
        v.strip() for k, line in request.headers if k.lower() == "cookie" for v in line.split(";")
    ]
    if cookies:
        made["cookies"] = cookies
    if parameters:
        made["pathParameters"] = dict(parameters)
    if request.query:
        joined: dict[str, str] = {}
        for name, value in parse_qsl(request.query, keep_blank_values=True):
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        made["queryStringParameters"] = joined
    if request.body:
        made["body"], made["isBase64Encoded"] = _body(request)
    return made


def _body(request: Request) -> tuple[str, bool]:
    kind = (request.header("content-type") or "").split(";")[0].strip().lower()
    if kind.startswith("text/") or kind in _TEXT:
        # A string cannot hold other bytes: U+FFFD takes their place. Whoever means bytes sends
        # application/octet-stream.
        return request.body.decode("utf-8", errors="replace"), False
    return base64.b64encode(request.body).decode("ascii"), True


def claim_text(value: Any) -> str:
    """A claim as the gateway hands it on: text; a list as "[a b]"; numbers and flags as in JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "[" + " ".join(claim_text(item) for item in value) + "]"
    return json.dumps(value)


def of_messages(messages: Sequence[Mapping[str, Any]], queue_arn: str) -> dict[str, Any]:
    """The event of messages as SQS gave them."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message.get("Attributes", {}),
                "messageAttributes": message.get("MessageAttributes", {}),
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": queue_arn,
                "awsRegion": queue_arn.split(":")[3],
            }
            for message in messages
        ]
    }


def a_message(body: str, number: str, at: datetime) -> dict[str, Any]:
    """A message as SQS would give it for the first time, without a queue."""
    moment = str(int(at.timestamp() * 1000))
    return {
        "MessageId": number,
        "ReceiptHandle": "by-hand",
        "Body": body,
        "MD5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "Attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": moment,
            "SenderId": "by-hand",
            "ApproximateFirstReceiveTimestamp": moment,
        },
    }
