"""What AWS's clients leave out changes nothing of what goes over the wire, nor of what comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import botocore.auth
import botocore.handlers
import meterportal.clients
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.session import Session
from meterportal.adapters import config_of
from meterportal.clients import lightened, session_for
from meterportal.store.items import marshal_item, unmarshal_item

from tests.support import quick_moto

ITEM = {
    "pk": "COMPANY#1",
    "sk": "MACHINE#2",
    "body": b"\x00\xff\x80packed",
    "name": 'Büro "Kopie" 印刷',
    "rev": 12,
    "active": True,
    "none": None,
    "ids": {"a", "b"},
    "rows": [1, {"deep": b"\x01"}],
    "by": {"B": "a name like a type", "S": b"\x02"},
}
KEY = {"pk": {"S": "COMPANY#1"}, "sk": {"S": "MACHINE#2"}}
STORED = marshal_item(ITEM)
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("dynamodb", "get_item", {"TableName": "t", "Key": KEY, "ConsistentRead": True}),
    ("dynamodb", "batch_get_item", {"RequestItems": {"t": {"Keys": [KEY], "ConsistentRead": True}}}),
    ("dynamodb", "query", {"TableName": "t", "KeyConditionExpression": "pk = :pk", "Limit": 3,
                           "ExpressionAttributeValues": {":pk": {"S": "ü"}}}),
    ("dynamodb", "put_item", {"TableName": "t", "Item": STORED}),
    ("dynamodb", "update_item", {"TableName": "t", "Key": KEY, "UpdateExpression": "SET #a = :a",
                                 "ExpressionAttributeNames": {"#a": "body"},
                                 "ExpressionAttributeValues": {":a": {"B": b"\x00"}}}),
    ("dynamodb", "delete_item", {"TableName": "t", "Key": KEY}),
    ("dynamodb", "batch_write_item", {"RequestItems": {"t": [{"PutRequest": {"Item": STORED}}]}}),
    ("dynamodb", "transact_write_items", {"TransactItems": [{"Put": {"TableName": "t", "Item": STORED}}],
                                          "ClientRequestToken": "0" * 36}),
    ("dynamodb", "describe_table", {"TableName": "t"}),
    ("sesv2", "send_email", {"FromEmailAddress": "a@b.example", "Content": {"Raw": {"Data": b"x\r\n"}}}),
    ("sesv2", "get_account", {}),
    ("sesv2", "get_suppressed_destination", {"EmailAddress": "a+b c@d.example"}),
    ("sesv2", "list_email_identities", {"PageSize": 5, "NextToken": "a/b=="}),
]  # fmt: skip


@dataclass
class Wire:
    """What goes out, and comes back as it is told."""

    status: int = 200
    content: bytes = b"{}"
    sent: list[Any] = field(default_factory=list)

    def __call__(self, request: Any, **_: Any) -> AWSResponse:
        self.sent.append(request)
        return AWSResponse(request.url, self.status, {}, self)

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.content


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another region than the tests', a token as on Lambda, one moment and one number for all calls."""
    quick_moto.stop()
    monkeypatch.setattr(
        botocore.auth, "get_current_datetime", lambda: datetime(2026, 11, 23, tzinfo=UTC)
    )
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    # A session keeps the keys that it has found first.
    monkeypatch.setattr(meterportal.clients, "_session", meterportal.clients._session.__wrapped__)


def client(service: str, wire: Wire, *, light: bool, region: str = "eu-central-1") -> Any:
    session = session_for(service) if light else Session()
    made = session.create_client(service, region_name=region, config=config_of(service))
    made.meta.events.register_first("before-send", wire)
    return lightened(made) if light else made


def headers(request: Any) -> dict[str, str]:
    """Without those that are another in each call, and what the library tells of its own use."""
    own = {"authorization", "amz-sdk-invocation-id", "user-agent"}
    told = {str(name).lower(): value for name, value in request.headers.items()}
    return {
        name: value.decode() if isinstance(value, bytes) else value
        for name, value in told.items()
        if name not in own
    }


@pytest.mark.parametrize(("service", "method", "parameters"), CALLS)
def test_a_call_goes_out_as_the_library_would_send_it(
    service: str, method: str, parameters: dict[str, Any]
) -> None:
    light, plain = Wire(), Wire()
    for wire in (light, plain):
        made = client(service, wire, light=wire is light)
        for _ in range(2):  # the second finds what the first has found
            getattr(made, method)(**parameters)
    for ours, theirs in zip(light.sent, plain.sent, strict=True):
        assert (ours.method, ours.url) == (theirs.method, theirs.url)
        assert headers(ours) == headers(theirs)
        assert ours.body == theirs.body


