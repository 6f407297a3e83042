"""Cells as the field writes them: read by the form of their column, or refused in words."""

from __future__ import annotations

import pytest
from meterportal.adapters import Adapters
from meterportal.store.portfolio import holdings

from tests.support.erp_exports import as_csv
from tests.support.field_base import HEADS, ROWS, base, table, taken_in, told
from tests.support.field_records import (
    COMPANY,
    CONTACT,
    CONTRACT,
    MACHINE,
    changed,
    contact,
    contract,
    last,
    machine,
    reading,
)
from tests.support.stage import Stage


@pytest.mark.parametrize(
    "day",
    ["01.01.1753", "30.12.1899", "01.01.0001", "0001-01-01 00:00:00", "1900-01-01", "31.12.9999", "01.01.1970", "00.00.0000"],
)  # fmt: skip
def test_days_that_stand_for_none_are_no_days(stage: Stage, adapters: Adapters, day: str) -> None:
    base(stage)
    found = taken_in(stage, "vertraege", table("vertraege", changed(CONTRACT, _4=day, _6=day)))
    assert (found["accepted"], told(found)) == (1, [])
    assert (2, "no_date_read") in told(found, "info")
    assert (contract(adapters).ends_on, contract(adapters).next_billing_on) == (None, None)


def test_nothing_is_due_before_its_contract_began(stage: Stage, adapters: Adapters) -> None:
    base(stage)
    found = taken_in(stage, "vertraege", table("vertraege", changed(CONTRACT, _6="28.11.2006")))
    assert told(found) == [(2, "billed_before_start")]
    without_start = [
        [head for n, head in enumerate(HEADS["vertraege"]) if n != 3],
        [cell for n, cell in enumerate(changed(CONTRACT, _6="28.11.2006")) if n != 3],
    ]
    assert told(taken_in(stage, "vertraege", without_start)) == [(2, "billed_before_start")]
    assert str(contract(adapters).due_on) == "2026-11-28"


@pytest.mark.parametrize("word", ["NULL", "null", "(null)", "\\N", "N/A", "nan", "-", "None"])
def test_words_for_nothing_are_empty_cells(stage: Stage, adapters: Adapters, word: str) -> None:
    base(stage)
    row = changed(MACHINE, _5=word, _6=word, _7=word, _8=word)
    found = taken_in(stage, "maschinen", table("maschinen", row))
    assert (found["accepted"], told(found)) == (1, [])
    assert told(found, "info").count((2, "empty_read")) == 4
    place = machine(adapters).location
    assert (machine(adapters).customer_no, place.site, place.floor, place.room) == ("", "", "", "")
    dates = taken_in(
        stage, "vertraege", table("vertraege", changed(CONTRACT, _2=word, _4=word, _8=word))
    )
    assert (dates["accepted"], told(dates)) == (1, [])
    assert (contract(adapters).name, contract(adapters).ends_on, contract(adapters).reporters) == (
        "",
        None,
        (),
    )


def test_numbers_of_records_that_became_decimals_make_no_second_record(
    stage: Stage, adapters: Adapters
) -> None:
    base(stage)
    for kind, row in (
        ("firmen", changed(COMPANY, _0="81000.0")),
        ("ansprechpartner", changed(CONTACT, _0="8501.0", _1="81000.00")),
        ("vertraege", changed(CONTRACT, _0="87001,0", _1="81000.0", _8="8501.0")),
        ("maschinen", changed(MACHINE, _0="820001.0", _1="87001.0")),
        ("zaehlerstaende", reading("820001.0", "24100")),
    ):
        found = taken_in(stage, kind, table(kind, row))
        assert (found["accepted"], told(found)) == (1, []), kind
        assert "tails_cut" in {f["code"] for f in found["findings"]}, kind
    holding = holdings.load(adapters.table, "81000")
    assert holding is not None
    assert (set(holding.contacts), set(holding.contracts)) == ({"8501"}, {"87001"})
    assert contract(adapters).reporters == ("8501",)
    assert last(adapters, "820001") == 24_100


