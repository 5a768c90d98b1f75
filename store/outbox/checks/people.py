"""Who gets the message, who does not and why, and who got it before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from store.outbox.checks.finding import Case, Found, Level
from store.vocabulary import SkipReason

_SHOWN: Final = 3


def recipients(case: Case) -> Found:
    """There is somebody to send it to."""
    audience = case.audience
    if audience is None:
        yield Level.YELLOW, "Nobody was named who would get it (--to, --campaign)", ""
    elif not audience.count:
        yield Level.RED, f"Nobody gets it: {audience.words}", ""
    else:
        left = sum(audience.left_out.values())
        beside = f", {left:,} {'is' if left == 1 else 'are'} left out" if left else ""
        yield Level.GREEN, f"{_people(audience.count)} of {audience.words} {_get(audience.count)} it{beside}", ""


def _left_out(*reasons: SkipReason, one: str, many: str, none: str) -> Callable[[Case], Found]:
    """Return the rule that tells who is left out for one of these reasons."""

    def look(case: Case) -> Found:
        audience = case.audience
        if audience is None:
            return
        counted = {reason: audience.left_out.get(reason, 0) for reason in reasons}
        for reason, count in counted.items():
            if count:
                names = audience.named.get(reason, ())[:_SHOWN]
                more = f" and {count - len(names):,} more" if count > len(names) and names else ""
                words = f": {', '.join(names)}{more}" if names else ""
                told = (one if count == 1 else many).format(count=f"{count:,}", reason=reason.value)
                yield Level.YELLOW, f"{told}{words}", ""
        if not any(counted.values()):
            yield Level.GREEN, none, ""

    return look


duplicates = _left_out(
    SkipReason.DUPLICATE,
    one="{count} address is there twice; it gets one mail",
    many="{count} addresses are there more than once; each gets one mail",
    none="Nobody is there twice",
)
blocked = _left_out(
    SkipReason.BLOCKED,
    one="{count} address is blocked and gets nothing",
    many="{count} addresses are blocked and get nothing",
    none="Nobody is blocked",
)
consent = _left_out(
    SkipReason.NO_CONSENT,
    SkipReason.UNSUBSCRIBED,
    SkipReason.COMPLAINED,
    one="{count} person gets nothing ({reason})",
    many="{count} people get nothing ({reason})",
    none="Nobody has refused, unsubscribed or complained",
)
former = _left_out(
    SkipReason.FORMER,
    one="{count} former employee gets nothing",
    many="{count} former employees get nothing",
    none="Nobody has left their company",
)
unusable = _left_out(
    SkipReason.NO_ADDRESS,
    SkipReason.INVALID,
    one="{count} person gets nothing ({reason})",
    many="{count} people get nothing ({reason})",
    none="Everybody has an address",
)


def again(case: Case) -> Found:
    """Nobody gets this message who got it before."""
    audience = case.audience
    if audience is None:
        return
    if not audience.again:
        yield Level.GREEN, "Nobody got this message before", ""
        return
    names = audience.again_named[:_SHOWN]
    more = f" and {audience.again - len(names):,} more" if audience.again > len(names) else ""
    told = f"{_people(audience.again)} got this message before, in {', '.join(audience.again_in)}"
    yield Level.RED, f"{told}: {', '.join(names)}{more}", ""


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def _get(count: int) -> str:
    return "gets" if count == 1 else "get"
