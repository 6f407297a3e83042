"""Row 5: mails a second, from the token to a stubbed SES, beside a mail that nobody renders.

The reference puts finished words into Python's EmailMessage and gives its bytes to the same SES.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from meterportal.adapters import adapters
from meterportal.domain.mailing.text_blocks import REQUEST
from meterportal.domain.portfolio.contracts import Company
from meterportal.mail.layout import Access, SenderIdentity
from meterportal.mail.message import Message
from meterportal.mail.render import MailPart, request_mail
from meterportal.mail.text_blocks import text_block

from tests.benchmarks.figures import Row, at_least_times
from tests.benchmarks.replay import Body, alternating
from tests.conftest import built
from tests.support.builders import DUE, a_contact, a_contract, a_machine
from tests.support.stage import PUBLIC_URL

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
SENDER = SenderIdentity("Büro & Kopie", "zaehler@dealer.example", "service@dealer.example")
MAILS = 50


def rows(*, mails: int = MAILS) -> Iterator[Row]:
    """Half of the mails in German, half in English; three machines each."""
    logging.disable()
    with pytest.MonkeyPatch.context() as monkeypatch, built(monkeypatch):
        sender = adapters().sender
        sender._client.meta.events.register_first("before-send", _taken)
        try:
            finished = [_mail(n) for n in range(mails)]

            def ours() -> None:
                for n in range(mails):
                    sender.send(_mail(n), at=AT, tags={"round": "r"})

            def reference() -> None:
                for mail in finished:
                    _send_by_the_library(sender._client, mail)

            took, took_reference = alternating(ours, reference)
        finally:
            sender._client.meta.events.unregister("before-send", _taken)
    yield Row("5 mails", mails / took, "mails/s CPU", mails / took_reference, at_least_times(1.5))


def _taken(request: Any, **_: Any) -> AWSResponse:
    return AWSResponse(request.url, 200, {}, Body(b'{"MessageId": "m"}'))


def _mail(n: int) -> Message:
    language = "de" if n % 2 else "en"
    token = adapters().keys.seal_link(adapters().new_secret_id())
    part = MailPart(
        company=Company("10000", "Muster GmbH"),
        contact=a_contact(language=language),
        contract=a_contract(),
        due_on=DUE,
        machines=tuple(a_machine(str(200_001 + one)) for one in range(3)),
    )
    return request_mail(
        [part],
        block=text_block(REQUEST, language),
        to=f"clara{n}@muster.example",
        access=Access(f"{PUBLIC_URL}/#t={token}", "ABCD-EFGH"),
        sender=SENDER,
    )


def _send_by_the_library(client: Any, mail: Message) -> None:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"] = f"{mail.sender_name} <{mail.sender}>", mail.to
    made["Subject"], made["Date"] = mail.subject, format_datetime(AT)
    made.set_content(mail.text)
    made.add_alternative(mail.html, subtype="html")
    client.send_email(
        FromEmailAddress=mail.sender,
        Destination={"ToAddresses": [mail.to]},
        Content={"Raw": {"Data": made.as_bytes()}},
    )
