"""When an address is blocked: the settings, what each means, and their defaults.

The rules follow what list managers have done for decades (Mailman's bounce processing: a score, a threshold, staleness
after which old bounces no longer add up), with one of our own: what lies with the sender never counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

from store.settings import Setting, named
from store.vocabulary import BounceKind

COUNTABLE = (BounceKind.HARD, BounceKind.SOFT, BounceKind.UNDETERMINED)
"""Kinds that may count against an address; block and content lie with the sender and never do."""

_MOST_BOUNCES = 50
_MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Policy:
    """When an address is blocked.

    Attributes:
        block_after: campaigns in a row that failed without a success in between, 1 to 50; 0: never by counting.
        hard_blocks: whether one hard bounce blocks at once.
        counts: kinds of bounces that count, of :data:`COUNTABLE`.
        stale_after_days: a failure this many days after the one before begins the count anew; 0: never.
        complaint_blocks: whether a complaint blocks.
    """

    block_after: int = 5
    hard_blocks: bool = True
    counts: frozenset[BounceKind] = frozenset(COUNTABLE)
    stale_after_days: int = 0
    complaint_blocks: bool = True

    def with_text(self, name: str, text: str) -> Policy:
        """Return the policy with one setting changed to what ``text`` says.

        Raises:
            BadInput: no setting has this name, or the text does not fit it.
        """
        setting = setting_named(name)
        return replace(self, **{setting.field: setting.read(text)})

    def text(self, name: str) -> str:
        """Return a setting as text that :meth:`with_text` reads."""
        return setting_named(name).text(self)


def setting_named(name: str) -> Setting:
    """Return the setting of this name.

    Raises:
        BadInput: there is none.
    """
    return named(SETTINGS, name, "setting")


def policy_of(texts: Mapping[str, str]) -> Policy:
    """Return the policy whose settings were kept as texts; what is not among them has its default."""
    policy = Policy()
    for name, text in texts.items():
        policy = policy.with_text(name, text)
    return policy


def changed(before: Policy, after: Policy) -> dict[str, tuple[str, str]]:
    """Return name -> (text before, text after) of the settings in which two policies differ."""
    names = (field.name.replace("_", "-") for field in fields(Policy))
    pairs = {name: (before.text(name), after.text(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _whole(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if not 0 <= number <= most:
            raise ValueError(text)
        return number

    return read


def _yes(text: str) -> bool:
    text = text.casefold()
    if text in {"yes", "true", "on", "1"}:
        return True
    if text in {"no", "false", "off", "0"}:
        return False
    raise ValueError(text)


def _kinds(text: str) -> frozenset[BounceKind]:
    text = text.casefold()
    if text == "none":
        return frozenset()
    words = {word.strip() for word in text.split(",")}
    kinds = frozenset(kind for kind in COUNTABLE if kind.value in words)
    if len(kinds) < len(words):
        raise ValueError(text)
    return kinds


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _listed(kinds: frozenset[BounceKind]) -> str:
    return ",".join(kind.value for kind in COUNTABLE if kind in kinds) or "none"


UNCHANGED = Policy()
"""What holds until somebody changes it."""

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "block-after",
        "Block after failures in a row",
        "An address is blocked when this many campaigns in a row failed, without one that arrived in between. Only"
        " the kinds named by “counts” are counted. 0 never blocks by counting.",
        f"a whole number from 0 to {_MOST_BOUNCES}",
        _whole(_MOST_BOUNCES),
        str,
    ),
    Setting(
        "hard-blocks",
        "One hard bounce blocks",
        "The receiving server said that there is no such address or host: it is blocked at once. With “no” it only"
        " counts as one failure.",
        "yes or no",
        _yes,
        _yes_or_no,
    ),
    Setting(
        "counts",
        "What counts",
        "Kinds of bounces that count against an address. What lies with the sender (reputation, authentication,"
        " policy, content, rate) is not among them and never counts; neither does what an operator excused or cleared.",
        "some of hard,soft,undetermined, with commas, or none",
        _kinds,
        _listed,
    ),
    Setting(
        "stale-after-days",
        "Forget failures after days",
        "A failure this many days or more after the last one that counted begins the count anew, so that five"
        " failures in five years do not block. 0 never forgets.",
        f"a whole number from 0 to {_MOST_DAYS}",
        _whole(_MOST_DAYS),
        str,
    ),
    Setting(
        "complaint-blocks",
        "A complaint blocks",
        "Somebody who reported a campaign as spam gets no more. Providers expect this; consent is withdrawn either"
        " way, which skips the person in later campaigns.",
        "yes or no",
        _yes,
        _yes_or_no,
    ),
)
"""Every setting, in the order of the page."""
