"""Selections, projects, reminders and the other lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from store.cleaning import clean, clean_or_none
from store.database import Store
from store.errors import NotFound
from store.rows import ListRow
from store.times import from_ms, from_ms_or_none
from store.vocabulary import ListKind

_NEAR = 3
_SQL = (
    "SELECT l.id, l.kind, l.name, l.campaign_id, p.name,"
    " (SELECT count(*) FROM list_member AS m WHERE m.list_id = l.id), l.created_at, l.created_by, l.note,"
    " l.reloaded_at"
    " FROM mail_list AS l LEFT JOIN campaign AS p ON p.id = l.campaign_id WHERE l.deleted_at IS NULL"
    " ORDER BY l.created_at DESC, l.id DESC"
)


def list_lists(store: Store) -> tuple[ListRow, ...]:
    """Return all lists, the newest first; those whose making was undone are left out."""
    return tuple(map(_row, store.rows(_SQL)))


def find_list(store: Store, name: str) -> ListRow:
    """Return the list of this name, the newest where several kinds have one; case and blanks do not matter.

    A name may be written with its kind, as "project:Spring".

    Raises:
        NotFound: there is none; the text names those that are nearly called so.
    """
    rows = list_lists(store)
    wanted = folded_name(name)
    exact = [row for row in rows if row.name == name]
    for row in [*exact, *rows]:
        if wanted in {folded_name(row.name), folded_name(f"{row.kind}:{row.name}")}:
            return row
    if not rows:
        raise NotFound(f"There is no list “{clean(name)}”; the store holds none yet.")
    from difflib import get_close_matches

    by_word = {folded_name(row.name): row.name for row in rows}
    near = [by_word[word] for word in get_close_matches(wanted, by_word, _NEAR, 0.5)]
    listed = ", ".join(f"“{word}”" for word in near or [row.name for row in rows[:_NEAR]])
    raise NotFound(f"There is no list “{clean(name)}”; {'is it' if near else 'there are'} {listed}?")


def folded_name(name: str) -> str:
    """Return a name as names are compared: case and blanks do not matter."""
    return " ".join(name.split()).casefold()


def _row(values: Sequence[Any]) -> ListRow:
    id_, kind, name, campaign_id, campaign, members, created_at, created_by, note, reloaded_at = values
    return ListRow(
        id_,
        ListKind.of(kind),
        clean(name),
        campaign_id,
        clean_or_none(campaign),
        members,
        from_ms(created_at),
        clean(created_by),
        clean(note),
        from_ms_or_none(reloaded_at),
    )
