"""Two people decide about the same rows, a third looks on, a log is followed and a message sent: one store for all.

Nothing waits for a time: the operators go on when the screen has answered, the log grows and the relay takes mails as
they go on.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from store.database import Store, open_store
from store.following.follow import Follower, How
from store.ingest import ingest
from store.recompute import differences
from store.vocabulary import BounceKind, EventType, OutboxState
from tests.following.logs import KEY, address, lines
from tests.outbox.sends import in_state, now, ready
from tests.several.operator import Operator
from tests.smtp_server import SmtpServer, running
from tests.store.plan import counters_are_right, happen, plan

STEPS = int(os.environ.get("SEVERAL_STEPS", "12"))
SEED = int(os.environ.get("SEVERAL_SEED", "1"))
PEOPLE = 8
"""Few, so that both often mean the same one."""
MAILS = 4 * STEPS
LOGGED = 6 * STEPS
KEYS = "b" * 5 + "s" * 5 + "c" * 6 + "EBezuuf"
CAMPAIGN = "Decided by two"


class Taking:
    """How the relay takes mails: so many as were allowed, the others later."""

    def __init__(self) -> None:
        self._allowed = threading.Semaphore(0)

    def allow(self, count: int) -> None:
        self._allowed.release(count)

    def __call__(self, stage: str, recipient: str) -> str | None:
        if stage == "end":
            self._allowed.acquire()
        return None


@pytest.fixture
def taking() -> Iterator[Taking]:
    """Let everything be taken in the end, whatever happened."""
    made = Taking()
    yield made
    made.allow(MAILS + 1)


def world(path: Path, port: int) -> tuple[Store, int]:
    """Make a store with people to decide about, a campaign whose log is followed, and a message ready to be sent."""
    store = open_store(path)
    message = ready(store, port, [f"m{number}@shop{number % 9}.example" for number in range(MAILS)]).message_id
    plan(store, KEY, [address(number) for number in range(LOGGED) if number % 5])
    for id_ in plan(store, CAMPAIGN, [f"d{number}@x.example" for number in range(PEOPLE)]).values():
        happen(store, id_, EventType.BOUNCED, 1, BounceKind.HARD, reason="userunknown")
    return store, message


@contextmanager
def process(out: Path, *words: object) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process whose output goes to a file; it ends with the block."""
    with out.open("wb") as file:
        started = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.wait()


