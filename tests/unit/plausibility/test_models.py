"""The editable table of models."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from meterportal.domain.plausibility.models import (
    Model,
    ModelTableFaulty,
    pages_per_minute,
    pages_per_year,
    read_models,
)

MACHINES = Path(__file__).parents[3] / "infra" / "local" / "demo" / "maschinen.csv"


def test_every_model_of_the_demo_data_has_a_speed() -> None:
    with MACHINES.open(encoding="cp1252", newline="") as file:
        models = {row["Modell"] for row in csv.DictReader(file, delimiter=";")}
    assert len(models) == 22
    speeds = {model: pages_per_minute(model) for model in models}
    assert all(speed is not None and 10 <= speed <= 100 for speed in speeds.values()), speeds


def test_case_and_spacing_of_the_name_do_not_matter() -> None:
    assert pages_per_minute("  im  c3000 ") == pages_per_minute("IM C3000") == 30


def test_a_model_that_is_not_listed_is_silent() -> None:
    assert pages_per_minute("Schreibmaschine 3000") is None
    assert pages_per_minute("") is None
    assert pages_per_year("IM C3000") is None


def test_a_dealer_adds_a_model_with_its_usual_volume() -> None:
    text = '[models."X 1"]\npages_per_minute = 22\npages_per_year = 9000\n'
    assert read_models(text) == {"x 1": Model(22, 9_000)}


@pytest.mark.parametrize(
    "text",
    [
        "[models.x",
        "models = 3",
        "[models]\nx = 3",
        "[models.x]\npages_per_minute = 0",
        "[models.x]\npages_per_minute = 22.5",
        "[models.x]\npages_per_minute = true",
        "[models.x]\nppm = 22",
    ],
)
def test_a_faulty_table_is_refused(text: str) -> None:
    with pytest.raises(ModelTableFaulty):
        read_models(text)
