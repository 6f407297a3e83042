"""Every key of the table, in one place. docs/data-model.md explains who reads what by which."""

from __future__ import annotations

from meterportal.store.table import Key, shard


def company(company_id: str) -> Key:
    return f"COMPANY#{company_id}", "COMPANY"


def contact(company_id: str, contact_id: str) -> Key:
    return f"COMPANY#{company_id}", f"CONTACT#{contact_id}"


def contract(company_id: str, contract_id: str) -> Key:
    return f"COMPANY#{company_id}", f"CONTRACT#{contract_id}"


def machine(company_id: str, machine_id: str) -> Key:
    return f"COMPANY#{company_id}", f"MACHINE#{machine_id}"


def pointer(kind: str, number: str) -> Key:
    """Where a contract, contact or machine lives: kind is CONTRACT, CONTACT or MACHINE."""
    return f"{kind}#{number}", kind


def history(company_id: str, machine_id: str, version: int) -> Key:
    return f"MACHINE#{company_id}#{machine_id}", f"HISTORY#{version:08d}"


def problem_event(company_id: str, machine_id: str, at: str, event: str) -> Key:
    """What befell a problem, beside the machine's history: no reading changes, no version either."""
    return f"MACHINE#{company_id}#{machine_id}", f"PROBLEM#{at}#{event}"


def photos(company_id: str, machine_id: str) -> Key:
    """Which photos a machine has."""
    return f"MACHINE#{company_id}#{machine_id}", "PHOTOS"


def help_page(name: str) -> Key:
    """A dealer's own reading instructions, by normalised name of model, family or maker."""
    return f"HELP#{name}", "HELP"


def mailbox(address: str) -> Key:
    return f"MAILBOX#{address}", "MAILBOX"


def link(hashed: str) -> Key:
    return f"LINK#{hashed}", "LINK"


def session(hashed: str) -> Key:
    return f"SESSION#{hashed}", "SESSION"


def code(hashed: str) -> Key:
    return f"CODE#{hashed}", "CODE"


def account(address: str) -> Key:
    return f"ACCOUNT#{address}", "ACCOUNT"


def receipt(address: str, company_id: str) -> Key:
    """The receipt that waits for a mailbox and a company."""
    return f"RECEIPT#{address}", f"OPEN#{company_id}"


def told(address: str, company_id: str) -> Key:
    """What the receipts to a mailbox said of a company's current slots."""
    return f"RECEIPT#{address}", f"TOLD#{company_id}"


def attempts(purpose: str, whose: str, window: int) -> Key:
    """`whose` is a pseudonym; `window` numbers the stretches of time that are counted apart."""
    return f"ATTEMPTS#{purpose}#{whose}", f"WINDOW#{window}"


def notice(address: str) -> Key:
    return f"NOTICE#{address}", "NOTICE"


def run(kind: str, number: str) -> Key:
    """Header of a run, or a request to staff: kind is ROUND, RELEASE, EXPORT, IMPORT, CHECK,
    PROBLEM or SUCCESSOR."""
    return f"{kind}#{number}", kind


def idempotency(owner: str, key: str) -> Key:
    return f"IDEMPOTENCY#{owner}#{key}", "IDEMPOTENCY"


def idempotency_part(owner: str, key: str, number: str) -> Key:
    """What a request that was carried out in several transactions answered in one of them."""
    return f"IDEMPOTENCY#{owner}#{key}", f"PART#{number}"


def tolerances() -> Key:
    """The dealer's tolerances of the plausibility check; beside them HISTORY#<version>."""
    return "TOLERANCES", "TOLERANCES"


def portfolio_list(company_id: str, sk: str) -> dict[str, str]:
    return {"lists_pk": f"PORTFOLIO#{shard(company_id)}", "lists_sk": f"{company_id}#{sk}"}


def run_list(kind: str, created_at: str, number: str) -> dict[str, str]:
    return {"lists_pk": f"RUNS#{kind}", "lists_sk": f"{created_at}#{number}"}


def desk_list(kind: str, *, waits: bool, at: str, number: str) -> dict[str, str]:
    """Requests to staff (PROBLEM, SUCCESSOR): what waits for them, and what is decided."""
    return run_list(f"{kind}#{'open' if waits else 'decided'}", at, number)


def help_list(name: str) -> dict[str, str]:
    return {"lists_pk": "HELP", "lists_sk": name}


def machine_list(company_id: str, state: str, due_on: str, machine_id: str) -> dict[str, str]:
    return {
        "machines_pk": f"MACHINES#{shard(company_id)}",
        "machines_sk": f"{state}#{due_on}#{machine_id}",
    }
