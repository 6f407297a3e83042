"""Release runs for reading: the list, one run with its progress, pages of its protocol."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from meterportal.domain.refusals import NotFound
from meterportal.doors import Doors
from meterportal.store import releases
from meterportal.store.releases import MachineLines, Release, Tally


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: `tally` is what its finished chunks hold."""

    tally: Tally
    done: int
    chunks: int


def newest(doors: Doors, *, before: str | None, limit: int) -> tuple[list[Release], str | None]:
    """Runs, newest first, and the place that the next page starts behind."""
    found = list(islice(releases.newest(doors.table, before=before), limit + 1))
    more = found[limit - 1][0] if len(found) > limit else None
    return [release for _, release in found[:limit]], more


def find(doors: Doors, release_id: str) -> tuple[Release, Progress]:
    """A run with its progress; raises NotFound."""
    release = releases.load(doors.table, release_id)
    if release is None:
        raise NotFound
    if release.result is not None:
        return release, Progress(release.result, release.chunks, release.chunks)
    sums = releases.done(doors.table, release_id)
    return release, Progress(sum(sums, Tally()), len(sums), release.chunks)


def protocol(
    doors: Doors, release_id: str, *, after: str | None, limit: int
) -> tuple[list[MachineLines], str | None]:
    """The protocol of so many machines by number, and the number that the next page starts behind."""
    found = list(releases.protocol(doors.table, release_id, after=after, limit=limit + 1))
    more = found[limit - 1].machine_id if len(found) > limit else None
    return found[:limit], more
