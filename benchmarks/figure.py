"""What is measured: a subject beside its bound, in turns, so that a busy machine slows both."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

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
    """

    name: str
    unit: str
    rate: float
    bound_name: str
    bound: float | None
    target: float | None
    at_most: bool = False
    size: int = 0

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


def measure(rounds: int, subject: Timed, bound: Timed | None = None) -> tuple[float, float]:
    """Return the median seconds of the subject and of the bound (0 without one), measured in turns."""
    taken: list[float] = []
    limits: list[float] = []
    for _ in range(rounds):
        if bound is not None:
            limits.append(bound())
        taken.append(subject())
    return statistics.median(taken), statistics.median(limits) if limits else 0.0


def cells(figure: Figure | Missing, *, judged: bool = True) -> tuple[str, ...]:
    """Return one line of the table: figure, recipients, rate, bound, ratio, target, verdict."""
    if isinstance(figure, Missing):
        return figure.name, "", "-", figure.why, "-", "-", ""
    ratio = _short(figure.reached) if figure.bound else "-"
    bound = f"{figure.bound_name} {_short(figure.bound)}" if figure.bound else "-"
    rate = f"{_short(figure.rate)} {figure.unit}"
    size = f"{figure.size:,}" if figure.size else ""
    target = "-" if figure.target is None else f"{'≤' if figure.at_most else '≥'} {_short(figure.target)}"
    verdict = ("met" if figure.met else "NOT MET") if judged and figure.target is not None else ""
    return figure.name, size, rate, bound, ratio, target, verdict


HEADINGS = ("figure", "recipients", "rate", "bound", "ratio", "target", "")


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
