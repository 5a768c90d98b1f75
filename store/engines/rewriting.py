"""SQL as it stands in this program, in the words of PostgreSQL.

Statements are written for SQLite, so that a file costs nothing for the server's sake. They are read here as tokens,
once each, and these are put into other words:

- parameters: ``?``, ``?1`` and ``:name``
- ``INSERT OR IGNORE`` -> ``ON CONFLICT DO NOTHING``
- ``CROSS JOIN t ON`` (an order that SQLite keeps), ``INDEXED BY``, ``NOT INDEXED``, a ``+`` in front of a column (an
  index that it leaves alone): the server's planner decides for itself
- ``a IS b`` and ``a IS NOT b`` -> ``IS [NOT] DISTINCT FROM``, unless b is NULL, TRUE or FALSE
- ``FROM json_each(?)``: an array of whole numbers; ``FROM json_each(?, '$')``, the same to SQLite: of texts
- ``json_extract`` (its result is a text here: CAST it where it is a number), ``json_object``, ``json_group_array``,
  ``instr``, ``group_concat``, ``ifnull``, ``min`` and ``max`` of several values, ``substr(text, -n)``, ``hex``
- functions of Python (:meth:`store.engines.store.Store.teach`)
- ``LIKE``: the backslash means itself; ``LIMIT -1``: no limit
- a subquery in FROM gets a name
- types in CREATE TABLE: INTEGER is 64 bits wide, ``INTEGER PRIMARY KEY`` without NOT NULL counts by itself, texts are
  compared by their bytes, as SQLite does it; WITHOUT ROWID goes
- ``temp.t`` -> ``pg_temp.t``; ``DELETE FROM temp.t``, all of it -> ``TRUNCATE``, since nothing else frees those rows
- ``sum`` and ``max`` of a truth value: how often, and whether ever, it is true

What cannot be told from the words has to be written so that both take it: a truth value is compared with TRUE and
FALSE, counted with CASE, and given as True or False; a column that an upsert adds to carries the table's name
(``SET n = t.n + excluded.n``); GROUP BY names every bare column; temporary tables have types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from store.engines.calls import CALLS, TOKEN, split

_OPERATORS = frozenset("( , = < > + - * / % | & <> <= >= == != || << >>".split())
_BEFORE_OPERAND = frozenset(
    "SELECT WHERE AND OR NOT ON BY WHEN THEN ELSE CASE BETWEEN IN LIKE IS HAVING SET DISTINCT LIMIT OFFSET".split()
)
_AFTER_SUBQUERY = frozenset(
    "WHERE GROUP ORDER LIMIT JOIN CROSS LEFT INNER ON UNION EXCEPT INTERSECT HAVING RETURNING SET FULL RIGHT".split()
)
_TYPES = {"INTEGER": "BIGINT", "INT": "BIGINT", "BLOB": "BYTEA", "SERIAL": "BIGSERIAL", "REAL": "DOUBLE PRECISION"}


BY_BYTES = ' COLLATE "C"'
"""What follows TEXT in CREATE TABLE, so that texts are sorted as SQLite sorts them, whatever the database's order."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A statement in PostgreSQL's words.

    Attributes:
        sql: with ``%s`` or ``%(name)s`` for parameters.
        numbered: whether its parameters, given in a sequence, go by number (``p1``, ``p2``).
    """

    sql: str
    numbered: bool

    def bound(self, parameters: Sequence[Any] | Mapping[str, Any]) -> Sequence[Any] | Mapping[str, Any]:
        """Return parameters as the statement takes them."""
        if self.numbered and not isinstance(parameters, Mapping):
            return {f"p{number}": value for number, value in enumerate(parameters, 1)}
        return parameters


@lru_cache(maxsize=4096)
def rewritten(sql: str, collate: str = BY_BYTES) -> Rewritten:
    """Return a statement in PostgreSQL's words.

    Args:
        sql: one statement.
        collate: what follows TEXT in CREATE TABLE.
    """
    statement = _Statement(sql, collate)
    return Rewritten(statement.text(), statement.numbered)


class _Statement:
    """The tokens of a statement, with blanks as tokens of their own; each rule goes over them once."""

    def __init__(self, sql: str, collate: str) -> None:
        self._tokens = [match.group() for match in TOKEN.finditer(sql.strip().rstrip(";"))]
        self._collate = collate
        self._queries = 0
        self.numbered = any(re.fullmatch(r"\?\d+", token) for token in self._tokens)

    def text(self) -> str:
        words = {token.upper() for token in self._tokens}
        if ("CREATE" in words and "TABLE" in words) or "ALTER" in words:
            self._types()
        if words & {"WHERE"} == set() and "DELETE" in words and "TEMP" in words:
            self._truncate()
        if "IGNORE" in words:
            self._ignore()
        if "INDEXED" in words:
            self._drop_hints()
        if words & {"ROWID"} and "WITHOUT" in words:
            self._drop_pair("WITHOUT", "ROWID")
        if "CROSS" in words:
            self._join()
        if "+" in words:
            self._drop_plus()
        if "IS" in words:
            self._distinct()
        if "JSON_EACH" in words:
            self._each()
        self._functions()
        if "CAST" in words:
            self._casts()
        self._small_words()
        if "(" in words:
            self._name_subqueries()
        return "".join(self._marked())

    def _next(self, at: int) -> int:
        """Return the place of the next token that is no blank; beyond the end: the number of tokens."""
        at += 1
        while at < len(self._tokens) and self._tokens[at].isspace():
            at += 1
        return at

    def _before(self, at: int) -> int:
        at -= 1
        while at >= 0 and self._tokens[at].isspace():
            at -= 1
        return at

    def _word(self, at: int) -> str:
        return self._tokens[at].upper() if 0 <= at < len(self._tokens) else ""

    def _places(self, *words: str) -> Iterator[int]:
        """Yield the places where words stand, from the end, so that what is put in moves none of those to come."""
        for at in range(len(self._tokens) - 1, -1, -1):
            if self._tokens[at].upper() in words:
                yield at

    def _closing(self, opening: int) -> int:
        depth = 0
        for at in range(opening, len(self._tokens)):
            depth += (self._tokens[at] == "(") - (self._tokens[at] == ")")
            if not depth:
                return at
        raise ValueError("A bracket is not closed.")

    def _commas(self, opening: int, closing: int) -> list[int]:
        """Return the places of the commas that part the arguments of a function."""
        depth, found = 0, []
        for at in range(opening + 1, closing):
            depth += (self._tokens[at] == "(") - (self._tokens[at] == ")")
            if self._tokens[at] == "," and not depth:
                found.append(at)
        return found

    def _types(self) -> None:
        for at in range(len(self._tokens) - 1, -1, -1):
            word = self._tokens[at]
            if word not in _TYPES and word != "TEXT":
                continue
            if word == "TEXT":
                self._tokens[at] += self._collate
                continue
            key = self._next(at)
            counts = word == "INTEGER" and self._word(key) == "PRIMARY"
            self._tokens[at] = "BIGINT GENERATED BY DEFAULT AS IDENTITY" if counts else _TYPES[word]

    def _truncate(self) -> None:
        significant = [token for token in self._tokens if not token.isspace()]
        if len(significant) == 5 and significant[0].upper() == "DELETE":
            self._tokens = [*split("TRUNCATE pg_temp."), significant[4], *split(" RESTART IDENTITY")]

    def _ignore(self) -> None:
        for at in self._places("IGNORE"):
            before = self._before(at)
            if self._word(before) == "OR":
                self._tokens[before : at + 1] = []
                end = next(self._places("RETURNING"), len(self._tokens))
                self._tokens.insert(end, " ON CONFLICT DO NOTHING ")

    def _drop_hints(self) -> None:
        for at in self._places("INDEXED"):
            if self._word(self._next(at)) == "BY":
                self._tokens[at : self._next(self._next(at)) + 1] = []
            else:
                self._tokens[self._before(at) : at + 1] = []

    def _drop_pair(self, first: str, second: str) -> None:
        for at in self._places(first):
            if self._word(self._next(at)) == second:
                self._tokens[at : self._next(at) + 1] = []

    def _join(self) -> None:
        for at in self._places("CROSS"):
            table = self._next(self._next(at))
            if self._tokens[table] == "(":
                after = self._next(self._closing(table))
            else:
                after = self._next(table)
                if self._tokens[after] == ".":
                    after = self._next(self._next(after))
                if self._tokens[after] == "(":
                    after = self._next(self._closing(after))
            if self._word(after) == "AS":
                after = self._next(self._next(after))
            elif self._word(after) not in _AFTER_SUBQUERY and re.fullmatch(r"\w+", self._word(after)):
                after = self._next(after)
            if self._word(after) == "ON":
                self._tokens[at : self._next(at)] = []

    def _drop_plus(self) -> None:
        for at in self._places("+"):
            before = self._word(self._before(at))
            if before in _OPERATORS or before in _BEFORE_OPERAND or not before:
                del self._tokens[at]

    def _distinct(self) -> None:
        for at in self._places("IS"):
            after = self._next(at)
            negated = self._word(after) == "NOT"
            other = self._word(self._next(after)) if negated else self._word(after)
            if other not in {"NULL", "TRUE", "FALSE", "DISTINCT", "UNKNOWN"} and not (negated and other == "NULL"):
                self._tokens[at : after + 1 if negated else at + 1] = [
                    "IS DISTINCT FROM" if negated else "IS NOT DISTINCT FROM"
                ]

    def _each(self) -> None:
        for at in self._places("JSON_EACH"):
            opening = self._next(at)
            closing = self._closing(opening)
            commas = self._commas(opening, closing)
            given = "".join(self._tokens[opening + 1 : commas[0] if commas else closing])
            value = f"e{self._collate}" if commas else "CAST(e AS BIGINT)"
            lateral = "" if re.fullmatch(r"\s*(\?\d*|:\w+)\s*", given) else "LATERAL "
            query = f"{lateral}(SELECT {value} AS value, n AS key FROM jsonb_array_elements_text(CAST("
            inner = [*split(query), *split(given), *split(" AS jsonb)) WITH ORDINALITY AS each(e, n))")]
            self._tokens[at : closing + 1] = inner

    def _functions(self) -> None:
        for at in range(len(self._tokens) - 2, -1, -1):
            word = self._tokens[at].upper()
            if word not in CALLS or self._tokens[at + 1] != "(":
                continue
            closing = self._closing(at + 1)
            commas = self._commas(at + 1, closing)
            edges = [at + 1, *commas, closing]
            parts = ["".join(self._tokens[a + 1 : b]) for a, b in pairwise(edges)]
            made = CALLS[word]([part.strip() for part in parts])
            if made is not None:
                self._tokens[at : closing + 1] = split(made)

    def _casts(self) -> None:
        for at in self._places("INTEGER"):
            if self._word(self._before(at)) == "AS":
                self._tokens[at] = "BIGINT"

    def _small_words(self) -> None:
        for at in self._places("TEMP", "LIKE", "LIMIT", "=="):
            word, after = self._word(at), self._next(at)
            if word == "TEMP" and self._word(after) == ".":
                # An index stands where its table does, and takes no schema.
                index = self._word(self._before(at)) == "INDEX"
                self._tokens[at : after + 1 if index else at + 1] = [] if index else ["pg_temp"]
            elif word == "LIKE" and after < len(self._tokens):
                self._tokens[after] += " ESCAPE ''"
            elif word == "LIMIT" and after < len(self._tokens) and self._tokens[after][0] in "?:":
                self._tokens[after : after + 1] = ["nullif", "(", self._tokens[after], ",", " -1", ")"]
            elif word == "LIMIT" and self._word(after) == "-":
                self._tokens[after : self._next(after) + 1] = ["ALL"]
            elif word == "==":
                self._tokens[at] = "="

    def _name_subqueries(self) -> None:
        for at in self._places("("):
            if self._word(self._before(at)) not in {"FROM", "JOIN", "LATERAL"}:
                continue
            if self._word(self._next(at)) not in {"SELECT", "VALUES", "WITH", "("}:
                continue
            closing = self._closing(at)
            after = self._word(self._next(closing))
            if not after or after in _AFTER_SUBQUERY or after in {")", ",", ";"}:
                self._queries += 1
                self._tokens.insert(closing + 1, f" AS q{self._queries}")

    def _marked(self) -> Iterator[str]:
        """Yield the tokens with the parameters as the driver takes them."""
        number = 0
        for token in self._tokens:
            first = token[0]
            if first == "?":
                number = int(token[1:]) if len(token) > 1 and token[1:].isdigit() else number + 1
                rest = "" if token[1:].isdigit() else token[1:]
                yield (f"%(p{number})s" if self.numbered else "%s") + rest
            elif first == ":" and token != "::":
                name, blank, rest = token[1:].partition(" ")
                yield f"%({name})s{blank}{rest}"
            else:
                yield token.replace("%", "%%")
