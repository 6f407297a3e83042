"""Staff set the tolerances of the plausibility check; every change is kept, none is lost."""

from __future__ import annotations

from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.store import keys
from meterportal.store.plausibility import tolerances
from meterportal.store.writes import Write

from tests.support.customers import before_the_next_write, everything
from tests.support.interleaving import every_order, unconditional
from tests.support.stage import Answer, Stage

PATH = "/api/staff/tolerances"
NOTHING = {"ceiling": None, "width": None, "quiet_pages": None}
SOME = {
    "dealer": {"ceiling": 4, "width": 1.5, "quiet_pages": 50},
    "families": {"bizhub C": {"width": 0.8}},
    "kinds": {"COLOUR": {"quiet_pages": 0}},
    "contracts": {"70001": {"ceiling": 2.5}},
}


def get(stage: Stage, **more: Any) -> dict[str, Any]:
    answer = stage.staff("GET", PATH, **more)
    assert answer.status == 200, answer.text
    told: dict[str, Any] = answer.json
    return told


def put(stage: Stage, version: Any = 0, **body: Any) -> Answer:
    return stage.staff("PUT", PATH, {"version": version, **body})


def test_before_anybody_sets_any_the_usual_ones_hold(stage: Stage, adapters: Adapters) -> None:
    assert get(stage) == {
        "version": 0,
        "dealer": NOTHING,
        "families": {},
        "kinds": {},
        "contracts": {},
        "usual": {"ceiling": 3.0, "width": 1.0, "quiet_pages": 20},
        "changes": [],
    }


def test_what_is_set_stands_there_with_who_and_when(stage: Stage, adapters: Adapters) -> None:
    told = put(stage, **SOME)
    assert (told.status, told.json) == (200, get(stage))
    assert told.json["version"] == 1
    assert told.json["dealer"] == {"ceiling": 4, "width": 1.5, "quiet_pages": 50}
    assert told.json["families"] == {"bizhub C": NOTHING | {"width": 0.8}}
    assert told.json["kinds"] == {"COLOUR": NOTHING | {"quiet_pages": 0}}
    assert told.json["contracts"] == {"70001": NOTHING | {"ceiling": 2.5}}
    second = put(stage, 1, dealer={"ceiling": 5}).json
    assert (second["version"], second["families"]) == (2, {})
    assert second["dealer"] == NOTHING | {"ceiling": 5}
    assert [(change["version"], change["by"]) for change in second["changes"]] == [
        (2, "staff-1"),
        (1, "staff-1"),
    ]
    rows = list(adapters.table.query("TOLERANCES", begins="HISTORY#"))
    assert '"bizhub C"' in rows[0]["body"]
    assert rows[1]["body"] == adapters.table.get(*keys.tolerances())["body"]  # type: ignore[index]


def test_what_was_told_can_be_sent_back_as_it_is(stage: Stage, adapters: Adapters) -> None:
    told = put(stage, **SOME).json
    before = everything(adapters)
    again = put(stage, **told)
    assert (again.status, again.json) == (200, told)
    assert everything(adapters) == before


def test_a_stale_version_is_refused_with_the_one_that_stands_there(
    stage: Stage, adapters: Adapters
) -> None:
    put(stage, dealer={"ceiling": 4})
    before = everything(adapters)
    for version in (0, 2, 7, -1):
        refused = put(stage, version, dealer={"ceiling": 9})
        assert (refused.status, refused.json["code"]) == (412, "changed_meanwhile")
        assert (refused.json["version"], refused.json["field"]) == (1, "version")
        assert "Toleranzen" in refused.json["detail"]
    assert everything(adapters) == before


