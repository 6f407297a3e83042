"""Speed and usual volume of the models, from `models.toml` in this folder, which may be edited."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from meterportal.domain.frozen import frozen


@frozen
class Model:
    """`pages_per_minute` at most, `pages_per_year` as usual; None: not known."""

    pages_per_minute: int | None = None
    pages_per_year: int | None = None


class ModelTableFaulty(ValueError):
    """The model table cannot be used; the message names the model and the entry."""


def pages_per_minute(model: str) -> int | None:
    """The most pages per minute that a model prints, None if it is not listed."""
    return _model(model).pages_per_minute


def pages_per_year(model: str) -> int | None:
    """The pages per year that a meter of the model usually counts, None if none are listed."""
    return _model(model).pages_per_year


def read_models(text: str) -> dict[str, Model]:
    """Models by normalised name from the table's TOML text. Raises ModelTableFaulty."""
    try:
        tables = tomllib.loads(text).get("models", {})
    except tomllib.TOMLDecodeError as error:
        raise ModelTableFaulty(str(error)) from error
    if not isinstance(tables, dict):
        raise ModelTableFaulty("models has to be tables, one per model")
    return {_name(model): _read(model, entries) for model, entries in tables.items()}


def _read(model: str, entries: object) -> Model:
    known = {"pages_per_minute", "pages_per_year"}
    if not isinstance(entries, Mapping):
        raise ModelTableFaulty(f"{model}: has to be a table")
    for entry, number in entries.items():
        if entry not in known:
            raise ModelTableFaulty(f"{model}: {entry} is not known, only {sorted(known)}")
        if isinstance(number, bool) or not isinstance(number, int) or number <= 0:
            raise ModelTableFaulty(f"{model}: {entry} has to be a whole number above 0")
    return Model(entries.get("pages_per_minute"), entries.get("pages_per_year"))


def _model(model: str) -> Model:
    return _models().get(_name(model), Model())


@cache
def _models() -> dict[str, Model]:
    return read_models(Path(__file__).with_name("models.toml").read_text(encoding="utf-8"))


def _name(model: str) -> str:
    return " ".join(model.casefold().split())
