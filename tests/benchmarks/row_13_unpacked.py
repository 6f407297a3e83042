"""Row 13: what each function unpacks, with its layers and its bytecode, as it is built for arm64.

The reference is what Lambda takes at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.aws.stack import build
from infra.local.template import Template
from tests.benchmarks.figures import Row, at_most

LIMIT = 250.0
"""MB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, "Deployment package"."""

_FIRST = "customer_api"
_MIB = 1024 * 1024


def rows() -> Iterator[Row]:
    """In MiB."""
    with TemporaryDirectory() as place:
        build(Path(place), architecture="arm64")
        sizes = unpacked(Template.read(), Path(place))
    first = sizes.pop(_FIRST)
    largest = max(sizes, key=lambda package: sizes[package])
    yield Row(f"13 {_FIRST}, unpacked", first, "MiB", LIMIT, at_most(30))
    yield Row(f"13 {largest}, the largest other", sizes[largest], "MiB", LIMIT, at_most(45))


def unpacked(template: Template, built: Path) -> dict[str, float]:
    """MiB by package, as they lie in the directory of a build."""
    return {
        function.package: _size(built / function.name)
        + sum(_size(built / layer["Ref"]) for layer in function.properties["Layers"])
        for function in template.functions()
    }


def _size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / _MIB
