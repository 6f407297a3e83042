"""Photos through CloudFront: what a signed address opens, and what it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from meterportal.files import Files

from tests.smoke.deployed import Deployed

PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 54
KEY = "photos/990001/990004/smoke"


@pytest.fixture
def files(deployed: Deployed, client: Callable[[str], Any]) -> Files:
    """Signs as the functions do, for the bucket's own host name wherever AWS is."""
    region = client("s3").meta.region_name
    config = Config(s3={"addressing_style": "virtual"}, signature_version="s3v4")
    endpoint = f"https://s3.{region}.amazonaws.com"
    return Files(boto3.client("s3", endpoint_url=endpoint, config=config))


def test_a_photo_passes_by_its_signed_address_as_announced(
    deployed: Deployed, files: Files, client: Callable[[str], Any]
) -> None:
    bucket = deployed.outputs["PhotoBucketName"]
    address = files.upload_path(
        bucket, KEY, content_type="image/jpeg", size=len(PHOTO), seconds=300
    )

    def put(path: str, body: bytes, kind: str) -> int:
        return deployed.photos("PUT", path, body, {"content-type": kind}).status

    try:
        assert put(address, PHOTO + b"\0", "image/jpeg") == 403
        assert put(address, PHOTO, "text/html") == 403
        assert put(f"/{KEY}", PHOTO, "image/jpeg") == 403
        assert put(address, PHOTO, "image/jpeg") == 200
        shown = files.view_path(bucket, KEY, content_type="image/jpeg", seconds=300)
        answer = deployed.photos("GET", shown)
        assert (answer.status, answer.content) == (200, PHOTO)
        assert answer.headers["content-type"] == "image/jpeg"
        assert deployed.photos("GET", f"/{KEY}").status == 403
    finally:
        client("s3").delete_object(Bucket=bucket, Key=KEY)


def test_nobody_passes_cloudfront_without_a_signature(deployed: Deployed) -> None:
    for method in ("GET", "PUT"):
        answer = deployed.front(method, f"/{KEY}", b"" if method == "PUT" else None)
        assert answer.status == 403, method
        assert answer.headers["x-content-type-options"] == "nosniff"
