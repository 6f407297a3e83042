"""All keys of the table. docs/data-model.md explains which access pattern uses which key."""

from __future__ import annotations

from hashlib import sha256

from meterportal.store.items import Key
from meterportal.store.table import shard


def company(company_id: str) -> Key:
    return f"COMPANY#{company_id}", "COMPANY"


def contact(company_id: str, contact_id: str) -> Key:
    return f"COMPANY#{company_id}", f"CONTACT#{contact_id}"


def contract(company_id: str, contract_id: str) -> Key:
    return f"COMPANY#{company_id}", f"CONTRACT#{contract_id}"


def machine(company_id: str, machine_id: str) -> Key:
    return f"COMPANY#{company_id}", f"MACHINE#{machine_id}"


def pointer(kind: str, number: str) -> Key:
    """The row that says at which company a contract, contact, machine or note is: kind is CONTRACT,
    CONTACT, MACHINE or NOTE.
    """
    return f"{kind}#{number}", kind


def serial(folded: str) -> Key:
    """Which machines have a serial number."""
    return f"SERIAL#{folded}", "SERIAL"


def history(company_id: str, machine_id: str, version: int) -> Key:
    return f"MACHINE#{company_id}#{machine_id}", f"HISTORY#{version:08d}"


def problem_event(company_id: str, machine_id: str, at: str, event: str) -> Key:
    """One change of a problem, in the partition of the machine's history. It changes no reading, so
    it has no version.
    """
    return f"MACHINE#{company_id}#{machine_id}", f"PROBLEM#{at}#{event}"


def photos(company_id: str, machine_id: str) -> Key:
    """Which photos a machine has."""
    return f"MACHINE#{company_id}#{machine_id}", "PHOTOS"


def help_page(name: str) -> Key:
    """A dealer's own reading instructions, by normalised name of model, family or maker."""
    return f"HELP#{name}", "HELP"


def mailbox(address: str) -> Key:
    return f"MAILBOX#{address}", "MAILBOX"


def mail(round_id: str, mailbox: str) -> Key:
    return f"ROUND#{round_id}", f"MAIL#{mailbox}"


def link(hashed: str) -> Key:
    return f"LINK#{hashed}", "LINK"


def password_link(hashed: str) -> Key:
    """The link of a mail that sets a password, once."""
    return f"PASSWORD#{hashed}", "PASSWORD"


def session(hashed: str) -> Key:
    return f"SESSION#{hashed}", "SESSION"


def staff_session(hashed: str) -> Key:
    return f"STAFFSESSION#{hashed}", "SESSION"


def code(hashed: str) -> Key:
    return f"CODE#{hashed}", "CODE"


def account(address: str) -> Key:
    return f"ACCOUNT#{address}", "ACCOUNT"


def receipt(address: str, company_id: str) -> Key:
    """The receipt that waits for a mailbox and a company."""
    return f"RECEIPT#{address}", f"OPEN#{company_id}"


def told(address: str, company_id: str) -> Key:
    """The values that the receipts to a mailbox have reported for a company's current periods."""
    return f"RECEIPT#{address}", f"TOLD#{company_id}"


def attempts(purpose: str, whose: str, window: int) -> Key:
    """`whose` is a pseudonym; `window` is the number of the time window that is counted."""
    return f"ATTEMPTS#{purpose}#{whose}", f"WINDOW#{window}"


def pace(purpose: str, whose: str) -> Key:
    """Attempts that need a growing waiting time between them; `whose` is a pseudonym."""
    return f"ATTEMPTS#{purpose}#{whose}", "PACE"


def sending_pace(lane: int) -> Key:
    """Up to when the turns to send a mail are given away, in a lane of the account's rate."""
    return "PACE#mail", f"PACE#{lane:04d}"


def notice(address: str, company_id: str = "") -> Key:
    """What the owner of an address is still to be told: of its password, or (`company_id`) that it was
    taken off a contact there."""
    return f"NOTICE#{address}", f"LEFT#{company_id}" if company_id else "NOTICE"


def sent_notice(address: str, letter_id: str) -> Key:
    """That a notice went to an address: under which round id its outbox row stands."""
    return f"NOTICE#{address}", f"SENT#{letter_id}"


def at_address(address: str, pk: str) -> dict[str, str]:
    """Where a link, a session or a password link is found by its address, to be shown or erased."""
    return {"lists_pk": f"ADDRESS#{address}", "lists_sk": pk}


def erasure(contact_id: str) -> Key:
    """How far the erasure of a contact has come."""
    return f"ERASURE#{contact_id}", "ERASURE"


def erasures(at: str, contact_id: str) -> dict[str, str]:
    return {"lists_pk": "ERASURES", "lists_sk": f"{at}#{contact_id}"}


def erased_address(mark: str) -> Key:
    """The tombstone of an erased person's address; `mark` is its keyed hash."""
    return f"ERASED#{mark}", "ADDRESS"


def question(number: str) -> Key:
    """A question to a customer that has not been sent yet."""
    return f"QUESTION#{number}", "QUESTION"


def same_mail(digest: str) -> Key:
    """That a message with this content has come in."""
    return f"SAMEMAIL#{digest}", "SAMEMAIL"


def run(kind: str, number: str) -> Key:
    """Header of a run, or a request to staff: kind is ROUND, RELEASE, EXPORT, IMPORT, CHECK,
    PROBLEM, SUCCESSOR or INBOUND."""
    return f"{kind}#{number}", kind


def open_successors(company_id: str, contact_id: str) -> Key:
    """The open requests of a contact."""
    return f"SUCCESSOR#{company_id}#{contact_id}", "OPEN"


