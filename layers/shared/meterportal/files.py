"""The only place that talks to S3."""

from __future__ import annotations

from typing import IO, Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from meterportal.domain.refusals import NotFound, Unavailable


class Files:
    def __init__(self, client: Any) -> None:
        self._client = client

    def put(self, bucket: str, key: str, content: bytes | IO[bytes], *, content_type: str) -> None:
        """Write a file; an open one is sent from its start as it is read."""
        self._call("put_object", Bucket=bucket, Key=key, Body=content, ContentType=content_type)

    def get(self, bucket: str, key: str) -> bytes:
        """The content; raises `NotFound`."""
        content: bytes = self._call("get_object", Bucket=bucket, Key=key)["Body"].read()
        return content

    def find(self, bucket: str, key: str) -> bytes | None:
        """The content, None where there is no such file."""
        try:
            return self.get(bucket, key)
        except NotFound:
            return None

    def link(self, bucket: str, key: str, *, seconds: int, name: str) -> str:
        """A presigned address to download under `name`, for so many seconds."""
        url: str = self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": bucket,
                "Key": key,
                "ResponseContentDisposition": f'attachment; filename="{name}"',
            },
            ExpiresIn=seconds,
        )
        return url

    def upload_path(
        self, bucket: str, key: str, *, content_type: str, size: int, seconds: int
    ) -> str:
        """A presigned address to put exactly this many bytes of this type, for so many seconds.

        Path and query only: the site has the bucket under its own host, and the signature is for
        the bucket's, which CloudFront names when it asks.
        """
        parameters = {
            "Bucket": bucket,
            "Key": key,
            "ContentType": content_type,
            "ContentLength": size,
        }
        return _here(bucket, self._client.generate_presigned_url("put_object", parameters, seconds))

    def view_path(self, bucket: str, key: str, *, content_type: str, seconds: int) -> str:
        """A presigned address to look at a file as a `content_type`, whatever it was put as; path
        and query only."""
        parameters = {
            "Bucket": bucket,
            "Key": key,
            "ResponseContentType": content_type,
            "ResponseContentDisposition": "inline",
            "ResponseCacheControl": "private, no-store",
        }
        return _here(bucket, self._client.generate_presigned_url("get_object", parameters, seconds))

    def beginning(self, bucket: str, key: str, length: int) -> bytes | None:
        """The first bytes of a file, None where there is no such file or nothing in it."""
        try:
            found = self._call("get_object", Bucket=bucket, Key=key, Range=f"bytes=0-{length - 1}")
        except NotFound:
            return None
        content: bytes = found["Body"].read()
        return content

    def _call(self, method: str, **parameters: Any) -> Any:
        try:
            return getattr(self._client, method)(**parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] in {"NoSuchKey", "404", "InvalidRange"}:
                raise NotFound from error
            raise Unavailable from error
        except BotoCoreError as error:
            raise Unavailable from error


def _here(bucket: str, url: str) -> str:
    """Path and query of a presigned address. Engines without host names for buckets put the bucket
    at the path's beginning; whoever stands in front of them puts it there again."""
    split = urlsplit(url)
    return f"{split.path.removeprefix(f'/{bucket}')}?{split.query}"
