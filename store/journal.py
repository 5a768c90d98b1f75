"""Who did what, when, to which rows, and what they held before and after."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from store.database import Store
from store.times import to_ms

_ALIKE = 1000
"""So many different changes of one action are remembered."""


@dataclass(frozen=True, slots=True)
class Operator:
    """The person who acts: login name, and the host they sit at."""

    name: str
    host: str


class Line(NamedTuple):
    """One row that an action changed.

    Attributes:
        subject: a table ("recipient", "contact", "address", "mail_list", "segment"), "member:<list id>" (then the
            subject_id is a contact's), or "entry" (the entry that was taken back or done again).
        subject_id: the row's id.
        before: the changed columns as they were; None: the row was not there.
        after: the same columns as they are now; None: the row is gone.
    """

    subject: str
    subject_id: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def current_operator() -> Operator:
    """Return who sits at the keyboard: SUDO_USER or the login name, and the SSH client's address or this host."""
    name = os.environ.get("SUDO_USER") or os.environ.get("USER") or ""
    if not name:
        import getpass

        try:
            name = getpass.getuser()
        except (KeyError, OSError):
            name = f"uid {os.getuid()}"
    client = os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_CLIENT") or ""
    return Operator(name, client.split()[0] if client.split() else socket.gethostname())


def write(
    store: Store,
    who: Operator,
    now: datetime,
    verb: str,
    sentence: str,
    lines: Iterable[Line] = (),
    *,
    undoable: bool = True,
    subjects: int | None = None,
) -> int:
    """Write one entry with its lines and return its id; call it inside the transaction of the change.

    Args:
        store: the open store.
        who: the operator.
        now: aware UTC time.
        verb: the action's id.
        sentence: what was done, for people.
        lines: the rows changed.
        undoable: False for what cannot be taken back.
        subjects: number of rows to name if it is not the number of lines.
    """
    kept = list(lines)
    texts = _Texts()
    cursor = store.execute(
        "INSERT INTO journal (ts, operator, host, verb, sentence, subjects, undoable) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (to_ms(now), who.name, who.host, verb, sentence, len(kept) if subjects is None else subjects, undoable),
    )
    entry = int(cursor.lastrowid)
    store.execute_many(
        "INSERT INTO journal_line (journal_id, subject, subject_id, before, after) VALUES (?, ?, ?, ?, ?)",
        # In the order of the table, so that each of its pages is written once.
        (
            (entry, subject, id_, texts.of(before), texts.of(after))
            for subject, id_, before, after in sorted(kept, key=itemgetter(0, 1))
        ),
    )
    return entry


class _Texts:
    """Columns as JSON; an action gives most rows the same ones, often the very same."""

    def __init__(self) -> None:
        self._encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        self._known: dict[str, str] = {}
        self._same: dict[int, str] = {}

    def of(self, columns: dict[str, Any] | None) -> str | None:
        """Return the text of some columns, which stay as they are and where they are; None stays None."""
        if columns is None:
            return None
        text = self._same.get(id(columns))
        if text is not None:
            return text
        # True and 1 are equal, but not the same JSON.
        key = repr(columns)
        text = self._known.get(key)
        if text is None:
            text = self._encode(columns)
            if len(self._known) < _ALIKE:
                self._known[key] = text
        if len(self._same) < _ALIKE:
            self._same[id(columns)] = text
        return text
