"""A mail of a folder on a server once more, to be shown."""

from __future__ import annotations

import os
from pathlib import Path

from store.errors import NotFound
from store.feeds.imap.access import Access, access
from store.feeds.imap.address import Mailbox
from store.feeds.imap.connection import Connection, uid_of

_CONNECT_S, _ANSWER_S = 5.0, 15.0
"""Somebody waits for it."""


def mail_again(mailbox: Mailbox, where: str) -> bytes:
    """Fetch the mail at ``where`` ("uid 123"); the password comes from the environment or the keyring.

    Raises:
        NotFound: it is no longer there.
        Refused: there is no password, or the server takes neither it nor the folder.
        Unreachable: the server does not answer.
    """
    known = access({})
    ca_file = os.environ.get("AFTERSEND_CA_FILE")
    connection = Connection(
        mailbox, Access(known.secret, Path(ca_file) if ca_file else None, None, _CONNECT_S, _ANSWER_S)
    )
    try:
        connection.examine()
        found = connection.mails(connection.envelopes([uid_of(where)]))
    finally:
        connection.close()
    if not found:
        raise NotFound(f"{where} is no longer in {mailbox.url}; it was moved or deleted since it was read.")
    (mail,) = found.values()
    return mail.data
