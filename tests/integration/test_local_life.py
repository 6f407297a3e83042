"""The running application as a process: it starts, ends cleanly, keeps its data, says what is wrong."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import boto3
import pytest
from meterportal.files import Files
from meterportal.usecases.attempts import BY_CLIENT

from infra.local.template import REGION, ROOT


class Run:
    """One start of the application without demo data, on a free port."""

    def __init__(self, state: Path, *, fresh: bool = False, port: int | None = None) -> None:
        self.port = port or _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "infra.local"],
            cwd=ROOT,
            env={
                **os.environ,
                "PORT": str(self.port),
                "FRESH": "1" if fresh else "",
                "DEMO": "0",
                "METERPORTAL_STATE": str(state),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def facts(self) -> dict[str, Any]:
        """What /_local/ tells, once the application is ready."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.process.poll() is not None:
                pytest.fail(self.process.communicate()[0])
            try:
                told = _get(f"{self.url}/_local/")
            except OSError:
                told = {}
            if told.get("ready"):
                return told
            time.sleep(0.1)
        pytest.fail("not ready after 60 s")

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Exit code and everything it printed."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        output = self.process.communicate(timeout=60)[0]
        return self.process.returncode, output

    def end_by_itself(self) -> tuple[int, str]:
        output = self.process.communicate(timeout=60)[0]
        return self.process.returncode, output


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _get(url: str) -> Any:
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own address
        return json.load(answer)


def _answers(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rsplit(":", 1)[1]))) == 0


@contextmanager
def running(state: Path, **options: Any) -> Iterator[Run]:
    run = Run(state, **options)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            run.end()


def client(service: str, endpoint: str, key: str = "local") -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=key,
    )


def send_a_mail(url: str) -> str:
    ses = client("sesv2", f"{url}/_local/ses")
    return str(
        ses.send_email(
            Destination={"ToAddresses": ["eva@kunde.example"]},
            Content={"Raw": {"Data": b"To: eva@kunde.example\r\nSubject: Hallo\r\n\r\nText\r\n"}},
        )["MessageId"]
    )


