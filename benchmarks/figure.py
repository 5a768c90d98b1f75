"""What is measured: a subject beside its bound, in turns, so that a busy machine slows both."""

from __future__ import annotations

import resource
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

Timed = Callable[[], float]
"""Does the work once and returns the seconds it took."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Attributes:
        name: what is measured.
        unit: of ``rate`` and ``bound`` ("recipients/s").
        rate: of the subject, median of the rounds.
        bound_name: what it is compared with; "" if the target is a rate.
        bound: its rate, median of the rounds; None if the target is a rate.
        target: the ratio (or the rate) to reach; None: it is told for its own sake.
        at_most: the target is not to be passed, as with memory.
        size: recipients of the campaign that it was measured on; 0: it does not depend on them.
        busy: the ratio of the processor times of both, those of all their processes together; None: not measured.
    """

    name: str
    unit: str
    rate: float
    bound_name: str
    bound: float | None
    target: float | None
    at_most: bool = False
    size: int = 0
    busy: float | None = None

    @property
    def reached(self) -> float:
        """The ratio to the bound, or the rate where there is none."""
        return self.rate / self.bound if self.bound else self.rate

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        if self.target is None:
            return True
        return self.reached <= self.target if self.at_most else self.reached >= self.target

    def as_object(self) -> dict[str, Any]:
        """Return the figure for JSON."""
        return asdict(self) | {"reached": round(self.reached, 4), "met": self.met}


@dataclass(frozen=True, slots=True)
class Missing:
    """A figure that could not be measured here, and why."""

    name: str
    why: str

    def as_object(self) -> dict[str, Any]:
        """Return the gap for JSON."""
        return asdict(self)


class Taken(NamedTuple):
    """What measuring in turns gave: median seconds of the subject and of the bound, and their processor times' ratio.

    ``limit`` is 0, and ``busy`` None, without a bound.
    """

    seconds: float
    limit: float
    busy: float | None


def measure(rounds: int, subject: Timed, bound: Timed | None = None) -> Taken:
    """Measure the subject and the bound in turns."""
    taken: list[float] = []
    limits: list[float] = []
    used = spared = 0.0
    for _ in range(rounds):
        began = _processor_s()
        if bound is not None:
            limits.append(bound())
        between = _processor_s()
        taken.append(subject())
        spared, used = spared + between - began, used + _processor_s() - between
    if bound is None:
        return Taken(statistics.median(taken), 0.0, None)
    return Taken(statistics.median(taken), statistics.median(limits), spared / used)


def _processor_s() -> float:
    """Return the processor time of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def cells(figure: Figure | Missing, *, judged: bool = True) -> tuple[str, ...]:
    """Return one line of the table: what :data:`HEADINGS` name, and the verdict."""
    if isinstance(figure, Missing):
        return figure.name, "", "-", figure.why, "-", "-", "-", ""
    ratio = _short(figure.reached) if figure.bound else "-"
    bound = f"{figure.bound_name} {_short(figure.bound)}" if figure.bound else "-"
    rate = f"{_short(figure.rate)} {figure.unit}"
    size = f"{figure.size:,}" if figure.size else ""
    target = "-" if figure.target is None else f"{'≤' if figure.at_most else '≥'} {_short(figure.target)}"
    verdict = ("met" if figure.met else "NOT MET") if judged and figure.target is not None else ""
    busy = "-" if figure.busy is None else _short(figure.busy)
    return figure.name, size, rate, bound, ratio, busy, target, verdict


HEADINGS = ("figure", "recipients", "rate", "bound", "ratio", "of processor time", "target", "")


def table(figures: list[Figure | Missing], *, judged: bool = True) -> str:
    """Return the figures as a table for people; ``judged`` tells whether a target was reached."""
    rows = [HEADINGS, *(cells(figure, judged=judged) for figure in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _short(number: float) -> str:
    """Return a number with three digits that tell something."""
    if abs(number) >= 100 or number == int(number):
        return f"{number:,.0f}"
    return f"{number:.1f}" if abs(number) >= 10 else f"{number:.2f}" if abs(number) >= 0.1 else f"{number:.2g}"
