"""A message in a folder: ``message.toml``, ``text.txt``, ``html.html``, and what goes with it.

One of the two texts may be missing. What lies in ``files`` is attached; an image in ``images`` is shown where the HTML
says ``src="cid:logo.png"``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from mimetypes import guess_type
from pathlib import Path
from typing import Any, Final

from store.cleaning import clean
from store.errors import BadInput
from store.outbox.content import FRONT, HTML, TEXT, Message, Part
from store.outbox.front import FILE_BYTES, KEYS, judged, owner_of, read_bytes
from store.outbox.headers import is_header_name
from store.outbox.template import is_safe

FILES: Final = "files"
"""The folder within a message's folder of what is attached."""
IMAGES: Final = "images"
"""The folder within a message's folder of what the HTML shows."""

_BY_NAME: Final = {key.name: key for key in KEYS}


def from_folder(folder: Path) -> Message:
    """Read the message of a folder.

    Raises:
        BadInput: it cannot be read, or is no message.
    """
    front = folder / FRONT
    if not front.is_file():
        raise BadInput(f"{folder} holds no {FRONT}; that file gives a message its subject and its sender.")
    written = _text(front)
    try:
        values = tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{front} is no TOML: {clean(str(error)).rstrip('.')}.") from error
    texts = {name: _text(folder / name) if (folder / name).is_file() else "" for name in (TEXT, HTML)}
    if not any(text.strip() for text in texts.values()):
        raise BadInput(f"{folder} holds neither a {TEXT} nor an {HTML} with anything in it.")
    found: dict[str, Any] = {}
    for name, value in values.items():
        where = _where(front, written, name)
        if name not in _BY_NAME:
            raise BadInput(f"{where}: there is no “{clean(name)[:80]}”; there are {', '.join(_BY_NAME)}.")
        found[_BY_NAME[name].field] = _value(name, value, where)
    for key in KEYS:
        if key.needed and key.field not in found:
            raise BadInput(f"{front}: {key.name} is missing ({key.help}).")
    parts = (*_parts(folder / FILES, shown=False), *_parts(folder / IMAGES, shown=True))
    if sum(len(part.content) for part in parts) > FILE_BYTES:
        raise BadInput(
            f"{folder}: what goes with the mail is larger than {FILE_BYTES >> 20} MiB; no such mail arrives."
        )
    made = Message(**found, text=texts[TEXT], html=texts[HTML], parts=parts, source=str(folder), owner=owner_of(front))
    return judged(made, lambda name: _where(front, written, name))


def _value(name: str, value: Any, where: str) -> Any:
    """Return the value of a key as :class:`Message` takes it."""
    if name in {"headers", "fields"}:
        return _table(name, value, where)
    wanted = bool if name == "automatic" else str
    if not isinstance(value, wanted):
        raise BadInput(f"{where}: {name} takes {'true or false' if wanted is bool else 'a text in quotes'}.")
    if isinstance(value, str):
        if not is_safe(value):
            raise BadInput(f"{where}: {name} holds a line break or another control character.")
        return value.strip()
    return value


def _table(name: str, value: Any, where: str) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise BadInput(f"{where}: {name} is a table: [{name}], then lines like {_EXAMPLES[name]}.")
    for key, text in value.items():
        if name == "headers" and not is_header_name(key):
            raise BadInput(f"{where}: {clean(key)[:80]} is no header that a message can set itself.")
        if not isinstance(text, str) or not is_safe(text):
            raise BadInput(f"{where}: {clean(key)[:80]} takes a text of one line.")
    if len({key.lower() for key in value}) < len(value):
        raise BadInput(f"{where}: one of the {name} is there twice, in other letters.")
    return {key: text.strip() for key, text in value.items()}


_EXAMPLES: Final = {"headers": 'X-Department = "Sales"', "fields": 'city = "Bremen"'}


def _parts(folder: Path, *, shown: bool) -> Iterator[Part]:
    """Yield the files that go with a message, by name."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            kind = guess_type(path.name)[0] or "application/octet-stream"
            if shown and not kind.startswith("image/"):
                raise BadInput(f"{path} is no image; what is to be attached lies in the folder {FILES}.")
            yield Part(path.name, kind, read_bytes(path), path.name if shown else "")


def _text(path: Path) -> str:
    data = read_bytes(path)
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput(f"{path}, line {line}: this is no text in UTF-8.") from error


def _where(front: Path, written: str, name: str) -> str:
    """Return the file and the line on which a key stands, the file alone if it stands nowhere."""
    match = re.search(rf"^[ \t]*\[?[ \t]*[\"']?{re.escape(name)}[\"']?[ \t]*[=\].]", written, re.MULTILINE)
    return f"{front}, line {written.count(chr(10), 0, match.start()) + 1}" if match else str(front)
