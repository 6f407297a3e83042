"""What SES tells of a message that came in: its verdicts, to whom it went, and where it lies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.answers.authentication import Verdicts
from meterportal.queues import UnknownMessage

_SETUP = "AMAZON_SES_SETUP_NOTIFICATION"
"""What SES writes when a rule is made."""


@frozen
class ArrivedNotice:
    """`recipients` are those of the envelope: our address may stand in no header. `sender` and `subject`
    are what SES read of the headers, for a message that is not read here."""

    id: str
    key: str
    recipients: tuple[str, ...]
    verdicts: Verdicts
    sender: str
    subject: str


def read_notice(body: str) -> ArrivedNotice | None:
    """The notice in a message of the queue, bare or as SNS wraps it; None for a rule's first one. Raises
    `UnknownMessage`."""
    told = _parsed(body)
    if told.get("Type") == "Notification":
        told = _parsed(str(told.get("Message", "")))
    mail, receipt = _mapping(told.get("mail")), _mapping(told.get("receipt"))
    action = _mapping(receipt.get("action"))
    number, key = str(mail.get("messageId", "")), str(action.get("objectKey", ""))
    if told.get("notificationType") != "Received" or not number or not key:
        raise UnknownMessage("no notice of a message")
    if number.endswith(_SETUP) or key.endswith(_SETUP):
        return None
    if len(number) > 200 or key.rpartition("/")[2] != number:
        raise UnknownMessage("a notice of another message")
    common = _mapping(mail.get("commonHeaders"))
    senders = common.get("from")
    return ArrivedNotice(
        number,
        key,
        tuple(str(one) for one in receipt.get("recipients") or ())[:100],
        Verdicts(
            spam=_verdict(receipt, "spamVerdict"),
            virus=_verdict(receipt, "virusVerdict"),
            spf=_verdict(receipt, "spfVerdict"),
            dkim=_verdict(receipt, "dkimVerdict"),
            dmarc=_verdict(receipt, "dmarcVerdict"),
            envelope_sender=str(mail.get("source", "")),
        ),
        str(senders[0])[:300] if isinstance(senders, list) and senders else "",
        str(common.get("subject", ""))[:500],
    )


def _verdict(receipt: Mapping[str, Any], name: str) -> str:
    verdict = receipt.get(name)
    return str(verdict.get("status", "")) if isinstance(verdict, dict) else ""


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(text))
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnknownMessage("not JSON") from error


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
