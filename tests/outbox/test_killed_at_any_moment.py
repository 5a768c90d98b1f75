"""A sender that is killed again and again, and a relay that is, too: everybody exactly once, or shown as unsure."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from multiprocessing import get_context
from pathlib import Path

from store.database import Store, open_store
from store.errors import StoreError
from store.outbox.connecting import Patience
from store.outbox.unsure import recover_dead
from store.queries.outbox import send_row
from store.vocabulary import Delivery, OutboxState, SendState
from tests.outbox.sends import in_state, now, people, ready, sender
from tests.smtp_server import HANG, SmtpServer, running
from tests.store.plan import counters_are_right

KILLS = int(os.environ.get("SEND_KILLS", "6"))
SEED = int(os.environ.get("SEND_SEED", "1"))
MAILS = int(os.environ.get("SEND_MAILS", "300"))
CONNECTIONS = 6
TROUBLE = 0.01
"""How often the relay misbehaves at a stage of the dialogue."""
PATIENCE = Patience(5, 5, 5, 5, 5, 5, 5)

Entry = tuple[str, int, str, str]


class Relay:
    """The relay, in a process that can be killed and started again on the same port."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.journal, self.port_file, self.seed, self.port = folder / "relay.ndjson", folder / "port", seed, 0
        self.starts = 0
        self.journal.touch()
        self.start()

    def start(self) -> None:
        self.port_file.unlink(missing_ok=True)
        self.starts += 1
        command = [sys.executable, "-m", "tests.smtp_server", self.journal, self.port_file]
        options = ["--port", self.port, "--seed", self.seed + self.starts, "--trouble", TROUBLE]
        self.process = subprocess.Popen([str(word) for word in (*command, *options)])
        while not (self.port_file.exists() and self.port_file.read_text()):
            assert self.process.poll() is None
            time.sleep(0.01)
        self.port = int(self.port_file.read_text())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def entries(self) -> list[Entry]:
        return [tuple(json.loads(line)) for line in self.journal.read_text().splitlines()]

    def size(self) -> int:
        return self.journal.stat().st_size


def _send(path: Path, message_id: int) -> None:
    """Send in a process of its own; a relay that is not there just now ends it."""
    store = open_store(path)
    try:
        sender(store, message_id, patience=PATIENCE).run()
    except StoreError:
        return


Claim = tuple[str, int, str]
"""The address of a mail that was claimed, when, and by which process."""


def open_now(store: Store) -> set[Claim]:
    sql = (
        "SELECT r.address, o.claimed_at, o.claimant FROM outbox AS o JOIN recipient AS r ON r.id = o.recipient_id"
        " WHERE o.state = ?"
    )
    return set(store.rows(sql, (OutboxState.SENDING.code,)))


