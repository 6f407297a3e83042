"""Answers: JSON of a declared type and files, compressed if the caller accepts it.

A route names the type of its answer in its return annotation, `-> Created[SessionJson]`: mypy checks
the route against it, and infra/openapi.py makes the OpenAPI document from it. Nothing is made from it
when a function runs.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, Generic, TypeVar, get_args

from aws_lambda_powertools.event_handler import Response
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from meterportal.http.bodies import JSON, KIB

_GZIP_FROM = KIB
_Content = TypeVar("_Content")

as_json = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
"""A value, which holds itself nowhere, as JSON without spaces."""


class Written(Generic[_Content]):
    """A part of an answer, of the type named, that is JSON already: for long lists, of which it would take
    longer to make objects than to write them."""

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """For the document: that of the part."""
        return handler(get_args(source)[0])


def _text(content: Any) -> str:
    """As JSON, what is written already as it is."""
    if isinstance(content, Written):
        return content.text
    if isinstance(content, dict):
        return f"{{{','.join(f'{as_json(name)}:{_text(part)}' for name, part in content.items())}}}"
    return as_json(content)


class _Answered(Response[str]):
    """An answer with a body."""

    status: ClassVar = HTTPStatus.OK
    media_type: ClassVar = JSON

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> CoreSchema:
        """For the router, which would check every answer against its type: it takes it as it is."""
        return core_schema.any_schema()


class _Json(_Answered, Generic[_Content]):
    def __init__(
        self,
        content: _Content,
        *,
        cookies: Sequence[Any] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            status_code=self.status,
            content_type=self.media_type,
            body=_text(content),
            cookies=list(cookies),
            headers=dict(headers or {}),
        )


class Answer(_Json[_Content]):
    """200."""


class CloudEvents(_Json[Sequence[_Content]], Generic[_Content]):
    """A batch of events (CloudEvents 1.0), each of the type named."""

    media_type = "application/cloudevents-batch+json"


class Created(_Json[_Content]):
    """201."""

    status = HTTPStatus.CREATED


class Accepted(_Json[_Content]):
    """202."""

    status = HTTPStatus.ACCEPTED


class NoContent(_Answered):
    """204."""

    status = HTTPStatus.NO_CONTENT

    def __init__(self, *, cookies: Sequence[Any] = ()) -> None:
        super().__init__(status_code=self.status, cookies=list(cookies))


class Workbook(_Answered):
    """An XLSX file to download."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(
            status_code=self.status,
            content_type=self.media_type,
            body=base64.b64encode(content).decode(),
            headers=_download(name),
        )
        # Bytes as a body would not pass the router's own check of what a route returns.
        self.base64_encoded = True


class CsvFile(_Answered):
    """A CSV file to download; `next_part` is the path of what follows, where it is one of many."""

    media_type = "text/csv"

    def __init__(self, content: str, name: str, *, next_part: str | None = None) -> None:
        more = {"Link": f'<{next_part}>; rel="next"'} if next_part else {}
        super().__init__(
            status_code=self.status,
            content_type=f"{self.media_type}; charset=utf-8",
            body=content,
            headers={**_download(name), **more},
        )


def _download(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def compressed(given: dict[str, Any], accepted: str) -> dict[str, Any]:
    """The answer, compressed if it is large enough and the caller accepts it."""
    body = given.get("body")
    if given.get("isBase64Encoded") or not body or len(body) < _GZIP_FROM or "gzip" not in accepted:
        return given
    packed = gzip.compress(body.encode(), compresslevel=5, mtime=0)
    given["body"] = base64.b64encode(packed).decode()
    given["isBase64Encoded"] = True
    given["headers"] |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return given
