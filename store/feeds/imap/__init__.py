"""Bounce mailboxes on a server, read over IMAP: looked at with EXAMINE and BODY.PEEK, never changed.

The library and TLS are loaded when such a mailbox is opened, not with this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.following.source import Followed, How


def followed(url: str, how: How) -> Followed:
    """Return the source that imaps://user@host/FOLDER names.

    ``how.options`` may hold "password-file", "token-file", "ca-file" (paths) and "no-tls" (any text).

    Raises:
        BadInput: it names no mailbox.
        Refused: a password stands in it.
    """
    from store.feeds.imap.access import access
    from store.feeds.imap.address import mailbox_of
    from store.feeds.imap.source import MailboxSource

    return MailboxSource(mailbox_of(url), access(how.options, how.ask), how.now)