def test_kills_lose_and_double_nobody(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    relay = Relay(tmp_path, SEED * 1000)
    path = tmp_path / "s.db"
    store = open_store(path)
    addresses = [f"p{number}@shop{number % 50}.example" for number in range(MAILS)]
    message = ready(store, relay.port, addresses, connections=CONNECTIONS).message_id
    forks = get_context("forkserver")
    forks.set_forkserver_preload(["store.outbox.sender", "tests.outbox.test_killed_at_any_moment", "aiosmtplib"])
    claims: set[Claim] = set()
    kills = 0
    try:
        while kills < KILLS and send_row(store, message, now()).state is not SendState.DONE:
            before = relay.size()
            left = send_row(store, message, now()).left
            process = forks.Process(target=_send, args=(path, message))
            process.start()
            # The kills are spread over the whole of the sending, whatever the machine is busy with.
            upto = before + chance.randrange(1, 2 + 2 * 260 * left // max(1, KILLS - kills + 1))
            while process.is_alive() and relay.size() < upto:
                process.join(0.001)
            process.join(chance.choice((0, 0, 0.001, 0.003, 0.01)))
            process.kill()
            process.join()
            process.close()
            kills += 1
            found = open_now(store)
            assert len(found) <= CONNECTIONS
            # Who is killed before he has looked leaves open what the one before him left.
            claims |= found
            # Whoever asks learns of them at once, not only the next process.
            assert send_row(store, message, now()).counts[OutboxState.SENDING] == 0
            if chance.random() < 0.3:
                relay.kill()
                relay.start()
            if chance.random() < 0.3:
                store.run(lambda: recover_dead(store, now()))
        _to_the_end(store, path, message)
    finally:
        relay.kill()
    assert kills == KILLS
    open_at_kills = Counter(address for address, _, _ in claims)
    judge(store, message, relay, addresses, open_at_kills)


def _to_the_end(store: Store, path: Path, message: int) -> None:
    """Let a sender finish that nobody kills."""
    for _ in range(20):
        _send(path, message)
        row = send_row(store, message, now())
        if row.state is SendState.DONE:
            return
    raise AssertionError(f"it stands still: {row.state}, {row.why}")


def judge(store: Store, message: int, relay: Relay, addresses: list[str], open_at_kills: Counter[str]) -> None:
    """Hold the store against the journal of the relay."""
    journal = relay.entries()
    taken = Counter(address for event, _, address, _ in journal if event == "taken")
    accepted, unsure = in_state(store, OutboxState.ACCEPTED), in_state(store, OutboxState.UNSURE)
    refused, held = in_state(store, OutboxState.REFUSED), in_state(store, OutboxState.HELD)
    assert accepted | unsure | refused | held == set(addresses)
    # Nobody twice; everybody accepted has got it, nobody refused has.
    assert max(taken.values()) == 1
    assert accepted <= set(taken)
    assert not (refused | held) & set(taken)
    assert set(taken) <= accepted | unsure
    # What was open when a process died is unsure, each of it, and it was open once.
    assert set(open_at_kills) <= unsure
    assert max(open_at_kills.values(), default=1) == 1
    died = "SELECT count(*) FROM outbox WHERE state = ? AND diagnostic LIKE 'the sending process ended%'"
    assert store.rows(died, (OutboxState.UNSURE.code,)) == [(len(open_at_kills),)]
    # The relay saw it so, too: one for each connection that was cut, the last mail on it, or the one before if that
    # was answered a moment ago and the next one had begun.
    spoken: dict[int, list[str]] = defaultdict(list)
    for event, connection, address, _ in journal:
        if event == "data":
            spoken[connection].append(address)
    cut = {address: connection for connection, some in spoken.items() for address in some[-2:] if address in unsure}
    assert set(cut) == unsure
    assert len(set(cut.values())) == len(unsure)
    # Events exactly once, and the plan adds up.
    events = store.rows("SELECT count(*), count(DISTINCT recipient_id) FROM event WHERE type = 20")
    assert events == [(len(accepted), len(accepted))]
    ready_ones = store.rows(
        "SELECT count(*) FROM recipient WHERE campaign_id = 2 AND delivery = ?", (Delivery.READY.code,)
    )
    put_off = store.rows("SELECT count(DISTINCT recipient_id) FROM event WHERE type = 30")[0][0]
    assert ready_ones[0][0] <= len(unsure) + len(held) <= ready_ones[0][0] + put_off
    assert counters_are_right(store)
    assert store.rows("PRAGMA integrity_check") == [("ok",)]
    told = {
        "mails": len(addresses),
        "kills": KILLS,
        "relay killed": relay.starts - 1,
        "accepted": len(accepted),
        "refused": len(refused),
        "held": len(held),
        "unsure": len(unsure),
        "of these open when the sender was killed": len(open_at_kills),
        "unsure and taken by the relay": len(unsure & set(taken)),
        "connections": len(spoken),
    }
    print(json.dumps(told))


def test_exactly_what_was_open_is_unsure(tmp_path: Path) -> None:
    at = dict.fromkeys(("p0@shop0.example", "p1@shop1.example", "p2@shop2.example"), "end")
    at |= dict.fromkeys(("p3@shop0.example", "p4@shop1.example"), "rcpt")

    def plan(stage: str, recipient: str) -> str | None:
        return HANG if at.get(recipient) == stage else None

    store = open_store(tmp_path / "s.db")
    with running(SmtpServer(plan)) as server:
        message = ready(store, server.port, people(20), connections=6).message_id
        process = get_context("spawn").Process(target=_send, args=(store.path, message))
        process.start()
        # One connection is left to hand over everybody else; then five hang.
        while len(server.taken()) < 15 or len(in_state(store, OutboxState.ACCEPTED)) < 15:
            process.join(0.01)
        process.kill()
        process.join()
    assert in_state(store, OutboxState.SENDING) == {address for address, stage in at.items() if stage == "end"}
    assert send_row(store, message, now()).counts[OutboxState.UNSURE] == 3
    assert in_state(store, OutboxState.WAITING) == {address for address, stage in at.items() if stage == "rcpt"}