def test_of_two_changes_at_once_one_is_refused(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_the_next_write(monkeypatch, adapters, lambda: put(stage, dealer={"ceiling": 7}))
    refused = put(stage, dealer={"ceiling": 9})
    assert (refused.status, refused.json["version"]) == (412, 1)
    assert get(stage)["dealer"]["ceiling"] == 7


@pytest.mark.parametrize("conditions", [True, False], ids=["as it is", "without conditions"])
def test_no_change_is_overwritten_unseen(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, *, conditions: bool
) -> None:
    """In every order of two members of staff' calls: whoever was told 200 stands in the history."""
    if not conditions:
        unconditional(monkeypatch, adapters.table)
    answers: dict[str, int] = {}
    version = 0

    def setting(ceiling: int) -> Any:
        def act() -> None:
            answers[str(ceiling)] = put(stage, version, dealer={"ceiling": ceiling}).status

        return act

    def scene(number: int) -> Any:
        nonlocal version
        version = tolerances.load(adapters.table).version
        return setting(2 + number % 40), setting(50 + number % 40)

    lost = []
    for _, order in every_order(scene, matters=lambda name, _: "Get" in name or "Trans" in name):
        stored = tolerances.load(adapters.table)
        if sorted(answers.values()) != [200, 412] or stored.version != version + 1:
            lost.append(order)
        answers.clear()
    assert bool(lost) is not conditions


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"dealer": {"ceiling": 0.9}}, "dealer.ceiling", "1 bis 100"),
        ({"dealer": {"ceiling": 100.5}}, "dealer.ceiling", "1 bis 100"),
        ({"dealer": {"ceiling": "3"}}, "dealer.ceiling", "Zahl"),
        ({"dealer": {"ceiling": True}}, "dealer.ceiling", "Zahl"),
        ({"dealer": {"width": 0.1}}, "dealer.width", "0,2 bis 10"),
        ({"dealer": {"width": 10.1}}, "dealer.width", "0,2 bis 10"),
        ({"dealer": {"quiet_pages": -1}}, "dealer.quiet_pages", "100.000"),
        ({"dealer": {"quiet_pages": 100_001}}, "dealer.quiet_pages", "100.000"),
        ({"dealer": {"quiet_pages": 5.0}}, "dealer.quiet_pages", "ganzen Zahl"),
        ({"dealer": {"quiet_pages": [5]}}, "dealer.quiet_pages", "ganzen Zahl"),
        ({"families": {"  ": {"width": 1}}}, "families", "64"),
        ({"families": {"": {"width": 1}}}, "families", "64"),
        ({"families": {"x" * 65: {"width": 1}}}, "families", "64"),
        ({"families": {"a\u202eb": {"width": 1}}}, "families", "lesbaren"),
        ({"families": {"IM C": {"width": 1}, "im  c": {"width": 2}}}, "families.im  c", "mehrmals"),
        ({"families": {str(n): {"width": 1} for n in range(101)}}, "families", "100"),
        ({"families": {"IM": {"width": 11}}}, "families.IM.width", "0,2 bis 10"),
        ({"kinds": {"FAX": {"width": 1}}}, "kinds", "BW, COLOUR, SCAN, TOTAL"),
        ({"kinds": {"BW": {"ceiling": 0}}}, "kinds.BW.ceiling", "1 bis 100"),
        ({"contracts": {" ": {"width": 1}}}, "contracts", "64"),
        ({"contracts": {"7" * 65: {"width": 1}}}, "contracts", "64"),
        ({"contracts": {str(n): {"width": 1} for n in range(501)}}, "contracts", "500"),
        ({"dealer": {"hoehe": 1}}, "dealer.hoehe", "unbekannt"),
        ({"dealer": None}, "dealer", ""),
        ({"families": []}, "families", ""),
        ({"machines": {}}, "machines", "unbekannt"),
        ({"version": "1"}, "version", "ganze Zahl"),
        ({"version": True}, "version", "ganze Zahl"),
    ],
)
def test_what_is_out_of_bounds_is_refused_in_words(
    stage: Stage, adapters: Adapters, body: dict[str, Any], field: str, words: str
) -> None:
    before = everything(adapters)
    refused = stage.staff("PUT", PATH, {"version": 0} | body)
    assert (refused.status, refused.json["field"]) == (422, field), refused.text
    assert words in refused.json["detail"]
    assert everything(adapters) == before


def test_numbers_that_are_none_and_a_missing_version_are_refused(
    stage: Stage, adapters: Adapters
) -> None:
    for text in (
        '{"version":0,"dealer":{"width":NaN}}',
        '{"version":0,"dealer":{"width":1,"width":2}}',
    ):
        assert stage.staff("PUT", PATH, text).status == 400
    huge = stage.staff("PUT", PATH, '{"version":0,"dealer":{"ceiling":1e999}}')
    assert (huge.status, huge.json["code"]) == (422, "ceiling_refused")
    unseen = stage.staff("PUT", PATH, {"dealer": {}})
    assert (unseen.status, unseen.json["code"]) == (422, "version_missing")
    english = stage.staff("PUT", PATH, {"version": 0, "dealer": {"width": 99}}, language="en")
    assert "0.2 to 10" in english.json["detail"]


def test_the_bounds_themselves_and_unknown_contracts_are_taken(
    stage: Stage, adapters: Adapters
) -> None:
    most = {
        "families": {f"Modell {n}": {"width": 10} for n in range(100)},
        "contracts": {f"{n}": {"ceiling": 100, "quiet_pages": 100_000} for n in range(500)},
        "kinds": {"SCAN": {"width": 0.2, "ceiling": 1}},
    }
    told = put(stage, **most)
    assert told.status == 200
    assert len(told.json["contracts"]) == 500
    item = adapters.table.get(*keys.tolerances())
    assert item is not None
    assert len(item["body"]) < 40_000
    emptied = put(stage, 1, families={"IM C": {}}, contracts={"70001": NOTHING}).json
    assert (emptied["families"], emptied["contracts"]) == ({}, {})


def test_reading_takes_any_group_and_setting_takes_admin(stage: Stage, adapters: Adapters) -> None:
    for group in ("read", "remind", "release"):
        assert get(stage, groups=group)["version"] == 0
        assert stage.staff("PUT", PATH, {"version": 0}, groups=group).status == 403
    assert stage.staff("GET", PATH, groups="guests").status == 403


def test_an_item_that_cannot_be_read_means_the_usual_ones_and_can_be_set_anew(
    stage: Stage, adapters: Adapters
) -> None:
    put(stage, dealer={"ceiling": 4})
    for body in ("{", "[1]", '{"dealer": {"ceiling": 1000}}', '{"dealer": 7}', '{"kinds": [1]}'):
        adapters.table.write(
            Write(key=keys.tolerances(), update="SET #body = :body", values={"body": body})
        )
        told = get(stage)
        assert (told["version"], told["dealer"]) == (1, NOTHING), body
    assert put(stage, 1, dealer={"ceiling": 5}).json["dealer"]["ceiling"] == 5
