"""Rows of an import's report that may name people, for the export of a person's data and their erasure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from meterportal.domain.access.erasures import Person
from meterportal.domain.exchange.imports.faults import Fault
from meterportal.domain.exchange.imports.planning import Sample
from meterportal.domain.frozen import frozen


@frozen
class ReportRow:
    """Examples of changes and findings of one row. `row` is what is stored, which only the store reads."""

    samples: Sequence[Sample]
    faults: Sequence[Fault]
    row: Mapping[str, Any]

    def samples_of(self, contact_id: str) -> Iterator[Sample]:
        """The examples of changes at a record of this number."""
        yield from (sample for sample in self.samples if sample.key == contact_id)

    def faults_naming(self, person: Person) -> Iterator[Fault]:
        """The findings with a value that names the person."""
        for fault in self.faults:
            values = [value for _, value in fault.facts if isinstance(value, str)]
            if any(person.forget_exactly(value) != value for value in values):
                yield fault
