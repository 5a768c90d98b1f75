"""A real SMTP server on loopback that does what a test wants at any stage of the dialogue, and journals what it took.

A mail is journalled before it is answered, and at once: what the journal holds was taken, whoever dies afterwards. Run
as a module it is a process of its own, which can be killed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

DROP = "drop"
"""Close the connection instead of answering."""
DROP_TAKEN = "drop taken"
"""At the end of the data: take the mail, then close the connection instead of answering."""
HANG = "hang"
"""Never answer."""

STAGES = ("connect", "ehlo", "mail", "rcpt", "data", "body", "end")
"""What can be answered to; "body": in the middle of the data, "end": the end of the data."""

GOOD = {
    "connect": "220 relay.example ESMTP",
    "mail": "250 2.1.0 Ok",
    "rcpt": "250 2.1.5 Ok",
    "data": "354 End data with <CR><LF>.<CR><LF>",
    "end": "250 2.0.0 Ok: queued",
}
Plan = Callable[[str, str], str | None]
"""Gets the stage and the recipient ("" before RCPT); returns an answer, DROP, DROP_TAKEN, HANG, or None for yes."""


@dataclass
class Session:
    """One connection; ``open``: the recipient whose transaction has got to DATA and has no answer yet."""

    number: int
    sender: str = ""
    recipient: str = ""
    secure: bool = False
    user: str = ""
    last: str = ""
    said: str = ""
    begun: bool = False


@dataclass
class SmtpServer:
    """The server.

    Attributes:
        plan: what to answer.
        journal: (event, connection, recipient, more): "connect", "data", "taken", "answered", "closed".
        file: where the journal is written as well, line by line.
        extensions: what EHLO offers.
        users: names and passwords for AUTH PLAIN.
        gate: the end of the data is answered when this is set.
    """

    plan: Plan = lambda stage, recipient: None
    file: Path | None = None
    extensions: tuple[str, ...] = ("PIPELINING", "SIZE 10000000", "8BITMIME")
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    users: dict[str, str] = field(default_factory=dict)
    port: int = 0
    journal: list[tuple[str, int, str, str]] = field(default_factory=list)
    mails: list[tuple[str, str, bytes]] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    on_stage: Callable[[str, Session], None] = lambda stage, session: None
    keep: bool = True
    gate: threading.Event | None = None
    most_open: int = 0
    _open: int = 0
    _loop: asyncio.AbstractEventLoop | None = None
    _descriptor: int | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _gone: asyncio.Event = field(default_factory=asyncio.Event)

    def taken(self) -> Counter[str]:
        """Return how often each recipient's mail was taken."""
        return Counter(recipient for event, _, recipient, _ in self.journal if event == "taken")

    def has_in_hand(self) -> int:
        """Return over how many connections a whole mail has come, with its end, that may be unanswered."""
        return sum(session.last == "end" for session in self.sessions)

    def note(self, event: str, session: Session, more: str = "") -> None:
        entry = (event, session.number, session.recipient, more)
        self.journal.append(entry)
        if self._descriptor is not None:
            os.write(self._descriptor, json.dumps(entry).encode() + b"\n")

    async def serve(self) -> asyncio.Server:
        if self.file is not None:
            self._descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        server = await asyncio.start_server(
            self._talk, "127.0.0.1", self.port, ssl=self.tls if self.implicit else None, limit=1 << 20
        )
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Different in every process that ever was the server.
        session = Session(os.getpid() * 1_000_000 + len(self.sessions), secure=self.implicit)
        self.sessions.append(session)
        self._writers.add(writer)
        self._open += 1
        self.most_open = max(self.most_open, self._open)
        self.note("connect", session)
        try:
            if await self._answer(writer, session, "connect"):
                while line := await reader.readline():
                    if not await self._command(line.decode("utf-8", "replace").rstrip("\r\n"), reader, writer, session):
                        break
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open -= 1
            self.note("closed", session, session.last)
            self._writers.discard(writer)
            writer.transport.abort()

    async def _answer(
        self, writer: asyncio.StreamWriter, session: Session, stage: str, good: str = "", planned: str | None = None
    ) -> bool:
        """Answer as planned; return whether the connection goes on."""
        session.last = stage
        self.on_stage(stage, session)
        planned = planned if stage == "end" else self.plan(stage, session.recipient)
        if planned == HANG:
            await self._gone.wait()
            return False
        if planned in {DROP, DROP_TAKEN}:
            return False
        text = session.said = planned or good or GOOD[stage]
        writer.write(text.encode() + b"\r\n")
        await writer.drain()
        return not text.startswith("421")

    async def _command(
        self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: Session
    ) -> bool:
        verb = line[:4].upper()
        if verb == "EHLO":
            lines = ["relay.example", *self.extensions]
            lines += ["STARTTLS"] if self.tls and not session.secure else []
            lines += ["AUTH PLAIN"] if self.users and (session.secure or not self.tls) else []
            good = "\r\n".join(f"250{' ' if at == len(lines) - 1 else '-'}{text}" for at, text in enumerate(lines))
            return await self._answer(writer, session, "ehlo", good)
        if verb == "STAR" and self.tls:
            writer.write(b"220 2.0.0 Ready\r\n")
            await writer.drain()
            await writer.start_tls(self.tls)
            session.secure = True
            return True
        if verb == "AUTH":
            return await self._login(line, reader, writer, session)
        if verb == "MAIL":
            session.sender, session.recipient = line[line.index("<") + 1 : line.index(">")], ""
            goes_on = await self._answer(writer, session, "mail")
            session.begun = session.said.startswith("2")
            return goes_on
        if verb == "RCPT" and session.begun:
            session.recipient = line[line.index("<") + 1 : line.index(">")]
            goes_on = await self._answer(writer, session, "rcpt")
            session.recipient = session.recipient if session.said.startswith("2") else ""
            return goes_on
        if verb == "RCPT":
            writer.write(b"503 5.5.1 Need MAIL\r\n")
            await writer.drain()
            return True
        if verb == "DATA":
            return await self._data(reader, writer, session)
        writer.write(b"221 2.0.0 Bye\r\n" if verb == "QUIT" else b"250 2.0.0 Ok\r\n")
        session.last = "quit" if verb == "QUIT" else "rset"
        session.recipient, session.begun = "", False
        await writer.drain()
        return verb != "QUIT"

    async def _data(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: Session) -> bool:
        if not session.recipient:
            writer.write(b"554 5.5.1 No valid recipients\r\n")
            await writer.drain()
            return True
        if not await self._answer(writer, session, "data"):
            return False
        if not session.said.startswith("354"):
            return True
        self.note("data", session)
        lines: list[bytes] = []
        while (line := await reader.readline()) != b".\r\n":
            if not line.endswith(b"\n"):
                raise asyncio.IncompleteReadError(line, None)
            lines.append(line[1:] if line.startswith(b".") else line)
            if len(lines) == 3 and self.plan("body", session.recipient) is not None:
                session.last = "body"
                return False
        session.last = "end"
        while self.gate is not None and not self.gate.is_set() and not self._gone.is_set():
            await asyncio.sleep(0.002)
        planned = self.plan("end", session.recipient)
        if planned is None or planned == DROP_TAKEN or planned.startswith("2"):
            self.note("taken", session, _message_id(lines))
            if self.keep:
                self.mails.append((session.sender, session.recipient, b"".join(lines)))
        goes_on = await self._answer(writer, session, "end", planned=planned)
        if goes_on:
            self.note("answered", session)
        session.recipient, session.begun = "", False
        return goes_on

    async def _login(
        self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: Session
    ) -> bool:
        from base64 import b64decode

        _, name, password = b64decode(line.split()[2]).decode().split("\0")
        good = self.users.get(name) == password
        session.user = name if good else ""
        writer.write(b"235 2.7.0 Welcome\r\n" if good else b"535 5.7.8 Bad credentials\r\n")
        await writer.drain()
        return True


