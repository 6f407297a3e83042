"""Answers about fleets: which machine a line means, and what it costs to find it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from meterportal.domain.mailing.answers import fleet
from meterportal.domain.mailing.answers.devices import read_device
from meterportal.domain.mailing.answers.fleet import NamedMachines
from meterportal.domain.mailing.answers.understanding import understood

from tests.unit.mailing.test_answer_forms import TODAY, a_machine, read


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


VGX = a_machine("VGX1234567")


@pytest.mark.parametrize(
    "text",
    [
        "Gerät ZZZ99887766: S/W 12345, Farbe 3456",
        "Gerät ZZZ99887766\nS/W 12345\nFarbe 3456",
        "Seriennummer 99887766: S/W 12345, Farbe 3456",
        "S/N: 99887766\nS/W 12345, Farbe 3456",
        "> - Kyocera, Seriennr. 99887766: S/W, Farbe\nS/W 12345, Farbe 3456",
        "VGX1234567:\nVGX1234576: S/W 12345, Farbe 3456",
    ],
)
def test_a_value_beside_a_number_of_no_machine_of_the_fleet_is_a_doubt(text: str) -> None:
    found = read(text, VGX)
    assert (found.values, "which_machine" in found.doubts) == ({}, True)


def test_values_of_an_unknown_machine_are_not_those_of_the_one_above() -> None:
    text = "VGX7654321: S/W 51340\nVGX1234576: Farbe 9887"
    found = read(text, a_machine("VGX7654321"), a_machine("VGX1111111"))
    assert (found.values, found.doubts) == ({"VGX7654321": {"BW": 51_340}}, ("which_machine",))


@pytest.mark.parametrize(
    "text",
    [
        "Ticket AB1234567: S/W 51340, Farbe 9887",
        "USt-Id DE812345678\nS/W 51340, Farbe 9887",
        "S/W 51340Seiten, Farbe 9887Seiten",
        "Zaehlerstand51340 https://portal.example/l/ab1234567\nS/W 51340, Farbe 9887",
        "Gerät TASKalfa2554ci: S/W 51340, Farbe 9887",
    ],
)
def test_what_only_looks_like_a_serial_number(text: str) -> None:
    machine = replace(VGX, maker="Kyocera", model="ECOSYS TASKalfa2554ci MFP")
    assert read(text, machine).values == {"VGX1234567": {"BW": 51_340, "COLOUR": 9_887}}


def test_two_serial_numbers_in_a_device_s_mail_are_a_doubt() -> None:
    text = (
        "[Serial Number], VGX1234567\n[Send Date],23/11/26\n[Total Counter],00061227\n"
        "[Total Color Counter],00009887\n[Total Black Counter],00051340\n"
    )
    found = read_device(text, "", [VGX], received_on=TODAY)
    assert found is not None
    assert (len(found.values), found.doubts) == (1, ())
    again = text.replace("1234567", "1234576")
    both = read_device(text + again, "", [VGX], received_on=TODAY)
    assert both is not None
    assert (both.values, both.doubts) == ({}, ("several_machines",))
    same = read_device(text + "Serial No: VGX-123456700", "", [VGX], received_on=TODAY)
    assert same is not None
    assert same.values


@pytest.mark.parametrize(
    ("text", "answers", "ignored"),
    [
        ("Paper jam, tray 2", False, True),
        ("Toner low, printer 192.168.1.20", False, True),
        ("Toner low. Total counter: 51340", False, False),
        ("Hallo,\npaper jam im Flur", False, False),
        ("Papierstau, bitte kommen", False, False),
        ("Papierstau", True, False),
    ],
)
def test_only_a_fault_without_counters_that_no_person_wrote_is_ignored(
    text: str, answers: bool, ignored: bool
) -> None:
    found = read_device(text, "", [VGX], received_on=TODAY, answers=answers)
    assert (found is None) is ignored


@pytest.mark.parametrize(
    ("text", "kinds", "doubts"),
    [
        ("Gesamt 15801, Farbe 3456", "BW", ("which_meter",)),
        ("Gesamt 15801\nFarbe 3456", "BW", ("which_meter",)),
        ("S/W 12345, Farbe 3456", "TOTAL", ("which_meter",)),
        ("Gesamt 15801", "BW", ()),
        ("S/W 12345", "TOTAL", ()),
        ("Gesamt 15801, S/W 12345", "BW", ("sum_differs",)),
    ],
)
def test_a_total_taken_for_black_is_a_doubt_where_colour_is_counted(
    text: str, kinds: str, doubts: tuple[str, ...]
) -> None:
    found = read(text, a_machine(kinds=kinds))
    assert (len(found.values), found.doubts) == (1, doubts)


def test_a_total_is_a_doubt_where_colour_is_counted_but_not_billed() -> None:
    machine = a_machine()
    black, colour = machine.meters
    machine = replace(machine, meters=(black, replace(colour, billable=False)))
    assert read("Gesamt 61227", machine).doubts == ("which_meter",)
    assert read("S/W 51340, Farbe 9887", machine).doubts == ()
