"""The fold: from the set of a recipient's events and marks to its state. Pure, and blind to order and repetition.

Within one *outcome* (one message to one final address) a failure counts unless it came before the delivery (a soft
bounce that was retried), was cleared later, or a person opened or clicked after it. A late failure wins over the
delivery. A recipient with several outcomes (an alias that expands, a second mail) is delivered if one of them was.

:mod:`store.derive` does the same in SQL for recipients with one outcome; a test holds the two equal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from store.policy import Policy
from store.vocabulary import (
    MARKED_BY_OPERATOR,
    Actor,
    BlockReason,
    BounceKind,
    Decision,
    Delivery,
    Engagement,
    EventType,
    Triage,
)

SAME_MOMENT_MS = 1000
"""Bounce mails carry whole seconds: a failure this much before the delivery still counts as the later one."""

SENDING = frozenset({EventType.QUEUED, EventType.SENT, EventType.DEFERRED, EventType.DELIVERED, EventType.BOUNCED})
"""Events that prove that the mail was sent at that time or before."""

PROVING = SENDING | {EventType.AUTOREPLIED}
"""Events after which it was surely sent; an automatic answer tells nothing of when, nor of any one delivery."""

FAILURES = frozenset({EventType.BOUNCED, EventType.REJECTED, EventType.FAILED})
"""Events that end the delivery without success."""


@dataclass(frozen=True, slots=True)
class Happening:
    """What the fold needs of one event; times in epoch milliseconds, ``dedupe`` breaks ties.

    ``address`` is the final address's key, "" where it is the recipient's own; ``times`` is more than 1 where others
    like it were folded into it (:mod:`store.folding`).
    """

    type: EventType
    ts: int
    dedupe: bytes
    address: str = ""
    message_id: str | None = None
    kind: BounceKind | None = None
    expired: bool = False
    reason: str | None = None
    status: str | None = None
    reply: int | None = None
    diagnostic: str | None = None
    actor: Actor = Actor.UNKNOWN
    times: int = 1


@dataclass(frozen=True, slots=True)
class Marks:
    """What operators (and the import) said about a recipient."""

    skipped: bool = False
    override: BounceKind | None = None
    override_at: int | None = None
    cleared_at: int | None = None
    decision: Decision | None = None
    decided_at: int | None = None

    @property
    def excused_at(self) -> int | None:
        """Up to when failures are excused: one that came later is what counts, whatever its kind."""
        return self.decided_at if self.decision is Decision.EXCUSED else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one message to one final address ended; ``failure`` is the event that counts if it failed."""

    message_id: str | None
    address: str
    delivery: Delivery
    failure: Happening | None
    ts: int | None


@dataclass(frozen=True, slots=True)
class Folded:
    """The state of one recipient: one timestamp per fact, and the facets."""

    delivery: Delivery
    engagement: Engagement
    triage: Triage
    partly: bool = False
    bounce_kind: BounceKind | None = None
    reason: str | None = None
    status: str | None = None
    reply: int | None = None
    sent_at: int | None = None
    deferred_at: int | None = None
    delivered_at: int | None = None
    bounced_at: int | None = None
    failed_at: int | None = None
    opened_at: int | None = None
    machine_opened_at: int | None = None
    clicked_at: int | None = None
    machine_clicked_at: int | None = None
    engaged_at: int | None = None
    replied_at: int | None = None
    complained_at: int | None = None
    unsubscribed_at: int | None = None
    clicks: int = 0


def fold(events: Iterable[Happening], marks: Marks) -> Folded:
    """Return the state that follows from ``events`` (any order, any repetition) and ``marks``."""
    unique = list({event.dedupe: event for event in events}.values())
    facts = _facts(unique)
    ended = _outcomes(unique, marks, engaged_at=facts["engaged_at"], sent=facts["sent_at"] is not None)
    delivery, failure, partly = _combine(ended, facts, marks)
    bounced_at = failure.ts if failure else None
    return Folded(
        delivery=delivery,
        engagement=_engagement(facts),
        triage=triage(bounced_at, marks.decision, marks.decided_at),
        partly=partly,
        bounce_kind=_kind(failure) if failure else None,
        reason=failure.reason if failure else None,
        status=failure.status if failure else None,
        reply=failure.reply if failure else None,
        bounced_at=bounced_at,
        clicks=sum(e.times for e in unique if e.type is EventType.CLICKED and e.actor is not Actor.MACHINE),
        **facts,
    )


def outcomes(events: Iterable[Happening]) -> tuple[Outcome, ...]:
    """Return how each message to each final address ended, by what the mail systems say alone, in order of time."""
    unique = list({event.dedupe: event for event in events}.values())
    return tuple(sorted(_outcomes(unique, Marks()), key=lambda o: (o.ts or 0, o.message_id or "", o.address)))


