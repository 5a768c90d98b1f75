"""What the paths of a web server mean: patterns that name campaign, recipient and link, said by the operator.

A pattern is a path with names in braces, and the parameters that must be there, in any order::

    /r/{link}?utm_campaign={campaign}&u={recipient}
    /campaign/{campaign:uuid}/{recipient:uuid}/px.png
    https://go.shop.example/away/{recipient}/{url}
    /*?utm_campaign={campaign}

A name takes the text up to the next "/" or up to the text that follows the name, never less than one character;
``{name:uuid}`` takes a UUID only. ``{}`` takes anything and means nothing; ``{url}`` at the end takes the rest, slashes
and all; ``*`` at the end is any path. A host counts where the log names one. Patterns are no regular expressions: what
they are turned into never tries twice, so a hostile path costs time in proportion to its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote, unquote_plus

from store.errors import BadInput
from store.vocabulary import EventType

PATHS: dict[str, EventType] = {
    "click": EventType.CLICKED,
    "pixel": EventType.OPENED,
    "unsubscribe": EventType.UNSUBSCRIBED,
}
"""The sorts of paths that can be told, and what a request for one is."""

READY: dict[str, tuple[tuple[str, str], ...]] = {
    "listmonk": (
        ("click", "/link/{link:uuid}/{campaign:uuid}/{recipient:uuid}"),
        ("pixel", "/campaign/{campaign:uuid}/{recipient:uuid}/px.png"),
        ("unsubscribe", "/subscription/{campaign:uuid}/{recipient:uuid}"),
    ),
}
"""Patterns of programs whose paths are known (listmonk: cmd/handlers.go, the public routes)."""

NAMES = frozenset({"campaign", "recipient", "link", "url", ""})
_UUID = "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_PLACE = re.compile(r"\{([a-z]*)(?::([a-z]*))?\}")
_HOST = re.compile(r"(?:https?:)?//([^/?#{}*]+)(?=[/?]|\Z)", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9._~/-]+")
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
Values = dict[str, str]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that must be there.

    Attributes:
        name: its name.
        place: the name in braces that takes its value; None: none does.
        text: the value it must have; "": any.
        expression: finds it in a query; its group is the value, percent-encoded.
    """

    name: str
    place: str | None
    text: str
    expression: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern, ready to be tried.

    Attributes:
        kind: what a request for such a path is.
        text: as it was written.
        host: the host it holds for, in small letters, without a port; "": for all.
        path: takes a path as the server logs it, its groups are named.
        query: the parameters that must be there.
        rest: the last name takes the query, too.
        before: what stands before the link's name where a link is shown ("/r/" of /r/{link}).
        anchor: bytes that are in every line with such a request; b"" if there are none.
    """

    kind: EventType
    text: str
    host: str
    path: re.Pattern[str]
    query: tuple[Parameter, ...]
    rest: bool
    before: str
    anchor: bytes

    @classmethod
    def parse(cls, kind: EventType, text: str) -> Self:
        """Read a pattern.

        Raises:
            BadInput: it is none; the text says what is wrong.
        """
        host = _HOST.match(text)
        path, _, query = (text[host.end() :] or "/" if host else text).partition("?")
        places = _places(text)
        if not path.startswith("/"):
            raise BadInput(f"{text!r} is no pattern: it must begin with / or with http://.")
        if len(set(places)) != len(places):
            raise BadInput(f"{text!r} names the same thing twice.")
        rest = path.endswith("{url}") and not query
        wanted = tuple(_parameter(text, part) for part in query.split("&") if part)
        anchor = max([*_anchors(path), *(_query_anchor(parameter.name) for parameter in wanted)], key=len, default=b"")
        if not anchor.strip(b"/") and ":uuid}" not in text:
            raise BadInput(f"{text!r} would take every path: it needs some text of its own.")
        return cls(
            kind,
            text,
            host[1].partition(":")[0].lower() if host else "",
            re.compile(_expression(text, path, rest)),
            wanted,
            rest,
            _before(path, wanted),
            anchor,
        )

    def values(self, path: str, query: str) -> Values | None:
        """Return what a request's path and query name (percent-decoded), None if they are no such path's."""
        match = self.path.fullmatch(f"{path}?{query}" if self.rest and query else path)
        if match is None:
            return None
        found = {name: unquote(value) if "%" in value else value for name, value in match.groupdict().items()}
        if self.rest and "://" in match["url"]:
            found["url"] = match["url"]
        if self.query:
            for wanted in self.query:
                given = wanted.expression.search(query)
                if given is None:
                    return None
                place, value = wanted.place, given[1] or ""
                if place is None and wanted.text and unquote_plus(value) != wanted.text:
                    return None
                if place:
                    # A plus is a blank in what browsers build of forms, and a plus in an address.
                    value = value.replace("+", " ") if place == "campaign" else value
                    found[place] = unquote(value) if "%" in value else value
        return found


@dataclass(frozen=True, slots=True)
class WebPaths:
    """What the operator said about a web server's paths.

    Attributes:
        patterns: in the order in which they are tried; the first that fits counts.
        tokens: what a recipient's token stands for: an address, or a contact's id in the CRM; without any, what is no
            address is such an id itself.
        links: what a link's token stands for: its target.
    """

    patterns: tuple[Pattern, ...]
    tokens: dict[str, str]
    links: dict[str, str]

    @classmethod
    def parse(cls, said: Iterable[tuple[str, str]]) -> Self:
        """Read (sort of path, pattern) pairs, or ("paths", name of ready ones).

        Raises:
            BadInput: one of them is no pattern, or no ready ones have that name.
        """
        patterns: list[Pattern] = []
        for key, text in said:
            ready = READY.get(text.lower()) if key == "paths" else ((key, text),)
            if ready is None:
                raise BadInput(f"--map: no paths of {text!r} are known; those of {', '.join(READY)} are.")
            patterns += [Pattern.parse(PATHS[kind], pattern) for kind, pattern in ready]
        return cls(tuple(patterns), {}, {})

    def said(self) -> list[tuple[str, str]]:
        """Return the patterns as :meth:`parse` reads them."""
        words = {kind: word for word, kind in PATHS.items()}
        return [(words[pattern.kind], pattern.text) for pattern in self.patterns]


def _places(text: str) -> list[str]:
    """Return the names that a pattern gives things.

    Raises:
        BadInput: something in braces is no name.
    """
    left = _PLACE.sub("", text)
    if "{" in left or "}" in left:
        raise BadInput(f"{text!r} is no pattern: in braces stand campaign, recipient, link, url or nothing.")
    found = []
    for name, shape in _PLACE.findall(text):
        if name not in NAMES or shape not in {"", "uuid"}:
            said = f"{name}:{shape}" if shape else name
            raise BadInput(
                f"{text!r}: {{{said}}} is unknown; there are {{campaign}}, {{recipient}}, {{link}}, {{url}}."
            )
        if name:
            found.append(name)
    return found


def _expression(text: str, path: str, rest: bool) -> str:
    """Return the regular expression of a path; each name is an atomic group or takes one segment, so none backtracks.

    Raises:
        BadInput: two names stand side by side.
    """
    open_end = path.endswith("*")
    made: list[str] = []
    pieces = _PLACE.split(path.removesuffix("*"))
    if "*" in "".join(pieces[::3]):
        raise BadInput(f"{text!r}: * may stand at the end of the path only.")
    for at in range(0, len(pieces), 3):
        literal, last = pieces[at], at + 3 > len(pieces)
        if not literal and 0 < at and not last:
            raise BadInput(f"{text!r}: between two names there must be some text.")
        made.append(_literal(literal))
        if last:
            break
        name, shape, after = pieces[at + 1], pieces[at + 2], pieces[at + 3]
        made.append(_taker(name, shape, after, final=at + 4 == len(pieces), rest=rest))
    return "".join(made) + (".*" if open_end else "" if rest or path.endswith("/") else "/?")


def _taker(name: str, shape: str | None, after: str, *, final: bool, rest: bool) -> str:
    """Return the expression for one name: up to the text behind it, the last one in a segment as far as it goes."""
    group = f"?P<{name}>" if name else "?:"
    if shape:
        return f"({group}{_UUID})"
    if final and rest and not after:
        return f"({group}.+)"
    stop = after.partition("/")[0]
    if not stop:
        return f"({group}[^/]++)"
    if final or "/" in after:
        # The text ends the segment: everything before its last occurrence.
        return f"({group}[^/]+)"
    return f"({group}(?>[^/]+?(?={_literal(stop)})))"


def _literal(text: str) -> str:
    """Return the expression for a text as it may stand in a log: itself, or percent-encoded."""
    made = []
    for char in unquote(text):
        if char in _SAFE:
            made.append(re.escape(char))
        else:
            made.append(f"(?:{re.escape(char)}|(?i:{quote(char, safe='')}))")
    return "".join(made)


def _parameter(text: str, part: str) -> Parameter:
    name, _, value = part.partition("=")
    place = _PLACE.fullmatch(value)
    if not name or "{" in name or (place is None and "{" in value) or (place is not None and place[2]):
        raise BadInput(f"{text!r}: {part!r} should be parameter={{name}} or parameter=text.")
    # Mail programs that take a link's "&amp;" for its text ask for "amp;u=…".
    expression = re.compile(f"(?:^|&)(?:amp;)?{_literal(name)}(?:=([^&]*+)|(?=&|$))")
    text = "" if place else unquote_plus(value)
    return Parameter(unquote_plus(name), (place[1] or None) if place else None, text, expression)


def _anchors(path: str) -> list[bytes]:
    literals = unquote(_PLACE.sub("\n", path.removesuffix("*")))
    return [run.encode("ascii") for run in _PLAIN.findall(literals)]


def _query_anchor(name: str) -> bytes:
    return f"{name}=".encode("ascii") if _PLAIN.fullmatch(name) else b""


def _before(path: str, wanted: Iterable[Parameter]) -> str:
    start = _PLACE.search(path)
    if start is not None:
        return path[: start.start()] if start[1] == "link" else ""
    return next((f"{path}?{parameter.name}=" for parameter in wanted if parameter.place == "link"), "")
