"""Which domain is probably meant: near domains to which mail gets through, ranked.

What a slip is worth follows from how easily it happens, how often mail gets through to what it would mean, and
whether the typed domain exists at all. A false alarm costs more than silence: a domain to which any mail got through, a
provider's domain, and a domain of which many addresses fail (it is dead, not misspelled) are never doubted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import Final

from store.suggestions.letters import bare, spelled
from store.suggestions.providers import providers
from store.suggestions.slips import Slip, distance, slipped

FEW: Final = 3
"""So many mails must have got through to a domain before it is offered to people who have nothing to do with it."""

POPULAR: Final = 100
"""A domain to which so many mails got through may be what a rare or a double slip means."""

_MOST_SLIPS: Final = 2
_DEAD: Final = 20
_RARER: Final = 10
_WORTH: Final = {
    Slip.SWAP: 92,
    Slip.DOUBLED: 92,
    Slip.MISSING: 89,
    Slip.EXTRA: 89,
    Slip.NEIGHBOUR: 89,
    Slip.OTHER: 79,
    Slip.TWO: 70,
}
_SLIPPED_TLD: Final = 95
_UNKNOWN_FRONT: Final = 86
_TOO_MUCH: Final = 91
_BARE_NAME: Final = 90
_UMLAUT: Final = 90
_OTHER_END: Final = (84, 80, 66)
_UNSEEN: Final = 8
_MANY_ENDS: Final = 3
_CLOSE: Final = 5
_FIRST: Final = (16, 8)
"""What a slip in the first letter costs, where the domain exists and where it does not: fingers start well."""
_STRANGE: Final = 11
"""What a letter from elsewhere on the keyboard costs in a firm's name: there may be a firm of that name, too."""
_SHORT: Final = 3
_SOME: Final = 5
_LONG: Final = 8
_SECOND_LEVEL: Final = frozenset({"ac", "co", "com", "gov", "ne", "net", "or", "org"})
_ADDED: Final = frozenset({"com", "de", "net", "org"})
_COUNTRY: Final = 2


@dataclass(frozen=True, slots=True)
class Near:
    """A domain that may be meant.

    Attributes:
        domain: in ASCII, as servers write it.
        score: how probable it is, 0 to 100.
        why: for people, without a full stop.
    """

    domain: str
    score: int
    why: str