def idempotency(owner: str, key: str) -> Key:
    """`owner` may be an address: its hash stands in the key."""
    return f"IDEMPOTENCY#{_hashed(owner)}#{key}", "IDEMPOTENCY"


def idempotency_part(owner: str, key: str, number: str) -> Key:
    """The answer of one transaction of a request that needs several transactions."""
    return f"IDEMPOTENCY#{_hashed(owner)}#{key}", f"PART#{number}"


def _hashed(owner: str) -> str:
    return sha256(owner.encode()).hexdigest()[:32]


def tolerances() -> Key:
    """The dealer's tolerances of the plausibility check; beside them HISTORY#<version>."""
    return "TOLERANCES", "TOLERANCES"


def staff_views(staff_id: str) -> Key:
    """A staff member's own views and columns of the console's lists."""
    return f"STAFF#{staff_id}", "VIEWS"


def brand() -> Key:
    """The dealer's name, logo, colours and addresses; beside them VERSION#<version>."""
    return "BRAND", "BRAND"


def schedule() -> Key:
    """When the schedule writes; beside it VERSION#<version>."""
    return "SCHEDULE", "SCHEDULE"


def text_block(name: str, language: str) -> Key:
    """The words of one mail that count, where the dealer has written some."""
    return "TEXTS", f"{name}#{language}"


def text_version(name: str, language: str, version: int) -> Key:
    """What a version of a text block said."""
    return f"TEXTVERSIONS#{name}#{language}", f"{version:08d}"


def text_draft(number: str) -> Key:
    """Words that were not stored, on their way into a test mail."""
    return f"TEXTDRAFT#{number}", "TEXTDRAFT"


def release_limits() -> Key:
    """Above which usage a second person has to accept a value."""
    return "RELEASELIMITS", "RELEASELIMITS"


def portfolio_list(company_id: str, sk: str) -> dict[str, str]:
    return {"lists_pk": f"PORTFOLIO#{shard(company_id)}", "lists_sk": f"{company_id}#{sk}"}


def run_list(kind: str, created_at: str, number: str) -> dict[str, str]:
    return {"lists_pk": f"RUNS#{kind}", "lists_sk": f"{created_at}#{number}"}


def staff_list(kind: str, *, waits: bool, at: str, number: str) -> dict[str, str]:
    """Requests to staff (PROBLEM, SUCCESSOR, INBOUND): `waits` are those without a decision."""
    return run_list(f"{kind}#{'open' if waits else 'decided'}", at, number)


def help_list(name: str) -> dict[str, str]:
    return {"lists_pk": "HELP", "lists_sk": name}


def machine_list(company_id: str, state: str, due_on: str, machine_id: str) -> dict[str, str]:
    return {
        "machines_pk": f"MACHINES#{shard(company_id)}",
        "machines_sk": f"{state}#{due_on}#{machine_id}",
    }


def correction_list(at: str, company_id: str, sk: str) -> dict[str, str]:
    """Where a contact or contract stands in the list of what the ERP has to learn: by the moment of the
    correction, in the index `machines`, which is sparse and holds keys only."""
    return {"machines_pk": "CORRECTIONS", "machines_sk": f"{at}#{company_id}#{sk}"}


def change(company_id: str, sk: str) -> tuple[str, str]:
    """The row that an item of a company leaves in the index of changes: partition and id.

    The index orders a partition by `<changed at>#<id>`; an item stands in it once.
    """
    return f"CHANGES#{shard(company_id)}", f"{company_id}#{sk}"


def feed(company_id: str, machine_id: str, version: int) -> tuple[str, str]:
    """The row that a change of readings leaves in the index of changes for the ERP: partition and id."""
    return f"FEED#{shard(company_id)}", f"{company_id}#{machine_id}#{version:08d}"


def fed_together(release_id: str, first: str) -> tuple[str, str]:
    """The same for a row that tells of several machines, those of a release run's part, by the first one's
    number."""
    return f"FEED#{shard(first)}", f"{release_id}#{first}"


def gone(company_id: str, sk: str) -> Key:
    """What remains of an item of a company that was taken away."""
    return f"GONE#{company_id}", sk


def journal(year: int, place: str) -> Key:
    """An action of staff; `place` is "<moment>#<number>"."""
    return f"JOURNAL#{year}", place


def journal_list(company_id: str, place: str) -> dict[str, str]:
    return {"lists_pk": f"JOURNAL#{company_id}", "lists_sk": place}


def timeline(company_id: str, place: str) -> dict[str, str]:
    """Where a company's time line tells of a change of readings."""
    return {"lists_pk": f"TIMELINE#{company_id}", "lists_sk": place}


def note(company_id: str, place: str) -> Key:
    """A note of staff; `place` is "<moment>#<number>"."""
    return f"NOTES#{company_id}", place


def staff_member(number: str) -> Key:
    """The name of a staff member."""
    return f"STAFF#{number}", "STAFF"


def people_lock() -> Key:
    """Who changes rights of staff just now."""
    return "PEOPLE", "PEOPLE"


def staff_members(number: str) -> dict[str, str]:
    return {"lists_pk": "STAFF", "lists_sk": number}


def snapshot() -> Key:
    """Where the newest snapshot of the portfolio is."""
    return "SNAPSHOT", "SNAPSHOT"


def statistics(month: str) -> Key:
    """What a month's machines have come to, "2026-11"."""
    return "STATISTICS", month


def filling() -> Key:
    """How far the index of changes has been filled with items of earlier versions."""
    return "SNAPSHOT", "FILLING"
