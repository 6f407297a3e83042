"""The pages through CloudFront: addresses, headers, nothing else."""

from __future__ import annotations

import json

import pytest

from infra.aws.site import LOGIN, keys, served
from tests.smoke.deployed import Deployed


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("/", "index.html"),
        ("/staff/", "staff/index.html"),
        ("/api/openapi.json", "api/openapi.json"),
    ],
)
def test_each_audience_finds_its_page(deployed: Deployed, address: str, key: str) -> None:
    answer = deployed.site(address)
    assert answer.status == 200
    assert answer.content == _published(deployed, key)


def test_every_page_is_published(deployed: Deployed) -> None:
    for key in keys():
        answer = deployed.site(f"/{key}")
        assert (answer.status, answer.content) == (200, _published(deployed, key)), key


def _published(deployed: Deployed, key: str) -> bytes | None:
    return served(key, deployed.outputs["DealerName"])


def test_pages_carry_the_security_headers(deployed: Deployed) -> None:
    headers = deployed.site("/").headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    assert headers["strict-transport-security"].startswith("max-age=63072000")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "noindex" in headers["x-robots-tag"]


def test_the_console_learns_where_to_log_in(deployed: Deployed) -> None:
    told = json.loads(deployed.site(f"/{LOGIN}").content)
    assert told["client_id"] == deployed.outputs["UserPoolClientId"]
    assert told["user_pool_id"] == deployed.outputs["UserPoolId"]


def test_staff_without_slash_is_sent_on(deployed: Deployed) -> None:
    assert deployed.site("/staff").headers["location"].endswith("/staff/")


def test_what_is_no_page_is_refused(deployed: Deployed) -> None:
    # CloudFront may list the bucket, so AWS says 404; MiniStack says 403 for every missing key.
    assert deployed.site("/nothing-here.html").status in {403, 404}