class KnownDomains:
    """The domains of a store, and what is near them.

    Args:
        delivered: domain (ASCII, lower case) -> mails that got through to it.
        failing: domain -> mails, for domains to which none got through.
    """

    def __init__(self, delivered: Mapping[str, int], failing: Mapping[str, int]) -> None:
        self._delivered = delivered
        self._failing = failing
        self._names = providers().names
        own = (domain for domain, count in delivered.items() if count >= FEW)
        self._ends = Counter(_split(domain)[0] for domain in self._names)
        self._choices = sorted({*self._names, *own})
        self._by_length: dict[int, list[str]] = {}
        for domain in self._choices:
            self._by_length.setdefault(len(domain), []).append(domain)
        self._accented = _accented(self._choices)
        self._found: dict[tuple[str, bool], tuple[Near, ...]] = {}

    def delivered(self, domain: str) -> int:
        """Return how many mails got through to a domain."""
        return self._delivered.get(domain, 0)

    def knows(self, domain: str) -> bool:
        """Tell whether a domain is beyond doubt: mail got through, or it is a large provider's."""
        return domain in self._names or domain in self._delivered

    def is_provider(self, domain: str) -> bool:
        """Tell whether everybody can have an address there."""
        return domain in self._names

    def near(self, domain: str, *, unknown: bool, company: Collection[str] = ()) -> tuple[Near, ...]:
        """Return what may be meant by a domain, the best first; nothing if it is beyond doubt.

        Args:
            domain: in ASCII, lower case.
            unknown: it was said that there is no such domain, or that it takes no mail.
            company: domains at which colleagues of the person get mail.
        """
        if not domain or self.knows(domain):
            return ()
        if company:
            return self._best(domain, unknown, company)
        key = domain, unknown
        if key not in self._found:
            self._found[key] = self._best(domain, unknown, ())
        return self._found[key]

    def where(self, domain: str) -> str:
        """Return what is known of a domain, for the end of a reason: ", where 4,120 of your mails arrived"."""
        count = self.delivered(domain)
        if count:
            return f", where {count:,} of your mails arrived" if count > 1 else ", where one of your mails arrived"
        if domain in self._names:
            name = self._names[domain]
            return f", which is {name}'s" if name else ", a large mailbox provider"
        return ""

    def _best(self, domain: str, unknown: bool, company: Collection[str]) -> tuple[Near, ...]:
        found: dict[str, Near] = {}
        for near in (*self._of_form(domain, unknown, company), *self._of_slips(domain, unknown, company)):
            if not self._too_many(domain, near.domain):
                known = found.setdefault(near.domain, near)
                found[near.domain] = near if near.score > known.score else known
        ranked = sorted(found.values(), key=lambda near: (-near.score, -self.delivered(near.domain), near.domain))
        return tuple(replace(near, why=near.why + self.where(near.domain)) for near in ranked)

    def _too_many(self, domain: str, meant: str) -> bool:
        """Tell whether more addresses fail there than slips could explain."""
        failing = self._failing.get(domain, 0)
        return failing > _DEAD and failing * _RARER > self.delivered(meant)

    def _of_form(self, domain: str, unknown: bool, company: Collection[str]) -> Iterator[Near]:
        """Yield what the form of the domain tells: its end, something too much, a bare name, an umlaut."""
        front, _, top = domain.rpartition(".")
        if front and (meant := providers().slips.get(top)) is not None:
            yield from self._of_end(f"{front}.{meant}", f".{top} is no top-level domain", company)
        if not front and (full := providers().bare.get(top)) is not None:
            yield Near(full, _BARE_NAME, f"“{top}” has no end")
        if domain.startswith("www.") and self._fits(domain[4:], company):
            yield Near(domain[4:], _TOO_MUCH, "“www.” belongs to web addresses")
        if (unknown or top in _ADDED) and self._fits(front, company):
            yield Near(front, _TOO_MUCH, f"{domain} has .{top} too much")
        written = shown(domain)
        forms = {spelled(written), bare(written)}
        others = [*forms, *(other for form in forms for other in self._accented.get(form, ()))]
        for other in others:
            if other != domain and self._fits(other, company):
                yield Near(other, _UMLAUT, f"{written} is spelled {shown(other)}")

    def _of_end(self, meant: str, why: str, company: Collection[str]) -> Iterator[Near]:
        """Yield what is meant by a domain whose end was a slip: it, or what it is a slip for itself."""
        if self.knows(meant) or meant in company:
            yield Near(meant, _SLIPPED_TLD, why)
            return
        further = self._best(meant, True, company)
        for near in further:
            yield Near(near.domain, near.score - 3, f"{why}, and {near.why.partition(', wh')[0]}")
        if not further:
            yield Near(meant, _UNKNOWN_FRONT, why)

    def _of_slips(self, domain: str, unknown: bool, company: Collection[str]) -> Iterator[Near]:
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract_iter

        lengths = range(len(domain) - _MOST_SLIPS, len(domain) + _MOST_SLIPS + 1)
        for choices in (company, *(self._by_length.get(length, ()) for length in lengths)):
            for meant, _, _ in extract_iter(domain, choices, scorer=OSA.distance, score_cutoff=_MOST_SLIPS):
                score, why = self._slip(domain, meant, unknown, meant in company)
                if score:
                    yield Near(meant, score, why)
        core, end = _split(domain)
        if len(core) < _SHORT or domain != f"{core}.{end}" or end in providers().slips:
            return
        alike = {meant for meant in (*company, *self._starting(f"{core}.")) if _split(meant)[0] == core}
        seen = any(self.delivered(meant) for meant in alike)
        for meant in alike:
            slip = distance(end, _split(meant)[1], 1) == 1
            if slip or len(core) > _SHORT:
                score = self._other_end(meant, unknown, meant in company) + (_CLOSE if slip else 0)
                score -= _UNSEEN if seen and not self.delivered(meant) else 0
                yield Near(meant, score, f"{domain} ends in .{end} instead of .{_split(meant)[1]}")

    def _starting(self, front: str) -> list[str]:
        first = bisect_left(self._choices, front)
        return list(takewhile(lambda domain: domain.startswith(front), islice(self._choices, first, None)))

    def _other_end(self, meant: str, unknown: bool, colleagues: bool) -> int:
        """Return what the same name under another end is worth; a domain that exists may well be somebody else's."""
        sure, likely, possible = _OTHER_END
        # A provider with addresses under many ends has more of them than anybody lists.
        everywhere = self._ends[_split(meant)[0]] >= _MANY_ENDS
        if colleagues or (meant in self._names and (unknown or (self.delivered(meant) and not everywhere))):
            worth = sure
        else:
            worth = likely if unknown and self._popular(meant) else possible
        return worth + self._weight(meant) + (2 if unknown else -4)

    def _slip(self, domain: str, meant: str, unknown: bool, colleagues: bool) -> tuple[int, str]:
        """Return what a slip between two domains is worth, 0 for nothing, and its words."""
        found = slipped(domain, meant)
        if found is None or _digits(domain) != _digits(meant):
            return 0, ""
        core, end = _split(meant)
        own, own_end = _split(domain)
        if own == core and "." in domain:
            return 0, ""
        popular = colleagues or self._popular(meant)
        rare = found.slip in {Slip.OTHER, Slip.TWO}
        short = len(core) <= _SHORT and "." in domain
        if len(core) < _SHORT or (found.slip is Slip.TWO and (len(core) < _LONG or not popular or own_end != end)):
            return 0, ""
        if short and (rare or found.slip in {Slip.NEIGHBOUR, Slip.MISSING} or not popular):
            return 0, ""
        if not popular and (len(core) < _SOME or not unknown or (rare and len(core) < _LONG)):
            return 0, ""
        score = _WORTH[found.slip] + self._weight(meant) + (4 if colleagues else 0) + (3 if unknown else -5)
        score -= (9 if short else 0) + (0 if popular else 5)
        score -= _FIRST[unknown] if found.at == 0 else 0
        score -= _STRANGE if found.slip is Slip.OTHER and not colleagues and meant not in self._names else 0
        return min(99, score), found.words.format(typed=domain, meant=meant)

    def _fits(self, domain: str, company: Collection[str]) -> bool:
        return "." in domain and (domain in company or domain in self._names or self.delivered(domain) >= FEW)

    def _popular(self, domain: str) -> bool:
        return domain in self._names or self.delivered(domain) >= POPULAR

    def _weight(self, domain: str) -> int:
        count = self.delivered(domain)
        return sum(count >= bound for bound in (FEW, 20, POPULAR, 1000)) + 2 * (domain in self._names)


def shown(domain: str) -> str:
    """Return a domain as people write it: xn--… with its letters."""
    if "xn--" not in domain:
        return domain
    import idna

    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain


def _split(domain: str) -> tuple[str, str]:
    """Return the name somebody registered and the end under which they did: ("firm", "co.uk")."""
    labels = domain.split(".")
    last = 2 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == _COUNTRY else 1
    return (labels[-last - 1] if len(labels) > last else domain), ".".join(labels[-last:])


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _accented(domains: Collection[str]) -> dict[str, list[str]]:
    """Return ASCII spelling -> domains that people write with other letters."""
    found: dict[str, list[str]] = {}
    for domain in domains:
        if "xn--" in domain:
            for form in {spelled(shown(domain)), bare(shown(domain))}:
                found.setdefault(form, []).append(domain)
    return found
