"""Staff start a failed run again: it continues where it stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember
from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import NotFound
from meterportal.domain.runs import BrokenOff, NotFailed, RunKind, RunState
from meterportal.settings import Moment
from meterportal.store import runs
from meterportal.store.access import journal
from meterportal.store.exchange import exports, imports
from meterportal.store.mailing import rounds
from meterportal.store.portfolio import checks
from meterportal.store.release import releases
from meterportal.usecases.exchange import export_readings, list_imports
from meterportal.usecases.mailing import list_rounds
from meterportal.usecases.portfolio import check_readiness
from meterportal.usecases.release import release_readings


@frozen
class _Found:
    """A stored run, and the messages that continue it."""

    state: RunState
    broken: BrokenOff
    queue: str
    messages: Sequence[Mapping[str, str]]


def restart_run(
    adapters: Adapters, kind: RunKind, number: str, at: Moment, *, by: StaffMember
) -> None:
    """Continues a run. Raises NotFound, and NotFailed for a run that has not failed.

    A run that was started again before, and is running or done, is not changed.
    """
    found = _FIND[kind](adapters, number, at)
    if found is None:
        raise NotFound
    if not found.state.restartable:
        if found.broken.restarted_at is not None:
            return
        raise NotFailed(state=found.state.state)
    # In this order: a message too many does no harm, but a run without a message never ends.
    adapters.queues.send(found.queue, found.messages)
    problem = found.state.problem.value if found.state.problem else None
    deed = Deed(
        Action.RUN_RESTARTED, kind.value, number, changes=(FieldChange("problem", problem, None),)
    )
    noted = journal.entries(adapters.new_number(), by, at.now, deed)
    adapters.table.transact([runs.restart(kind, number, at=at.now), *noted])


def _import(adapters: Adapters, number: str, at: Moment) -> _Found | None:
    found = imports.load(adapters.table, number)
    if found is None:
        return None
    messages = [{"import_id": number}]
    state = list_imports.state_of(found, at)
    return _Found(state, found.broken, adapters.settings.import_queue, messages)


def _round(adapters: Adapters, number: str, at: Moment) -> _Found | None:
    found = rounds.load(adapters.table, number)
    if found is None:
        return None
    messages = [{"round_id": number}]
    state = list_rounds.listed(adapters, found, at).state
    return _Found(state, found.broken, adapters.settings.plan_queue, messages)


def _check(adapters: Adapters, number: str, at: Moment) -> _Found | None:
    found = checks.load(adapters.table, number)
    if found is None:
        return None
    messages = [{"check_id": number}]
    state = check_readiness.state_of(found, at)
    return _Found(state, found.broken, adapters.settings.readiness_queue, messages)


def _release(adapters: Adapters, number: str, at: Moment) -> _Found | None:
    """If planned already, only its chunks are queued again; finished ones are skipped."""
    found = releases.load(adapters.table, number)
    if found is None:
        return None
    messages = [{"release_id": number, "step": "plan"}]
    state = release_readings.state_of(found, at)
    return _Found(state, found.broken, adapters.settings.release_queue, messages)


def _export(adapters: Adapters, number: str, at: Moment) -> _Found | None:
    """If done already, only the ERP's answers that failed are continued."""
    found = exports.load(adapters.table, number)
    if found is None:
        return None
    answers = [
        {"export_id": number, "step": "acknowledge", "ack": answer, "after": ""}
        for answer in found.broken.answers
    ]
    messages = answers or [{"export_id": number}]
    state = export_readings.state_of(found, at)
    return _Found(state, found.broken, adapters.settings.export_queue, messages)


_FIND = {
    RunKind.IMPORT: _import,
    RunKind.ROUND: _round,
    RunKind.CHECK: _check,
    RunKind.RELEASE: _release,
    RunKind.EXPORT: _export,
}
