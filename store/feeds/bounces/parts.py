"""A mail cut into its MIME parts (RFC 2046): lenient, lazy, and never an exception for a broken mail.

Header values, parameters and transfer encodings are the standard library's ``email`` with its ``compat32`` policy;
the cutting is done here, because ``email.parser`` walks through the returned mail line by line, three times slower.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from email.utils import parsedate_to_datetime

_DEPTH = 6
_PARTS = 64
_DECODED = 1000
_FOLD = re.compile(r"\n[ \t]+")
_CHARSET_ALIASES = {"unicode-1-1-utf-8": "utf-8", "x-unknown": "latin-1", "unknown-8bit": "latin-1"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(
    rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?([0-3]?[0-9]) ({'|'.join(_MONTHS)}) ((?:19|20)[0-9]{{2}})"
    r" ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([01][0-9])([0-5][0-9])(?: \([A-Z]+\))?",
    re.ASCII,
)
_PARAMETERS = re.compile(r";\s*([\w*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s;\"]+))")


class Headers:
    """Header fields by lower-case name, unfolded."""

    __slots__ = ("_fields",)

    def __init__(self, head: bytes) -> None:
        """Read the header block ``head`` (LF line ends); lines that are no field are passed over."""
        fields: dict[str, list[str]] = {}
        text = head.decode("utf-8", "replace") if not head.isascii() else head.decode("ascii")
        if "\n " in text or "\n\t" in text:
            text = _FOLD.sub(" ", text)
        for line in text.split("\n"):
            name, colon, value = line.partition(":")
            if colon and name and " " not in (name := name.rstrip()):
                name = name.lower()
                if name in fields:
                    fields[name].append(value.strip())
                else:
                    fields[name] = [value.strip()]
        self._fields = fields

    def __bool__(self) -> bool:
        return bool(self._fields)

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def get(self, name: str) -> str:
        """Return the first value of the field ``name`` (lower case), "" if it is missing."""
        values = self._fields.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> list[str]:
        """Return all values of the field ``name`` (lower case)."""
        return self._fields.get(name, [])

    def text(self, name: str) -> str:
        """Return the first value of the field ``name`` with its encoded words (RFC 2047) decoded, cut short if huge."""
        value = self.get(name)[:_DECODED]
        if "=?" not in value:
            return value
        try:
            return str(make_header(decode_header(value)))
        except (MessageError, LookupError, ValueError):
            return value


class Part:
    """A mail, or one part of it.

    Attributes:
        headers: of the part.
        kind: the content type in lower case, without parameters.
    """

    def __init__(self, data: bytes, depth: int = 0, kind: str = "text/plain") -> None:
        """Cut ``data`` (LF line ends) into header and body; ``kind`` is the type where none is stated."""
        if data.startswith(b"\n"):
            head, self._body = b"", data[1:]
        else:
            head, _, self._body = data.partition(b"\n\n")
        self.headers = Headers(head)
        self._depth = depth
        stated = self.headers.get("content-type").partition(";")[0].strip().lower()
        self.kind = stated if "/" in stated else kind
        self._parts: list[Part] | None = None

    def parameter(self, name: str) -> str:
        """Return a parameter of the content type, "" if it is missing."""
        value = self.headers.get("content-type")
        found = {key.lower(): quoted or bare for key, quoted, bare in _PARAMETERS.findall(value)}
        if name in found or "*" not in value:
            return str(found.get(name, ""))
        message: Message[str, str] = Message(compat32)
        message["Content-Type"] = value
        try:
            odd = message.get_param(name, "")
        except (ValueError, LookupError):
            return ""
        return odd[2] if isinstance(odd, tuple) else str(odd or "")

    @property
    def parts(self) -> list[Part]:
        """The parts of a multipart; empty for everything else and for one that cannot be cut."""
        if self._parts is None:
            self._parts = self._cut()
        return self._parts

    def _cut(self) -> list[Part]:
        if not self.kind.startswith("multipart/") or self._depth >= _DEPTH:
            return []
        boundary = self.parameter("boundary").encode("utf-8", "replace")
        if not boundary:
            return []
        return [Part(piece, self._depth + 1) for piece in _pieces(self._body, boundary)]

    def walk(self) -> Iterator[Part]:
        """Yield this part and all parts within it, in order."""
        yield self
        for part in self.parts:
            yield from part.walk()

    @property
    def raw(self) -> bytes:
        """The body with its transfer encoding taken off."""
        return self._decoded(self._body)

    def raw_until(self, size: int) -> bytes:
        """Return the beginning of the body, about ``size`` bytes, with its transfer encoding taken off."""
        return self._decoded(self._body[: size * 4 // 3])[:size]

    def _decoded(self, body: bytes) -> bytes:
        encoding = self.headers.get("content-transfer-encoding").partition(";")[0].strip().lower()
        if encoding not in {"base64", "quoted-printable"}:
            return body
        message: Message[str, str] = Message(compat32)
        message["Content-Transfer-Encoding"] = encoding
        message.set_payload(body.decode("ascii", "surrogateescape"))
        decoded = message.get_payload(decode=True)
        return line_feeds(decoded) if isinstance(decoded, bytes) else body

    def text_until(self, size: int) -> str:
        """Return the beginning of the body, at most ``size`` bytes, as text in its character set."""
        raw = self.raw_until(size)
        charset = self.parameter("charset").lower() or "utf-8"
        try:
            return raw.decode(_CHARSET_ALIASES.get(charset, charset), "replace")
        except (LookupError, ValueError):
            return raw.decode("utf-8", "replace")


def open_mail(data: bytes) -> Part:
    """Return the mail in ``data``, whatever its line ends."""
    return Part(line_feeds(data).lstrip(b"\n"))


def line_feeds(data: bytes) -> bytes:
    """Return ``data`` with LF line ends, whether it had CRLF, CR or LF."""
    if b"\r" not in data:
        return data
    # Some gateways end lines with CR CR LF; read as two ends, the header would be over after its first line.
    return data.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def date_ms(value: str) -> int | None:
    """Return a mail date as epoch milliseconds, None if it is none; a date without zone is UTC (RFC 5322 3.3)."""
    if not value:
        return None
    try:
        # Most are written like this, and parsedate_to_datetime() is slow.
        usual = _DATE.fullmatch(value)
        moment = _moment(usual) if usual else parsedate_to_datetime(value)
        seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (TypeError, ValueError, IndexError, OverflowError, OSError):
        return None
    # A mail from before the net or from the far future has a broken clock, not a date.
    return seconds * 1000 if 600_000_000 <= seconds <= 4_100_000_000 else None


def _moment(date: re.Match[str]) -> datetime:
    day, month, year, hour, minute, second, sign, hours, minutes = date.groups()
    told = datetime(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    return told - ahead if sign == "+" else told + ahead


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    mark = b"\n--" + boundary
    chunks = (b"\n" + body).split(mark)
    pieces: list[bytes] = []
    for chunk in chunks[1:]:
        rest, newline, content = chunk.partition(b"\n")
        if rest.startswith(b"--") and not rest[2:].strip():
            break
        if rest.strip():
            # The boundary of an inner part begins with this one.
            if pieces:
                pieces[-1] += mark + chunk
            continue
        if newline and len(pieces) < _PARTS:
            pieces.append(content)
    return pieces
