"""Deciding about failures: mark, clear, excuse, put off, block, former employee, delete the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from store import derive, journal
from store.actions import resends
from store.actions.contacts import index_contacts
from store.actions.marking import SCOPES, Refusal, decide, decided, left_alone, lines, nothing, people, put, read
from store.cleaning import clean
from store.database import Store
from store.journal import Operator
from store.marks import mark
from store.rows import Change
from store.times import to_ms
from store.vocabulary import FAILED_DELIVERY, BlockReason, BounceKind, Decision, Delivery, Triage

_FAILED = frozenset(delivery.code for delivery in FAILED_DELIVERY)
_GONE = "It is no longer there."
_NOT_SENT = "A skipped recipient got no mail that could bounce."


def mark_hard(store: Store, ids: Sequence[int], who: Operator, now: datetime) -> Change:
    """Mark recipients as bounced hard, which blocks their addresses; an earlier clearing no longer holds."""
    return _mark(store, ids, who, now, "mark-hard", BounceKind.HARD, Decision.MARKED_HARD)


def mark_soft(store: Store, ids: Sequence[int], who: Operator, now: datetime) -> Change:
    """Mark recipients as bounced soft: one more counting failure, no block by itself."""
    return _mark(store, ids, who, now, "mark-soft", BounceKind.SOFT, Decision.MARKED_SOFT)


def _mark(
    store: Store, ids: Sequence[int], who: Operator, now: datetime, verb: str, kind: BounceKind, decision: Decision
) -> Change:
    ms = to_ms(now)

    def judge(row: Mapping[str, Any]) -> dict[str, Any] | str:
        if row["delivery"] == Delivery.SKIPPED.code:
            return _NOT_SENT
        if row["override"] == kind.code and row["delivery"] in _FAILED:
            return f"It is marked as bounced {kind} already."
        at = max(ms, (row["cleared_at"] or 0) + 1)
        return {"override": kind.code, "override_at": at, **decided(decision, who, at)}

    return decide(store, ids, who, now, verb, lambda n: f"{people(n)} marked as bounced {kind}", judge, ("delivery",))


def clear(store: Store, ids: Sequence[int], who: Operator, now: datetime) -> Change:
    """Clear the bounce flag: the failures so far no longer count, later ones will."""
    ms = to_ms(now)

    def judge(row: Mapping[str, Any]) -> dict[str, Any] | str:
        if row["delivery"] not in _FAILED:
            return "There is no bounce to clear."
        at = max(ms, row["bounced_at"] or 0)
        return {"cleared_at": at, **decided(Decision.CLEARED, who, at)}

    return decide(
        store,
        ids,
        who,
        now,
        "clear",
        lambda n: f"Bounce flag cleared on {people(n)}",
        judge,
        ("delivery", "bounced_at"),
    )


def later(store: Store, ids: Sequence[int], who: Operator, now: datetime) -> Change:
    """Put the decision off: the failures stay undecided and stand behind the others."""
    ms = to_ms(now)

    def judge(row: Mapping[str, Any]) -> dict[str, Any] | str:
        if row["delivery"] not in _FAILED:
            return "There is no bounce to put off."
        if row["triage"] == Triage.LATER.code:
            return "It is put off already."
        return decided(Decision.LATER, who, max(ms, row["bounced_at"] or 0))

    extra = ("delivery", "triage", "bounced_at")
    return decide(store, ids, who, now, "later", lambda n: f"{people(n)} put off", judge, extra)


def excuse(store: Store, ids: Sequence[int], who: Operator, now: datetime) -> Change:
    """Excuse failures that are ours: they do not count against the addresses, the people go on the resend list.

    The mail did not arrive, and that is what the recipients' state still says. A campaign's list is made if it is
    missing; whoever must not be written to stays off it (:mod:`store.queries.resends`).
    """
    ms = to_ms(now)

    def change() -> Change:
        before = read(store, "recipient", ids, ("delivery", "triage", "bounced_at", "campaign_id"))
        refused: list[Refusal] = [(id_, _GONE) for id_ in ids if id_ not in before]
        marks: dict[int, dict[str, Any]] = {}
        for id_, row in before.items():
            if row["delivery"] not in _FAILED:
                refused.append((id_, "There is no bounce to excuse."))
            elif row["decision"] == Decision.EXCUSED.code and row["triage"] == Triage.DONE.code:
                refused.append((id_, "It is excused already."))
            else:
                marks[id_] = decided(Decision.EXCUSED, who, max(ms, row["bounced_at"] or 0))
        if not marks:
            return Change("excuse", None, 0, nothing(refused), tuple(refused))
        mark(store, marks)
        derive.touch(store, marks)
        joined = resends.join(store, sorted({before[id_]["campaign_id"] for id_ in marks}), who, now)
        said = f"{people(len(marks))} excused, {joined.words}{left_alone(refused)}"
        kept = [*lines("recipient", before, marks), *joined.lines]
        entry = journal.write(store, who, now, "excuse", said, kept, subjects=len(marks))
        return Change("excuse", entry, len(marks), said, tuple(refused), SCOPES | {"lists"}, joined.list_id)

    return store.run(change)


def block(store: Store, ids: Sequence[int], who: Operator, now: datetime) -> Change:
    """Block the addresses of recipients for all campaigns, and take their failures as decided."""
    ms = to_ms(now)

    def change() -> Change:
        before = read(store, "recipient", ids, ("address", "address_key", "bounced_at"))
        refused: list[Refusal] = [(id_, _GONE) for id_ in ids if id_ not in before]
        keys = {row["address_key"]: row["address"] for row in before.values() if row["address_key"]}
        rows = _address_rows(store, keys)
        taken = {key for key, row in rows.items() if row["operator_blocked_at"] is not None}
        refused += [(id_, "The address is blocked already.") for id_, r in before.items() if r["address_key"] in taken]
        refused += [(id_, "It has no address.") for id_, r in before.items() if not r["address_key"]]
        marks = {
            id_: decided(Decision.BLOCKED, who, max(ms, row["bounced_at"] or 0))
            for id_, row in before.items()
            if row["address_key"] and row["address_key"] not in taken
        }
        if not marks:
            return Change("block", None, 0, nothing(refused), tuple(refused))
        blocked = {
            rows[key]["id"]: {"operator_blocked_at": ms, "operator_blocked_by": who.name}
            for key in dict.fromkeys(before[id_]["address_key"] for id_ in marks)
        }
        put(store, "address", blocked)
        mark(store, marks)
        said = f"Address of {people(len(marks))} blocked{left_alone(refused)}"
        old = {row["id"]: row for row in rows.values()}
        kept = [*lines("recipient", before, marks), *lines("address", old, blocked)]
        entry = journal.write(store, who, now, "block", said, kept, subjects=len(marks))
        return Change("block", entry, len(marks), said, tuple(refused), SCOPES)

    return store.run(change)


def _address_rows(store: Store, keys: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the address rows of these keys; missing ones are made."""
    store.execute_many("INSERT OR IGNORE INTO address (key, address, consecutive) VALUES (?, ?, 0)", list(keys.items()))
    sql = "SELECT id, key, operator_blocked_at, operator_blocked_by, operator_reason FROM address WHERE key IN ({})"
    return {
        key: {"id": id_, "operator_blocked_at": at, "operator_blocked_by": by, "operator_reason": reason}
        for id_, key, at, by, reason in store.among(sql, list(keys))
    }


