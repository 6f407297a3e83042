"""The static pages as CloudFront serves them: paths, security headers, compression, 304.

Addresses are those of the deployment's upload; headers come from the template.
"""

from __future__ import annotations

import fnmatch
import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import brotli

from infra.aws.site import STATIC_SITE, content_type, served
from infra.local.http_api import Answer, Headers
from infra.local.template import Template

ENCODED_FRAGMENT = re.compile(r"^/(#|%(25)*23)", re.IGNORECASE)
"""What mail programs make of a link's "#", however often they encode it: the edge function's own rule."""

_COMPRESS_FROM = 1000  # bytes, as CloudFront does
# In the order in which CloudFront prefers them; how hard it tries is not known, so neither does this.
# Once for a content: the console's start alone asks for eighty files.
_CODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "br": lru_cache(1000)(partial(brotli.compress, quality=5)),
    "gzip": lru_cache(1000)(partial(gzip.compress, compresslevel=6, mtime=0)),
}
_ZIPPED = ("text/", "application/json", "application/manifest+json", "image/svg+xml")


def serve(
    path: str,
    asked: Mapping[str, str],
    headers: Headers,
    site: Path = STATIC_SITE,
    dealer: str = "",
) -> Answer:
    """The answer to GET `path` (still encoded); `asked` are the request's headers in lower case.

    `headers` are those of the response headers policy, set on every answer.
    """
    if ENCODED_FRAGMENT.match(path):
        path = "/index.html"  # the page mends its link
    key = unquote(path).removeprefix("/")
    if key == "staff":
        return Answer(308, [*headers, ("location", "/staff/")], b"")
    if not key or key.endswith("/"):
        key += "index.html"
    content = served(key, dealer, site)
    if content is None:
        refused = [*headers, ("content-type", "text/plain; charset=utf-8")]
        return Answer(404, refused, b"Nicht gefunden. / Not found.\n")
    return _content(content, content_type(key), asked, headers)


def _content(content: bytes, kind: str, asked: Mapping[str, str], headers: Headers) -> Answer:
    zips = kind.startswith(_ZIPPED) and len(content) >= _COMPRESS_FROM
    offered = asked.get("accept-encoding", "").replace(",", " ").split()
    coding = next((name for name in _CODINGS if zips and name in offered), "")
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}{coding and f"-{coding}"}"'
    described = [
        *headers,
        ("content-type", kind),
        ("etag", tag),
        ("cache-control", "no-cache"),
    ]
    if zips:
        described.append(("vary", "accept-encoding"))
    if tag in [given.strip() for given in asked.get("if-none-match", "").split(",")]:
        return Answer(304, described, b"")
    if coding:
        content = _CODINGS[coding](content)
        described.append(("content-encoding", coding))
    return Answer(200, described, content)


def policy_headers(template: Template, policy: str) -> Headers:
    """The headers that a ResponseHeadersPolicy of the template sets, by its logical name."""
    return headers_set_by(
        template.resolve(dict(template.resource(policy).properties["ResponseHeadersPolicyConfig"]))
    )


def headers_set_by(config: Mapping[str, Any]) -> Headers:
    """The headers that a ResponseHeadersPolicyConfig sets, as the template or CloudFront has it."""
    security = config.get("SecurityHeadersConfig", {})
    found: Headers = []
    for name, body in security.items():
        found.extend(_security_header(name, body))
    for item in config.get("CustomHeadersConfig", {}).get("Items", []):
        found.append((str(item["Header"]).lower(), str(item["Value"])))
    return found


def _security_header(name: str, body: Mapping[str, Any]) -> Headers:
    match name:
        case "ContentSecurityPolicy":
            return [("content-security-policy", " ".join(str(body[name]).split()))]
        case "StrictTransportSecurity":
            value = f"max-age={body['AccessControlMaxAgeSec']}"
            value += "; includeSubDomains" if body.get("IncludeSubdomains") else ""
            return [
                ("strict-transport-security", value + ("; preload" if body.get("Preload") else ""))
            ]
        case "ContentTypeOptions":
            return [("x-content-type-options", "nosniff")]
        case "FrameOptions":
            return [("x-frame-options", str(body["FrameOption"]))]
        case "ReferrerPolicy":
            return [("referrer-policy", str(body[name]))]
        case _:
            raise ValueError(f"security header {name} is not known here")


class Policies:
    """The response headers of each path, as the distribution's behaviours say."""

    def __init__(self, template: Template) -> None:
        (distribution,) = template.resources("AWS::CloudFront::Distribution")
        config = distribution.properties["DistributionConfig"]
        default = {**config["DefaultCacheBehavior"], "PathPattern": "*"}
        # In the order in which CloudFront tries them.
        self._headers = [
            (
                str(behaviour["PathPattern"]),
                policy_headers(template, str(behaviour["ResponseHeadersPolicyId"]["Ref"])),
            )
            for behaviour in [*config.get("CacheBehaviors", []), default]
        ]

    def of(self, path: str) -> Headers:
        return next(
            headers for pattern, headers in self._headers if fnmatch.fnmatchcase(path, pattern)
        )


def origin_headers(template: Template) -> dict[str, str]:
    """What CloudFront adds to requests that go to the API (secrets still as references)."""
    (distribution,) = template.resources("AWS::CloudFront::Distribution")
    config = distribution.properties["DistributionConfig"]
    return {
        str(header["HeaderName"]).lower(): str(template.resolve(header["HeaderValue"]))
        for origin in config["Origins"]
        for header in origin.get("OriginCustomHeaders", [])
    }
