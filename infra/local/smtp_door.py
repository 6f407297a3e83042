"""A door for mail on this machine: what a mail program sends to 127.0.0.1 comes in as SES would bring it.

The message is stored in the bucket, with the lines on top that SES writes, and its notice goes into the
queue in the form of the topic. Everything is found authentic and clean; any login is taken, since mail
programs want one.
"""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import compat32
from email.utils import format_datetime
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session

LARGEST = 40 * 1024 * 1024
"""Bytes: SES takes no larger message."""

_VERDICTS = ("spamVerdict", "virusVerdict", "spfVerdict", "dkimVerdict", "dmarcVerdict")


class SmtpDoor:
    """Takes mail to `domain`; `bucket` and `queue` (its URL) are those of the template."""

    def __init__(self, domain: str, bucket: str, queue: str, client: Callable[[str], Any]) -> None:
        self._domain = domain
        self._bucket = bucket
        self._queue = queue
        self._s3 = client("s3")
        self._sqs = client("sqs")
        self._controller: Controller | None = None

    def start(self, port: int) -> int:
        """Listens on 127.0.0.1, at any free port for 0; the port. Raises OSError for one that is taken."""
        port = port or _free_port()
        controller = Controller(
            self,
            hostname="127.0.0.1",
            port=port,
            data_size_limit=LARGEST,
            auth_require_tls=False,
            authenticator=lambda *_: AuthResult(success=True),
        )
        controller.start()
        self._controller = controller
        return port

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()

    async def handle_RCPT(  # noqa: N802 - as aiosmtpd calls it
        self,
        server: Any,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        options: list[str],  # noqa: ARG002
    ) -> str:
        """SES refuses what no rule names."""
        if address.rpartition("@")[2].casefold() != self._domain:
            return "550 5.1.1 Requested action not taken: mailbox unavailable"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - as aiosmtpd calls it
        self,
        server: Any,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
    ) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.take(content, envelope.mail_from or "", envelope.rcpt_tos)
        return "250 OK"

    def take(self, content: bytes, sender: str, recipients: list[str]) -> str:
        """Stores a message and tells of it; its number."""
        number = uuid.uuid4().hex + "local"
        now = datetime.now(UTC)
        self._s3.put_object(
            Bucket=self._bucket,
            Key=f"mails/{number}",
            Body=_on_top(sender, recipients, now) + content,
        )
        told = notice(number, content, sender, recipients, now)
        self._sqs.send_message(QueueUrl=self._queue, MessageBody=json.dumps(told))
        return number


def _free_port() -> int:
    """The controller knocks at its own port, so it has to know the number before."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        number: int = found.getsockname()[1]
    return number


def _on_top(sender: str, recipients: list[str], now: datetime) -> bytes:
    """The lines that SES writes above a message."""
    domain = sender.rpartition("@")[2]
    lines = [
        f"Return-Path: <{sender}>",
        f"Received: from localhost by inbound-smtp for {', '.join(recipients)}; {format_datetime(now)}",
        "X-SES-Spam-Verdict: PASS",
        "X-SES-Virus-Verdict: PASS",
        f"Authentication-Results: amazonses.com; spf=pass; dkim=pass header.i=@{domain};"
        f" dmarc=pass header.from={domain};",
        "",
    ]
    return "\r\n".join(lines).encode()


def notice(
    number: str, content: bytes, sender: str, recipients: list[str], now: datetime
) -> dict[str, Any]:
    """What SES tells of a message that it has found authentic and clean."""
    headers = message_from_bytes(content[:64_000], policy=compat32)
    verdicts = {name: {"status": "PASS"} for name in _VERDICTS}
    return {
        "notificationType": "Received",
        "mail": {
            "timestamp": now.isoformat(timespec="milliseconds"),
            "source": sender,
            "messageId": number,
            "destination": recipients,
            "commonHeaders": {
                "from": [str(headers.get("From", ""))],
                "subject": str(headers.get("Subject", "")),
            },
        },
        "receipt": {
            "recipients": recipients,
            **verdicts,
            "action": {"type": "S3", "objectKey": f"mails/{number}"},
        },
    }
