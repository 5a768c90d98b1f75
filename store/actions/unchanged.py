"""Acting on what was shown, and on nothing that has changed since: no decision is made over another one unseen.

What a row was like when it was shown is not kept for each row, but how far the store had come (:mod:`store.seen`). The
question what became of the rows later and the action itself are one transaction, so nothing comes between them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from store.actions.later import Later
from store.asking import Source
from store.database import Store
from store.errors import Refused
from store.rows import Change
from store.seen import Seen

_AGAIN = "look again with `.`"


@dataclass(frozen=True, slots=True)
class Sight:
    """What whoever acts has seen.

    Attributes:
        seen: how far the store had come when the rows were shown.
        own: the entries of the journal that they wrote themselves, which surprise nobody.
    """

    seen: Seen
    own: Collection[int] = ()


def on_recipients(
    store: Store, sight: Sight, ids: Sequence[int], act: Callable[[Sequence[int]], Change], source: Source | None = None
) -> Change:
    """Act on those recipients that are as they were shown; the others are left out, and told with what changed.

    A recipient has changed if somebody decided about it, its person or its address, if another failure, a complaint or
    an unsubscription was reported, or if what was reported makes its failure a false one. That somebody opened or
    clicked, or that a mail went its way, changes nothing that is decided here.

    Args:
        store: the open store.
        sight: what was seen.
        ids: recipient ids.
        act: the action, on some of them.
        source: the list whose rows they are, or to which they go; it must not have changed either.

    Raises:
        Refused: all of them, or the list, have changed; and what ``act`` raises.
    """

    def change() -> Change:
        later = Later(store, sight.seen, sight.own)
        if source is not None:
            _refuse(later.list_or_segment(source, members=False))
        return _without(ids, later.recipients(ids), act)

    return store.run(change)


def on_addresses(store: Store, sight: Sight, ids: Sequence[int], act: Callable[[Sequence[int]], Change]) -> Change:
    """Act on those addresses (by their numbers) that are as they were shown; see :func:`on_recipients`.

    Raises:
        Refused: all of them have changed; and what ``act`` raises.
    """
    return store.run(lambda: _without(ids, Later(store, sight.seen, sight.own).addresses(ids), act))


def on_lists(
    store: Store, sight: Sight, sources: Sequence[Source], act: Callable[[], Change], *, members: bool
) -> Change:
    """Act on lists and segments if all are as they were shown.

    Args:
        store: the open store.
        sight: what was seen.
        sources: the lists and segments.
        act: the action.
        members: whether it is about who is on them, too, and not only about names and notes.

    Raises:
        Refused: one of them has changed; and what ``act`` raises.
    """

    def change() -> Change:
        later = Later(store, sight.seen, sight.own)
        for source in sources:
            _refuse(later.list_or_segment(source, members=members))
        return act()

    return store.run(change)


def on_setting(store: Store, sight: Sight, name: str, act: Callable[[], Change]) -> Change:
    """Act on a setting of the policy if it is as it was shown.

    Raises:
        Refused: it has changed; and what ``act`` raises.
    """

    def change() -> Change:
        _refuse(Later(store, sight.seen, sight.own).setting(name))
        return act()

    return store.run(change)


def on_tripwires(
    store: Store, sight: Sight, campaign_id: int, names: Collection[str], act: Callable[[], Change]
) -> Change:
    """Act on tripwires of a campaign (or of all) if they are as they were shown.

    Raises:
        Refused: one of them has changed; and what ``act`` raises.
    """

    def change() -> Change:
        _refuse(Later(store, sight.seen, sight.own).tripwires(campaign_id, names))
        return act()

    return store.run(change)


def _refuse(told: str | None) -> None:
    if told is not None:
        raise Refused(f"{told}; {_AGAIN}.")


def _without(ids: Sequence[int], told: Mapping[int, str], act: Callable[[Sequence[int]], Change]) -> Change:
    """Act on all but the rows of ``told``."""
    if not told:
        return act(ids)
    first = f"{next(iter(told.values()))}; {_AGAIN}"
    if len(told) == len(ids):
        raise Refused(f"{first}." if len(told) == 1 else f"All {len(told):,} changed since they were shown: {first}.")
    done = act([id_ for id_ in ids if id_ not in told])
    said = f"{done.sentence} ({len(told):,} changed since shown and left out: {first})"
    return replace(done, sentence=said, refused=(*done.refused, *told.items()))
