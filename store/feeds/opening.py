"""From a path to feeds: what a file or a folder holds is found out by looking into it, never by its name."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from store.errors import BadInput
from store.feeds.access.detection import is_access_log
from store.feeds.access.reader import AccessLog
from store.feeds.bounces.mailbox import FROM_LINE, RawMail, is_maildir, maildir_files, mbox_mails, mtime_ms, single_mail
from store.feeds.bounces.parts import Headers, line_feeds
from store.feeds.cores import read_mails
from store.feeds.events import UTF_8, EventReader
from store.feeds.files import ByteFile, binary_kind, probe, unreadable, utf16_kind
from store.feeds.logs import (
    ACCESS,
    LOGS,
    REMEMBERING,
    LogReaders,
    first_ms,
    is_untimed,
    log_format,
    looks_like_log,
    structured_format,
)
from store.feeds.mapping import Mapping, find_columns
from store.feeds.record import Defect, Progress, Record
from store.feeds.stamps import Clock
from store.feeds.tables import read_table

MAILBOX = "bounce mailbox"
EVENTS = "event file"
NOT_UNDERSTOOD = "not understood"

_EXPECTED = (
    "a Postfix log (or one of Exim, OpenSMTPD, KumoMTA or PowerMTA), a mailbox (mbox, Maildir or a mail) or an event"
    " file (CSV, TSV, JSON) was expected"
)
_FIELD = re.compile(rb"[!-9;-~]+:(?:[ \t]|\r?$)")
_MAIL_FIELDS = frozenset(
    "return-path received delivered-to x-original-to envelope-to from to cc date subject message-id mime-version"
    " content-type reply-to sender in-reply-to references auto-submitted".split()
)
_TEXTS = re.compile(rb'\[\s*"')
"""How a list begins that holds texts, no objects."""

_ROTATED = re.compile(r"[.-](\d+)(?:\.[a-z]+\d?)?\Z")
_BATCH = 1000
_FIRST_BYTES = 500
Stream = Iterator[Record | Defect | Progress]


class Undecided(BadInput):
    """What the file holds so far does not tell its format, but more of it may."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One thing that was found and can be read.

    Attributes:
        path: the file, the Maildir, or the folder of single mails.
        format: "postfix log", "exim log", "opensmtpd log", "kumomta log", "powermta accounting", "access log",
            "bounce mailbox", "event file", or "not understood" (files of a folder, each a defect).
        total: its size in bytes; for a Maildir and a folder of mails the number of mails.
        records: what it says, once, in its own order; the file is opened when the first one is asked for.
    """

    path: Path
    format: str
    total: int
    records: Stream


@dataclass(frozen=True, slots=True)
class _How:
    """What the operator said about all files, and what the lines of rotated logs share."""

    mapping: Mapping | None
    zone: tzinfo | None
    now: datetime
    logs: LogReaders
    reads_access: bool = False

    @property
    def decided(self) -> bool:
        """Whether a file that could be anything is an event file, for the operator said so much of it."""
        return self.mapping is not None and self.mapping.decides

    def clock(self, path: Path) -> Clock:
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return Clock(min(changed, self.now), self.zone)


def together(
    paths: Sequence[Path], *, mapping: Mapping | None = None, zone: tzinfo | None = None, now: datetime
) -> list[tuple[Path, ...]]:
    """Return what is to be opened in one go, in the order in which it was named: logs of mail servers with each other.

    A mail that waits has lines in several rotated logs, whatever their order was on the command line.
    """
    how = _how(mapping, zone, now)
    logs = dict.fromkeys(path for path in paths if _remembers(path, how))
    alone = [(path,) for path in paths if path not in logs]
    first = next((place for place, path in enumerate(paths) if path in logs), 0)
    return [*alone[:first], *([tuple(logs)] if logs else []), *alone[first:]]


def _remembers(path: Path, how: _How) -> bool:
    try:
        return path.is_file() and _kind(path, how) in REMEMBERING
    except (BadInput, OSError):
        return False


def open_feeds(
    path: Path | Sequence[Path], *, mapping: Mapping | None = None, zone: tzinfo | None = None, now: datetime
) -> Iterator[Feed]:
    """Yield what can be read at ``path``: a file, a Maildir, or everything in a folder (older logs first).

    Args:
        path: file or folder, or several logs; it is only read, a mailbox stays as it is.
        mapping: the columns of event files; given, a file that could be anything is taken for one.
        zone: of stamps that tell none; None: a log's are the host's, an event file's are defects.
        now: the present (aware), after which no log line can lie.

    Raises:
        BadInput: nothing there can be read; the sentence says what was expected.
    """
    how = _how(mapping, zone, now)
    if not isinstance(path, Path):
        yield from _in_time([(file, _kind(file, how)) for file in path], how)
        return
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise unreadable(path, error) from error
    if stat.S_ISDIR(mode):
        yield from _folder(path, how)
    elif stat.S_ISREG(mode):
        yield _file(path, how)
    else:
        raise BadInput(f"{path} is no regular file; {_EXPECTED}.")


def kind_of(path: Path, *, mapping: Mapping | None = None, zone: tzinfo | None = None, now: datetime) -> str:
    """Return what a file is taken for: one of ``LOGS``, "mbox", "mail", "json", "bodies" or "table".

    The arguments are those of :func:`open_feeds`.

    Raises:
        Undecided: more of it may tell.
        BadInput: it is empty, unreadable or of no known format.
    """
    return _kind(path, _how(mapping, zone, now))


def _folder(path: Path, how: _How) -> Iterator[Feed]:
    maildirs: list[Path] = []
    files: list[Path] = []
    for root, folders, names in os.walk(path, onerror=_refuse):
        here = Path(root)
        if is_maildir(here):
            maildirs.append(here)
            folders[:] = [name for name in folders if name not in {"cur", "new", "tmp"}]
            continue
        folders.sort()
        files.extend(here / name for name in sorted(names) if not name.startswith(".") and (here / name).is_file())
    found, unknown = _sorted_files(path, files, how)
    if not found and not maildirs:
        first = f" ({unknown[0].where}: {unknown[0].sentence})" if unknown else ""
        raise BadInput(f"{path} holds nothing to read{first}; {_EXPECTED}.")
    for maildir in sorted(maildirs):
        mails = maildir_files(maildir)
        yield Feed(maildir, MAILBOX, len(mails), _mails(mails))
    yield from found
    if unknown:
        yield Feed(path, NOT_UNDERSTOOD, len(unknown), iter(unknown))


def _how(mapping: Mapping | None, zone: tzinfo | None, now: datetime) -> _How:
    web = mapping.web if mapping else None
    access = AccessLog(web, mapping.campaign, zone) if mapping and web else None
    if mapping and web and not (mapping.columns or mapping.type):
        mapping = None
    return _How(mapping, zone, now, LogReaders(zone, access), access is not None)


def _refuse(error: OSError) -> None:
    raise unreadable(Path(error.filename), error)


def _sorted_files(top: Path, files: list[Path], how: _How) -> tuple[list[Feed], list[Defect]]:
    logs: list[tuple[Path, str]] = []
    others: list[Feed] = []
    mails: dict[Path, list[Path]] = {}
    unknown: list[Defect] = []
    for file in files:
        try:
            kind = _kind(file, how)
            if kind in LOGS:
                logs.append((file, kind))
            elif kind == "mail":
                mails.setdefault(file.parent, []).append(file)
            else:
                others.append(_file(file, how))
        except BadInput as error:
            unknown.append(Defect(str(file.relative_to(top)), str(error).removeprefix(f"{file} ").rstrip(".")))
    found = _in_time(logs, how)
    found += [Feed(folder, MAILBOX, len(found_mails), _mails(found_mails)) for folder, found_mails in mails.items()]
    return found + others, unknown


def _in_time(logs: Sequence[tuple[Path, str]], how: _How) -> list[Feed]:
    begun = {file: first_ms(file, how.clock(file)) for file, _ in logs}
    ordered = sorted(logs, key=lambda log: (begun[log[0]], _rotation(log[0].name), log[0]))
    return [_log(file, how, kind) for file, kind in ordered]


def _rotation(name: str) -> tuple[int, int]:
    """Return what sorts the logs of one second by age: dated ones, numbered ones from the highest number, the last."""
    number = _ROTATED.search(name)
    if number is None:
        return 2, 0
    return (0, int(number[1])) if len(number[1]) > 4 else (1, -int(number[1]))


def _file(path: Path, how: _How) -> Feed:
    kind = _kind(path, how)
    return _log(path, how, kind) if kind in LOGS else _READERS[kind](path, how)


def _kind(path: Path, how: _How) -> str:
    """Return the key of the reader for a file.

    Raises:
        BadInput: it is empty, binary, unreadable or of no known format.
    """
    start = probe(path)
    binary = binary_kind(start)
    if binary:
        raise BadInput(f"{path} is {binary}; {_EXPECTED}.")
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\t ")
    if not how.decided or not utf16_kind(start):
        first = text.partition(b"\n")[0][:_FIRST_BYTES]
        if FROM_LINE.match(first):
            return "mbox"
        if _is_mail(text):
            return "mail"
        if how.reads_access and is_access_log(text):
            return ACCESS
        if (text[:1] not in b"{[" or _TEXTS.match(text)) and EventReader(how.mapping, how.zone).has_bodies(text):
            return "bodies"
        if looks_like_log(text):
            return _log_kind(path, text)
        if text[:1] != b"{" and is_access_log(text):
            raise _paths_missing(path)
        structured = None if how.decided else structured_format(text)
        if structured is not None:
            return structured
    wide = utf16_kind(start)
    if (start.decode(wide, "replace").lstrip("\ufeff \r\n\t") if wide else text.decode("latin-1"))[:1] in {"{", "["}:
        return "json"
    return _table_kind(path, how)


def _log_kind(path: Path, text: bytes) -> str:
    kind = log_format(path)
    if kind is not None:
        return kind
    if is_access_log(text):
        raise _paths_missing(path)
    if is_untimed(text):
        raise BadInput(f"{path} is an OpenSMTPD log without times; read the one that the system's log keeps.")
    raise Undecided(f"{path} is a log without any line of Postfix, Exim or OpenSMTPD; {_EXPECTED}.")


def _paths_missing(path: Path) -> BadInput:
    return BadInput(
        f"{path} is a web server's access log; say what its paths mean:"
        " --map 'click=/r/{link}?u={recipient},pixel=/o/{campaign}/{recipient}.gif,unsubscribe=/u/{recipient}'."
    )


def _is_mail(text: bytes) -> bool:
    """Tell whether ``text`` begins with a mail's header: fields only, two of them well known."""
    head = line_feeds(text).partition(b"\n\n")[0]
    lines = head.split(b"\n")
    if not _FIELD.match(lines[0]):
        return False
    headers = Headers(head)
    return sum(name in headers for name in _MAIL_FIELDS) >= 2


