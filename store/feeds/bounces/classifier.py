"""Why a mail failed and whose fault it is, from the server's words, the status code and the reply code.

The rules are data (``rules.toml``). The words count most, then the RFC 3463 code, then the SMTP reply code: servers
write 5.0.0 for everything, but they say what they mean. A permanent code alone never makes a failure hard; the
reason does. A temporary failure is soft whatever its reason.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from store.vocabulary import BounceKind

_RULES = Path(__file__).with_name("rules.toml")
_NOISE = re.compile(
    r"<[^<>\s]*>|[^\s<>@]+@[^\s<>@]+|https?://\S+"  # addresses and links, whose words mean nothing here
    r"|\b[2-5]\d\d[- ](?:[245]\.\d{1,3}\.\d{1,3})?|\b[245]\.\d{1,3}\.\d{1,3}\b"  # the codes of each line of a reply
    r"|^host \S+ (?:said: |refused to talk to me: )|\(in reply to [^)]*\)|(?<!\S)[^\s\d]*\d\S{9,}"  # speaker, ids
)
_BLANKS = re.compile(r"\s+")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(r"(?:^|said: |to me: |smtp; ?|: |> |\n)([2-5]\d\d)(?=[ -]|$)")
_WORDS = 4000
_WORDLESS = frozenset({"0.0"})


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
class _Reason:
    name: str
    kind: BounceKind
    sentence: str
    phrases: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Rules:
    reasons: dict[str, _Reason]
    codes: dict[str, str]
    replies: dict[int, str]


def classify(status: str | None, reply: int | None, text: str | None) -> Verdict:
    """Return reason and kind of a failure.

    Args:
        status: RFC 3463 code "x.y.z".
        reply: SMTP reply code.
        text: the server's words.
    """
    rules = _rules()
    text = text[:_WORDS] if text else None
    temporary = _temporary(status, reply)
    detail = status.partition(".")[2] if status else ""
    name = _by_words(_core(text)) if text else None
    if name is None:
        name = rules.codes.get(detail)
    if detail == "4.4":
        # No such host is final as 5.4.4; 4.4.4 is a name server that does not answer.
        name = "networkerror" if temporary else "hostunknown"
    if name is None and reply is not None:
        name = rules.replies.get(reply)
    if name is None:
        name = "onhold" if text and _core(text) else "undefined"
    return Verdict(name, BounceKind.SOFT if temporary else rules.reasons[name].kind)


def sentence(reason: str | None) -> str:
    """Return the plain sentence for a reason ("The mailbox is full"); an unknown reason is its own sentence."""
    known = _rules().reasons.get(reason or "undefined")
    return known.sentence if known else str(reason)


def reasons() -> dict[str, BounceKind]:
    """Return every reason with the kind that it has when the failure is permanent."""
    return {name: reason.kind for name, reason in _rules().reasons.items()}


def find_status(text: str) -> str | None:
    """Return the first RFC 3463 code in a server's words that says more than x.0.0; else the first one."""
    found = _STATUS.findall(text)
    for code in found:
        if code[2:] not in _WORDLESS:
            return str(code)
    return str(found[0]) if found else None


def find_reply(text: str) -> int | None:
    """Return the SMTP reply code with which a server's words begin."""
    match = _REPLY.search(text)
    return int(match[1]) if match else None


def _temporary(status: str | None, reply: int | None) -> bool:
    if reply is not None:
        return 400 <= reply < 500
    return status is not None and status.startswith("4.")


@lru_cache(maxsize=4096)
def _core(text: str) -> str:
    """Return the words of a reply without what differs from mail to mail."""
    return _BLANKS.sub(" ", _NOISE.sub(" ", text)).lower().strip(" .:;,()-")


@lru_cache(maxsize=4096)
def _by_words(core: str) -> str | None:
    for name, reason in _rules().reasons.items():
        for phrase in reason.phrases:
            if _occurs(phrase, core):
                return name
    return None


def _occurs(phrase: tuple[str, ...], core: str) -> bool:
    if len(phrase) == 1:
        return phrase[0] in core
    start = 0
    for piece in phrase:
        found = core.find(piece, start)
        if found < 0 or (start and ". " in core[start:found]):
            return False
        start = found + len(piece)
    return True


@cache
def _rules() -> _Rules:
    with open(_RULES, "rb") as file:
        data = tomllib.load(file)
    reasons: dict[str, _Reason] = {}
    codes: dict[str, str] = {}
    replies: dict[int, str] = {}
    for entry in data["reason"]:
        name = entry["name"]
        phrases = tuple(tuple(phrase.split(" * ")) for phrase in entry.get("phrases", ()))
        reasons[name] = _Reason(name, BounceKind[entry["kind"].upper()], entry["sentence"], phrases)
        codes.update(dict.fromkeys(entry.get("codes", ()), name))
        replies.update(dict.fromkeys(entry.get("replies", ()), name))
    return _Rules(reasons, codes, replies)
