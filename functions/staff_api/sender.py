"""The sender's domain: what to enter at the registrar, and whether it is there."""

from __future__ import annotations

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.mailing.sender_records import CheckedRecord
from meterportal.http import Answer
from meterportal.usecases.mailing.check_sender import check_sender

from staff_api.answers.sender import SenderJson, SenderRecordJson
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


@router.get("/api/staff/sender", summary="The sender's domain and its records in the DNS")
def show() -> Answer[SenderJson]:
    """Asks mail system and DNS now; takes some seconds where name servers do not answer."""
    staff_of(router.current_event.raw_event, "read")
    sender = check_sender(adapters())
    identity = sender.identity
    return Answer(
        {
            "address": sender.address,
            "domain": sender.domain,
            "known": identity is not None,
            "verified": identity is not None and identity.verified,
            "own_dkim": identity is not None and bool(identity.tokens),
            "mail_from": identity.mail_from if identity else "",
            "records": [_record(one) for one in sender.records],
        }
    )


def _record(one: CheckedRecord) -> SenderRecordJson:
    return {
        "use": one.record.use,
        "name": one.record.name,
        "type": one.record.kind,
        "value": one.record.value,
        "standing": one.standing,
        "found": list(one.found),
    }
