"""Which of the machines that a message may speak of a line names, and which meter a kind of counter is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from meterportal.domain.mailing.answers.masks import MASK
from meterportal.domain.portfolio.machines import Machine, Meter, MeterKind

_SERIAL = re.compile(
    r"(?<![\w@./:-])(?=\d*[a-z])(?=(?:[a-z]*\d){4})[a-z0-9]{7,20}(?![\w@-])"
    r"|(?:serien|serial|s/n)\D{0,20}\d{5,}",
    re.IGNORECASE,
)
_NO_SERIAL = re.compile(
    r"https?://\S+|www\.\S+|(?<![^\s@])[^\s@]{1,80}@\S+"
    r"|\b(?:ust|vat|iban|ticket|kunden|kd|rechnung|auftrag|vertrag|order|invoice|contract|bestell|lieferschein"
    r"|referenz|reference|zeichen)[\w-]{0,20}[\s.:#]{0,3}(?:(?:nr|no|nummer|number|id)\b[\s.:#]{0,3})?[a-z0-9-]{0,20}\d[\w-]*"
    r"|\b\d+(?:seiten?|pages?|stk|s|p|sw|bw|farbe?|colou?r|kopien|drucke|klicks?)\b"
    r"|\b[a-z]{0,20}(?:z(?:ae)?hler|count|st(?:ae)?nd|seiten|farb|colou?r|schwarz|gesamt|total)[a-z]{0,20}\d+\b",
    re.IGNORECASE,
)
_SHORTEST = 4
"""Letters and digits of a number that names a machine; shorter ones stand for other things, too."""

_INSTEAD = {MeterKind.TOTAL: MeterKind.BW, MeterKind.BW: MeterKind.TOTAL}
"""What the only counter of a machine may be called, too."""


def folded(text: str) -> str:
    """Only letters and digits, in one case."""
    return re.sub(r"[\W_]", "", text).casefold()


@lru_cache(maxsize=4_096)
def _pattern(name: str) -> re.Pattern[str]:
    """The same letters and digits, with or without signs between them, not within a longer number."""
    signs = r"[\W_]{0,2}".join(map(re.escape, name))
    return re.compile(rf"(?<![^\W_]){signs}(?:00)?(?![^\W_])", re.IGNORECASE)


def _mask(found: re.Match[str]) -> str:
    return MASK * len(found[0])


class NamedMachines:
    """The machines that a message may be about."""

    def __init__(self, machines: Sequence[Machine]) -> None:
        self.machines = {machine.id: machine for machine in machines}
        self._names = _named(machines)
        places = (m.location for m in machines)
        texts = [f"{p.site} {p.building} {p.floor} {p.room}" for p in places]
        texts += [f"{m.maker} {m.model}" for m in machines]
        self.words = frozenset(re.findall(r"[^\W\d_]+", " ".join(texts).casefold()))
        """What stands beside a machine in any list, and says nothing."""
        self._of_models = {folded(word) for m in machines for word in m.model.split()}
        models: dict[str, list[str]] = {}
        for machine in machines:
            models.setdefault(folded(machine.model), []).append(machine.id)
        self._models = {key: ids for key, ids in models.items() if len(key) >= _SHORTEST}
        self._lengths = sorted({len(name) for name in (*self._names, *self._models)}, reverse=True)

    @property
    def only(self) -> str:
        """The machine where there is just one."""
        return next(iter(self.machines)) if len(self.machines) == 1 else ""

    def named_in(self, line: str) -> tuple[str, set[str]]:
        """The line with masks over the names of machines, and the machines that it names: by serial or
        their own number; where it has none of these, by a model that only one of them is. A line with
        the serial number of another machine only names none by its model."""
        found: set[str] = set()
        pieces = self._pieces(folded(line))
        for name in pieces:
            if name in self._names:
                line, times = _pattern(name).subn(_mask, line)
                found |= {self._names[name]} if times else set()
        by_model: set[str] = set()
        for name in pieces:
            if name in self._models:
                line, times = _pattern(name).subn(_mask, line)
                same = self._models[name]
                by_model |= set(same) if times and len(same) == 1 else set()
        if found or self.foreign(line):
            return line, found
        return line, by_model

    def foreign(self, bare: str) -> bool:
        """Whether a line, with masks over names, has what looks like the serial number of a machine that
        is none of these."""
        return any(
            folded(found[0]) not in self._of_models
            for found in _SERIAL.finditer(_NO_SERIAL.sub(" ", bare))
        )

    def _pieces(self, signs: str) -> list[str]:
        """The names that a folded line has in it, longer ones first. One look for each of its letters
        and each length of a name, however many names there are."""
        pieces = (
            signs[start : start + length]
            for length in self._lengths
            for start in range(len(signs) - length + 1)
        )
        return list(
            dict.fromkeys(one for one in pieces if one in self._names or one in self._models)
        )

    def meters(self, machine_id: str, kinds: Sequence[MeterKind]) -> list[Meter | None]:
        """The meters that these kinds of counters are; None for one that is not billed. Black and total
        are the only counter where there is only one."""
        meters = self.machines[machine_id].billable_meters
        found: list[Meter | None] = []
        for kind in kinds:
            same = [meter for meter in meters if meter.kind is kind]
            other = _INSTEAD.get(kind)
            if not same and len(meters) == 1 and other not in kinds:
                same = [meter for meter in meters if meter.kind is other]
            found.append(same[0] if same else None)
        return found

    def counts_colour(self, machine_id: str) -> bool:
        """Whether a machine has a colour counter, billed or not: then black and total differ."""
        return any(one.kind is MeterKind.COLOUR for one in self.machines[machine_id].meters)

    def several_of_a_kind(self, machine_id: str) -> bool:
        """Whether a kind of counter does not say which meter is meant."""
        kinds = Counter(meter.kind for meter in self.machines[machine_id].billable_meters)
        return max(kinds.values(), default=0) > 1


def _named(machines: Sequence[Machine]) -> dict[str, str]:
    """The machine by name. A name that two machines share is none."""
    names: dict[str, set[str]] = {}
    for machine in machines:
        for name in (machine.serial, machine.customer_no, machine.id):
            own = folded(name)
            worth = len(own) >= _SHORTEST or (re.search(r"\d", own) and re.search(r"[^\W\d]", own))
            if worth and any(letter.isdigit() for letter in own):
                names.setdefault(own, set()).add(machine.id)
    return {name: next(iter(owners)) for name, owners in names.items() if len(owners) == 1}