def former(store: Store, ids: Sequence[int], who: Operator, now: datetime) -> Change:
    """Mark the contacts of recipients as former employees: they are skipped from now on."""
    ms = to_ms(now)

    def change() -> Change:
        before = read(store, "recipient", ids, ("contact_id", "bounced_at"))
        refused: list[Refusal] = [(id_, _GONE) for id_ in ids if id_ not in before]
        contacts = read(store, "contact", sorted({row["contact_id"] for row in before.values()}))
        gone = {id_ for id_, row in contacts.items() if row["former"]}
        refused += [(id_, "It is a former employee already.") for id_, r in before.items() if r["contact_id"] in gone]
        marks = {
            id_: decided(Decision.FORMER, who, max(ms, row["bounced_at"] or 0))
            for id_, row in before.items()
            if row["contact_id"] not in gone
        }
        if not marks:
            return Change("former", None, 0, nothing(refused), tuple(refused))
        left = {before[id_]["contact_id"]: {"former": True} for id_ in marks}
        put(store, "contact", left)
        mark(store, marks)
        said = f"{people(len(marks))} marked as former employee{left_alone(refused)}"
        kept = [*lines("recipient", before, marks), *lines("contact", contacts, left)]
        entry = journal.write(store, who, now, "former", said, kept, subjects=len(marks))
        return Change("former", entry, len(marks), said, tuple(refused), SCOPES)

    return store.run(change)


def delete(store: Store, ids: Sequence[int], who: Operator, now: datetime) -> Change:
    """Delete the addresses of recipients' contacts: the contact stays in the books without one, the address is blocked.

    What was sent to the address stays in the recipients' histories.
    """
    ms = to_ms(now)

    def change() -> Change:
        before = read(store, "recipient", ids, ("address", "address_key", "contact_id", "bounced_at"))
        refused: list[Refusal] = [(id_, _GONE) for id_ in ids if id_ not in before]
        contacts = read(store, "contact", sorted({row["contact_id"] for row in before.values()}), ("name",))
        marks: dict[int, dict[str, Any]] = {}
        for id_, row in before.items():
            contact = contacts[row["contact_id"]]
            if not contact["email_key"]:
                refused.append((id_, "The contact has no address any more."))
            elif contact["email_key"] != row["address_key"]:
                refused.append((id_, f"The contact has another address by now, {clean(contact['email'])}."))
            else:
                marks[id_] = decided(Decision.DELETED, who, max(ms, row["bounced_at"] or 0))
        if not marks:
            return Change("delete", None, 0, nothing(refused), tuple(refused))
        emptied: dict[int, dict[str, Any]] = {}
        for contact_id in dict.fromkeys(before[id_]["contact_id"] for id_ in marks):
            unnamed = {} if contacts[contact_id]["name"] else {"sort_key": ""}
            emptied[contact_id] = {"email": "", "email_key": "", **unnamed}
        rows = _address_rows(store, {before[id_]["address_key"]: before[id_]["address"] for id_ in marks})
        reason = {"operator_reason": BlockReason.DELETED.code}
        anew = {"operator_blocked_at": ms, "operator_blocked_by": who.name, **reason}
        blocked = {row["id"]: anew if row["operator_blocked_at"] is None else reason for row in rows.values()}
        put(store, "contact", emptied)
        put(store, "address", blocked)
        index_contacts(store, list(emptied))
        mark(store, marks)
        said = f"Address of {people(len(marks))} deleted{left_alone(refused)}"
        old = {row["id"]: row for row in rows.values()}
        kept = [
            *lines("recipient", before, marks),
            *lines("contact", contacts, emptied),
            *lines("address", old, blocked),
        ]
        entry = journal.write(store, who, now, "delete", said, kept, subjects=len(marks))
        return Change("delete", entry, len(marks), said, tuple(refused), SCOPES, None)

    return store.run(change)
