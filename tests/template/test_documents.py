"""What the documents name is there, and each concept, row and decision stands once."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from infra.local.template import ROOT

DOCS = ROOT / "docs"
PACKAGE = ROOT / "layers" / "shared" / "meterportal"
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
PAGES = [*sorted(DOCS.glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DECISIONS]


def rows(page: Path) -> list[list[str]]:
    """The cells of a page's tables, without headings."""
    lines = page.read_text(encoding="utf-8").splitlines()
    cells = [[c.strip() for c in line.strip("|").split(" | ")] for line in lines if line[:1] == "|"]
    return [row for row in cells if not set("".join(row)) <= set("- |")]


def test_the_glossary_has_each_word_once_in_order_and_its_places_are_there() -> None:
    _, *entries = rows(DOCS / "glossary.md")
    words = [word for word, *_ in entries]
    assert len(entries) > 30
    assert words == sorted(set(words), key=str.casefold)
    for _, german, meaning, place in entries:
        assert german
        assert meaning
        shown, target = re.fullmatch(r"\[(.+)\]\((.+)\)", place.strip(" |")).groups()  # type: ignore[union-attr]
        assert (DOCS / target).is_file(), place
        assert target in {f"../{shown}", f"../layers/shared/meterportal/{shown}"}, place


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_modules_that_a_document_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:\w+/)+\w+\.(?:py|toml|js|yaml))`", text):
        found = any(
            (base / name).is_file()
            for base in (ROOT, PACKAGE, PACKAGE.parent, ROOT / "static_site")
        )
        assert found or name.startswith("config/"), f"{page.name}: {name}"  # of the import bucket


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


QUESTIONS = (
    "a value is plausible",
    "bounces",
    "may release",
    "column of the ERP",
    "mail's button open",
)


def test_a_newcomer_s_five_questions_lead_into_the_code() -> None:
    """From the README to the section, and from there to the module: three clicks at most."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "](docs/architecture.md#five-questions)" in readme
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    _, _, rest = page.partition("\n## Five questions\n")
    answers = [line for line in rest.partition("\n## ")[0].splitlines() if line[:2] == "- "]
    assert len(answers) == len(QUESTIONS)
    for question, answer in zip(QUESTIONS, answers, strict=True):
        asked, _, told = answer.partition("?**")
        assert question in asked
        targets = re.findall(r"\]\(\.\./([^)]+)\)", told)
        assert targets
        assert all((ROOT / target).is_file() for target in targets)


def test_decisions_are_numbered_without_a_gap_and_listed() -> None:
    listed = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    for number, path in enumerate(DECISIONS, 1):
        text = path.read_text(encoding="utf-8")
        assert path.name.startswith(f"{number:04d}-")
        assert text.startswith(f"# {number:04d}. ")
        assert re.search(r"^- Status: (accepted|superseded by \d{4})", text, re.MULTILINE)
        assert re.search(r"^- Date: \d{4}-\d\d-\d\d$", text, re.MULTILINE)
        assert f"]({path.name})" in listed


def test_every_item_and_every_access_pattern_of_the_data_model_stands_once() -> None:
    _, *others = rows(DOCS / "data-model.md")
    start = next(n for n, row in enumerate(others) if row[0] == "who wants what")
    items, patterns = others[:start], others[start + 1 :]
    named, partition = Counter[tuple[str, str]](), ""
    for first, second, *_ in items:
        partition = first.strip("| ") or partition
        named[partition, second] += 1
    assert len(named) > 30
    assert [item for item, count in named.items() if count > 1] == []
    wanted = Counter(row[0] for row in patterns)
    assert len(wanted) > 40
    assert [who for who, count in wanted.items() if count > 1] == []


def test_what_the_data_model_counts_is_counted_in_tests_that_are_there() -> None:
    there = {path.stem for path in (ROOT / "tests" / "integration").rglob("test_*.py")}
    *_, patterns = (DOCS / "data-model.md").read_text(encoding="utf-8").partition("| who wants")
    counted = re.findall(r"`(test_\w+)`", patterns)
    assert len(counted) > 40
    assert sorted(set(counted) - there) == []
