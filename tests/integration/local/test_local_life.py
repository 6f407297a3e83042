"""The running application as a process: it starts, ends cleanly, keeps its data, says what is wrong."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import signal
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from meterportal.files import Files
from meterportal.usecases.access.attempts import BY_NETWORK

from tests.support.local_runs import Run, answers, client, get_json, running


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
    assert not answers(run.url)
    assert not answers(told["aws"]["endpoint"])

    with running(tmp_path) as again:
        told = again.facts()
        dynamodb = client("dynamodb", told["aws"]["endpoint"])
        kept = dynamodb.get_item(TableName=told["aws"]["table"], Key=key)
        mails = get_json(f"{again.url}/_local/mails")
        code, output = again.end(signal.SIGTERM)

    assert code == 0, output
    assert kept["Item"] == key
    assert [mail["message_id"] for mail in mails] == [message_id]

    with running(tmp_path, fresh=True) as fresh:
        assert fresh.facts()["cognito"]["client_id"] != told["cognito"]["client_id"]
        assert get_json(f"{fresh.url}/_local/mails") == []


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
        assert _status(f"{run.url}/api/staff/contracts", tokens["IdToken"]) == 200
        assert _status(f"{run.url}/api/staff/contracts", tokens["AccessToken"]) == 403
        altered = tokens["IdToken"][:-3] + "AAA"
        assert _status(f"{run.url}/api/staff/contracts", altered) == 401
        assert _status(f"{run.url}/api/nothing") == 404
        assert _status(f"{run.url}/api/session") == 401

        # The ERP is another client, with another kind of token, for one route.
        feed = told["erp"]["feed"]
        erp = run.application.erp_token()
        assert _status(feed, erp) == 200
        for token in (*(tokens[name] for name in ("IdToken", "AccessToken")), "", erp[:-3] + "AAA"):
            assert _status(feed, token) == 401
        for path in ("contracts", "portfolio", "exports", "readings?bucket=reported"):
            assert _status(f"{run.url}/api/staff/{path}", erp) == 401
        with pytest.raises(urllib.error.HTTPError, match="400"):
            run.application.erp_token(scope="erp/everything")
        with pytest.raises(urllib.error.HTTPError, match=r"40[01]"):
            run.application.erp_token(client_id=told["cognito"]["client_id"])


def test_attempts_are_counted_by_who_really_sends_them(tmp_path: Path) -> None:
    """Nothing stands in front of it: a passed-on address is the sender's invention."""
    with running(tmp_path) as run:
        run.facts()
        statuses = []
        # Each wait is twice as long as the one before: a slow machine meets one of them, too.
        for number in range(BY_NETWORK.free + 8):
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
        login = get_json(f"{run.url}/staff/config.json")
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
    proof = json.dumps({"code": code, "verifier": verifier}).encode()
    opened = _exchange(run, "POST", "/api/staff/session", proof, kind="application/json")
    cookie = opened.headers["set-cookie"].partition(";")[0]
    renewed = _exchange(
        run, "POST", "/api/staff/session/renew", b"{}", kind="application/json", cookie=cookie
    )
    return str(json.loads(renewed.body)["id_token"])


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
    cookie: str = "",
) -> Exchange:
    """One request, redirects not followed."""
    connection = http.client.HTTPConnection("127.0.0.1", run.port, timeout=20)
    headers = {"Host": f"{host}:{run.port}"}
    if body is not None:
        headers["Content-Type"] = kind
    if cookie:
        headers["Cookie"] = cookie
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
    assert not answers(run.url)


def _status(url: str, token: str = "") -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code
