"""Refusals: the exceptions that say no, each with a stable code and a text in two languages.

`http/problems.py` maps each class to its status. Texts are format strings over `facts`.
"""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """A refusal. `code` is stable, `field` names the input, `facts` fill the text."""

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
    """Unknown, or of another company: the caller cannot tell which."""

    code = "not_found"
    de = "Das gibt es hier nicht."
    en = "There is no such thing here."


class Invalid(Refusal):
    """A value that cannot be accepted. Facts: `de`, `en` with the reason in words."""

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


class StaffSignedOut(Refusal):
    """No session of staff's, or one that has ended here or at Cognito."""

    code = "signed_out"
    de = "Ihre Anmeldung ist beendet. Bitte melden Sie sich neu an."
    en = "Your sign-in has ended. Please sign in again."


class LinkInvalid(Refusal):
    """Every failure of a token gets this same refusal."""

    code = "link_invalid"
    de = "Dieser Link ist nicht gültig. Bitte öffnen Sie ihn noch einmal aus der E-Mail."
    en = "This link is not valid. Please open it once more from the e-mail."


class LinkExpired(Refusal):
    """A genuine link after its end, or a revoked one."""

    code = "link_expired"
    de = "Dieser Link ist abgelaufen."
    en = "This link has expired."


class LoginRefused(Refusal):
    """Unknown address, wrong code, wrong password, no password set: the caller cannot tell
    which."""

    code = "login_refused"
    de = "Diese Angaben passen nicht zusammen. Bitte prüfen Sie sie, oder lassen Sie sich einen neuen Link schicken."
    en = "These details do not match. Please check them, or ask for a new link."


class TooManyAttempts(Refusal):
    """Facts: `retry_after` (seconds)."""

    code = "too_many_attempts"
    de = "Das waren zu viele Versuche. Bitte warten Sie {wait}. Der Link aus Ihrer E-Mail funktioniert weiterhin."
    en = "There were too many attempts. Please wait {wait}. The link in your e-mail still works."

    def text(self, language: str) -> str:
        """With the wait in seconds, or in minutes if it is longer than two minutes."""
        seconds = self.facts["retry_after"]
        assert isinstance(seconds, int)
        count, unit = (-(-seconds // 60), "Minute") if seconds > 120 else (seconds, "Sekunde")
        singular, plural = _UNITS[language == "en", unit]
        sentence = self.en if language == "en" else self.de
        return sentence.format(wait=f"{count} {singular if count == 1 else plural}")


_UNITS = {
    (False, "Sekunde"): ("Sekunde", "Sekunden"),
    (False, "Minute"): ("Minute", "Minuten"),
    (True, "Sekunde"): ("second", "seconds"),
    (True, "Minute"): ("minute", "minutes"),
}


class PasswordRefused(Refusal):
    """A password that is not accepted. Facts: `de`, `en` with the reason, `reasons` with its
    code."""

    code = "password_refused"
    de = "{de}"
    en = "{en}"


class PasswordMailNeeded(Refusal):
    """Neither the current password nor the link of a password mail was given."""

    code = "password_mail_needed"
    de = "Bitte geben Sie Ihr bisheriges Passwort an, oder lassen Sie sich eine E-Mail schicken, mit der Sie ein neues festlegen."
    en = "Please give your present password, or have an e-mail sent to you by which you set a new one."


class PasswordEnded(Refusal):
    """The right password, but no longer valid. Who does not know it never gets this refusal."""

    code = "password_ended"
    de = "Ihr bisheriges Passwort gilt nicht mehr. Bitte lassen Sie sich eine E-Mail schicken, mit der Sie ein neues festlegen."
    en = "Your former password is no longer valid. Please have an e-mail sent to you by which you set a new one."


class PasswordLinkOver(Refusal):
    """A genuine link of a password mail that was used, is too old, or was replaced by a newer
    one."""

    code = "password_link_over"
    de = "Dieser Link wurde schon benutzt oder ist älter als 30 Minuten. Bitte lassen Sie sich eine neue E-Mail schicken."
    en = "This link has been used already or is older than 30 minutes. Please have a new e-mail sent to you."


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
    """Facts: `version` (the current one) and what helps to decide."""

    code = "changed_meanwhile"
    de = "Die Zählerstände dieses Geräts wurden inzwischen geändert."
    en = "The readings of this machine have been changed meanwhile."


class AlreadyReleased(Refusal):
    """Facts: `state`, `released_on` (date as text)."""

    code = "already_released"
    de = "Dieser Zählerstand ist bereits zur Berechnung freigegeben und kann nicht mehr geändert werden."
    en = "This reading has already been released for billing and can no longer be changed."


class Conflict(Refusal):
    """The state of the thing does not allow this, now or for good."""

    code = "conflict"


class NeedsConfirmation(Refusal):
    """Facts: `findings` (domain findings). Nothing was stored."""

    code = "needs_confirmation"
    de = "Bitte prüfen Sie die markierten Werte oder bestätigen Sie sie mit einer Begründung."
    en = "Please check the marked values or confirm them with a reason."


class BadKey(Refusal):
    code = "idempotency_key_refused"
    de = "Ein Idempotency-Key hat 1 bis 128 druckbare ASCII-Zeichen."
    en = "An Idempotency-Key has 1 to 128 printable ASCII characters."


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


class LettersLost(Refusal):
    """The gateway converts a body of type text/* to UTF-8: in a body of another encoding letters
    are lost."""

    code = "letters_lost"
    de = "Die Datei hat auf dem Weg Buchstaben verloren, weil sie als Text gesendet wurde. Bitte senden Sie sie als application/octet-stream."
    en = "The file has lost letters on its way because it was sent as text. Please send it as application/octet-stream."
