"""Units by AWS's published rule, which all counted costs go by."""

from __future__ import annotations

import base64

import pytest

from tests.support.units import read_units, weight, write_units


@pytest.mark.parametrize(
    ("item", "bytes_"),
    [
        ({"pk": {"S": "ä"}}, 4),
        ({"n": {"N": "1234"}}, 4),
        ({"n": {"N": "-7"}}, 4),
        ({"b": {"B": base64.b64encode(b"12345").decode()}}, 6),
        ({"b": {"BOOL": True}, "z": {"NULL": True}}, 4),
        ({"s": {"SS": ["ab", "c"]}}, 4),
        ({"l": {"L": [{"S": "ab"}]}}, 7),
        ({"m": {"M": {"k": {"S": "v"}}}}, 7),
    ],
)
def test_an_item_weighs_its_names_and_values(
    item: dict[str, dict[str, object]], bytes_: int
) -> None:
    assert weight(item) == bytes_


def test_units_are_rounded_up_and_never_none() -> None:
    assert [write_units(n) for n in (0, 1, 1024, 1025)] == [1, 1, 1, 2]
    assert [read_units(n) for n in (0, 4096, 4097)] == [1, 1, 2]
    assert read_units(4097, consistent=False) == 1
