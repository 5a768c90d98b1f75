"""Tables of tokens: for whom the token in a link stands, and to which target a link's token leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from store.errors import BadInput
from store.feeds.access.patterns import WebPaths
from store.feeds.headings import Field, find_columns, heading_key
from store.feeds.tables import read_table

_TOKENS = (
    *("token", "recipienttoken", "trackingtoken", "linktoken", "uuid", "guid", "subscriberuuid", "linkuuid", "hash"),
    *("key", "code", "shortcode", "slug", "linkid", "id"),
)
_TARGETS = ("url", "target", "targeturl", "destination", "linkurl", "ziel", "zielurl", "href")


def with_tokens(paths: WebPaths, files: Sequence[Path]) -> WebPaths:
    """Return the paths with what the tokens of recipients and links stand for.

    Args:
        paths: the patterns.
        files: CSV or TSV files with a heading: a column of tokens beside one of addresses, of CRM ids, or of URLs.

    Raises:
        BadInput: a file cannot be read, or its headings do not tell which column is which.
    """
    tokens, links = dict(paths.tokens), dict(paths.links)
    for file in files:
        table = read_table(file)
        try:
            token, value, is_link = _columns(file, table.header)
            into = links if is_link else tokens
            for _, row in table.rows:
                if len(row) > max(token, value) and row[token].strip() and row[value].strip():
                    into[row[token].strip()] = row[value].strip()
        finally:
            table.close()
    return replace(paths, tokens=tokens, links=links)


def _columns(file: Path, header: Sequence[str]) -> tuple[int, int, bool]:
    """Return which column holds the tokens and which what they stand for, and whether they are links'.

    Raises:
        BadInput: the headings do not tell.
    """
    keys = [heading_key(heading) for heading in header]
    known = find_columns(header)
    target = _first(keys, _TARGETS)
    value = known.get(Field.ADDRESS, target)
    token = _first(keys, _TOKENS)
    if value is None and token is not None and known.get(Field.CRM_ID, token) != token:
        value = known[Field.CRM_ID]
    if token is None and value is not None:
        token = known.get(Field.CRM_ID, 1 - value if len(header) == 2 else None)
    if token is None or value is None:
        raise BadInput(
            f"{file} is no table of tokens: a column headed token (or uuid, key, id) is needed beside one of addresses,"
            " of CRM ids, or of URLs."
        )
    return token, value, value == target


def _first(keys: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((keys.index(name) for name in wanted if name in keys), None)