def _table_kind(path: Path, how: _How) -> str:
    if not how.decided:
        said = how.mapping or Mapping()
        table = read_table(path, said.delimiter, said.encoding)
        table.close()
        if not find_columns(table.header, None):
            raise BadInput(f"{path} is not understood; {_EXPECTED}.")
    return "table"


def _log(path: Path, how: _How, kind: str) -> Feed:
    def records() -> Stream:
        yield from how.logs.read(path, kind, how.clock(path))

    return Feed(path, kind, path.stat().st_size, records())


def _mbox(path: Path, how: _How) -> Feed:
    def records() -> Stream:
        with ByteFile(path) as file:
            for number, said in enumerate(read_mails(mbox_mails(file, mtime_ms(path))), 1):
                yield from said
                if number % _BATCH == 0:
                    yield Progress(file.done, file.total)
            if file.damage:
                yield Defect("end of the file", file.damage, ends=True)

    return Feed(path, MAILBOX, path.stat().st_size, records())


def _mail(path: Path, how: _How) -> Feed:
    return Feed(path, MAILBOX, 1, _mails([path]))


def _mails(files: list[Path]) -> Stream:
    for number, said in enumerate(read_mails(map(_opened, files)), 1):
        yield from said
        if number % _BATCH == 0:
            yield Progress(number, len(files))


def _opened(file: Path) -> RawMail | Defect:
    try:
        return single_mail(file)
    except (BadInput, OSError) as error:
        return Defect(file.name, str(error).removeprefix(f"{file} ").rstrip("."))


def _json(path: Path, how: _How) -> Feed:
    reader = EventReader(how.mapping, how.zone)
    encoding = (how.mapping and how.mapping.encoding) or utf16_kind(probe(path)) or UTF_8
    try:
        reader.check_json(path, encoding)
    except BadInput:
        if is_access_log(probe(path)):
            raise _paths_missing(path) from None
        raise
    return Feed(path, EVENTS, path.stat().st_size, reader.json(path, encoding))


def _bodies(path: Path, how: _How) -> Feed:
    return Feed(path, EVENTS, path.stat().st_size, EventReader(how.mapping, how.zone).bodies(path))


def _table(path: Path, how: _How) -> Feed:
    reader = EventReader(how.mapping, how.zone)
    reader.check_table(path)
    return Feed(path, EVENTS, path.stat().st_size, reader.table(path))


_READERS: dict[str, Callable[[Path, _How], Feed]] = {
    "mbox": _mbox,
    "mail": _mail,
    "json": _json,
    "bodies": _bodies,
    "table": _table,
}
