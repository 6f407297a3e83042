"""The console's read model: where the snapshot is, what changed since, the values in sight."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.period_values import PeriodValue
from meterportal.domain.portfolio.rows import RowChange
from meterportal.http import Accepted, Answer, refuses
from meterportal.http.queries import BadQuery
from meterportal.settings import moment
from meterportal.usecases.portfolio.build_portfolio import ask_for_snapshot
from meterportal.usecases.portfolio.read_changes import After, read_changes
from meterportal.usecases.portfolio.search_portfolio import ShownHit, search
from meterportal.usecases.portfolio.show_portfolio import NoSnapshot, ShownPart, newest_snapshot
from meterportal.usecases.portfolio.show_values import MOST, values_of

from staff_api.answers.read_model import (
    Cell,
    ChangesJson,
    HitJson,
    HitsJson,
    MachineValuesJson,
    SnapshotAskedJson,
    SnapshotJson,
    SnapshotPartJson,
    ValuesJson,
)
from staff_api.staff import staff_of
from staff_api.values import value_as_json

router = APIGatewayHttpRouter()


@router.get(
    "/api/staff/portfolio",
    summary="Where the newest snapshot of the portfolio is",
    responses=refuses(NoSnapshot),
)
def show() -> Answer[SnapshotJson]:
    """Each part with an address of this site that is good for 15 minutes."""
    staff_of(router.current_event.raw_event, "read")
    found = newest_snapshot(adapters(), moment())
    return Answer(
        {
            "version": found.version,
            "built_at": found.built_at.isoformat(timespec="milliseconds"),
            "after": found.after.sealed(adapters()),
            "parts": [_part(one) for one in found.parts],
        }
    )


@router.post("/api/staff/portfolio", summary="Have a snapshot of the portfolio built")
def build() -> Accepted[SnapshotAskedJson]:
    """It knows what was written until now. Whoever may read may ask: many who do are served by one."""
    staff_of(router.current_event.raw_event, "read")
    ask_for_snapshot(adapters(), moment())
    return Accepted({})


@router.get("/api/staff/portfolio/changes", summary="Rows of the portfolio that have changed")
def changes(after: Annotated[str, Query(min_length=1, max_length=4000)]) -> Answer[ChangesJson]:
    """`after` is what the snapshot or the last answer gave."""
    staff_of(router.current_event.raw_event, "read")
    found = read_changes(adapters(), moment(), After.opened(adapters(), after))
    return Answer(
        {
            "rows": [_row(change) for change in found.rows],
            "after": found.after.sealed(adapters()),
            "more": found.more,
            "outdated": found.outdated,
        }
    )


@router.get("/api/staff/machines/values", summary="Values of up to 100 machines")
def values(ids: Annotated[str, Query(min_length=1, max_length=4000)]) -> Answer[ValuesJson]:
    """`ids`: numbers of machines with commas between. Beside each value the one before, and the pages
    between them."""
    staff_of(router.current_event.raw_event, "read")
    numbers = list(dict.fromkeys(ids.split(",")))
    if len(numbers) > MOST or not all(numbers):
        raise BadQuery(field="ids", name="ids")
    return Answer({"machines": [_values(*one) for one in values_of(adapters(), numbers)]})


@router.get(
    "/api/staff/search",
    summary="Up to 20 hits over names, numbers, serials, addresses",
    responses=refuses(NoSnapshot),
)
def search_for(q: Annotated[str, Query(min_length=1, max_length=200)]) -> Answer[HitsJson]:
    """Rows that hold every word of `q`, as of the newest snapshot: companies, contracts, contacts,
    machines."""
    staff_of(router.current_event.raw_event, "read")
    return Answer({"hits": [_hit(one) for one in search(adapters(), moment(), q)]})


def _hit(shown: ShownHit) -> HitJson:
    return {
        "kind": shown.hit.kind,
        "id": shown.hit.id,
        "company": {"id": shown.hit.company_id, "name": shown.company},
        "label": shown.label,
        "detail": shown.detail,
    }


def _part(shown: ShownPart) -> SnapshotPartJson:
    part = shown.part
    return {
        "name": part.name,
        "url": shown.url,
        "bytes": part.size,
        "rows": part.rows,
        "sha256": part.sha256,
    }


def _row(change: RowChange) -> list[Cell]:
    head: list[Cell] = [change.kind, change.company_id, change.id, change.rev]
    if change.row is None:
        return head
    first = 2 if change.kind == "company" else 3  # behind the numbers and `rev`
    return [*head, *change.row[first:]]


def _values(machine: Machine, meters: list[PeriodValue]) -> MachineValuesJson:
    return {
        "id": machine.id,
        "company_id": machine.company_id,
        "version": machine.version,
        "rev": machine.rev,
        "due_on": machine.due_on.isoformat() if machine.due_on else None,
        "meters": [value_as_json(one) for one in meters],
    }
