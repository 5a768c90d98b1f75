"""A mail as lines of text that a person can read: its source, with encoded text parts decoded in their place."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import Message

_ENCODED = frozenset({"base64", "quoted-printable"})


def readable_lines(data: bytes) -> list[str]:
    """Return the lines of a mail or a log; bytes that are no UTF-8 are taken for Latin-1. Nothing is cleaned."""
    return [_text(line, "utf-8") for line in _decoded(data).splitlines()]


def _decoded(data: bytes) -> bytes:
    """Return a mail's source in which base64 and quoted-printable text stands as UTF-8."""
    try:
        mail = message_from_bytes(data, policy=policy.compat32)
        start = 0
        for part in mail.walk():
            encoded = _payload(part)
            at = data.find(encoded, start) if encoded else -1
            if at < 0:
                continue
            body = part.get_payload(decode=True)
            assert isinstance(body, bytes)
            plain = _text(body.strip(b"\r\n"), part.get_content_charset("utf-8")).encode("utf-8", "replace")
            data = data[:at] + plain + data[at + len(encoded) :]
            start = at + len(plain)
    except Exception:
        # The email package breaks on hostile mail in more ways than can be named; what was decoded so far will do.
        return data
    return data


def _payload(part: Message) -> bytes:
    """Return the encoded text of a part as it stands in the source; nothing for parts that need no decoding."""
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if part.is_multipart() or part.get_content_maintype() != "text" or encoding not in _ENCODED:
        return b""
    payload = part.get_payload()
    return payload.encode("ascii", "surrogateescape").strip() if isinstance(payload, str) else b""


def _text(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return data.decode("latin-1")
