"""What a server says, without what is different in every mail: the pattern by which failures are told apart.

Addresses, hosts, IP addresses, links, times, long numbers and identifiers become placeholders; codes and words stay.
Words are looked at one by one and remembered, since the words of a hundred thousand failures are mostly the same few.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

LOOKED_AT: Final = 240
"""Characters that make a pattern; what servers say after them makes no other cause."""

_REMEMBERED = 1 << 16
_SAID = re.compile(r"(?:host|client|server) \S+ said: ", re.IGNORECASE)
_ANSWER = re.compile(r".{0,80}?(?=[45]\d\d[ -][45]\.\d{1,3}\.\d{1,3} )")
_REPLY_TO = re.compile(r" \(in reply to [A-Za-z -]{1,40} command\)\s*\Z")
_AGAIN = re.compile(r"[245]\d\d-(?:[245]\.\d{1,3}\.\d{1,3})?\Z|\(#[245]\.\d{1,3}\.\d{1,3}\)\Z")
_PARTS = re.compile(r"([\W_]*)(.*?)([\W_]*)\Z", re.DOTALL)
_KINDS = re.compile(
    r"(?P<CODE>(?:[245]\d\d[ -])?[245]\.\d{1,3}\.\d{1,3})"
    r"|(?P<LINK>(?:https?|ftp|mailto):.*)"
    r"|(?P<TIME>\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?|\d{4}-\d\d-\d\d(?:T\S+)?)"
    r"|(?P<IP>\d{1,3}(?:\.\d{1,3}){3}|(?=.*:.*:)[0-9a-fA-F:.]+)"
    r"|(?P<HOST>(?:[a-z0-9_-]+\.)+(?:[a-z]{2,}|xn--[a-z0-9-]+)(?:\[.*)?)"
    r"|(?P<NUMBER>\d{4,}|\d+[.,]\d+)"
    r"|(?P<ID>(?=.*\d)[A-Za-z0-9_./+=-]{7,}|[0-9a-fA-F]{12,})"
)


class _Words(dict[str, str]):
    """A word behind the first -> what of it is the same in every mail, "" for a code that is repeated.

    It is worked out when the word is first met.
    """

    def __missing__(self, word: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        found = self[word] = "" if _AGAIN.match(word) else _plain(word)
        return found


_words = _Words()


def answer(said: str) -> str:
    """Return the server's own words, without those that ours puts around them ("host … said:", "in reply to …")."""
    found = _SAID.match(said)
    return _REPLY_TO.sub("", said[found.end() :] if found else said)


def pattern(said: str | None) -> str:
    """Return the server's words with placeholders for what is different in every mail; "" where it said nothing.

    What our own server or a bounce mail's writer puts around them ("host … said:", "Reason:", "in reply to …
    command") is left out, and so are the codes that a reply repeats.
    """
    if not said:
        return ""
    text = said
    if not said[:3].isdecimal():
        found = _SAID.match(said) or _ANSWER.match(said)
        text = said[found.end() :] if found else said
    if len(text) > LOOKED_AT:
        # A word cut in two would be another one in every mail.
        text = text[:LOOKED_AT].rpartition(" ")[0] or text[:LOOKED_AT]
    elif "(in reply to " in text:
        text = _REPLY_TO.sub("", text)
    first, *rest = text.split() or [""]
    return " ".join([_plain(first), *filter(None, map(_words.__getitem__, rest))])


@lru_cache(maxsize=1024)
def _plain(word: str) -> str:
    before, core, after = _PARTS.match(word).groups()  # type: ignore[union-attr]
    if core.isalpha():
        return word
    name, equals, value = core.rpartition("=")
    if equals and name and value and "/" not in name:
        return f"{before}{name}={_placeholder(value)}{after}"
    return f"{before}{_placeholder(core)}{after}"


def _placeholder(core: str) -> str:
    if "@" in core:
        return "ADDRESS"
    found = _KINDS.fullmatch(core)
    return core if found is None or found.lastgroup in {None, "CODE"} else str(found.lastgroup)
