"""When a campaign rings: the tripwires, their settings and defaults, and what numbers say to them.

A share trips its wire when it is above the limit, a number of complaints when it has reached it. The wire is armed
again when the share has fallen to four fifths of the limit, so that one that swings about the limit rings once; after
the limit was changed, as soon as it is not above it. Shares are of mails with an outcome: a campaign that lies in the
queue as a whole does not hide that the first hundred failed. The defaults are what mailbox providers ask of bulk
senders (complaints: Google's sender guidelines, below 0.1 %) and what list operators take for a sign of a bad list
(2 % hard bounces).
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from store.settings import Setting, named

WHOLE: Final = 100_000
"""Limits are parts of so many."""

_REARMED_AT: Final = (4, 5)
_MOST_COMPLAINTS, _MOST_LEAST, _MOST_DAYS, _MOST_SECONDS = 1_000_000, 10_000_000, 365, 600


class Wire(StrEnum):
    """What can trip."""

    HARD = "hard"
    COMPLAINTS = "complaints"
    COMPLAINT_RATE = "complaint-rate"
    DOMAIN = "domain"
    DEFERRED = "deferred"


@dataclass(frozen=True, slots=True)
class Tripwires:
    """What holds for a campaign; limits are parts of :data:`WHOLE`, None: the wire is off.

    Attributes:
        hard: of the mails with an outcome, those bounced hard.
        complaints: a number of people who complained.
        complaint_rate: of the delivered, those who complained.
        domain: of the mails with an outcome at one receiving domain, those that failed.
        deferred: of the mails that were tried, those that wait for another try.
        least: mails below which no share of a campaign is looked at.
        domain_least: likewise of one domain.
        days: for how long after its last mail a campaign is watched.
        hook: program and arguments to run when a wire trips; empty: none.
        hook_timeout: seconds after which it is ended.
    """

    hard: int | None = 2_000
    complaints: int | None = 1
    complaint_rate: int | None = 100
    domain: int | None = 10_000
    deferred: int | None = 25_000
    least: int = 100
    domain_least: int = 50
    days: int = 3
    hook: tuple[str, ...] = ()
    hook_timeout: int = 10

    def with_text(self, name: str, text: str) -> Tripwires:
        """Return the tripwires with one setting changed to what ``text`` says.

        Raises:
            BadInput: no setting has this name, or the text does not fit it.
        """
        setting = setting_named(name)
        return replace(self, **{setting.field: setting.read(text)})

    def with_texts(self, texts: Mapping[str, str]) -> Tripwires:
        """Return the tripwires with several settings changed."""
        wires = self
        for name, text in texts.items():
            wires = wires.with_text(name, text)
        return wires

    def text(self, name: str) -> str:
        """Return a setting as text that :meth:`with_text` reads."""
        return setting_named(name).text(self)


@dataclass(frozen=True, slots=True)
class Counts:
    """What the wires of one campaign look at, each a number of recipients.

    Attributes:
        tried: with an outcome, or deferred.
        settled: with an outcome: delivered or failed.
        hard: bounced hard, or all that bounced where even these are too few to matter.
        domains: receiving domain -> (failed, with an outcome), of those that may be above the limit.
    """

    tried: int
    settled: int
    delivered: int
    deferred: int
    complained: int
    hard: int = 0
    domains: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the numbers say to one wire.

    Attributes:
        subject: the receiving domain; "" for the campaign as a whole.
        part: the recipients that count against the limit.
        whole: those of which they are a part.
        limit: parts of :data:`WHOLE`, or a number of complaints.
        trips: it is too much.
        rearms: it is so little that the wire is armed again.
    """

    wire: Wire
    subject: str
    part: int
    whole: int
    limit: int
    trips: bool
    rearms: bool

    def is_over(self, limit: int) -> bool:
        """Tell whether a trip at ``limit`` is over."""
        return self.rearms if limit == self.limit else not self.trips


def readings(wires: Tripwires, counts: Counts) -> Iterator[Reading]:
    """Yield what the numbers say to each wire that is on."""
    if wires.hard is not None:
        yield _share(Wire.HARD, "", counts.hard, counts.settled, wires.hard, wires.least)
    if wires.complaints is not None:
        reached = counts.complained >= wires.complaints
        yield Reading(Wire.COMPLAINTS, "", counts.complained, counts.delivered, wires.complaints, reached, not reached)
    if wires.complaint_rate is not None:
        rate = wires.complaint_rate
        yield _share(Wire.COMPLAINT_RATE, "", counts.complained, counts.delivered, rate, wires.least)
    if wires.deferred is not None:
        yield _share(Wire.DEFERRED, "", counts.deferred, counts.tried, wires.deferred, wires.least)
    if wires.domain is not None:
        for domain, (failed, settled) in counts.domains.items():
            yield _share(Wire.DOMAIN, domain, failed, settled, wires.domain, wires.domain_least)


def above(part: int, whole: int, limit: int) -> bool:
    """Tell whether ``part`` of ``whole`` is more than ``limit`` parts of :data:`WHOLE`."""
    return part * WHOLE > limit * whole


def rearm_limit(limit: int) -> int:
    """Return the limit at which a wire is armed again."""
    part, whole = _REARMED_AT
    return limit * part // whole


