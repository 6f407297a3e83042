"""The form that all mails share: one layout in HTML, one in plain text, filled by each mail.

A mail of ours is two files in `templates/`, `<name>.<language>.html.j2` and `.txt.j2`, which extend
`letter.html.j2` and `letter.txt.j2`:

    {% extends "letter.html.j2" %}                     {% extends "letter.txt.j2" %}
    {% from "parts.html.j2" import button, address %}  {% block subject %}...{% endblock %}
    {% block body %}<p>...</p>                         {% block body %}...{% endblock %}
    {{ button(url, "...") }}{{ address(url) }}
    {% endblock %}

The letter adds the salutation and the closing, the layout the dealer's name on top and, where a
short code was given, the place to type it. HTML is escaped, plain text is not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from meterportal.domain.frozen import frozen
from meterportal.mail.look import USUAL, Look
from meterportal.mail.message import Message

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
_MONTHS = "January February March April May June July August September October November December"


@frozen
class SenderIdentity:
    """The sender of a mail. `portal` is the public address, as in https://host."""

    dealer: str
    address: str
    reply_to: str
    portal: str = ""
    look: Look = USUAL

    @property
    def login(self) -> str:
        """The page on which the reader types address and code."""
        return f"{self.portal}/#/login"


@frozen
class Access:
    """How the reader signs in: the personal link, and the code for readers who cannot open it (""
    for none).

    `code` has the form that is shown: XXXX-XXXX.
    """

    url: str
    code: str = ""


def compose(
    name: str,
    language: str,
    *,
    to: str,
    sender: SenderIdentity,
    access: Access | None = None,
    greeting: str = "",
    values: Mapping[str, object] | None = None,
) -> Message:
    """The mail `name` in a language ("de" or "en").

    The templates get `values` and `url`, `code`, `login`, `dealer`, `reply_to`, `greeting` (the
    salutation without comma; a neutral one unless given) and `language`. A name that a template
    uses and that is not given raises jinja2.UndefinedError.
    """
    context = {
        **(values or {}),
        "language": language,
        "greeting": greeting or neutral_greeting(language),
        "dealer": line(sender.dealer),
        "look": sender.look,
        "reply_to": line(sender.reply_to),
        "login": sender.login,
        "url": access.url if access else "",
        "code": access.code if access else "",
    }
    plain = templates().get_template(f"{name}.{language}.txt.j2")
    subject = line("".join(plain.blocks["subject"](plain.new_context(context))))
    html = templates().get_template(f"{name}.{language}.html.j2")
    return sealed(
        to=to,
        sender=sender,
        language=language,
        subject=subject,
        text=plain.render(context),
        html=html.render(context | {"subject": subject}),
    )


def sealed(
    *, to: str, sender: SenderIdentity, language: str, subject: str, text: str, html: str
) -> Message:
    """A message from its finished parts, with the headers of all our mails."""
    return Message(
        to=to,
        subject=line(subject),
        text=re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n",
        html=html,
        sender_name=line(sender.dealer),
        sender=line(sender.address),
        reply_to=line(sender.reply_to),
        headers={"Content-Language": language},
    )


def neutral_greeting(language: str) -> str:
    return "Hello" if language == "en" else "Guten Tag"


def day(value: date, language: str) -> str:
    """28.11.2026, or 28 November 2026."""
    if language == "en":
        return f"{value.day} {_MONTHS.split()[value.month - 1]} {value.year}"
    return f"{value:%d.%m.%Y}"


def number(value: int, language: str) -> str:
    """48.120, or 48,120."""
    grouped = f"{value:,}"
    return grouped if language == "en" else grouped.replace(",", ".")


def line(text: str) -> str:
    """A text on one line: master data may contain line breaks and invisible control characters."""
    if text.isprintable():  # neither of both, nor a space other than " "
        return " ".join(text.split())
    kept = "".join(
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or unicodedata.category(letter) not in {"Cc", "Cf", "Cs"}
    )
    return " ".join(kept.split())


@cache
def templates() -> Environment:
    # It costs a start too much that renders no mail.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
