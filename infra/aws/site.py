"""The static pages: which file lies under which address, and their way into the site's bucket."""

from __future__ import annotations

import hashlib
import html
import json
import mimetypes
import re
import uuid
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from meterportal.files import Files
from meterportal.store.mailing import brands
from meterportal.store.table import Table
from meterportal.usecases.mailing.show_look import show_look
from rcssmin import cssmin
from rjsmin import jsmin

from infra.aws import console_page, portal_page

ROOT = Path(__file__).resolve().parents[2]
STATIC_SITE = ROOT / "static_site"

# Folder of static_site -> where it is served.
_ADDRESSES = {"portal": "", "console": "staff/", "shared": "shared/", "api": "api/"}
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_STRIPPED: dict[str, Callable[[str], str]] = {
    ".css": lru_cache(1000)(cssmin),
    ".js": lru_cache(1000)(jsmin),
}
LOGIN = "staff/config.json"
PRECACHE = "precache.js"
_MADE = (PRECACHE, console_page.STYLES)  # of other files, when it is asked for
_KEPT_OFFLINE = ("portal", "shared")
_DEALERS_OWN = "brand/"  # what staff put beside the pages: logo and styles of the look
_MINUTE = "public, max-age=60"


def pages(folder: Path = STATIC_SITE) -> dict[str, Path]:
    """Key in the bucket (= path of the address without its first slash) -> file."""
    found = {}
    for name, address in _ADDRESSES.items():
        for file in sorted((folder / name).rglob("*")):
            if file.is_file():
                found[address + file.relative_to(folder / name).as_posix()] = file
    return found


def page(key: str, folder: Path = STATIC_SITE) -> Path | None:
    """The file of a key as `pages` has it, found without looking at the others."""
    parts = key.split("/")
    if "\0" in key or any(part in ("", ".", "..") for part in parts):
        return None
    for name, address in _ADDRESSES.items():
        if key.startswith(address):
            file = folder / name / key.removeprefix(address)
            if file.is_file():
                return file
    return None


def content_type(key: str) -> str:
    suffix = Path(key).suffix
    return _TYPES.get(suffix) or mimetypes.guess_type(key)[0] or "application/octet-stream"


def keys(folder: Path = STATIC_SITE) -> list[str]:
    """What `served` has an answer for."""
    return sorted({*pages(folder), *_MADE} - _joined(folder))


def served(key: str, dealer: str, folder: Path = STATIC_SITE) -> bytes | None:
    """What goes out under a key, None for no file: scripts and styles without comments and indentation,
    names as they were written; the portal's door carries the dealer's name.
    """
    if key == PRECACHE:
        return precache(folder)
    if key in _joined(folder):
        return None
    file = page(console_page.KEY if key == console_page.STYLES else key, folder)
    if file is None:
        return None

    def read(other: str) -> str:
        found = page(other, folder)
        if found is None:
            raise FileNotFoundError(other)
        return found.read_text()

    content = file.read_bytes()
    if key == console_page.STYLES:
        content = console_page.styles(content.decode(), read).encode()
    if key == console_page.KEY:
        return _unindented(console_page.joined(content.decode(), read).encode())
    if key == portal_page.KEY:
        return _unindented(_named(portal_page.plain(content.decode()).encode(), dealer))
    text = _of_portal(key, folder, read) if Path(key).suffix == ".js" else None
    strip = _STRIPPED.get(Path(key).suffix)
    return strip(content.decode() if text is None else text).encode() if strip else content


def _start(folder: Path) -> tuple[str, list[str]]:
    """The contact's page as it was written, and the modules that go out as one."""
    door = page(portal_page.KEY, folder)
    html = door.read_text() if door else ""
    return html, portal_page.parts(html)


def _joined(folder: Path) -> set[str]:
    """Keys of the portal's own modules that go out within another file only."""
    return {key for key in _start(folder)[1][:-1] if not key.startswith(_ADDRESSES["shared"])}


def _of_portal(key: str, folder: Path, read: portal_page.Read) -> str | None:
    """A module of the portal as it goes out; None for what is no module of it."""
    if key.startswith((_ADDRESSES["console"], _ADDRESSES["shared"])):
        return None
    html, together = _start(folder)
    if together and key == together[-1]:
        return portal_page.start(html, read)
    return portal_page.rewired(html, read(key))


def _named(content: bytes, dealer: str) -> bytes:
    name = html.escape(dealer).encode()
    told = b'data-dealer="%b">%b' % (name, name)
    return re.sub(rb'data-dealer="">[^<]*', lambda _: told, content) if name else content


def _unindented(content: bytes) -> bytes:
    return re.sub(rb"\n +", b"\n", content)


def precache(folder: Path = STATIC_SITE) -> bytes:
    """What the portal's service worker keeps for times without a network: the portal's files as one
    set, named by a digest of their contents. A change in any file makes it a new script, which is how
    browsers notice.
    """
    digest, files = hashlib.sha256(), ["/"]
    within = {f"/{key}" for key in _start(folder)[1][:-1]}
    for name in _KEPT_OFFLINE:
        for file in sorted((folder / name).rglob("*")):
            if not file.is_file():
                continue
            path = f"/{_ADDRESSES[name]}{file.relative_to(folder / name).as_posix()}"
            digest.update(path.encode() + b"\0" + file.read_bytes())
            if path not in {"/index.html", "/sw.js", *within}:
                files.append(path)
    told = {"version": digest.hexdigest()[:16], "files": files}
    return f"self.PRECACHE = {json.dumps(told)};\n".encode()


def login(outputs: Mapping[str, str], region: str) -> dict[str, str]:
    """What the console must know to log somebody in; nothing of it is secret."""
    return {
        "region": region,
        "user_pool_id": outputs["UserPoolId"],
        "client_id": outputs["UserPoolClientId"],
        "login_url": outputs["LoginUrl"],
    }


def publish(outputs: Mapping[str, str], client: Callable[[str], Any], region: str) -> list[str]:
    """Uploads all pages, removes what is no page any more, empties CloudFront's cache; the keys.

    What lies under brand/ is the dealer's and stays; the styles of the look are written anew from what
    is set, in the form of this version.
    `outputs` are the stack's; `client` gives the boto3 client of a service.
    """
    s3, bucket = client("s3"), outputs["SiteBucketName"]
    dealer = outputs["DealerName"]
    contents = {key: content for key in keys() if (content := served(key, dealer)) is not None}
    contents[LOGIN] = json.dumps(login(outputs, region)).encode()
    for key, content in contents.items():
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=content,
            ContentType=content_type(key),
            CacheControl=_MINUTE,
        )
    there = [
        item["Key"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for item in page.get("Contents", [])
    ]
    for key in set(there) - contents.keys():
        if key.startswith(_DEALERS_OWN):
            continue
        s3.delete_object(Bucket=bucket, Key=key)
    table = Table(client("dynamodb"), outputs["TableName"])
    show_look(partial(brands.load, table), Files(s3), bucket)
    client("cloudfront").create_invalidation(
        DistributionId=outputs["DistributionId"],
        InvalidationBatch={
            "Paths": {"Quantity": 1, "Items": ["/*"]},
            "CallerReference": str(uuid.uuid4()),
        },
    )
    return sorted(contents)
