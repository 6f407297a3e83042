"""The demo data's way in: the front door, like any export of an ERP."""

from __future__ import annotations

import http.client
import io
import json
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.local.staff_pool import Account

_WAIT_SECONDS = 600.0  # ten are usual; a machine may have much else to do


class NotLoaded(RuntimeError):
    """The demo data did not get in; the text is the application's answer."""


def zipped(folder: Path) -> bytes:
    """All CSV files of a folder in one archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.glob("*.csv")):
            archive.writestr(file.name, file.read_bytes())
    return packed.getvalue()


def staff_token(public_url: str, client_id: str, account: Account) -> str:
    """An id token by name and password, as a script gets it."""
    answer = _call(
        public_url,
        "POST",
        "/_local/cognito",
        {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth",
        },
        json.dumps(
            {
                "AuthFlow": "USER_PASSWORD_AUTH",
                "ClientId": client_id,
                "AuthParameters": {"USERNAME": account.username, "PASSWORD": account.password},
            }
        ).encode(),
    )
    return str(answer["AuthenticationResult"]["IdToken"])


def load_demo(
    public_url: str, token: str, folder: Path, pause: Callable[[float], None]
) -> dict[str, Any]:
    """Imports the folder and waits; {"import_id", "rows", "accepted", "rejected", "findings"}.

    `pause` waits for so many seconds between two looks. Raises NotLoaded when the application refuses the files or does not finish.
    """
    authorized = {"authorization": f"Bearer {token}"}
    sent = {**authorized, "content-type": "application/zip"}
    import_id = _call(public_url, "POST", "/api/staff/imports", sent, zipped(folder))["id"]
    end = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < end:
        report = _call(public_url, "GET", f"/api/staff/imports/{import_id}", authorized)
        if report["state"] == "done":
            counts = {name: report[name] for name in ("rows", "accepted", "rejected")}
            return {"import_id": import_id, **counts, "findings": _findings(report)}
        if report["state"] == "failed":
            raise NotLoaded(json.dumps(report, ensure_ascii=False)[:500])
        pause(0.3)
    raise NotLoaded(f"import {import_id} is still running after {_WAIT_SECONDS:.0f} s")


def _findings(report: Mapping[str, Any]) -> int:
    return int(report.get("findings_total", len(report.get("findings", []))))


def _call(
    public_url: str, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
) -> dict[str, Any]:
    connection = http.client.HTTPConnection(urlsplit(public_url).netloc, timeout=60)
    try:
        connection.request(method, path, body=body, headers=dict(headers))
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", errors="replace")
    except (OSError, http.client.HTTPException) as broken:
        raise NotLoaded(f"{method} {path}: {broken}") from broken
    finally:
        connection.close()
    if answer.status >= 300:
        raise NotLoaded(f"{method} {path}: {answer.status} {text[:500]}")
    content: dict[str, Any] = json.loads(text)
    return content
