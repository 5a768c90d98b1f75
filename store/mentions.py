"""Where outside text stands in the tables: everything that may mention a person beside the person's own rows."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from store.database import Store
from store.needles import Needles

TEXTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "campaign": (("id",), ("name", "key", "subject")),
    "event": (("id",), ("location", "reason", "diagnostic")),
    "link": (("id",), ("url",)),
    "guess": (("id",), ("record",)),
    "stranger": (("id",), ("record",)),
    "feed": (("id",), ("path",)),
    "feed_defect": (("id",), ("location", "sentence")),
    "feed_piece": (("feed_id", "name"), ("name",)),
    "feed_position": (("feed_id",), ("position",)),
    "mapping": (("name",), ("spec",)),
    "journal": (("id",), ("sentence",)),
    "journal_line": (("journal_id", "subject", "subject_id"), ("before", "after")),
    "mail_list": (("id",), ("name", "note")),
    "segment": (("id",), ("name", "spec", "note")),
    "setting": (("id",), ("value",)),
    "trip": (("id",), ("subject", "hook_note")),
    "message": (("id",), ("why", "subject", "text", "html", "headers", "fields", "parts", "front")),
    "outbox": (("id",), ("diagnostic",)),
    "vouch": (("id",), ("subject", "said", "reason")),
}
"""Table -> its key, and its columns with text that may be about anybody."""

_UNIQUE = {("campaign", "name"), ("campaign", "key"), ("link", "url"), ("feed", "path"), ("mail_list", "name")} | {
    ("segment", "name")
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A text that mentions somebody: where it stands, and whole."""

    table: str
    key: dict[str, Any]
    column: str
    text: str


def mentions(store: Store, needles: Needles, under_way: Needles | None = None) -> Iterator[Mention]:
    """Yield every text of the store that holds one of the needles; all tables of :data:`TEXTS` are read.

    Args:
        store: the open store.
        needles: what is looked for.
        under_way: what is looked for in what readers of logs remember; None: the same.
    """
    patterns = needles.patterns
    if not patterns:
        return
    for table, (key, columns) in TEXTS.items():
        likes = [f"lower({column}) LIKE ?" for column in columns for _ in patterns]
        sql = f"SELECT {', '.join((*key, *columns))} FROM {table} WHERE {' OR '.join(likes)}"
        for row in store.execute(sql, patterns * len(columns)).fetchall():
            at = dict(zip(key, row, strict=False))
            for column, text in zip(columns, row[len(key) :], strict=True):
                if text is not None and needles.in_text(text):
                    yield Mention(table, at, column, text)
    yield from _remembered(store, under_way or needles)


def _remembered(store: Store, needles: Needles) -> Iterator[Mention]:
    """Yield what readers of logs remember of mails that are under way."""
    for feed, packed in store.execute("SELECT feed_id, snapshot FROM feed_position").fetchall():
        text = unpacked(packed)
        if text is not None and needles.in_text(text):
            yield Mention("feed_position", {"feed_id": feed}, "snapshot", text)


def unpacked(packed: bytes | None) -> str | None:
    """Return the text of a reader's snapshot; None if there is none, or it cannot be read."""
    if packed is None:
        return None
    try:
        return zlib.decompress(bytes(packed)).decode("utf-8", "replace")
    except zlib.error:
        return None


def erase(store: Store, needles: Needles, under_way: Needles) -> Counter[str]:
    """Put other words in the place of the needles, wherever they stand; call it inside a transaction.

    Args:
        store: the open store.
        needles: what is taken out of texts.
        under_way: what is taken out of what readers of logs remember.

    Returns:
        Table -> how many texts were changed.
    """
    changed: Counter[str] = Counter()
    for found in list(mentions(store, needles, under_way)):
        new: str | bytes = needles.out_of(found.text)
        if found.column == "snapshot":
            new = under_way.out_of(found.text)
            new = zlib.compress(str(new).encode("ascii" if str(new).isascii() else "utf-8"), 1)
        elif (found.table, found.column) in _UNIQUE:
            new = _free(store, found, str(new))
        where = " AND ".join(f"{name} = ?" for name in found.key)
        store.execute(f"UPDATE {found.table} SET {found.column} = ? WHERE {where}", (new, *found.key.values()))
        changed[found.table] += 1
    return changed


def _free(store: Store, found: Mention, text: str) -> str:
    """Return a text that no other row has in this column."""
    sql = f"SELECT 1 FROM {found.table} WHERE {found.column} = ? AND id <> ?"
    taken = store.execute(sql, (text, found.key["id"])).fetchone()
    return f"{text} {found.key['id']}" if taken else text
