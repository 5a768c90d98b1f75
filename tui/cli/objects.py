"""Rows as JSON, one object a line: words as they are, times in ISO 8601 UTC."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any


def plain(value: Any) -> Any:
    """Return ``value`` as what JSON knows; dataclasses become objects, sets sorted lists.

    Raises:
        TypeError: JSON has nothing for it.
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def print_object(value: Any, *, without: frozenset[str] = frozenset()) -> None:
    """Print a row or mapping as one line of JSON, leaving out the fields named in ``without``."""
    shown = {key: item for key, item in plain(value).items() if key not in without}
    narrow = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    sys.stdout.write(json.dumps(shown, ensure_ascii=narrow, separators=(", ", ": ")) + "\n")
