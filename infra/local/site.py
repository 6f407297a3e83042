"""The static pages as CloudFront serves them: paths, security headers, compression, 304.

Folders follow the deployment's layout of the site bucket; headers come from the template.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from infra.local.http_api import Answer, Headers
from infra.local.template import ROOT, Template

SITE = ROOT / "static_site"
# Where a folder of static_site/ hangs, the longest prefix first.
FOLDERS = (("/shared/", "shared"), ("/staff/", "console"), ("/api/", "api"), ("/", "portal"))
_COMPRESS_FROM = 1000  # bytes, as CloudFront does
_KINDS = {".js": "text/javascript", ".mjs": "text/javascript", ".svg": "image/svg+xml"}
_ZIPPED = ("text/", "application/json", "application/manifest+json", "image/svg+xml")


def find(path: str, site: Path = SITE) -> Path | None:
    """The file behind a decoded URL path; a folder means its index.html; None if there is none."""
    prefix, folder = next(pair for pair in FOLDERS if path.startswith(pair[0]))
    root = (site / folder).resolve()
    wanted = path.removeprefix(prefix)
    found = (
        root / (f"{wanted}index.html" if wanted.endswith("/") or not wanted else wanted)
    ).resolve()
    return found if found.is_relative_to(root) and found.is_file() else None


def serve(path: str, asked: Mapping[str, str], headers: Headers, site: Path = SITE) -> Answer:
    """The answer to GET `path` (still encoded); `asked` are the request's headers in lower case.

    `headers` are those of the response headers policy, set on every answer.
    """
    decoded = unquote(path)
    if decoded == "/staff":
        return Answer(308, [*headers, ("location", "/staff/")], b"")
    file = find(decoded, site) if "\0" not in decoded else None
    if file is None:
        refused = [*headers, ("content-type", "text/plain; charset=utf-8")]
        return Answer(404, refused, b"Nicht gefunden. / Not found.\n")
    kind = _KINDS.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "binary/octet-stream"
    return _content(file.read_bytes(), kind, asked, headers)


def _content(content: bytes, kind: str, asked: Mapping[str, str], headers: Headers) -> Answer:
    zips = kind.startswith(_ZIPPED) and len(content) >= _COMPRESS_FROM
    zipped = zips and "gzip" in asked.get("accept-encoding", "")
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}{"-gz" if zipped else ""}"'
    textual = kind.startswith("text/") or kind == "application/json"
    described = [
        *headers,
        ("content-type", f"{kind}; charset=utf-8" if textual else kind),
        ("etag", tag),
        ("cache-control", "no-cache"),
    ]
    if zips:
        described.append(("vary", "accept-encoding"))
    if tag in [given.strip() for given in asked.get("if-none-match", "").split(",")]:
        return Answer(304, described, b"")
    if zipped:
        content = gzip.compress(content, compresslevel=6, mtime=0)
        described.append(("content-encoding", "gzip"))
    return Answer(200, described, content)


def policy_headers(template: Template, policy: str) -> Headers:
    """The headers that a ResponseHeadersPolicy of the template sets, by its logical name."""
    config = template.resolve(
        dict(template.resource(policy).properties["ResponseHeadersPolicyConfig"])
    )
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


def behaviours(template: Template) -> dict[str, str]:
    """The distribution's response headers policies by path pattern; "*" is the default."""
    (distribution,) = template.resources("AWS::CloudFront::Distribution")
    config = distribution.properties["DistributionConfig"]
    found = {
        str(behaviour["PathPattern"]): str(behaviour["ResponseHeadersPolicyId"]["Ref"])
        for behaviour in config.get("CacheBehaviors", [])
    }
    found["*"] = str(config["DefaultCacheBehavior"]["ResponseHeadersPolicyId"]["Ref"])
    return found


def origin_headers(template: Template) -> dict[str, str]:
    """What CloudFront adds to requests that go to the API (secrets still as references)."""
    (distribution,) = template.resources("AWS::CloudFront::Distribution")
    config = distribution.properties["DistributionConfig"]
    return {
        str(header["HeaderName"]).lower(): str(template.resolve(header["HeaderValue"]))
        for origin in config["Origins"]
        for header in origin.get("OriginCustomHeaders", [])
    }
