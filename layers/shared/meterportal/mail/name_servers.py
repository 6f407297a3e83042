"""The adapter to the DNS: what stands under a few names, asked at once and within a few seconds."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from meterportal.domain.mailing.sender_records import RecordKind

if TYPE_CHECKING:
    from dns.rdata import Rdata
    from dns.resolver import Resolver

_ONE, _ALL = 2.0, 5.0
"""Seconds for one server's answer, and for a question to all of them."""
_THREADS = 16

Question = tuple[str, RecordKind]


class NameServers:
    """Asks those of the machine, or the one at `address` and `port`."""

    def __init__(self, address: str = "", port: int = 53) -> None:
        self._address = address
        self._port = port

    def ask(self, questions: Iterable[Question]) -> dict[Question, tuple[str, ...] | None]:
        """What stands there, sorted; () for nothing, None where no server gave an answer. Host names come
        in small letters without the final dot, an exchanger as "10 host"."""
        # Only one route asks the DNS: the others start without the library.
        from dns.resolver import NoResolverConfiguration, Resolver

        asked = list(dict.fromkeys(questions))
        try:
            resolver = Resolver(configure=not self._address)
        except NoResolverConfiguration:
            return dict.fromkeys(asked)
        if self._address:
            resolver.nameservers, resolver.port = [self._address], self._port
        resolver.timeout, resolver.lifetime = _ONE, _ALL
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="dns") as threads:
            return dict(
                zip(asked, threads.map(lambda one: _answer(resolver, one), asked), strict=True)
            )


def _answer(resolver: Resolver, question: Question) -> tuple[str, ...] | None:
    from dns.exception import DNSException
    from dns.resolver import NXDOMAIN

    name, kind = question
    try:
        told = resolver.resolve(f"{name}.", kind.value, raise_on_no_answer=False, search=False)
    except NXDOMAIN:
        return ()
    except (DNSException, OSError):
        return None
    return tuple(sorted(_text(kind, one) for one in told.rrset or ()))


def _text(kind: RecordKind, data: Rdata) -> str:
    if kind is RecordKind.TXT:
        # A long text comes in several strings that belong together.
        return b"".join(data.strings).decode(errors="replace")  # type: ignore[attr-defined]
    return data.to_text().rstrip(".").casefold()
