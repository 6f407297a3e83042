"""A deployed stack as its users and AWS reach it; built from its outputs alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import urllib3

from infra.aws.stack import outputs

_SECONDS = 120.0  # for a run to end: a cold start of every function it passes through


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


class Deployed:
    """`endpoint` is where AWS is when it is not AWS: there every host name lives at one address."""

    def __init__(self, name: str, client: Callable[[str], Any], endpoint: str | None) -> None:
        self.name = name
        self.client = client
        self.endpoint = endpoint
        self.outputs = outputs(client("cloudformation"), name)
        self._http = urllib3.PoolManager(retries=False, timeout=60)

    @cached_property
    def _api(self) -> str:
        """The API's own address, as API Gateway tells it."""
        api = self.client("apigatewayv2").get_api(ApiId=self.outputs["ApiId"])
        return str(api["ApiEndpoint"])

    @cached_property
    def origin_secret(self) -> str:
        secrets = self.client("secretsmanager")
        secret = secrets.get_secret_value(SecretId=self.outputs["OriginSecretArn"])
        return str(secret["SecretString"])

    def api(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        through_front: bool = True,
    ) -> Answer:
        """A request as CloudFront passes it on to the API; `body` as JSON, or bytes as they are."""
        sent = dict(headers or {})
        if through_front:
            sent["x-origin-secret"] = self.origin_secret
        if token:
            sent["authorization"] = f"Bearer {token}"
        content = body
        if body is not None and not isinstance(body, bytes):
            content = json.dumps(body).encode()
            sent.setdefault("content-type", "application/json")
        return self._request(method, self._api, path, content, sent)

    def site(self, path: str) -> Answer:
        """A page through CloudFront, by its own host name."""
        return self.front("GET", path)

    def front(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A request to CloudFront."""
        host = f"https://{self.outputs['DistributionHost']}"
        return self._request(method, host, path, body, dict(headers or {}))

    def photos(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A request to the bucket of photos: through CloudFront, or where that only reads buckets
        and leaves signatures away (MiniStack) as CloudFront would pass it on."""
        if not self.endpoint:
            return self.front(method, path, body, headers)
        s3 = self.client("s3")
        host = f"{self.outputs['PhotoBucketName']}.s3.{s3.meta.region_name}.amazonaws.com"
        return self._request(method, f"https://{host}", path, body, dict(headers or {}))

    def _request(
        self, method: str, base: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> Answer:
        if self.endpoint:
            headers, base = {**headers, "host": urlsplit(base).netloc}, self.endpoint
        given = self._http.request(method, base + path, body=body, headers=headers, redirect=False)
        return Answer(given.status, given.headers, given.data)

    def finished(self, path: str, token: str) -> Any:
        """The run at `path` when it is done; fails when it failed or takes too long."""
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            answer = self.api("GET", path, token=token)
            assert answer.status == 200, answer
            if answer.json["state"] != "running":
                assert answer.json["state"] == "done", answer.json
                return answer.json
            time.sleep(0.5)
        raise AssertionError(f"{path} is still running after {_SECONDS:.0f} s")

    def invoke(self, function: str, event: Any) -> Any:
        """A function by its name in the template, with an event; fails when it raises."""
        given = self.client("lambda").invoke(
            FunctionName=self.outputs[f"{function}Name"], Payload=json.dumps(event).encode()
        )
        result = json.loads(given["Payload"].read() or b"null")
        assert "FunctionError" not in given, result
        return result
