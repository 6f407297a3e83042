"""What the smoke test brings into a stack: one company with one of everything, in the ERP's own form."""

from __future__ import annotations

from datetime import date, timedelta

from tests.support.packed import packed

COMPANY, CONTACT, CONTRACT, MACHINE = "990001", "990002", "990003", "990004"
SERIAL = "MPRAUCH990004"
NAME = "Meterportal-Rauchprüfung GmbH"
RENAMED = "Meterportal-Rauchprüfung & Söhne"
"""The company's names begin alike: by that a leftover is told from a customer."""

# The addresses of SES's own mailbox simulator: mails to it cost no reputation and reach nobody.
ADDRESS = "success+meterportal@simulator.amazonses.com"

DROP = "meterportal-rauch-"
"""How the names of files begin that are put into the drop."""

LONG_AGO = "2000-01-01"
"""A day for schedules: so late that nothing is carried out, and no real run has its name."""

STAFF = "meterportal-rauch-"
"""How the names of staff accounts begin that are made for the test."""

_FILES = {
    "firmen.csv": f"""\
Firmennummer;Firma;Straße;PLZ;Ort;Sprache
{COMPANY};{NAME};Probeweg 1;40210;Düsseldorf;DE
""",
    "ansprechpartner.csv": f"""\
Ansprechpartnernummer;Firmennummer;Anrede;Vorname;Nachname;E-Mail;Rolle;Sprache;Aktiv
{CONTACT};{COMPANY};Frau;Paula;Probe;{ADDRESS};Zählermeldung;DE;J
""",
    "vertraege.csv": f"""\
Vertragsnummer;Firmennummer;Bezeichnung;Vertragsbeginn;Vertragsende;Intervall;Nächste Abrechnung;Zählermeldung durch;Melde-Ansprechpartner
{CONTRACT};{COMPANY};Servicevertrag;01.01.2024;31.12.2090;monatlich;{{due}};CO Portal;{CONTACT}
""",
    "maschinen.csv": f"""\
Maschinennummer;Vertragsnummer;Seriennummer;Hersteller;Modell;Kundenmaschinen-Nr.;Standort;Gebäude;Etage;Raum;Aktiv
{MACHINE};{CONTRACT};{SERIAL};Ricoh;IM C3000;;Zentrale;A;EG;1;J
""",
    "zaehler.csv": f"""\
Maschinennummer;Zählernummer;Zähler;Art;Gerätebezeichnung;Stellen;Kumulierend;Klickfaktor;Abrechnungsrelevant;Freikopien
{MACHINE};1;S/W;schwarz/weiss;Drucke gesamt S/W;7;J;1;J;0
""",
}


def export(today: date) -> bytes:
    """The smallest export as a zip, its contract due within days."""
    due = f"{today + timedelta(days=5):%d.%m.%Y}"
    return packed({name: text.replace("{due}", due).encode() for name, text in _FILES.items()})


def renamed() -> bytes:
    """One CSV as many ERPs write it, in Windows-1252: the company under another name."""
    return _FILES["firmen.csv"].replace(NAME, RENAMED).encode("cp1252")
