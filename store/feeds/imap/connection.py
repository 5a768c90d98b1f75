"""A connection to an IMAP server that only looks, and whose troubles are sentences.

Only EXAMINE, SEARCH, FETCH with BODY.PEEK, IDLE and LIST are ever sent after the login: a folder opened with EXAMINE
cannot be changed, and BODY.PEEK sets no flag (RFC 3501, 6.3.2 and 6.4.5).
"""

from __future__ import annotations

import logging
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from store.cleaning import clean
from store.errors import BadInput, Refused, Unreachable
from store.feeds.bounces.mailbox import RawMail
from store.feeds.bounces.reader import MAIL_BYTES
from store.feeds.imap.access import Access
from store.feeds.imap.address import Mailbox
from store.secrets import Secret

_FOLDERS_NAMED = 12
_WORDS = 200
_AROUND = re.compile(r"^(?:\w+ (?:failed|command error): |command: \w+ => )+(?:BAD )?(?=\S)|\[?b'|'\]?$")
# What a server says that it cannot do now (RFC 5530); the same words later may be answered otherwise.
_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[CONTACTADMIN]")

# The library logs what it sends and gets at level DEBUG; that is nobody's to keep.
logging.getLogger("imapclient").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as EXAMINE tells it.

    Attributes:
        validity: its UIDVALIDITY; another one means that all mails have new numbers.
        mails: how many lie in it.
    """

    validity: int
    mails: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is known of a mail before it is fetched: its number, its size, when the server got it."""

    uid: int
    size_bytes: int
    ts: int


class Connection:
    """One login to the server of a mailbox; every method raises as :meth:`examine` does.

    Raises:
        Unreachable: the server cannot be reached, or not now.
        Refused: it takes neither this login nor this certificate, or would take the password in the clear.
        BadInput: the certificates to trust cannot be read.
    """

    def __init__(self, mailbox: Mailbox, access: Access) -> None:
        self.mailbox = mailbox
        secret = access.secret(mailbox.user, mailbox.host)
        context = _context(access.ca_file)
        with self._troubles():
            self._client = _connected(mailbox, access, context)
        try:
            self._secure(access, context)
            self._login(secret)
        except BaseException:
            self.drop()
            raise

    def _secure(self, access: Access, context: ssl.SSLContext) -> None:
        if self.mailbox.scheme == "imaps" or (access.plain is None and self.mailbox.loopback) or access.plain:
            return
        with self._troubles():
            if not self._client.has_capability("STARTTLS"):
                raise Refused(
                    f"{self.mailbox.server} offers no STARTTLS, so the password would go in the clear; use imaps://, or"
                    " say --no-tls if you trust the network."
                )
            self._client.starttls(context)

    def _login(self, secret: Secret) -> None:
        client, mailbox = self._client, self.mailbox
        with self._troubles():
            able = set(client.capabilities())
            try:
                if secret.token:
                    client.sasl_login("XOAUTH2", _once(f"user={mailbox.user}\1auth=Bearer {secret.value}\1\1"))
                elif b"AUTH=PLAIN" in able:
                    client.plain_login(mailbox.user, secret.value)
                elif b"LOGINDISABLED" in able:
                    raise Refused(f"{mailbox.server} takes no password on this connection; use imaps://.")
                elif (mailbox.user + secret.value).isascii():
                    client.login(mailbox.user, secret.value)
                else:
                    raise Refused(f"{mailbox.server} takes only passwords and names in ASCII (it offers LOGIN alone).")
            except LoginError as error:
                self._refused(error, secret)

    def _refused(self, error: LoginError, secret: Secret) -> NoReturn:
        cause = error.__context__
        if isinstance(cause, IMAPClientAbortError):
            raise Unreachable(f"{self.mailbox.server} closed the connection during the login.") from None
        words = _words(str(cause or error))
        if secret.value in words:
            words = ""
        said = f": {words}" if words else ""
        if any(code in words.upper() for code in _PASSING):
            raise Unreachable(f"{self.mailbox.server} lets nobody in now{said}.") from None
        what = "token" if secret.token else "password"
        # Not chained: what the library keeps of the login may hold the secret.
        raise Refused(f"{self.mailbox.server} refuses the {what} of {self.mailbox.user}{said}.") from None

    def examine(self) -> Folder:
        """Open the folder for looking only, or look again what is in it.

        Raises:
            Unreachable: the connection was lost or the server takes too long.
            Refused: there is no such folder, or this login may not read it.
        """
        with self._troubles():
            try:
                said = self._client.select_folder(self.mailbox.folder, readonly=True)
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                self._no_folder(error)
            return Folder(int(said.get(b"UIDVALIDITY", 0)), int(said.get(b"EXISTS", 0)))

    def _no_folder(self, error: IMAPClientError) -> NoReturn:
        words = _words(str(error))
        if any(code in words.upper() for code in _PASSING):
            raise Unreachable(f"{self.mailbox.server} does not open {self.mailbox.folder} now: {words}.") from error
        names = [str(name) for _, _, name in self._client.list_folders()]
        there = ", ".join(clean(name) for name in names[:_FOLDERS_NAMED])
        more = f" and {len(names) - _FOLDERS_NAMED:,} more" if len(names) > _FOLDERS_NAMED else ""
        raise Refused(
            f"{self.mailbox.user} has no folder {self.mailbox.folder} on {self.mailbox.server} ({words}); there"
            f" {'is' if len(names) == 1 else 'are'} {there or 'none'}{more}."
        ) from error

    def uid_at(self, place: int) -> int:
        """Return the number of the mail at a place (from 1) of the folder; 0 if it is gone."""
        with self._troubles():
            self._client.use_uid = False
            try:
                found = self._client.fetch([place], ["UID"])
            finally:
                self._client.use_uid = True
            return int(found.get(place, {}).get(b"UID", 0))

    def uids(self, first: int, last: int) -> list[int]:
        """Return the numbers of the mails from ``first`` to ``last``, ascending."""
        with self._troubles():
            found = self._client.search(["UID", f"{first}:{last}"])
            return sorted({uid for uid in found if first <= uid <= last})

    def envelopes(self, uids: Sequence[int]) -> list[Envelope]:
        """Return what is known of these mails, without those that are gone."""
        with self._troubles():
            found = self._client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
            return [
                Envelope(uid, int(said.get(b"RFC822.SIZE", 0)), _ms(said.get(b"INTERNALDATE")))
                for uid, said in sorted(found.items())
            ]

    def mails(self, envelopes: Sequence[Envelope]) -> dict[int, RawMail]:
        """Return the first 4 MiB of these mails by their number, without those that are gone."""
        part = f"BODY.PEEK[]<0.{MAIL_BYTES}>"
        with self._troubles():
            said = self._client.fetch([envelope.uid for envelope in envelopes], [part])
        found: dict[int, RawMail] = {}
        for envelope in envelopes:
            data = next((value for key, value in said.get(envelope.uid, {}).items() if key.startswith(b"BODY[]")), None)
            if isinstance(data, bytes):
                found[envelope.uid] = RawMail(data[:MAIL_BYTES], place(envelope.uid), envelope.ts)
        return found

    def idle(self, wait: Callable[[int], None]) -> bool:
        """Let the server tell of new mails while ``wait`` waits; False if it cannot.

        Args:
            wait: gets the socket's number, comes back when something can be read there or it is time.
        """
        with self._troubles():
            if not self._client.has_capability("IDLE"):
                return False
            _, news = self._client.noop()
            if news:
                return True
            self._client.idle()
            wait(self._client.socket().fileno())
            self._client.idle_done()
            return True

    def close(self) -> None:
        """Log out."""
        try:
            self._client.logout()
        except (IMAPClientError, OSError):
            self.drop()

    def drop(self) -> None:
        """Close the connection without a word."""
        try:
            self._client.shutdown()
        except (IMAPClientError, OSError):
            return

    @contextmanager
    def _troubles(self) -> Iterator[None]:
        """Turn what the library raises into sentences."""
        server = self.mailbox.server
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            raise Refused(
                f"The certificate of {server} is not trusted: {error.verify_message.rstrip('.')}; if it is signed by"
                " your own authority, name that one's certificate with --ca-file."
            ) from error
        except ssl.SSLEOFError as error:
            raise Unreachable(f"{server} closed the connection.") from error
        except ssl.SSLError as error:
            hint = "; imap:// is for servers with STARTTLS" if self.mailbox.scheme == "imaps" else ""
            raise Refused(f"{server} does not agree on TLS ({_reason(error)}){hint}.") from error
        except socket.gaierror as error:
            raise Unreachable(f"The name {self.mailbox.host} is not known: {_reason(error)}.") from error
        except TimeoutError as error:
            hint = "; if it speaks TLS from the start, say imaps://" if self.mailbox.scheme == "imap" else ""
            raise Unreachable(f"{server} does not answer{hint}.") from error
        except OSError as error:
            raise Unreachable(f"{server} cannot be reached: {_reason(error)}.") from error
        except IMAPClientAbortError as error:
            raise Unreachable(f"{server} closed the connection or speaks no IMAP: {_words(str(error))}.") from error
        except UnicodeError as error:
            raise BadInput(f"{self.mailbox.host} is no name of a host.") from error
        except (IMAPClientError, ValueError) as error:
            raise Unreachable(f"{server} answers what is not understood: {_words(str(error))}.") from error


