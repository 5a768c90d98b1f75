"""The presets: what the exports of campaign tools look like, read from the TOML files beside this module.

A tool's table holds its shapes. A file (or a JSON object) is of the first shape whose columns it has; what its lines
say stands in the shape's columns, in the shape itself ("every line is a click"), or in the file's name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from store.errors import BadInput
from store.feeds.esp.vendors import Meaning, meaning_of
from store.feeds.mapping import plain
from store.vocabulary import Source

NAMES = ("listmonk", "mailchimp", "campaignmonitor", "superoffice", "brevo")
"""The presets, in the order in which they are asked whether a file is theirs."""

_SOURCES = {str(word): word for word in Source}
_PACKED = frozenset({".gz", ".zst", ".csv", ".tsv", ".txt", ".json", ".ndjson", ".jsonl"})
_WORDS = re.compile(r"[A-Z]?[a-z\u00df-\u00ff]+|[A-Z]+(?![a-z])|\d+")
_BUNDLES = frozenset({"granular_activity", "aggregate_activity"})
"""Folders of an account's export, within which the next folder tells what the files mean."""

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """One sort of file that a tool exports.

    Attributes:
        preset: the tool's key ("mailchimp").
        title: the tool's name.
        name: what the file holds.
        has: columns that are there; of each a few names, one of which is there. Names are plain (:func:`plain`).
        without: columns that are not there.
        only: other columns than ``has`` and these are not there; None: any.
        asked: it is taken only if the operator names the preset, for too many files look so.
        refused: why such a file is not read; "" if it is.
        columns: field -> names of its column, the surest first. Fields are those of a mapping, and ``opens``,
            ``clicks`` (counts), ``key`` (another word for the campaign) and ``person`` (an id that is all zeros where
            nobody is named).
        type: what every line means, whatever it says.
        types: what the words in the column ``type`` mean; a meaning without a type is passed over.
        phrases: (word, words of the reason, meaning) where only the reason tells.
        named: what words in the file's name say of every line.
        rest: what a line means of which nothing else tells; None: the operator must.
        anonymous: lines may name nobody on purpose.
        untimed: words that may stand without a time, and then mean nothing yet.
        source: the sort of feed its records are of.
    """

    preset: str
    title: str
    name: str
    has: tuple[frozenset[str], ...]
    without: frozenset[str]
    only: frozenset[str] | None
    asked: bool
    refused: str
    columns: dict[str, tuple[str, ...]]
    type: Meaning | None
    types: dict[str, Meaning]
    phrases: tuple[tuple[str, tuple[str, ...], Meaning], ...]
    named: dict[str, Meaning]
    rest: Meaning | None
    anonymous: bool
    untimed: frozenset[str]
    source: Source

    def fits(self, names: frozenset[str]) -> bool:
        """Tell whether a file whose columns have these plain names is of this shape."""
        if not all(names & some for some in self.has) or names & self.without:
            return False
        return self.only is None or names <= self.only.union(*self.has)

    def named_by(self, path: Path) -> Meaning | None:
        """Return what the file's name says of every line, None if it says nothing or more than one thing."""
        if path.parent.parent.name in _BUNDLES:
            return self._said_in(path.parent.name)
        return self._said_in(path.name)

    def _said_in(self, name: str) -> Meaning | None:
        while Path(name).suffix.lower() in _PACKED:
            name = Path(name).stem
        text = f" {' '.join(word.lower() for word in _WORDS.findall(name))} "
        found: dict[Any, Meaning] = {}
        for phrase in sorted(self.named, key=len, reverse=True):
            if f" {phrase} " in text:
                # "not opened" holds "opened".
                text = text.replace(f" {phrase} ", " ")
                found.setdefault(self.named[phrase].type, self.named[phrase])
        return next(iter(found.values())) if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Preset:
    """A tool's exports.

    Attributes:
        shapes: the sorts of file, the surest first.
        lists: keys of a JSON object under which the events lie, each a path.
        each: keys of one of those under which what it says lies once more.
    """

    shapes: tuple[Shape, ...]
    lists: tuple[tuple[str, ...], ...]
    each: str


