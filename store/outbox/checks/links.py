"""Links: whether they are any, whether they lead where they say, and whether somebody answers there."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from store.cleaning import clean
from store.outbox.checks.finding import Case, Found, Level

MOST_ASKED: Final = 200
"""No more links than this are asked."""

_BARE: Final = re.compile(r"\bhttps?://[^\s<>\"]+", re.IGNORECASE)
_HOST: Final = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[/?#:]\S*)?\Z", re.IGNORECASE)
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z", re.IGNORECASE)
_SCHEMES: Final = frozenset({"http", "https"})
_OTHER: Final = frozenset({"mailto", "tel", "sms"})
_INSIDE: Final = ("localhost", ".local", ".internal", ".localdomain", ".lan", ".test", ".invalid")
_REFUSING: Final = frozenset({401, 403, 405, 406, 407, 408, 425, 429})
_ANSWERED: Final = range(200, 400)
_SHOWN: Final = 100


def links(case: Case) -> Found:
    """Links are well-formed, lead out of the house, and lead where their words say."""
    found, fine = list(_links(case)), True
    for url, words, where in found:
        level, wrong = _judge(url, words)
        if wrong:
            fine = False
            yield level, f"The link {clean(url)[:_SHOWN] or '“”'} {wrong}", where
    if found and fine:
        yield Level.GREEN, f"{len(found)} {'link is' if len(found) == 1 else 'links are'} well-formed", ""


def answers(case: Case) -> Found:
    """Somebody answers where the links lead; links that differ from person to person are not asked."""
    every = [(url, where) for url, _, where in _links(case) if _judge(url, "")[0] is not Level.RED]
    web = {url: where for url, where in reversed(every) if urlsplit(url).scheme.lower() in _SCHEMES}
    if not web:
        return
    written = f"{case.message.text}\n{case.message.html.replace('&amp;', '&')}"
    same = [url for url in web if url in written]
    if case.ask_links is None:
        yield Level.YELLOW, "The links were not asked whether anybody answers there (--online, or D)", ""
        return
    asked = same[:MOST_ASKED]
    fine = True
    for url, answer in case.ask_links(asked).items():
        if answer.status in _ANSWERED:
            continue
        fine = False
        level = Level.YELLOW if answer.status in _REFUSING else Level.RED
        yield level, f"The link {clean(url)[:_SHOWN]} {clean(answer.words)}", web[url]
    if len(same) > MOST_ASKED:
        yield Level.YELLOW, f"{len(same) - MOST_ASKED} more links were not asked", ""
    own = len(web) - len(same)
    beside = f"; {own} with something of the recipient's in {'it' if own == 1 else 'them'} not asked" if own else ""
    if fine:
        yield Level.GREEN, f"{len(asked)} {'link answers' if len(asked) == 1 else 'links answer'}{beside}", ""


def _links(case: Case) -> list[tuple[str, str, str]]:
    """Return (link, words shown for it, place) of all links of both parts, in order."""
    found = [(link.url, " ".join(link.words.split()), case.at("html", link.line)) for link in case.page.links]
    text = case.filled.text if case.filled is not None else ""
    for match in _BARE.finditer(text):
        url = match[0].rstrip(".,;:!?)]}'»“”")
        found.append((url, "", case.at("text", text.count("\n", 0, match.start()) + 1)))
    return found


def _judge(url: str, words: str) -> tuple[Level, str]:
    """Return how grave it is and what is wrong with a link, "" if nothing is."""
    if url in {"", "#"}:
        return Level.RED, "leads nowhere"
    if any(char.isspace() for char in url):
        return Level.RED, "has a blank in it"
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return Level.RED, "is not well-formed"
    scheme = parts.scheme.lower()
    if scheme in _OTHER:
        return (Level.GREEN, "") if parts.path or parts.query else (Level.RED, "leads nowhere")
    if url.startswith("#"):
        return Level.YELLOW, "leads to a place of the mail itself, which many programs do not go to"
    if scheme not in _SCHEMES:
        return Level.RED, "does not begin with https://" if not scheme else f"begins with {clean(scheme)}:"
    return _judge_host(parts, host, words)


def _judge_host(parts: SplitResult, host: str, words: str) -> tuple[Level, str]:
    try:
        ip_address(host)
    except ValueError:
        pass
    else:
        return Level.RED, "leads to a number instead of a name; filters take that for fraud"
    if not all(_LABEL.match(label) for label in ascii_host(host).split(".")):
        return Level.RED, "names no host"
    if "." not in host or host.endswith(_INSIDE):
        return Level.RED, "leads to a host that nobody outside can reach"
    if parts.username or parts.password:
        return Level.RED, "holds a name or a password"
    shown = _HOST.match(words)
    if shown and not _same(shown[1].lower(), host):
        return Level.YELLOW, f"is shown as {clean(words)[:_SHOWN]}; filters take that for fraud"
    if parts.scheme.lower() == "http":
        return Level.YELLOW, "does not begin with https://"
    return Level.GREEN, ""


def ascii_host(host: str) -> str:
    """Return a host's name in IDNA, "" if it is none."""
    if host.isascii():
        return host
    import idna

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""


def _same(shown: str, host: str) -> bool:
    one, other = shown.removeprefix("www."), host.lower().removeprefix("www.")
    return one == other or other.endswith(f".{one}")
