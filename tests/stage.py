"""The stage that tests play on: what template.yaml describes, built on moto, entered by the front door."""

from __future__ import annotations

import base64
import gzip
import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from infra.local.provision import provision
from infra.local.template import Template
from tests.rights import Rights

REGION = "eu-central-1"
PUBLIC_URL = "http://127.0.0.1:8000"


class Context:
    """What Lambda passes beside the event."""

    function_name = "tests"
    memory_limit_in_mb = 128
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:tests"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 60_000


@dataclass(frozen=True)
class Answer:
    """An HTTP answer as a browser would see it, unzipped."""

    status: int
    headers: Mapping[str, str]
    cookies: list[str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Stage:
    template: Template
    client: Callable[[str], Any]
    environment: dict[str, str]
    cookies: dict[str, str] = field(default_factory=dict)

    @classmethod
    def build(cls, new_client: Callable[..., Any]) -> Stage:
        """Provision everything that the template describes on whatever `new_client` talks to."""

        def client(service: str) -> Any:
            return new_client(service, region_name=REGION)

        template = Template.read(Stage="local")
        environment = provision(template, client, public_url=PUBLIC_URL)
        return cls(template, client, environment)

    # the front doors

    def customer(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        """A request of a contact's browser; cookies are kept like there."""
        answer = self.request("customer_api", method, path, body, cookies=self.cookies, **more)
        for cookie in answer.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def staff(
        self, method: str, path: str, body: Any = None, *, groups: str = "admin", **more: Any
    ) -> Answer:
        """A request of a staff member in `groups` (space-separated), as the authorizer passes it on."""
        claims = {"sub": "staff-1", "email": "anna@dealer.example", "cognito:groups": f"[{groups}]"}
        return self.request("staff_api", method, path, body, claims=claims, **more)

    def request(
        self,
        package: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        claims: Mapping[str, str] | None = None,
        language: str = "de",
    ) -> Answer:
        """An HTTP API event in payload form 2.0 to a function; `body` as JSON, text or bytes."""
        split = urlsplit(path)
        sent = {"accept-language": language, "host": "api.example", "accept-encoding": "gzip"}
        if self.environment.get("ORIGIN_SECRET"):
            sent["x-origin-secret"] = self._origin_secret()
        event: dict[str, Any] = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": split.path,
            "rawQueryString": split.query,
            "headers": sent,
            "requestContext": {
                "http": {"method": method, "path": split.path, "sourceIp": "127.0.0.1"},
                "requestId": "request",
                "stage": "$default",
                "timeEpoch": 0,
            },
            "isBase64Encoded": False,
        }
        if split.query:
            pairs = [part.partition("=") for part in split.query.split("&")]
            event["queryStringParameters"] = {name: value for name, _, value in pairs}
        if body is not None:
            if isinstance(body, bytes):
                event["body"], event["isBase64Encoded"] = base64.b64encode(body).decode(), True
            else:
                event["body"] = body if isinstance(body, str) else json.dumps(body)
                sent["content-type"] = "application/json"
        if cookies:
            event["cookies"] = [f"{name}={value}" for name, value in cookies.items()]
        if claims:
            event["requestContext"]["authorizer"] = {
                "jwt": {"claims": dict(claims), "scopes": None}
            }
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        given = self.handler(package)(event, Context())
        content = (given.get("body") or "").encode()
        if given.get("isBase64Encoded"):
            packed = base64.b64decode(content)
            zipped = given["headers"].get("Content-Encoding") == "gzip"
            content = gzip.decompress(packed) if zipped else packed
        return Answer(given["statusCode"], given["headers"], given.get("cookies") or [], content)

    def _origin_secret(self) -> str:
        secrets = self.client("secretsmanager")
        text: str = secrets.get_secret_value(
            SecretId=self.environment["ORIGIN_SECRET"], VersionStage="AWSCURRENT"
        )["SecretString"]
        return text

    # what runs behind

    def handler(self, package: str) -> Callable[[Any, Any], Any]:
        """A function's handler, held to the rights that the template gives it."""
        handler: Callable[[Any, Any], Any] = importlib.import_module(
            f"{package}.app"
        ).lambda_handler
        return self.rights.of(package, handler)

    @cached_property
    def rights(self) -> Rights:
        return Rights(self.template)

    def drain(self, *, rounds: int = 50) -> int:
        """Deliver every waiting message to its function, as the event source mappings do.

        Messages whose function fails stay in the queue, hidden. Returns the number delivered.
        """
        delivered = 0
        for _ in range(rounds):
            batch = sum(self._deliver(*mapping) for mapping in self._mappings())
            delivered += batch
            if not batch:
                return delivered
        raise AssertionError("the queues never run empty")

    def _mappings(self) -> list[tuple[str, str, int]]:
        found = []
        for function in self.template.functions():
            for event in self.template.events(function, "SQS"):
                arn, size = event.properties["Queue"], event.properties.get("BatchSize", 10)
                name = arn.rsplit(":", 1)[1]
                found.append((function.package, name, min(int(size), 10)))
        return found

    def _deliver(self, package: str, queue: str, size: int) -> int:
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        messages = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=size, AttributeNames=["All"]
        ).get("Messages", [])
        if not messages:
            return 0
        result = self.handler(package)(sqs_event(messages), Context()) or {}
        failed = {entry["itemIdentifier"] for entry in result.get("batchItemFailures", [])}
        for message in messages:
            if message["MessageId"] not in failed:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(messages)

    def mails(self) -> list[EmailMessage]:
        """Every mail that SES was given, parsed, oldest first."""
        backend = ses_backends[DEFAULT_ACCOUNT_ID][REGION]
        return [
            message_from_bytes(_raw(sent.raw_data), policy=policy.default)
            for sent in backend.sent_messages
        ]


def _raw(data: str | bytes) -> bytes:
    return data if isinstance(data, bytes) else data.encode()


def sqs_event(messages: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Received messages in the form in which Lambda gets them."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message.get("Attributes", {}),
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:queue",
                "awsRegion": REGION,
            }
            for message in messages
        ]
    }


def query(path: str, **parameters: str) -> str:
    return f"{path}?{urlencode(parameters)}"
