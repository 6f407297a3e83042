"""moto and botocore without the work that no test needs: it cost two thirds of the time of each call.

moto is put up once in a process, clients are made once. Which door of moto a URL leads to is looked up
once; an answer of DynamoDB, which is made of plain dictionaries, is written without looking for other
names of its attributes; JSON is not read as a query string. A request to moto carries the scope of
its signature alone, which is all that moto reads of it, and no description of this machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, cast
from urllib.parse import parse_qsl

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from botocore.useragent import UserAgentString
from meterportal import adapters
from meterportal.clients import FoundOnce, lightened
from moto import backend_index, mock_aws
from moto.backends import get_backend
from moto.core import responses
from moto.core.base_backend import BackendDict
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.models import DEFAULT_ACCOUNT_ID, botocore_stubber, responses_mock
from moto.core.request import normalize_request
from moto.core.responses import BaseResponse
from moto.core.serialize import ResponseSerializer
from moto.core.utils import method_names_from_class
from werkzeug.exceptions import HTTPException

from tests.support import quick_expressions, quick_table

_pick = ResponseSerializer.get_value
_make = boto3.client
_really_sign = SigV4Auth.add_auth
_really_process = BotocoreStubber.process_request
_really_enrich = BaseResponse._enrich_response


def _get_value(self: ResponseSerializer, value: Any, key: str, shape: Any) -> Any:
    if type(value) is dict and self.operation_model.service_model.service_name == "dynamodb":
        return value.get(key)
    return _pick(self, value, key, shape)


def _sign(self: SigV4Auth, request: Any) -> None:
    # Links to files (a subclass) are signed, and so is what goes to a real engine.
    if type(self) not in {SigV4Auth, FoundOnce} or not botocore_stubber.enabled:
        _really_sign(self, request)
        return
    scope = f"testing/20261123/{self._region_name}/{self._service_name}/aws4_request"
    request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, Signature=none"


@lru_cache(maxsize=1000)
def _door(url: str) -> Callable[..., Any] | None:
    """What of moto answers a URL without its query."""
    for service, pattern in backend_index.backend_url_patterns:
        if pattern.match(url):
            backends = get_backend(cast(Any, service))[DEFAULT_ACCOUNT_ID]
            doors = backends["us-east-1" if "us-east-1" in backends else "aws"].urls
            return next((door for known, door in doors.items() if re.match(known, url)), None)
    return None


def _process(self: BotocoreStubber, request: AWSPreparedRequest) -> Any:
    door = _door(request.url.partition("?")[0])
    if door is None:
        return _really_process(self, request)
    normalized = normalize_request(request)
    try:
        return door(normalized, normalized.raw_url, normalized.headers)
    except HTTPException as refused:
        return refused.code, refused.get_headers(), refused.get_body()


def _enriched(headers: dict[str, Any], body: Any) -> tuple[dict[str, Any], Any]:
    if isinstance(body, str) and "<RequestId>" in body:
        return _really_enrich(headers, body)
    if "status" in headers:
        headers["status"] = str(headers["status"])
    headers["x-amzn-requestid"] = "tests"
    return headers, body


def _query_of(text: str, **more: Any) -> list[tuple[str, str]]:
    return [] if text.startswith("{") else parse_qsl(text, **more)


@cache
def _put_up() -> None:
    mock_aws().start()
    responses_mock.stop()  # that is for the library `requests`, which nothing here uses
    ResponseSerializer.get_value = _get_value  # type: ignore[method-assign]
    BotocoreStubber.process_request = _process  # type: ignore[method-assign]
    vars(responses).update(
        method_names_from_class=cache(method_names_from_class), parse_qsl=_query_of
    )
    BaseResponse._enrich_response = staticmethod(_enriched)  # type: ignore[method-assign]
    SigV4Auth.add_auth = _sign
    UserAgentString.to_string = lambda _: "tests"
    quick_table.put_up()
    quick_expressions.put_up()


def start() -> None:
    """From here on calls of AWS reach moto."""
    _put_up()
    botocore_stubber.enabled = True


def stop() -> None:
    """From here on they go where they say."""
    botocore_stubber.enabled = False


_clients: dict[tuple[str, str], Any] = {}


def client(service: str, **settings: Any) -> Any:
    """boto3.client, which takes as long as ten calls, once for each way of calling it."""
    which = service, repr(sorted((name, _told(value)) for name, value in settings.items()))
    if which not in _clients:
        _clients[which] = _make(service, **settings)
    return _clients[which]


@cache
def adapters_client(service: str, *, checked: bool = True) -> Any:
    """The client of the application's adapters; `checked`: with the check of parameters that it leaves out."""
    config = adapters.config_of(service).merge(Config(parameter_validation=checked))
    return lightened(_make(service, config=config))


def _told(value: Any) -> str:
    options = getattr(value, "_user_provided_options", None)
    return repr(sorted(options.items()) if options is not None else value)


@contextmanager
def empty() -> Iterator[None]:
    """moto with nothing in it, for as long as this lasts."""
    start()
    BackendDict.reset()
    try:
        yield
    finally:
        BackendDict.reset()
        stop()
