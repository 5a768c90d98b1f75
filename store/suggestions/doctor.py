"""Weighing: every address that may be meant, from all that is known of one failure, the most probable first.

Scores are no probabilities, but they are made to be compared: from :data:`OFFERED` on one key accepts a suggestion,
from :data:`LISTED` on it is one of the choices when an address is fixed by hand, below it is not worth the reader's
time. What leads the next one by less than :data:`LEAD` is not offered, since nobody can tell which is meant. The
figures were set on the pairs of the tests (typed, meant, or nothing), where a wrong offer costs more than a missed one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from store.addresses import address_key
from store.cleaning import clean
from store.suggestions.domains import KnownDomains, shown
from store.suggestions.people import WHOLE, Habit, names_somebody, pattern_of, written
from store.suggestions.slips import Slip, slipped
from store.suggestions.spelling import repairs, without_sign
from store.syntax import is_address

OFFERED: Final = 75
LISTED: Final = 55
LEAD: Final = 4

_AGREED: Final = 3
_NAMED: Final = 84
_PRESENT: Final = 96
_LATER: Final = 91
_EARLIER: Final = 80
_NEVER: Final = 58
_MOVED: Final = 88
_SERVER: Final = 86
_COLLEAGUES: Final = (82, 76)
_ELSEWHERE: Final = 68
_HABIT: Final = 78
_UNRELATED: Final = 66
_TAG: Final = 66
_SLIP: Final = {Slip.SWAP: 82, Slip.DOUBLED: 82, Slip.MISSING: 80, Slip.EXTRA: 80, Slip.NEIGHBOUR: 79, Slip.OTHER: 70}
_ANYBODY: Final = 4
_PATH: Final = re.compile(r"<([^<>\s@]{1,64}@[^<>\s@]{1,253})>")


class Doubt(Enum):
    """What the failure puts in doubt."""

    FORM = "form"
    """It is no address at all."""
    HOST = "host"
    """There is no such domain, or it takes no mail."""
    USER = "user"
    """There is no such mailbox; the domain exists."""
    ROUTE = "route"
    """Nobody answered, or nobody wanted to be responsible; that is what many a misspelled domain does."""


DOUBTS: Final[dict[str, Doubt]] = {
    "syntaxerror": Doubt.FORM,
    "hostunknown": Doubt.HOST,
    "notaccept": Doubt.HOST,
    "userunknown": Doubt.USER,
    "hasmoved": Doubt.USER,
    "networkerror": Doubt.ROUTE,
    "norelaying": Doubt.ROUTE,
    "expired": Doubt.ROUTE,
    "onhold": Doubt.ROUTE,
    "undefined": Doubt.ROUTE,
}
"""Reason of a failure -> what it puts in doubt; all other reasons say nothing against the address."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another address of the same person.

    Attributes:
        address: as it was written.
        arrived: the day on which mail to it arrived last, ISO 8601; "" if none did.
        later: whether that was after the failure.
    """

    address: str
    arrived: str = ""
    later: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One failure, and what is known around it.

    Attributes:
        address: the address used, as it was written.
        doubt: what the failure puts in doubt.
        name: the person's.
        present: the person's address today.
        others: further addresses of the same person, in other campaigns.
        corrected: what this very address was corrected to where another contact had it.
        words: the server's, if it says that the mailbox has moved.
        habit: how the person's company writes addresses, of colleagues who get mail; None if that is not known.
    """

    address: str
    doubt: Doubt
    name: str = ""
    present: str = ""
    others: tuple[Other, ...] = ()
    corrected: tuple[str, ...] = ()
    words: str = ""
    habit: Habit | None = None


@dataclass(frozen=True, slots=True)
class Idea:
    """An address that may be meant.

    Attributes:
        address: checked syntax, nothing in it that a terminal could obey.
        score: 0 to 99.
        why: a sentence.
    """

    address: str
    score: int
    why: str

    @property
    def key(self) -> str:
        """The one spelling under which it is compared."""
        return address_key(self.address)


def weigh(case: Case, known: KnownDomains) -> tuple[Idea, ...]:
    """Return what may be meant, the most probable first; nothing that scores below :data:`LISTED`."""
    found: dict[str, Idea] = {}
    for idea in (*_of_person(case), *_of_text(case, known)):
        if not _sound(idea.address, case.address):
            continue
        before = found.get(idea.key)
        if before is None:
            found[idea.key] = idea
        else:
            best = max(before, idea, key=lambda one: one.score)
            found[idea.key] = replace(best, score=min(99, best.score + _AGREED))
    ranked = sorted(found.values(), key=lambda idea: (-idea.score, idea.key))
    return tuple(replace(idea, why=_sentence(idea.why)) for idea in ranked if idea.score >= LISTED)


def sure(scores: Sequence[int]) -> bool:
    """Tell whether the first of some suggestions, the best first, can be offered: good, and well ahead of the next."""
    return bool(scores) and scores[0] >= OFFERED and (len(scores) == 1 or scores[0] - scores[1] >= LEAD)


def _sound(address: str, old: str) -> bool:
    return (
        address != old
        and clean(address) == address
        and is_address(address)
        and (address_key(address) != address_key(old) or not is_address(old))
    )


