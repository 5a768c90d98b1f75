"""Which failures belong together: by cause, by receiving domain, by the time at which a cause struck, or none.

Failures are told one after the other, the oldest first; groups are told apart by a key that holds whether they were
put off (those stand behind the others). A cause is the reason together with the pattern of the servers' words.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, NamedTuple

from store.asking import Grouping
from store.cleaning import clean
from store.wording import pattern

BURST_GAP_MS: Final = 30 * 60 * 1000
"""After so long a pause the same cause has struck anew."""

MANY_PATTERNS: Final = 30
"""If one reason comes in more wordings than this, those that came only once or twice are one group."""

_RARE = 2
_DOMAINS_NAMED = 3
_CAMPAIGNS_NAMED = 3


class Failed(NamedTuple):
    """One failure, as the tables hold it."""

    id: int
    later: bool
    ts: int
    address: str
    domain: str
    campaign: str
    reason: str | None
    kind: int | None
    status: str | None
    reply: int | None
    diagnostic: str | None


Cause = tuple[str, str]
"""A reason's name, and the pattern of the words."""


@dataclass(slots=True)
class Group:
    """Failures that belong together, while they are being gathered."""

    key: tuple[object, ...]
    later: bool
    one: Failed
    first: int
    last: int
    n: int = 0
    domains: Counter[str] = field(default_factory=Counter)
    causes: Counter[Cause] = field(default_factory=Counter)
    campaigns: dict[str, None] = field(default_factory=dict)
    kinds: set[int | None] = field(default_factory=set)
    written: dict[str, str] = field(default_factory=dict)
    codes: set[tuple[str | None, int | None]] = field(default_factory=set)

    def add(self, failed: Failed, cause: Cause) -> None:
        """Take one more failure in."""
        self.n += 1
        self.last = failed.ts
        self.domains[failed.domain] += 1
        self.causes[cause] += 1
        if "xn--" in failed.domain:
            self.written[failed.domain] = failed.address.rpartition("@")[2].lower()
        self.kinds.add(failed.kind)
        self.codes.add((failed.status, failed.reply))
        if len(self.campaigns) < _CAMPAIGNS_NAMED:
            self.campaigns[failed.campaign] = None

    def take(self, other: Group) -> None:
        """Take another group's failures in."""
        self.n += other.n
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.domains.update(other.domains)
        self.causes.update(other.causes)
        self.written |= other.written
        self.kinds |= other.kinds
        self.codes |= other.codes
        self.campaigns = dict(list((self.campaigns | other.campaigns).items())[:_CAMPAIGNS_NAMED])

    def name(self) -> str:
        """Return a short name: the same as long as what makes the group is the same; its first letter tells ``by``."""
        by, *what = self.key
        return str(by)[0] + hashlib.sha256(repr(what).encode("utf-8", "replace")).hexdigest()[:7]

    def told(self) -> str:
        """Return what stays as it is of the group, as JSON."""
        reasons = {reason for reason, _ in self.causes}
        kind = next(iter(self.kinds)) if len(self.kinds) == 1 else None
        named = self.domains.most_common(_DOMAINS_NAMED)
        status, reply = next(iter(self.codes)) if len(self.codes) == 1 else (None, None)
        return json.dumps({
            "key": self.name(),
            "reasons": sorted(reasons),
            "kind": kind,
            "status": status,
            "reply": reply,
            "causes": len(self.causes),
            "words": clean(next(iter(self.causes))[1]) if len(self.causes) == 1 else "",
            "sample": clean(self.one.diagnostic or ""),
            "domains": [(clean(self.written.get(name, name)), count) for name, count in named],
            "domain_count": len(self.domains),
            "campaigns": [clean(name) for name in self.campaigns],
            "first": self.first,
            "last": self.last,
            "n": self.n,
            "one": self.one.id,
        })


class Gathering:
    """Groups while failures are told one after the other.

    Attributes:
        ids: the failures' recipients in the order in which they were told.
    """

    def __init__(self, by: Grouping) -> None:
        self.ids = array("q")
        self._by = by
        self._at = array("l")
        self._groups: list[Group] = []
        self._known: dict[tuple[object, ...], int] = {}

    def add(self, failed: Failed) -> None:
        """Put a failure into its group; they come in order of time."""
        cause = (failed.reason or "", pattern(failed.diagnostic))
        key = self._key(failed, cause)
        at = self._known.get(key)
        if at is not None and self._by is Grouping.TIME and failed.ts - self._groups[at].last > BURST_GAP_MS:
            at = None
        if at is None:
            at = self._known[key] = len(self._groups)
            more = (failed.ts,) if self._by is Grouping.TIME else ()
            self._groups.append(Group((self._by.value, *key, *more), failed.later, failed, failed.ts, failed.ts))
        self._groups[at].add(failed, cause)
        self.ids.append(failed.id)
        self._at.append(at)

    def ordered(self) -> tuple[list[Group], array[int]]:
        """Return the groups in their order, and the positions in ``ids`` of their failures: group by group, by time."""
        into = self._merged() if self._by in {Grouping.CAUSE, Grouping.NONE} else {}
        kept = [at for at in range(len(self._groups)) if at not in into]
        kept.sort(key=self._rank)
        place = {at: number for number, at in enumerate(kept)}
        place |= {at: place[target] for at, target in into.items()}
        free = [0, *accumulate(self._groups[at].n for at in kept)]
        order = array("l", bytes(self._at.itemsize * len(self._at)))
        for position, at in enumerate(self._at):
            order[free[place[at]]] = position
            free[place[at]] += 1
        return [self._groups[at] for at in kept], order

    def _key(self, failed: Failed, cause: Cause) -> tuple[object, ...]:
        if self._by is Grouping.DOMAIN:
            return (failed.later, failed.domain)
        return (failed.later, *cause)

    def _rank(self, at: int) -> tuple[object, ...]:
        group = self._groups[at]
        if self._by is Grouping.TIME:
            return (group.later, group.first, -group.n)
        return (group.later, -group.n, group.first)

    def _merged(self) -> dict[int, int]:
        """Let rare wordings of one reason be one group; return which group went into which."""
        by_reason: dict[tuple[bool, str], list[int]] = {}
        for at, group in enumerate(self._groups):
            by_reason.setdefault((group.later, group.one.reason or ""), []).append(at)
        into: dict[int, int] = {}
        for (later, reason), several in by_reason.items():
            rare = [at for at in several if self._groups[at].n <= _RARE]
            if len(several) <= MANY_PATTERNS or len(rare) < _RARE:
                continue
            target, *others = rare
            for at in others:
                self._groups[target].take(self._groups[at])
                into[at] = target
            self._groups[target].key = (self._by.value, later, reason, "various words")
        return into
