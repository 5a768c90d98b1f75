"""The providers' tables: where each provider's events say what, read from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path as FilePath
from typing import Any

from store.feeds.esp.paths import Event, Path, find, find_begin, path_of, text_at, word_of
from store.feeds.mapping import plain
from store.vocabulary import Actor, Attribution, BounceKind, EventType

ORDER = (
    *("ses", "mailgun", "mailgun_form", "postmark", "sparkpost", "sendgrid", "mandrill", "mailjet", "resend"),
    *("mailersend", "brevo_marketing", "brevo"),
)
"""The tables in the order in which they are asked whether an object is theirs."""

_TYPES = {str(word): word for word in EventType}
_KINDS = {str(word): word for word in BounceKind}
_SURENESS = {str(word): word for word in Attribution}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a provider's word for an event means.

    Attributes:
        type: the event; None if it is none of a sending (an answer, a subscription).
        kind: of a failure, where the word itself tells.
        expired: given up after temporary failures.
        actor: machine, where the word itself tells.
    """

    type: EventType | None
    kind: BounceKind | None = None
    expired: bool = False
    actor: Actor = Actor.UNKNOWN


@dataclass(frozen=True, slots=True)
class Claim:
    """By what an object is known as a provider's.

    Attributes:
        has: what must be there, and with what it must begin.
        at: where in it the event begins.
        loose: files of other makes have these keys, too: the provider must know the word for the event.
        nothing: such an object is none of a sending (a list that changed, a subscription that was confirmed).
        keys: the keys that the object itself must have.
    """

    has: tuple[tuple[Path, str], ...]
    at: Path
    loose: bool
    nothing: bool
    keys: frozenset[str]

    def holds(self, found: Event) -> bool:
        """Tell whether all that must be there is there."""
        for path, start in self.has:
            value = find(found, path)
            if value is None or (start and not (isinstance(value, str) and value.startswith(start))):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Vendor:
    """One table. Every field but the first ones is a list of places, the surest first.

    Attributes:
        name: the file's name.
        title: the provider's name.
        claims: by what its objects are known.
        prefix: what its words for events begin with.
        type: the word for the event.
        refine: words that tell apart what one word for an event covers.
        types: word, or word/finer word -> meaning.
        refined: the words that have finer ones.
        phrases: (word, words of the server, meaning) where only prose tells.
        address: the recipients; objects hold them at ``each["address"]``.
        shared: the mail's recipients, where the event names none.
        shared_as: how sure it is then that one of several is meant.
        each: what an object in ``address`` holds: address, status, words.
        time: when it happened.
        rfc: the RFC 5322 Message-ID.
        own: the provider's id of the mail.
        identity: the provider's id of the event, or what else tells it from others.
        identity_of: the same for some events.
        keys: the campaign's key or name.
        named: names and values among which one may be called campaign.
        headers: header fields of the mail.
        tags: words that may name the campaign.
        weak: ids that may name the campaign if the operator chose them as its key.
        url: the link.
        agent: the user agent.
        ip: the address it came from.
        machine: the provider's own flag for machines.
        status: RFC 3463 code.
        reply: SMTP reply code.
        own_codes: numbers in the place of reply codes that are the provider's own.
        words: the server's words.
        kind: the provider's own class of a failure.
        kinds: its words -> kind; surer than the server's words.
        vague: its words -> kind, where the server's words tell nothing.
        cause: the provider's word for the reason.
        causes: its words -> reason of the classifier.
        telling: all places but headers from which a mail's campaign is known; none if the event itself is one.
    """

    name: str
    title: str
    claims: tuple[Claim, ...]
    prefix: str
    type: tuple[Path, ...]
    refine: tuple[Path, ...]
    types: dict[str, Meaning]
    refined: frozenset[str]
    phrases: tuple[tuple[str, str, Meaning], ...]
    address: tuple[Path, ...]
    shared: tuple[Path, ...]
    shared_as: Attribution
    each: dict[str, str]
    time: tuple[Path, ...]
    rfc: tuple[Path, ...]
    own: tuple[Path, ...]
    identity: tuple[Path, ...]
    identity_of: dict[str, tuple[Path, ...]]
    keys: tuple[Path, ...]
    named: tuple[Path, ...]
    headers: tuple[Path, ...]
    tags: tuple[Path, ...]
    weak: tuple[Path, ...]
    url: tuple[Path, ...]
    agent: tuple[Path, ...]
    ip: tuple[Path, ...]
    machine: tuple[Path, ...]
    status: tuple[Path, ...]
    reply: tuple[Path, ...]
    own_codes: frozenset[str]
    words: tuple[Path, ...]
    kind: tuple[Path, ...]
    kinds: dict[str, BounceKind]
    vague: dict[str, BounceKind]
    cause: tuple[Path, ...]
    causes: dict[str, str]
    telling: tuple[Path, ...]

    def meaning(self, event: Event) -> Meaning | str | None:
        """Return what happened; the provider's word if it is not known; None if it does not say."""
        word = text_at(event, self.type)
        if word is None:
            return None
        known = folded(word.removeprefix(self.prefix) if self.prefix else word)
        for said_of, phrase, meaning in self.phrases:
            if said_of == known and phrase in (text_at(event, self.words) or "").lower():
                return meaning
        for path in self.refine if known in self.refined else ():
            finer = finer_word(path, find(event, path))
            found = self.types.get(f"{known}/{finer}") if finer else None
            if found is not None:
                return found
        return self.types.get(known) or word


