"""Answers about fleets: which machine a line means, and what it costs to find it."""

from __future__ import annotations

from meterportal.domain.mailing.answers import fleet
from meterportal.domain.mailing.answers.fleet import NamedMachines
from meterportal.domain.mailing.answers.understanding import understood

from tests.unit.mailing.test_answer_forms import TODAY, a_machine


def test_only_the_names_that_a_line_has_are_looked_for() -> None:
    """Among 2,000 machines a line costs as much as among two."""
    machines = [a_machine(f"VGX{number:07}") for number in range(2_000)]
    fleet._pattern.cache_clear()
    named = NamedMachines(machines)
    for number in range(3):
        line = f"VGX-000{number:04}: S/W 51340, Farbe 9887"
        assert named.named_in(line)[1] == {f"VGX000{number:04}"}
    assert fleet._pattern.cache_info().currsize == 3
    text = "\n".join(f"VGX{number:07}: S/W 51340, Farbe 9887" for number in range(0, 2_000, 100))
    found = understood(text, "", machines, received_on=TODAY)
    assert (len(found.values), found.doubts) == (20, ())
