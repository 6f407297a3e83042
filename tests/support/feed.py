"""An ERP that follows the feed of readings: it keeps where it is, and knows events by their ids."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.support.stage import Answer, Stage

FEED = "/api/staff/readings/feed"
_NEXT = re.compile(r'<([^>]+)>; rel="next"')


def following(answer: Answer) -> str:
    """The address of what comes next."""
    found = _NEXT.fullmatch(answer.headers["Link"])
    assert found, answer.headers
    return found[1]


@dataclass
class Erp:
    """`place` is all that it has to keep besides the events."""

    stage: Stage
    place: str = FEED
    events: dict[str, dict[str, Any]] = field(default_factory=dict)

    def ask(self) -> Answer:
        """One look; what is new is kept in the order in which it came."""
        answer = self.stage.erp(self.place)
        assert answer.status == 200, answer.text
        for event in answer.json:
            known = self.events.setdefault(event["id"], event)
            assert known == event, "told otherwise the second time"
        self.place = following(answer)
        return answer

    def look(self) -> list[dict[str, Any]]:
        """Ask until nothing more is there; the events that are new."""
        known = len(self.events)
        while "Retry-After" not in self.ask().headers:
            pass
        return list(self.events.values())[known:]

    def told(self) -> list[tuple[str, str, int, str | None]]:
        """What is new, in short: type, subject, value, state."""
        return [
            (e["type"].rpartition(".")[2], e["subject"], e["data"]["value"], e["data"]["state"])
            for e in self.look()
        ]
