"""Who works in the console, and what they may do there."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.access.colleagues import (
    GROUPS,
    ColleagueKnown,
    LastAdmin,
    OwnRights,
    PeopleBusy,
    PersonChanged,
)
from meterportal.domain.plain_text import TextRefused
from meterportal.domain.refusals import Invalid
from meterportal.http import Address, Answer, Body, Created, Number, Words, refuses
from meterportal.settings import moment
from meterportal.usecases.access.people import ShownColleague, change, invite, list_people
from pydantic import Field

from staff_api.answers.people import PeopleJson, StaffPersonJson
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

_Groups = Annotated[list[Number], Field(max_length=len(GROUPS))]


class InvitationBody(Body):
    """Groups of read, remind, release, admin; at least one."""

    email: Address
    name: Words
    groups: _Groups


class PersonBody(Body):
    """The groups from now on, whether the person may sign in, and the version that was seen."""

    groups: _Groups
    enabled: bool
    version: Number


@router.get("/api/staff/people", summary="Who works in the console")
def list_all() -> Answer[PeopleJson]:
    """By name."""
    staff = staff_of(router.current_event.raw_event, "admin")
    found = list_people(adapters())
    return Answer({"people": [_person(one, staff.id) for one in found]})


@router.post(
    "/api/staff/people",
    summary="Invite somebody",
    responses=refuses(Invalid, TextRefused, ColleagueKnown, PeopleBusy),
)
def add(body: InvitationBody) -> Created[StaffPersonJson]:
    """Cognito mails a password for the first sign-in, good for three days."""
    staff = staff_of(router.current_event.raw_event, "admin")
    made = invite(adapters(), moment(), body.email, body.name, body.groups, by=staff.member)
    return Created(_person(made, staff.id))


@router.put(
    "/api/staff/people/<person_id>",
    summary="Change what somebody may do",
    responses=refuses(Invalid, PersonChanged, OwnRights, LastAdmin, PeopleBusy),
)
def put(person_id: str, body: PersonBody) -> Answer[StaffPersonJson]:
    """What the person's tokens allowed ends at once. Nobody takes their own right to administer, nor
    that of the last administrator."""
    staff = staff_of(router.current_event.raw_event, "admin")
    changed = change(
        adapters(),
        moment(),
        person_id,
        body.groups,
        enabled=body.enabled,
        seen=body.version,
        by=staff.member,
    )
    return Answer(_person(changed, staff.id))


def _person(shown: ShownColleague, own: str) -> StaffPersonJson:
    one = shown.colleague
    return {
        "id": one.id,
        "name": one.name,
        "email": one.email,
        "groups": [group for group in GROUPS if group in one.groups],
        "enabled": one.enabled,
        "invited": one.invited,
        "me": one.id == own,
        "acted_at": shown.acted_at,
        "version": shown.version,
    }
