"""Changing columns of many rows with a journal entry: what the triage actions, the address block and undo share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from store import journal
from store.database import Store
from store.journal import Line, Operator
from store.marks import MARKS, mark
from store.rows import Change
from store.vocabulary import Decision

SCOPES = frozenset({"campaigns", "recipients", "addresses", "journal"})
"""What panes read again after a decision about recipients."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "recipient": MARKS,
    "contact": ("email", "email_key", "former", "sort_key", "tracking_consent", "tracking_at", "tracking_source"),
    "address": ("operator_blocked_at", "operator_blocked_by", "operator_reason", "operator_freed_at"),
    "mail_list": ("name", "note", "deleted_at", "reloaded_at"),
    "segment": ("name", "spec", "note", "deleted_at"),
    "setting": ("value",),
    "tripwire": ("value",),
    "trip": ("acked_at", "acked_by"),
    "pulled": ("state",),
    "vouch": ("said", "reason", "given_at", "given_by"),
}
"""The columns an operator can change, by table; everything else follows from events."""

Refusal = tuple[int, str]
Judge = Callable[[Mapping[str, Any]], dict[str, Any] | str]
"""Gets one recipient's columns; returns the columns to change, or the sentence why not."""


def read(store: Store, table: str, ids: Sequence[int], extra: Sequence[str] = ()) -> dict[int, dict[str, Any]]:
    """Return the operator's columns (and ``extra`` ones) of the rows with these ids.

    Rows that hold the same are one dictionary, for most rows of a large change do: nobody writes into it.
    """
    columns = (*COLUMNS[table], *extra)
    sql = f"SELECT id, {', '.join(columns)} FROM {table} WHERE id IN ({{}})"
    # In the order of the table, so that each of its pages is read once.
    found: dict[int, dict[str, Any]] = {}
    alike: dict[tuple[Any, ...], dict[str, Any]] = {}
    for id_, *values in store.among(sql, sorted(ids)):
        key = tuple(values)
        row = alike.get(key)
        if row is None:
            row = alike[key] = dict(zip(columns, key, strict=True))
        found[id_] = row
    return {id_: found[id_] for id_ in ids if id_ in found}


def put(store: Store, table: str, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Write columns of many rows; the rows are grouped by which columns they change."""
    groups: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for id_ in sorted(changes):
        columns = changes[id_]
        groups.setdefault(tuple(columns), []).append((*columns.values(), id_))
    for columns_, rows in groups.items():
        sets = ", ".join(f"{column} = ?" for column in columns_)
        store.execute_many(f"UPDATE {table} SET {sets} WHERE id = ?", rows)


def lines(
    table: str, before: Mapping[int, Mapping[str, Any]], changes: Mapping[int, Mapping[str, Any]]
) -> Iterable[Line]:
    """Yield the journal lines of ``changes`` to rows that held ``before``."""
    alike: dict[tuple[int, int], tuple[dict[str, Any], dict[str, Any]]] = {}
    for id_, columns in changes.items():
        row = before[id_]
        pair = alike.get((id(row), id(columns)))
        if pair is None:
            pair = alike[id(row), id(columns)] = ({column: row[column] for column in columns}, dict(columns))
        yield Line(table, id_, *pair)


def decide(
    store: Store,
    ids: Sequence[int],
    who: Operator,
    now: datetime,
    verb: str,
    sentence: Callable[[int], str],
    judge: Judge,
    extra: Sequence[str] = (),
) -> Change:
    """Change the marks of recipients in one transaction with the journal entry.

    Args:
        store: the open store.
        ids: recipient ids.
        who: the operator.
        now: aware UTC time.
        verb: the action's id.
        sentence: from the number of rows changed to what happened.
        judge: what to change in a row, or why it is refused.
        extra: further columns the judge looks at.
    """

    def change() -> Change:
        before = read(store, "recipient", ids, extra)
        changes: dict[int, dict[str, Any]] = {}
        refused: list[Refusal] = [(id_, "It is no longer there.") for id_ in ids if id_ not in before]
        verdicts: dict[int, dict[str, Any] | str] = {}
        for id_, row in before.items():
            verdict = verdicts.get(id(row))
            if verdict is None:
                verdict = verdicts[id(row)] = judge(row)
            if isinstance(verdict, str):
                refused.append((id_, verdict))
            else:
                changes[id_] = verdict
        if not changes:
            return Change(verb, None, 0, nothing(refused), tuple(refused))
        mark(store, changes)
        said = sentence(len(changes)) + left_alone(refused)
        entry = journal.write(store, who, now, verb, said, lines("recipient", before, changes))
        return Change(verb, entry, len(changes), said, tuple(refused), SCOPES)

    return store.run(change)


def decided(decision: Decision, who: Operator, at: int) -> dict[str, Any]:
    """Return the columns of a decision about a recipient's failure."""
    return {"decision": decision.code, "decided_at": at, "decided_by": who.name}


def nothing(refused: Sequence[Refusal]) -> str:
    """Return the sentence for an action that changed nothing: the commonest reason."""
    if not refused:
        return "Nothing was chosen."
    reasons = [why for _, why in refused]
    return max(dict.fromkeys(reasons), key=reasons.count)


def left_alone(refused: Sequence[Refusal]) -> str:
    """Return the end of a sentence that tells how many rows were left alone and why."""
    return f" ({len(refused)} left alone: {nothing(refused)})" if refused else ""


def people(count: int) -> str:
    """Return "1 recipient" or "N recipients"."""
    return "1 recipient" if count == 1 else f"{count:,} recipients"
