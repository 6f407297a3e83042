"""E-mail addresses as people type them: the normal form, or the reason why there is none."""

from __future__ import annotations

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from meterportal.domain.tables.cleaning import clean_lines

INVALID, SEVERAL, LOOKALIKE = "email_invalid", "email_several", "email_lookalike"

_LONGEST = 1_000
"""Highest number of characters of a text with an address; a longer text has none."""

_SCRIPTS = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


def mailbox(text: str) -> tuple[str | None, str]:
    """The normal form of an address: NFC, case folded, the domain in ASCII (IDNA).

    For an invalid address None and the reason: `email_invalid`, `email_several` (more than one in
    the text) or `email_lookalike` (Latin letters mixed with similar letters of another script). A
    local part beyond ASCII is invalid, because some mail servers do not accept it. There is no DNS
    lookup; names reserved for tests and examples are valid.
    """
    if len(text) > _LONGEST:
        return None, INVALID
    typed = clean_lines(text)
    if len(re.findall(r"[^\s,;@<>]@[^\s,;@<>]", typed)) > 1:
        return None, SEVERAL
    if _mixed(typed):
        return None, LOOKALIKE
    try:
        checked = validate_email(
            typed, check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError:
        return None, INVALID
    return f"{checked.local_part}@{checked.ascii_domain}".casefold(), ""


def _mixed(text: str) -> bool:
    """Whether a text mixes Latin letters with letters that only look like them."""
    names = [unicodedata.name(letter, "") for letter in text if letter.isalpha()]
    return any(name.startswith(_SCRIPTS) for name in names) and any(
        name.startswith("LATIN") for name in names
    )
