"""Forgetting people: what tells who they are goes, what counts stays, under keyed hashes."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from store import derive, erasing, journal, mentions
from store.actions.contacts import index_contacts
from store.database import Store
from store.errors import Refused
from store.journal import Operator
from store.needles import needles
from store.pseudonyms import DOMAIN, Pseudonyms, make_pseudonyms, remember
from store.queries.identity import Identity, identity_of
from store.rows import Change
from store.standing import settle_keys
from store.sweeping import overwriting, sweep
from store.times import to_ms
from store.vocabulary import Delivery, SkipReason
from store.withdrawal import refold

SCOPES = frozenset({"campaigns", "recipients", "links", "lists", "addresses", "journal"})
_ONE = {
    "contacts": "contact",
    "recipients": "recipient",
    "events": "event",
    "records of nobody in a plan": "record of nobody in a plan",
    "guesses": "guess",
    "places on lists": "place on a list",
    "mails sent from here": "mail sent from here",
    "addresses": "address",
    "journal lines": "journal line",
    "texts that name them": "text that names them",
}
_SHOWN = 12
"""Characters of a digest that stand in a sentence."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What there is of people, or was erased.

    Attributes:
        people: how many.
        counts: what -> how many rows or texts, in the order of importance.
    """

    people: int
    counts: dict[str, int]

    @property
    def words(self) -> tuple[str, ...]:
        """Each of them for people: "1 event", "2 places on lists"."""
        return tuple(f"{count:,} {_ONE.get(what, what) if count == 1 else what}" for what, count in self.counts.items())


class _Undone(Exception):
    """Ends a trial, with what it found."""

    def __init__(self, traces: Traces) -> None:
        super().__init__()
        self.traces = traces


def traces(store: Store, people: Sequence[Identity], now: datetime) -> Traces:
    """Return what :func:`forget` would erase; it is done, counted, and taken back again.

    Raises:
        Refused: nobody was named, or somebody was forgotten already.
    """
    _check(people)

    def trial() -> None:
        raise _Undone(_forget_all(store, Pseudonyms(secrets.token_bytes(32)), people, to_ms(now)))

    try:
        store.run(trial)
    except _Undone as undone:
        return undone.traces
    raise AssertionError("a trial ends in _Undone")


def _check(people: Sequence[Identity]) -> None:
    if not people:
        raise Refused("Nobody was chosen.")
    for one in people:
        if any(key.endswith("@" + DOMAIN) for key in one.addresses):
            raise Refused(f"{one.called} was forgotten already.")


def forget(store: Store, people: Sequence[Identity], who: Operator, now: datetime) -> Change:
    """Erase what tells who these people are, for ever; :func:`store.sweeping.sweep` should follow.

    Recipients, events and clicks stay as those of an unknown one, so that every number stays. Lists lose them. Who is
    imported again is skipped, and late events are counted without the address.

    Args:
        store: the open store.
        people: who; not one who was forgotten already.
        who: the operator.
        now: aware UTC time.

    Raises:
        Refused: nobody was named, or somebody was forgotten already.
        StoreUnavailable: the key is missing, or cannot be written.
    """
    _check(people)
    names = make_pseudonyms(store)

    def change() -> Change:
        done = _forget_all(store, names, people, to_ms(now))
        digests = [names.digest(next(iter(one.addresses or one.crm_ids or one.names), ""))[:_SHOWN] for one in people]
        count = "1 person" if len(people) == 1 else f"{len(people):,} people"
        said = f"{count} forgotten ({', '.join(digests)})"
        entry = journal.write(store, who, now, "forget", said, undoable=False, subjects=len(people))
        return Change("forget", entry, done.people, said, (), SCOPES)

    with overwriting(store):
        return store.run(change)


def forget_contacts(store: Store, contact_ids: Sequence[int], who: Operator, now: datetime) -> Change:
    """Forget contacts and clear away what is left of them in the store's files; each contact is one person.

    The sentence says what could not be cleared away, and how many copies of the store still hold everything.

    Raises:
        NotFound: one of them is not there.
        Refused: as for :func:`forget`.
    """
    done = forget(store, [identity_of(store, [id_]) for id_ in contact_ids], who, now)
    swept = sweep(store)
    copies = len(swept.copies)
    told = f"{copies:,} {'copy' if copies == 1 else 'copies'} of the store beside it still hold everything."
    said = " ".join([f"{done.sentence}.", swept.why, *([told] if copies else [])]).strip()
    return replace(done, sentence=" ".join(said.split()))


def _forget_all(store: Store, names: Pseudonyms, people: Sequence[Identity], at: int) -> Traces:
    counts: Counter[str] = Counter()
    for one in people:
        counts.update(_forget(store, names, one, at))
    return Traces(len(people), {what: count for what, count in counts.items() if count})


def _forget(store: Store, names: Pseudonyms, one: Identity, at: int) -> dict[str, int]:
    """Forget one person and return what was erased; call it inside a transaction."""
    own = {key: address for key, address in one.addresses.items() if key not in one.shared}
    recipients = dict(store.among("SELECT id, address_key FROM recipient WHERE contact_id IN ({})", one.contacts))
    counts = {"contacts": len(one.contacts), "recipients": len(recipients)}
    mails = erasing.messages(store, list(recipients))
    counts["events"], touched = erasing.events(store, names, list(recipients), list(own))
    counts["records of nobody in a plan"] = erasing.strangers(store, names, list(own), one.crm_ids)
    counts["guesses"] = erasing.guesses(store, list(recipients), list(own))
    counts["places on lists"] = erasing.memberships(store, one.contacts)
    counts["mails sent from here"] = erasing.sent(store, names, list(recipients))
    counts["addresses"] = erasing.addresses(store, names, list(own))
    store.execute_many(
        "UPDATE recipient SET address = ?, address_key = ? WHERE id = ?",
        [(names.address(key), names.address(key), id_) for id_, key in recipients.items() if key],
    )
    erasing.contacts(store, names, one.contacts, at)
    index_contacts(store, list(one.contacts))
    counts["journal lines"] = erasing.journal_lines(store, list(one.contacts), list(recipients))
    digests = [names.digest(key) for key in own] + [names.contact(crm_id) for crm_id in one.crm_ids]
    remember(store, names, digests, one.contacts[0] if one.contacts else 0, at)
    _settle(store, names, one, recipients, touched)
    replaced = {address: names.address(key) for key, address in (own | one.led_to).items()}
    replaced |= {key: names.address(key) for key in own | one.led_to}
    wanted = needles(replaced, one.names, one.crm_ids)
    told = mentions.erase(store, wanted, wanted.beside({id_: names.message_id(id_) for id_ in mails}))
    counts["texts that name them"] = told.total()
    return counts


def _settle(store: Store, names: Pseudonyms, one: Identity, recipients: dict[int, str], touched: Sequence[int]) -> None:
    """Skip whoever has not been sent anything yet, and derive anew what rests on rows that have other keys now."""
    mine = json.dumps(list(recipients))
    refold(store, {id_: () for id_ in [*recipients, *touched]})
    derive.touch(store, recipients)
    with derive.counted(store):
        store.execute(
            f"UPDATE recipient SET skip_reason = {SkipReason.FORGOTTEN.code}, delivery = {Delivery.SKIPPED.code}"
            f" WHERE delivery = {Delivery.READY.code} AND id IN (SELECT value FROM json_each(?))",
            (mine,),
        )
    keys = [key for key in one.shared if store.execute("SELECT 1 FROM address WHERE key = ?", (key,)).fetchone()]
    settle_keys(store, keys)
