"""Merge fields: the texts of a message, filled for one person by a sandboxed template engine.

A template prints fields, puts them through a few filters, and asks whether one is known; it has no loops, no calls and
no arithmetic, so that its time and its output are bounded by its own length whoever wrote it. Printing a field of which
nothing is known is an error: a blank in a mail is never meant.

Comments are written ``{{# so #}}``: the engine's own ``{#`` stands in every other style sheet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NoReturn

from store.cleaning import clean
from store.errors import BadInput
from store.outbox.content import Message
from store.outbox.person import FIELDS

if TYPE_CHECKING:
    import jinja2
    from jinja2 import nodes

FILTERS: Final = ("default", "d", "upper", "lower", "title", "capitalize", "trim", "truncate", "urlencode", "e")
"""The filters that a template may use."""

LONGEST: Final = 1 << 20
"""No part of a message may have more characters."""

_SHOWN: Final = 60
_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BROKEN: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TESTS: Final = frozenset({"defined", "undefined"})
_FIELD: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_RESERVED: Final = frozenset("and or not if else elif in is true false none self loop for set".split())
_STRANGE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_PLAIN: Final = re.compile(r"[ -~]*\Z")


class FieldError(BadInput):
    """A template or a field's value that makes no mail.

    Attributes:
        part: "subject", "text", "html", or the name of a header.
        line: in that part, from 1; 0 if it is not known.
        field: the field that is to blame, "" if none is.
    """

    def __init__(self, sentence: str, part: str, line: int = 0, field: str = "") -> None:
        """Say what is wrong, without the place."""
        super().__init__(sentence)
        self.part = part
        self.line = line
        self.field = field


@dataclass(frozen=True, slots=True)
class Filled:
    """The texts of a message for one person."""

    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]


class Template:
    """The texts of a message, ready to be filled any number of times; for one thread.

    Raises:
        FieldError: a text is no template, or names a field that does not exist.
    """

    def __init__(self, message: Message) -> None:
        """Compile the subject, both texts and the headers of ``message``."""
        self._parts: dict[str, jinja2.Template | str] = {}
        self.fields: dict[str, frozenset[str]] = {}
        """Which fields each part names."""
        own = check_fields(message.fields)
        for part, text in texts_of(message):
            self.fields[part], self._parts[part] = _compiled(part, text, own)
        self._own = own
        self._headers = tuple(message.headers)
        self._stored = tuple(sorted(self.names - own.keys()))

    @property
    def names(self) -> frozenset[str]:
        """All fields that are named anywhere."""
        return frozenset().union(*self.fields.values())

    def filled(self, values: Mapping[str, str]) -> Filled:
        """Fill the message.

        Args:
            values: field -> value, "" where nothing is known.

        Raises:
            FieldError: a field that is printed is empty, or cannot stand in a mail.
        """
        for name in self._stored:
            _check(name, values.get(name, ""))
        known = self._own | {name: values.get(name, "") or _empty(name) for name in FIELDS}
        headers = tuple((name, self._fill(name, known)) for name in self._headers)
        return Filled(self._fill("subject", known), self._fill("text", known), self._fill("html", known), headers)

    def _fill(self, part: str, values: Mapping[str, Any]) -> str:
        made = self._parts[part]
        if isinstance(made, str):
            return made
        from jinja2 import TemplateError

        try:
            return made.render(values)
        except _Empty as error:
            line = _line(error)
            raise FieldError(f"{error} is empty", part, line, str(error)) from None
        except (TemplateError, ArithmeticError, TypeError, ValueError) as error:
            raise FieldError(f"cannot be filled: {_said(error)}", part, _line(error)) from None


def check_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that a message gives to all its mails, if they can be named and stand in a mail.

    Raises:
        FieldError: a name is none or taken, or a value cannot stand in a mail.
    """
    for name, value in fields.items():
        if not _FIELD.fullmatch(name) or name in _RESERVED:
            raise FieldError(
                f"“{clean(name)[:_SHOWN]}” cannot name a field; small letters, digits and _ do", "", 0, name
            )
        if name in FIELDS:
            raise FieldError(f"the field {name} is taken: {FIELDS[name]}", "", 0, name)
        _check(name, value)
    return {name: value.strip() or _empty(name) for name, value in fields.items()}


def texts_of(message: Message) -> Iterator[tuple[str, str]]:
    """Yield (part, text) of everything in a message that may hold fields."""
    yield "subject", message.subject
    yield "text", message.text
    yield "html", message.html
    yield from message.headers.items()


def is_safe(value: str) -> bool:
    """Tell whether a field's value can stand in a mail: one line, without controls and turns of the direction."""
    if _PLAIN.match(value):
        return True
    return not any(unicodedata.category(char) in _BROKEN or char in _BIDI for char in value)


