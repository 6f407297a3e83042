"""Runs behind the queues: running, done or failed, and the texts about a failed one.

A run has failed when the last delivery of one of its parts failed (its message is then a dead
letter), when its worker's time is over and it has not ended, or when it has shown no progress for
hours. Every failed run can be started again: parts that are done are not done twice, whatever the
header says.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import Conflict

GIVEN_UP = timedelta(hours=6)
"""Longer than all deliveries of a run's message together."""


class RunKind(StrEnum):
    """The runs that staff follow, as in their routes."""

    IMPORT = "imports"
    ROUND = "rounds"
    RELEASE = "releases"
    EXPORT = "exports"
    CHECK = "readiness"


LEASES = {
    RunKind.IMPORT: timedelta(minutes=16),
    RunKind.ROUND: timedelta(minutes=6),
    RunKind.EXPORT: timedelta(minutes=6),
    RunKind.CHECK: timedelta(minutes=6),
}
"""Longer than the worker of a kind may run: a run that is open after that has no worker any more.
The parts of a release have workers of their own and no lease."""


class RunProblem(StrEnum):
    """late: its schedule fired too late. interrupted: its worker stopped before the end, and it
    will be delivered again. broken_off: the last delivery of a part failed. lost: no progress for
    hours. mails_left: mails that could not be handed over. answer_left: an export is done, but the
    ERP's answer to it could not be entered completely."""

    LATE = "late"
    INTERRUPTED = "interrupted"
    BROKEN_OFF = "broken_off"
    LOST = "lost"
    MAILS_LEFT = "mails_left"
    ANSWER_LEFT = "answer_left"


WHOLE = "run"
"""The part of a run that has one message only."""

PLAN = "plan"
"""The part of a release run that creates the other parts."""

_ANSWER = "ack "


def chunk_part(number: int) -> str:
    """The part for a chunk of a release run."""
    return f"chunk {number}"


def answer_part(number: str) -> str:
    """The part for an answer of the ERP to an export, stored under a number."""
    return f"{_ANSWER}{number}"


@frozen
class BrokenOff:
    """What a run's header says about a failure: the parts whose last delivery failed, when the last
    such failure was noticed, when somebody started the run again, and until when its worker may
    run."""

    parts: frozenset[str] = frozenset()
    at: datetime | None = None
    restarted_at: datetime | None = None
    lease_until: datetime | None = None

    @property
    def answers(self) -> list[str]:
        """The numbers of the ERP's answers among the parts."""
        return sorted(part.removeprefix(_ANSWER) for part in self.parts if part.startswith(_ANSWER))


NOT_BROKEN = BrokenOff()


@frozen
class RunState:
    """`at` is when a problem was noticed, if that is known. Only rounds are stopped: their mails wait
    for somebody or for the mail system's account."""

    state: Literal["running", "stopped", "done", "failed"]
    problem: RunProblem | None = None
    at: datetime | None = None

    @property
    def restartable(self) -> bool:
        """Whether the run can be started again and then continues where it stopped."""
        return self.problem not in {None, RunProblem.LATE}

    def text(self, kind: RunKind, language: str, **facts: object) -> str | None:
        """What happened, what was done already and what to do, for people; None without a problem.

        `facts` fill the kind's sentence in `_DONE`. `at` must be in the business's time zone.
        """
        if self.problem is None:
            return None
        english = language == "en"
        if self.problem is RunProblem.LATE:
            return _LATE[english]
        when = _WHEN[english].format(at=self.at) if self.at else ""
        happened = _HAPPENED[self.problem][english].format(
            when=when, hours=GIVEN_UP // timedelta(hours=1), **facts
        )
        again = _BY_ITSELF if self.problem is RunProblem.INTERRUPTED else _AGAIN
        return " ".join([happened, _DONE[kind][english].format(**facts), again[english]])