@pytest.mark.parametrize("number", ["7001", "87.001", "87,001"])
def test_a_new_number_that_a_program_made_of_a_known_one_is_refused(
    stage: Stage, adapters: Adapters, number: str
) -> None:
    base(stage)
    taken_in(stage, "vertraege", table("vertraege", changed(CONTRACT, _0="0007001")))
    found = taken_in(stage, "vertraege", table("vertraege", changed(CONTRACT, _0=number)))
    codes = told(found)
    assert codes in ([(2, "number_changed")], [(2, "bad_key")])
    if codes == [(2, "number_changed")]:
        assert ("0007001" if number == "7001" else "87001") in found["findings"][0]["text"]
    holding = holdings.load(adapters.table, "81000")
    assert holding is not None
    assert set(holding.contracts) == {"87001", "0007001"}


def test_dotted_numbers_of_a_contract_stay_as_they_are(stage: Stage, adapters: Adapters) -> None:
    base(stage)
    rows = [changed(CONTRACT, _0=number) for number in ("55.0", "55.1", "55.2")]
    assert taken_in(stage, "vertraege", table("vertraege", *rows))["accepted"] == 3
    assert contract(adapters, "55.0").id == "55.0"


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["24100.000", "345.000", "24500.000", "1250.000"], [24_100, 345, 24_500, 1250]),
        (["24100,000", "345,000", "24500,000", "1250,000"], [24_100, 345, 24_500, 1250]),
        (["24100,00", "345,00", "24.500,00", "1.250,00"], [24_100, 345, 24_500, 1250]),
        (["24'100.0", "345.0", "24'500.0", "1'250.0"], [24_100, 345, 24_500, 1250]),
        (["24.100", "30.345", "24.500", "1.025.000"], [24_100, 30_345, 24_500, 1_025_000]),
        (["345.000", "412.000", "512.000", "77.000"], [345, 412, 512, 77]),
        (["24 100", "24 200", "24500", "24600"], [24_100, 24_200, 24_500, 24_600]),
    ],
)
def test_a_column_decides_the_form_of_its_numbers(
    stage: Stage, adapters: Adapters, cells: list[str], values: list[int]
) -> None:
    base(stage)
    rows = [reading(f"82000{n}", cell) for n, cell in enumerate(cells, start=1)]
    found = taken_in(stage, "zaehlerstaende", table("zaehlerstaende", *rows))
    assert found["accepted"] == 4, found["findings"]
    assert [last(adapters, f"82000{n}") for n in (1, 2, 3, 4)] == values


def test_a_column_that_contradicts_itself_is_not_guessed(stage: Stage, adapters: Adapters) -> None:
    base(stage)
    cells = ["24100.50", "1.234.567", "345.000", "24600"]
    rows = [reading(f"82000{n}", cell) for n, cell in enumerate(cells, start=1)]
    found = taken_in(stage, "zaehlerstaende", table("zaehlerstaende", *rows))
    errors = told(found, "error")
    assert {line for line, _ in errors} >= {2, 4}
    assert last(adapters, "820003") == 22_000
    assert last(adapters, "820004") == 24_600


def test_fractions_that_are_not_zero_are_refused(stage: Stage, adapters: Adapters) -> None:
    base(stage)
    rows = [reading("820001", "24100,5"), reading("820002", "24100,0")]
    found = taken_in(stage, "zaehlerstaende", table("zaehlerstaende", *rows))
    assert told(found) == [(2, "not_a_whole_number")]
    assert last(adapters, "820002") == 24_100


def test_decimals_that_are_all_zero_are_none_in_every_column(
    stage: Stage, adapters: Adapters
) -> None:
    base(stage)
    row = changed(ROWS["zaehler"][0], _4="6,00", _6="2,00", _8="1000,00")
    found = taken_in(stage, "zaehler", table("zaehler", row))
    assert (found["accepted"], told(found)) == (1, [])
    (meter,) = machine(adapters).meters
    assert (meter.digits, meter.click_factor, meter.free_copies) == (6, 2, 1000)


