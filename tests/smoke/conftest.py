"""The stack under test: `pytest tests/smoke --stack NAME`, with AWS's usual environment variables."""

from __future__ import annotations

import io
import secrets
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.smoke.deployed import Deployed
from tests.smoke.login import log_in

# The addresses of SES's own mailbox simulator: mails to it cost no reputation and reach nobody.
ADDRESS = "success@simulator.amazonses.com"
COMPANY, CONTACT, CONTRACT, MACHINE = "990001", "990002", "990003", "990004"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--stack", required=True, help="name of the deployed stack")


@pytest.fixture(scope="session")
def client() -> Callable[[str], Any]:
    config = Config(account_id_endpoint_mode="disabled")
    return lambda service: boto3.client(service, config=config)


@pytest.fixture(scope="session")
def deployed(request: pytest.FixtureRequest, client: Callable[[str], Any]) -> Deployed:
    session = boto3.session.Session()
    configured = session.client("sts").meta.endpoint_url
    local = "amazonaws.com" not in configured
    return Deployed(request.config.getoption("--stack"), client, configured if local else None)


@pytest.fixture(scope="session")
def staff(deployed: Deployed, client: Callable[[str], Any]) -> Iterator[Callable[[str], str]]:
    """Id tokens of staff members by group; their accounts are made here and removed afterwards."""
    cognito, pool = client("cognito-idp"), deployed.outputs["UserPoolId"]
    tokens: dict[str, str] = {}
    accounts = []

    def token(group: str) -> str:
        if group not in tokens:
            name, password = f"smoke-{group}-{secrets.token_hex(4)}", secrets.token_urlsafe(24)
            cognito.admin_create_user(
                UserPoolId=pool,
                Username=name,
                TemporaryPassword=secrets.token_urlsafe(24),
                MessageAction="SUPPRESS",
            )
            accounts.append(name)
            cognito.admin_set_user_password(
                UserPoolId=pool, Username=name, Password=password, Permanent=True
            )
            cognito.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName=group)
            client_id = deployed.outputs["UserPoolClientId"]
            tokens[group] = log_in(cognito, pool, client_id, name, password)
        return tokens[group]

    yield token
    for name in accounts:
        with suppress(cognito.exceptions.UserNotFoundException):
            cognito.admin_delete_user(UserPoolId=pool, Username=name)


# A dealer's smallest export: one of everything, in the ERP's own columns. `due` is to be filled in.
_FILES = {
    "firmen.csv": f"""\
Firmennummer;Firma;Straße;PLZ;Ort;Sprache
{COMPANY};Probe GmbH;Probeweg 1;40210;Düsseldorf;DE
""",
    "ansprechpartner.csv": f"""\
Ansprechpartnernummer;Firmennummer;Anrede;Vorname;Nachname;E-Mail;Rolle;Sprache;Aktiv
{CONTACT};{COMPANY};Frau;Petra;Probe;{ADDRESS};Zählermeldung;DE;J
""",
    "vertraege.csv": f"""\
Vertragsnummer;Firmennummer;Bezeichnung;Vertragsbeginn;Vertragsende;Intervall;Nächste Abrechnung;Zählermeldung durch;Melde-Ansprechpartner
{CONTRACT};{COMPANY};Probe;01.01.2024;;monatlich;{{due}};CO Portal;{CONTACT}
""",
    "maschinen.csv": f"""\
Maschinennummer;Vertragsnummer;Seriennummer;Hersteller;Modell;Kundenmaschinen-Nr.;Standort;Gebäude;Etage;Raum;Aktiv
{MACHINE};{CONTRACT};PROBE0001;Kyocera;ECOSYS M6635cidn;;Zentrale;A;EG;1;J
""",
    "zaehler.csv": f"""\
Maschinennummer;Zählernummer;Zähler;Art;Gerätebezeichnung;Stellen;Kumulierend;Klickfaktor;Abrechnungsrelevant;Freikopien
{MACHINE};1;S/W;schwarz/weiss;Drucke gesamt S/W;7;J;1;J;0
""",
}


def export(today: date) -> bytes:
    """The smallest export as a zip, its contract due within days."""
    due = f"{today + timedelta(days=5):%d.%m.%Y}"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in _FILES.items():
            archive.writestr(name, text.replace("{due}", due))
    return packed.getvalue()


@pytest.fixture(scope="session")
def imported(deployed: Deployed, staff: Callable[[str], str]) -> Any:
    """The report of the smallest export's import, which everything later stands on."""
    token = staff("admin")
    answer = deployed.api(
        "POST",
        "/api/staff/imports",
        export(datetime.now(UTC).date()),
        token=token,
        headers={"content-type": "application/zip"},
    )
    assert answer.status == 202, answer
    return deployed.finished(f"/api/staff/imports/{answer.json['id']}", token)
