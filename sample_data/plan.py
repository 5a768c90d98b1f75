"""The three campaigns: whom they were meant for, which mails went out, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sample_data import fates
from sample_data.fates import End, Fate
from sample_data.lists import Line, in_cp1252, make_lines, write_english_csv, write_german_csv, write_utf16_tsv
from sample_data.names import NEWS_DOMAIN, OUR_DOMAIN, PROVIDERS
from sample_data.people import Person

SLIPS = frozenset(slip for slips in PROVIDERS.values() for slip in slips)
ALIASES = ("messerunde", "fachhandel")
"""Local parts of our own domain that stand for several people."""
GONE = ("werkstudent", "praktikum", "messe2019", "f.oldenkamp", "telex", "azubi")
"""Local parts of our own domain that nobody has any more."""
_WEB = f"https://{NEWS_DOMAIN}/go"


@dataclass(frozen=True, slots=True)
class Campaign:
    """One sending.

    Attributes:
        start: when the first mail went out.
        pace: mails a minute.
        share: which part of the contacts it is for.
        tried: which part of the mails has gone out by now.
        links: where the links of the mail lead.
        write: the dialect of its list.
    """

    name: str
    key: str
    subject: str
    sender: str
    start: datetime
    pace: float
    share: float
    tried: float
    links: tuple[str, ...]
    file_name: str
    write: Callable[[Path, Sequence[Line]], None]


@dataclass(frozen=True, slots=True)
class Sending:
    """One mail to one recipient."""

    number: int
    campaign: Campaign
    person: Person
    at: datetime
    fate: Fate

    @property
    def message_id(self) -> str:
        """The Message-ID, without angle brackets."""
        token = f"{(self.number * 2654435761) & 0xFFFFFFFF:08x}"
        return f"{self.campaign.key}.{self.number:05d}.{token}@{NEWS_DOMAIN}"

    @property
    def bounce_address(self) -> str:
        """The envelope sender, which names the recipient (VERP)."""
        local, _, domain = self.person.wire_address.rpartition("@")
        return f"bounces+{local}={domain}@{NEWS_DOMAIN}"


@dataclass(frozen=True, slots=True)
class Plan:
    """A campaign with its list and its mails, in the order of sending; and who left or complained because of it."""

    campaign: Campaign
    lines: list[Line]
    sendings: list[Sending]
    unsubscribed: frozenset[str]
    complained: frozenset[str]

    @property
    def lost(self) -> list[Person]:
        """Those who must not be written to again although their list may still name them."""
        known = {fates.UNKNOWN_HOST.name, fates.UNKNOWN_USER[0].name}
        return [
            sending.person
            for sending in self.sendings
            if sending.fate.name in known or sending.person.address in self.unsubscribed
        ]

    @property
    def retired(self) -> frozenset[str]:
        """Addresses that stand on no later list."""
        silent = {fates.DISABLED.name, fates.NOBODY_HERE.name, fates.LATE_UNKNOWN.name}
        found = {sending.person.address for sending in self.sendings if sending.fate.name in silent}
        return self.complained | found

    @property
    def truth(self) -> dict[str, int]:
        """What the buckets of the campaign must hold once all feeds were read, and ``planned``."""
        mailed = sum(line.mailed for line in self.lines)
        ends = [sending.fate.end for sending in self.sendings]
        return {
            "planned": len(self.lines),
            "ready": mailed - len(self.sendings),
            "skipped": len(self.lines) - mailed,
            **{end.value: ends.count(end) for end in End},
        }


def make_campaigns(now: datetime) -> tuple[Campaign, Campaign, Campaign]:
    """Return the campaigns: finished two weeks ago, three days old, and under way."""
    autumn = (now - timedelta(days=14)).replace(hour=7, minute=30, second=0, microsecond=0)
    prices = (now - timedelta(days=3, hours=2)).replace(second=0, microsecond=0)
    fair = (now - timedelta(minutes=41)).replace(second=0, microsecond=0)
    return (
        Campaign(
            "Autumn newsletter", "autumn-newsletter", "What the autumn brings: three new scales and a microscope",
            "Brightwell Instruments", autumn, 43, 0.84, 1.0, _links("scales", "microscope", "video", "web"),
            "autumn-newsletter.csv", write_english_csv,
        ),
        Campaign(
            "Price list 2027", "price-list-2027", "Your price list for 2027",
            "Brightwell Sales", prices, 38, 0.66, 1.0, _links("pricelist.pdf", "changes", "shop"),
            "preisliste-2027.csv", write_german_csv,
        ),
        Campaign(
            "Trade fair invitation", "trade-fair", "Meet us at the Laborwelt fair, hall 7",
            "Brightwell Events", fair, 14, 0.47, 0.6, _links("ticket", "programme", "way"),
            "trade-fair.tsv", write_utf16_tsv,
        ),
    )  # fmt: skip


def _links(*pages: str) -> tuple[str, ...]:
    return tuple(f"{_WEB}/{page}" for page in pages)


def make_plans(rng: Random, people: Sequence[Person], now: datetime) -> tuple[Plan, ...]:
    """Return the plans; who bounced for good or left in an earlier campaign mostly stands on no later list."""
    plans: list[Plan] = []
    for place, campaign in enumerate(make_campaigns(now)):
        open_to = [
            person
            for person in people
            if (campaign.write is not write_german_csv or in_cp1252(person))
            and not ((person.domain in SLIPS or person.local in GONE) and person.number % 3 != place)
            and not any(person.address in plan.retired for plan in plans)
        ]
        gone = [person for plan in plans for person in plan.lost]
        plans.append(_plan(rng, campaign, _audience(rng, campaign, open_to, gone), gone, place + 1))
    return tuple(plans)


def _audience(rng: Random, campaign: Campaign, people: Sequence[Person], gone: Sequence[Person]) -> list[Person]:
    known = {person.address for person in people}
    left = {person.address for person in gone}
    chosen = [
        person
        for person in people
        if person.address not in left and (person.domain == OUR_DOMAIN or rng.random() < campaign.share)
    ]
    overlooked = [person for person in gone if person.address in known]
    return chosen + rng.sample(overlooked, min(9, len(overlooked)))


def _plan(rng: Random, campaign: Campaign, audience: list[Person], gone: Sequence[Person], number: int) -> Plan:
    rng.shuffle(audience)
    withheld = frozenset(person.address for person in gone)
    lines = make_lines(rng, audience, withheld)
    mailed = [line.person for line in lines if line.mailed]
    mailed = mailed[: round(len(mailed) * campaign.tried)]
    times = _times(rng, campaign, len(mailed))
    destiny = _destiny(rng, campaign, mailed, times)
    sendings = [
        Sending(number * 10000 + place, campaign, person, at, destiny.get(person.address, fates.DELIVERED))
        for place, (person, at) in enumerate(zip(mailed, times, strict=True), 1)
    ]
    happy = [sending.person.address for sending in sendings if sending.fate is fates.DELIVERED]
    leaving = rng.sample(happy[: len(happy) // 2], max(4, len(happy) // 130))
    return Plan(campaign, lines, sendings, frozenset(leaving[2:]), frozenset(leaving[:2]))


def _times(rng: Random, campaign: Campaign, count: int) -> list[datetime]:
    gap_s = 60 / campaign.pace
    return [campaign.start + timedelta(seconds=place * gap_s + rng.random() * gap_s * 0.8) for place in range(count)]


_LOT = tuple[tuple[Fate, int], ...]

LOTS: dict[str, _LOT] = {
    "autumn-newsletter": (
        *((fate, 6) for fate in fates.UNKNOWN_USER),
        (fates.DISABLED, 4), (fates.FULL, 6), (fates.SPAM, 6), (fates.LISTED, 4), (fates.TOO_BIG, 3),
        (fates.FULL_EXPIRED, 4), (fates.DOWN_EXPIRED, 4), (fates.MUTE_EXPIRED, 2), (fates.GREYLISTED, 64),
        (fates.THROTTLED, 38), (fates.LATE_UNKNOWN, 6), (fates.LATE_FULL, 3), (fates.LATE_POLICY, 3),
    ),
    "price-list-2027": (
        *((fate, 3) for fate in fates.UNKNOWN_USER),
        (fates.DISABLED, 3), (fates.FULL, 5), (fates.SPAM, 3), (fates.TOO_BIG, 9),
        (fates.FULL_EXPIRED, 3), (fates.DOWN_EXPIRED, 3), (fates.MUTE_EXPIRED, 2), (fates.GREYLISTED, 41),
        (fates.THROTTLED, 22), (fates.LATE_UNKNOWN, 4), (fates.LATE_FULL, 3), (fates.LATE_POLICY, 2),
    ),
    "trade-fair": (
        *((fate, 1) for fate in fates.UNKNOWN_USER),
        (fates.FULL, 2), (fates.SPAM, 2), (fates.GREYLISTED, 9), *((fate, 11) for fate in fates.WAITING),
    ),
}  # fmt: skip
"""How many mails of a campaign meet which fate; all others are delivered at once."""

DMARC_MINUTES = (4.0, 14.0)
"""From when to when after its start the price list is refused by one provider, until somebody mends the DNS."""


def _destiny(rng: Random, campaign: Campaign, mailed: Sequence[Person], times: Sequence[datetime]) -> dict[str, Fate]:
    """Return address -> fate for those whose mail is not simply delivered."""
    destiny: dict[str, Fate] = {}
    for person, at in zip(mailed, times, strict=True):
        minutes = (at - campaign.start) / timedelta(minutes=1)
        burst = campaign.key == "price-list-2027" and DMARC_MINUTES[0] <= minutes < DMARC_MINUTES[1]
        if person.domain in SLIPS:
            destiny[person.address] = fates.UNKNOWN_HOST
        elif person.domain == OUR_DOMAIN:
            destiny[person.address] = _house_fate(person)
        elif burst and person.domain == "gmail.example":
            destiny[person.address] = fates.DMARC
    free = [person for person in mailed if person.address not in destiny]
    # What was sent a moment ago has not been tried twice yet.
    settled = free if campaign.tried == 1.0 else free[: len(free) // 2]
    for fate, count in LOTS[campaign.key]:
        pool = [person for person in (settled if fate.retries else free) if person.address not in destiny]
        for person in rng.sample(pool, count):
            destiny[person.address] = fate
    return destiny


def _house_fate(person: Person) -> Fate:
    if person.local in GONE:
        return fates.NOBODY_HERE
    return fates.ALIAS if person.local in ALIASES else fates.LOCAL
