"""The only module that calls S3."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from meterportal import aws
from meterportal.domain.refusals import NotFound

AHEAD = 4 * 1024 * 1024
"""Bytes that are read from a bucket at a time."""

SMALLEST_PART = 5 * 1024 * 1024
"""Bytes of a part of a file, but for its last one: S3's rule."""

_GONE = {"NoSuchKey", "NoSuchUpload", "404", "InvalidRange", "PreconditionFailed", "412"}


class Files:
    def __init__(self, client: Any) -> None:
        self._client = client

    def put(
        self,
        bucket: str,
        key: str,
        content: bytes | IO[bytes],
        *,
        content_type: str,
        cached: str = "",
    ) -> None:
        """Write a file; an open one is read from its start while it is sent. `cached` says how long
        browsers keep one that they get by its address (a Cache-Control header)."""
        content_and_type = {"Body": content, "ContentType": content_type}
        if cached:
            content_and_type["CacheControl"] = cached
        aws.call(self._client, "put_object", Bucket=bucket, Key=key, **content_and_type)

    def begin_parts(self, bucket: str, key: str, *, content_type: str) -> str:
        """Begin a file that is written in parts; the number of its upload. It is there when the parts are
        joined; a bucket forgets an upload that never was."""
        begun = aws.call(
            self._client,
            "create_multipart_upload",
            Bucket=bucket,
            Key=key,
            ContentType=content_type,
        )
        number: str = begun["UploadId"]
        return number

    def put_part(
        self, bucket: str, key: str, upload: str, number: int, content: bytes | bytearray
    ) -> None:
        """Write a part, numbered from 1, in place of one with this number. All but the last have 5 MB or
        more. Raises `NotFound` when the upload is over."""
        place = {"Bucket": bucket, "Key": key, "UploadId": upload}
        with _found():
            aws.call(self._client, "upload_part", **place, PartNumber=number, Body=content)

    def join_parts(self, bucket: str, key: str, upload: str) -> None:
        """Make the file of its parts. Raises `NotFound` when the upload is over."""
        place = {"Bucket": bucket, "Key": key, "UploadId": upload}
        parts: list[dict[str, Any]] = []
        more: dict[str, Any] = {}
        with _found():
            while True:
                answer = aws.call(self._client, "list_parts", **place, **more)
                parts += (
                    {"PartNumber": part["PartNumber"], "ETag": part["ETag"]}
                    for part in answer.get("Parts", [])
                )
                if not answer.get("IsTruncated"):
                    break
                more = {"PartNumberMarker": answer["NextPartNumberMarker"]}
            joined = {"MultipartUpload": {"Parts": parts}}
            aws.call(self._client, "complete_multipart_upload", **place, **joined)

    def get(self, bucket: str, key: str) -> bytes:
        """The content; raises `NotFound`."""
        return self._read(Bucket=bucket, Key=key)

    def open(self, bucket: str, key: str, *, etag: str = "") -> RemoteFile:
        """A file to be read by ranges, in this version (`etag`, "" for the one that is there now).
        Raises `NotFound`, also when another version has taken its place."""
        with _found():
            told = aws.call(self._client, "head_object", Bucket=bucket, Key=key)
        if etag and told["ETag"] != etag:
            raise NotFound
        version = {"Bucket": bucket, "Key": key, "IfMatch": told["ETag"]}

        def read(begin: int, end: int) -> bytes:
            return self._read(**version, Range=f"bytes={begin}-{end - 1}")

        return RemoteFile(read, told["ContentLength"], told["ETag"])

    def part(self, bucket: str, key: str, begin: int, end: int) -> bytes:
        """The bytes of a file from `begin` up to `end`, which is not one of them."""
        if begin == end:
            return b""
        return self._read(Bucket=bucket, Key=key, Range=f"bytes={begin}-{end - 1}")

    def find(self, bucket: str, key: str) -> bytes | None:
        """The content, None if there is no such file."""
        try:
            return self.get(bucket, key)
        except NotFound:
            return None

    def names(self, bucket: str, prefix: str) -> Iterator[str]:
        """The keys of all files that begin so."""
        parameters = {"Bucket": bucket, "Prefix": prefix}
        while True:
            answer = aws.call(self._client, "list_objects_v2", **parameters)
            yield from (found["Key"] for found in answer.get("Contents", []))
            if not answer.get("IsTruncated"):
                return
            parameters["ContinuationToken"] = answer["NextContinuationToken"]

    def erase(self, bucket: str, key: str) -> None:
        """Deletes a file with all its versions; does nothing when there is none."""
        parameters = {"Bucket": bucket, "Prefix": key}
        while True:
            answer = aws.call(self._client, "list_object_versions", **parameters)
            for found in (*answer.get("Versions", []), *answer.get("DeleteMarkers", [])):
                if found["Key"] == key:
                    version = {"VersionId": found["VersionId"]}
                    aws.call(self._client, "delete_object", Bucket=bucket, Key=key, **version)
            if not answer.get("IsTruncated"):
                return
            parameters["KeyMarker"] = answer["NextKeyMarker"]
            parameters["VersionIdMarker"] = answer["NextVersionIdMarker"]

    def erase_below(self, bucket: str, folder: str) -> None:
        """Deletes all files whose key begins with this folder (with its slash), with all their
        versions."""
        parameters = {"Bucket": bucket, "Prefix": folder}
        while True:
            answer = aws.call(self._client, "list_object_versions", **parameters)
            found = [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]
            for one in found:
                version = {"Key": one["Key"], "VersionId": one["VersionId"]}
                aws.call(self._client, "delete_object", Bucket=bucket, **version)
            if not answer.get("IsTruncated"):
                return
            parameters["KeyMarker"] = answer["NextKeyMarker"]
            parameters["VersionIdMarker"] = answer["NextVersionIdMarker"]

    def link(self, bucket: str, key: str, *, seconds: int, name: str) -> str:
        """A presigned URL for downloading under `name`, valid for so many seconds."""
        parameters = {
            "Bucket": bucket,
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{name}"',
        }
        return self._signed("get_object", parameters, seconds)

    def upload_path(
        self, bucket: str, key: str, *, content_type: str, size: int, seconds: int
    ) -> str:
        """A presigned URL for uploading exactly this many bytes of this type, valid for so many
        seconds.

        Only path and query: the browser reaches the bucket under the site's own host. The signature
        is for the bucket's host, which CloudFront names in its request.
        """
        parameters = {
            "Bucket": bucket,
            "Key": key,
            "ContentType": content_type,
            "ContentLength": size,
        }
        return _here(bucket, self._signed("put_object", parameters, seconds))

    def view_path(self, bucket: str, key: str, *, content_type: str, seconds: int) -> str:
        """A presigned URL for showing a file as a `content_type`, whatever type it was stored with;
        only path and query."""
        parameters = {
            "Bucket": bucket,
            "Key": key,
            "ResponseContentType": content_type,
            "ResponseContentDisposition": "inline",
            "ResponseCacheControl": "private, no-store",
        }
        return _here(bucket, self._signed("get_object", parameters, seconds))

    def beginning(self, bucket: str, key: str, length: int) -> bytes | None:
        """The first bytes of a file, None if there is no such file or it is empty."""
        try:
            return self._read(Bucket=bucket, Key=key, Range=f"bytes=0-{length - 1}")
        except NotFound:
            return None

    def _signed(self, operation: str, parameters: dict[str, Any], seconds: int) -> str:
        # Signing calls no service, but the credentials may have to be renewed.
        with aws.failures_sorted():
            url: str = self._client.generate_presigned_url(operation, parameters, seconds)
        return url

    def _read(self, **parameters: Any) -> bytes:
        # The body is still being received when the call returns.
        with _found(), aws.failures_sorted():
            content: bytes = self._client.get_object(**parameters)["Body"].read()
        return content


class RemoteFile(io.BufferedReader):
    """A file in a bucket as a stream that is read at any place, some MB at a time."""

    def __init__(self, read: Callable[[int, int], bytes], size: int, etag: str) -> None:
        """`read` gives the bytes from a place up to another one."""
        self.size, self.etag = size, etag
        super().__init__(_Ranges(read, size), AHEAD)


class _Ranges(io.RawIOBase):
    def __init__(self, read: Callable[[int, int], bytes], size: int) -> None:
        self._read, self._size, self._place = read, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, place: int, whence: int = io.SEEK_SET, /) -> int:
        begins = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}
        self._place = max(begins[whence] + place, 0)
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any, /) -> int:
        with memoryview(buffer) as view:
            end = min(self._place + len(view), self._size)
            if self._place >= end:
                return 0
            piece = self._read(self._place, end)
            view[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)


@contextmanager
def _found() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if aws.code_of(error) in _GONE:
            raise NotFound from error
        raise


def _here(bucket: str, url: str) -> str:
    """Path and query of a presigned URL. Engines without host names for buckets put the bucket at
    the beginning of the path; the proxy in front of them adds it again."""
    split = urlsplit(url)
    return f"{split.path.removeprefix(f'/{bucket}')}?{split.query}"
