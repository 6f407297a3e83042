"""What a line of an export says, and what the ERP answers."""

from enum import StrEnum


class LineKind(StrEnum):
    """What a line is for the ERP: a reading, the reversal of one that was exported, or what takes its
    place."""

    READING = "reading"
    REVERSAL = "reversal"
    CORRECTION = "correction"


class LineAnswer(StrEnum):
    """What the ERP has said of a line."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
