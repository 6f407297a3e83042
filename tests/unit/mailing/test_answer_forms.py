"""The forms in which people write their counters, beyond the collected messages."""

from __future__ import annotations

from datetime import date

import pytest
from meterportal.domain.mailing.answers.device_forms import form_of
from meterportal.domain.mailing.answers.messages import readable
from meterportal.domain.mailing.answers.proposals import MatchedBy, Proposal
from meterportal.domain.mailing.answers.understanding import understood
from meterportal.domain.portfolio.machines import Effective, Machine, Meter, MeterKind

TODAY = date(2026, 11, 23)


def a_machine(serial: str = "VK21Z04711", kinds: str = "BW COLOUR") -> Machine:
    last = {"BW": 48_210, "COLOUR": 9_120, "SCAN": 3_000, "TOTAL": 57_330}
    meters = tuple(
        Meter(kind, kind, MeterKind(kind), history=(Effective(date(2026, 8, 28), last[kind]),))
        for kind in kinds.split()
    )
    return Machine(serial, "1", "1", serial=serial, meters=meters)


def read(text: str, *machines: Machine, subject: str = "") -> Proposal:
    fleet = machines or (a_machine(),)
    return understood(readable(text), subject, fleet, received_on=TODAY, writer="Petra Holm")


BOTH = {"BW": 51_340, "COLOUR": 9_887}


@pytest.mark.parametrize(
    "text",
    [
        "S/W 51340, Farbe 9887",
        "s/w: 51.340\nfarbe: 9.887",
        "SW=51340 F ... Farbe=9887",
        "Schwarz-Weiß 51340 / Farbe 9887",
        "Schwarz/Weiß: 51 340 Seiten\nFarbe: 9 887 Seiten",
        "schwarzweiß 51.340 und farbig 9.887",
        "SW-Zähler 51340; Farbzähler 9887",
        "Zählerstand s/w ist 51'340, Zählerstand Farbe ist 9'887.",
        "Farbe 9887 schwarz 51340",
        "51340 s/w, 9887 farbe",
        "51.340 (s/w) und 9.887 (Farbe)",
        "51340 schwarz\n9887 Farbe",
        "s/w und Farbe: 51340 und 9887",
        "S/W\tFarbe\n51340\t9887",
        "S/W:\n51340\nFarbe:\n9887",
        "* Schwarz: 051340\n* Farbe: 009887",
        "- S/W: 51.340\n- Color: 9.887",
        "Gesamt S/W 51.340\nGesamt Farbe 9.887",
        "Gesamtzähler Schwarz: 51340\nGesamtzähler Farbe: 9887",
        "Gesamt 61227, davon Farbe 9887, s/w 51340",
        "Total: 61.227\nB/W: 51.340\nColour: 9.887",
        "black & white 51,340\ncolour 9,887",
        "mono 51340, color 9887",
        "The b/w counter is 51,340 and the colour counter is 9,887.",
        "Black: 51 340\nColor: 9 887",
        "sw51340 farbe9887",
        "S/W alt: 48.210 neu: 51.340, Farbe alt: 9.120 neu: 9.887",
        "letzter Stand s/w 48210, aktuell s/w 51340, Farbe aktuell 9887",
        "Gerät VK21Z04711: S/W 51340, Farbe 9887",
        "Seriennummer: VK21Z04711\nS/W: 51340\nFarbe: 9887",
        "VK21Z04711 | 51340 | 9887",
        "Zähler | Stand\nS/W | 51340\nFarbe | 9887",
        "Hallo Frau Sommer,\n\ns/w 51340 farbe 9887\n\nViele Grüße\nPetra Holm\nTel. 05602 40250-0\nRaum 12",
        "s/w 51340 farbe 9887\n--\nHolm GmbH, 34117 Kassel, Tel: 0561 99887",
        "s/w 51340 farbe 9887\n\nVon meinem Samsung Galaxy Smartphone gesendet.",
        "s/w 51340 farbe 9887\n\nSent from my iPhone",
        "s/w 51340 farbe 9887\n\nAm Mo., 16. Nov. 2026 um 09:02 Uhr schrieb Sommer <\nz@dealer.example>:\n"
        "> S/W: letzter Stand 48210\n> Farbe: 9120",
        "s/w 51340 farbe 9887\n\n________________________________\nVon: Sommer\nGesendet: Montag\nAn: Holm\n"
        "Betreff: x\n\nS/W 48210, Farbe 9120, VK21Z04711",
        "s/w 51340 farbe 9887\n\n-------- Original Message --------\nOn 16 Nov, Sommer wrote:\ns/w 48210",
        "> Was abzulesen ist:\n> - Kyocera, Seriennr. VK21Z04711: S/W, Farbe\nS/W 51340\nFarbe 9887\n> Grüße",
        "\ufeffs/w\u00a051\u202f340, Farbe\u00a09\u202f887",
    ],
)
def test_two_counters_by_their_names(text: str) -> None:
    found = read(text)
    assert (found.values, found.doubts) == ({"VK21Z04711": BOTH}, ())