def test_a_day_with_a_time_is_that_day_in_berlin(stage: Stage, adapters: Adapters) -> None:
    base(stage)
    days = [
        "20.11.2026 14:33",
        "2026-11-20T23:30:00Z",
        "2026-11-20T06:00:00+01:00",
        "20.11.2026 0:00:00",
    ]
    rows = [reading(f"82000{n}", "24100", day) for n, day in enumerate(days, start=1)]
    found = taken_in(stage, "zaehlerstaende", table("zaehlerstaende", *rows))
    assert (found["accepted"], told(found)) == (4, [])
    taken = [machine(adapters, f"82000{n}").meters[0].last for n in (1, 2, 3, 4)]
    assert [str(one.read_on) for one in taken if one] == [
        "2026-11-20", "2026-11-21", "2026-11-20", "2026-11-20",
    ]  # fmt: skip


def test_of_two_readings_of_a_day_with_times_the_later_counts(
    stage: Stage, adapters: Adapters
) -> None:
    base(stage)
    rows = [
        reading("820001", "24200", "20.11.2026 17:00"),
        reading("820001", "24100", "20.11.2026 08:00"),
        reading("820002", "24200", "20.11.2026"),
        reading("820002", "24100", "20.11.2026 08:00"),
    ]
    found = taken_in(stage, "zaehlerstaende", table("zaehlerstaende", *rows))
    assert told(found) == [(5, "duplicate_key")]
    assert (3, "earlier_of_day") in told(found, "info")
    assert (last(adapters, "820001"), last(adapters, "820002")) == (24_200, 24_200)


@pytest.mark.parametrize(
    ("days", "read"),
    [
        (["28.11.26", "01.02.24"], "2026-11-28"),
        (["20261128", "20240201"], "2026-11-28"),
        (["28/11/2026", "01/02/2024"], "2026-11-28"),
        (["2026/11/28", "2024/02/01"], "2026-11-28"),
    ],
)
def test_a_column_decides_the_form_of_its_days(
    stage: Stage, adapters: Adapters, days: list[str], read: str
) -> None:
    base(stage)
    other = changed(CONTRACT, _0="87002", _3="", _4="", _6=days[1])
    row = changed(CONTRACT, _3="", _4="", _6=days[0])
    found = taken_in(stage, "vertraege", table("vertraege", row, other))
    assert (found["accepted"], told(found)) == (2, [])
    assert str(contract(adapters).next_billing_on) == read


def test_days_whose_month_cannot_be_told_are_refused(stage: Stage, adapters: Adapters) -> None:
    base(stage)
    found = taken_in(stage, "vertraege", table("vertraege", changed(CONTRACT, _6="05/06/2027")))
    assert told(found) == [(2, "unclear_date")]


def test_names_in_html_are_read_and_told(stage: Stage, adapters: Adapters) -> None:
    base(stage)
    row = changed(COMPANY, _1="M&uuml;ller &amp; S&#246;hne")
    found = taken_in(
        stage, "firmen", as_csv(table("firmen", row), encoding="utf-8", delimiter="\t")
    )
    assert told(found) == [(2, "entities_read")]
    assert holdings.companies(adapters.table, ["81000"])["81000"].name == "Müller & Söhne"


@pytest.mark.parametrize(
    "typed",
    [
        "neu@oedoen.example#mailto:neu@oedoen.example#",
        "#mailto:neu@oedoen.example#",
        "mailto:neu@oedoen.example",
        "SMTP:neu@oedoen.example",
        "Jörg Süß <neu@oedoen.example>",
        "<neu@oedoen.example>",
        "'neu@oedoen.example'",
        "„neu@oedoen.example“",
        "neu@oedoen.example;",
        "[neu@oedoen.example](mailto:neu@oedoen.example)",
        "ne\u200bu@oedoen.ex\u00adample\u202c",
    ],
)
def test_one_address_in_a_known_wrapping_is_that_address(
    stage: Stage, adapters: Adapters, typed: str
) -> None:
    base(stage)
    content = as_csv(table("ansprechpartner", changed(CONTACT, _4=typed)), encoding="utf-8")
    found = taken_in(stage, "ansprechpartner", content)
    assert (found["accepted"], told(found)) == (1, [])
    assert (contact(adapters).email, contact(adapters).mailbox) == ("neu@oedoen.example",) * 2


