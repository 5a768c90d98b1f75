"""A clock that is set back or forward: what came last stays last, nothing waits for yesterday, nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from store.actions.triage import block, clear, mark_hard
from store.actions.undo import redo, undo
from store.database import open_store
from store.following.follow import Follower
from store.following.source import How
from store.outbox.sender import Sender
from store.queries.journal import journal
from store.queries.outbox import send_row
from store.queries.relays import find_relay
from store.recompute import differences
from store.vocabulary import SendState
from tests.faults.world import FIRST, build, here
from tests.outbox import sends
from tests.smtp_server import SmtpServer, running

DAY = timedelta(days=1)


def jumping(by: timedelta, after: int) -> Callable[[], datetime]:
    """Return a clock that jumps once it has been looked at ``after`` times."""
    looked = 0

    def now() -> datetime:
        nonlocal looked
        looked += 1
        return sends.now() + (by if looked > after else timedelta())

    return now


def test_actions_stay_in_their_order_and_are_taken_back_in_it(tmp_path: Path) -> None:
    store = open_store(build(tmp_path))
    now, who = sends.now(), sends.ANN
    failed = [id_ for (id_,) in store.rows("SELECT id FROM recipient WHERE bounced_at IS NOT NULL ORDER BY id LIMIT 9")]
    for turn, (act, ids) in enumerate(((mark_hard, failed[:3]), (clear, failed[:3]), (block, failed[3:]))):
        assert act(store, ids, who, now - turn * DAY).count == len(ids)
    entries = journal(store, 3).rows
    assert [entry.verb for entry in entries] == ["block", "clear", "mark-hard"]
    said = [entry.sentence for entry in reversed(entries)]
    assert list(differences(store)) == []
    undone = [undo(store, who, now - turn * DAY).sentence for turn in range(3, 6)]
    assert undone == [f"Undone: {sentence}" for sentence in reversed(said)]
    assert list(differences(store)) == []
    redone = [redo(store, who, now - turn * DAY).sentence for turn in range(6, 9)]
    assert redone == [f"Redone: {sentence}" for sentence in said]
    assert list(differences(store)) == []


def test_what_is_followed_is_read_at_once_though_its_files_are_of_tomorrow(tmp_path: Path) -> None:
    build(tmp_path)
    clean, followed = tmp_path / "clean.db", tmp_path / "followed.db"
    feeds = [tmp_path / "spring.log", tmp_path / "spring.ndjson"]
    for path in (clean, followed):
        imported = here(path, "import", "recipients", tmp_path / "list.csv", "--campaign", FIRST, "--key", "spring")
        assert imported.exit_code == 0
    assert here(clean, "ingest", *feeds).exit_code == 0
    store = open_store(followed)
    how = How(lambda: sends.now() - DAY)
    assert Follower(store, [str(path) for path in feeds], how, exit_when_idle=True).run()
    counted = "SELECT count(*), count(DISTINCT dedupe), sum(ts) FROM event"
    assert store.rows(counted) == open_store(clean).rows(counted)


def test_a_countdown_neither_waits_for_tomorrow_nor_is_skipped(tmp_path: Path) -> None:
    for number, by in enumerate((-DAY, DAY)):
        store = open_store(tmp_path / f"{number}.db")
        with running(SmtpServer()) as server:
            message = sends.ready(store, server.port, sends.people(5)).message_id
            begun = time.monotonic()
            clock, relay = jumping(by, 4), find_relay(store, None)
            Sender(store, message, relay, sends.ANN, clock, 0.3, patience=sends.QUICK).run()
            assert time.monotonic() - begun >= 0.3
            assert len(server.taken()) == 5
        assert send_row(store, message, sends.now()).state is SendState.DONE
        assert list(differences(store)) == []
