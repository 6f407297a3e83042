"""What staff do about a contact."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.portfolio.contracts import Delivery
from meterportal.domain.portfolio.mending import (
    AddressKnownElsewhere,
    ContactChanged,
    RightsNotGranted,
)
from meterportal.domain.refusals import Invalid, ReusedKey
from meterportal.domain.reporting.successors import AddressTaken
from meterportal.http import Accepted, Address, Answer, Body, Words, refuses, request_key
from meterportal.http.overview_json import overview_as_json
from meterportal.http.queries import DIGITS, Cursor
from meterportal.settings import moment
from meterportal.usecases.access.lift_address import lift_address
from meterportal.usecases.access.look_at_block import look_at_block
from meterportal.usecases.access.mail_link import (
    AddressBlocked,
    EnoughLinks,
    NoAddress,
    NoPortalRights,
    mail_link,
)
from meterportal.usecases.access.revoke_links import revoke_links
from meterportal.usecases.mailing.latest_mails import show_mail
from meterportal.usecases.portfolio.mend_contact import (
    GivenContact,
    ShownContact,
    mend_contact,
    show_contact,
)
from meterportal.usecases.reporting.view_as_contact import view_as_contact
from pydantic import Field, StrictInt

from staff_api.answers.companies import ContactCardJson, SeenMailJson, SuppressionJson
from staff_api.answers.portfolio import ContactViewJson, RevokedJson, SentLinkJson
from staff_api.contact_cards import contact_as_json
from staff_api.pages import opened, sealed
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

Phone = Annotated[str, Field(max_length=200)]


class LiftBody(Body):
    """Why, in up to 500 characters, and the state that was seen."""

    reason: Words
    delivery: Literal["bounced", "complained"]


class RightsPatch(Body):
    """Rights that the contact has already; what is left out stays."""

    readings: bool | None = None
    machines: bool | None = None


class ContactPatch(Body):
    """What is to change (null: take it away), and the version that was seen (the contact's `rev` in the
    read model). `confirm_shared`: an address that other companies have is meant."""

    email: Address | None = None
    phone: Phone | None = None
    active: bool | None = None
    rights: RightsPatch | None = None
    version: StrictInt
    confirm_shared: bool = False

    def given(self) -> GivenContact:
        """What was left out stays as it is."""
        named = self.model_fields_set
        rights = self.rights or RightsPatch()
        return GivenContact(
            email=(self.email or "") if "email" in named else None,
            phone=(self.phone or "") if "phone" in named else None,
            active=self.active,
            readings=rights.readings,
            machines=rights.machines,
        )


@router.patch(
    "/api/staff/contacts/<contact_id>",
    summary="Correct a contact's address, phone number, rights, or whether the person is still there",
    responses=refuses(
        ContactChanged, AddressTaken, AddressKnownElsewhere, RightsNotGranted, Invalid
    ),
)
def mend(contact_id: str, body: ContactPatch) -> Answer[ContactCardJson]:
    """It counts until the ERP says something new. Another address opens the portal in place of the old
    one, which is told by mail."""
    staff = staff_of(router.current_event.raw_event, "remind")
    found = mend_contact(
        adapters(),
        moment(),
        contact_id,
        body.given(),
        seen=body.version,
        confirmed=body.confirm_shared,
        by=staff.member,
    )
    return Answer(_card(found))


@router.post(
    "/api/staff/contacts/<contact_id>/links/revoke",
    summary="End all links, codes and sessions of a contact's address, and its password",
)
def revoke(contact_id: str) -> Answer[RevokedJson]:
    """For a mail that fell into wrong hands. Links sent later open again; another password can be set
    from a mail of its own."""
    staff = staff_of(router.current_event.raw_event, "remind")
    revoke_links(adapters(), moment(), contact_id, by=staff.member)
    return Answer({"contact_id": contact_id})


@router.post(
    "/api/staff/contacts/<contact_id>/links",
    summary="Send a contact a new link by mail",
    responses=refuses(NoAddress, AddressBlocked, NoPortalRights, EnoughLinks, ReusedKey),
)
def send_link(contact_id: str) -> Accepted[SentLinkJson]:
    """It opens the machines of the contact's companies, this one first. Earlier links stay as they are.
    Refused where it could not arrive or would open nothing, and after several within an hour."""
    event = router.current_event.raw_event
    staff = staff_of(event, "remind")
    to = mail_link(adapters(), moment(), contact_id, by=staff.member, key=request_key(event))
    return Accepted({"contact_id": contact_id, "to": to})


@router.get(
    "/api/staff/contacts/<contact_id>/view",
    summary="The portal as a contact sees it, read-only",
)
def view(
    contact_id: str,
    scope: Annotated[
        Literal["own", "company"],
        Query(description="company: every machine that the contact may see"),
    ] = "own",
    limit: Annotated[int, Field(ge=1, le=200), DIGITS, Query()] = 200,
    cursor: Cursor = None,
) -> Answer[ContactViewJson]:
    """In the form of the contact's `GET /api/machines`. Nothing is marked as opened; the journal tells
    who looked."""
    staff, at = staff_of(router.current_event.raw_event, "read"), moment()
    name = f"view#{contact_id}#{scope}"
    place = opened(staff, name, cursor)
    found = view_as_contact(
        adapters(),
        at,
        contact_id,
        limit=limit,
        after=place["m"] if place else None,
        whole_company=scope == "company",
        by=staff.member,
    )
    next_cursor = sealed(staff, name, {"m": found.rest} if found.rest else None)
    told = overview_as_json(found.overview, next_cursor, at.today, staff.language)
    return Answer(
        {
            **told,
            "contact": {"id": found.contact.id, "name": found.contact.name},
            "may_enter": found.may_enter,
        }
    )


@router.post(
    "/api/staff/contacts/<contact_id>/lift",
    summary="Write again to an address that bounced or complained",
    responses=refuses(ContactChanged, Invalid),
)
def lift(contact_id: str, body: LiftBody) -> Answer[ContactCardJson]:
    """It counts for the address at all companies; SES's own list lets it through again, too."""
    staff = staff_of(router.current_event.raw_event, "remind")
    lift_address(
        adapters(),
        moment(),
        contact_id,
        reason=body.reason,
        seen=Delivery(body.delivery),
        by=staff.member,
    )
    return Answer(_card(show_contact(adapters(), contact_id)))


