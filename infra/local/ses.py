"""SES's API as this application calls it: mails are kept, then reported as delivered; the suppression
list; the account, which POST /_local/ses/account puts into another state.

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
from urllib.parse import unquote

from infra.local import mail_events, proxy
from infra.local.http_api import Answer, Request
from infra.local.identities import identity_of
from infra.local.mail_account import MailAccount
from infra.local.mailbox import Mail, Mailbox
from infra.local.suppression import SuppressionList
from infra.local.template import Template

PATH = "/_local/ses"
_SEND = f"{PATH}/v2/email/outbound-emails"
_ACCOUNT = f"{PATH}/v2/email/account"
_IDENTITY = f"{PATH}/v2/email/identities/"
_TELL = f"{PATH}/account"
_SUPPRESSED = f"{PATH}/v2/email/suppression/addresses/"


class MailEndpoint:
    """`publish` takes one EventBridge event; it is called in order, apart from the request. What an
    earlier life did not get to publish comes first.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        endpoint: str,
        publish: Callable[[dict[str, Any]], None],
        suppressed: SuppressionList,
        template: Template,
    ) -> None:
        self._mailbox = mailbox
        self._endpoint = endpoint
        self._publish = publish
        self._suppressed = suppressed
        self._template = template
        self._account = MailAccount()
        self._events = ThreadPoolExecutor(1, thread_name_prefix="ses-events")
        for mail in mailbox.untold():
            self._events.submit(self._tell, mail)

    def answer(self, request: Request) -> Answer:
        if request.method in ("GET", "DELETE") and request.path.startswith(_SUPPRESSED):
            address = unquote(request.path.removeprefix(_SUPPRESSED))
            return self._allow(address) if request.method == "DELETE" else self._listed(address)
        if request.method == "GET" and request.path.startswith(_IDENTITY):
            return self._identity(unquote(request.path.removeprefix(_IDENTITY)))
        if (request.method, request.path) == ("GET", _ACCOUNT):
            return _answer(200, self._account.as_json())
        if (request.method, request.path) == ("POST", _TELL):
            return self._tell_account(request)
        if (request.method, request.path) != ("POST", _SEND):
            return proxy.forward(self._endpoint, request, request.path.removeprefix(PATH))
        try:
            sent = dict(json.loads(request.body))
            refused = self._account.refuses(str(sent["Destination"]["ToAddresses"][0]))
            if refused is not None:
                return _answer(400, {"message": refused[1]}, refused[0])
            mail = self._keep(sent)
        except (KeyError, IndexError, TypeError, ValueError, binascii.Error):
            return _answer(400, {"message": "Only raw mails are taken here"}, "BadRequestException")
        self._events.submit(self._tell, mail)
        return _answer(200, {"MessageId": mail.message_id})

    def _tell_account(self, request: Request) -> Answer:
        if request.header("sec-fetch-site") not in (None, "none", "same-origin"):
            return _answer(403, {"message": "foreign origin"})
        try:
            self._account.tell(dict(json.loads(request.body)))
        except (TypeError, ValueError):
            told = "JSON with sandbox, paused (true, false), quota, sent (mails in 24 hours), rate"
            return _answer(400, {"message": told})
        return _answer(200, self._account.as_json())

    def _identity(self, domain: str) -> Answer:
        found = identity_of(self._template, domain)
        if found is None:
            return _answer(404, {"message": f"{domain} is not known"}, "NotFoundException")
        return _answer(200, found)

    def _allow(self, address: str) -> Answer:
        if self._suppressed.take_off(address):
            return _answer(200, {})
        return _answer(404, {"message": f"{address} is not suppressed"}, "NotFoundException")

    def _listed(self, address: str) -> Answer:
        listed = self._suppressed.listed(address)
        if listed is None:
            return _answer(404, {"message": f"{address} is not suppressed"}, "NotFoundException")
        told = {
            "EmailAddress": address,
            "Reason": listed.reason,
            "LastUpdateTime": listed.since.timestamp(),
        }
        return _answer(200, {"SuppressedDestination": told})

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
        for event in mail_events.following(
            mail, datetime.now(UTC), held_back=self._suppressed.holds
        ):
            self._publish(event)
        self._mailbox.told(mail)

    def close(self) -> None:
        self._events.shutdown(wait=True)


def _answer(status: int, body: dict[str, Any], error: str = "") -> Answer:
    headers = [("content-type", "application/json")]
    if error:
        headers.append(("x-amzn-errortype", error))
    return Answer(status, headers, json.dumps(body).encode())
