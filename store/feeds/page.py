"""docs/feeds.md, made from what the feeds declare of themselves: ``python -m store.feeds.page > docs/feeds.md``.

A feed declares itself in the table ``[page]`` of a TOML file beside its code (``postfix.toml`` beside ``postfix.py``; a
provider's or a preset's in its own table). The keys are the attributes of :class:`Declaration`; what a provider's table
says anyway (its words, its machine flag, its keys) is taken from there. The page's other parts are ``page.toml``.
"""

from __future__ import annotations

import sys
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from store.vocabulary import EventType

_HERE = Path(__file__).parent
_PARTS = _HERE / "page.toml"
_WIDTH = 118
_SHOWN = 4
_TYPES = frozenset(map(str, EventType))


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a feed says of itself; every text is Markdown.

    Attributes:
        name: its heading.
        section: the key of its part of the page, as page.toml lists them.
        reads: what is read, whole sentences.
        gives: the event types it can give.
        known_by: how it is told from other files.
        once: by what an event is known again.
        sources: where its makers describe it.
        formats: what `aftersend ingest` calls it, if it is a file or a mailbox.
        campaign: how its mail finds the campaign.
        machine: how it tells machines from people.
        words: its own words for events, by event type; "" are those that are passed over.
        limits: what it cannot tell, and traps that are minded; whole sentences.
        text: what else is to be said, with its own paragraphs.
        rank: its place in the section; equal ones stand by name.
    """

    name: str
    section: str
    reads: str
    gives: tuple[str, ...]
    known_by: str
    once: str
    sources: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    campaign: str = ""
    machine: str = ""
    words: dict[str, tuple[str, ...]] | None = None
    limits: tuple[str, ...] = ()
    text: str = ""
    rank: int = 100


def declarations() -> list[Declaration]:
    """Return what all feeds declare, in the order of the page.

    Raises:
        ValueError: a declaration lacks something or has a key that means nothing; the text names the file.
    """
    found = []
    for file in sorted(_HERE.rglob("*.toml")):
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        if "page" in table:
            found.append(_declared(table | {"file": file.name}, str(file.relative_to(_HERE))))
    places = {part["key"]: place for place, part in enumerate(_parts()["section"])}
    for feed in found:
        if feed.section not in places:
            raise ValueError(f"{feed.name}: {feed.section!r} is no section of {_PARTS.name}")
    return sorted(found, key=lambda feed: (places[feed.section], feed.rank, feed.name.lower()))


def feeds_page() -> str:
    """Return the page."""
    return "\n".join(_lines()).rstrip() + "\n"


def _parts() -> dict[str, Any]:
    return tomllib.loads(_PARTS.read_text(encoding="utf-8"))


def _declared(table: dict[str, Any], file: str) -> Declaration:
    said: dict[str, Any] = table["page"]
    if "claim" in table:
        said = _of_provider(table) | said
    elif "shape" in table:
        said = {"text": _of_preset(table)} | said
    known = {field.name for field in fields(Declaration)}
    if not said.keys() <= known:
        raise ValueError(f"{file}: [page] has no key {min(said.keys() - known)!r}")
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
    try:
        feed = Declaration(**values)
    except TypeError as error:
        raise ValueError(f"{file}: {error}") from error
    if not set(feed.gives) <= _TYPES:
        raise ValueError(f"{file}: {min(set(feed.gives) - _TYPES)!r} is no event type")
    return feed


def _of_provider(table: dict[str, Any]) -> dict[str, Any]:
    """Return what a provider's table tells without any words about it."""
    words: dict[str, list[str]] = {}
    machines = [f"`{path}`" for path in table.get("machine", ())]
    for word, meaning in table["types"].items():
        if word.partition("/")[2].isdigit():
            continue
        words.setdefault(meaning.partition(" ")[0], []).append(word)
        if "machine" in meaning.split():
            machines.append(f"`{word}`")
    claims = [claim for claim in table["claim"] if not claim.get("nothing")]
    known = [" and ".join(f"`{key.replace('^=', '` beginning with `')}`" for key in c["has"]) for c in claims]
    return {
        "name": table["title"],
        "section": "providers",
        "gives": [str(word) for word in EventType if str(word) in words],
        "words": {key: tuple(value) for key, value in words.items()},
        "machine": ", ".join(machines),
        "known_by": "; or ".join(known),
        "once": ", else ".join(f"`{path}`" for path in table["identity"]),
    }


def _of_preset(table: dict[str, Any]) -> str:
    """Return what a tool's table tells of each sort of its files: the columns, and what the lines mean."""
    lines = [f"{table['title']} writes these files:\n"]
    for shape in table["shape"]:
        if shape.get("refused"):
            continue
        means = [f"every line is *{shape['type']}*"] if "type" in shape else list(_meanings(shape))
        if shape.get("named"):
            means.append("the file's name tells")
        if "rest" in shape:
            means.append(f"else *{shape['rest']}*")
        asked = f" (only with `--preset {Path(table['file']).stem}`)" if shape.get("asked") else ""
        told = f"; {'; '.join(means)}" if means else ""
        lines.append(_filled(f"- {shape['name']}{asked}: {', '.join(map(_alternatives, shape['has']))}{told}", "  "))
    words = "; ".join(_meanings(table))
    if words:
        lines.append("\n" + _filled(f"Their words mean: {words}."))
    return "\n".join(lines) + "\n"


def _meanings(table: dict[str, Any]) -> Iterator[str]:
    words: dict[str, list[str]] = {}
    for word, meaning in table.get("types", {}).items():
        words.setdefault(meaning or "left out", []).append(f"`{word}`")
    for meaning, said in words.items():
        yield f"*{meaning}* {', '.join(said)}"


def _alternatives(names: str) -> str:
    known = [f"`{name}`" for name in names.split("|")]
    return " or ".join(known[:_SHOWN]) + (" or the like" if len(known) > _SHOWN else "")


def _lines() -> Iterator[str]:
    parts = _parts()
    feeds = declarations()
    yield parts["introduction"]
    for section in parts["section"]:
        here = [feed for feed in feeds if feed.section == section["key"]]
        if not here:
            continue
        yield f"## {section['heading']}\n"
        yield section["text"]
        for feed in here:
            yield from _of_feed(feed)
        if "after" in section:
            yield section["after"]
    yield parts["closing"]


def _of_feed(feed: Declaration) -> Iterator[str]:
    yield f"### {feed.name}\n"
    yield _filled(feed.reads) + "\n"
    yield from _point("Known by", feed.known_by)
    if feed.words:
        ours = [*(str(word) for word in EventType if word in feed.words), *([""] if "" in feed.words else ())]
        told = [f"{word or 'passed over'} " + ", ".join(f"`{w}`" for w in feed.words[word]) for word in ours]
        yield from _point("Gives", " · ".join(told))
    else:
        yield from _point("Gives", ", ".join(feed.gives))
    yield from _point("Campaign", feed.campaign)
    yield from _point("Machines", feed.machine)
    yield from _point("Once", feed.once)
    for limit in feed.limits:
        yield from _point("Mind", limit)
    yield from _point("Described at", " · ".join(f"<{source}>" for source in feed.sources))
    yield ""
    if feed.text:
        yield feed.text.strip("\n") + "\n"


def _point(name: str, text: str) -> Iterator[str]:
    if text:
        yield _filled(f"- **{name}**: {text}", "  ")


def _filled(text: str, indent: str = "") -> str:
    return textwrap.fill(
        " ".join(text.split()), _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


if __name__ == "__main__":
    sys.stdout.write(feeds_page())
