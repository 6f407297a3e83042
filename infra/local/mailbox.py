"""Every mail that the application sent from this machine, byte for byte as it was handed to SES.

`var/mails/` holds one .eml (the raw message) and one .json (its envelope) per mail; file names
begin with a running number, so the order of sending survives a restart. A mail has an .untold beside
it until SES's events about it are queued.
"""

from __future__ import annotations

import json
import threading
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from functools import cached_property
from pathlib import Path
from typing import Any

_UNTOLD = ".untold"


@dataclass(frozen=True)
class Mail:
    """One mail; `to` are the envelope's addresses, `sent_at` aware UTC, `tags` those given to SES."""

    message_id: str
    to: tuple[str, ...]
    sender: str
    tags: dict[str, str]
    configuration_set: str
    sent_at: datetime
    raw: bytes

    @cached_property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    def part(self, kind: str) -> str:
        """The text of the body part of that kind ("plain" or "html"), "" without one."""
        body = self.message.get_body(preferencelist=(kind,))
        return str(body.get_content()) if body else ""

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    def as_json(self) -> dict[str, Any]:
        return {
            "message_id": self.message_id,
            "to": list(self.to),
            "from": self.sender,
            "subject": self.subject,
            "text": self.part("plain"),
            "html": self.part("html"),
            "headers": dict(self.headers),
            "tags": self.tags,
            "sent_at": self.sent_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }


class Mailbox:
    """The mails of a directory. Safe for several threads of one process."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        directory.mkdir(parents=True, exist_ok=True)
        self._mails = [self._read(path) for path in sorted(directory.glob("*.json"))]
        last = max((int(path.name.split("-")[0]) for path in directory.glob("*.*")), default=0)
        self._next = last + 1

    @staticmethod
    def _read(envelope: Path) -> Mail:
        known = json.loads(envelope.read_text(encoding="utf-8"))
        return Mail(
            message_id=known["message_id"],
            to=tuple(known["to"]),
            sender=known["sender"],
            tags=known["tags"],
            configuration_set=known["configuration_set"],
            sent_at=datetime.fromisoformat(known["sent_at"]),
            raw=envelope.with_suffix(".eml").read_bytes(),
        )

    def keep(
        self,
        raw: bytes,
        *,
        to: list[str] | None = None,
        tags: dict[str, str] | None = None,
        configuration_set: str = "",
    ) -> Mail:
        """Stores a mail before anybody hears of it; `to` defaults to the message's own To."""
        message = message_from_bytes(raw, policy=policy.default)
        addressed = [address for _, address in getaddresses([str(message["To"] or "")])]
        sender = getaddresses([str(message["From"] or "")])
        with self._lock:
            mail = Mail(
                message_id=f"0107{uuid.uuid4().hex}-000000",
                to=tuple(to or addressed),
                sender=sender[0][1] if sender else "",
                tags=tags or {},
                configuration_set=configuration_set,
                sent_at=datetime.now(UTC),
                raw=raw,
            )
            stem = self._directory / f"{self._next:08d}-{mail.message_id}"
            self._next += 1
            stem.with_suffix(".eml").write_bytes(raw)
            stem.with_suffix(_UNTOLD).touch()
            # The envelope comes last and at once: a mail without it was never accepted.
            envelope = stem.with_suffix(".part")
            envelope.write_text(json.dumps(_envelope(mail), ensure_ascii=False), encoding="utf-8")
            envelope.replace(stem.with_suffix(".json"))
            self._mails.append(mail)
        return mail

    def untold(self) -> list[Mail]:
        """Mails whose events have not been queued, oldest first."""
        return [
            self._read(mark.with_suffix(".json"))
            for mark in sorted(self._directory.glob(f"*{_UNTOLD}"))
            if mark.with_suffix(".json").exists()
        ]

    def told(self, mail: Mail) -> None:
        """The events of this mail are queued."""
        for mark in self._directory.glob(f"*-{mail.message_id}{_UNTOLD}"):
            mark.unlink()

    def mails(self, to: str | None = None) -> list[Mail]:
        """Newest first; only those to the given address if there is one."""
        with self._lock:
            found = self._mails[::-1]
        if to:
            found = [mail for mail in found if to.lower() in [a.lower() for a in mail.to]]
        return found

    def find(self, message_id: str) -> Mail | None:
        return next((mail for mail in self.mails() if mail.message_id == message_id), None)


def _envelope(mail: Mail) -> dict[str, Any]:
    return {
        "message_id": mail.message_id,
        "to": list(mail.to),
        "sender": mail.sender,
        "tags": mail.tags,
        "configuration_set": mail.configuration_set,
        "sent_at": mail.sent_at.isoformat(),
    }