def _sentence(why: str) -> str:
    """Return a reason as a sentence; a domain or a quotation in front keeps its letters."""
    plain = why.partition(" ")[0].isalpha()
    return clean(why[:1].upper() + why[1:] if plain else why) + "."


def _of_person(case: Case) -> Iterator[Idea]:
    """Yield the person's other addresses."""
    if case.present:
        yield Idea(case.present, _PRESENT, "it is the person's address by now")
    for other in case.others:
        if other.arrived:
            score = _LATER if other.later else _EARLIER
            yield Idea(other.address, score, f"mail to this address of the same person arrived on {other.arrived}")
        else:
            yield Idea(other.address, _NEVER, "the same person had this address in another campaign")
    for address in case.corrected:
        yield Idea(address, _MOVED, "the same address was corrected to this one before")
    for address in dict.fromkeys(_PATH.findall(case.words)):
        yield Idea(address, _SERVER, "the server says that the mailbox has moved there")


def _of_text(case: Case, known: KnownDomains) -> Iterator[Idea]:
    """Yield what the text of the address tells, as it stands and as it is after repairs."""
    if "@" in case.address:
        yield from _of_address(Idea(case.address, 100, ""), case, known)
    if is_address(case.address) and case.address.isascii():
        return
    for repair in (*repairs(case.address), *without_sign(case.address, known.knows)):
        local, at, domain = repair.address.rpartition("@")
        if not at or not local or not domain:
            continue
        score = max(repair.score, _NAMED) if pattern_of(local, case.name) and repair.score >= _TAG else repair.score
        base = Idea(repair.address, score, repair.why)
        further = list(_of_address(base, case, known))
        if known.knows(base.key.rpartition("@")[2]) or not further:
            yield base
        yield from further


def _of_address(base: Idea, case: Case, known: KnownDomains) -> Iterator[Idea]:
    """Yield what may be meant by a text that has the form of an address."""
    local, domain = base.address.rpartition("@")[0], base.key.rpartition("@")[2]
    colleagues = (case.habit.domain,) if case.habit else ()
    nearest = known.near(domain, unknown=case.doubt is Doubt.HOST, company=colleagues)
    for near in nearest:
        yield _joined(base, f"{local}@{shown(near.domain)}", near.score, near.why)
    if case.doubt in {Doubt.HOST, Doubt.USER} and not (nearest and nearest[0].score >= OFFERED):
        yield from _of_company(base, local, domain, case, known)
    if case.doubt is Doubt.USER:
        yield from _of_name(base, local, domain, case, known)
        if "+" in local[1:]:
            plain = local.partition("+")[0]
            yield _joined(base, f"{plain}@{domain}", _TAG, "not every server knows tags behind a “+”")


def _of_company(base: Idea, local: str, domain: str, case: Case, known: KnownDomains) -> Iterator[Idea]:
    """Yield the same mailbox at the domain of the person's colleagues, if nothing arrives at this one."""
    habit = case.habit
    if habit is None or habit.domain == domain or known.knows(domain):
        return
    several, one = _COLLEAGUES
    score = _ELSEWHERE if case.doubt is Doubt.USER else several if habit.people > 1 else one
    how_many = f"{habit.people} colleagues get" if habit.people > 1 else "a colleague gets"
    why = f"{how_many} mail at {shown(habit.domain)}"
    yield _joined(base, f"{local}@{shown(habit.domain)}", score, why)
    if habit.pattern and pattern_of(local, case.name) != habit.pattern:
        for better in written(case.name, habit.pattern)[:1]:
            yield _joined(base, f"{better}@{shown(habit.domain)}", score - 2, f"{why}, as {habit.pattern}")


def _of_name(base: Idea, local: str, domain: str, case: Case, known: KnownDomains) -> Iterator[Idea]:
    """Yield local parts that the person's name suggests."""
    habit = case.habit if case.habit and case.habit.domain == domain else None
    fits = pattern_of(local, case.name)
    if habit and habit.pattern and fits != habit.pattern:
        score = _HABIT if names_somebody(local, case.name) else _UNRELATED
        why = f"{habit.alike} colleagues at {shown(domain)} have addresses of the form {habit.pattern}"
        for better in written(case.name, habit.pattern)[:1]:
            yield _joined(base, f"{better}@{shown(domain)}", score, why)
    if fits:
        return
    for pattern in (habit.pattern,) if habit and habit.pattern else WHOLE:
        for better in written(case.name, pattern):
            slip = slipped(local.casefold(), better)
            if slip is None or slip.slip not in _SLIP:
                continue
            score = _SLIP[slip.slip] + (_ANYBODY if habit and habit.pattern else 0)
            score -= _ANYBODY if known.is_provider(domain) else 0
            why = slip.words.format(typed=f"“{local}”", meant=f"“{better}”") + f", and the name is {case.name}"
            yield _joined(base, f"{better}@{shown(domain)}", score, why)


def _joined(base: Idea, address: str, score: int, why: str) -> Idea:
    if not base.why:
        return Idea(address, min(base.score, score), why)
    return Idea(address, min(base.score, score) - 1, f"{base.why}; {why}")
