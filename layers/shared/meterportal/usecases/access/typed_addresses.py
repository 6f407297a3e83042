"""An e-mail address that somebody typed for somebody else: cleaned, with its normal form."""

from __future__ import annotations

from meterportal.domain.access.mailboxes import LONGEST_EMAIL, EmailRefused
from meterportal.domain.plain_text import plain

_WHY = {
    "email_invalid": (
        "Das ist keine gültige E-Mail-Adresse.",
        "This is not a valid e-mail address.",
    ),
    "email_several": (
        "Bitte geben Sie nur eine E-Mail-Adresse an.",
        "Please give one e-mail address only.",
    ),
    "email_lookalike": (
        "Diese E-Mail-Adresse enthält ein fremdes Zeichen, das nur so aussieht wie unseres.",
        "This e-mail address holds a foreign character that only looks like one of ours.",
    ),
}


def typed_address(email: str) -> tuple[str, str]:
    """(as it is stored, its normal form). Raises TextRefused and EmailRefused, both naming "email"."""
    # This module takes longer to load than all others of the contact's routes together.
    from meterportal.mail.addresses import mailbox

    typed = plain(email, field="email", longest=LONGEST_EMAIL)
    address, why = mailbox(typed)
    if address is None:
        de, en = _WHY[why]
        raise EmailRefused(field="email", de=de, en=en)
    return typed, address
