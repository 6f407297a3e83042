"""A name server on this machine: knows what it was told, and nothing else.

The application asks it in the place of the internet's, so that the page about the sender's domain can be
tried: POST /_local/dns with {"records": [{"name", "type", "values"}]} says what stands there,
{"failing": true} lets it refuse every question.
"""

from __future__ import annotations

import json
import socketserver
import threading
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from infra.local.http_api import Answer, Request

_TTL = 60


class NameServer:
    """Listens on 127.0.0.1 by UDP. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: socketserver.UDPServer | None = None
        self.reset()

    def reset(self) -> None:
        """Nothing stands anywhere, and questions are answered."""
        with self._lock:
            self._records: dict[tuple[str, str], dns.rrset.RRset] = {}
            self._failing = False

    def start(self) -> int:
        """Begins to answer; the port, which is any free one."""
        server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), self._handler())
        server.daemon_threads = True
        self._server = server
        threading.Thread(target=server.serve_forever, name="dns", daemon=True).start()
        return int(server.server_address[1])

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def put(self, name: str, kind: str, *values: str) -> None:
        """What stands under a name, in the form of a zone file; no values take it away. Raises ValueError
        for what is no record."""
        try:
            found = dns.rrset.from_text(f"{name}.", _TTL, "IN", kind, *values) if values else None
        except (dns.exception.DNSException, ValueError) as fault:
            raise ValueError(f"{name} {kind}: {fault}") from fault
        with self._lock:
            self._records.pop((name.casefold(), kind), None)
            if found is not None:
                self._records[name.casefold(), kind] = found

    def fail(self, *, failing: bool) -> None:
        """Whether every question is refused, as by a server that is broken."""
        with self._lock:
            self._failing = failing

    def answer(self, request: Request) -> Answer:
        """Takes what stands there from now on."""
        if request.method != "POST":
            return _told(405, "POST only")
        if request.header("sec-fetch-site") not in (None, "none", "same-origin"):
            return _told(403, "foreign origin")
        try:
            told = dict(json.loads(request.body))
            for record in told.get("records", []):
                self.put(str(record["name"]), str(record["type"]), *map(str, record["values"]))
            if "failing" in told:
                self.fail(failing=bool(told["failing"]))
        except (KeyError, TypeError, ValueError) as fault:
            return _told(400, f'JSON with records [{{"name", "type", "values"}}], failing: {fault}')
        return _told(200, "")

    def _reply(self, asked: bytes) -> bytes:
        question = dns.message.from_wire(asked)
        reply = dns.message.make_response(question, recursion_available=True)
        wanted = question.question[0]
        name = wanted.name.to_text(omit_final_dot=True).casefold()
        kind = dns.rdatatype.to_text(wanted.rdtype)
        with self._lock:
            found = self._records.get((name, kind))
            there = any(name == other for other, _ in self._records)
            failing = self._failing
        if failing:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif found is not None:
            reply.answer.append(found)
        elif not there:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()

    def _handler(self) -> type[socketserver.BaseRequestHandler]:
        reply = self._reply

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                asked, answering = self.request
                answering.sendto(reply(asked), self.client_address)

        return Handler


def _told(status: int, message: str) -> Answer:
    body: dict[str, Any] = {"message": message} if message else {}
    return Answer(status, [("content-type", "application/json")], json.dumps(body).encode())
