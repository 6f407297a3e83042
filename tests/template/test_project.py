"""The project's own promises: pins, documented commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.local.template import ROOT

PINS = [
    *sorted((ROOT / "requirements").glob("*.txt")),
    ROOT / "layers" / "dependencies" / "requirements.txt",
]
TARGETS = set(
    re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
)
PAGES = [ROOT / "README.md", ROOT / ".ci" / "run", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("path", PINS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_requirement_is_pinned_exactly(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "-r ")):
            assert re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[A-Za-z0-9.]+", line), line


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
