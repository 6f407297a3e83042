"""What a person's answer says: the values by machine and meter, the day of reading, and the rest.

Counters are found by their names ("S/W 12345, Farbe 3456"), in tables by the heading of a column, or by
their order where nothing names them. What could mean two things is a doubt: staff see the proposal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.answers import remarks
from meterportal.domain.mailing.answers.fleet import NamedMachines
from meterportal.domain.mailing.answers.lines import AnswerLine, lines_of
from meterportal.domain.mailing.answers.masks import dates_in
from meterportal.domain.mailing.answers.proposals import MatchedBy, Proposal
from meterportal.domain.mailing.answers.tokens import (
    Token,
    bare_words,
    current,
    labels_of,
    spread,
    tokens_in,
)
from meterportal.domain.portfolio.machines import Machine, MeterKind

OLDEST = timedelta(days=62)
"""A day of reading that is longer ago is a doubt."""

_CELLS = re.compile(r"\t|\s*[|;]\s*|\s{2,}")
_NONE = re.compile(r"[-–—/x.]*|k\.?\s?a\.?|n/?a|entf(ä|ae)llt|none", re.IGNORECASE)
_TITLE = re.compile(r"^\s*((re|aw|wg|fwd?|antw(ort)?)\s*:\s*)+", re.IGNORECASE)
_MOST_WORDS = 4
"""Words beside a number that stands alone; with more it is a sentence."""

_SAID = 2
"""Words beside values that say something of their own."""


@frozen
class _Promise:
    """A line that names counters and has words, but no number: its values stand below it, or it tells why
    there are none ("Farbe unverändert")."""

    line: str
    machine: str
    kinds: tuple[MeterKind, ...]


@dataclass(slots=True)
class _Gathered:
    """What was read so far. `bare` are numbers without a name, by machine; `coloured` are the machines
    whose colour counter was named, `stood_in` those where a total was taken for black or the reverse."""

    values: dict[str, dict[str, int]] = field(default_factory=dict)
    bare: dict[str, list[int]] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    coloured: set[str] = field(default_factory=set)
    stood_in: set[str] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    promised: list[_Promise] = field(default_factory=list)

    def doubt(self, code: str) -> None:
        if code not in self.doubts:
            self.doubts.append(code)


def understood(
    text: str, subject: str, machines: Sequence[Machine], *, received_on: date, writer: str = ""
) -> Proposal:
    """What an answer says about these machines, the ones that its writer was asked for.

    Without any value the quoted text is looked at, too: then staff decide."""
    lines = lines_of(text)
    fleet = NamedMachines(machines)
    proposal = _Reader(fleet, received_on, writer).read(_with_subject(lines, subject))
    if proposal.values:
        return proposal
    everything = [AnswerLine(line.text) for line in lines]
    inside = _Reader(fleet, received_on, writer).read(everything)
    return replace(
        proposal,
        values=inside.values,
        matched_by=inside.matched_by,
        doubts=(*proposal.doubts, "within_quote" if inside.values else "no_values"),
    )


def _with_subject(lines: list[AnswerLine], subject: str) -> list[AnswerLine]:
    """A subject counts where it names counters with values: ours does not."""
    own = _TITLE.sub("", subject)
    tokens = tokens_in(spread(own))
    named = any(one.kind for one in tokens) and any(one.number for one in tokens)
    return [AnswerLine(own), *lines] if named else lines


class _Reader:
    """Reads one answer line by line."""

    def __init__(self, fleet: NamedMachines, received_on: date, writer: str) -> None:
        self._fleet = fleet
        self._writer = writer
        self._received_on = received_on
        self._found = _Gathered()
        self._machine = fleet.only
        self._pending: list[MeterKind] = []
        self._columns: list[MeterKind | None] = []
        self._table = False
        self._unfilled = False

    def read(self, lines: Iterable[AnswerLine]) -> Proposal:
        days: list[remarks.NamedDay] = []
        for line in lines:
            if line.signature:
                if remarks.asks(line.text):
                    self._found.rest.append(line.text.strip())
                continue
            if line.quoted:
                self._heading(line.text)
                continue
            taken = self._line(line.text)
            days += [
                remarks.NamedDay(line.text, day, beside_values=taken)
                for day, _, _ in dates_in(line.text)
            ]
        return self._proposal(days)

    def _heading(self, text: str) -> None:
        """A quoted line that names one machine is the place of the lines below it."""
        bare, named = self._fleet.named_in(text)
        if not named and self._fleet.foreign(bare):
            self._machine = ""
        if len(named) == 1:
            self._machine = next(iter(named))
            self._pending, self._columns = [], []

    def _line(self, text: str) -> bool:
        """Whether the line brought values."""
        if not text.strip():
            if not self._table:
                self._columns = []
            return False
        self._unfilled = False
        bare, named = self._fleet.named_in(spread(text))
        tokens = tokens_in(bare)
        labels = labels_of(bare, tokens)
        numbers = [one for one in tokens if one.number]
        if len(named) == 1:
            self._machine = next(iter(named))
        elif named or self._fleet.foreign(bare):
            self._machine = ""
        if not numbers:
            self._without_numbers(text, bare, labels, bool(named))
            return False
        taken = (
            self._from_columns(bare) if self._columns and not labels else False
        ) or self._named(bare, tokens, labels)
        if not taken:
            taken = self._unnamed(bare, tokens)
        if any(one.word == "ABOUT" for one in tokens) and taken:
            self._found.doubt("about")
        said = set(remarks.leftover(bare_words(bare))) - self._fleet.words
        if not taken or len(said) >= _SAID or self._unfilled or "?" in text:
            self._remark(text)
        return taken

    def _without_numbers(
        self, text: str, bare: str, labels: list[tuple[MeterKind, int, int]], named: bool
    ) -> None:
        cells = [cell for cell in _CELLS.split(bare.strip()) if cell.strip()]
        said = remarks.leftover(bare_words(bare))
        if labels and len(said) <= 2:
            if said:
                kinds = tuple(kind for kind, _, _ in labels)
                self._found.promised.append(_Promise(text, self._machine, kinds))
            self._pending = [kind for kind, _, _ in labels]
            self._table = len(cells) > 1
            self._columns = [_kind_of(cell) for cell in cells] if self._table else []
            return
        if not named or said:
            self._remark(text)

    def _remark(self, text: str) -> None:
        if remarks.says_something(text, self._writer):
            self._found.rest.append(text.strip())

    # numbers

    def _from_columns(self, bare: str) -> bool:
        """A row below a heading: by the column, else by the order where every counter has its cell."""
        cells = [cell.strip() for cell in _CELLS.split(bare.strip())]
        kinds = [kind for kind in self._columns if kind]
        if len(cells) == len(self._columns):
            pairs = [
                (kind, value)
                for kind, cell in zip(self._columns, cells, strict=True)
                if kind and (value := _only_number(cell)) is not None
            ]
        else:
            filled = [c for c in cells if _only_number(c) is not None or _NONE.fullmatch(c)]
            if len(filled) != len(kinds):
                return False
            pairs = [
                (kind, value)
                for kind, cell in zip(kinds, filled, strict=True)
                if (value := _only_number(cell)) is not None
            ]
        if not pairs:
            return False
        self._take(pairs)
        return True

    def _named(
        self, bare: str, tokens: Sequence[Token], labels: list[tuple[MeterKind, int, int]]
    ) -> bool:
        numbers = current(tokens)
        if any(one.value is None for one in numbers):
            self._found.doubt("not_whole")
            numbers = [one for one in numbers if one.value is not None]
        values = [one.value for one in numbers if one.value is not None]
        if not labels:
            if self._pending and len(values) == len(self._pending) and _alone(bare):
                self._take(list(zip(self._pending, values, strict=True)))
                if not self._table:
                    self._pending = []
                return True
            return False
        kinds = [kind for kind, _, _ in labels]
        if not numbers:
            # Only numbers of earlier times stand here.
            return False
        marks = sorted(
            [(start, "L") for _, start, _ in labels] + [(one.start, "N") for one in numbers]
        )
        order = "".join(mark for _, mark in marks)
        half = len(kinds)
        paired = len(values) == half and order in {
            "LN" * half,
            "NL" * half,
            "L" * half + "N" * half,
            "N" * half + "L" * half,
        }
        if paired:
            self._take(list(zip(kinds, values, strict=True)))
            return True
        pairs = []
        for place, (kind, _, end) in enumerate(labels):
            until = labels[place + 1][1] if place + 1 < half else len(bare)
            near = [one for one in numbers if end <= one.start < until]
            if len(near) == 1 and near[0].value is not None:
                pairs.append((kind, near[0].value))
            elif len(near) > 1:
                self._found.doubt("ambiguous")
        if len(pairs) < len(values):
            self._found.doubt("ambiguous")
        self._unfilled = len(pairs) < half
        self._take(pairs)
        return bool(pairs)

    def _unnamed(self, bare: str, tokens: Sequence[Token]) -> bool:
        values = [one.value for one in current(tokens) if one.value is not None]
        alone = _alone(bare)
        kept = values if alone else [value for value in values if value >= 100]
        if not kept:
            return False
        said = set(remarks.leftover(bare_words(bare))) - self._fleet.words
        if not alone or said:
            self._found.doubts += [] if "in_a_sentence" in self._found.doubts else ["in_a_sentence"]
        self._found.bare.setdefault(self._machine, []).extend(kept)
        return alone

    def _take(self, pairs: Iterable[tuple[MeterKind, int]]) -> None:
        pairs = list(pairs)
        machine = self._machine
        if not machine:
            self._found.doubt("which_machine")
            return
        if self._fleet.several_of_a_kind(machine):
            self._found.doubt("which_meter")
            return
        meters = self._fleet.meters(machine, [kind for kind, _ in pairs])
        own = self._found.values.setdefault(machine, {})
        for (kind, value), meter in zip(pairs, meters, strict=True):
            if kind is MeterKind.COLOUR:
                self._found.coloured.add(machine)
            if meter is not None and meter.kind is not kind:
                self._found.stood_in.add(machine)
            if meter is None:
                if kind is MeterKind.TOTAL:
                    self._found.totals[machine] = value
                continue
            if own.get(meter.id, value) != value:
                last = meter.last.value if meter.last else None
                if last == value:
                    continue
                if last != own[meter.id]:
                    self._found.doubt("two_values")
                    continue
            own[meter.id] = value

    # the whole

    def _proposal(self, days: list[remarks.NamedDay]) -> Proposal:
        found, matched = self._found, MatchedBy.NAME
        values = {machine: own for machine, own in found.values.items() if own}
        doubts = [code for code in found.doubts if code != "in_a_sentence"]
        for machine_id, numbers in found.bare.items():
            if machine_id in values:
                if self._left_over(machine_id, numbers, values[machine_id]):
                    doubts.append("ambiguous")
                continue
            placed = self._by_position(machine_id, numbers)
            if placed is None:
                if not values or machine_id:
                    doubts.append("ambiguous")
                continue
            values[machine_id] = placed
            matched = MatchedBy.POSITION
            if "in_a_sentence" in found.doubts:
                doubts.append("in_a_sentence")
        doubts += self._sums(values)
        for promise in found.promised:
            if not self._kept(promise, values):
                self._remark(promise.line)
        if any(
            machine in found.coloured or self._fleet.counts_colour(machine)
            for machine in found.stood_in
        ):
            doubts.append("which_meter")
        read_on, day, odd = remarks.days_of(days, self._received_on, OLDEST)
        if odd and values:
            doubts.append("which_day")
        return Proposal(
            values=values,
            read_on=read_on,
            matched_by=matched if values else None,
            doubts=tuple(dict.fromkeys(doubts)),
            rest="\n".join(found.rest).strip(),
            day=day,
        )

    def _by_position(self, machine_id: str, numbers: list[int]) -> dict[str, int] | None:
        if not machine_id:
            return None
        meters = self._fleet.machines[machine_id].billable_meters
        if len(numbers) > len(meters):
            old = {meter.last.value for meter in meters if meter.last}
            numbers = [number for number in numbers if number not in old]
        if not meters or len(numbers) != len(meters):
            return None
        return {meter.id: number for meter, number in zip(meters, numbers, strict=True)}

    def _left_over(self, machine_id: str, numbers: list[int], own: dict[str, int]) -> bool:
        """Whether a number without a name may be the value of a counter that none was named for."""
        meters = self._fleet.machines[machine_id].billable_meters
        known = {*own.values(), *(meter.last.value for meter in meters if meter.last)}
        return any(meter.id not in own for meter in meters) and not known.issuperset(numbers)

    def _kept(self, promise: _Promise, values: dict[str, dict[str, int]]) -> bool:
        """Whether the counters that a line names have their values."""
        own = values.get(promise.machine, {})
        if not promise.machine or self._fleet.several_of_a_kind(promise.machine):
            return bool(own)
        meters = self._fleet.meters(promise.machine, promise.kinds)
        return all(meter is not None and meter.id in own for meter in meters)

    def _sums(self, values: dict[str, dict[str, int]]) -> list[str]:
        """A total that is not billed has to be the sum of what is."""
        for machine_id, total in self._found.totals.items():
            meters = self._fleet.machines[machine_id].billable_meters
            printed = [m.id for m in meters if m.kind in {MeterKind.BW, MeterKind.COLOUR}]
            own = values.get(machine_id, {})
            if all(meter in own for meter in printed) and sum(own[m] for m in printed) != total:
                return ["sum_differs"]
        return []


def _kind_of(cell: str) -> MeterKind | None:
    labels = labels_of(cell, tokens_in(cell))
    return labels[0][0] if labels else None


def _only_number(cell: str) -> int | None:
    tokens = tokens_in(cell)
    numbers = [one for one in tokens if one.number]
    return numbers[0].value if len(numbers) == 1 and len(bare_words(cell)) <= 1 else None


def _alone(bare: str) -> bool:
    """Whether a line is numbers and hardly anything else."""
    return len(remarks.leftover(bare_words(bare))) <= 1 and len(bare_words(bare)) <= _MOST_WORDS
