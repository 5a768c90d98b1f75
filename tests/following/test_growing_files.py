"""A file's records come out once and in order, whatever rotation does to it between two looks."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
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


def _drained(source: GrowingFile, saved: Saved | None, found: list[Record]) -> Saved | None:
    """Read until nothing is left, and return what the store holds then."""
    more = True
    while more:
        step = source.step(1000)
        found += [item for item in step.items if isinstance(item, Record)]
        saved, more = kept(saved, step), step.more
    return saved


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
    for number in range(len(todo) + 60):
        if number < len(todo):
            todo[number]()
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


def _cut(log: Rotated, waiting: list[bytes]) -> None:
    log.copy_and_cut()


def _cut_and_written(log: Rotated, waiting: list[bytes]) -> None:
    log.copy_and_cut()
    log.write(waiting.pop())


def _renamed(log: Rotated, waiting: list[bytes]) -> None:
    log.rename(waiting.pop())


@pytest.mark.parametrize("rotate", [_cut, _cut_and_written, _renamed])
def test_a_log_rotated_at_any_moment_of_being_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rotate: Callable[[Rotated, list[bytes]], None]
) -> None:
    told = lines(12, random.Random(5))
    waiting = [b"".join(told[first : first + 15]) for first in range(0, len(told), 15)][::-1]
    for moment in count():
        (tmp_path / f"{moment}").mkdir()
        if not _rotated_at(moment, tmp_path / f"{moment}" / "mail.log", list(waiting), rotate, monkeypatch):
            break
    assert moment > 30


def _rotated_at(
    moment: int,
    path: Path,
    waiting: list[bytes],
    rotate: Callable[[Rotated, list[bytes]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> bool:
    """Rotate a log before the system is asked for the so-manieth time; tell whether it was asked so often."""
    log = Rotated(path)
    found: list[Record] = []
    log.write(waiting.pop())
    source = opened(path)
    saved = _drained(source, None, found)
    # Read after the last snapshot: what these lines say is known only if they are read again.
    log.write(waiting.pop())
    saved = _drained(source, saved, found)
    source.close()
    asked = 0

    def asks(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **options: object) -> object:
            nonlocal asked
            asked += 1
            if asked == moment + 1:
                rotate(log, waiting)
            return real(*args, **options)

        return call

    with monkeypatch.context() as patched:
        for name in ("stat", "fstat", "pread", "scandir"):
            patched.setattr(os, name, asks(getattr(os, name)))
        source = opened(path, saved)
        saved = _drained(source, saved, found)
    while waiting:
        log.write(waiting.pop())
        saved = _drained(source, saved, found)
    source.close()
    log.close()
    assert found == list(expected(log)), f"rotated at {moment}"
    return asked > moment
