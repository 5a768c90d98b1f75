"""Killed again and again while its log is written and rotated, it ends with what one clean run gives."""

from __future__ import annotations

import json
import os
import random
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import pytest

from store.database import Store, open_store
from store.exports.json import history_object, line, recipient_object, stranger_object
from store.following.follow import Follower
from store.following.source import How
from store.ingest import ingest
from store.queries.history import history, outcomes
from store.queries.strangers import strangers
from tests.following.logs import KEY, Rotated, address, lines, steps
from tests.store.plan import counters_are_right, plan

KILLS = int(os.environ.get("FOLLOW_KILLS", "6"))
SEED = int(os.environ.get("FOLLOW_SEED", "1"))
MAILS = int(os.environ.get("FOLLOW_MAILS", "600"))


def _now() -> datetime:
    return datetime.now(UTC)


def _follow(store: Path, path: Path) -> None:
    Follower(open_store(store), [str(path)], How(_now)).run()


def _planned(path: Path) -> Store:
    store = open_store(path)
    # Every fifth one is not in the plan.
    plan(store, KEY, [address(number) for number in range(MAILS) if number % 5])
    return store


def exported(store: Store) -> str:
    """Return all that is known of recipients and strangers, as the commands print it, without the rows' numbers."""
    told: list[str] = []
    for (recipient,) in store.rows("SELECT id FROM recipient ORDER BY id"):
        row = history(store, recipient)
        told.append(line(recipient_object(row.recipient, outcomes(store, [recipient]).get(recipient, ()))))
        told.append(line({**history_object(row), "events": [_numberless(event) for event in _events(row)]}))
    told += [line(_numberless(stranger_object(row))) for row in strangers(store)]
    return "\n".join(told)


def _events(row: object) -> list[dict[str, object]]:
    return list(json.loads(line(history_object(row)))["events"])  # type: ignore[arg-type]


def _numberless(found: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in found.items() if key not in {"id", "ids"}}


def test_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    content = lines(MAILS, chance)
    folder = tmp_path / "log"
    folder.mkdir()
    log = Rotated(folder / "mail.log")
    todo = list(steps(log, content, chance))
    killed = tmp_path / "killed.db"
    _planned(killed).close()
    forks = get_context("forkserver")
    forks.set_forkserver_preload(["store.following.follow", "tests.following.test_killed_at_any_moment"])
    todo[0]()
    Follower(open_store(killed), [str(log.path)], How(_now), exit_when_idle=True).run()
    at = 1
    for number in range(KILLS):
        upto = at + (len(todo) - at) // (KILLS - number)
        process = forks.Process(target=_follow, args=(killed, log.path))
        process.start()
        while at < upto:
            todo[at]()
            at += 1
            process.join(chance.choice((0, 0, 0, 0.002, 0.02)))
        process.join(chance.uniform(0, 0.15))
        process.kill()
        process.join()
        process.close()
        for _ in range(chance.choice((0, 0, 1, 30))):
            # What happens while nobody reads.
            if at < len(todo):
                todo[at]()
                at += 1
    for rest in todo[at:]:
        rest()
    log.close()
    assert b"".join(log.generations) == b"".join(content)
    store = open_store(killed)
    assert Follower(store, [str(log.path)], How(_now), exit_when_idle=True).run()
    clean = _planned(tmp_path / "clean.db")
    ingest(clean, [_generations(log, tmp_path / "generations")], _now())
    assert store.rows("SELECT count(*), count(DISTINCT dedupe) FROM event") == clean.rows(
        "SELECT count(*), count(DISTINCT dedupe) FROM event"
    )
    assert exported(store) == exported(clean)
    assert store.rows("SELECT count(*) FROM feed_defect") == [(0,)]
    assert counters_are_right(store)
    assert store.rows("PRAGMA integrity_check") == [("ok",)]


def _generations(log: Rotated, folder: Path) -> Path:
    folder.mkdir()
    for number, content in enumerate(log.generations):
        if content:
            (folder / f"{number:03d}.log").write_bytes(content)
    return folder


@pytest.fixture(autouse=True)
def _no_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