def place(uid: int) -> str:
    """Return how a mail's place is written: "uid 123"."""
    return f"uid {uid}"


def uid_of(where: str) -> int:
    """Return the number of the mail whose place was written by :func:`place`; 0 if it is none."""
    number = where.removeprefix("uid ")
    return int(number) if number.isdecimal() else 0


def _connected(mailbox: Mailbox, access: Access, context: ssl.SSLContext) -> Any:
    secure = mailbox.scheme == "imaps"
    timeouts = SocketTimeout(access.connect_s, access.answer_s)
    client = IMAPClient(
        mailbox.host, mailbox.port, ssl=secure, ssl_context=context if secure else None, timeout=timeouts
    )
    client.normalise_times = False
    return client


def _context(ca_file: Path | None) -> ssl.SSLContext:
    """Return a context that checks the certificate and the name in it."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError as error:
        raise BadInput(f"{ca_file} holds no certificate in PEM form.") from error
    except OSError as error:
        raise BadInput(f"{ca_file} cannot be read: {(error.strerror or str(error)).lower()}.") from error


def _once(answer: str) -> Callable[[bytes], str]:
    """Return a SASL mechanism that answers once; a server that asks again tells of an error and wants nothing."""
    answers = [answer]
    return lambda challenge: answers.pop() if answers else ""


def _ms(date: object) -> int:
    return int(date.timestamp() * 1000) if isinstance(date, datetime) else 0


def _reason(error: OSError) -> str:
    text = error.reason if isinstance(error, ssl.SSLError) and error.reason else error.strerror or str(error)
    return clean(text.replace("_", " ")).lower().rstrip(".")


def _words(text: str) -> str:
    """Return a server's words, without what the library puts around them, as the end of a sentence."""
    return clean(_AROUND.sub("", text))[:_WORDS].rstrip(". ")
