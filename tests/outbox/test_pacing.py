"""Whose turn it is: rates overall and by receiving domain, on a clock of the test's own."""

from __future__ import annotations

from store.outbox.content import Person
from store.outbox.ledger import Waiting
from store.outbox.pacing import Queue


def mail(number: int, domain: str) -> Waiting:
    return Waiting(number, 0, 0, Person(number, f"p{number}@{domain}", f"{number}@x.example"))


def drained(queue: Queue, seconds: float) -> list[tuple[float, int]]:
    """Return what is taken in some seconds, with the moment, waiting no longer than the queue says."""
    found: list[tuple[float, int]] = []
    at = 0.0
    while at <= seconds:
        taken = queue.take(at)
        if taken is None:
            return found
        if isinstance(taken, Waiting):
            found.append((at, taken.id))
        else:
            assert taken > at
            at = taken
    return found


def test_without_limits_they_come_in_their_order_at_once() -> None:
    queue = Queue(0, 0)
    queue.add(mail(number, f"d{number % 2}.example") for number in range(6))
    assert drained(queue, 0) == [(0.0, number) for number in range(6)]


def test_no_more_a_second_than_the_rate() -> None:
    queue = Queue(10, 0)
    queue.add(mail(number, "d.example") for number in range(100))
    times = [at for at, _ in drained(queue, 5)]
    for at in times:
        assert sum(at <= other < at + 1 for other in times) <= 11
    assert 50 <= len(times) <= 52


def test_a_slow_domain_holds_nobody_else_up() -> None:
    queue = Queue(0, 2)
    queue.add([*(mail(number, "slow.example") for number in range(5)), mail(9, "other.example")])
    assert drained(queue, 3) == [(0.0, 0), (0.0, 9), (0.5, 1), (1.0, 2), (1.5, 3), (2.0, 4)]


def test_what_was_missed_is_not_made_up_for() -> None:
    queue = Queue(1, 0)
    queue.add(mail(number, "d.example") for number in range(9))
    assert isinstance(queue.take(0), Waiting)
    assert isinstance(queue.take(100), Waiting)
    assert queue.take(100) == 100.5


def test_what_is_given_back_is_known_by_its_ids() -> None:
    queue = Queue(0, 1)
    queue.add([mail(1, "a.example"), mail(2, "b.example")])
    assert (queue.clear(), len(queue), queue.take(0)) == ({1, 2}, 0, None)
