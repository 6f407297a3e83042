"""The modules of the package and the functions, and what they import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from infra.local.template import ROOT

PACKAGE = ROOT / "layers" / "shared" / "meterportal"
FUNCTIONS = ROOT / "functions"
MODULES = sorted(PACKAGE.rglob("*.py")) + sorted(FUNCTIONS.rglob("*.py"))
ABOVE_THE_STORE = [
    *sorted((PACKAGE / "usecases").rglob("*.py")),
    *sorted(FUNCTIONS.rglob("*.py")),
]


def imported(path: Path) -> Iterator[str]:
    """Dotted names of everything that a module imports, relative ones made absolute."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            assert node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