def finer_word(path: Path, value: object) -> str | None:
    """Return a finer word folded for comparing; truth values carry their name: ``hard_bounce:true``."""
    if isinstance(value, bool):
        return folded(f"{path[-1]}:{'true' if value else 'false'}")
    word = word_of(value)
    return folded(word) if word else None


@lru_cache(maxsize=4096)
def folded(word: str) -> str:
    """Fold a provider's word for comparing."""
    return plain(word)


@cache
def vendors() -> tuple[Vendor, ...]:
    """Return all tables, read once."""
    here = FilePath(__file__).parent
    return tuple(_vendor(name, tomllib.loads((here / f"{name}.toml").read_text(encoding="utf-8"))) for name in ORDER)


def vendor_named(name: str) -> Vendor:
    """Return the table with a name."""
    return next(vendor for vendor in vendors() if vendor.name == name)


@lru_cache(maxsize=1024)
def claims_on(keys: tuple[str, ...]) -> tuple[tuple[Vendor, Claim], ...]:
    """Return the claims that an object with these keys can meet."""
    return tuple((vendor, claim) for vendor in vendors() for claim in vendor.claims if claim.keys.issubset(keys))


def vendor_of(found: Event) -> tuple[Vendor, Any] | None:
    """Return whose event ``found`` is, and the value at which the event begins; None if nobody claims it.

    The value is None for what is none of a sending.
    """
    for vendor, claim in claims_on(tuple(found)):
        if claim.holds(found) and not (claim.loose and not isinstance(vendor.meaning(found), Meaning)):
            return vendor, None if claim.nothing else find_begin(found, claim.at)
    return None


def narrowed(vendor: Vendor, event: Event) -> Vendor:
    """Return a provider's table without the places that an event with these keys cannot have."""
    return _narrowed(vendor.name, tuple(event))


@lru_cache(maxsize=1024)
def _narrowed(name: str, keys: tuple[str, ...]) -> Vendor:
    whole = vendor_named(name)

    def near(paths: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(path for path in paths if not path or path[0] in keys)

    places: dict[str, Any] = {key: near(getattr(whole, key)) for key in _PLACES}
    places["telling"] = _telling(*(places[key] for key in ("keys", "named", "tags", "weak")))
    return replace(whole, identity_of={word: near(paths) for word, paths in whole.identity_of.items()}, **places)


def _vendor(name: str, table: dict[str, Any]) -> Vendor:
    def places(key: str) -> tuple[Path, ...]:
        return _places(table.get(key, ()))

    return Vendor(
        name=name,
        title=table["title"],
        claims=tuple(map(_claim, table["claim"])),
        prefix=table.get("prefix", ""),
        types={_key(word): meaning_of(text) for word, text in table["types"].items()},
        refined=frozenset(_key(word).partition("/")[0] for word in table["types"] if "/" in word),
        phrases=tuple((_key(p["event"]), p["says"], meaning_of(p["means"])) for p in table.get("phrase", ())),
        shared_as=_SURENESS[table.get("shared_as", "fan-out")],
        each=table.get("each", {}),
        identity_of={word: _places(paths) for word, paths in table.get("identity_of", {}).items()},
        own_codes=frozenset(map(str, table.get("own_codes", ()))),
        kinds={folded(word): _KINDS[kind] for word, kind in table.get("kinds", {}).items()},
        vague={folded(word): _KINDS[kind] for word, kind in table.get("vague", {}).items()},
        causes={folded(word): reason for word, reason in table.get("causes", {}).items()},
        telling=_telling(*map(places, ("keys", "named", "tags", "weak"))),
        **{key: places(key) for key in _PLACES},
    )


_PLACES = (
    *("type", "refine", "address", "shared", "time", "rfc", "own", "identity", "keys", "named", "headers", "tags"),
    *("weak", "url", "agent", "ip", "machine", "status", "reply", "words", "kind", "cause"),
)


def _telling(*places: Iterable[Path]) -> tuple[Path, ...]:
    """Return the places without those that stand within others of them."""
    paths = list(dict.fromkeys(path for some in places for path in some))
    return () if () in paths else tuple(p for p in paths if not any(p[:n] in paths for n in range(1, len(p))))


def _places(texts: Iterable[str]) -> tuple[Path, ...]:
    return tuple(path_of(text) for text in texts)


def _claim(table: dict[str, Any]) -> Claim:
    has = tuple(map(_condition, table["has"]))
    begin, keys = path_of(table.get("at", "")), frozenset(path[0] for path, _ in has)
    return Claim(has, begin, table.get("loose", False), table.get("nothing", False), keys)


def _condition(text: str) -> tuple[Path, str]:
    path, _, start = text.partition("^=")
    return path_of(path), start


def _key(text: str) -> str:
    word, slash, finer = text.partition("/")
    return f"{folded(word)}/{folded(finer)}" if slash else folded(word)


def meaning_of(text: str) -> Meaning:
    """Read ``bounced soft expired`` or ``opened machine``; "" is no event of a sending."""
    words = text.split()
    kind = next((_KINDS[word] for word in words if word in _KINDS), None)
    actor = Actor.MACHINE if "machine" in words else Actor.UNKNOWN
    return Meaning(_TYPES[words[0]] if words else None, kind, "expired" in words, actor)
