"""Filters as text that can be kept, and in words for people."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from store.asking import RecipientFilter
from store.errors import BadInput
from store.vocabulary import State

VERSION = 1
"""Of the text; a later one may know conditions that this program does not."""

_NAMES = {field.name for field in fields(RecipientFilter)}
_NUMBERS = frozenset({"campaign_id", "link_id", "list_id"})


def to_object(wanted: RecipientFilter) -> dict[str, Any]:
    """Return the conditions that are given, by name; states as a list in the order of the vocabulary."""
    found: dict[str, Any] = {}
    for field in fields(RecipientFilter):
        value = getattr(wanted, field.name)
        if value != field.default:
            found[field.name] = value
    if wanted.states:
        found["states"] = [state.value for state in State if state in wanted.states]
    if wanted.without:
        found["without"] = list(wanted.without)
    return found


def to_text(wanted: RecipientFilter) -> str:
    """Return a filter as JSON with its version; equal filters give equal texts."""
    return json.dumps({"version": VERSION, **to_object(wanted)}, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str) -> RecipientFilter:
    """Return the filter that :func:`to_text` wrote.

    Raises:
        BadInput: it is damaged, or a newer version of the program wrote it.
    """
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadInput("The filter is damaged.") from error
    if not isinstance(found, dict):
        raise BadInput("The filter is damaged.")
    if found.pop("version", None) != VERSION or not _NAMES.issuperset(found):
        raise BadInput("The filter was saved by a newer aftersend; update the program.")
    try:
        given = {name: _value(name, value) for name, value in found.items()}
    except (TypeError, ValueError) as error:
        raise BadInput("The filter is damaged.") from error
    return RecipientFilter(**given)


def described(wanted: RecipientFilter) -> list[str]:
    """Return what a filter asks for within its campaign or list, for people, one part for each condition."""
    parts = []
    if wanted.states:
        parts.append(" or ".join(state for state in State if state in wanted.states))
    if wanted.text:
        parts.append(f"“{wanted.text}”")
    if wanted.without:
        parts.append(f"without “{' '.join(wanted.without)}”")
    if wanted.responsible is not None:
        parts.append(f"responsible {wanted.responsible}" if wanted.responsible else "without responsible")
    if wanted.company is not None:
        parts.append(f"company {wanted.company}" if wanted.company else "without company")
    if wanted.domain is not None:
        parts.append(f"@{wanted.domain.removeprefix('@')}")
    if wanted.reason is not None:
        parts.append(f"reason {wanted.reason}" if wanted.reason else "without reason")
    return parts


def _value(name: str, value: Any) -> Any:
    """Return a condition's value as the filter holds it.

    Raises:
        ValueError, TypeError: it is of another type.
    """
    if name == "states":
        return frozenset(map(State, value))
    if name == "without":
        if not isinstance(value, list) or not all(isinstance(term, str) for term in value):
            raise TypeError(name)
        return tuple(value)
    if type(value) is not (int if name in _NUMBERS else str):
        raise TypeError(name)
    return value