def test_two_apps_a_follow_and_a_send_do_not_get_into_each_others_way(tmp_path: Path, taking: Taking) -> None:
    chance = random.Random(SEED)
    log, path = tmp_path / "mail.log", tmp_path / "s.db"
    content = lines(LOGGED, random.Random(SEED))
    log.write_bytes(b"".join(content[:3]))
    written = 3
    server = SmtpServer(plan=taking)
    python = (sys.executable, "-m")
    with ExitStack() as stack:
        stack.enter_context(running(server))
        store, message = world(path, server.port)
        follow = process(tmp_path / "follow.txt", *python, "tui.cli", "--store", path, "follow", log)
        following = stack.enter_context(follow)
        sending = stack.enter_context(process(tmp_path / "send.txt", *python, "tests.several.sending", path, message))
        everybody = [Operator("dora", path), Operator("emil", path), Operator("carl", path, "--read-only")]
        for one in everybody:
            stack.callback(one.terminal.close)
        for one in everybody:
            one.enter(CAMPAIGN)
        dora, emil, carl = everybody
        for step in range(STEPS):
            upto = max(3, len(content) * (step + 1) // STEPS)
            with log.open("ab") as file:
                file.write(b"".join(content[written:upto]))
            written = upto
            taking.allow(MAILS // STEPS)
            decide(store, (dora, emil), chance, step)
        taking.allow(1)
        assert sending.wait(120) == 0, (tmp_path / "send.txt").read_text()
        same_on_all_screens(store, everybody)
        carl.ask("b")
        assert not carl.answer()
        carl.terminal.wait_for("The store was opened read-only; nothing can be changed.")
        assert "read-only" in carl.terminal.line(0)
        following.send_signal(signal.SIGINT)
        following.wait(120)
        assert [one.quit() for one in everybody] == [0, 0, 0]
    nobody_met_a_lock(tmp_path, everybody)
    everything_is_there(store, message, server, (dora, emil))
    assert Follower(store, [str(log)], How(now), exit_when_idle=True).run()
    nothing_of_the_log_is_missing(store, log, tmp_path)
    done, refused = (sum(map(len, found)) for found in ((dora.confirmed, emil.confirmed), (dora.refused, emil.refused)))
    print(
        f"{2 * STEPS} keys: {done} done, {refused} refused; {MAILS} mails sent, {len(content)} lines followed; 0 lost"
    )


def decide(store: Store, both: tuple[Operator, Operator], chance: random.Random, step: int) -> None:
    """Let both press a key at a time, and look at what becomes of it."""
    before = entries(store)
    for one in both:
        one.terminal.press(*chance.choices("jkgG", k=chance.randrange(3)))
        key = chance.choice(KEYS)
        one.ask(key, *(("\x15", f"n{step}.{one.name}@x.example", "enter") if key == "f" else ()))
    done = {one.name: one.answer() for one in both}
    new = {id_: who for id_, who, _ in entries(store) if id_ not in {id_ for id_, _, _ in before}}
    assert sorted(new.values()) == sorted(name for name, was in done.items() if was)
    for one in both:
        for entry in (id_ for id_, who in new.items() if who == one.name):
            decided_on_what_was_shown(store, entry, one)


def entries(store: Store) -> list[tuple[int, str, str]]:
    return [
        (id_, who, sentence)
        for id_, who, sentence in store.rows("SELECT id, operator, sentence FROM journal ORDER BY id")
        if who in {"dora", "emil"}
    ]


def decided_on_what_was_shown(store: Store, entry: int, one: Operator) -> None:
    """Whatever the row was like before the decision must have stood on the screen of whoever made it."""
    for address_, before in store.rows(
        "SELECT r.address, l.before FROM journal_line AS l JOIN recipient AS r ON r.id = l.subject_id"
        " WHERE l.journal_id = ? AND l.subject = 'recipient'",
        (entry,),
    ):
        held = json.loads(before)
        if "override" in held or "cleared_at" in held:
            state = state_before(store, entry, address_)
            assert state in one.shown[address_], (one.name, address_, state, one.shown[address_], one.confirmed[-1])


def state_before(store: Store, entry: int, address_: str) -> str:
    """Return in which state a row stood before an entry, from all entries before that stand or stood then."""
    found = store.rows(
        "SELECT j.verb FROM journal AS j JOIN journal_line AS l ON l.journal_id = j.id AND l.subject = 'recipient'"
        " JOIN recipient AS r ON r.id = l.subject_id WHERE r.address = ? AND j.id < ? AND j.undone_at IS NULL"
        " AND j.verb IN ('mark-hard', 'mark-soft', 'clear') ORDER BY j.id DESC LIMIT 1",
        (address_, entry),
    )
    return (
        {"mark-hard": "Bounced hard", "mark-soft": "Bounced soft", "clear": ""}[found[0][0]]
        if found
        else "Bounced hard"
    )


def same_on_all_screens(store: Store, everybody: list[Operator]) -> None:
    """Wait until everybody sees the rows as they are, without a key."""
    view = {
        address_: "" if delivery < 40 else f"Bounced {BounceKind.of(kind)}"
        for address_, delivery, kind in store.rows(
            "SELECT address, delivery, bounce_kind FROM recipient WHERE address LIKE 'd%@x.example'"
        )
    }
    assert len(view) == PEOPLE
    for one in everybody:
        one.terminal.wait_for(lambda _, one=one: one.rows() == view, f"{one.name} sees {view}")  # type: ignore[misc]


def nobody_met_a_lock(folder: Path, everybody: list[Operator]) -> None:
    seen = [(folder / name).read_bytes() for name in ("follow.txt", "send.txt")]
    for text in (*seen, *(bytes(one.terminal.raw) for one in everybody)):
        assert b"is locked" not in text
        assert b"Traceback" not in text


def everything_is_there(store: Store, message: int, server: SmtpServer, both: tuple[Operator, Operator]) -> None:
    assert store.rows("PRAGMA integrity_check") == [("ok",)]
    assert store.rows("PRAGMA foreign_key_check") == []
    assert counters_are_right(store)
    assert list(differences(store)) == []
    for one in both:
        assert len([id_ for id_, who, _ in entries(store) if who == one.name]) == len(one.confirmed)
        assert one.confirmed
    taken = server.taken()
    assert set(taken.values()) == {1}
    assert len(taken) == MAILS
    assert in_state(store, OutboxState.ACCEPTED) == set(taken)


def nothing_of_the_log_is_missing(store: Store, log: Path, folder: Path) -> None:
    clean = open_store(folder / "clean.db")
    plan(clean, KEY, [address(number) for number in range(LOGGED) if number % 5])
    ingest(clean, [log], now())
    sql = "SELECT hex(e.dedupe) FROM event AS e JOIN campaign AS p ON p.id = e.campaign_id WHERE p.name = ? ORDER BY 1"
    assert store.rows(sql, (KEY,)) == clean.rows(sql, (KEY,))
    strangers = "SELECT hex(dedupe) FROM stranger ORDER BY 1"
    assert store.rows(strangers) == clean.rows(strangers)
