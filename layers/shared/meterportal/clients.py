"""AWS's clients without the work that no call of ours needs: it was a third of the processor time of a mail."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any

from botocore.auth import AUTH_TYPE_MAPS, SIGNED_HEADERS_BLACKLIST, SigV4Auth, _host_from_url
from botocore.loaders import Loader
from botocore.session import Session, get_session
from botocore.validate import ParamValidationDecorator

from meterportal.crypto import keyed_hash

_ITEMS = (
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "TransactWriteItems",
    "UpdateItem",
)
"""Operations of DynamoDB whose answers are JSON and nothing else, but for the bytes in an item."""

_FIXED = {"dynamodb", "sesv2"}
"""Services that are called at one address, whatever a call says."""

_RULED = {*_FIXED, "secretsmanager"}
"""Services whose address in a region comes from rules alone; for links to files the library asks its list."""

_SIGNATURE = "v4-found-once"
"""The name of our form of AWS's signature 4 among the library's."""


def session_for(service: str) -> Session:
    """The library's own session: boto3 would add its resources and transfers, which nothing here uses."""
    return _session(ruled=service in _RULED)


@cache
def _session(*, ruled: bool) -> Session:
    session = get_session()
    if ruled:
        session.register_component("data_loader", _WithoutEndpoints())
    return session


class _WithoutEndpoints(Loader):  # type: ignore[misc]  # the library has no types
    """Without the list of all addresses of all services, 1.2 MB that a start would read for nothing: the
    library assumes addresses of what is not listed, and goes by its rules for each call all the same."""

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        if name == "endpoints":
            return {"partitions": []}, self.BUILTIN_DATA_PATH
        found: tuple[Any, str] = super().load_data_with_path(name)
        return found


def lightened(client: Any) -> Any:
    """The client, with what is left out: see the functions below."""
    service = client.meta.service_model.service_name
    if service == "dynamodb":
        for operation in _ITEMS:
            client.meta.events.register(f"before-parse.dynamodb.{operation}", _read_as_it_is)
        checked = isinstance(client._serializer, ParamValidationDecorator)
        checking = client._serializer if checked else client
        checking._serializer = _WrittenAsItIs(checking._serializer)
    if service in _FIXED:
        client._ruleset_resolver = _AskedOnce(client._ruleset_resolver)
        client.meta.events.register(f"choose-signer.{service}", lambda **_: _SIGNATURE)
    return client


def _read_as_it_is(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    """Reads an answer as the JSON that it is; bytes stay text in base64, as `items.unmarshal` takes them.
    The library looks for each of ten types in every attribute of an item. Refusals are left to it."""
    if response_dict["status_code"] == 200:
        said = json.loads(response_dict["body"] or b"{}")
        customized_response_dict |= {name: part for name, part in said.items() if part is not None}
        response_dict["body"] = b"{}"


class _WrittenAsItIs:
    """Writes what such an operation is told as the JSON that it is; the library looks for each value's form."""

    def __init__(self, serializer: Any) -> None:
        self._serializer = serializer

    def serialize_to_request(self, parameters: dict[str, Any], operation_model: Any) -> Any:
        if operation_model.name not in _ITEMS:
            return self._serializer.serialize_to_request(parameters, operation_model)
        made = self._serializer.serialize_to_request({}, operation_model)
        return made | {"body": _as_json(parameters).encode()}


def _in_base64(content: bytes) -> str:
    return b64encode(content).decode()


# Nothing that an operation is told holds itself, so nothing looks for that: a third of the work.
_as_json = json.JSONEncoder(default=_in_base64, check_circular=False).encode


class _AskedOnce:
    """The rules by which the library finds an endpoint, asked once for each operation. It asks them in each
    call, and searches the call's keys and writes for it."""

    def __init__(self, rules: Any) -> None:
        self._rules = rules
        self._found: dict[str, Any] = {}

    def construct_endpoint(self, operation_model: Any, **of_the_call: Any) -> Any:
        name = operation_model.name
        if name not in self._found:
            self._found[name] = self._rules.construct_endpoint(operation_model, **of_the_call)
        return self._found[name]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rules, name)


class FoundOnce(SigV4Auth):  # type: ignore[misc]  # the library has no types
    """The library's signature, for which headers are read once instead of twice, and keys made once a day."""

    _found: Mapping[str, str] | None = None

    def headers_to_sign(self, request: Any) -> Mapping[str, str]:
        """Names in small letters and values, in the order of the signature."""
        if self._found is None:
            told = {name.lower(): value for name, value in request.headers.items()}
            told.setdefault("host", _host(request.url))
            names = sorted(told.keys() - SIGNED_HEADERS_BLACKLIST)
            self._found = {name: told[name] for name in names}
        return self._found

    def canonical_headers(self, headers_to_sign: Mapping[str, str]) -> str:
        return "\n".join(
            f"{name}:{self._header_value(value)}" for name, value in headers_to_sign.items()
        )

    def signed_headers(self, headers_to_sign: Mapping[str, str]) -> str:
        return ";".join(headers_to_sign)

    def payload(self, request: Any) -> str:
        """The sum of the body where it stands: the library would make the whole request ready for it."""
        body = request.data
        if body and isinstance(body, bytes):
            return sha256(body).hexdigest()
        told: str = super().payload(request)
        return told

    def signature(self, string_to_sign: str, request: Any) -> str:
        day = request.context["timestamp"][:8]
        secret = self.credentials.secret_key
        key = _key_of_the_day(secret, day, self._region_name, self._service_name)
        return keyed_hash(key, string_to_sign).hex()


AUTH_TYPE_MAPS[_SIGNATURE] = FoundOnce
_host = lru_cache(maxsize=8)(_host_from_url)


@lru_cache(maxsize=8)
def _key_of_the_day(secret: str, *scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (*scope, "aws4_request"):
        key = keyed_hash(key, part)
    return key
