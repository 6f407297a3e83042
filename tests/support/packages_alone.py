"""A program: everything of ours with no packages but those of the layer, and what Lambda itself brings.

    python -I -S packages_alone.py LAYER BROUGHT OURS... PORT

Imports every module of ours, asks every route, and does once what imports or reads something only when it is needed.
PORT is a name server's on 127.0.0.1. Tells what was done in the last line.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, date, datetime
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import reset_tzpath

APIS = ("customer_api", "erp_api", "staff_api", "staff_session")


def main(packages: list[str], ours: list[str], port: int) -> None:
    sys.path[:0] = [*ours, *packages]
    # Nothing of a deployment, and no zones but those of the layer.
    os.environ |= {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_EC2_METADATA_DISABLED": "true"}
    reset_tzpath(())
    # Powertools asks for more of itself where it is there first.
    import_module("pydantic")
    for name in [name for folder in ours for name in modules(Path(folder))]:
        import_module(name)
    told = {
        "bodies": bodies(),
        "routes": sum(routes(sys.modules[f"{name}.app"]) for name in APIS),
        "once": once(),
        "names": names(port),
        "delivered": delivered(),
    }
    sys.stdout.write(json.dumps(told))


def modules(folder: Path) -> list[str]:
    """Dotted names of all modules in a folder of packages."""
    paths = [path.relative_to(folder).with_suffix("") for path in sorted(folder.rglob("*.py"))]
    return [".".join(path.parts).removesuffix(".__init__") for path in paths]


def bodies() -> int:
    """Builds the check of every request's body, which otherwise the first request does."""
    from meterportal.http import Body

    def heirs(kind: type[Body]) -> list[type[Body]]:
        return [kind, *(heir for own in kind.__subclasses__() for heir in heirs(own))]

    built = heirs(Body)
    for body in built:
        body.model_rebuild(force=True)
    return len(built)


def routes(app: ModuleType) -> int:
    """Asks each route of an API without a session; their number."""
    getattr(app, "include_all", bool)()
    # Powertools has no public list of its routes.
    known = [*app.app._static_routes, *app.app._dynamic_routes]
    for route in known:
        path = route.openapi_path.replace("{", "").replace("}", "")
        event = {
            "version": "2.0",
            "routeKey": f"{route.method} {route.openapi_path}",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {"content-type": "application/json"},
            "body": "{}",
            "isBase64Encoded": False,
            "requestContext": {"stage": "$default", "http": {"method": route.method, "path": path}},
        }
        app.lambda_handler(event, None)
    return len(known)


def once() -> dict[str, Any]:
    """Keys, passwords, a code to scan, a workbook, an address, letters and their cleaning."""
    from meterportal import crypto, qr, workbooks
    from meterportal.archives import REQUEST
    from meterportal.mail import addresses, letters, markup
    from meterportal.mail.layout import SenderIdentity

    keys = crypto.KeyRing.from_secret("a generated text", stage="test")
    table: list[tuple[str, str | date]] = [("Gerät", "Tag"), ("200001", date(2026, 11, 28))]
    book = workbooks.opened(BytesIO(workbooks.workbook(table, title="A", widths=(9, 9))), REQUEST)
    sender = SenderIdentity("Büro", "a@portal.example", "b@portal.example")
    written = [
        letters.password_notice_mail(
            letters.Reader("a@portal.example", (), language),
            set_at=datetime(2026, 11, 28, tzinfo=UTC),
            sender=sender,
        )
        for language in ("de", "en")
    ]
    return {
        "link": keys.open_link(keys.seal_link(b"0123456789abcdef")).decode(),
        "password": crypto.password_fits("Zählerstand", crypto.hash_password("Zählerstand")),
        "drawn": bool(qr.draw("https://portal.example")),
        "rows": [[str(cell) for cell in cells] for _, cells in book.rows(book.sheets[0])],
        "mailbox": addresses.mailbox("Anna@Büro.example")[0],
        "letters": [bool(mail.text and mail.html) for mail in written],
        "cleaned": markup.cleaned("<p>a</p><script>b</script>"),
    }


def names(port: int) -> list[Any]:
    """What the name server says of one name, in each kind that is asked for."""
    from meterportal.domain.mailing.sender_records import RecordKind
    from meterportal.mail.name_servers import NameServers

    told = NameServers("127.0.0.1", port).ask([("portal.example", kind) for kind in RecordKind])
    return [value for _, value in sorted(told.items())]


def delivered() -> Any:
    """A delivery of two messages, of which one goes back to its queue."""
    from meterportal.deliveries import deliver

    class Context:
        def get_remaining_time_in_millis(self) -> int:
            return 60_000

    records = [
        {"messageId": str(number), "body": str(number), "eventSource": "aws:sqs"}
        for number in range(2)
    ]
    return deliver({"Records": records}, Context(), lambda body: 1 // int(body), reserve=1)


if __name__ == "__main__":
    layer, brought, *ours, port = sys.argv[1:]
    main([layer, brought], ours, int(port))
