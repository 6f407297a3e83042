"""The mapping that a dealer can edit: what it understands, and what it refuses in words."""

from __future__ import annotations

import pytest
from meterportal.domain.exchange.imports.columns import (
    BadColumns,
    columns_from,
    default_columns,
    fold,
)
from meterportal.domain.exchange.imports.fields import FIELDS
from meterportal.domain.portfolio.contracts import METER_REPORTING, Interval, ReadingChannel
from meterportal.domain.portfolio.machines import MeterKind

from tests.support.erp_exports import COMPANIES, read


def test_the_shipped_mapping_names_every_field_and_every_value() -> None:
    columns = default_columns()
    for kind, fields in FIELDS.items():
        assert set(columns.headings[kind].values()) == set(fields)
    assert set(columns.words["interval"].values()) == set(Interval)
    assert set(columns.words["reading_channel"].values()) == set(ReadingChannel)
    assert set(columns.words["kind"].values()) == set(MeterKind)
    assert set(columns.words["role"].values()) == {METER_REPORTING}


@pytest.mark.parametrize(
    "heading",
    ["E-Mail", "email", "E_MAIL", " e mail ", "Nächste Abrechnung", "NAECHSTE-ABRECHNUNG"],
)
def test_headings_are_compared_without_case_spaces_punctuation_and_umlauts(heading: str) -> None:
    assert fold(heading) in {"email", fold("nächste abrechnung")}


def test_a_dealers_list_takes_the_place_of_ours_and_the_rest_stays() -> None:
    columns = columns_from(b'[companies.columns]\nid = ["Debitor"]\n')
    renamed = [["Debitor", *COMPANIES[0][1:]], *COMPANIES[1:]]
    assert read("firmen.csv", renamed, columns).taken == 2
    refused = read("firmen.csv", COMPANIES, columns)
    assert [f.code for f in refused.faults] == ["missing_column"]
    assert refused.faults[0].text("de") == (
        "Die Spalte „Debitor“ fehlt. Ohne sie kann die Datei nicht eingelesen werden."
    )


@pytest.mark.parametrize(
    ("override", "says"),
    [
        (b"[companies.columns\n", "kein gültiges TOML"),
        (b"\xff\xfe", "UTF-8"),
        (b"[customers]\n", "customers gibt es nicht"),
        (b'[companies.columns]\nvat = ["UStId"]\n', "companies.columns.vat gibt es nicht"),
        (b'[companies.columns]\nid = "Debitor"\n', "Liste von Texten"),
        (b"companies = 3\n", "muss ein Abschnitt sein"),
        (b'[companies.columns]\nid = ["Ort"]\n', "unter id und unter city"),
        (b'[words]\nyes = ["nein"]\n', "unter yes und unter no"),
        (b'[words]\nyes = ["-"]\n', "leeren Eintrag"),
    ],
)
def test_a_faulty_mapping_is_refused_with_its_reason(override: bytes, says: str) -> None:
    with pytest.raises(BadColumns) as refused:
        columns_from(override)
    assert says in refused.value.de
    assert refused.value.en