@pytest.mark.parametrize(("service", "method", "parameters"), CALLS)
def test_its_signature_is_the_one_that_the_library_makes_of_the_same_request(
    service: str, method: str, parameters: dict[str, Any]
) -> None:
    wire = Wire()
    getattr(client(service, wire, light=True), method)(**parameters)
    (sent,) = wire.sent
    told = {
        name: value.decode() if isinstance(value, bytes) else value
        for name, value in sent.headers.items()
        if name not in {"Authorization", "Content-Length"} and not name.startswith("amz-sdk")
    }
    again = AWSRequest(sent.method, sent.url, headers=told, data=sent.body)
    signing = "dynamodb" if service == "dynamodb" else "ses"
    SigV4Auth(Credentials("AKID", "secret", "token"), signing, "eu-central-1").add_auth(again)
    ours = sent.headers["Authorization"]
    assert (ours.decode() if isinstance(ours, bytes) else ours) == again.headers["Authorization"]


@pytest.mark.parametrize(
    ("service", "method", "parameters"),
    [
        ("dynamodb", "get_item", {"TableName": "t", "Key": KEY}),
        ("sesv2", "get_account", {}),
        ("secretsmanager", "get_secret_value", {"SecretId": "s"}),
    ],
)
@pytest.mark.parametrize(
    "region", ["eu-central-1", "eu-central-2", "us-east-1", "cn-north-1", "us-gov-west-1"]
)
def test_a_call_goes_to_the_same_address_in_each_region(
    service: str, method: str, parameters: dict[str, Any], region: str
) -> None:
    light, plain = Wire(), Wire()
    for wire in (light, plain):
        getattr(client(service, wire, light=wire is light, region=region), method)(**parameters)
    (ours,), (theirs,) = light.sent, plain.sent
    assert ours.url == theirs.url
    assert scope(ours) == scope(theirs)


def scope(request: Any) -> str:
    """Key, day, region and service of a signature, and what it signs."""
    told = request.headers["Authorization"]
    return (told.decode() if isinstance(told, bytes) else told).partition(", Signature=")[0]


def test_the_list_of_all_addresses_is_left_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Links to files are signed as the list says for their region; nothing else asks it."""
    read, load = list[str](), Loader.load_data_with_path

    def noticed(loader: Loader, name: str) -> Any:
        read.append(name)
        return load(loader, name)

    monkeypatch.setattr(Loader, "load_data_with_path", noticed)
    for service in ("dynamodb", "sesv2", "secretsmanager"):
        client(service, Wire(), light=True)
    assert "endpoints" not in read
    client("s3", Wire(), light=True)
    assert "endpoints" in read


@pytest.mark.parametrize("service", ["dynamodb", "sesv2"])
def test_a_request_is_made_ready_once(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made, prepare = list[AWSRequest](), AWSRequest.prepare

    def noticed(request: AWSRequest) -> Any:
        made.append(request)
        return prepare(request)

    monkeypatch.setattr(AWSRequest, "prepare", noticed)
    _, method, parameters = next(call for call in CALLS if call[0] == service)
    getattr(client(service, Wire(), light=True), method)(**parameters)
    assert len(made) == 1


def test_an_answer_is_read_into_the_same_item() -> None:
    plain, light = Wire(), Wire()
    client("dynamodb", plain, light=False).put_item(TableName="t", Item=STORED)
    stored = json.loads(plain.sent[0].body)["Item"]
    told = {"Item": stored, "ConsumedCapacity": None}
    for wire in (plain, light):
        wire.content = json.dumps(told).encode()
        answer = client("dynamodb", wire, light=wire is light).get_item(TableName="t", Key=KEY)
        assert unmarshal_item(answer["Item"]) == ITEM
        assert "ConsumedCapacity" not in answer
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_refusal_is_read_with_what_stood_there() -> None:
    seen = Wire()
    client("dynamodb", seen, light=True).put_item(TableName="t", Item=STORED)
    reason = {"Code": "ConditionalCheckFailed", "Item": json.loads(seen.sent[0].body)["Item"]}
    refused = {"__type": "x#TransactionCanceledException", "CancellationReasons": [reason]}
    wire = Wire(400, json.dumps(refused).encode())
    with pytest.raises(ClientError) as caught:
        client("dynamodb", wire, light=True).transact_write_items(TransactItems=[])
    error: Any = caught.value.response
    assert error["Error"]["Code"] == "TransactionCanceledException"
    (cancelled,) = error["CancellationReasons"]
    assert unmarshal_item(cancelled["Item"]) == ITEM


def test_an_answer_that_is_no_json_is_no_empty_one() -> None:
    """A proxy's page under the status 200."""
    wire = Wire(content=b"<html>")
    with pytest.raises(ValueError, match="Expecting value"):
        client("dynamodb", wire, light=True).get_item(TableName="t", Key=KEY)
