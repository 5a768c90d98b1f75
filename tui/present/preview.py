"""A mail as people will see it, in lines."""

from __future__ import annotations

from collections.abc import Iterator

from store.outbox.compose import Composer
from store.outbox.content import Person
from store.outbox.preview import Preview, preview
from tui.present.cells import wrap
from tui.present.history import Line

_LABEL = 17


def preview_lines(shown: Preview, cells: int) -> list[Line]:
    """Return a mail as lines of at most ``cells`` cells: headers, both texts in words, what goes with it."""
    return list(_lines(shown, cells))


def preview_text(composer: Composer, person: Person) -> str:
    """Return a mail as plain text.

    Raises:
        BadInput: it cannot be built.
    """
    shown = preview(composer, person)
    head = "".join(f"{name}: {value}\n" for name, value in shown.headers)
    both = bool(shown.text and shown.html)
    body = f"\n{shown.text}\n" if shown.text else ""
    body += f"\n{'--- as HTML ---' if both else ''}\n{shown.html}\n".replace("\n\n\n", "\n\n") if shown.html else ""
    parts = f"\nWith it: {', '.join(shown.parts)}\n" if shown.parts else ""
    return head + body + parts


def _lines(shown: Preview, cells: int) -> Iterator[Line]:
    for name, value in shown.headers:
        first, *more = wrap(value, max(20, cells - _LABEL))
        yield ((name.ljust(_LABEL), "muted"), (first, "strong" if name == "Subject" else "text"))
        for line in more:
            yield ((" " * _LABEL, "muted"), (line, "text"))
    for heading, text in (("Text", shown.text), ("HTML, its words", shown.html)):
        yield (("", "text"),)
        yield ((heading if text else f"{heading}: none", "header"),)
        for line in text.split("\n") if text else []:
            for part in wrap(line, cells):
                yield ((part, "text"),)
    if shown.parts:
        yield (("", "text"),)
        for part in wrap(f"With it: {', '.join(shown.parts)}", cells):
            yield ((part, "text"),)
