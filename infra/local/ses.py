"""SES's API as this application calls it: mails are kept, then reported as delivered.

The functions reach it by AWS_ENDPOINT_URL_SESV2, so nothing in the application knows of it. It
stands before MiniStack because that rebuilds raw mails and loses their headers.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from infra.local import mail_events, proxy
from infra.local.http_api import Answer, Request
from infra.local.mailbox import Mail, Mailbox

PATH = "/_local/ses"
_SEND = f"{PATH}/v2/email/outbound-emails"


class MailEndpoint:
    """`publish` takes one EventBridge event; it is called in order, apart from the request."""

    def __init__(
        self, mailbox: Mailbox, endpoint: str, publish: Callable[[dict[str, Any]], None]
    ) -> None:
        self._mailbox = mailbox
        self._endpoint = endpoint
        self._publish = publish
        self._events = ThreadPoolExecutor(1, thread_name_prefix="ses-events")

    def answer(self, request: Request) -> Answer:
        if (request.method, request.path) != ("POST", _SEND):
            return proxy.forward(self._endpoint, request, request.path.removeprefix(PATH))
        try:
            mail = self._keep(dict(json.loads(request.body)))
        except (KeyError, TypeError, ValueError, binascii.Error):
            return _answer(400, {"message": "Only raw mails are taken here"}, "BadRequestException")
        self._events.submit(self._tell, mail)
        return _answer(200, {"MessageId": mail.message_id})

    def _keep(self, sent: dict[str, Any]) -> Mail:
        destination = sent.get("Destination", {})
        to = [
            address
            for kind in ("ToAddresses", "CcAddresses")
            for address in destination.get(kind, [])
        ]
        return self._mailbox.keep(
            base64.b64decode(sent["Content"]["Raw"]["Data"], validate=True),
            to=to,
            tags={tag["Name"]: tag["Value"] for tag in sent.get("EmailTags", [])},
            configuration_set=sent.get("ConfigurationSetName", ""),
        )

    def _tell(self, mail: Mail) -> None:
        for event in mail_events.following(mail, datetime.now(UTC)):
            self._publish(event)

    def close(self) -> None:
        self._events.shutdown(wait=True)


def _answer(status: int, body: dict[str, Any], error: str = "") -> Answer:
    headers = [("content-type", "application/json")]
    if error:
        headers.append(("x-amzn-errortype", error))
    return Answer(status, headers, json.dumps(body).encode())
