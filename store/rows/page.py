"""A window on an ordered set of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """A window on an ordered set of rows.

    Attributes:
        rows: the rows, in order.
        total: how many rows the whole set has.
        offset: position of the first row in the whole set, from 0.
    """

    rows: tuple[R, ...]
    total: int
    offset: int = 0