class _Empty(Exception):
    """A field was printed of which nothing is known; the text is its name."""


def _check(name: str, value: str) -> None:
    if not is_safe(value):
        raise FieldError(f"{name} holds a control character: “{clean(value)[:_SHOWN]}”", "", 0, name)


def _compiled(part: str, text: str, own: Mapping[str, str]) -> tuple[frozenset[str], jinja2.Template | str]:
    """Return which fields a text names, and what fills it: itself if it names none and has no signs of templates."""
    if len(text) > LONGEST:
        raise FieldError(f"has more than {LONGEST:,} characters", part)
    strange = _STRANGE.search(text)
    if strange:
        line = text.count("\n", 0, strange.start()) + 1
        raise FieldError(f"holds a control character (U+{ord(strange[0]):04X})", part, line)
    if "{{" not in text and "{%" not in text:
        return frozenset(), text
    from jinja2 import TemplateSyntaxError, nodes

    environment = _environment(part == "html")
    try:
        tree = environment.parse(text)
        _judge(tree, part, {*FIELDS, *own})
        names = frozenset(node.name for node in tree.find_all(nodes.Name))
        return names, environment.from_string(tree)
    except TemplateSyntaxError as error:
        raise FieldError(f"is no template: {_said(error)}", part, error.lineno) from None
    except (RecursionError, SyntaxError, MemoryError):
        # The compilers of the engine and of Python go by recursion, and have their limits.
        raise FieldError("is nested too deep", part) from None


def _judge(tree: nodes.Template, part: str, fields: Collection[str]) -> None:
    """Refuse what a mail needs not and what could run for long."""
    from jinja2 import nodes

    allowed = (
        *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr),
        *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat, nodes.Keyword),
    )
    waiting: list[nodes.Node] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, nodes.Name) and node.name not in fields:
            near = _near(node.name, fields)
            raise FieldError(f"there is no field {clean(node.name)[:_SHOWN]}{near}", part, node.lineno)
        if isinstance(node, nodes.Filter):
            if node.name not in FILTERS or node.node is None:
                _refuse(f"the filter {clean(node.name)[:_SHOWN]}; there are {', '.join(FILTERS)}", part, node.lineno)
        elif isinstance(node, nodes.Test):
            if node.name not in _TESTS:
                _refuse(f"the test {clean(node.name)[:_SHOWN]}; write “if field”", part, node.lineno)
        elif not isinstance(node, allowed):
            _refuse(_WORDS.get(type(node).__name__, "arithmetic"), part, node.lineno)
        waiting.extend(node.iter_child_nodes())


_WORDS: Final = {
    "For": "a loop",
    "Call": "a call",
    "Getattr": "a dot behind a field",
    "Getitem": "brackets behind a field",
    "Assign": "set",
    "AssignBlock": "set",
    "Include": "include",
    "Import": "import",
    "FromImport": "import",
    "Extends": "extends",
    "Block": "a block",
    "Macro": "a macro",
    "CallBlock": "a call",
    "FilterBlock": "a filter over a block",
    "With": "with",
    "List": "a list",
    "Tuple": "a tuple",
    "Dict": "a dictionary",
}


def _refuse(what: str, part: str, line: int) -> NoReturn:
    raise FieldError(f"a mail's text has no room for {what}", part, line)


def _near(name: str, fields: Collection[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name.casefold(), fields, 1, 0.6)
    return f"; is it {near[0]}?" if near else f"; there are {', '.join(sorted(fields))}"


@lru_cache(maxsize=2)
def _environment(html: bool) -> jinja2.Environment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        comment_start_string="{{#",
        comment_end_string="#}}",
        undefined=StrictUndefined,
        finalize=_printed,
        autoescape=html,
        keep_trailing_newline=True,
        cache_size=0,
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    return environment


def _printed(value: Any) -> Any:
    """Refuse to print nothing."""
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise _Empty(_name_of(value))


def _name_of(value: Any) -> str:
    from jinja2 import Undefined

    return str(value._undefined_name) if isinstance(value, Undefined) else "an expression"


@lru_cache(maxsize=64)
def _empty(name: str) -> Any:
    """Return what stands for a field of which nothing is known: false when asked for, an error when printed."""
    from jinja2 import Undefined

    class Nothing(Undefined):
        def __str__(self) -> str:
            raise _Empty(str(self._undefined_name))

        def __eq__(self, other: Any) -> bool:
            return isinstance(other, Undefined) or other == ""

        def __hash__(self) -> int:
            return hash("")

    return Nothing(name=name)


def _line(error: BaseException) -> int:
    """Return the line of the template in which an error arose, as the engine writes it into the traceback."""
    found, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _said(error: BaseException) -> str:
    return clean(" ".join(str(error).split()))[:200].rstrip(".")
