"""What a rule says of a message, and what it is given to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from store.outbox.checks.page import Page
from store.outbox.compose import Composer
from store.outbox.content import How, Message, Person
from store.outbox.template import Filled
from store.vocabulary import SkipReason


class Level(StrEnum):
    """How a finding stands, the gravest first."""

    RED = "red"
    ASKED = "asked"
    YELLOW = "yellow"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found.

    Attributes:
        rule: the rule's id.
        level: red and asked keep the message from being sent, unless ``vouched``.
        sentence: what was found, for people; clean.
        where: file and line or the like, "" if it has no place.
        vouched: who ticked it off or overrode it, when and why; "" if nobody did.
    """

    rule: str
    level: Level
    sentence: str
    where: str = ""
    vouched: str = ""

    @property
    def blocks(self) -> bool:
        """Whether nothing is sent because of it."""
        return self.level in {Level.RED, Level.ASKED} and not self.vouched


@dataclass(frozen=True, slots=True)
class Failure:
    """Somebody whose mail cannot be built, and why."""

    address: str
    name: str
    sentence: str
    field: str
    where: str


@dataclass(slots=True)
class Audience:
    """Who would get the message, as the store knows them now.

    Attributes:
        words: what was chosen ("list Spring").
        count: how many get it.
        left_out: how many do not, by reason.
        named: the first of those, by reason, as people know them.
        failures: those whose mail cannot be built; the first ones.
        failed: how many these are in all.
        again: how many got this message before.
        again_named: the first of these.
        again_in: the campaigns in which they got it.
        first: somebody whose mail can be built, if there is anybody.
    """

    words: str
    count: int = 0
    left_out: Mapping[SkipReason, int] = field(default_factory=dict)
    named: Mapping[SkipReason, tuple[str, ...]] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    failed: int = 0
    again: int = 0
    again_named: tuple[str, ...] = ()
    again_in: tuple[str, ...] = ()
    first: Person | None = None


@dataclass(frozen=True, slots=True)
class Vouch:
    """What somebody put their name to: a tick, or an override with its reason.

    Attributes:
        rule: the rule's id.
        said: what the rule said then; "" for a tick.
        reason: "" for a tick.
        by: the operator.
        at: when.
    """

    rule: str
    said: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of asking for a link.

    Attributes:
        status: of the last answer; 0 if there was none.
        words: the same for people, to be said behind the link.
    """

    status: int
    words: str


AskLinks = Callable[[list[str]], Mapping[str, Answer]]
"""Asks for links; returns what answered, by link."""

AskText = Callable[[str], list[str] | None]
"""Asks the DNS for the TXT records of a name: [] if there are none, None if that could not be found out."""


@dataclass(slots=True)
class Case:
    """All that rules look at.

    Attributes:
        message: the message.
        how: how it would be sent.
        now: aware.
        composer: what builds its mails; None if the message makes none.
        broken: why it makes none, with the place; "" if it does.
        broken_at: the place.
        person: the person for whom ``filled`` is filled: one of those who get it, or somebody made up.
        filled: the texts for them; None if they cannot be filled.
        page: what the filled HTML shows.
        size_bytes: of their whole mail; 0 if it cannot be built.
        audience: who gets it; None if nobody was named yet.
        taken: the name of another campaign that has the key, "" if none has it.
        vouches: what people put their names to, by rule.
        ask_links: None: links are not asked.
        ask_text: None: the DNS is not asked.
    """

    message: Message
    how: How
    now: datetime
    composer: Composer | None = None
    broken: str = ""
    broken_at: str = ""
    person: Person | None = None
    filled: Filled | None = None
    page: Page = field(default_factory=Page)
    size_bytes: int = 0
    audience: Audience | None = None
    taken: str = ""
    vouches: Mapping[str, Vouch] = field(default_factory=dict)
    ask_links: AskLinks | None = None
    ask_text: AskText | None = None

    def at(self, part: str, line: int = 0) -> str:
        """Return a place for people: "text.txt, line 4"."""
        name = part if part in self.message.headers else self.message.part(part)
        return f"{name}, line {line}" if line and part in {"text", "html"} else name


Found = Iterator[tuple[Level, str, str]]
"""Level, sentence and place of each finding of a rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Attributes:
        id: as operators write it.
        label: a few words for a table.
        help: what it looks at and why.
        look: looks at a case; yields at least one finding, unless there is nothing it could be about.
        ticked: it is a person who says so, not the program.
    """

    id: str
    label: str
    help: str
    look: Callable[[Case], Found]
    ticked: bool = False
