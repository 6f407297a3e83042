"""E-mail addresses as people type them: one normal form, or why there is none."""

from __future__ import annotations

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

INVALID, SEVERAL, LOOKALIKE = "email_invalid", "email_several", "email_lookalike"

_SCRIPTS = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


def mailbox(text: str) -> tuple[str | None, str]:
    """The normal form of an address: NFC, case folded, the domain in ASCII (IDNA).

    An address that cannot be used gives None and the reason: `email_invalid`, `email_several`
    (more than one in the text) or `email_lookalike` (letters of another script among ours). A
    local part beyond ASCII is invalid, because mail servers on the way may not take it. Nothing is
    looked up in the DNS; names reserved for tests and examples are addresses like others.
    """
    typed = unicodedata.normalize("NFC", text.strip())
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
    """Whether letters of ours stand beside letters that only look like them."""
    names = [unicodedata.name(letter, "") for letter in text if letter.isalpha()]
    return any(name.startswith(_SCRIPTS) for name in names) and any(
        name.startswith("LATIN") for name in names
    )
