"""What runs of every kind say of themselves."""

from typing import Annotated, Literal

from meterportal.domain.runs import RunProblem
from meterportal.http import IsoTime
from pydantic import Field
from typing_extensions import TypedDict


class StartedJson(TypedDict):
    """Under way: GET the route of this id until `state` is no longer running."""

    id: str


class RunStateJson(TypedDict):
    """Whether a run is under way, and what went wrong."""

    state: Annotated[
        Literal["running", "stopped", "done", "failed"],
        Field(description="stopped: a round whose mails wait; it can be resumed"),
    ]
    problem: RunProblem | None
    problem_text: Annotated[
        str | None, Field(description="What happened, what was done already and what to do")
    ]
    restartable: bool


class RunJson(RunStateJson):
    """A run with who started it."""

    id: str
    by: str
    created_at: IsoTime
