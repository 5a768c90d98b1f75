"""Mails through one relay, claimed and settled one by one, beside a plain smtplib loop and Postfix's own smtp-source.

The relay is Postfix's ``smtp-sink``, which takes mails as fast as they come and throws them away.
"""

from __future__ import annotations

import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks.figure import Figure, Missing, measure
from benchmarks.material import recipients_csv
from benchmarks.subjects import NOW, WHO, planned_store, timed
from store.actions.relays import set_relay
from store.asking import RecipientFilter
from store.database import Store, open_store
from store.outbox.compose import Composer
from store.outbox.content import How, Message
from store.outbox.preparing import Draft, prepare
from store.outbox.relay import relay_at
from store.outbox.sender import Sender
from store.outbox.whom import Whom, people, sifted
from store.queries.relays import find_relay

MAILS = 5_000
CONNECTIONS = 8
_FEW = 200
_WHERE = ("/usr/sbin", "/usr/lib/postfix/sbin", "/usr/local/sbin")
_LETTER = Message(
    "Your order, {{ name }}",
    "Ann <ann@shop.example>",
    "Dear {{ name }},\n\n" + "A line of text, as there are in any letter of ours.\n" * 30,
)


def sent(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Yield the figures of sending; of a large campaign only some thousand mails are sent."""
    sink, source = _tool("smtp-sink"), _tool("smtp-source")
    if sink is None:
        yield Missing("mails through one relay", "Postfix's smtp-sink is not installed")
        return
    mails = min(size, MAILS) if rounds > 1 else _FEW
    with tempfile.TemporaryDirectory() as folder, _relay(sink) as port:
        store = open_store(planned_store(Path(folder), recipients_csv(mails)))
        try:
            told = measure(rounds, partial(_ours, store, port), partial(_plain, store, port, mails))
            yield Figure(
                f"mails through one relay, {CONNECTIONS} connections, each claimed on the disk before it leaves",
                "mails/s",
                mails / told.seconds,
                "smtplib, a loop over one connection",
                mails / told.limit,
                None,
                busy=told.busy,
            )
            if source is None:
                yield Missing("the same beside smtp-source", "Postfix's smtp-source is not installed")
                return
            told = measure(rounds, partial(_ours, store, port), partial(_source, source, port, mails))
            yield Figure(
                "the same beside a program that knows no store, and sends one mail to all",
                "mails/s",
                mails / told.seconds,
                f"smtp-source, {CONNECTIONS} connections",
                mails / told.limit,
                None,
                busy=told.busy,
            )
        finally:
            store.close()


def _ours(store: Store, port: int) -> float:
    """Make a send ready, and return how long it took to send it."""
    relay = replace(relay_at("sink", f"smtp://127.0.0.1:{port}"), connections=CONNECTIONS, per_connection=0)
    set_relay(store, relay, WHO, NOW)
    number = store.rows("SELECT count(*) FROM message")[0][0]
    draft = Draft(f"Send {number}", _LETTER, Whom(wanted=RecipientFilter(campaign_id=1)))
    prepared = prepare(store, draft, WHO, NOW)
    sender = Sender(store, prepared.message_id, find_relay(store, "sink"), WHO, lambda: datetime.now(UTC))
    return timed(sender.run)


def _plain(store: Store, port: int, mails: int) -> float:
    """Send the same mails as anybody would in a loop, and return how long it took."""
    composer = Composer(_LETTER, How("loop", "Loop", NOW))
    with sifted(store, Whom(wanted=RecipientFilter(campaign_id=1))):
        wanted = [replace(person, mail_id=f"loop.{number}@shop.example") for number, person in enumerate(people(store))]
    assert len(wanted) == mails

    def loop() -> None:
        with smtplib.SMTP("127.0.0.1", port) as connection:
            for person in wanted:
                connection.sendmail(composer.sender(person), [person.address], composer.mail(person))

    return timed(loop)


def _source(program: str, port: int, mails: int) -> float:
    command = [program, "-m", str(mails), "-s", str(CONNECTIONS), "-l", "1600", "-d", f"127.0.0.1:{port}"]
    return timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))


def _tool(name: str) -> str | None:
    return shutil.which(name) or next((found for where in _WHERE if (found := shutil.which(name, path=where))), None)


@contextmanager
def _relay(program: str) -> Iterator[int]:
    """Have a server that takes every mail on a port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    sink = subprocess.Popen([program, "-u", "nobody", f"127.0.0.1:{port}", "256"], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.02)
        yield port
    finally:
        sink.kill()
        sink.wait()
