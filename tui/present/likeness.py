"""By what other rows can be like a recipient: the properties that a filter knows, with words for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from store.addresses import address_key
from store.asking import RecipientFilter
from store.rows import RecipientRow
from store.vocabulary import FAILED_DELIVERY, BounceKind, Delivery, Engagement, State


@dataclass(frozen=True, slots=True)
class Likeness:
    """One property of a recipient.

    Attributes:
        name: what it is called.
        value: what this recipient has.
        filter: the filter with this property asked for, or taken off it where it was asked for.
        asked: whether it was asked for before.
    """

    name: str
    value: str
    filter: RecipientFilter
    asked: bool


def likenesses(row: RecipientRow, shown: RecipientFilter) -> list[Likeness]:
    """Return the properties of a recipient by which a filter can be narrowed down."""
    found = []
    for name, value, asking, without in _properties(row, shown):
        asked = asking == shown
        found.append(Likeness(name, value, without if asked else asking, asked))
    return found


def state_of(row: RecipientRow) -> State:
    """Return the narrowest state that a recipient answers to."""
    if row.delivery in FAILED_DELIVERY:
        return {BounceKind.HARD: State.HARD, BounceKind.SOFT: State.SOFT}.get(
            row.bounce_kind or BounceKind.UNDETERMINED, State.BOUNCED
        )
    if row.delivery is Delivery.SKIPPED:
        return State.SKIPPED
    by_engagement = {
        Engagement.COMPLAINED: State.COMPLAINED,
        Engagement.UNSUBSCRIBED: State.UNSUBSCRIBED,
        Engagement.REPLIED: State.READ,
        Engagement.CLICKED: State.CLICKED,
        Engagement.OPENED: State.READ,
    }
    if row.engagement in by_engagement:
        return by_engagement[row.engagement]
    by_delivery = {
        Delivery.READY: State.READY,
        Delivery.DEFERRED: State.DEFERRED,
        Delivery.DELIVERED: State.UNREAD,
    }
    return by_delivery.get(row.delivery, State.SENT)


def _properties(
    row: RecipientRow, shown: RecipientFilter
) -> Iterator[tuple[str, str, RecipientFilter, RecipientFilter]]:
    """Yield name, value, the filter that asks for it, and the one that does not."""
    state = state_of(row)
    yield "state", state, replace(shown, states=frozenset({state})), replace(shown, states=frozenset())
    reason = row.reason or (row.skip_reason.value if row.skip_reason is not None else "")
    if reason:
        yield "reason", reason, replace(shown, reason=reason), replace(shown, reason=None)
    domain = address_key(row.address).rpartition("@")[2]
    if domain:
        yield "domain", domain, replace(shown, domain=domain), replace(shown, domain=None)
    company, nobody = row.company.strip(), row.responsible.strip()
    yield "company", company or "none", replace(shown, company=company), replace(shown, company=None)
    yield "responsible", nobody or "nobody", replace(shown, responsible=nobody), replace(shown, responsible=None)