def test_two_addresses_in_wrappings_are_still_two(stage: Stage, adapters: Adapters) -> None:
    base(stage)
    for typed in ("a@oedoen.example <b@oedoen.example>", "mailto:a@x.example,b@x.example"):
        found = taken_in(
            stage, "ansprechpartner", table("ansprechpartner", changed(CONTACT, _4=typed))
        )
        assert told(found) == [(2, "email_several")], typed


@pytest.mark.parametrize("hidden", ["\u202a", "\u200b", "\u00ad", "\ufeff", "\u2060", "\u200e"])
def test_signs_that_nobody_sees_do_not_count(stage: Stage, adapters: Adapters, hidden: str) -> None:
    base(stage)
    rows = [
        reading(f"{hidden}820001{hidden}", f"24{hidden}100"),
        reading("820002\u00a0", "24\u2007200"),
    ]
    content = as_csv(table("zaehlerstaende", *rows), encoding="utf-8")
    found = taken_in(stage, "zaehlerstaende", content)
    assert (found["accepted"], told(found)) == (2, [])
    assert (last(adapters, "820001"), last(adapters, "820002")) == (24_100, 24_200)
    words = changed(CONTRACT, _5=f"viertel{hidden}jährlich", _7=f"CO{hidden}\u2009Portal")
    assert taken_in(stage, "vertraege", table("vertraege", words))["accepted"] == 1


def test_a_refusal_names_the_sign_that_looks_faultless(stage: Stage) -> None:
    base(stage)
    rows = [reading("٨٢٠٠٠١", "24100"), reading("820001", "٢٤١٠٠")]
    found = taken_in(
        stage, "zaehlerstaende", as_csv(table("zaehlerstaende", *rows), encoding="utf-8")
    )
    assert told(found) == [(2, "bad_key"), (3, "not_a_whole_number")]
    assert "U+0668 ARABIC-INDIC DIGIT EIGHT" in found["findings"][0]["text"]
    assert "U+0662" in found["findings"][1]["text"]


def test_what_arrives_spoilt_replaces_nothing_sound(stage: Stage, adapters: Adapters) -> None:
    base(stage)
    row = changed(MACHINE, _2="1,23457E+11", _5="#NV", _6="Zen?rale")
    found = taken_in(stage, "maschinen", table("maschinen", row))
    assert found["accepted"] == 1
    assert [code for _, code in told(found)].count("sound_value_kept") == 3
    kept = machine(adapters)
    assert (kept.serial, kept.customer_no, kept.location.site) == ("GX01", "K-1", "Zentrale")

    row = changed(CONTACT, _3="S\ufffd\ufffd", _4="j\ufffdrg@oedoen.example", _7="4,93511E+11")
    found = taken_in(stage, "ansprechpartner", table("ansprechpartner", row))
    assert [code for _, code in told(found)].count("sound_value_kept") == 3
    person = contact(adapters)
    assert (person.last_name, person.mailbox, person.phone) == (
        "Süß",
        "joerg@oedoen.example",
        "0351 123",
    )

    found = taken_in(stage, "firmen", table("firmen", changed(COMPANY, _3="1067")))
    assert told(found) == [(2, "sound_value_kept")]
    assert holdings.companies(adapters.table, ["81000"])["81000"].postcode == "01067"


def test_what_is_spoilt_and_new_is_stored_with_a_warning(stage: Stage, adapters: Adapters) -> None:
    base(stage)
    row = changed(MACHINE, _0="820009", _2="1,23457E+11")
    found = taken_in(stage, "maschinen", table("maschinen", row))
    assert told(found) == [(2, "serial_spoilt")]
    assert machine(adapters, "820009").serial == "1,23457E+11"
