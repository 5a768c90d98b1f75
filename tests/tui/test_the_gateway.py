import threading
from contextlib import suppress

import pytest
from textual.worker import WorkerFailed

from store.errors import DiskFull, Refused, StoreBusy
from store.rows import Change
from tests.tui.conftest import Walk


def change(number: int) -> Change:
    return Change("mark-hard", None, 1, f"write {number}")


async def test_writes_asked_for_at_once_are_all_done_in_order(walk: Walk) -> None:
    done: list[int] = []

    def write(number: int) -> Change:
        done.append(number)
        return change(number)

    async with walk() as w:
        for number in range(50):
            w.app.gateway.submit(lambda number=number: write(number))
        await w.settle()
    assert done == list(range(50))


async def test_leaving_waits_until_everything_is_written(walk: Walk) -> None:
    go, done = threading.Event(), []

    def slow() -> Change:
        go.wait(10)
        done.append(1)
        return change(1)

    async with walk() as w:
        w.app.gateway.submit(slow)
        w.app.gateway.submit(lambda: done.append(2) or change(2))
        leaving = w.app.run_worker(w.app.action_quit(), group="request")
        await w.pilot.pause()
        assert w.app.is_running
        go.set()
        await leaving.wait()
        assert done == [1, 2]
    assert w.app.return_code == 0


async def test_what_is_refused_is_said_and_what_fails_must_be_seen(walk: Walk) -> None:
    def refuse() -> Change:
        raise Refused("Somebody changed it since.")

    def fail() -> Change:
        raise DiskFull("The disk is full; nothing was written.")

    async with walk() as w:
        w.app.gateway.submit(refuse)
        await w.settle()
        assert "Somebody changed it since." in w.text
        w.app.gateway.submit(fail)
        await w.settle()
        assert "This did not work" in w.text
        assert "The disk is full" in w.text
        await w.press("escape")
        assert "This did not work" not in w.text


async def test_a_write_that_others_keep_from_the_store_waits_and_is_done_once(walk: Walk) -> None:
    tries = iter([False, False, True])
    done: list[int] = []
    again = threading.Event()

    def write() -> Change:
        if not next(tries):
            again.wait(10)
            raise StoreBusy("s.db is locked by another process; try again in a moment.")
        done.append(1)
        return change(1)

    async with walk() as w:
        w.app.gateway.submit(write)
        w.app.gateway.submit(lambda: done.append(2) or change(2))
        again.set()
        await w.settle()
        assert done == [1, 2]
        assert "is locked" not in w.text
        assert "write 2" in w.text


async def test_a_write_that_others_keep_from_the_store_for_good_is_told(walk: Walk) -> None:
    tried: list[int] = []

    def write() -> Change:
        tried.append(1)
        raise StoreBusy("s.db is locked by another process; try again in a moment.")

    async with walk() as w:
        w.app.gateway.submit(write)
        await w.settle()
        assert len(tried) == 12
        assert "Others have been writing for minutes" in " ".join(w.text.split())


async def test_a_bug_in_a_write_ends_the_program_loudly(walk: Walk) -> None:
    async def broken() -> None:
        async with walk() as w:
            w.app.gateway.submit(lambda: 1 // 0)  # type: ignore[arg-type,return-value]
            with suppress(WorkerFailed):
                await w.app.workers.wait_for_complete(list(w.app.workers))

    with pytest.raises(WorkerFailed, match="ZeroDivisionError"):
        await broken()
