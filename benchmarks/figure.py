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
        target: the ratio (or the rate) to reach.
        at_most: the target is not to be passed, as with memory.
    """

    name: str
    unit: str
    rate: float
    bound_name: str
    bound: float | None
    target: float
    at_most: bool = False

    @property
    def reached(self) -> float:
        """The ratio to the bound, or the rate where there is none."""
        return self.rate / self.bound if self.bound else self.rate

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
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


def table(figures: list[Figure | Missing], *, judged: bool = True) -> str:
    """Return the figures as a table for people; ``judged`` tells whether a target was reached."""
    rows = [("figure", "rate", "bound", "ratio", "target", "")]
    for figure in figures:
        if isinstance(figure, Missing):
            rows.append((figure.name, "-", figure.why, "-", "-", ""))
            continue
        ratio = f"{figure.reached:.2f}" if figure.bound else "-"
        target = f"{figure.target:.2f}" if figure.bound else f"{figure.target:,.0f}"
        bound = f"{figure.bound_name} {figure.bound:,.0f}" if figure.bound else "-"
        rate = f"{figure.rate:,.0f} {figure.unit}"
        verdict = ("met" if figure.met else "NOT MET") if judged else ""
        rows.append((figure.name, rate, bound, ratio, f"≤ {target}" if figure.at_most else target, verdict))
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