@router.get(
    "/api/staff/contacts/<contact_id>/suppression",
    summary="Whether SES holds back what is sent to a contact",
)
def see_suppression(contact_id: str) -> Answer[SuppressionJson]:
    """As SES says it now: since when the address stands on its list, and why. Lifting takes it off."""
    staff_of(router.current_event.raw_event, "read")
    found = look_at_block(adapters(), contact_id)
    held = found.held_back
    return Answer(
        {
            "address": found.address,
            "held_back": {
                "reason": held.reason,
                "since": held.since.astimezone(UTC).isoformat(timespec="milliseconds"),
            }
            if held
            else None,
        }
    )


@router.get(
    "/api/staff/contacts/<contact_id>/mails/<round_id>",
    summary="A mail to a contact's present address",
)
def see_mail(contact_id: str, round_id: str) -> Answer[SeenMailJson]:
    """Mails are not kept: this one is composed from today's data, as its next delivery would be."""
    staff_of(router.current_event.raw_event, "read")
    shown = show_mail(adapters(), contact_id, round_id)
    mail, message = shown.mail, shown.message
    return Answer(
        {
            "round_id": mail.round_id,
            "to": mail.mailbox,
            "planned_at": mail.planned_at.isoformat(timespec="seconds"),
            "state": mail.state_at(moment().now),
            "fate": mail.fate,
            "contract_ids": [request.contract_id for request in mail.requests],
            "subject": message.subject if message else None,
            "text": message.text if message else None,
        }
    )


def _card(shown: ShownContact) -> ContactCardJson:
    return contact_as_json(shown.contact, shown.held, shown.box, shown.mail)