def _message_id(lines: list[bytes]) -> str:
    for number, line in enumerate(lines):
        if line.lower().startswith(b"message-id:"):
            text = line + (lines[number + 1] if lines[number + 1][:1] in b" \t" else b"")
            return text.decode().partition("<")[2].partition(">")[0]
    return ""


@contextmanager
def running(server: SmtpServer) -> Iterator[SmtpServer]:
    """Have the server in a thread of this process."""
    ready = threading.Event()
    ended: list[asyncio.Event] = []

    async def main() -> None:
        server._loop = asyncio.get_running_loop()
        ended.append(asyncio.Event())
        listening = await server.serve()
        ready.set()
        await ended[0].wait()
        listening.close()
        server._gone.set()
        while rest := asyncio.all_tasks() - {asyncio.current_task()}:
            # Also what was accepted a moment ago.
            for writer in list(server._writers):
                writer.transport.abort()
            await asyncio.wait(rest, timeout=0.05)
        for _ in range(3):
            # The transports take note that they are closed.
            await asyncio.sleep(0)

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        assert server._loop is not None
        server._loop.call_soon_threadsafe(ended[0].set)
        thread.join(10)


def chance_plan(seed: int, trouble: float) -> Plan:
    """Return a plan that misbehaves at every stage with some probability, and is good to nobody in particular."""
    chance = random.Random(seed)
    ways = {
        "connect": (DROP, "421 4.3.2 Later"),
        "ehlo": (DROP, "421 4.3.2 Later"),
        "mail": (DROP, "451 4.3.0 Not now", "421 4.3.2 Later"),
        "rcpt": (DROP, "450 4.2.0 Greylisted", "550 5.1.1 No such user"),
        "data": (DROP, "451 4.3.0 Not now"),
        "body": (DROP,),
        "end": (DROP, DROP_TAKEN, "451 4.3.0 Not now", "554 5.7.1 Spam"),
    }

    def plan(stage: str, recipient: str) -> str | None:
        return chance.choice(ways[stage]) if chance.random() < trouble else None

    return plan


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("journal", type=Path)
    parser.add_argument("port_file", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--trouble", type=float, default=0.0)
    asked = parser.parse_args()
    server = SmtpServer(chance_plan(asked.seed, asked.trouble), asked.journal, port=asked.port, keep=False)

    async def serve() -> None:
        listening = await server.serve()
        asked.port_file.write_text(str(server.port))
        async with listening:
            await listening.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