def _facts(events: Sequence[Happening]) -> dict[str, int | None]:
    def times(*types: EventType, machine: bool | None = None) -> list[int]:
        return [e.ts for e in events if e.type in types and (machine is None or (e.actor is Actor.MACHINE) is machine)]

    opened, clicked, replied = EventType.OPENED, EventType.CLICKED, EventType.REPLIED
    return {
        "sent_at": min(times(*PROVING), default=None),
        "deferred_at": max(times(EventType.DEFERRED), default=None),
        "delivered_at": min(times(EventType.DELIVERED), default=None),
        "failed_at": max(times(*FAILURES), default=None),
        "opened_at": min(times(opened, machine=False), default=None),
        "machine_opened_at": min(times(opened, machine=True), default=None),
        "clicked_at": min(times(clicked, machine=False), default=None),
        "machine_clicked_at": min(times(clicked, machine=True), default=None),
        "engaged_at": max([*times(opened, clicked, machine=False), *times(replied)], default=None),
        "replied_at": min(times(replied), default=None),
        "complained_at": min(times(EventType.COMPLAINED), default=None),
        "unsubscribed_at": min(times(EventType.UNSUBSCRIBED), default=None),
    }


def _outcomes(
    events: Sequence[Happening], marks: Marks, *, engaged_at: int | None = None, sent: bool = False
) -> list[Outcome]:
    groups: dict[tuple[str | None, str], list[Happening]] = defaultdict(list)
    for event in events:
        if event.type in SENDING or event.type in FAILURES:
            groups[event.message_id, event.address].append(event)
    for message_id, address in [key for key in groups if key[0] is None]:
        named = [key for key in groups if key[1] == address and key[0] is not None]
        if named:
            begun = {key: min(e.ts for e in groups[key]) for key in named}
            for event in groups.pop((message_id, address)):
                groups[_belongs(event, begun)].append(event)
    if len(groups) > 1:
        # What people and programs answer is not known to be about this one or that one.
        engaged_at, sent = None, False
    return [_outcome(*key, group, marks, engaged_at, sent) for key, group in groups.items()]


def _belongs(event: Happening, begun: dict[tuple[str | None, str], int]) -> tuple[str | None, str]:
    earlier = [key for key, ts in begun.items() if ts <= event.ts + SAME_MOMENT_MS]
    if earlier:
        return max(earlier, key=lambda key: (begun[key], key[0] or ""))
    return min(begun, key=lambda key: (begun[key], key[0] or ""))


def _outcome(
    message_id: str | None,
    address: str,
    group: Sequence[Happening],
    marks: Marks,
    engaged_at: int | None,
    sent: bool,
) -> Outcome:
    delivered_at = min((e.ts for e in group if e.type is EventType.DELIVERED), default=None)
    counting = [
        e
        for e in group
        if e.type in FAILURES
        and (marks.cleared_at is None or e.ts > marks.cleared_at)
        and (delivered_at is None or e.ts + SAME_MOMENT_MS >= delivered_at)
        and (engaged_at is None or e.ts >= engaged_at)
    ]
    failure = _heaviest(counting, marks)
    last = max(e.ts for e in group)
    if failure:
        return Outcome(message_id, address, _ending(failure), failure, failure.ts)
    if delivered_at is not None:
        return Outcome(message_id, address, Delivery.DELIVERED, None, delivered_at)
    types = {e.type for e in group}
    sent = sent or bool(types & SENDING)
    if sent and types & FAILURES:
        return Outcome(message_id, address, Delivery.DELIVERED, None, last)
    if EventType.DEFERRED in types:
        return Outcome(message_id, address, Delivery.DEFERRED, None, last)
    return Outcome(message_id, address, Delivery.SENT if sent else Delivery.READY, None, last)


def _heaviest(failures: Iterable[Happening], marks: Marks) -> Happening | None:
    """Return the failure that counts: one that is not excused before those that are, then the surest reading."""
    excused_at = marks.excused_at

    def weight(event: Happening) -> tuple[bool, int, int, int, bytes]:
        anew = excused_at is not None and event.ts > excused_at
        return (anew, _kind(event).code, event.ts, event.type.code, event.dedupe)

    return max(failures, key=weight, default=None)


def _kind(event: Happening) -> BounceKind:
    return event.kind or BounceKind.UNDETERMINED


def _ending(failure: Happening) -> Delivery:
    if failure.expired:
        return Delivery.EXPIRED
    return Delivery.BOUNCED if failure.type is EventType.BOUNCED else Delivery.REJECTED


def _combine(
    ended: Sequence[Outcome], facts: dict[str, int | None], marks: Marks
) -> tuple[Delivery, Happening | None, bool]:
    """Return delivery, the failure that counts, and whether some of several outcomes failed."""
    if marks.override is not None and marks.override_at is not None:
        if marks.override_at > (marks.cleared_at or -1) and marks.override_at >= (facts["engaged_at"] or -1):
            marked = Happening(
                EventType.BOUNCED, marks.override_at, b"", kind=marks.override, reason=MARKED_BY_OPERATOR
            )
            return Delivery.BOUNCED, marked, False
    states = {outcome.delivery for outcome in ended}
    failures = [outcome.failure for outcome in ended if outcome.failure]
    if Delivery.DELIVERED in states:
        return Delivery.DELIVERED, None, bool(failures)
    seen = any(
        facts[fact] is not None for fact in ("engaged_at", "machine_opened_at", "machine_clicked_at", "complained_at")
    )
    engaged_at = facts["engaged_at"]
    failures = [f for f in failures if engaged_at is None or f.ts >= engaged_at]
    if Delivery.DEFERRED in states and len(ended) > 1 and not seen:
        return Delivery.DEFERRED, None, bool(failures)
    failure = _heaviest(failures, marks)
    if failure is not None:
        return _ending(failure), failure, False
    if seen:
        return Delivery.DELIVERED, None, False
    for state in (Delivery.DEFERRED, Delivery.SENT):
        if state in states:
            return state, None, False
    if facts["sent_at"] is not None:
        return Delivery.SENT, None, False
    return Delivery.SKIPPED if marks.skipped else Delivery.READY, None, False


