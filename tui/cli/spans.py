"""Spans of time as operators write them."""

from __future__ import annotations

import re
from typing import Any

import click

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d|)", re.IGNORECASE)
_SECONDS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}


class Seconds(click.ParamType[float]):
    """A span such as 30s, 5m, 2h or 1d; a bare number is seconds."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds of ``value``."""
        if isinstance(value, int | float):
            return float(value)
        match = _SPAN.fullmatch(str(value).strip())
        if match is None:
            self.fail(f"{value!r} is no span of time, for example 30s, 5m, 2h or 1d.", param, ctx)
        return float(match[1]) * _SECONDS[match[2].lower()]
