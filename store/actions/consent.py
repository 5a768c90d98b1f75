"""Whether somebody consents to be tracked: that openings and clicks are told of one by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from store import journal
from store.actions.marking import SCOPES, left_alone, lines, nothing, put, read
from store.cleaning import clean
from store.database import Store
from store.errors import NotFound, Refused
from store.journal import Operator
from store.pseudonyms import DOMAIN
from store.rows import Change
from store.times import to_ms

LONGEST_SOURCE = 200
WORDS = {"yes": True, "no": False, "unknown": None}
"""What may be said, and how it is kept."""


def track(
    store: Store, contact_ids: Sequence[int], said: str, who: Operator, now: datetime, source: str = ""
) -> Change:
    """Note whether contacts consent to be tracked, since when, and whence that is known.

    Reminders name those who refuse as "no consent to track", since nobody can tell whether they read.

    Args:
        store: the open store.
        contact_ids: whom.
        said: one of :data:`WORDS`.
        who: the operator.
        now: aware UTC time, since when it holds.
        source: where they said so ("call", "form of 3 March"); "": the operator says so.

    Raises:
        NotFound: none of them is there.
        Refused: another word, or a source that is too long.
    """
    if said not in WORDS:
        raise Refused(f"“{clean(said)}” is no answer; there are {', '.join(WORDS)}.")
    told = " ".join(source.split())
    if len(told) > LONGEST_SOURCE:
        raise Refused(f"A source has {LONGEST_SOURCE} characters at most.")
    columns = {"tracking_consent": WORDS[said], "tracking_at": to_ms(now), "tracking_source": told or who.name}

    def change() -> Change:
        before = read(store, "contact", contact_ids, ("name", "email"))
        if not before:
            raise NotFound("This person is no longer there.")
        refused = [(id_, "Whoever was forgotten is not tracked.") for id_ in before if _gone(before[id_]["email"])]
        same = [id_ for id_, row in before.items() if _same(row["tracking_consent"], WORDS[said])]
        refused += [(id_, f"“{said}” is known already.") for id_ in same if not _gone(before[id_]["email"])]
        kept = {id_ for id_, _ in refused}
        changes = {id_: dict(columns) for id_ in before if id_ not in kept}
        if not changes:
            raise Refused(nothing(refused))
        put(store, "contact", changes)
        first = before[next(iter(changes))]
        whose = clean(first["name"] or first["email"]) if len(changes) == 1 else f"{len(changes):,} people"
        sentence = f"Tracking of {whose}: {said}{f' ({clean(told)})' if told else ''}{left_alone(refused)}"
        entry = journal.write(store, who, now, "track", sentence, lines("contact", before, changes))
        return Change("track", entry, len(changes), sentence, tuple(refused), SCOPES)

    return store.run(change)


def _gone(email: str) -> bool:
    return email.endswith("@" + DOMAIN)


def _same(kept: bool | int | None, said: bool | None) -> bool:
    return kept is None if said is None else kept is not None and bool(kept) == said
