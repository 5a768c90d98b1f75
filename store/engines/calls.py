"""Calls of functions, in the words of PostgreSQL; and SQL taken apart into tokens."""

from __future__ import annotations

import re
from collections.abc import Callable

TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<text>'(?:[^']|'')*')|(?P<quoted>\"[^\"]*\")|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<mark>\?\d*|:[A-Za-z_]\w*)|(?P<word>[A-Za-z_][\w$]*)"
    r"|(?P<sign>::|<>|<=|>=|==|!=|\|\||<<|>>|.)",
    re.DOTALL,
)


def split(sql: str) -> list[str]:
    """Return the tokens of SQL; blanks are tokens, too."""
    return [match.group() for match in TOKEN.finditer(sql)]


_COMPARING = frozenset("= <> < > <= >= IS IN AND OR NOT LIKE BETWEEN EXISTS".split())


def _is_truth(text: str) -> bool:
    """Tell whether an expression compares, outside of brackets and of CASE."""
    depth = 0
    for token in (found.upper() for found in split(text)):
        if token in {"(", "CASE"}:
            depth += 1
        elif token in {")", "END"}:
            depth -= 1
        elif not depth and token in _COMPARING:
            return True
    return False


def _sum(parts: list[str]) -> str | None:
    return f"sum(CASE WHEN {parts[0]} THEN 1 ELSE 0 END)" if _is_truth(parts[0]) else None


def _least(parts: list[str]) -> str | None:
    return f"least({', '.join(parts)})" if len(parts) > 1 else None


def _greatest(parts: list[str]) -> str | None:
    if len(parts) > 1:
        return f"greatest({', '.join(parts)})"
    return f"bool_or({parts[0]})" if _is_truth(parts[0]) else None


def _concat(parts: list[str]) -> str:
    word, _, rest = parts[0].partition(" ")
    distinct, value = ("DISTINCT ", rest) if word.upper() == "DISTINCT" else ("", parts[0])
    return f"string_agg({distinct}CAST({value} AS TEXT), {parts[1] if len(parts) > 1 else repr(',')})"


def _substr(parts: list[str]) -> str | None:
    return f"right({parts[0]}, {parts[1][1:].strip()})" if parts[1].startswith("-") else None


def _extract(parts: list[str]) -> str:
    keys = ", ".join(f"'{key}'" for key in parts[1].strip("'").removeprefix("$").strip(".").split(".") if key)
    return f"jsonb_extract_path_text(CAST({parts[0]} AS jsonb), {keys})"


def _object(parts: list[str]) -> str:
    """Return the text of an object as SQLite writes it: without blanks, and in the order given."""
    pairs = zip(parts[::2], parts[1::2], strict=True)
    member = "'\"{}\":' || coalesce(CAST(to_json({}) AS TEXT), 'null')"
    written = (member.format(key.strip("'"), value) for key, value in pairs)
    members = " || ',' || ".join(written)
    return f"'{{' || {members} || '}}'"


def _month(parts: list[str]) -> str | None:
    moment = f"to_timestamp({parts[1]}) AT TIME ZONE 'UTC'"
    return f"to_char({moment}, 'YYYY-MM')" if parts[0] == "'%Y-%m'" and parts[2:] == ["'unixepoch'"] else None


def _array(parts: list[str]) -> str:
    return f"CAST(jsonb_agg({', '.join(parts)}) AS TEXT)"


def _taught(name: str) -> Callable[[list[str]], str]:
    """Return what asks the table of a function of Python (:meth:`store.engines.store.Store.teach`)."""
    return lambda parts: f"(SELECT made FROM taught_{name} WHERE given = CAST({parts[0]} AS TEXT))"


def _renamed(name: str) -> Callable[[list[str]], str]:
    return lambda parts: f"{name}({', '.join(parts)})"


CALLS: dict[str, Callable[[list[str]], str | None]] = {
    "MIN": _least,
    "MAX": _greatest,
    "SUM": _sum,
    "INSTR": _renamed("strpos"),
    "IFNULL": _renamed("coalesce"),
    "GROUP_CONCAT": _concat,
    "SUBSTR": _substr,
    "JSON_EXTRACT": _extract,
    "JSON_OBJECT": _object,
    "JSON_GROUP_ARRAY": _array,
    "FOLD": _taught("fold"),
    "SEARCH_FOLD": _taught("search_fold"),
    "MAIL_NAME": _taught("mail_name"),
    "MAY_BE_ADDRESS": lambda parts: f"({_taught('may_be_address')(parts)} = '1')",
    "STRFTIME": _month,
    "HEX": lambda parts: f"upper(encode({parts[0]}, 'hex'))",
    "UNICODE": _renamed("ascii"),
    "CHAR": _renamed("chr"),
}
"""Name of a function -> its call with other words, of its arguments; None: as it stands."""
