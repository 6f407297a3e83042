"""What a person may choose when starting the application on this machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from infra.local.staff_pool import Account
from infra.local.template import ACCOUNT, REGION, ROOT

DEMO = Path(__file__).parent / "demo"
DEMO_TODAY = date(2026, 11, 23)  # the day on which the demo data's month is going on
PARAMETERS = {
    "Stage": "local",
    "DealerName": "Bürotechnik Sommer GmbH",
    "SenderAddress": "zaehlerstand@dealer.example",
    "ReplyTo": "service@dealer.example",
    "InboundDomain": "antwort.dealer.example",
    # Data that were stored under this name are still there, as in a stack of those days.
    "ImportBucketName": f"meterportal-local-imports-{ACCOUNT}",
    # Who tries a report wants to see its receipt: the next firing takes it, or a click on /_local/.
    "ReceiptQuietMinutes": "0",
}
# Printed at every start and shown on /_local/: these accounts exist on this machine only.
ACCOUNTS = tuple(
    Account(
        name,
        f"{name.lower().replace(' ', '.')}@dealer.example",
        f"Zaehlerstand-{group}-2026",
        (group,),
    )
    for name, group in (
        ("Anna Admin", "admin"),
        ("Rita Anfrage", "remind"),
        ("Frank Freigabe", "release"),
        ("Lena Lesen", "read"),
    )
)


class BadSetting(ValueError):
    """A variable that cannot be understood; the text says which and why."""


@dataclass(frozen=True)
class RunSettings:
    """`state` holds everything that survives a restart; `fresh` empties it first; `demo` says
    whether the demo data are loaded at the first start.
    """

    port: int
    state: Path
    today: date
    fresh: bool
    demo: bool

    @property
    def public_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> RunSettings:
        """From PORT, FRESH, TODAY, DEMO, METERPORTAL_STATE; raises BadSetting."""
        port = environment.get("PORT") or "8000"
        if not port.isascii() or not port.isdecimal() or not 1024 <= int(port) <= 65535:
            raise BadSetting(f"PORT={port}: eine Zahl von 1024 bis 65535 / a number 1024 to 65535")
        today = environment.get("TODAY") or DEMO_TODAY.isoformat()
        try:
            business_date = date.fromisoformat(today)
        except ValueError:
            raise BadSetting(f"TODAY={today}: JJJJ-MM-TT / YYYY-MM-DD") from None
        return cls(
            port=int(port),
            state=Path(environment.get("METERPORTAL_STATE") or ROOT / "var"),
            today=business_date,
            fresh=environment.get("FRESH", "") not in ("", "0"),
            demo=environment.get("DEMO", "1") != "0",
        )


def enter_aws(endpoint: str, mail_endpoint: str) -> None:
    """Turns every AWS client of this process to this machine, whatever the shell has set."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    direct = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    no_proxy = ",".join(filter(None, [direct, "127.0.0.1", "localhost"]))
    os.environ.update(
        {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ENDPOINT_URL_SESV2": mail_endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            # MiniStack checks presigned addresses against its own root key.
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
        }
    )
