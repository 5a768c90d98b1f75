"""Looking into a JSON event: a path is the keys on the way to a value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from email.utils import getaddresses
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str, ...]
Event: TypeAlias = dict[str, Any]

Choose: TypeAlias = Callable[[tuple[str, ...]], tuple[str, ...]]

ANY = "*"
"""Stands for the first object, whatever its key."""

_DEEPEST = 100_000


def path_of(text: str) -> Path:
    """Return the path that ``mail.commonHeaders.messageId`` names; "" is the event itself."""
    return tuple(text.split(".")) if text else ()


def find(event: object, path: Path) -> Any:
    """Return the value at ``path``, None if there is none."""
    value: Any = event
    for key in path:
        if value.__class__ is not dict:
            return None
        value = value.get(key)
    return value


def find_begin(event: Event, path: Path) -> Any:
    """Return the value at a path in which :data:`ANY` may stand."""
    value: Any = event
    for key in path:
        if not isinstance(value, dict):
            return None
        if key == ANY:
            value = next((inner for inner in value.values() if isinstance(inner, dict)), None)
        else:
            value = value.get(key)
    return value


def word_of(value: object) -> str | None:
    """Return a text, number or truth value as text; None for anything else and for blanks."""
    if value.__class__ is str:
        return value.strip() or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return None


def text_at(event: Event, paths: Iterable[Path]) -> str | None:
    """Return the first text (or number, as text) that stands at one of ``paths``; of a list its first one."""
    for path in paths:
        value = find(event, path)
        if value is None:
            continue
        if value.__class__ is list:
            value = next((item for item in value if word_of(item) is not None), None)
        text = word_of(value)
        if text is not None:
            return text
    return None


def decoded(text: str) -> Any:
    """Return what a JSON text says; None if it is no JSON object or array."""
    if text.lstrip()[:1] not in {"{", "["} or len(text) > _DEEPEST * 40:
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def texts_of(value: object) -> list[str]:
    """Return the texts of a text, of a list of texts, or of a JSON text that holds such a list."""
    if value.__class__ is list and len(value) == 1:
        text = word_of(value[0])
        return [text] if text else []
    if isinstance(value, str) and value[:1] in {"[", " "}:
        inner = decoded(value)
        value = inner if isinstance(inner, list) else value
    if isinstance(value, list):
        return [text for item in value if (text := word_of(item))]
    text = word_of(value)
    return [text] if text else []


def pairs_of(value: object, chosen: Choose | None = None) -> list[tuple[str, str]]:
    """Return (name, text) of an object, of a list of names and values, or of a JSON text that holds one of them.

    Args:
        value: where to look.
        chosen: returns those of some names that matter; None: all do.
    """
    if isinstance(value, str):
        value = decoded(value)
    if isinstance(value, dict):
        names = value if chosen is None else chosen(tuple(value))
        return [(name, text) for name in names for text in texts_of(value[name])]
    if not isinstance(value, list):
        return []
    if chosen is not None and not _may_hold(value, chosen):
        return []
    found: list[tuple[str, str]] = []
    for item in value:
        if isinstance(item, dict):
            name, inner = item.get("name", item.get("Name")), item.get("value", item.get("Value"))
        elif isinstance(item, list) and len(item) == 2:
            name, inner = item
        else:
            continue
        text = word_of(inner)
        if text and isinstance(name, str) and (chosen is None or chosen((name,))):
            found.append((name, text))
    return found


def _may_hold(items: list[Any], chosen: Choose) -> bool:
    """Tell whether one of the names may matter; most lists are headers that do not."""
    try:
        return bool(chosen(tuple([item["name"] for item in items])))
    except (TypeError, KeyError, AttributeError):
        return True


def names_of(value: list[Any]) -> list[str]:
    """Return the names of a list of objects that have no values."""
    return [text for item in value if isinstance(item, dict) and (text := word_of(item.get("name")))]


def addresses_of(value: object) -> list[str]:
    """Return the addresses of a text like ``Ann <ann@shop.example>, bo@shop.example``, or of a list of such texts."""
    if isinstance(value, list):
        if len(value) == 1:
            return addresses_of(value[0]) if isinstance(value[0], str) else []
        return [address for item in value if isinstance(item, str) for address in addresses_of(item)]
    if not isinstance(value, str):
        return []
    if "<" not in value and "," not in value:
        return [value.strip()] if "@" in value else []
    found = [pair[1] for pair in getaddresses([value])]
    return [address for address in found if "@" in address]