def _engagement(facts: dict[str, int | None]) -> Engagement:
    for fact, word in (
        ("complained_at", Engagement.COMPLAINED),
        ("unsubscribed_at", Engagement.UNSUBSCRIBED),
        ("replied_at", Engagement.REPLIED),
        ("clicked_at", Engagement.CLICKED),
        ("opened_at", Engagement.OPENED),
        ("machine_clicked_at", Engagement.MACHINE),
        ("machine_opened_at", Engagement.MACHINE),
    ):
        if facts[fact] is not None:
            return word
    return Engagement.NONE


def triage(bounced_at: int | None, decision: Decision | None, decided_at: int | None) -> Triage:
    """Return where the decision about a recipient stands; one that came before the failure says nothing of it."""
    decided = decision is not None and decided_at is not None
    if bounced_at is None:
        return Triage.DONE if decided and decision is not Decision.LATER else Triage.NONE
    if not decided or (decided_at or 0) < bounced_at:
        return Triage.OPEN
    return Triage.LATER if decision is Decision.LATER else Triage.DONE


class Attempt(NamedTuple):
    """What the address fold needs of one campaign's mail to an address; an excused failure was ours."""

    at: int
    campaign_id: int
    failed: bool
    kind: BounceKind | None
    complained_at: int | None
    unsubscribed_at: int | None
    excused: bool = False


class AddressState(NamedTuple):
    """What is known of one address over all campaigns."""

    consecutive: int = 0
    last_bounce_at: int | None = None
    last_success_at: int | None = None
    blocked_at: int | None = None
    block_reason: BlockReason | None = None
    unsubscribed_at: int | None = None
    complained_at: int | None = None


_DEFAULT_POLICY = Policy()
_DAY_MS = 86_400_000
_BY_TIME = itemgetter(0, 1, 2)
"""Attempts in their order, a success before a failure of the same moment."""


def fold_address(
    attempts: Iterable[Attempt],
    operator_blocked_at: int | None = None,
    operator_reason: BlockReason | None = None,
    operator_freed_at: int | None = None,
    *,
    policy: Policy = _DEFAULT_POLICY,
) -> AddressState:
    """Return the state of an address from its settled attempts (delivered or failed), one per campaign.

    By the policy a hard bounce blocks at once, counting failures in a row block, a complaint blocks; an operator's
    block always does. One success after them resets the bounces (a complaint or an operator's block stays). An address
    that an operator deleted is blocked for that reason, unless there was a complaint. What failed until an operator
    freed the address does not count.
    """
    ordered = list(attempts)
    if len(ordered) > 1:
        ordered = sorted(set(ordered), key=_BY_TIME)
    consecutive = 0
    last_bounce_at = last_success_at = blocked_at = counted_at = complained_at = unsubscribed_at = None
    reason: BlockReason | None = None
    for at, _, failed, kind, complained, unsubscribed, excused in ordered:
        if complained is not None and (complained_at is None or complained < complained_at):
            complained_at = complained
        if unsubscribed is not None and (unsubscribed_at is None or unsubscribed < unsubscribed_at):
            unsubscribed_at = unsubscribed
        if not failed:
            consecutive, last_success_at, blocked_at, reason = 0, at, None, None
            continue
        last_bounce_at = at
        freed = operator_freed_at is not None and at <= operator_freed_at
        if excused or freed or kind not in policy.counts:
            continue
        stale_ms = policy.stale_after_days * _DAY_MS
        if stale_ms and counted_at is not None and at - counted_at >= stale_ms:
            consecutive = 0
        counted_at = at
        consecutive += 1
        if blocked_at is None and policy.hard_blocks and kind is BounceKind.HARD:
            blocked_at, reason = at, BlockReason.HARD_BOUNCE
        elif blocked_at is None and policy.block_after and consecutive >= policy.block_after:
            blocked_at, reason = at, BlockReason.BOUNCES_IN_A_ROW
    if complained_at is not None and policy.complaint_blocks:
        blocked_at, reason = complained_at, BlockReason.COMPLAINT
    deleted = operator_reason is BlockReason.DELETED and reason is not BlockReason.COMPLAINT
    if operator_blocked_at is not None and (blocked_at is None or deleted):
        blocked_at, reason = operator_blocked_at, operator_reason or BlockReason.OPERATOR
    return AddressState(
        consecutive, last_bounce_at, last_success_at, blocked_at, reason, unsubscribed_at, complained_at
    )
