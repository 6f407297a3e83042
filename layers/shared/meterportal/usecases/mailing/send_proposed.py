"""Sends what a dry run has shown."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import StaffMember
from meterportal.domain.portfolio.selections import Selection
from meterportal.domain.refusals import Conflict, NotFound
from meterportal.settings import Moment
from meterportal.store.mailing import rounds
from meterportal.usecases.mailing.request_readings import start_round


class NotProposed(Conflict):
    """The round is no dry run, is not planned yet, or proposes no mail."""

    code = "not_proposed"
    de = "Diese Runde schlägt keine E-Mail vor, die versendet werden könnte."
    en = "This round proposes no e-mail that could be sent."


def send_proposed(
    adapters: Adapters,
    round_id: str,
    at: Moment,
    *,
    by: StaffMember,
    request_key: str | None = None,
) -> str:
    """Starts a round for the contracts that a dry run has proposed to ask about, and returns its id. It
    checks them again: nobody gets a mail whom the dry run did not show.

    Raises `NotFound`, `NotProposed`, `ReusedKey`.
    """
    shown = rounds.load(adapters.table, round_id)
    if shown is None:
        raise NotFound
    mails = rounds.mails(adapters.table, round_id) if shown.dry_run and shown.planned_at else ()
    numbers = dict.fromkeys(request.contract_id for mail in mails for request in mail.requests)
    if not numbers:
        raise NotProposed
    return start_round(
        adapters,
        Selection(ids=tuple(numbers)),
        at,
        by=by,
        due_by=shown.due_by,
        dry_run=False,
        kind=shown.kind,
        early=shown.early,
        request_key=request_key,
    )
