"""Values as items hold them: whole, and by the parts of a list."""

from __future__ import annotations

import json

from meterportal.store.packing import packed, unpacked, unpacked_parts

LINES = [{"id": 'a,"]', "value": 12}, {"id": "Ü [", "reset": {"end": [1, 2]}}, {}]


def test_the_parts_of_a_list_come_with_the_json_that_stands_there() -> None:
    values, texts = zip(*unpacked_parts(packed(LINES)), strict=True)
    assert [*values] == LINES == unpacked(packed(LINES))
    assert [*texts] == ['{"id":"a,\\"]","value":12}', '{"id":"Ü [","reset":{"end":[1,2]}}', "{}"]
    assert [*unpacked_parts(packed([]))] == []


def test_a_list_of_an_earlier_version_comes_in_the_same_parts() -> None:
    assert [*unpacked_parts(json.dumps(LINES))] == [*unpacked_parts(packed(LINES))]
