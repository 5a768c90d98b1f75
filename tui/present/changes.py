"""What an action did, in a sentence, with what can be done next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from store.rows import Change

_NEXT: Final = dict.fromkeys(("accept", "fix"), ", R puts them on the resend list")

_LASTING: Final = frozenset({"undo", "redo", "pause", "resume", "stop", "unsure", "release", "pull", "forget"})
"""Verbs of what u cannot take back: what may have left the house meanwhile, or is erased."""


def done_words(change: Change) -> str:
    """Return what was done, how it is taken back, and what usually follows."""
    sentence = change.sentence if change.sentence.endswith((".", "!", "?")) else f"{change.sentence}."
    if change.journal_id is not None and change.verb not in _LASTING:
        return f"{sentence} u takes it back{_NEXT.get(change.verb, '')}."
    if change.verb == "undo" and change.count:
        return f"{sentence} U does it again."
    return sentence