def why(wire: str, subject: str, part: int, whole: int, limit: int) -> str:
    """Return a trip as a clause: "3.1 % bounced hard (71 of 2,300; the limit is 2%)"."""
    if wire == Wire.COMPLAINTS:
        people = "person" if part == 1 else "people"
        return f"{part:,} {people} complained (the limit is {limit:,})"
    done = {
        Wire.HARD.value: "bounced hard",
        Wire.COMPLAINT_RATE.value: "of the delivered were complained about",
        Wire.DOMAIN.value: f"failed at {subject}",
        Wire.DEFERRED.value: "are deferred",
    }.get(wire, wire)
    return f"{share_text(part, whole)} {done} ({part:,} of {whole:,}; the limit is {percent_text(limit)})"


def share_text(part: int, whole: int) -> str:
    """Return a share in per cent with one digit, two below one per cent: "3.1 %", "0.12 %"."""
    share = 100 * part / whole if whole else 0.0
    return f"{share:.1f} %" if share >= 1 else f"{share:.2f} %"


def percent_text(limit: int) -> str:
    """Return parts of :data:`WHOLE` as operators write them: "2%", "0.15%"."""
    return f"{Decimal(limit * 100) / WHOLE:f}".rstrip("0").rstrip(".") + "%" if limit % 1000 else f"{limit // 1000}%"


def _share(wire: Wire, subject: str, part: int, whole: int, limit: int, least: int) -> Reading:
    trips = whole >= max(least, 1) and above(part, whole, limit)
    return Reading(wire, subject, part, whole, limit, trips, not trips and not above(part, whole, rearm_limit(limit)))


def setting_named(name: str) -> Setting:
    """Return the setting of this name.

    Raises:
        BadInput: there is none.
    """
    return named(SETTINGS, name, "tripwire")


def command_of(text: str) -> tuple[str, ...]:
    """Return a command line as program and arguments, split as a shell does and run by none.

    Raises:
        ValueError: a quote is left open, or the program is named without its whole path.
    """
    words = tuple(shlex.split(text))
    if not words or not words[0].startswith("/") or "\0" in text:
        raise ValueError(text)
    return words


def _percent(text: str) -> int | None:
    if text.casefold() == "off":
        return None
    sign, written = text[-1:], text[:-1].strip()
    if sign not in {"%", "‰"} or not written.isascii():
        raise ValueError(text)
    try:
        parts = Decimal(written) * (WHOLE // (100 if sign == "%" else 1000))
    except ArithmeticError:
        raise ValueError(text) from None
    if not parts.is_finite() or not 0 <= parts <= WHOLE or parts != parts.to_integral_value():
        raise ValueError(text)
    return int(parts)


def _percent_or_off(value: int | None) -> str:
    return "off" if value is None else percent_text(value)


def _whole(most: int, least: int = 0) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or not least <= int(text) <= most:
            raise ValueError(text)
        return int(text)

    return read


def _number_or_off(text: str) -> int | None:
    return None if text.casefold() == "off" else _whole(_MOST_COMPLAINTS, 1)(text)


def _hook(text: str) -> tuple[str, ...]:
    return () if text.casefold() in {"", "off"} else command_of(text)


_SHARE = "a share like 2% or 0.5‰, or off"

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "hard",
        "Hard bounces above",
        "Of the mails with an outcome, so many bounced hard: the list is bad.",
        _SHARE,
        _percent,
        _percent_or_off,
    ),
    Setting(
        "complaints",
        "Complaints from",
        "So many people reported the mail as spam; 1 rings at the first.",
        f"a whole number from 1 to {_MOST_COMPLAINTS:,}, or off",
        _number_or_off,
        lambda value: "off" if value is None else str(value),
    ),
    Setting(
        "complaint-rate",
        "Complaints above",
        "Of the delivered mails, so many were reported as spam.",
        _SHARE,
        _percent,
        _percent_or_off,
    ),
    Setting(
        "domain",
        "Failed at one domain above",
        "Of the mails with an outcome at one receiving domain, so many failed: it refuses us.",
        _SHARE,
        _percent,
        _percent_or_off,
    ),
    Setting(
        "deferred",
        "Deferred above",
        "Of the mails that were tried, so many wait for another try: we are being slowed down.",
        _SHARE,
        _percent,
        _percent_or_off,
    ),
    Setting(
        "least",
        "Mails that make a share",
        "Below so many mails no share of the campaign is looked at, so that 1 of 2 does not ring.",
        f"a whole number from 1 to {_MOST_LEAST:,}",
        _whole(_MOST_LEAST, 1),
        str,
    ),
    Setting(
        "domain-least",
        "… at one domain",
        "The same for the mails to one receiving domain.",
        f"a whole number from 1 to {_MOST_LEAST:,}",
        _whole(_MOST_LEAST, 1),
        str,
    ),
    Setting(
        "days",
        "Days watched",
        "For so many days after its last mail (sent, delivered, put off or refused) a campaign is watched. What was"
        " sent before that rings no more, also where an old log is read in.",
        f"a whole number from 1 to {_MOST_DAYS}",
        _whole(_MOST_DAYS, 1),
        str,
    ),
    Setting(
        "hook",
        "Program to run",
        "Run once for each trip, without a shell: the trip stands as JSON on its stdin and in its environment"
        " (AFTERSEND_CAMPAIGN, AFTERSEND_WIRE, AFTERSEND_WHY, …).",
        "the whole path of a program with its arguments, or off",
        _hook,
        lambda value: shlex.join(value) or "off",
    ),
    Setting(
        "hook-timeout",
        "Seconds it may take",
        "After so many seconds the program is ended, with everything that it started.",
        f"a whole number from 1 to {_MOST_SECONDS}",
        _whole(_MOST_SECONDS, 1),
        str,
    ),
)
"""Every setting, in the order of the dialog."""
