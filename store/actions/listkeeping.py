"""Keeping lists and segments: renaming, notes, deleting them, and taking members off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from store import journal
from store.actions import members
from store.actions.lists import SCOPES, named
from store.actions.marking import Refusal, left_alone, lines, nothing, put, read
from store.asking import Source
from store.cleaning import clean
from store.database import Store
from store.errors import NotFound, Refused
from store.journal import Line, Operator
from store.rows import Change
from store.times import to_ms
from store.vocabulary import ListKind

_LONGEST_NOTE = 500


def rename(store: Store, source: Source, name: str, who: Operator, now: datetime) -> Change:
    """Give a list or a segment another name.

    Raises:
        NotFound: it is no longer there.
        Refused: the name is empty, taken, or the one it has.
    """
    wanted = named(name)

    def change() -> Change:
        table, what, id_, row = _row(store, source)
        if row["name"] == wanted:
            raise Refused(f"It is called “{clean(wanted)}” already.")
        kind = "AND kind = (SELECT kind FROM mail_list WHERE id = ?)" if table == "mail_list" else "AND id <> ?"
        taken = store.execute(
            f"SELECT 1 FROM {table} WHERE name = ? AND deleted_at IS NULL {kind}", (wanted, id_)
        ).fetchone()
        if taken:
            raise Refused(f"There is a {what} “{clean(wanted)}” already; choose another name.")
        said = f"{what.capitalize()} “{clean(row['name'])}” is called “{clean(wanted)}” now"
        return _changed(store, table, {id_: row}, {id_: {"name": wanted}}, "rename", said, who, now)

    return store.run(change)


def annotate(store: Store, source: Source, note: str, who: Operator, now: datetime) -> Change:
    """Write a note to a list or a segment; "" takes it off.

    Raises:
        NotFound: it is no longer there.
        Refused: the note is too long, or is there already.
    """
    wanted = " ".join(clean(note).split())
    if len(wanted) > _LONGEST_NOTE:
        raise Refused(f"A note has at most {_LONGEST_NOTE} characters; this one has {len(wanted):,}.")

    def change() -> Change:
        table, what, id_, row = _row(store, source)
        if row["note"] == wanted:
            raise Refused("The note says so already." if wanted else "There is no note.")
        name = f"{what} “{clean(row['name'])}”"
        said = f"Note to {name}: {wanted}" if wanted else f"Note to {name} taken off"
        return _changed(store, table, {id_: row}, {id_: {"note": wanted}}, "note", said, who, now)

    return store.run(change)


def delete(store: Store, sources: Sequence[Source], who: Operator, now: datetime) -> Change:
    """Delete lists and segments; the people, and what they got, stay as they are.

    Raises:
        NotFound: one of them is no longer there.
        Refused: none was named.
    """

    def change() -> Change:
        rows: dict[str, dict[int, dict[str, Any]]] = {}
        names = []
        for source in dict.fromkeys(sources):
            table, what, id_, row = _row(store, source)
            rows.setdefault(table, {})[id_] = row
            names.append(f"{what} “{clean(row['name'])}”")
        if not names:
            raise Refused("Nothing was chosen.")
        gone = {"deleted_at": to_ms(now)}
        kept: list[Line] = []
        for table, before in rows.items():
            put(store, table, {id_: gone for id_ in before})
            kept += lines(table, before, {id_: gone for id_ in before})
        said = f"{names[0][0].upper()}{names[0][1:]} deleted"
        if len(names) > 1:
            said = f"{len(names):,} deleted: {', '.join(names)}"
        entry = journal.write(store, who, now, "delete-list", said, kept)
        return Change("delete-list", entry, len(names), said, scopes=SCOPES)

    return store.run(change)


def remove(store: Store, list_id: int, ids: Sequence[int], who: Operator, now: datetime) -> Change:
    """Take the contacts of recipients off a list.

    Raises:
        NotFound: the list is no longer there.
    """

    def change() -> Change:
        _, what, _, row = _row(store, Source(list_id=list_id))
        members.gather_ids(store, ids)
        absent = store.execute(
            "SELECT recipient_id FROM moving WHERE contact_id NOT IN"
            " (SELECT contact_id FROM list_member WHERE list_id = ?) ORDER BY contact_id",
            (list_id,),
        ).fetchall()
        refused: list[Refusal] = [(id_, "It is not on the list.") for (id_,) in absent]
        count = members.take_off(store, list_id)
        if not count:
            return Change("take-off", None, 0, nothing(refused), tuple(refused), list_id=list_id)
        said = f"{count:,} taken off {what} “{clean(row['name'])}”{left_alone(refused)}"
        entry = journal.write(store, who, now, "take-off", said, subjects=count)
        members.keep(store, entry, list_id, came=False)
        return Change("take-off", entry, count, said, tuple(refused), SCOPES, list_id)

    return store.run(change)


def _row(store: Store, source: Source) -> tuple[str, str, int, dict[str, Any]]:
    """Return table, word for people, id and columns of what is there.

    Raises:
        NotFound: it is not.
    """
    if source.list_id is not None:
        table, id_ = "mail_list", source.list_id
        found = store.execute("SELECT kind FROM mail_list WHERE id = ?", (id_,)).fetchone()
        what = ListKind.of(found[0]).value if found else "list"
    else:
        table, id_, what = "segment", source.segment_id or 0, "segment"
    row = read(store, table, [id_]).get(id_)
    if row is None or row["deleted_at"] is not None:
        raise NotFound(f"This {what} is no longer there.")
    return table, what, id_, row


def _changed(
    store: Store,
    table: str,
    before: Mapping[int, Mapping[str, Any]],
    changes: Mapping[int, Mapping[str, Any]],
    verb: str,
    said: str,
    who: Operator,
    now: datetime,
) -> Change:
    put(store, table, changes)
    entry = journal.write(store, who, now, verb, said, lines(table, before, changes))
    return Change(verb, entry, len(changes), said, scopes=SCOPES)
