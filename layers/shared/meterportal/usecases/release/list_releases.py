"""Release runs for staff: the list, one run with its progress, pages of its release report."""

from __future__ import annotations

from itertools import islice

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import NotFound
from meterportal.domain.release.runs import MachineLines, Release, ReportPlace, Tally
from meterportal.store.release import releases


@frozen
class RunProgress:
    """The progress of a run: `tally` are the sums of its finished chunks."""

    tally: Tally
    done: int
    chunks: int


def newest(
    adapters: Adapters, *, before: str | None, limit: int
) -> tuple[list[Release], str | None]:
    """Runs, newest first, and the place after which the next page starts."""
    found = list(islice(releases.newest(adapters.table, before=before), limit + 1))
    more = found[limit - 1][0] if len(found) > limit else None
    return [release for _, release in found[:limit]], more


def find(adapters: Adapters, release_id: str) -> tuple[Release, RunProgress]:
    """A run with its progress; raises NotFound."""
    release = releases.load(adapters.table, release_id)
    if release is None:
        raise NotFound
    if release.result is not None:
        return release, RunProgress(release.result, release.chunks, release.chunks)
    sums = releases.done(adapters.table, release_id)
    return release, RunProgress(sum(sums, Tally()), len(sums), release.chunks)


def report(
    adapters: Adapters, release_id: str, *, after: ReportPlace | None, limit: int
) -> tuple[list[MachineLines], ReportPlace | None]:
    """The release report of up to `limit` machines, and the place after which the next page starts."""
    rows = releases.report(adapters.table, release_id, after=after, limit=limit + 1)
    found = list(islice(rows, limit + 1))
    more = found[limit - 1][0] if len(found) > limit else None
    return [row for _, row in found[:limit]], more
