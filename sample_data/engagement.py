"""Opens, clicks, unsubscribes and complaints, as the tracking server of the sending program writes them (NDJSON)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zlib import crc32

from sample_data.fates import End
from sample_data.names import OUR_DOMAIN
from sample_data.plan import Plan, Sending

_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.4.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
)
_PREFETCH = "Mozilla/5.0"
_SCANNER = "Mozilla/5.0 (compatible; LinkGuard/3.1; +https://linkguard.example/bot)"
_MEAN_WAIT_S = (1500, 4 * 3600, 14 * 3600)
"""Some read at once, some in the afternoon, some the next day."""
_OPENING = {"autumn-newsletter": 0.41, "price-list-2027": 0.52, "trade-fair": 0.34}
_CLICKING = {"autumn-newsletter": 0.22, "price-list-2027": 0.47, "trade-fair": 0.3}


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the event file, with its time for sorting."""

    at: datetime
    fields: dict[str, object]


def events_text(rng: Random, plan: Plan, now: datetime, by_mail: frozenset[str]) -> str:
    """Return the event file of a campaign.

    Args:
        rng: the source of chance.
        plan: the campaign with its mails.
        now: nothing is written that lies later.
        by_mail: Message-IDs of complaints that come as mails and so do not stand here.
    """
    found: list[Happening] = []
    for sending in plan.sendings:
        if sending.fate.end is End.DELIVERED and sending.person.domain != OUR_DOMAIN:
            found += _of_reader(rng, plan, sending, now, by_mail)
    found = sorted((one for one in found if one.at <= now), key=lambda one: (one.at, str(one.fields["email"])))
    lines = []
    for number, happening in enumerate(found):
        identity = f"{plan.campaign.key}-{number:06d}"
        lines.append(json.dumps({"event_id": identity, **happening.fields}, ensure_ascii=False) + "\n")
    return "".join(lines)


def _of_reader(
    rng: Random, plan: Plan, sending: Sending, now: datetime, by_mail: frozenset[str]
) -> Iterator[Happening]:
    person = sending.person
    arrived = sending.at + timedelta(seconds=3 + 700 * bool(sending.fate.retries))
    leaving, angry = person.address in plan.unsubscribed, person.address in plan.complained
    if person.tracking is True:
        if person.scanned:
            yield from _scan(sending, arrived)
        if person.mobile:
            seen = arrived + timedelta(seconds=rng.randrange(40, 900))
            yield _happening("opened", sending, seen, agent=_PREFETCH, machine=True)
        if leaving or rng.random() < _OPENING[plan.campaign.key]:
            yield from _read(rng, sending, arrived)
    patience_s = min(2 * 86400.0, (now - arrived).total_seconds() * 0.9)
    decided = arrived + timedelta(seconds=patience_s * (0.1 + 0.9 * rng.random()))
    if leaving:
        yield _happening("unsubscribed", sending, decided)
    if angry and sending.message_id not in by_mail:
        yield _happening("complained", sending, decided)


def _scan(sending: Sending, arrived: datetime) -> Iterator[Happening]:
    """Yield what a mail gateway does: it opens the mail and follows every link within a second or two."""
    at = arrived + timedelta(seconds=1 + sending.number % 4)
    yield _happening("opened", sending, at, agent=_SCANNER, machine=True)
    for place, link in enumerate(sending.campaign.links):
        at = at + timedelta(milliseconds=140 + 60 * place)
        yield _happening("clicked", sending, at, agent=_SCANNER, url=link, machine=True)


def _read(rng: Random, sending: Sending, arrived: datetime) -> Iterator[Happening]:
    """Yield what a person does: opens sooner or later, perhaps follows a link or two, perhaps comes back."""
    at = arrived + timedelta(seconds=25 + rng.expovariate(1 / rng.choice(_MEAN_WAIT_S)))
    agent = rng.choice(_BROWSERS)
    yield _happening("opened", sending, at, agent=agent)
    if rng.random() < _CLICKING[sending.campaign.key]:
        links = sending.campaign.links
        weights = [1 / (place + 1) for place in range(len(links))]
        clicked = at
        for link in dict.fromkeys(rng.choices(links, weights, k=rng.choice((1, 1, 1, 2, 3)))):
            clicked += timedelta(seconds=rng.randrange(4, 90))
            yield _happening("clicked", sending, clicked, agent=agent, url=link)
    for _ in range(rng.choice((0, 0, 0, 1, 2))):
        at += timedelta(seconds=rng.randrange(200, 40000))
        yield _happening("opened", sending, at, agent=agent)


def _happening(
    event: str, sending: Sending, at: datetime, *, agent: str = "", url: str = "", machine: bool = False
) -> Happening:
    fields: dict[str, object] = {
        "event": event,
        "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "campaign": sending.campaign.key,
        "email": sending.person.address,
        "message_id": sending.message_id,
    }
    if url:
        fields["url"] = url
    if agent:
        seed = sending.person.domain if machine else sending.person.address
        fields |= {"user_agent": agent, "ip": f"203.0.113.{crc32(seed.encode()) % 254 + 1}"}
    if machine:
        fields["machine"] = True
    return Happening(at, fields)