@pytest.mark.parametrize(
    ("text", "kinds", "values"),
    [
        ("51340", "BW", {"BW": 51_340}),
        ("Zählerstand: 51.340", "BW", {"BW": 51_340}),
        ("Der Zählerstand beträgt 51340 Seiten.", "BW", {"BW": 51_340}),
        ("Gesamt 51340", "BW", {"BW": 51_340}),
        ("Total 51340", "TOTAL", {"TOTAL": 51_340}),
        ("Schwarz 51340", "TOTAL", {"TOTAL": 51_340}),
        ("51340 / 9887", "BW COLOUR", BOTH),
        ("51340\n9887", "BW COLOUR", BOTH),
        ("s/w 51340 Farbe 9887 Scan 3120", "BW COLOUR SCAN", {**BOTH, "SCAN": 3_120}),
        ("nur s/w: 51340", "BW COLOUR", {"BW": 51_340}),
        ("S/W 51340 Scan 3120", "BW COLOUR", {"BW": 51_340}),
    ],
)
def test_counters_of_other_machines(text: str, kinds: str, values: dict[str, int]) -> None:
    assert read(text, a_machine(kinds=kinds)).values == {"VK21Z04711": values}


def test_numbers_in_a_row_are_matched_by_their_order_and_said_to_be() -> None:
    assert read("51340 9887").matched_by is MatchedBy.POSITION


FLEET = (a_machine("AC75021009012"), a_machine("3359PB02667", "BW"), a_machine("77001"))
THREE = {
    "AC75021009012": BOTH,
    "3359PB02667": {"BW": 71_204},
    "77001": {"BW": 60_000, "COLOUR": 12_000},
}


@pytest.mark.parametrize(
    "text",
    [
        "AC75021009012: s/w 51340, Farbe 9887\n3359PB02667: 71.204\n77001: s/w 60.000 Farbe 12.000",
        "AC75021009012\nS/W 51340\nFarbe 9887\n\n3359PB02667\nS/W 71204\n\n77001\nS/W 60000\nFarbe 12000",
        "Serial;B/W;Colour\nAC75021009012;51340;9887\n3359PB02667;71204;-\n77001;60000;12000",
        "Gerät            S/W      Farbe\n77001            60000    12000\nAC75021009012    51340    9887\n"
        "3359PB02667      71204    -",
        "> - Konica, Seriennr. AC75021009012: S/W, Farbe\n51340 / 9887\n> - Ricoh, Seriennr. 3359PB02667: S/W\n"
        "71204\n> - Kyocera, Seriennr. 77001: S/W, Farbe\n60000 / 12000",
    ],
)
def test_several_machines_by_serial_number(text: str) -> None:
    found = read(text, *FLEET)
    assert (found.values, found.doubts) == (THREE, ())


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("S/W 12,5 Farbe 9887", "not_whole"),
        ("S/W ca. 51000, Farbe 9887", "about"),
        ("S/W 51340 oder 51430, Farbe 9887", "ambiguous"),
        ("S/W 51340\nS/W 51430", "two_values"),
        ("Gesamt 70000, S/W 51340, Farbe 9887", "sum_differs"),
        ("51340 9887 3120", "ambiguous"),
        ("wir haben jetzt die 51340 und die 9887 abgelesen, sagt der Kollege", "in_a_sentence"),
        ("Stand 20.11.2026 und Stand 19.11.2026: S/W 51340", "which_day"),
        ("Stand vom 20.01.2026: S/W 51340", "which_day"),
        ("Danke, ich melde mich.", "no_values"),
        ("> S/W 51340\n> Farbe 9887", "within_quote"),
        ("Beim letzten Mal waren es 48210 schwarz.", "no_values"),
        ("SW 51340\nF 9887", "ambiguous"),
        ("S/W 51340\nund die andere 9887", "ambiguous"),
        ("S/W 51.34O", "no_values"),
    ],
)
def test_what_could_mean_two_things_is_a_doubt(text: str, doubt: str) -> None:
    assert doubt in read(text).doubts


@pytest.mark.parametrize(
    "text", ["Bestellung 12345", "Lieferschein 12345", "Unsere Referenz 12345", "12345 Berlin"]
)
def test_a_number_of_something_else_is_no_value_without_doubt(text: str) -> None:
    found = read(text, a_machine(kinds="BW"))
    assert found.doubts


def test_a_value_that_may_belong_to_either_machine_is_a_doubt() -> None:
    assert "which_machine" in read("S/W 51340, Farbe 9887", *FLEET).doubts


