"""Rows as one HTML page that needs nothing else: no script, no picture, nothing is loaded from anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, TextIO

from store.exports.about import About
from store.exports.csv import plain
from store.exports.fields import RECIPIENT_FIELDS, Field
from store.exports.files import Target, writing

_STYLE = """\
body { font: 14px/1.4 system-ui, sans-serif; margin: 2em; color: #1b1b1b; background: #fff; }
dl { display: grid; grid-template-columns: max-content auto; gap: .1em 1em; }
dt { font-weight: 600; } dd { margin: 0; }
table { border-collapse: collapse; margin-top: 1.5em; }
th, td { text-align: left; vertical-align: top; padding: .25em .7em; border-bottom: 1px solid #ccc; }
th { position: sticky; top: 0; background: #f2f2f2; white-space: nowrap; }
td.number { text-align: right; } td.time { white-space: nowrap; }
@media (prefers-color-scheme: dark) {
  body { color: #e6e6e6; background: #161616; } th { background: #262626; } th, td { border-color: #444; }
}
@media print { body { margin: 0; font-size: 10px; } th { position: static; } tr { break-inside: avoid; } }
"""


def export(
    rows: Iterable[Any],
    target: Target,
    about: About,
    *,
    fields: Sequence[Field] = RECIPIENT_FIELDS,
    overwrite: bool = False,
) -> int:
    """Write the brief fields of rows as an HTML page and return the rows' number.

    Args:
        rows: the rows, in the order wanted.
        target: where to (:func:`store.exports.files.writing`).
        about: what stands above the table.
        fields: the columns; only the brief ones are written.
        overwrite: whether an existing file may be replaced.

    Raises:
        Refused: the file exists.
        BadInput: the file cannot be written there.
        DiskFull: no room; the old file, if any, is as it was.
    """
    brief = [field for field in fields if field.brief]
    count = 0
    with writing(target, overwrite=overwrite) as stream:
        _head(stream, about)
        stream.write("<table>\n<thead><tr>")
        stream.writelines(f"<th>{escape(field.heading)}</th>" for field in brief)
        stream.write("</tr></thead>\n<tbody>\n")
        for row in rows:
            count += 1
            stream.write(f"<tr>{''.join(_cell(getattr(row, field.name)) for field in brief)}</tr>\n")
        stream.write("</tbody>\n</table>\n</body>\n</html>\n")
    return count


def _head(stream: TextIO, about: About) -> None:
    title = escape(dict(about.lines()).get("Of", about.noun))
    stream.write(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n<dl>\n"
    )
    stream.writelines(f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>\n" for label, text in about.lines())
    stream.write("</dl>\n")


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return f'<td class="time">{value.astimezone(UTC):%Y-%m-%d %H:%M}</td>'
    kind = ' class="number"' if isinstance(value, int) and not isinstance(value, bool) else ""
    return f"<td{kind}>{escape(plain(value))}</td>"
