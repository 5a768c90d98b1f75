"""Repairing what is no address, or only nearly one: what was pasted around it, letters that look alike, lost signs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from store.cleaning import normalized
from store.suggestions.letters import bare, latin, spelled

_INVISIBLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufffc\ufffd]"
)
_NAMED: Final = re.compile(r"^[^<>]*<\s*([^<>\s]+)\s*>[^<>]*$")
_PREFIX: Final = re.compile(r"^\s*(?:mailto|e-?mail|smtp|mail)\s*[:=]\s*(?://)?", re.IGNORECASE)
_QUERY: Final = re.compile(r"\?(?:subject|body|cc|bcc)=.*$", re.IGNORECASE | re.DOTALL)
_AT: Final = re.compile(r"\s*(?:\(at\)|\[at\]|\{at\}|<at>|_at_|\(a\)|%40|&#64;|\uff20)\s*|\s+at\s+", re.IGNORECASE)
_DOT: Final = re.compile(r"\s*(?:\(dot\)|\[dot\]|\{dot\}|\(punkt\)|\[punkt\])\s*|\s+(?:dot|punkt)\s+", re.IGNORECASE)
_AROUND: Final = (
    "\"'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a()[]{}<>,;:!|*\u00b7\u2022\u2026"
)
_PLAIN: Final = str.maketrans("\u2018\u2019\u00b4\u2010\u2011\u2013\u2014\u2212\u3002", "'''-----.")
"""Typographic quotes, dashes and stops, as a word processor makes them."""
_TOKEN: Final = re.compile(r"[^\s@<>;,/|()\[\]\"\u201c\u201d\u201e]+@[^\s@<>;,/|()\[\]\"\u201c\u201d\u201e]+")


@dataclass(frozen=True, slots=True)
class Repair:
    """An address as it may have been meant.

    Attributes:
        address: what comes out; not checked.
        score: how probable it is that this was meant, 0 to 100.
        why: what was repaired, for people.
    """

    address: str
    score: int
    why: str


_Step = tuple[Callable[[str], str], int, str]

_STEPS: Final[tuple[_Step, ...]] = (
    (lambda text: _INVISIBLE.sub("", text.replace("\u00a0", " ")), 97, "invisible characters in it"),
    (lambda text: normalized("NFKC", text).translate(_PLAIN), 95, "characters of another script in it"),
    (lambda text: _QUERY.sub("", _PREFIX.sub("", text)), 97, "“mailto:” or the like in front"),
    (lambda text: found.group(1) if (found := _NAMED.match(text)) else text, 95, "a name and brackets around it"),
    (lambda text: text.strip().strip(_AROUND).strip(), 96, "blanks, quotes or punctuation around it"),
    (lambda text: _DOT.sub(".", _AT.sub("@", text)) if "@" not in text else _DOT.sub(".", text), 93, "“at” in words"),
    (lambda text: re.sub(r"@{2,}", "@", text), 94, "more than one @"),
    (lambda text: re.sub(r"\s*([@.])\s*", r"\1", text), 93, "blanks in it"),
    (lambda text: _of_domain(text, _tidy_domain), 92, "dots or commas in its domain out of place"),
    (lambda text: _of_local(text, _tidy_local), 88, "dots or commas in front of the @ out of place"),
    (latin, 90, "letters of another script that only look Latin"),
)
"""One after the other: what each makes of the text, how sure it is, and what was wrong when it changed something."""


def repairs(text: str) -> Iterator[Repair]:
    """Yield what may be meant by a text that is an address only nearly, the surest first."""
    now, score, whys = text, 100, []
    for step, worth, why in _STEPS:
        after = step(now)
        if after != now:
            now, score = after, min(score, worth)
            whys.append(why)
    now = now.strip()
    if whys and now != text:
        yield Repair(now, score - len(whys) + 1, "it had " + " and ".join(whys))
    yield from _without_accents(now, score)
    yield from _without_blanks(now)
    yield from _inside(text)


def without_sign(text: str, domains: Callable[[str], bool]) -> Iterator[Repair]:
    """Yield what may be meant by a text without any @ that ends in a domain; ``domains`` tells which ones are known."""
    plain = text.strip().strip(_AROUND).strip().casefold()
    if not plain.startswith("www.") and not {"@", " ", "/"} & set(plain):
        yield from _split(plain, domains)


def _split(plain: str, domains: Callable[[str], bool]) -> Iterator[Repair]:
    for at in range(2, len(plain) - 4):
        if not domains(plain[at:]):
            continue
        local, sign = plain[:at], plain[at - 1]
        if sign in "#.-_,;:/&%=$§€?" and len(local) > 2:
            yield Repair(f"{local[:-1]}@{plain[at:]}", 82, f"it had “{sign}” in place of the @")
        elif sign in "q2" and len(local) > 3:
            yield Repair(f"{local[:-1]}@{plain[at:]}", 68, f"it may have “{sign}” in place of the @ (the same key)")
            yield Repair(f"{local}@{plain[at:]}", 66, "it lacks the @")
        else:
            yield Repair(f"{local}@{plain[at:]}", 80, "it lacks the @")
        return


def _of_domain(text: str, tidy: Callable[[str], str]) -> str:
    local, at, domain = text.rpartition("@")
    return f"{local}@{tidy(domain)}" if at else text


def _of_local(text: str, tidy: Callable[[str], str]) -> str:
    local, at, domain = text.rpartition("@")
    return f"{tidy(local)}@{domain}" if at and not local.startswith('"') else text


def _tidy_domain(domain: str) -> str:
    domain = re.sub(r"^https?://", "", domain, flags=re.IGNORECASE)
    return re.sub(r"[.,;:]+", ".", domain).strip(".-_/\\ ")


def _tidy_local(local: str) -> str:
    return re.sub(r"[.,]{2,}|[,;:]", ".", local).strip(". ")


def _without_accents(text: str, score: int) -> Iterator[Repair]:
    """Yield the local part without umlauts and accents: hardly any mailbox has them (RFC 6531 would allow it)."""
    local, at, domain = text.rpartition("@")
    if not at or local.isascii() or latin(local).isascii():
        return
    for form, worth in ((spelled(local), 84), (bare(local), 72)):
        if form and len(form) >= len(local):
            yield Repair(f"{form}@{domain}", min(score, worth), "hardly any mailbox is written with accents")


def _without_blanks(text: str) -> Iterator[Repair]:
    """Yield the local part with a dot in place of blanks, and without anything in their place."""
    local, at, domain = text.rpartition("@")
    if at and " " in local.strip() and "@" not in local:
        words = local.split()
        yield Repair(f"{'.'.join(words)}@{domain}", 70, "it had blanks in front of the @")
        yield Repair(f"{''.join(words)}@{domain}", 62, "it had blanks in front of the @")


def _inside(text: str) -> Iterator[Repair]:
    """Yield the address, or each of several, that stands among other words; which of several, nobody can tell."""
    found = list(dict.fromkeys(part.strip(_AROUND) for part in _TOKEN.findall(text)))
    several = len(found) > 1
    for part in found:
        if part != text:
            # Words in front may belong to the local part ("anna berg@...").
            score = 68 if several else 85 if text.lstrip().startswith(part) else 62
            yield Repair(part, score, f"it had {'several addresses' if several else 'other words'} in it")
