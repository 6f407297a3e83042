"""Staff correct who reports for a contract, or how its counters arrive."""

from __future__ import annotations

from dataclasses import replace

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember
from meterportal.domain.portfolio.contracts import Contract
from meterportal.domain.portfolio.mending import ContractChanged, Mended, mend
from meterportal.domain.refusals import NotFound
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.portfolio import holdings, mended
from meterportal.store.writes import ConditionFailed

_LONGEST_ID = 64


def mend_contract(
    adapters: Adapters,
    at: Moment,
    contract_id: str,
    given: Mended,
    *,
    seen: int,
    by: StaffMember,
) -> Contract:
    """The contract as it is then, with its new `rev`. One read, one query, one transaction; none where
    nothing changes, so a repeated request is no error.

    `seen` is the `rev` that the caller read. Raises NotFound, Invalid, ContractChanged.
    """
    wanted = [contract_id] if len(contract_id) <= _LONGEST_ID else []
    company_id = holdings.companies_of(adapters.table, "CONTRACT", wanted).get(contract_id)
    held = holdings.people(adapters.table, company_id) if company_id else None
    contract = held.contracts.get(contract_id) if held else None
    if held is None or contract is None:
        raise NotFound
    after = mend(contract, given, held.contacts)
    if after == contract:
        return contract
    after = replace(after, mended_at=at.now.isoformat(timespec="seconds"), mended_by=by.id)
    if seen != contract.rev:
        raise ContractChanged(field="version", version=contract.rev)
    noted = journal.entries(adapters.new_number(), by, at.now, _deed(contract, after))
    written = mended.contract(after, seen=contract).named("contract")
    try:
        adapters.table.transact([written, *noted])
    except ConditionFailed as failed:
        item = failed.stood("contract")
        raise ContractChanged(field="version", version=item.get("rev", 0) if item else 0) from None
    return replace(after, rev=contract.rev + 1)


def _deed(before: Contract, after: Contract) -> Deed:
    pairs = (
        ("reading_channel", before.reading_channel.value, after.reading_channel.value),
        ("reporters", " ".join(before.reporters), " ".join(after.reporters)),
    )
    return Deed(
        Action.CONTRACT_CHANGED,
        "contract",
        after.id,
        after.company_id,
        after.id,
        changes=tuple(FieldChange(name, old, new) for name, old, new in pairs if old != new),
    )