_WHEN = (" ({at:%d.%m.%Y, %H:%M} Uhr)", " ({at:%Y-%m-%d %H:%M})")
_LATE = (
    "Dieser Lauf kam mehr als zwei Stunden zu spät und wurde nicht ausgeführt. Bitte entscheiden Sie, ob Sie ihn von Hand starten.",
    "This run came more than two hours too late and was not carried out. Please decide whether to start it by hand.",
)
_HAPPENED = {
    RunProblem.BROKEN_OFF: (
        "Dieser Lauf ist abgebrochen, auch beim letzten Versuch{when}.",
        "This run broke off, at its last try, too{when}.",
    ),
    RunProblem.INTERRUPTED: (
        "Dieser Lauf ist unterbrochen worden.",
        "This run was interrupted.",
    ),
    RunProblem.LOST: (
        "Von diesem Lauf gibt es seit mehr als {hours} Stunden kein Lebenszeichen.",
        "There has been no sign of life of this run for more than {hours} hours.",
    ),
    RunProblem.ANSWER_LEFT: (
        "Die Antwort des ERP auf diesen Export ist nicht ganz verbucht, auch beim letzten Versuch nicht{when}.",
        "The ERP’s answer to this export could not be entered completely, not at the last try either{when}.",
    ),
    RunProblem.MAILS_LEFT: (
        "Bei {left} von {planned} E-Mails ist auch der letzte Versuch gescheitert.",
        "For {left} of {planned} mails the last try failed, too.",
    ),
}  # fmt: skip
_DONE = {
    RunKind.IMPORT: (
        "Geschriebene Änderungen: {changes}; sie bleiben, nichts muss zurückgenommen werden.",
        "Changes written: {changes}; they stay, nothing has to be undone.",
    ),
    RunKind.ROUND: (
        "Verschickt: {sent} von {planned} E-Mails; niemand wird zweimal angeschrieben.",
        "Sent: {sent} of {planned} mails; nobody is written to twice.",
    ),
    RunKind.RELEASE: (
        "Bearbeitet: {done} von {machines} Geräten; was freigegeben ist, bleibt freigegeben.",
        "Worked off: {done} of {machines} machines; what is released stays released.",
    ),
    RunKind.EXPORT: (
        "Kein Zählerstand geht verloren, und jeder steht in höchstens einem Export.",
        "No reading is lost, and each stands in one export at most.",
    ),
    RunKind.CHECK: (
        "Wer schon Rechte bekommen hat, behält sie.",
        "Who has been given rights keeps them.",
    ),
}
_AGAIN = (
    "Mit „Erneut starten“ geht es dort weiter, wo der Lauf stehen geblieben ist; nichts geschieht doppelt.",
    "“Start again” goes on where the run has stopped; nothing happens twice.",
)


_BY_ITSELF = (
    "Er geht von selbst weiter, das kann bis zu anderthalb Stunden dauern; mit „Erneut starten“ sofort. Nichts geschieht doppelt.",
    "It goes on by itself, which may take an hour and a half; “Start again” does so at once. Nothing happens twice.",
)


class NotFailed(Conflict):
    """A run that does not need a second start. Facts: `state`."""

    code = "not_failed"
    de = "Dieser Lauf ist nicht abgebrochen und muss nicht erneut gestartet werden."
    en = "This run has not broken off and needs not be started again."


def state_of(
    *, finished: bool, broken: BrokenOff, created_at: datetime, now: datetime, late: bool = False
) -> RunState:
    """The state of a run from its header."""
    if late:
        return RunState("failed", RunProblem.LATE)
    if finished:
        return RunState("done")
    if broken.parts:
        return RunState("failed", RunProblem.BROKEN_OFF, broken.at)
    if now - (broken.restarted_at or created_at) > GIVEN_UP:
        return RunState("failed", RunProblem.LOST)
    if broken.lease_until is not None and now > broken.lease_until:
        return RunState("failed", RunProblem.INTERRUPTED)
    return RunState("running")
