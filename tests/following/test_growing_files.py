"""A file's records come out once and in order, whatever rotation does to it between two looks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.feeds.logs import POSTFIX
from store.feeds.postfix import PostfixLog
from store.feeds.record import Record
from store.feeds.stamps import Clock
from store.following.growing import GrowingFile
from store.following.source import How, Saved, Step
from store.following.watching import Folders
from tests.following.logs import Rotated, lines, steps


def _now() -> datetime:
    return datetime.now(UTC)


def opened(path: Path, saved: Saved | None = None, kind: str = POSTFIX) -> GrowingFile:
    source = GrowingFile(path, kind, How(_now), Folders(lambda: None))
    source.resume(saved)
    return source


def kept(saved: Saved | None, step: Step) -> Saved | None:
    """Return what the store holds after a step."""
    if step.position is None:
        return saved
    return Saved(step.position, step.snapshot or (saved.snapshot if saved else None))


def expected(log: Rotated) -> Iterator[Record]:
    reader = PostfixLog()
    for content in log.generations:
        yield from reader.records(content.splitlines(keepends=True), Clock(_now(), UTC))


@pytest.mark.parametrize("seed", range(12))
def test_every_record_comes_once_through_rotation_and_restarts(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    log = Rotated(tmp_path / "mail.log")
    todo = list(steps(log, lines(150, chance), chance))
    todo.pop(0)()
    source = opened(log.path)
    first = source.step(1000)
    saved, found = kept(None, first), list(first.items)
    looks = chance.choice((0.1, 0.5, 0.9))
    for number, step_ in enumerate([*todo, *[lambda: None] * 60]):
        step_()
        while chance.random() < looks or number >= len(todo):
            step = source.step(chance.choice((1, 10, 1000)))
            if chance.random() < 0.1:
                # Killed before the step was kept.
                source.close()
                source = opened(log.path, saved)
                break
            found += [item for item in step.items if isinstance(item, Record)]
            saved = kept(saved, step)
            if not step.more:
                break
            if chance.random() < 0.1:
                source.close()
                source = opened(log.path, saved)
    source.close()
    log.close()
    assert found == list(expected(log))
