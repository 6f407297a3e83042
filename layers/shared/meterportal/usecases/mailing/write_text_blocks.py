"""Staff read and write the text blocks of mails; each version stays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.text_blocks import (
    KINDS,
    LANGUAGES,
    PARTS,
    BlockChanged,
    BlockFault,
    BlockRefused,
    TextBlock,
    tidy,
)
from meterportal.domain.mailing.text_lint import LARGEST, lint
from meterportal.domain.refusals import NotFound
from meterportal.mail.text_blocks import text_block
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.mailing import text_blocks
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.mailing.sample_mails import largest_mail
from meterportal.usecases.mailing.stationery import branded_sender

_NUMBER = re.compile("[0-9]{1,8}")


@frozen
class ShownBlock:
    """What counts now, and its versions, latest first (none while the shipped words count)."""

    block: TextBlock
    versions: list[TextBlock]


def list_blocks(adapters: Adapters) -> list[TextBlock]:
    """What counts now, by name and language. One query."""
    written = {(one.name, one.language): one for one in text_blocks.listed(adapters.table)}
    return [
        written.get((name, language)) or text_block(name, language)
        for name in KINDS
        for language in LANGUAGES
    ]


def show_block(adapters: Adapters, name: str, language: str) -> ShownBlock:
    """Raises NotFound. One read and one query."""
    refuse_unknown(name, language)
    written = text_blocks.load(adapters.table, name, language)
    return ShownBlock(
        written or text_block(name, language),
        text_blocks.versions(adapters.table, name, language),
    )


def show_version(adapters: Adapters, name: str, language: str, number: str) -> TextBlock:
    """What a version said; 0 is what is shipped. Raises NotFound. One read."""
    refuse_unknown(name, language)
    if number == "0":
        return text_block(name, language)
    found = (
        text_blocks.version(adapters.table, name, language, int(number))
        if _NUMBER.fullmatch(number)
        else None
    )
    if found is None:
        raise NotFound(field="version")
    return found


def write_block(
    adapters: Adapters,
    at: Moment,
    name: str,
    language: str,
    words: Mapping[str, str],
    *,
    seen: int,
    by: StaffMember,
) -> ShownBlock:
    """Stores the words as the next version; `seen` is the version that was edited, 0 for the shipped one.
    Words that stand there already are not stored again.

    Raises NotFound, BlockRefused (with every fault) and BlockChanged.
    """
    wanted = block_of(name, language, words)
    standing = text_blocks.load(adapters.table, name, language) or text_block(name, language)
    if standing.same_words(wanted):
        return show_block(adapters, name, language)
    if standing.version != seen:
        raise BlockChanged(field="version", version=standing.version)
    faults = faults_of(adapters, at, wanted)
    if faults:
        raise BlockRefused(field=faults[0].part, count=len(faults), faults=faults)
    changed = " ".join(part for part in PARTS if getattr(standing, part) != getattr(wanted, part))
    deed = Deed(
        Action.TEXT_CHANGED,
        "text_block",
        f"{name}.{language}",
        changes=(
            FieldChange("version", seen, seen + 1),
            FieldChange("parts", None, changed),
        ),
    )
    noted = journal.entries(adapters.new_number(), by, at.now, deed)
    writes = text_blocks.save(replace(wanted, version=seen), by=by.id, at=at.now)
    try:
        adapters.table.transact([*writes, *noted])
    except ConditionFailed:
        now = text_blocks.load(adapters.table, name, language)
        if now is None or not (now.same_words(wanted) and now.by == by.id):
            raise BlockChanged(field="version", version=now.version if now else 0) from None
    return show_block(adapters, name, language)


def block_of(name: str, language: str, words: Mapping[str, str]) -> TextBlock:
    """A block of the words that were handed in. Raises NotFound."""
    refuse_unknown(name, language)
    parts = {part: tidy(words[part]) for part in PARTS}
    return TextBlock(
        name,
        language,
        subject=parts["subject"].strip(),
        preheader=parts["preheader"].strip(),
        html=parts["html"],
        text=parts["text"],
    )


def faults_of(adapters: Adapters, at: Moment, block: TextBlock) -> list[BlockFault]:
    """What keeps a block from being stored, the size of the largest mail included."""
    faults = lint(block)
    if faults:
        return faults
    largest = largest_mail(block, branded_sender(adapters), at.now)
    if len(largest.html.encode()) > LARGEST:
        return [BlockFault("html", len(block.html), "too_large")]
    return []


def refuse_unknown(name: str, language: str) -> None:
    if name not in KINDS or language not in LANGUAGES:
        raise NotFound(field="name")
