"""A name server on loopback that answers what it was told to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Zone = Mapping[tuple[str, str], str | int | None]
"""(domain, record type) -> the record's text, an error code, or None for no answer at all; others do not exist."""


class NameServer:
    """Answers queries over UDP until it is closed.

    Attributes:
        port: where it listens.
        asked: (domain, record type) of every query, in order.
    """

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.asked: list[tuple[str, str]] = []
        self._thread = threading.Thread(target=self._serve, name="nameserver")
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ender:
            ender.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(4096)
            if not data:
                return
            query = dns.message.from_wire(data)
            answer = self._answer(query)
            if answer is not None:
                self._socket.sendto(answer.to_wire(), sender)

    def _answer(self, query: dns.message.Message) -> dns.message.Message | None:
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        found = self._zone.get((name, kind), -1)
        if found is None:
            return None
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if isinstance(found, str):
            answer.answer.append(dns.rrset.from_text(question.name, 300, "IN", kind, *found.split("|")))
        elif found >= 0:
            answer.set_rcode(found)
        elif not any(domain == name for domain, _ in self._zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer


@contextmanager
def name_server(zone: Zone) -> Iterator[NameServer]:
    """Run a name server."""
    server = NameServer(zone)
    try:
        yield server
    finally:
        server.close()
