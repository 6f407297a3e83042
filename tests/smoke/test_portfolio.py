"""The console's snapshot on its way: built by its function, fetched by signed addresses alone."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from typing import Any

from tests.smoke.deployed import Deployed
from tests.smoke.own import NAME
from tests.support.read_model import rows_of


def test_a_snapshot_passes_by_its_signed_addresses_and_holds_the_company(
    deployed: Deployed,
    imported: Any,
    staff: Callable[[str], str],
) -> None:
    version = deployed.invoke("BuildPortfolio", {"kind": "portfolio"})["version"]
    snapshot = deployed.api("GET", "/api/staff/portfolio", token=staff("read")).json
    assert snapshot["version"] == version
    parts = {}
    for part in snapshot["parts"]:
        given = deployed.front("GET", part["url"])
        assert given.status == 200
        assert hashlib.sha256(given.content).hexdigest() == part["sha256"]
        parts[part["name"]] = gzip.decompress(given.content)
        assert deployed.front("GET", part["url"].partition("?")[0]).status == 403
    names = {row.name for (kind, _, _), row in rows_of(parts).items() if kind == "company"}  # type: ignore[union-attr]
    assert any(name.startswith(NAME[:20]) for name in names)
