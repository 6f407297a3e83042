"""Photos through CloudFront: nobody passes without a signature."""

from __future__ import annotations

import pytest

from tests.smoke.deployed import Deployed
from tests.smoke.own import COMPANY, MACHINE


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_nobody_passes_cloudfront_without_a_signature(deployed: Deployed, method: str) -> None:
    path = f"/photos/{COMPANY}/{MACHINE}/nothing"
    answer = deployed.front(method, path, b"" if method == "PUT" else None)
    assert answer.status == 403
    assert answer.headers["x-content-type-options"] == "nosniff"
