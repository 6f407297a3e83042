"""Why something is not ready, left out or to be called about."""

from typing_extensions import TypedDict


class ReasonJson(TypedDict):
    """A reason in words; `contact_id` is whom it is about."""

    code: str
    text: str
    contact_id: str | None


class LeftOutJson(TypedDict):
    """A contract with why it is left out, not ready, or fell out."""

    contract_id: str
    reasons: list[ReasonJson]
