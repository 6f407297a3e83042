"""Search over names, numbers, serial numbers and addresses, for scripts: by the newest snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from gzip import decompress

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.searching import Hit, hits
from meterportal.domain.portfolio.snapshots import search_key
from meterportal.files import Files
from meterportal.settings import Moment
from meterportal.store.portfolio import holdings, machines
from meterportal.usecases.portfolio.show_portfolio import readable_snapshot

MOST = 20
"""Hits of an answer."""


@frozen
class ShownHit:
    """A row as it stands now: `label` names it, `detail` says more."""

    hit: Hit
    company: str
    label: str
    detail: str


def search(adapters: Adapters, at: Moment, query: str) -> list[ShownHit]:
    """The first rows that hold every word of the query. Raises NoSnapshot. The snapshot's text is
    fetched once in a process; then one read for the snapshot, and one for each kind among the hits."""
    snapshot = readable_snapshot(adapters, at)
    bucket = adapters.settings.portfolio_bucket
    found = hits(_text(adapters.files, bucket, search_key(snapshot.version)), query, most=MOST)
    return _shown(adapters, found)


@lru_cache(maxsize=1)
def _text(files: Files, bucket: str, key: str) -> bytes:
    return decompress(files.get(bucket, key))


def _shown(adapters: Adapters, found: Sequence[Hit]) -> list[ShownHit]:
    table = adapters.table

    def of(kind: str) -> list[tuple[str, str]]:
        return [(hit.company_id, hit.id) for hit in found if hit.kind == kind]

    companies = holdings.companies(table, {hit.company_id for hit in found})
    contacts = holdings.contacts(table, of("contact"))
    contracts = holdings.contracts(table, of("contract"))
    devices = machines.load_places(table, of("machine"))
    shown = []
    for hit in found:
        company, place = companies.get(hit.company_id), (hit.company_id, hit.id)
        if company is None:
            continue
        match hit.kind:
            case "company":
                shown.append(ShownHit(hit, company.name, company.name, company.city))
            case "contact" if contact := contacts.get(place):
                shown.append(ShownHit(hit, company.name, contact.name, contact.email))
            case "contract" if contract := contracts.get(hit.id):
                due_on = contract.due_on.isoformat() if contract.due_on else ""
                shown.append(ShownHit(hit, company.name, contract.name, due_on))
            case "machine" if machine := devices.get(place):
                label = f"{machine.maker} {machine.model}".strip()
                shown.append(ShownHit(hit, company.name, label, machine.serial))
    return shown
