"""What SES tells about a mail, in the form in which EventBridge delivers it.

Addresses behave as in SES's mailbox simulator, by the beginning of their local part: "bounce"
bounces for good, "suppressionlist" is held back by SES itself, "complaint" complains after
delivery, "ooto" answers automatically (which SES tells as a transient bounce), all others are
delivered.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from infra.local.mailbox import Mail
from infra.local.template import ACCOUNT, REGION

DETAIL_TYPES = {
    "Send": "Email Sent",
    "Delivery": "Email Delivered",
    "Bounce": "Email Bounced",
    "Complaint": "Email Complaint Received",
    "Reject": "Email Rejected",
    "Rendering Failure": "Email Rendering Failed",
    "DeliveryDelay": "Email Delivery Delayed",
    "Open": "Email Opened",
    "Click": "Email Clicked",
    "Subscription": "Email Subscribed",
}


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def envelope(detail: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """An SES event as EventBridge wraps it."""
    kind = str(detail.get("eventType", ""))
    tags = detail.get("mail", {}).get("tags", {}) if isinstance(detail.get("mail"), dict) else {}
    sets = tags.get("ses:configuration-set", []) if isinstance(tags, dict) else []
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": DETAIL_TYPES.get(kind, kind),
        "source": "aws.ses",
        "account": ACCOUNT,
        "time": _time(at)[:19] + "Z",
        "region": REGION,
        "resources": [f"arn:aws:ses:{REGION}:{ACCOUNT}:configuration-set/{name}" for name in sets],
        "detail": dict(detail),
    }


def wrapped(event: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """An injected event: a whole envelope stays as it is, a bare detail gets one."""
    return dict(event) if "detail" in event else envelope(event, at)


def following(
    mail: Mail, at: datetime, *, held_back: Callable[[str], bool] = lambda _: False
) -> list[dict[str, Any]]:
    """The events that SES would send after accepting this mail, in order; `held_back` are addresses on
    the suppression list."""
    details: list[dict[str, Any]] = [{"eventType": "Send", "send": {}}]
    for address in mail.to:
        local = address.lower()
        if local.startswith("bounce"):
            details.append(_bounce(address, at, "Permanent", "General"))
            continue
        if local.startswith("suppressionlist") or held_back(address):
            details.append(_bounce(address, at, "Permanent", "OnAccountSuppressionList"))
            continue
        details.append(_delivery(address, at))
        if local.startswith("complaint"):
            details.append(_complaint(address, at))
        if local.startswith("ooto"):
            details.append(_bounce(address, at, "Transient", "General"))
    return [envelope({**detail, "mail": _about(mail)}, at) for detail in details]


def _about(mail: Mail) -> dict[str, Any]:
    tags = {name: [value] for name, value in mail.tags.items()}
    if mail.configuration_set:
        tags["ses:configuration-set"] = [mail.configuration_set]
    return {
        "timestamp": _time(mail.sent_at),
        "source": mail.sender,
        "sourceArn": f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/{mail.sender}",
        "sendingAccountId": ACCOUNT,
        "messageId": mail.message_id,
        "destination": list(mail.to),
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in mail.headers],
        "commonHeaders": {
            "from": [str(mail.message["From"])],
            "to": list(mail.to),
            "messageId": mail.message_id,
            "subject": mail.subject,
        },
        "tags": tags,
    }


def _delivery(address: str, at: datetime) -> dict[str, Any]:
    return {
        "eventType": "Delivery",
        "delivery": {
            "timestamp": _time(at),
            "processingTimeMillis": 1,
            "recipients": [address],
            "smtpResponse": "250 2.0.0 OK",
            "reportingMTA": "localhost",
        },
    }


def _bounce(address: str, at: datetime, kind: str, subtype: str) -> dict[str, Any]:
    about = {"emailAddress": address}
    if (kind, subtype) == ("Permanent", "General"):
        code = "smtp; 550 5.1.1 user unknown"
        about |= {"action": "failed", "status": "5.1.1", "diagnosticCode": code}
    return {
        "eventType": "Bounce",
        "bounce": {
            "feedbackId": str(uuid.uuid4()),
            "bounceType": kind,
            "bounceSubType": subtype,
            "bouncedRecipients": [about],
            "timestamp": _time(at),
            "reportingMTA": "dns; localhost",
        },
    }


def _complaint(address: str, at: datetime) -> dict[str, Any]:
    return {
        "eventType": "Complaint",
        "complaint": {
            "feedbackId": str(uuid.uuid4()),
            "complaintSubType": None,
            "complainedRecipients": [{"emailAddress": address}],
            "timestamp": _time(at),
            "userAgent": "local",
            "complaintFeedbackType": "abuse",
            "arrivalDate": _time(at),
        },
    }
