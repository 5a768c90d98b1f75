"""A message in an ``.eml`` file: its headers are the front matter, its text and HTML parts the texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any, Final

from store.cleaning import clean
from store.errors import BadInput
from store.outbox.content import Message, Part
from store.outbox.front import KEYS, judged, owner_of, read_bytes
from store.outbox.template import is_safe

KEPT: Final = tuple("Sender List-ID List-Help List-Archive Organization Precedence Feedback-ID Keywords".split())
"""Headers that its mails keep; what mail programs note for themselves is dropped."""

_WAYS: Final = re.compile(r"<([^<>]+)>")


def from_eml(path: Path) -> Message:
    """Read the message of a mail.

    Raises:
        BadInput: it cannot be read, or is no message.
    """
    mail = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(read_bytes(path))
    if "from" not in mail and "subject" not in mail:
        raise BadInput(f"{path} is no mail: it has neither From nor Subject.")
    found: dict[str, Any] = {}
    for key in KEYS:
        if key.header and key.header in mail:
            found[key.field] = _header(path, mail, key.header)
        elif key.needed:
            raise BadInput(f"{path} has no {key.header} ({key.help}).")
    found["return_path"] = found.get("return_path", "").strip("<> ")
    found["automatic"] = found.get("automatic", "no").lower() not in {"no", ""}
    found |= _ways(_WAYS.findall(_header(path, mail, "List-Unsubscribe")) if "List-Unsubscribe" in mail else [])
    bodies = {kind: mail.get_body((kind,)) for kind in ("plain", "html")}
    texts = {kind: _text(path, body, kind) if body is not None else "" for kind, body in bodies.items()}
    if not any(text.strip() for text in texts.values()):
        raise BadInput(f"{path} has neither a text nor an HTML part with anything in it.")
    made = Message(
        **found,
        text=texts["plain"],
        html=texts["html"],
        headers={name: _header(path, mail, name) for name in KEPT if name in mail},
        parts=tuple(_parts(path, mail, [body for body in bodies.values() if body is not None])),
        source=str(path),
        owner=owner_of(path),
    )
    return judged(made, lambda name: str(path))


def _ways(ways: list[str]) -> dict[str, str]:
    """Return what List-Unsubscribe names: the first link, and the first address."""
    ways = [way.strip() for way in ways]
    links = [way for way in ways if way.lower().startswith(("https:", "http:"))]
    mails = [way.partition(":")[2].partition("?")[0] for way in ways if way.lower().startswith("mailto:")]
    return {"unsubscribe": links[0] if links else "", "unsubscribe_mail": mails[0] if mails else ""}


def _header(path: Path, mail: EmailMessage, name: str) -> str:
    """Return a header's words on one line."""
    values = mail.get_all(name, [])
    if len(values) > 1:
        raise BadInput(f"{path} has {name} {len(values)} times.")
    text = " ".join(_words(values[0]).split())
    if not is_safe(text):
        raise BadInput(f"{path}: {name} holds a control character.")
    return text


def _words(value: Any) -> str:
    """Return a header's words; one address gets its name in quotes, which decoding may have taken off."""
    if isinstance(value, AddressHeader) and len(value.addresses) == 1:
        address = value.addresses[0]
        name = address.display_name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{name}" <{address.addr_spec}>' if name else address.addr_spec
    return str(value)


def _text(path: Path, body: Any, kind: str) -> str:
    try:
        text = body.get_content()
    except (LookupError, UnicodeError) as error:
        raise BadInput(f"{path}: its {kind} part has a character set that is not known.") from error
    if not isinstance(text, str):
        raise BadInput(f"{path}: its {kind} part is no text.")
    if "\ufffd" in text:
        raise BadInput(f"{path}: its {kind} part is not in the character set that it names.")
    return text.replace("\r\n", "\n")


def _parts(path: Path, mail: EmailMessage, bodies: list[Any]) -> Iterator[Part]:
    """Yield what goes with the mail: every leaf that is neither its text nor its HTML."""
    for leaf in mail.walk():
        if leaf.is_multipart() or any(leaf is body for body in bodies):
            if leaf.get_content_maintype() == "message":
                raise BadInput(f"{path} has another mail in it; it cannot be sent on like this.")
            continue
        content = leaf.get_payload(decode=True)
        kind = leaf.get_content_type()
        name = clean(leaf.get_filename() or kind.replace("/", "."))
        cid = str(leaf.get("Content-ID", "")).strip("<> ")
        yield Part(name, kind, content if isinstance(content, bytes) else b"", cid)
