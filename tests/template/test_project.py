"""The project's own promises: documented commands, what tests may do."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import settings

from infra.local.template import ROOT
from tests.template.reading import TEMPLATE

TARGETS = set(
    re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
)
PAGES = [
    *sorted(ROOT.glob("*.md")),
    ROOT / ".ci" / "run",
    *sorted((ROOT / "docs").glob("*.md")),
]
HOOKS = ROOT / ".pre-commit-config.yaml"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_documented_command_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    code = re.findall(r"^(?:\$ )?make ([a-z][a-z-]*)", text, re.MULTILINE)
    code += re.findall(r"`[^`\n]*?\bmake ([a-z][a-z-]*)[^`\n]*`", text)
    assert set(code) <= TARGETS


def test_every_target_is_described() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.findall(r"^\.PHONY: (\S+)", text, re.MULTILINE))
    assert phony == TARGETS
    for target in phony:
        assert re.search(rf"^{target}:.*## \S", text, re.MULTILINE), target


def test_ci_runs_what_the_readme_says() -> None:
    assert "make check" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make check" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_readme_begins_with_the_two_commands_of_a_newcomer() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^make ([a-z-]+) +# shows \S", text, re.MULTILINE) == ["run", "check"]
    assert text.startswith("# Meterportal\n\n```\nmake run ")


def test_commits_are_held_to_targets_of_the_makefile() -> None:
    hooks = hooks_of(yaml.safe_load(HOOKS.read_text(encoding="utf-8")))
    assert hooks
    for hook in hooks:
        program, target, *_ = hook["entry"].split()
        assert (program, target in TARGETS) == ("make", True), hook["id"]


def test_make_hooks_installs_every_stage_that_a_hook_names() -> None:
    document = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    default = document["default_stages"]
    stages = {stage for hook in hooks_of(document) for stage in hook.get("stages", default)}
    assert {"pre-commit", "pre-push"} <= stages
    assert set(document["default_install_hook_types"]) == stages
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert (
        "\n\t.venv-pins/bin/pre-commit install\n" in makefile
    )  # another type would be its argument


def hooks_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [hook for repo in document["repos"] for hook in repo["hooks"]]


def test_the_runbook_names_what_there_is() -> None:
    text = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    document = TEMPLATE.document
    known = {*document["Resources"], *document["Parameters"], *document["Outputs"]}
    named = set(
        re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)*(?:DeadLetters|Queue|Secret|Name)\b", text)
    )
    assert len(named) > 4
    assert named <= known


def test_examples_have_no_deadline_and_say_how_they_fail_again() -> None:
    assert settings.default is not None
    assert settings.default.deadline is None
    assert settings.default.print_blob
    for path in {*(ROOT / "tests").rglob("test_*.py")} - {Path(__file__)}:
        assert "deadline=timedelta" not in path.read_text(encoding="utf-8"), path


def test_no_test_asks_what_time_it_is() -> None:
    """The application's clock in tests is tests/support/clock.py; only a real stack lives on a real one."""
    clocks = re.compile(r"\b(datetime\.(utc)?now|date\.today|time\.time)\(")
    for folder in ("unit", "integration", "template", "e2e"):
        for path in (ROOT / "tests" / folder).rglob("*.py"):
            found = clocks.search(path.read_text(encoding="utf-8"))
            assert found is None, f"{path}: {found}"


def test_no_archive_made_in_a_test_carries_the_clock() -> None:
    """zipfile writes the time of day beside a mere name; a ZipInfo has none."""
    clocks = re.compile(r"\.writestr\(\s*f?[\"']")
    for path in (ROOT / "tests").rglob("*.py"):
        assert not clocks.search(path.read_text(encoding="utf-8")), path


MOMENTS = {"portal/outbox.js", "portal/receipt.js"}
"""Where a page writes down the moment at which something was done on the device."""


def test_no_page_asks_the_device_what_day_it_is() -> None:
    """The server's business day comes with its answers; what passes is measured by Date.now()."""
    asks = re.compile(r"new Date(?!\w)(?!\s*\()|new Date\(\s*\)|\bDate\(\s*\)|new Date\(Date\.now")
    site = ROOT / "static_site"
    found = {
        path.relative_to(site).as_posix()
        for path in site.rglob("*.js")
        if asks.search(path.read_text(encoding="utf-8"))
    }
    assert found == MOMENTS


def test_each_browser_test_has_customers_of_its_own() -> None:
    """All browser tests of a worker share one application, so they must not share a company: none of
    its number and, where a test finds it by its name, none of its name.

    Their companies have numbers from 18000 to 29999 (tests/e2e/customers.py).
    """
    demo = (ROOT / "infra" / "local" / "demo" / "firmen.csv").read_text(encoding="cp1252")
    owners: dict[int | str, set[str]] = {}
    for path in (ROOT / "tests" / "e2e").glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            number = node.value if isinstance(node, ast.Constant) else None
            if type(number) is int and 18_000 <= number < 30_000:
                owners.setdefault(number, set()).add(path.name)
            word = node.value if isinstance(node, ast.keyword) and node.arg == "name" else None
            name = str(word.value) if isinstance(word, ast.Constant) else ""
            if name.endswith((" AG", " GmbH", " KG", " OHG")):
                owners.setdefault(name, {"the demo"} if name in demo else set()).add(path.name)
    assert len(owners) > 60
    assert {owned: files for owned, files in owners.items() if len(files) > 1} == {}
