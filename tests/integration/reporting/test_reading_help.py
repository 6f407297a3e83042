"""Reading instructions through the front doors: the contact reads, the dealer writes."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.machines import MeterKind
from meterportal.store import keys
from meterportal.store.writes import Write

from tests.support.builders import a_contact, a_holding, a_machine, a_meter
from tests.support.customers import signed_in
from tests.support.interleaving import every_order
from tests.support.stage import Answer, Stage

TEXT = {
    "title": "So geht es bei uns",
    "steps": ["Eins", "Zwei"],
    "picture": "counter-key",
    "meters": {},
}
LABELLED = "Am Gerät heißt dieser Zähler „Drucke gesamt S/W“."


def help_of(stage: Stage, language: str = "de", machine_id: str = "200001") -> dict[str, Any]:
    answer = stage.customer("GET", f"/api/machines/{machine_id}/help", language=language)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def wheres(stage: Stage, language: str = "de") -> list[str]:
    """Where the numbers of the machine's meters stand, in the machine's order."""
    return [meter["where"] for meter in help_of(stage, language)["meters"]]


def write(
    stage: Stage, model: str, languages: Any, version: int = 0, groups: str = "admin"
) -> Answer:
    body = {"languages": languages, "version": version}
    return stage.staff("PUT", f"/api/staff/help/{quote(model)}", body, groups=groups)


def test_the_contact_sees_the_family_s_page_and_each_meter_s_place(
    stage: Stage, adapters: Adapters
) -> None:
    machine = a_machine(meters=(a_meter(), a_meter("2", billable=False)))
    signed_in(stage, adapters, a_holding(machines=[machine]))
    found = help_of(stage)
    assert (found["maker"], found["model"], found["match"]) == ("Ricoh", "IM C3000", "family")
    assert found["title"] == "Zähler am Ricoh IM ablesen"
    assert 1 <= len(found["steps"]) <= 12
    assert found["picture"]["src"] == "/help/touch-menu.svg"
    assert found["picture"]["alt"].startswith("Zeichnung")
    (meter,) = found["meters"]  # only what is billed
    assert (meter["id"], meter["display_label"]) == ("1", "Drucke gesamt S/W")
    assert "„Drucke gesamt S/W“" in meter["where"]
    assert help_of(stage, "en")["title"] == "Reading the counters of a Ricoh IM"


def test_without_a_wish_the_contact_s_own_language_is_spoken(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters, a_holding(contacts=[a_contact(language="en")]))
    assert help_of(stage, "fr")["title"] == "Reading the counters of a Ricoh IM"


def test_an_unknown_machine_gets_the_general_page(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters, a_holding(machines=[a_machine(maker="", model="")]))
    assert help_of(stage)["match"] == "general"


def test_a_dealer_s_page_is_shown_and_can_be_taken_back(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    shipped = help_of(stage)
    shown = stage.staff("GET", "/api/staff/help/IM%20C3000").json
    assert (shown["version"], shown["languages"]) == (0, {"de": None, "en": None})
    assert shown["without"]["de"]["from"] == "IM"
    answer = write(stage, "im  c3000", {"de": TEXT})
    assert (answer.status, answer.json["version"], answer.json["by"]) == (200, 1, "staff-1")
    assert answer.json["languages"] == {"de": TEXT, "en": None}
    own = help_of(stage)
    assert (own["match"], own["title"], own["steps"]) == ("model", TEXT["title"], TEXT["steps"])
    assert own["picture"]["src"] == "/help/counter-key.svg"
    assert help_of(stage, "en")["match"] == "family"  # not written in English
    assert write(stage, "IM C3000", {"de": None}, version=1).json["version"] == 2
    assert help_of(stage) == shipped


def test_a_family_s_page_covers_its_models_and_names_without_a_picture(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    assert write(stage, "IM", {"de": {**TEXT, "picture": None}}).status == 200
    found = help_of(stage)
    assert (found["match"], found["title"], found["picture"]) == ("family", TEXT["title"], None)


def test_the_name_may_come_encoded_or_not(stage: Stage, adapters: Adapters) -> None:
    assert write(stage, "imageRUNNER ADVANCE DX", {"de": TEXT}).status == 200
    for path in ("imageRUNNER%20ADVANCE%20DX", "imageRUNNER ADVANCE DX"):
        assert stage.staff("GET", f"/api/staff/help/{path}").json["version"] == 1


def test_the_list_names_what_is_shipped_and_what_was_added(stage: Stage) -> None:
    assert write(stage, "ricoh", {"de": TEXT}).status == 200
    assert write(stage, "WorkCentre 5330", {"de": TEXT, "en": TEXT}).status == 200
    told = stage.staff("GET", "/api/staff/help", groups="read").json
    pages = {page["model"]: page for page in told["pages"]}
    assert pages["general"]["match"] == "general"
    assert (pages["Ricoh"]["version"], pages["Ricoh"]["languages"]) == (1, ["de"])
    assert (pages["IM"]["maker"], pages["IM"]["version"]) == ("Ricoh", 0)
    added = pages["WorkCentre 5330"]
    assert (added["shipped"], added["languages"]) == (False, ["de", "en"])
    assert {picture["name"] for picture in told["pictures"]} >= {"counter-key", "printed-list"}


def test_two_editors_do_not_overwrite_each_other(stage: Stage, adapters: Adapters) -> None:
    assert write(stage, "IM", {"de": TEXT}).status == 200
    stale = write(stage, "IM", {"de": {**TEXT, "title": "So geht es bei mir"}})
    assert (stale.status, stale.json["code"], stale.json["version"]) == (412, "help_changed", 1)
    assert stale.json["field"] == "version"
    ahead = write(stage, "MX", {"de": TEXT}, version=3)
    assert (ahead.status, ahead.json["version"]) == (412, 0)


def test_a_page_that_is_sent_again_is_the_same_page(stage: Stage, adapters: Adapters) -> None:
    """The answer to the first time may have got lost."""
    first = write(stage, "IM", {"de": TEXT})
    again = write(stage, "IM", {"de": TEXT})
    assert (again.status, again.json) == (200, first.json)
    assert again.json["version"] == 1


def test_of_two_editors_at_once_exactly_one_wins(stage: Stage, adapters: Adapters) -> None:
    def scene(number: int) -> Any:
        def editor(title: str) -> Any:
            return lambda: answers.append(
                write(stage, f"M{number}", {"de": {**TEXT, "title": title}}).status
            )

        answers.clear()
        return editor("a"), editor("b")

    answers: list[int] = []
    orders = 0
    for _ in every_order(
        scene, matters=lambda operation, _: operation in {"TransactWriteItems", "GetItem"}
    ):
        assert sorted(answers) == [200, 412]
        orders += 1
    assert orders >= 2


@pytest.mark.parametrize(
    ("languages", "field", "code"),
    [
        ({"fr": TEXT}, "languages", "language_unknown"),
        ({"de": {**TEXT, "steps": []}}, "languages.de.steps", "steps_refused"),
        ({"de": {**TEXT, "steps": ["x"] * 101}}, "languages.de.steps", "invalid"),
        ({"de": {**TEXT, "steps": "x"}}, "languages.de.steps", "invalid"),
        ({"de": {**TEXT, "more": 1}}, "languages.de.more", "invalid"),
        ({"de": {**TEXT, "title": "<script>"}}, "languages.de.title", "markup_refused"),
        ({"de": {**TEXT, "picture": "x"}}, "languages.de.picture", "picture_unknown"),
        ({"de": {**TEXT, "meters": {"FAX": "x"}}}, "languages.de.meters.FAX", "meter_kind_unknown"),
        ({"de": {**TEXT, "meters": {"BW": ""}}}, "languages.de.meters.BW", "text_refused"),
        ({"de": {**TEXT, "meters": {"BW": "x" * 301}}}, "languages.de.meters.BW", "text_refused"),
        ({"de": {**TEXT, "meters": {"BW": "a\nb"}}}, "languages.de.meters.BW", "text_refused"),
        (
            {"de": {**TEXT, "meters": {"SCAN": "<i>x"}}},
            "languages.de.meters.SCAN",
            "markup_refused",
        ),
        ({"de": {**TEXT, "meters": {"BW": 7}}}, "languages.de.meters.BW", "invalid"),
        ({"de": {**TEXT, "meters": {"BW": ["x"]}}}, "languages.de.meters.BW", "invalid"),
        ({"de": {**TEXT, "meters": ["BW"]}}, "languages.de.meters", "invalid"),
        ({"de": {**TEXT, "meters": "BW"}}, "languages.de.meters", "invalid"),
        (
            {"de": {**TEXT, "meters": {f"K{number}": "x" for number in range(11)}}},
            "languages.de.meters",
            "invalid",
        ),
        ([], "languages", "invalid"),
    ],
)
def test_bad_pages_are_refused_by_field(
    stage: Stage, languages: Any, field: str, code: str
) -> None:
    answer = write(stage, "IM", languages)
    assert (answer.status, answer.json["field"], answer.json["code"]) == (422, field, code)


def test_a_dealer_s_sentence_about_a_meter_is_what_contacts_read(
    stage: Stage, adapters: Adapters
) -> None:
    unnamed = a_meter("2", kind=MeterKind.COLOUR, display_label="")
    signed_in(stage, adapters, a_holding(machines=[a_machine(meters=(a_meter(), unnamed))]))
    built = wheres(stage)
    told = stage.staff("GET", "/api/staff/help/IM%20C3000").json["without"]["de"]["meters"]
    assert set(told) == {"BW", "COLOUR", "SCAN", "TOTAL"}
    assert told["COLOUR"] == built[1]

    meters = {"BW": "Die zweite Zeile.", "COLOUR": "Die dritte Zeile.", "SCAN": None}
    answer = write(stage, "IM C3000", {"de": {**TEXT, "meters": meters}})
    kept = {"BW": "Die zweite Zeile.", "COLOUR": "Die dritte Zeile."}
    assert (answer.status, answer.json["languages"]["de"]["meters"]) == (200, kept)
    assert answer.json["without"]["de"]["meters"] == told
    again = stage.staff("GET", "/api/staff/help/IM%20C3000").json
    assert again["languages"]["de"]["meters"] == kept
    assert wheres(stage) == [f"{LABELLED} Die zweite Zeile.", "Die dritte Zeile."]
    assert wheres(stage, "en")[1] == (
        "On the machine it is mostly called “Colour”, “Full colour” or “Color”. "
        "It counts all pages printed and copied in colour."
    )
    assert write(stage, "IM C3000", {"de": {**TEXT, "meters": None}}, version=1).status == 200
    assert wheres(stage) == built


def test_a_sentence_of_the_family_s_page_reaches_models_whose_page_has_none(
    stage: Stage, adapters: Adapters
) -> None:
    unnamed = a_meter("2", kind=MeterKind.COLOUR, display_label="")
    signed_in(stage, adapters, a_holding(machines=[a_machine(meters=(a_meter(), unnamed))]))
    family = {"BW": "Reihe S/W.", "COLOUR": "Reihe Farbe."}
    assert write(stage, "IM", {"de": {**TEXT, "meters": family}}).status == 200
    assert wheres(stage) == [f"{LABELLED} Reihe S/W.", "Reihe Farbe."]
    model = {**TEXT, "title": "Modell", "meters": {"BW": "Modell S/W."}}
    answer = write(stage, "IM C3000", {"de": model})
    assert answer.json["without"]["de"]["meters"]["COLOUR"] == "Reihe Farbe."
    assert answer.json["without"]["en"]["meters"]["COLOUR"] != "Reihe Farbe."
    assert help_of(stage)["title"] == "Modell"
    assert wheres(stage) == [f"{LABELLED} Modell S/W.", "Reihe Farbe."]


def test_a_page_stored_before_there_were_sentences_still_shows(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    built = wheres(stage)
    assert write(stage, "IM C3000", {"de": TEXT}).status == 200
    without_part = Write(
        key=keys.help_page("im c3000"),
        update="REMOVE #texts.#de.#meters",
        names={"#texts": "texts", "#de": "de", "#meters": "meters"},
    )
    adapters.table.write(without_part)
    stored = adapters.table.get(*keys.help_page("im c3000"))
    assert stored is not None
    assert set(stored["texts"]["de"]) == {"title", "steps", "picture"}
    assert help_of(stage)["title"] == TEXT["title"]
    assert wheres(stage) == built
    shown = stage.staff("GET", "/api/staff/help/IM%20C3000").json
    assert shown["languages"]["de"] == TEXT
    old_page = {part: text for part, text in TEXT.items() if part != "meters"}
    assert write(stage, "IM C3000", {"de": old_page}, version=1).status == 200


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("x" * 81, (422, "model")),
        ("%20", (422, "model")),
        ("a%0Ab", (404, None)),  # the path comes decoded, and no route takes what is not printable
        ("a%1Bb", (404, None)),
    ],
)
def test_a_name_that_is_none_is_refused(
    stage: Stage, name: str, refusal: tuple[int, str | None]
) -> None:
    answer = stage.staff("GET", f"/api/staff/help/{name}")
    assert (answer.status, answer.json["field"]) == refusal


def test_only_administrators_write(stage: Stage) -> None:
    assert write(stage, "IM", {"de": TEXT}, groups="read remind release").status == 403
    assert stage.staff("GET", "/api/staff/help/IM", groups="read").status == 200
