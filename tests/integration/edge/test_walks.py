"""Three ways through the house, as docs/architecture.md counts them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from meterportal.adapters import Adapters

from infra.local.template import ROOT
from tests.support.builders import a_holding, a_machine
from tests.support.customers import signed_in
from tests.support.reported import a_reported_machine, release, seen, settle_reported
from tests.support.requesting import a_company, plan, start
from tests.support.stage import Stage
from tests.support.walks import Walk, walked

_SLACK = 2
"""A file more or fewer is no reason to count anew."""


def a_submitted_reading(stage: Stage, adapters: Adapters) -> Walk:
    signed_in(stage, adapters, a_holding(machines=[a_machine()]))
    with walked("customer_api") as walk:
        answer = stage.customer(
            "PUT", "/api/machines/200001/readings", {"values": {"1": 11_000}, "version": 1}
        )
    assert answer.status == 200, answer.text
    return walk


def a_release_chunk(stage: Stage, adapters: Adapters) -> Walk:
    found = settle_reported(adapters, [a_reported_machine()])
    with walked("release_readings") as walk:
        run = release(stage, seen(*found))
    assert run["released"] == 2
    return walk


def a_request_mail(stage: Stage, adapters: Adapters) -> Walk:
    a_company(adapters, 1)
    plan(stage, start(stage))
    with walked("send_mail") as walk:
        stage.drain()
    assert len(stage.mails()) == 1
    return walk


@pytest.mark.parametrize("way", [a_submitted_reading, a_release_chunk, a_request_mail])
def test_a_way_passes_as_many_files_as_the_document_says(
    stage: Stage, adapters: Adapters, way: Callable[[Stage, Adapters], Walk]
) -> None:
    walk = way(stage, adapters)
    name = way.__name__.replace("_", " ")
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| {name} \|.*\| (\d+) files, (\d+) arrows \|$", page, re.MULTILINE)
    assert row, name
    counted = len(walk.files), len(walk.arrows)
    for now, told in zip(counted, map(int, row.groups()), strict=True):
        assert abs(now - told) <= _SLACK, f"{name}: {counted}"
