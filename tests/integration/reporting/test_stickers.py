"""Stickers: one a machine, with a code that leads back to its card and opens nothing by itself."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
import segno
from meterportal import qr
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.machines import Location

from tests.support.builders import a_contract, a_holding, a_machine
from tests.support.customers import signed_in
from tests.support.stage import PUBLIC_URL, Stage
from tests.support.wire import counted


def modules(path: str, size: int) -> list[str]:
    """The drawing as rows of ones and zeros."""
    square = [["0"] * size for _ in range(size)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path):
        for place in range(int(x), int(x) + int(width)):
            square[int(y)][place] = "1"
    assert re.fullmatch(r"(M\d+ \d+h(\d+)v1h-\2z)+", path)
    return ["".join(row) for row in square]


def test_a_sticker_bears_a_code_of_its_machine_s_address(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    (sticker,) = stage.customer("GET", "/api/stickers").json["stickers"]
    path, size = sticker.pop("path"), sticker.pop("size")
    assert sticker == {
        "machine_id": "200001",
        "serial": "SN200001",
        "model": "IM C3000",
        "customer_no": "K-1",
        "location": {"site": "Zentrale", "building": "A", "floor": "EG", "room": "101"},
        "url": f"{PUBLIC_URL}/#m=200001",
    }
    expected = segno.make(sticker["url"], error="m", micro=False, boost_error=False)
    border = ["0" * size] * 4
    rows = ["0000" + "".join(map(str, row)) + "0000" for row in expected.matrix]
    assert modules(path, size) == [*border, *rows, *border]
    assert expected.error == "M"


def test_a_number_of_any_letters_stands_in_the_address_safely(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters, a_holding(machines=[a_machine("Gerät-7_b")]))
    (sticker,) = stage.customer("GET", "/api/stickers").json["stickers"]
    assert sticker["url"] == f"{PUBLIC_URL}/#m={quote('Gerät-7_b')}"


def test_stickers_come_page_by_page_in_walking_order(stage: Stage, adapters: Adapters) -> None:
    machines = [
        a_machine(str(200_001 + n), location=Location("Zentrale", "A", "EG", str(9 - n)))
        for n in range(5)
    ]
    foreign = a_machine("200009", contract_id="70002")
    contracts = [a_contract("70001"), a_contract("70002", reporters=("5009",))]
    signed_in(stage, adapters, a_holding(contracts=contracts, machines=[*machines, foreign]))
    seen: list[str] = []
    cursor = ""
    while True:
        page = stage.customer("GET", f"/api/stickers?limit=2{cursor}").json
        assert len(page["stickers"]) <= 2
        seen += [sticker["machine_id"] for sticker in page["stickers"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ["200005", "200004", "200003", "200002", "200001"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=forged"])
def test_a_page_that_does_not_exist_is_refused(
    stage: Stage, adapters: Adapters, query: str
) -> None:
    signed_in(stage, adapters)
    refused = stage.customer("GET", f"/api/stickers?{query}")
    assert (refused.status, refused.json["code"]) == (400, "bad_page")


def test_the_overview_s_cursor_opens_no_page_of_stickers(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters, a_holding(machines=[a_machine("200001"), a_machine("200002")]))
    cursor = stage.customer("GET", "/api/machines?limit=1").json["next_cursor"]
    assert stage.customer("GET", f"/api/stickers?cursor={cursor}").status == 400


def test_without_a_session_there_are_no_stickers(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    stage.cookies.clear()
    assert stage.customer("GET", "/api/stickers").status == 401


@pytest.mark.parametrize("path", ["/api/stickers", "/api/fleet.xlsx", "/api/fleet.csv"])
def test_a_print_or_sheet_of_the_fleet_takes_three_requests(
    stage: Stage, adapters: Adapters, path: str
) -> None:
    signed_in(stage, adapters, a_holding(machines=[a_machine(str(200_001 + n)) for n in range(20)]))
    with counted(adapters.table._client) as requests:
        assert stage.customer("GET", path).status == 200
    assert dict(requests) == {
        "dynamodb.GetItem": 1,
        "dynamodb.BatchGetItem": 1,
        "dynamodb.Query": 1,
    }


def test_a_drawing_stays_small() -> None:
    drawing = qr.draw("https://zaehler.buerotechnik-beispiel.example/#m=200001")
    assert drawing.size == 41
    assert len(drawing.path) < 5_000
