"""`make audit`: looks every pin up among the vulnerabilities that are known.

Fails when one is found that requirements/accepted_vulnerabilities.toml does not name with a reason and
a day until which it holds. A set of pins that cannot be looked up, without a network, is told in a way
nobody overlooks, and fails nothing by itself: what was found of the others counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from infra.pins import COMPILED, ROOT, WITHIN

ACCEPTED = ROOT / "requirements" / "accepted_vulnerabilities.toml"
AUDITED = tuple(path for name, path in reversed(COMPILED.items()) if name not in WITHIN.values())
"""Small sets first; what another set holds is looked up there."""

_UNREACHABLE = ("ConnectionError", "Could not connect", "Max retries exceeded", "ServiceError")


class NoNetwork(Exception):
    """The list of vulnerabilities cannot be reached."""


class AuditFailed(Exception):
    """pip-audit came to no result for another reason."""


@dataclass(frozen=True)
class Vulnerability:
    """`names` are all identifiers of it; `fixed` the versions that no longer have it."""

    package: str
    version: str
    names: tuple[str, ...]
    fixed: tuple[str, ...]

    def __str__(self) -> str:
        fixed = ", ".join(self.fixed) or "no version yet"
        return f"{self.package} {self.version}: {' = '.join(self.names)}; fixed in {fixed}"


def main() -> int:
    accepted = accepted_on(
        datetime.now(UTC).date(), tomllib.loads(ACCEPTED.read_text(encoding="utf-8"))
    )
    return audit(report_of, accepted, _say)


def audit(
    report: Callable[[Path], Mapping[str, Any]],
    accepted: frozenset[str],
    say: Callable[[str], None],
) -> int:
    """The exit code: 1 where something was found in any set of pins. `report` gives pip-audit's report of
    a file of pins, `accepted` the names of vulnerabilities that fail nothing.
    """
    found: set[Vulnerability] = set()
    unknown: set[str] = set()
    skipped = 0
    for path in AUDITED:
        try:
            told = report(path)
            unknown |= set(not_looked_up(told))
        except NoNetwork as reason:
            skipped += 1
            say(_SKIPPED.format(path=path, reason=reason))
            continue
        found |= set(vulnerabilities(told))
    for name in sorted(unknown):
        say(f"Not looked up: {name}")
    left = sorted(str(one) for one in found if accepted.isdisjoint(one.names))
    for line in left:
        say(f"Vulnerable: {line}")
    if left:
        say(f"Renew the pins (make pins) or give a reason in {ACCEPTED.relative_to(ROOT)}.")
        return 1
    if looked_up := len(AUDITED) - skipped:
        say(f"No vulnerability is known of {looked_up} of {len(AUDITED)} sets of pins.")
    return 0


def not_looked_up(report: Mapping[str, Any]) -> Iterator[str]:
    """Packages that the list does not know. Raises NoNetwork where it knows none: then no list came."""
    packages = report["dependencies"]
    unknown = [(one["name"], one["skip_reason"]) for one in packages if "skip_reason" in one]
    if packages and len(unknown) == len(packages):
        raise NoNetwork(f"none of {len(packages)} packages is known there: {unknown[0][1]}")
    yield from (name for name, _ in unknown)


def vulnerabilities(report: Mapping[str, Any]) -> Iterator[Vulnerability]:
    for package in report["dependencies"]:
        for found in package.get("vulns", ()):
            names = (found["id"], *found.get("aliases", ()))
            fixed = tuple(found.get("fix_versions", ()))
            yield Vulnerability(package["name"], package["version"], names, fixed)


def accepted_on(today: date, listed: Mapping[str, Any]) -> frozenset[str]:
    """Names of the vulnerabilities that are accepted on a day. Each needs a reason and an end."""
    for name, entry in listed.items():
        if not entry.get("reason") or not isinstance(entry.get("until"), date):
            raise ValueError(f"{ACCEPTED.name}: {name} needs a reason and a day `until`")
    return frozenset(name for name, entry in listed.items() if today <= entry["until"])


def report_of(path: Path) -> Mapping[str, Any]:
    """pip-audit's report of a file of pins. Raises NoNetwork, AuditFailed."""
    with tempfile.TemporaryDirectory(prefix="meterportal-audit-") as directory:
        written = Path(directory) / "report.json"
        done = subprocess.run(  # noqa: S603 - our own program and arguments
            [
                Path(sys.executable).parent / "pip-audit",
                *("--disable-pip", "--require-hashes", "--progress-spinner", "off"),
                *("--format", "json", "--output", str(written), "--requirement", str(path)),
            ],
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
        )
        if written.exists():
            report: Mapping[str, Any] = json.loads(written.read_text(encoding="utf-8"))
            return report
    last = (done.stderr.strip().splitlines() or ["no word of why"])[-1]
    if any(sign in done.stderr for sign in _UNREACHABLE):
        raise NoNetwork(last)
    raise AuditFailed(f"{path}: {last}")


_SKIPPED = """
***********************************************************************************************
*** SKIPPED: {path} was not looked up among the known vulnerabilities.
*** No list can be reached: {reason}
*** Run `make audit` where there is one, before anything is shipped.
***********************************************************************************************
"""


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - speaks to a terminal


if __name__ == "__main__":
    sys.exit(main())