@cache
def presets() -> Mapping[str, Preset]:
    """Return all presets by their keys, read once."""
    here = Path(__file__).parent
    return {key: _preset(key, tomllib.loads((here / f"{key}.toml").read_text(encoding="utf-8"))) for key in NAMES}


def check_name(name: str) -> None:
    """Make sure that there is a preset of this name.

    Raises:
        BadInput: there is none; the text names those there are.
    """
    if name not in NAMES:
        raise BadInput(f"{name!r} is no preset; the presets are {', '.join(sorted(NAMES))}.")


def shape_of(names: Iterable[str], preset: str | None = None) -> Shape | None:
    """Return the shape of a file with columns of these names, None if it is of no tool's.

    Args:
        names: the names, as they are written.
        preset: the tool that the operator says it is of.
    """
    found = frozenset(map(plain, names))
    for key in (preset,) if preset else NAMES:
        for shape in presets()[key].shapes:
            if (preset or not shape.asked) and shape.fits(found):
                return shape
    return None


def unrolled(found: Object) -> list[Object] | None:
    """Return the events that a tool's JSON object lists, each with what is said of all; None if it lists none."""
    if _listing().isdisjoint(found):
        return None
    for preset in presets().values():
        for path in preset.lists:
            items = _at(found, path)
            if isinstance(items, list) and all(isinstance(item, dict) for item in items):
                return [event for item in items for event in _each(item, preset.each)]
        if preset.each and isinstance(found.get(preset.each), list):
            return list(_each(found, preset.each))
    return None


@cache
def _listing() -> frozenset[str]:
    """Return the keys of which an object has one if it lists events."""
    known = presets().values()
    return frozenset(path[0] for preset in known for path in preset.lists) | {preset.each for preset in known}


def _at(found: Object, path: tuple[str, ...]) -> Any:
    value: Any = found
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _each(item: Object, key: str) -> Iterator[Object]:
    inner = item.get(key) if key else None
    if not isinstance(inner, list):
        yield item
        return
    outer = {name: value for name, value in item.items() if name != key}
    said = [event for event in inner if isinstance(event, dict)]
    for event in said or [{}]:
        yield outer | event


def _preset(key: str, table: dict[str, Any]) -> Preset:
    lists = tuple(tuple(path.split(".")) for path in table.get("lists", ()))
    return Preset(tuple(_shape(key, table, shape) for shape in table["shape"]), lists, table.get("each", ""))


def _shape(key: str, table: dict[str, Any], shape: dict[str, Any]) -> Shape:
    words = shape.get("types", table.get("types", {}))
    phrases = table.get("phrase", ())
    return Shape(
        preset=key,
        title=table["title"],
        name=shape["name"],
        has=tuple(frozenset(map(plain, names.split("|"))) for names in shape["has"]),
        without=frozenset(map(plain, shape.get("without", ()))),
        only=frozenset(map(plain, shape["only"])) if "only" in shape else None,
        asked=shape.get("asked", False),
        refused=shape.get("refused", ""),
        columns={field: tuple(map(plain, names)) for field, names in shape.get("columns", {}).items()},
        type=meaning_of(shape["type"]) if "type" in shape else None,
        types={plain(word): meaning_of(text) for word, text in words.items()},
        phrases=tuple((plain(p["word"]), tuple(p["says"]), meaning_of(p["means"])) for p in phrases),
        named={word: meaning_of(text) for word, text in table.get("names", {}).items()} if shape.get("named") else {},
        rest=meaning_of(shape["rest"]) if "rest" in shape else None,
        anonymous=shape.get("anonymous", False),
        untimed=frozenset(map(plain, shape.get("untimed", ()))),
        source=_SOURCES[table.get("source", str(Source.EVENTS))],
    )
