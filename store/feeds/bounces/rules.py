"""The classifier's rules, read once from ``rules.toml``."""

from __future__ import annotations

import tomllib
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from store.vocabulary import BounceKind

_RULES = Path(__file__).with_name("rules.toml")
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a failure means.

    Attributes:
        reason: its name ("userunknown", "mailboxfull", ...).
        kind: whose fault it is, and whether the address is dead.
    """

    reason: str
    kind: BounceKind


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason.

    Attributes:
        name: its name.
        kind: its kind when the failure is permanent.
        sentence: what the screen says.
        acts: who has to act: "recipient", "server", "us" or "nobody".
        phrases: what servers say; several pieces have to follow each other within a sentence.
        weak: phrases that count only where no reason's other phrases occur.
        sure: words that need no code beside them.
        kumomta: its class in KumoMTA's bounce classifier.
        powermta: its category in PowerMTA's accounting.
        by_status: kinds that a status code gives it instead.
    """

    name: str
    kind: BounceKind
    sentence: str
    acts: str
    phrases: tuple[tuple[str, ...], ...]
    weak: tuple[tuple[str, ...], ...]
    sure: tuple[str, ...]
    kumomta: str
    powermta: str
    by_status: dict[str, BounceKind]


@dataclass(frozen=True, slots=True)
class Override:
    """What certain receivers mean by words or codes that mean something else elsewhere.

    ``ends`` are the ends of the names of all hosts in ``domains``.
    """

    reason: str
    domains: tuple[str, ...]
    phrases: tuple[str, ...]
    statuses: tuple[str, ...]
    commands: tuple[str, ...]
    ends: tuple[str, ...]

    def speaks(self, domain: str, remote: str) -> bool:
        """Tell whether it is one of these receivers: by the domain of the address or the name of the host."""
        return not self.domains or f".{domain}".endswith(self.ends) or any(map(remote.__contains__, self.domains))

    def holds(self, core: str, status: str | None, command: str | None) -> bool:
        """Tell whether the words and codes are those that are meant."""
        if self.commands and command not in self.commands:
            return False
        if self.statuses and status not in self.statuses:
            return False
        return not self.phrases or any(map(core.__contains__, self.phrases))


@dataclass(frozen=True)
class Rules:
    """All rules.

    Attributes:
        reasons: by name, in the order in which their phrases are looked for.
        codes: subject.detail of a status code -> reason.
        replies: SMTP reply code -> reason, where nothing else says it.
        commands: SMTP command -> reason, where nothing else says it.
        becomes: (reason, SMTP command) -> the reason that it is then.
        overrides: receivers with words of their own.
        sure_codes: subject.detail that is believed before the words.
        vague_codes: subject.detail that is believed after all words.
        vague: reasons for which the words around are asked as well.
    """

    reasons: dict[str, Reason]
    codes: dict[str, str]
    replies: dict[int, str]
    commands: dict[str, str]
    becomes: dict[tuple[str, str], str]
    overrides: tuple[Override, ...]
    sure_codes: frozenset[str]
    vague_codes: frozenset[str]
    vague: frozenset[str]
    _seen: OrderedDict[str, tuple[str | None, str | None]] = field(default_factory=OrderedDict, compare=False)

    def by_words(self, core: str) -> tuple[str | None, str | None]:
        """Return the first reason one of whose phrases occurs in ``core``, and the first by its weak phrases.

        ``core`` is lower case with its blanks squeezed.
        """
        if core in self._seen:
            return self._seen[core]
        strong = next((name for name, reason in self.reasons.items() if _says(reason.phrases, core)), None)
        faint = None
        if strong is None:
            faint = next((name for name, reason in self.reasons.items() if _says(reason.weak, core)), None)
        if len(self._seen) >= _REMEMBERED:
            self._seen.popitem(last=False)
        self._seen[core] = strong, faint
        return strong, faint


def _says(phrases: tuple[tuple[str, ...], ...], core: str) -> bool:
    # A plain loop: any() with a generator takes three times as long, and this is most of the work on a mail.
    for phrase in phrases:
        if phrase[0] in core and (len(phrase) == 1 or _follow(phrase, core)):
            return True
    return False


def _follow(phrase: tuple[str, ...], core: str) -> bool:
    start = 0
    for piece in phrase:
        found = core.find(piece, start)
        if found < 0 or (start and ". " in core[start:found]):
            return False
        start = found + len(piece)
    return True


@cache
def load() -> Rules:
    """Return the rules; the file is read once."""
    with open(_RULES, "rb") as file:
        data = tomllib.load(file)
    reasons: dict[str, Reason] = {}
    codes: dict[str, str] = {}
    replies: dict[int, str] = {}
    for entry in data["reason"]:
        name = str(entry["name"])
        reasons[name] = _reason(name, entry)
        codes.update(dict.fromkeys(entry.get("codes", ()), name))
        replies.update(dict.fromkeys(entry.get("replies", ()), name))
    becomes = {(one["reason"], word): one["becomes"] for one in data["after"] for word in one["commands"]}
    overrides = tuple(map(_override, data["override"]))
    sure, late, vague = (frozenset(data[key]) for key in ("sure_codes", "vague_codes", "vague"))
    return Rules(reasons, codes, replies, data["commands"], becomes, overrides, sure, late, vague)


def _override(entry: dict[str, Any]) -> Override:
    domains, phrases, statuses, commands = (
        tuple(entry.get(key, ())) for key in ("domains", "phrases", "statuses", "commands")
    )
    return Override(entry["reason"], domains, phrases, statuses, commands, tuple(f".{domain}" for domain in domains))


def _reason(name: str, entry: dict[str, object]) -> Reason:
    def text(key: str) -> str:
        return str(entry.get(key, ""))

    def pieces(key: str) -> tuple[tuple[str, ...], ...]:
        listed = entry.get(key, [])
        assert isinstance(listed, list)
        return tuple(tuple(str(phrase).split(" * ")) for phrase in listed)

    statuses = entry.get("by_status", {})
    assert isinstance(statuses, dict)
    return Reason(
        name,
        BounceKind[text("kind").upper()],
        text("sentence"),
        text("acts"),
        pieces("phrases"),
        pieces("weak"),
        tuple(phrase for (phrase,) in pieces("sure")),
        text("kumomta"),
        text("powermta"),
        {code: BounceKind[kind.upper()] for code, kind in statuses.items()},
    )
