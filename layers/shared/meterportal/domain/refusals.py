"""Refusals: what the product says no to, each a fact with a stable code and words in two languages.

`http.py` maps each class to its status. Texts are format strings over `facts`.
"""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """A clear no. `code` is stable, `field` names the input, `facts` fill the text."""

    code: ClassVar[str] = "refused"
    de: ClassVar[str] = "Das ist nicht möglich."
    en: ClassVar[str] = "This is not possible."

    def __init__(self, *, field: str | None = None, **facts: object) -> None:
        super().__init__(self.code)
        self.field = field
        self.facts = facts

    def text(self, language: str) -> str:
        """The sentence for people, `language` being "de" or "en"."""
        return (self.en if language == "en" else self.de).format(**self.facts)


class NotFound(Refusal):
    """Unknown or foreign: both look alike from outside."""

    code = "not_found"
    de = "Das gibt es hier nicht."
    en = "There is no such thing here."


class Invalid(Refusal):
    """A value that cannot be taken. Facts: `de`, `en` with the reason in words."""

    code = "invalid"
    de = "{de}"
    en = "{en}"


class BadPage(Refusal):
    """A page size or cursor that cannot be used."""

    code = "bad_page"
    de = "Diese Seite der Liste gibt es nicht. Bitte beginnen Sie die Liste von vorn."
    en = "There is no such page of the list. Please start the list again."


class NotSignedIn(Refusal):
    code = "not_signed_in"
    de = "Bitte öffnen Sie den Link aus Ihrer E-Mail erneut."
    en = "Please open the link from your e-mail again."


class LinkInvalid(Refusal):
    """Every failure of a token looks like this one."""

    code = "link_invalid"
    de = "Dieser Link ist nicht gültig. Bitte öffnen Sie ihn noch einmal aus der E-Mail."
    en = "This link is not valid. Please open it once more from the e-mail."


class LinkExpired(Refusal):
    """A genuine link past its end, or revoked."""

    code = "link_expired"
    de = "Dieser Link ist abgelaufen."
    en = "This link has expired."


class LoginRefused(Refusal):
    """Unknown address, wrong code, wrong password, no password at all: nobody learns which."""

    code = "login_refused"
    de = "Diese Angaben passen nicht zusammen. Bitte prüfen Sie sie, oder lassen Sie sich einen neuen Link schicken."
    en = "These details do not match. Please check them, or ask for a new link."


class TooManyAttempts(Refusal):
    """Facts: `retry_after` (seconds), `minutes` (the same for the text)."""

    code = "too_many_attempts"
    de = "Das waren zu viele Versuche. Bitte warten Sie {minutes} Minuten. Der Link aus Ihrer E-Mail funktioniert weiterhin."
    en = "There were too many attempts. Please wait {minutes} minutes. The link in your e-mail still works."


class PasswordRefused(Refusal):
    """A password that is not taken. Facts: `de`, `en` with the reason, `reasons` with its code."""

    code = "password_refused"
    de = "{de}"
    en = "{en}"


class FreshLinkNeeded(Refusal):
    code = "fresh_link_needed"
    de = "Bitte geben Sie Ihr bisheriges Passwort an, oder öffnen Sie einen neuen Link aus einer E-Mail."
    en = "Please give your present password, or open a new link from an e-mail."


class OldPasswordWrong(Refusal):
    code = "old_password_wrong"
    de = "Das bisherige Passwort stimmt nicht."
    en = "The present password is not right."


class NotAllowed(Refusal):
    code = "not_allowed"
    de = "Dafür fehlt Ihnen das Recht."
    en = "You do not have the right to do this."


class ForeignOrigin(Refusal):
    code = "foreign_origin"
    de = "Diese Anfrage kommt von einer fremden Seite."
    en = "This request comes from a foreign site."


class VersionMissing(Refusal):
    code = "version_missing"
    de = "Es fehlt die Angabe, welchen Stand Sie gesehen haben (version)."
    en = "The version that you have seen is missing (version)."


class ChangedMeanwhile(Refusal):
    """Facts: `version` (the current one) and whatever helps to decide."""

    code = "changed_meanwhile"
    de = "Die Zählerstände dieses Geräts wurden inzwischen geändert."
    en = "The readings of this machine have been changed meanwhile."


class AlreadyReleased(Refusal):
    """Facts: `state`, `released_on` (date as text)."""

    code = "already_released"
    de = "Dieser Zählerstand ist bereits zur Berechnung freigegeben und kann nicht mehr geändert werden."
    en = "This reading has already been released for billing and can no longer be changed."


class Conflict(Refusal):
    """The thing asked for stands in a state that does not allow it, now or for good."""

    code = "conflict"


class NeedsConfirmation(Refusal):
    """Facts: `findings` (domain findings). Nothing was stored."""

    code = "needs_confirmation"
    de = "Bitte prüfen Sie die markierten Werte oder bestätigen Sie sie mit einer Begründung."
    en = "Please check the marked values or confirm them with a reason."


class ReusedKey(Refusal):
    code = "idempotency_key_reused"
    de = "Dieser Idempotency-Key gehört zu einer anderen Anfrage."
    en = "This Idempotency-Key belongs to another request."


class MachineTwice(Refusal):
    code = "machine_twice"
    de = "Dieses Gerät steht mehrmals in der Anfrage."
    en = "This machine stands in the request more than once."


class Unavailable(Refusal):
    """Something outside failed for a moment; trying again helps."""

    code = "unavailable"
    de = "Das hat im Moment nicht geklappt. Bitte versuchen Sie es gleich noch einmal."
    en = "That did not work at the moment. Please try again shortly."
