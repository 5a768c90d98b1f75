"""From a provider's event to records, by the provider's table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from functools import lru_cache
from typing import Any

from store.feeds.actors import actor_of
from store.feeds.bounces.classifier import classify, find_reply, find_status, reasons
from store.feeds.campaign import CAMPAIGN_HEADERS
from store.feeds.esp.envelopes import unwrap
from store.feeds.esp.paths import Event, Path, addresses_of, find, names_of, pairs_of, text_at, texts_of, word_of
from store.feeds.esp.vendors import Meaning, Vendor, finer_word, folded, narrowed, vendor_named
from store.feeds.mapping import SYNONYMS
from store.feeds.record import Defect, Record
from store.feeds.times import TimeDefect, parse_time
from store.vocabulary import Actor, Attribution, BounceKind, EventType, Source

_FAILURES = frozenset({EventType.BOUNCED, EventType.REJECTED, EventType.FAILED})
_EXPLAINED = _FAILURES | {EventType.DEFERRED}
_SEEN = frozenset({EventType.OPENED, EventType.CLICKED})
_OF_THE_MAIL = frozenset({EventType.QUEUED, EventType.SENT})
"""What happens to a mail as a whole, to all of its recipients."""

_OF_ONE = _FAILURES | {EventType.COMPLAINED, EventType.UNSUBSCRIBED}
"""What must not be said of somebody else: it ends in a blocked address."""

_CALLED_CAMPAIGN = frozenset(SYNONYMS["campaign"]) - {"tag", "tags", "category"}
_CALLED_CAMPAIGN |= {folded(name) for name in CAMPAIGN_HEADERS} - {"listid"}
_FROM_HEADERS = frozenset(CAMPAIGN_HEADERS) - {"list-id"}
_TIMES = (str, int, float)
_OWN_TAG = "ses:"
_SAYS_NOTHING = frozenset({"onhold", "undefined"})
NOBODYS_ID = "00000000-0000-0000-0000-000000000000"


class ProviderReader:
    """Reads the events of all providers.

    Attributes:
        campaign: the key of the campaign that all events are of; None: they tell it.
        zone: of times that tell none.
        dates: the order of day and month.
    """

    def __init__(self, campaign: str | None = None, zone: tzinfo | None = None, dates: str | None = None) -> None:
        """Start a file.

        Args:
            campaign: the key of the campaign that all events are of.
            zone: of times that tell none; None: they are defects.
            dates: the order of day and month in dates like 03/02/2026.
        """
        self.campaign = campaign
        self.zone = zone
        self.dates = dates
        self._told: tuple[tuple[Path, ...], list[Any]] | None = None
        self._campaigns: tuple[str | None, tuple[str, ...]] = (None, ())

    def records(self, found: Event, where: str) -> list[Record | Defect] | None:
        """Return what an object says; None if no provider claims it or anything in it."""
        opened = unwrap(found)
        if opened is None:
            return None
        if len(opened) == 1 and not isinstance(opened[0], str):
            return self._read(*opened[0], where)
        said: list[Record | Defect] = []
        for item in opened:
            if isinstance(item, str):
                said.append(Defect(where, item))
            else:
                said += self._read(*item, where)
        return said

    def knows(self, found: Event) -> bool:
        """Tell whether an object is of a known provider, whatever is wrong with it."""
        return unwrap(found) is not None

    def campaigns_in_tags(self, name: str, tags: object) -> tuple[str | None, tuple[str, ...]] | None:
        """Return by which words a mail with these tags names its campaign; None if its headers may tell it.

        Args:
            name: of a provider's table, in which ``mail.tags`` is all that tells a campaign but headers.
            tags: what stands there.
        """
        event = {"mail": {"tags": tags}}
        vendor = vendor_named(name)
        named = _named_campaigns(vendor, event)
        return _with_tags(named, vendor, event) if named else None

    def _read(self, vendor: Vendor, event: Event, where: str) -> list[Record | Defect]:
        vendor = narrowed(vendor, event)
        meaning = vendor.meaning(event)
        if not isinstance(meaning, Meaning):
            missing = f"this event of {vendor.title} does not tell what happened"
            unknown = f"{meaning!r} is no known event of {vendor.title}"
            return [Defect(where, missing if meaning is None else unknown)]
        kind = meaning.type
        if kind is None:
            return []
        try:
            ts = self._time(vendor, event)
        except TimeDefect as error:
            return [Defect(where, str(error))]
        concerned, attribution = _concerned(vendor, event, kind)
        if not concerned:
            return [Defect(where, f"this event of {vendor.title} names no recipient")]
        if attribution is not Attribution.EXACT and kind in _OF_ONE:
            sentence = f"this event of {vendor.title} does not tell which of its {len(concerned)} recipients is meant"
            return [Defect(where, sentence)]
        return self._made(vendor, event, meaning, kind, ts, (concerned, attribution), where)

    def _time(self, vendor: Vendor, event: Event) -> int:
        for path in vendor.time:
            value = find(event, path)
            if not isinstance(value, _TIMES) or value.__class__ is bool or value == "":
                continue
            try:
                return parse_time(value, self.zone, self.dates)
            except OverflowError:
                raise TimeDefect("the time is no likely one") from None
        raise TimeDefect("the time is missing")

    def _made(
        self,
        vendor: Vendor,
        event: Event,
        meaning: Meaning,
        kind: EventType,
        ts: int,
        to: tuple[list[tuple[str, Event]], Attribution],
        where: str,
    ) -> list[Record | Defect]:
        campaign, keys = (self.campaign, ()) if self.campaign else self._campaigns_of(vendor, event)
        message_id = _message_id(vendor, event)
        identity = (text_at(event, vendor.identity_of.get(kind, vendor.identity)) or "").strip("<> ") or None
        actor = _actor(vendor, event, meaning, kind) if kind in _SEEN else Actor.UNKNOWN
        url = text_at(event, vendor.url) if kind is EventType.CLICKED else None
        told: list[Record | Defect] = []
        why: dict[str, Any] = {}
        for address, each in to[0]:
            if kind in _EXPLAINED:
                why = _why(vendor, event, each, meaning, kind)
            told.append(
                Record(
                    kind,
                    ts,
                    address,
                    Source.EVENTS,
                    where,
                    message_id=message_id,
                    campaign=campaign,
                    identity=identity,
                    actor=actor,
                    url=url,
                    attribution=to[1],
                    keys=keys,
                    **why,
                )
            )
        return told

    def _campaigns_of(self, vendor: Vendor, event: Event) -> tuple[str | None, tuple[str, ...]]:
        """Return the key by which a mail names its campaign, and the words that may name it otherwise.

        If several words of the same rank are there and none is called campaign, the first one stands in both. One mail
        after the other carries the same words: they are looked through once.
        """
        told = (vendor.telling, [find(event, path) for path in vendor.telling])
        if told == self._told:
            return self._campaigns
        named = _named_campaigns(vendor, event)
        campaigns = _with_tags(named or _in_all_headers(vendor, event), vendor, event)
        # Headers are not among what is compared; and 1, 1.0 and true are equal, but not the same words.
        if named and vendor.telling and _texts_only(told[1]):
            self._told, self._campaigns = told, campaigns
        return campaigns


def _concerned(vendor: Vendor, event: Event, kind: EventType) -> tuple[list[tuple[str, Event]], Attribution]:
    """Return the recipients that an event is about, each with what it says of them alone, and how sure that is."""
    held = vendor.each.get("address", "")
    for path in vendor.address:
        value = find(event, path)
        if not value:
            continue
        if value.__class__ is list and len(value) == 1 and value[0].__class__ is str:
            alone = addresses_of(value[0])
            if len(alone) == 1:
                return [(alone[0], {})], Attribution.EXACT
        named: dict[str, Event] = {}
        for item in value if isinstance(value, list) else [value]:
            each = item if isinstance(item, dict) else {}
            for address in addresses_of(each.get(held) if each else item):
                named.setdefault(address, each)
        if named:
            return list(named.items()), Attribution.EXACT
    for path in vendor.shared:
        shared = addresses_of(find(event, path))
        if shared:
            shared = list(dict.fromkeys(shared)) if len(shared) > 1 else shared
            sure = len(shared) == 1 or kind in _OF_THE_MAIL
            return [(address, {}) for address in shared], Attribution.EXACT if sure else vendor.shared_as
    return [], Attribution.EXACT


def _named_campaigns(vendor: Vendor, event: Event) -> list[str]:
    named = [text for path in vendor.keys if (text := text_at(event, (path,)))]
    for path in vendor.named:
        named += [text for _, text in pairs_of(find(event, path), _campaign_names)] if path else _own_words(event)
    return named


def _in_all_headers(vendor: Vendor, event: Event) -> list[str]:
    return [text for path in vendor.headers for text in _in_headers(find(event, path))]


def _with_tags(named: list[str], vendor: Vendor, event: Event) -> tuple[str | None, tuple[str, ...]]:
    tags: list[str] = []
    for path in vendor.tags:
        value = find(event, path)
        if isinstance(value, dict):
            tags += [text for _, text in pairs_of(value, _chosen_tags)]
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            tags += [text for _, text in pairs_of(value)] or names_of(value)
        elif value:
            tags += texts_of(value)
    weak = [text for path in vendor.weak for text in texts_of(find(event, path))]
    first = named[0] if named else tags[0] if tags else None
    if first is None:
        return None, tuple(dict.fromkeys(weak))
    if len(named) == len(tags) == 1 and named == tags:
        return first, tuple(text for text in dict.fromkeys(weak) if text != first)
    others = dict.fromkeys((*named[1:], *tags, *weak))
    if named or len(set(tags)) == 1:
        others.pop(first, None)
    return first, tuple(others)


def _texts_only(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(_texts_only, value.values()))
    return all(map(_texts_only, value)) if isinstance(value, list) else value is None or isinstance(value, str)


@lru_cache(maxsize=1024)
def _campaign_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if folded(name) in _CALLED_CAMPAIGN)


@lru_cache(maxsize=1024)
def _chosen_tags(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if not name.startswith(_OWN_TAG))


@lru_cache(maxsize=1024)
def _message_ids(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name.lower() == "message-id")


@lru_cache(maxsize=1024)
def _ranked(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if _rank(name) >= 0)


def _own_words(event: Event) -> list[str]:
    return [text for name in _campaign_names(tuple(event)) if (text := word_of(event[name]))]


@lru_cache(maxsize=4096)
def _rank(name: str) -> int:
    """Return how surely a header names the campaign, the surest 0; -1: not at all."""
    name = name.lower()
    return CAMPAIGN_HEADERS.index(name) if name in _FROM_HEADERS else -1


def _in_headers(fields: object) -> list[str]:
    found = sorted((_rank(name), text) for name, text in pairs_of(fields, _ranked))
    return [text for _, text in found]


def _message_id(vendor: Vendor, event: Event) -> str | None:
    """Return the RFC 5322 Message-ID, else the provider's own id of the mail."""
    for path in vendor.rfc:
        text = word_of(find(event, path))
        if text and "@" in text:
            return text.strip("<> ") or None
    for path in vendor.headers:
        for _, text in pairs_of(find(event, path), _message_ids):
            if "@" in text:
                return text.strip("<> ") or None
    own = text_at(event, vendor.own)
    return own.strip("<> ") or None if own and own != NOBODYS_ID else None


