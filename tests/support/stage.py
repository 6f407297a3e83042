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
from functools import cache, cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

from meterportal.domain.access.journal import StaffMember
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from moto.sqs.models import sqs_backends

from infra.local import events, http_api
from infra.local.http_api import Request, Route
from infra.local.provision import provision
from infra.local.template import Template
from tests.support import clock, documented
from tests.support.rights import Rights

ANNA = StaffMember("staff-1", "Anna Weber")
REGION = "eu-central-1"
PUBLIC_URL = "http://127.0.0.1:8000"
INBOUND_DOMAIN = "zaehler.dealer.example"


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
    origin_secret: str
    cookies: dict[str, str] = field(default_factory=dict)

    @classmethod
    def build(cls, new_client: Callable[..., Any]) -> Stage:
        """Provision everything that the template describes on whatever `new_client` talks to."""

        @cache
        def client(service: str) -> Any:
            return new_client(service, region_name=REGION)

        template = Template.read(Stage="local", InboundDomain=INBOUND_DOMAIN)
        environment = provision(template, client, public_url=PUBLIC_URL)
        secret = client("secretsmanager").get_secret_value(SecretId=environment["ORIGIN_SECRET"])
        return cls(template, client, environment, secret["SecretString"])

    # the front doors

    def customer(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        """A request of a contact's browser; cookies are kept like there."""
        answer = self.request("customer_api", method, path, body, cookies=self.cookies, **more)
        for cookie in answer.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def staff(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        groups: str = "admin",
        by: StaffMember = ANNA,
        issued_at: float | None = None,
        **more: Any,
    ) -> Answer:
        """A request of a staff member in `groups` (space-separated), as the authorizer passes it on; by
        a token made now, or at a moment."""
        issued = clock.now().timestamp() if issued_at is None else issued_at
        claims = {
            "token_use": "id",
            "iat": str(int(issued)),
            "sub": by.id,
            "name": by.name,
            "email": "anna@dealer.example",
            "cognito:groups": groups.split(),
        }
        return self.request("staff_api", method, path, body, claims=claims, **more)

    def erp(self, path: str, **more: Any) -> Answer:
        """A look of the ERP, as its own authorizer passes it on."""
        claims = {"token_use": "access", "client_id": "erp", "scope": "erp/feed"}
        return self.request("erp_api", "GET", path, claims=claims, **more)

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        """A request of whoever the route is for: a contact, staff, or somebody who signs in."""
        key, _ = self._route(method, urlsplit(path).path)
        package = next((route.package for route in self.routes if route.key == key), "staff_api")
        if package == "customer_api":
            return self.customer(method, path, body, **more)
        if package == "staff_api":
            return self.staff(method, path, body, **more)
        if package == "erp_api":
            return self.erp(path, **more)
        return self.request(package, method, path, body, **more)

    def request(
        self,
        package: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        claims: Mapping[str, Any] | None = None,
        language: str = "de",
    ) -> Answer:
        """A request as the HTTP API hands it to a function; `body` as JSON, text or bytes."""
        split = urlsplit(path)
        sent = {"accept-language": language, "host": "api.example", "accept-encoding": "gzip"}
        if self.origin_secret:
            sent["x-origin-secret"] = self.origin_secret
        if body is not None and not isinstance(body, bytes):
            sent["content-type"] = "application/json"
            body = (body if isinstance(body, str) else json.dumps(body)).encode()
        if cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        request = Request(
            method, split.path, split.query, list(sent.items()), body or b"", "127.0.0.1"
        )
        key, parameters = self._route(method, split.path)
        event = events.of_request(request, key, parameters, claims, clock.now())
        given = self.handler(package)(event, Context())
        content = (given.get("body") or "").encode()
        if given.get("isBase64Encoded"):
            packed = base64.b64decode(content)
            zipped = given["headers"].get("Content-Encoding") == "gzip"
            content = gzip.decompress(packed) if zipped else packed
        answer = Answer(given["statusCode"], given["headers"], given.get("cookies") or [], content)
        kind = str(given["headers"].get("Content-Type", ""))
        documented.hold(method, split.path, answer.status, kind, content)
        return answer

    def _route(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        """The key and the parameters; a function answers for itself what no route leads to."""
        found = http_api.find(self.routes, method, path)
        return (found[0].key, found[1]) if found else ("$default", {})

    @cached_property
    def routes(self) -> list[Route]:
        return http_api.routes(self.template)

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

    def drain(
        self,
        *,
        rounds: int = 50,
        worth_asking: Callable[[str], bool] = lambda _: True,
        ends: bool = True,
    ) -> int:
        """Deliver every waiting message to its function, as the event source mappings do.

        Messages whose function fails stay in the queue, hidden. Returns the number delivered.
        Queues (by name) that are not `worth_asking` are passed over; without `ends` something may
        still wait afterwards.
        """
        delivered = 0
        for _ in range(rounds):
            batch = sum(self._deliver(*m) for m in self._mappings() if worth_asking(m[1]))
            delivered += batch
            if not batch:
                return delivered
        assert not ends, "the queues never run empty"
        return delivered

    def _mappings(self) -> list[tuple[str, str, int]]:
        found = []
        for function in self.template.functions():
            for event in self.template.events(function, "SQS"):
                arn, size = event.properties["Queue"], event.properties.get("BatchSize", 10)
                name = arn.rsplit(":", 1)[1]
                found.append((function.package, name, min(int(size), 10)))
        return found

    def _deliver(self, package: str, queue: str, size: int) -> int:
        if not sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues[queue].messages:
            return 0
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        messages = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=size, AttributeNames=["All"]
        ).get("Messages", [])
        if not messages:
            return 0
        result = self.handler(package)(events.of_messages(messages, QUEUE_ARN), Context()) or {}
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


QUEUE_ARN = f"arn:aws:sqs:{REGION}:{DEFAULT_ACCOUNT_ID}:queue"


def delivery(*bodies: str) -> dict[str, Any]:
    """The event of messages that no queue holds; they are numbered from 0."""
    messages = [events.a_message(body, str(n), clock.now()) for n, body in enumerate(bodies)]
    return events.of_messages(messages, QUEUE_ARN)


def query(path: str, **parameters: str) -> str:
    return f"{path}?{urlencode(parameters)}"
