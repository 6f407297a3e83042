"""What stands in for CloudFront in the deployment test, for origins that MiniStack does not dial.

MiniStack's own CloudFront reads buckets; the API and the signed addresses of photos it does not
reach. For those paths this does what the deployed distribution says: methods, headers, cookies and
query strings that pass, the headers added on the way in, the headers set on the way out.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from infra.local.http_api import Headers
from infra.local.site import headers_set_by

_ALWAYS = {"content-type", "content-length", "content-encoding", "accept", "range"}
_BUCKET = re.compile(r"(?P<name>[a-z0-9.-]+)\.s3\.[a-z0-9-]+\.amazonaws\.com")


class OtherBehaviour(Exception):
    """A policy asks CloudFront for something that the template does not use and this does not do."""


@dataclass(frozen=True)
class Passed:
    """A request as it goes on to its origin, and what is set on the answer to it."""

    path: str
    headers: Headers
    set_headers: Headers


@dataclass(frozen=True)
class Edge:
    """A deployed distribution: its host name, its configuration, its policies by their ids.

    `endpoint` is where deployed functions find AWS, and for which they sign.
    """

    host: str
    config: Mapping[str, Any]
    request_policies: Mapping[str, Any]
    response_policies: Mapping[str, Any]
    endpoint: str

    @classmethod
    def read(cls, client: Callable[[str], Any], distribution: str, endpoint: str) -> Edge:
        """What was deployed."""
        cloudfront = client("cloudfront")
        found = cloudfront.get_distribution(Id=distribution)["Distribution"]
        config = found["DistributionConfig"]
        asked, answered = set(), set()
        for behaviour in config["CacheBehaviors"]["Items"]:
            asked.add(behaviour.get("OriginRequestPolicyId"))
            answered.add(behaviour.get("ResponseHeadersPolicyId"))
        return cls(
            found["DomainName"],
            config,
            {
                name: cloudfront.get_origin_request_policy(Id=name)["OriginRequestPolicy"][
                    "OriginRequestPolicyConfig"
                ]
                for name in asked - {None}
            },
            {
                name: cloudfront.get_response_headers_policy(Id=name)["ResponseHeadersPolicy"][
                    "ResponseHeadersPolicyConfig"
                ]
                for name in answered - {None}
            },
            endpoint,
        )

    def passes(self, method: str, path: str, headers: Headers) -> Passed | int | None:
        """The request as it goes on, or the status with which CloudFront refuses it; None where
        MiniStack's own CloudFront shall answer. `path` with its query.
        """
        behaviour = next(
            (
                found
                for found in self.config["CacheBehaviors"]["Items"]
                if fnmatch.fnmatchcase(path.partition("?")[0], found["PathPattern"])
            ),
            self.config["DefaultCacheBehavior"],
        )
        origins = {origin["Id"]: origin for origin in self.config["Origins"]["Items"]}
        origin = origins[behaviour["TargetOriginId"]]
        if origin.get("OriginAccessControlId"):
            return None
        if method not in behaviour["AllowedMethods"]["Items"]:
            return 403
        policy = self.request_policies.get(behaviour.get("OriginRequestPolicyId", ""), {})
        return Passed(
            self._path(path, origin["DomainName"], policy),
            self._headers(headers, origin, policy),
            headers_set_by(self.response_policies.get(behaviour["ResponseHeadersPolicyId"], {})),
        )

    def _path(self, path: str, domain: str, policy: Mapping[str, Any]) -> str:
        known = policy.get("QueryStringsConfig", {}).get("QueryStringBehavior", "none")
        if known not in ("all", "none"):
            raise OtherBehaviour(f"query strings: {known}")
        bucket = _BUCKET.fullmatch(domain)
        place = f"/{bucket['name']}{path}" if bucket else path
        return place if known == "all" else place.partition("?")[0]

    def _headers(
        self, headers: Headers, origin: Mapping[str, Any], policy: Mapping[str, Any]
    ) -> Headers:
        added = {
            header["HeaderName"].lower(): header["HeaderValue"]
            for header in origin.get("CustomHeaders", {}).get("Items", [])
        }
        sent_by = dict(headers).get("x-forwarded-for", "")
        added["host"] = self._host(origin["DomainName"])
        added["via"] = f"1.1 {self.host} (CloudFront)"
        added["x-forwarded-for"] = f"{sent_by}, 127.0.0.1" if sent_by else "127.0.0.1"
        forwards = _forwards(policy.get("HeadersConfig", {}), "Header")
        cookies = policy.get("CookiesConfig", {}).get("CookieBehavior", "none") == "all"
        passed = [
            (name, value)
            for name, value in headers
            if name not in added
            and (cookies if name == "cookie" else name in _ALWAYS or forwards(name))
        ]
        return [*passed, *added.items()]

    def _host(self, domain: str) -> str:
        """MiniStack knows a bucket in the path."""
        return urlsplit(self.endpoint).netloc if _BUCKET.fullmatch(domain) else domain


def _forwards(config: Mapping[str, Any], what: str) -> Callable[[str], bool]:
    behaviour = config.get(f"{what}Behavior", "none")
    named = {name.lower() for name in config.get(f"{what}s", {}).get("Items", [])}
    match behaviour:
        case "allExcept":
            return lambda name: name not in named
        case "allViewer":
            return lambda _name: True
        case "whitelist":
            return lambda name: name in named
        case "none":
            return lambda _name: False
        case _:
            raise OtherBehaviour(f"{what}: {behaviour}")
