"""A deployed stack as its users and AWS reach it; built from its outputs alone."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any
from urllib.parse import urlsplit

import urllib3
from meterportal.adapters import Adapters
from meterportal.settings import settings

from infra.aws.stack import outputs

_SECONDS = 240.0  # for a run to end: a cold start of every function it passes through


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def cookie(self) -> str:
        """The cookie that was set, as name=value."""
        return self.headers["set-cookie"].partition(";")[0]


class Deployed:
    """`endpoint` is where AWS is when it is not AWS: there every host name lives at one address."""

    def __init__(self, name: str, client: Callable[[str], Any], endpoint: str | None) -> None:
        self.name = name
        self.client = client
        self.endpoint = endpoint
        self.outputs = outputs(client("cloudformation"), name)
        self.started: list[tuple[str, str]] = []
        self._http = urllib3.PoolManager(retries=False, timeout=60)

    @cached_property
    def adapters(self) -> Adapters:
        """What the deployed functions reach the outside by, with the operator's rights."""
        name = self.outputs["CustomerApiName"]
        found = self.client("lambda").get_function_configuration(FunctionName=name)
        os.environ.update(found["Environment"]["Variables"])
        settings.cache_clear()
        return Adapters(settings(), client=self.client)

    def api(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        cookie: str | None = None,
        headers: Mapping[str, str] | None = None,
        directly: bool = False,
    ) -> Answer:
        """A request to the API through CloudFront, or past it; `body` as JSON, or bytes as they are."""
        sent = dict(headers or {})
        if token:
            sent["authorization"] = f"Bearer {token}"
        if cookie:
            sent["cookie"] = cookie
        content = body
        if body is not None and not isinstance(body, bytes):
            content = json.dumps(body).encode()
            sent.setdefault("content-type", "application/json")
        base = self.outputs["ApiUrl"] if directly else self._front
        return self._request(method, base, path, content, sent)

    def front(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A request to CloudFront."""
        return self._request(method, self._front, path, body, dict(headers or {}))

    def site(self, path: str) -> Answer:
        """A page."""
        return self.front("GET", path)

    def erp_token(self) -> str:
        """What the ERP's client gets for its secret."""
        told, cognito = self.outputs, self.client("cognito-idp")
        found = cognito.describe_user_pool_client(
            UserPoolId=told["UserPoolId"], ClientId=told["ErpClientId"]
        )["UserPoolClient"]
        headers = urllib3.make_headers(basic_auth=f"{found['ClientId']}:{found['ClientSecret']}")
        headers["content-type"] = "application/x-www-form-urlencoded"
        form = b"grant_type=client_credentials&scope=erp%2Ffeed"
        given = self._request("POST", told["LoginUrl"], "/oauth2/token", form, dict(headers))
        assert given.status == 200, given
        token: str = given.json["access_token"]
        return token

    @property
    def _front(self) -> str:
        """CloudFront by its own name, which is there before a dealer's points at it."""
        return f"https://{self.outputs['DistributionHost']}"

    def _request(
        self, method: str, base: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> Answer:
        if self.endpoint:
            headers, base = {**headers, "host": urlsplit(base).netloc}, self.endpoint
        given = self._http.request(method, base + path, body=body, headers=headers, redirect=False)
        return Answer(given.status, given.headers, given.data)

    def start(
        self, path: str, body: Any, token: str, headers: Mapping[str, str] | None = None
    ) -> str:
        """Starts a run by a POST; the path at which it can be asked."""
        answer = self.api("POST", path, body, token=token, headers=headers)
        assert answer.status == 202, answer
        run = f"{path.partition('?')[0]}/{answer.json['id']}"
        self.started.append((run, token))
        return run

    def finished(self, path: str, token: str) -> Any:
        """The run at `path` when it is done; fails when it failed or takes too long."""

        def ended() -> Any:
            answer = self.api("GET", path, token=token)
            assert answer.status == 200, answer
            return answer.json if answer.json["state"] != "running" else None

        told = self.until(ended, f"{path} to end")
        assert told["state"] == "done", told
        return told

    def until(self, found: Callable[[], Any], what: str, seconds: float = _SECONDS) -> Any:
        """What `found` finds, as soon as it finds anything."""
        end = time.monotonic() + seconds
        while not (answer := found()):
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds:.0f} s for {what}")
            time.sleep(0.5)
        return answer

    def settle(self) -> None:
        """Waits for what was started: what is taken away before it ends would come back."""
        for path, token in self.started:
            self.until(partial(self._has_ended, path, token), path, 60)

    def _has_ended(self, path: str, token: str) -> bool:
        answer = self.api("GET", path, token=token)
        return answer.status != 200 or bool(answer.json["state"] != "running")

    def invoke(self, function: str, event: Any) -> Any:
        """A function by its name in the template, with an event; fails when it raises."""
        given = self.client("lambda").invoke(
            FunctionName=self.outputs[f"{function}Name"], Payload=json.dumps(event).encode()
        )
        result = json.loads(given["Payload"].read() or b"null")
        assert "FunctionError" not in given, result
        return result

    def forget_files(self, bucket: str, prefix: str) -> None:
        """Deletes files with all their versions."""
        s3 = self.client("s3")
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            for kind in ("Versions", "DeleteMarkers"):
                for found in page.get(kind, []):
                    s3.delete_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])
