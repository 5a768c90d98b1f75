"""Reading many bounce mails on all cores, in their order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeAlias

from store.feeds.bounces.mailbox import RawMail
from store.feeds.bounces.reader import read_mail
from store.feeds.record import Defect, Record

ALONE = 2000
"""So many mails are read before other processes are worth their start."""
_CHUNK = 100
_CHUNK_BYTES = 4 << 20

Item: TypeAlias = RawMail | Defect
Answer: TypeAlias = list[Record | Defect]


def read_mails(items: Iterable[Item], *, alone: int = ALONE, cores: int | None = None) -> Iterator[Answer]:
    """Yield for each item, in order, what its mail says; a defect stands for itself.

    Args:
        items: mails, and defects for those that could not be opened.
        alone: how many are read in this process before others help.
        cores: how many processes help then; None: as many as this process may use.
    """
    rest = iter(items)
    for item in islice(rest, alone):
        yield _read(item)
    workers = cores or len(os.sched_getaffinity(0))
    if workers < 2:
        yield from map(_read, rest)
        return
    first = _chunk(rest)
    if first:
        yield from _shared(first, rest, workers)


def _chunk(rest: Iterator[Item]) -> list[Item]:
    """Return the next items for one process: not too many, and not too large together."""
    chunk: list[Item] = []
    size = 0
    for item in islice(rest, _CHUNK):
        chunk.append(item)
        size += len(item.data) if isinstance(item, RawMail) else 0
        if size >= _CHUNK_BYTES:
            break
    return chunk


def _read(item: Item) -> Answer:
    return [item] if isinstance(item, Defect) else list(read_mail(item.data, item.where, item.ts))


def _read_chunk(items: list[Item]) -> list[Answer]:
    return [_read(item) for item in items]


def _end_with_parent() -> None:
    """End this process when the one that asks it was killed: it would wait for its next question for ever."""
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=watch, name="parent", daemon=True).start()


def _shared(first: list[Item], rest: Iterator[Item], workers: int) -> Iterator[Answer]:
    under_way: deque[tuple[list[Item], Future[list[Answer]]]] = deque()
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver"), initializer=_end_with_parent) as pool:
        chunk = first
        try:
            while chunk or under_way:
                while chunk and len(under_way) < 2 * workers:
                    under_way.append((chunk, pool.submit(_read_chunk, chunk)))
                    chunk = _chunk(rest)
                answers = under_way[0][1].result()
                under_way.popleft()
                yield from answers
        except BrokenProcessPool:
            # A helper was killed (no memory, most likely): this process goes on alone, in the same order.
            for asked, _ in under_way:
                yield from _read_chunk(asked)
            yield from map(_read, chain(chunk, rest))
