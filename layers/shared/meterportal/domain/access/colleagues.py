"""The dealer's staff as people: their groups, and what may not be done to them."""

from __future__ import annotations

from collections.abc import Iterable

from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import ChangedMeanwhile, Conflict

GROUPS = ("read", "remind", "release", "admin")


class ColleagueKnown(Conflict):
    code = "colleague_known"
    de = "Mit dieser E-Mail-Adresse gibt es schon jemanden."
    en = "There is somebody with this e-mail address already."


class OwnRights(Conflict):
    """Nobody takes their own right to administer, or shuts themselves out."""

    code = "own_rights"
    de = "Das Recht zu verwalten können Sie sich nicht selbst nehmen. Bitten Sie einen anderen Verwalter."
    en = "You cannot take the right to administer from yourself. Ask another administrator."


class LastAdmin(Conflict):
    code = "last_admin"
    de = "Das ist der letzte Verwalter. Bitte machen Sie erst jemand anderen dazu."
    en = "This is the last administrator. Please make somebody else one first."


class PeopleBusy(Conflict):
    code = "people_busy"
    de = "Gerade ändert jemand anderes die Rechte. Bitte versuchen Sie es in einer halben Minute noch einmal."
    en = "Somebody else is changing rights just now. Please try again in half a minute."


class PersonChanged(ChangedMeanwhile):
    de = "Diese Person wurde inzwischen geändert. Bitte sehen Sie sie neu an."
    en = "This person has been changed meanwhile. Please look at them again."


@frozen
class Colleague:
    """A person in the user pool. `id` is the pool's stable subject; `invited`: has not signed in yet."""

    id: str
    username: str
    name: str
    email: str
    groups: frozenset[str]
    enabled: bool
    invited: bool

    @property
    def administers(self) -> bool:
        return self.enabled and "admin" in self.groups


def check_change(
    before: Colleague, after: Colleague, everybody: Iterable[Colleague], *, by: str
) -> None:
    """Raises OwnRights, LastAdmin."""
    if not before.administers or after.administers:
        return
    if before.id == by:
        raise OwnRights
    if not any(one.administers for one in everybody if one.id != before.id):
        raise LastAdmin
