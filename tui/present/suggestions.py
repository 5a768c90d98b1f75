"""Suggested addresses in words: short for a cell, whole with the reason for a line."""

from __future__ import annotations

from store.rows import AdviceRow, SuggestionRow

ARROW = "→"


def short(old: str, new: str) -> str:
    """Return what differs of a suggested address: "@gmail.com", "john.smith@…", or all of it."""
    local, _, domain = old.rpartition("@")
    meant, _, there = new.rpartition("@")
    if local == meant:
        return f"@{there}"
    return f"{meant}@…" if domain == there else new


def offer(row: AdviceRow) -> str:
    """Return the address that F accepts with its reason, or why nothing is offered; "" if nothing is known."""
    if row.best is not None:
        asked = f" It {row.best.asked}." if row.best.asked else ""
        return f"F accepts {short(row.address, row.best.address)}: {row.best.why}{asked}"
    return f"f shows more: {row.refusal}" if row.choices else ""


def choice_words(choice: SuggestionRow) -> str:
    """Return a suggestion with its reason, what speaks against it first."""
    against = f"✗ {choice.against} " if choice.against else ""
    asked = f" Its domain {choice.asked}." if choice.asked and not choice.against else ""
    return f"{against}{choice.why}{asked}"
