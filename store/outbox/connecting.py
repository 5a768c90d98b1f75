"""A connection to a relay, up to the point where mails can be handed over; troubles are sentences.

aiosmtplib greets, secures and logs in. From then on the dialogue is our own (:mod:`store.outbox.dialogue`): it needs to
know on which side of the end of the data a connection was lost, and the library does not tell.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from store.cleaning import clean
from store.errors import BadInput, Refused, Unreachable
from store.outbox.relay import Relay, Security
from store.secrets import Account, Secret, find_secret

WORDS: Final = 500
"""Characters of a server's words that are kept."""

_TEMPORARY = range(400, 500)

logging.getLogger("aiosmtplib").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait at each stage of the dialogue, as RFC 5321, section 4.5.3.2 has them.

    Attributes:
        connect_s: for the connection and the greeting together.
        answer_s: for the answers to EHLO, STARTTLS and the login.
        mail_s, rcpt_s, data_s: for the answers to MAIL, RCPT and DATA.
        block_s: for a block of the mail to be taken.
        end_s: for the answer to the end of the data. Long for a reason: a client that gives up sooner sends again what
            the server then delivers (RFC 1047).
    """

    connect_s: float = 120
    answer_s: float = 300
    mail_s: float = 300
    rcpt_s: float = 300
    data_s: float = 120
    block_s: float = 180
    end_s: float = 600


class Answers(asyncio.StreamReader):
    """What the relay says, line by line; ``unread``: bytes that came and that nobody has taken yet."""

    unread = 0

    def feed_data(self, data: Any) -> None:
        """Take what came."""
        self.unread += len(data)
        super().feed_data(data)

    async def line(self) -> bytes:
        """Return the next line with its end.

        Raises:
            asyncio.IncompleteReadError: the connection was closed before.
            asyncio.LimitOverrunError: it is longer than any answer may be.
        """
        line = await self.readuntil(b"\n")
        self.unread -= len(line)
        return line


@dataclass(frozen=True, slots=True)
class Line:
    """A connection that is ready for mails.

    Attributes:
        reader, writer: its two directions.
        extensions: what the server can do, in lower case ("pipelining", "smtputf8").
    """

    reader: Answers
    writer: asyncio.StreamWriter
    extensions: frozenset[str]


def secret_of(relay: Relay) -> Secret | None:
    """Return the password of a relay; None where nobody logs in.

    Raises:
        BadInput: its file cannot be read.
        Refused: there is none.
    """
    if not relay.user:
        return None
    return find_secret(
        Account("smtp", relay.user, relay.host, Path(relay.password_file) if relay.password_file else None)
    )


def context_of(relay: Relay) -> ssl.SSLContext | None:
    """Return how a relay's certificate and name are verified; None without TLS.

    Raises:
        BadInput: the certificates to trust cannot be read.
    """
    if relay.security is Security.NONE:
        return None
    try:
        return ssl.create_default_context(cafile=relay.ca_file or None)
    except ssl.SSLError as error:
        raise BadInput(f"{relay.ca_file} holds no certificate in PEM form.") from error
    except OSError as error:
        raise BadInput(f"{relay.ca_file} cannot be read: {(error.strerror or str(error)).lower()}.") from error


async def connect(
    relay: Relay, context: ssl.SSLContext | None, secret: Callable[[], Secret | None], patience: Patience
) -> Line:
    """Connect, greet, secure and log in.

    Raises:
        Unreachable: the relay is not there or not now; the same may work later.
        Refused: it does not take this certificate, this login or this client.
    """
    import aiosmtplib

    found = secret()
    client = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        timeout=patience.answer_s,
        use_tls=relay.security is Security.TLS,
        start_tls=relay.security is Security.STARTTLS,
        tls_context=context,
        local_hostname=_own_name(),
    )
    try:
        await client.connect(timeout=patience.connect_s)
        if not client.supports_esmtp:
            await client.ehlo()
        if found is not None:
            await _login(client, relay, found)
    except aiosmtplib.SMTPAuthenticationError as error:
        client.close()
        words = words_of(error.message)
        # Not chained: what the library keeps of the login may hold the secret.
        if error.code in _TEMPORARY:
            raise Unreachable(f"{relay.server} lets nobody in now: {words}.") from None
        raise Refused(f"{relay.server} refuses the password of {relay.user}: {words}.") from None
    except aiosmtplib.SMTPResponseException as error:
        client.close()
        kind = Unreachable if error.code in _TEMPORARY else Refused
        raise kind(f"{relay.server} refuses the connection: {error.code} {words_of(error.message)}.") from error
    except (OSError, aiosmtplib.SMTPException, ssl.SSLError) as error:
        client.close()
        raise _trouble(relay, error) from error
    except BaseException:
        # The library leaves it open where whoever waits for it is cancelled.
        client.close()
        raise
    return _taken_over(client)


async def _login(client: object, relay: Relay, secret: Secret) -> None:
    import aiosmtplib

    assert isinstance(client, aiosmtplib.SMTP)
    if secret.token:
        await client.auth_xoauth2(relay.user, secret.value)
    else:
        await client.login(relay.user, secret.value)


def _taken_over(client: object) -> Line:
    """Put streams of our own on the library's connection; the library does not read from it any more."""
    import aiosmtplib

    assert isinstance(client, aiosmtplib.SMTP)
    transport, loop = client.transport, asyncio.get_running_loop()
    if transport is None or transport.is_closing():
        raise Unreachable("The relay closed the connection after the greeting.")
    assert isinstance(transport, asyncio.Transport)
    reader = Answers(loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    extensions = frozenset(name.lower() for name in client.esmtp_extensions)
    transport.set_protocol(protocol)
    protocol.connection_made(transport)
    return Line(reader, asyncio.StreamWriter(transport, protocol, reader, loop), extensions)


def _trouble(relay: Relay, error: Exception) -> Exception:
    """Return the sentence for what went wrong."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Refused(
                f"The certificate of {relay.server} is not trusted: {cause.verify_message.rstrip('.')}; if it is signed"
                " by your own authority, name that one's certificate with --ca-file."
            )
        if isinstance(cause, ssl.SSLError):
            return Refused(f"{relay.server} does not agree on TLS ({_reason(cause)}).")
        if isinstance(cause, socket.gaierror):
            return Unreachable(f"The name {relay.host} is not known: {_reason(cause)}.")
        cause = cause.__cause__ or cause.__context__
    text = words_of(str(error))
    if "STARTTLS" in text.upper():
        return Refused(f"{relay.server} offers no STARTTLS; nothing is sent in the clear.")
    if "AUTH" in text.upper():
        return Refused(f"{relay.server} offers no way to log in that is known here: {text}.")
    if isinstance(error, TimeoutError):
        return Unreachable(f"{relay.server} does not answer.")
    return Unreachable(f"{relay.server} cannot be reached: {text[:1].lower()}{text[1:]}.")


def _own_name() -> str:
    """Return what EHLO says: the host's full name, without asking the DNS for long ones (RFC 5321, 4.1.1.1)."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "localhost.localdomain"


def _reason(error: OSError) -> str:
    text = error.reason if isinstance(error, ssl.SSLError) and error.reason else error.strerror or str(error)
    return clean(text.replace("_", " ")).lower().rstrip(".")


def words_of(text: str) -> str:
    """Return a server's words as the end of a sentence."""
    return " ".join(clean(text).split())[:WORDS].rstrip(". ")
