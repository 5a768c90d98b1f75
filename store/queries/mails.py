"""The mail, or the lines of a log, from which an event was read; looked up where they lie, never kept in the store."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from store.addresses import address_key
from store.cleaning import clean
from store.database import Store
from store.errors import NotFound, StoreError
from store.evidence import RawMailRow
from store.feeds.imap.address import is_mailbox, mailbox_of
from store.feeds.places import SHOWN_BYTES, Fits, piece_at
from store.feeds.showing import readable_lines
from store.feeds.storing import record_from_json

_TAB = 4
_OF_EVENT = (
    "SELECT f.path, e.location, e.address, e.message_id, r.address FROM event AS e"
    " JOIN recipient AS r ON r.id = e.recipient_id LEFT JOIN feed AS f ON f.id = e.feed_id WHERE e.id = ?"
)


def raw_mail(store: Store, event_id: int) -> RawMailRow:
    """Return the mail that an event was read from, or the log lines of its queue id, at most 64 kB.

    Raises:
        NotFound: there is no such event, it came from no file, the file is gone or was changed since, or the mail's
            server does not hand it out.
    """
    found = store.row(_OF_EVENT, (event_id,))
    if found is None:
        raise NotFound(f"There is no event with the number {event_id}.")
    path, where, *told = found
    return _raw(path, where, told)


def mail_bytes(store: Store, event_id: int) -> tuple[bytes, bool]:
    """Return the mail that an event was read from as it lies in a file, at most 64 kB, and whether there is more.

    Raises:
        NotFound: there is none, it lies on a server, or the file is gone or was changed since.
    """
    found = store.row(_OF_EVENT, (event_id,))
    if found is None or not found[0] or not found[1]:
        raise NotFound("This was read from no file.")
    path, where, *told = found
    if is_mailbox(path):
        raise NotFound(f"It lies on a server: {clean(path)}, {clean(where)}.")
    piece = piece_at(Path(path), where, _fits(told))
    if piece is None:
        raise NotFound(f"{clean(path)} no longer holds it at {clean(where)}.")
    return piece.data, piece.cut


def raw_record(store: Store, stranger_id: int) -> RawMailRow:
    """Return the mail or the log lines that a stranger's record was read from.

    Raises:
        NotFound: as for :func:`raw_mail`.
    """
    found = store.row(
        "SELECT f.path, s.record FROM stranger AS s LEFT JOIN feed AS f ON f.id = s.feed_id WHERE s.id = ?",
        (stranger_id,),
    )
    if found is None:
        raise NotFound(f"There is no stranger's record with the number {stranger_id}; it may have been assigned.")
    record = record_from_json(found[1])
    return _raw(found[0], record.where, (record.message_id, record.address, record.original, record.verp))


def _raw(path: str | None, where: str, told: Iterable[Any]) -> RawMailRow:
    if not path or not where:
        raise NotFound("This was read from no file.")
    fits = _fits(told)
    if is_mailbox(path):
        return _on_server(path, where, fits)
    feed = Path(path)
    piece = piece_at(feed, where, fits)
    if piece is not None:
        return _row(piece.data, str(piece.path), where, cut=piece.cut)
    if not feed.exists():
        raise NotFound(f"{clean(path)} is gone; it was there at {clean(where)}.")
    if feed.is_dir():
        raise NotFound(f"{clean(where)} is no longer in {clean(path)}; it was moved or deleted since it was read.")
    raise NotFound(f"{clean(path)} no longer holds it at {clean(where)}; it was rotated or changed since it was read.")


def _fits(told: Iterable[Any]) -> Fits:
    """Return what tells a piece of a feed that is the right one."""
    words = _needles(told)

    def fits(data: bytes) -> bool:
        folded = "\n".join(readable_lines(data)).casefold()
        return not words or any(word in folded for word in words)

    return fits


def _row(data: bytes, path: str, where: str, *, cut: bool) -> RawMailRow:
    lines = tuple(clean(line.expandtabs(_TAB)) for line in readable_lines(data))
    return RawMailRow(lines, clean(path), clean(where), cut)


def _on_server(url: str, where: str, fits: Fits) -> RawMailRow:
    """Fetch a mail from its server again."""
    from store.feeds.imap.again import mail_again

    try:
        data = mail_again(mailbox_of(url), where)
    except NotFound:
        raise
    except StoreError as error:
        raise NotFound(f"{clean(where)} of {clean(url)} cannot be fetched: {clean(str(error))}") from error
    if not fits(data):
        raise NotFound(f"{clean(url)} holds another mail at {clean(where)} now; the server gave new numbers.")
    return _row(data[:SHOWN_BYTES], url, where, cut=len(data) > SHOWN_BYTES)


def _needles(told: Iterable[Any]) -> list[str]:
    """Return by which words the right mail or line is known: Message-ID, addresses, and how VERP writes them."""
    words = [str(text).casefold() for text in told if text]
    addresses = {form for word in words if "@" in word for form in (word, address_key(word))}
    return [*words, *addresses, *(address.replace("@", "=") for address in addresses)]
