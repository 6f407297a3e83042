"""The only place that talks to S3."""

from __future__ import annotations

from typing import IO, Any

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

    def _call(self, method: str, **parameters: Any) -> Any:
        try:
            return getattr(self._client, method)(**parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                raise NotFound from error
            raise Unavailable from error
        except BotoCoreError as error:
            raise Unavailable from error