def test_it_ends_cleanly_and_keeps_its_data_until_a_fresh_start(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        told = run.facts()
        message_id = send_a_mail(run.url)
        dynamodb = client("dynamodb", told["aws"]["endpoint"])
        key = {"pk": {"S": "probe"}, "sk": {"S": "probe"}}
        dynamodb.put_item(TableName=told["aws"]["table"], Item=key)
        code, output = run.end(signal.SIGINT)

    assert code == 0, output
    assert "Traceback" not in output
    assert not _answers(run.url)
    assert not _answers(told["aws"]["endpoint"])

    with running(tmp_path) as again:
        told = again.facts()
        dynamodb = client("dynamodb", told["aws"]["endpoint"])
        kept = dynamodb.get_item(TableName=told["aws"]["table"], Key=key)
        mails = _get(f"{again.url}/_local/mails")
        code, output = again.end(signal.SIGTERM)

    assert code == 0, output
    assert kept["Item"] == key
    assert [mail["message_id"] for mail in mails] == [message_id]

    with running(tmp_path, fresh=True) as fresh:
        assert fresh.facts()["cognito"]["client_id"] != told["cognito"]["client_id"]
        assert _get(f"{fresh.url}/_local/mails") == []


def test_a_second_one_says_who_has_the_data_or_the_port(tmp_path: Path) -> None:
    with running(tmp_path / "one") as run:
        run.facts()
        code, output = Run(tmp_path / "one").end_by_itself()
        assert code == 1
        assert run.url in output
        assert str(run.process.pid) in output

        code, output = Run(tmp_path / "two", port=run.port).end_by_itself()
        assert code == 1
        assert f"PORT={run.port + 1}" in output
        assert "Traceback" not in output


def test_staff_sign_in_and_meet_the_gateway(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        told = run.facts()
        cognito = client("cognito-idp", told["cognito"]["endpoint"])
        account = told["accounts"][0]
        tokens = cognito.initiate_auth(
            ClientId=told["cognito"]["client_id"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": account["username"], "PASSWORD": account["password"]},
        )["AuthenticationResult"]

        assert _status(f"{run.url}/api/staff/contracts") == 401
        for token in ("IdToken", "AccessToken"):
            assert _status(f"{run.url}/api/staff/contracts", tokens[token]) == 200
        altered = tokens["IdToken"][:-3] + "AAA"
        assert _status(f"{run.url}/api/staff/contracts", altered) == 401
        assert _status(f"{run.url}/api/nothing") == 404
        assert _status(f"{run.url}/api/session") == 401


def test_attempts_are_counted_by_who_really_sends_them(tmp_path: Path) -> None:
    """Nothing stands in front of it: a passed-on address is the sender's invention."""
    with running(tmp_path) as run:
        run.facts()
        statuses = []
        # More than twice the limit: one of two quarters of an hour is full, whenever this runs.
        for number in range(2 * BY_CLIENT.most + 1):
            body = {"email": f"nobody{number}@nowhere.example", "code": "x"}
            connection = http.client.HTTPConnection("127.0.0.1", run.port, timeout=20)
            invented = f"203.0.113.{number % 250}"
            headers = {"Content-Type": "application/json", "X-Forwarded-For": invented}
            connection.request("POST", "/api/session", json.dumps(body), headers)
            statuses.append(connection.getresponse().status)
            connection.close()
        assert set(statuses) == {401, 429}


def test_everything_lies_under_one_origin(tmp_path: Path) -> None:
    """Pages, sign-in page and token exchange: what `connect-src 'self'` and one cookie need."""
    with running(tmp_path) as run:
        run.facts()
        login = _get(f"{run.url}/staff/config.json")
        assert login["login_url"] == run.url
        assert login["cognito_endpoint"].startswith(run.url)

        page = _exchange(run, "GET", "/staff/")
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert _exchange(run, "POST", "/staff/").status == 403

        moved = _exchange(run, "GET", "/staff/?a=1", host="localhost")
        assert (moved.status, moved.headers["location"]) == (307, f"{run.url}/staff/?a=1")
        assert _exchange(run, "POST", "/api/session", host="elsewhere.example").status == 403

        assert _id_token_by_login_page(run, login["client_id"]).count(".") == 2


def test_a_photo_comes_in_by_its_signed_address_and_as_announced_only(tmp_path: Path) -> None:
    photo = b"\xff\xd8\xff" + b"\0" * 61
    with running(tmp_path) as run:
        aws = run.facts()["aws"]
        s3 = client("s3", aws["endpoint"], key="test")
        address = Files(s3).upload_path(
            aws["photo_bucket"], "photos/1/2/3", content_type="image/jpeg", size=64, seconds=60
        )
        assert address.startswith("/photos/1/2/3?")

        def put(path: str, body: bytes, kind: str) -> int:
            return _exchange(run, "PUT", path, body=body, kind=kind).status

        assert put(address, photo + b"\0", "image/jpeg") == 403
        assert put(address, photo, "text/html") == 403
        assert put(address.replace("/3?", "/4?"), photo, "image/jpeg") == 403
        assert put("/photos/1/2/3", photo, "image/jpeg") == 403
        assert put(address, photo, "image/jpeg") == 200

        shown = Files(s3).view_path(
            aws["photo_bucket"], "photos/1/2/3", content_type="image/jpeg", seconds=60
        )
        given = _exchange(run, "GET", shown)
        assert (given.status, given.body) == (200, photo)
        assert given.headers["content-type"] == "image/jpeg"
        assert given.headers["x-content-type-options"] == "nosniff"
        assert _exchange(run, "GET", "/photos/1/2/3").status == 403


def _id_token_by_login_page(run: Run, client_id: str) -> str:
    """Authorization code with PKCE, as the console does it."""
    verifier = "v" * 64
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "client_id": client_id,
        "redirect_uri": f"{run.url}/staff/",
        "response_type": "code",
        "scope": "openid email",
        "state": "s",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    assert _exchange(run, "GET", f"/oauth2/authorize?{urlencode(asked)}").status == 200
    account = run.facts()["accounts"][0]
    given = {**asked, "username": account["username"], "password": account["password"]}
    back = _exchange(run, "POST", "/login", urlencode(given).encode()).headers["location"]
    assert back.startswith(f"{run.url}/staff/?")
    code = parse_qs(urlsplit(back).query)["code"][0]
    traded = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
    answer = _exchange(run, "POST", "/oauth2/token", urlencode(asked | traded).encode())
    return str(json.loads(answer.body)["id_token"])


@dataclass(frozen=True)
class Exchange:
    status: int
    headers: dict[str, str]
    body: bytes


def _exchange(
    run: Run,
    method: str,
    path: str,
    body: bytes | None = None,
    *,
    kind: str = "application/x-www-form-urlencoded",
    host: str = "127.0.0.1",
) -> Exchange:
    """One request, redirects not followed."""
    connection = http.client.HTTPConnection("127.0.0.1", run.port, timeout=20)
    headers = {"Host": f"{host}:{run.port}"}
    if body is not None:
        headers["Content-Type"] = kind
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    got = Exchange(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    connection.close()
    return got


def test_ending_it_while_it_starts_leaves_nothing_behind(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        while not (tmp_path / "ministack.log").exists():
            time.sleep(0.01)
        code, output = run.end(signal.SIGINT)
    assert code == 0, output
    assert "Traceback" not in output
    assert not _answers(run.url)


def _status(url: str, token: str = "") -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code