@pytest.mark.parametrize(
    "text",
    [
        "Tel. 05602 40250-0, Durchwahl 18122, Fax 05602/402599",
        "34117 Kassel, Raum 150, 1. OG, Rechnung 4711, Kd-Nr. 48911",
        "IBAN DE02 1203 0000 0000 2020 51, USt-Id DE812345678",
        "Termin am 07.12.2026 um 14:30 Uhr, Ticket 99887",
        "https://portal.example/l/51340 oder a51340@firma.example",
    ],
)
def test_numbers_that_are_no_counters(text: str) -> None:
    assert not read(text).values


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Stände vom 20.11.2026:\nS/W 51340", date(2026, 11, 20)),
        ("S/W 51340, abgelesen am 20. November 2026", date(2026, 11, 20)),
        ("Readings as of 20 Nov 2026\nb/w 51340", date(2026, 11, 20)),
        ("Read on 2026-11-20: b/w 51340", date(2026, 11, 20)),
        ("fällig am 30.11.2026: S/W 51340", None),
        ("S/W 51340", None),
        ("VK21Z04711 20.11.2026 S/W 51340", date(2026, 11, 20)),
        ("zu Ihrer Anfrage vom 20.11.2026:\nS/W 51340", None),
        ("zu Ihrer Anfrage vom 20.11.2026: S/W 51340", None),
        ("Vertrag vom 01.10.2026\nS/W 51340", None),
        ("Am 03.11.2026 wurde der Toner gewechselt\nS/W 51340", None),
        ("Datum: 2026-11-20T08:00\nS/W 51340", None),
        ("Dealer schrieb am Fr., 20. Nov. 2026\nS/W 51340", None),
    ],
)
def test_the_day_of_reading(text: str, day: date | None) -> None:
    found = read(text)
    assert (found.values["VK21Z04711"]["BW"], found.read_on) == (51_340, day)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (
            "Guten Morgen,\nanbei die Zählerstände unseres Kopierers:\nS/W 51340\n\nViele Grüße\nP. Holm",
            "",
        ),
        ("Hallo,\nhier unsere Stände vom Freitag, 20.11.2026:\nS/W 51340\nPetra Holm", ""),
        ("S/W 51340\nBitte Toner schicken!", "Bitte Toner schicken!"),
        ("S/W 51340\nGruß\nPetra\nPS: Das Gerät quietscht.", "PS: Das Gerät quietscht."),
        ("S/W 51340\nViele Grüße\nPetra\nKönnen Sie mich anrufen?", "Können Sie mich anrufen?"),
        (
            "S/W 51340, das Display flackert seit Montag",
            "S/W 51340, das Display flackert seit Montag",
        ),
        (
            "Hallo, der Drucker macht Streifen, bitte Techniker schicken\nS/W 51340",
            "Hallo, der Drucker macht Streifen, bitte Techniker schicken",
        ),
        (
            "Hallo der Drucker macht seit Montag Streifen\nS/W 51340",
            "Hallo der Drucker macht seit Montag Streifen",
        ),
        ("Sehr geehrte Frau Sommer, sehr geehrter Herr Meier,\nS/W 51340", ""),
        ("Guten Tag Frau Sommer\nS/W 51340", ""),
        ("Hallo! Anbei die Stände:\nS/W 51340", ""),
        ("S/W 51340\nFarbe unverändert", "Farbe unverändert"),
        ("Die Farbe blieb leer.\nS/W 51340", "Die Farbe blieb leer."),
        ("S/W 51340, Farbe ?", "S/W 51340, Farbe ?"),
        ("S/W 51340, Farbe 9887 - stimmt das?", "S/W 51340, Farbe 9887 - stimmt das?"),
        ("S/W 51340 und Farbe wie gehabt", "S/W 51340 und Farbe wie gehabt"),
        ("Stände Farbe und S/W Tischlerei Holm:\nS/W 51340\nFarbe 9887", ""),
        ("S/W 51340\nFarbe 9887\n\nPetra Holm\n34117 Kassel", ""),
    ],
)
def test_text_beyond_the_values(text: str, rest: str) -> None:
    found = read(text)
    assert (found.values["VK21Z04711"]["BW"], found.rest) == (51_340, rest)


def test_values_in_the_subject() -> None:
    assert read("", subject="AW: S/W 51340 Farbe 9887").values == {"VK21Z04711": BOTH}
    ours = "Re: Zählerstände melden, fällig am 30.11.2026: Tischlerei Holm GmbH, 1 Gerät"
    assert not read("Danke", subject=ours).values


def test_a_form_without_its_columns_says_nothing() -> None:
    form = form_of("Total FULL COLOR   BLACK\nTotal   123   456\n")
    assert form is not None
    assert not form.read("Total FULL COLOR   BLACK\nTotal   123   456\n").counters
