"""Segments: filters with names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from store.asking import RecipientFilter, Source
from store.cleaning import clean
from store.database import Store
from store.errors import BadInput, NotFound
from store.filters import described, from_text
from store.queries.lists import find_list, folded_name
from store.rows import ListRow, SegmentRow
from store.times import from_ms
from store.vocabulary import ListKind

_NEAR = 3
_SQL = (
    "SELECT id, name, spec, created_at, created_by, note FROM segment WHERE deleted_at IS NULL"
    " ORDER BY created_at DESC, id DESC"
)


def list_segments(store: Store) -> tuple[SegmentRow, ...]:
    """Return all segments, the newest first."""
    found = store.rows(_SQL)
    if not found:
        return ()
    places = _places(store)
    rows = []
    for id_, name, spec, created_at, created_by, note in found:
        wanted: RecipientFilter | None = None
        try:
            wanted = from_text(spec)
            words = filter_words(wanted, places)
        except BadInput as error:
            words = str(error)
        rows.append(
            SegmentRow(id_, clean(name), wanted, clean(words), from_ms(created_at), clean(created_by), clean(note))
        )
    return tuple(rows)


def find_segment(store: Store, name: str) -> SegmentRow:
    """Return the segment of this name; case and blanks do not matter, and "segment:" may stand in front.

    Raises:
        NotFound: there is none; the text names those that are nearly called so.
    """
    rows = list_segments(store)
    wanted = folded_name(name)
    exact = [row for row in rows if row.name == name]
    for row in [*exact, *rows]:
        if wanted in {folded_name(row.name), folded_name(f"segment:{row.name}")}:
            return row
    if not rows:
        raise NotFound(f"There is no segment “{clean(name)}”; the store holds none yet.")
    by_word = {folded_name(row.name): row.name for row in rows}
    near = [by_word[word] for word in get_close_matches(wanted, by_word, _NEAR, 0.5)]
    listed = ", ".join(f"“{word}”" for word in near or [row.name for row in rows[:_NEAR]])
    raise NotFound(f"There is no segment “{clean(name)}”; {'is it' if near else 'there are'} {listed}?")


def find_source(store: Store, name: str) -> ListRow | SegmentRow:
    """Return the list of this name, or the segment if no list has it; "segment:" in front means only segments.

    Raises:
        NotFound: there is neither.
    """
    if folded_name(name).startswith("segment:"):
        return find_segment(store, name)
    try:
        return find_list(store, name)
    except NotFound as error:
        try:
            return find_segment(store, name)
        except NotFound:
            raise error from None


def source_of(row: ListRow | SegmentRow) -> Source:
    """Return a list or a segment as what people are taken from."""
    return Source(list_id=row.id) if isinstance(row, ListRow) else Source(segment_id=row.id)


def filter_in_words(store: Store, wanted: RecipientFilter) -> str:
    """Return a filter for people, with the names of its campaign, list and link."""
    return clean(filter_words(wanted, _places(store)))


def filter_words(wanted: RecipientFilter, places: Mapping[tuple[str, int], str]) -> str:
    """Return a filter for people; ``places`` has the names of campaigns, lists and links by kind and number."""
    parts = [
        places.get((kind, id_), f"a {kind} that is no longer there")
        for kind, id_ in (("campaign", wanted.campaign_id), ("list", wanted.list_id), ("link", wanted.link_id))
        if id_ is not None
    ]
    return " · ".join([*(parts or ["all campaigns"]), *described(wanted)])


def _links(specs: Iterable[str]) -> Iterator[int]:
    """Yield the ids of the links that filters, as they are kept, name."""
    for spec in specs:
        try:
            kept = json.loads(spec)
        except ValueError:
            continue
        if isinstance(kept, dict) and isinstance(kept.get("link_id"), int):
            yield kept["link_id"]


def _places(store: Store) -> dict[tuple[str, int], str]:
    """Return the names of campaigns, lists and links that segments can name."""
    found = {("campaign", id_): name for id_, name in store.rows("SELECT id, name FROM campaign")}
    for id_, kind, name in store.rows("SELECT id, kind, name FROM mail_list WHERE deleted_at IS NULL"):
        found["list", id_] = f"{ListKind.of(kind)} {name}"
    linked = sorted(set(_links(spec for (spec,) in store.rows("SELECT spec FROM segment"))))
    for id_, url in store.among("SELECT id, url FROM link WHERE id IN ({})", linked):
        found["link", id_] = f"clicked {url}"
    return found