def _actor(vendor: Vendor, event: Event, meaning: Meaning, kind: EventType) -> Actor:
    if meaning.actor is not Actor.UNKNOWN:
        return meaning.actor
    flag = text_at(event, vendor.machine) or ""
    return actor_of(kind, flag, text_at(event, vendor.agent) or "", text_at(event, vendor.ip) or "")


def _why(vendor: Vendor, event: Event, each: Event, meaning: Meaning, kind: EventType) -> dict[str, Any]:
    """Return the fields of a record that tell why a mail failed or waits."""
    words = text_at(each, ((vendor.each.get("words", ""),),)) or text_at(event, vendor.words)
    status = find_status(text_at(each, ((vendor.each.get("status", ""),),)) or text_at(event, vendor.status) or "")
    status = status or (find_status(words) if words else None)
    reply = _reply(vendor, text_at(event, vendor.reply)) or (find_reply(words) if words else None)
    fields: dict[str, Any] = {"status": status, "reply": reply, "diagnostic": words}
    if kind is EventType.DEFERRED:
        return fields
    verdict = classify(status, reply, words)
    reason, found = verdict.reason, verdict.kind
    told = vendor.causes.get(folded(text_at(event, vendor.cause) or ""))
    if reason in _SAYS_NOTHING and told:
        reason, found = told, reasons().get(told, found)
    if found is BounceKind.UNDETERMINED:
        found = _named(vendor.kind, vendor.vague, event) or found
    found = _named(vendor.kind, vendor.kinds, event) or meaning.kind or found
    late = reason == "expired" or (status or "").endswith(".4.7")
    expired = meaning.expired or (late and found is BounceKind.SOFT)
    return fields | {"reason": reason, "kind": found, "expired": expired}


def _named(paths: Iterable[tuple[str, ...]], kinds: dict[str, BounceKind], event: Event) -> BounceKind | None:
    """Return the kind by the provider's own class, the surest place first."""
    for path in paths:
        word = finer_word(path, find(event, path))
        if word in kinds:
            return kinds[word]
    return None


def _reply(vendor: Vendor, text: str | None) -> int | None:
    code = (text or "")[:3]
    if code in vendor.own_codes or not (code.isascii() and code.isdigit()):
        return None
    return int(code) if 200 <= int(code) < 600 else None
