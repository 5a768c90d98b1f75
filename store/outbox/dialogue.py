"""One mail over one connection, with the line drawn between what has surely not left and what may have.

The line is the end of the data, ``CRLF.CRLF``. A server that has not got it must not deliver anything: a connection
that is lost earlier cancels the transaction (RFC 5321, section 4.1.1.10: as if RSET had been sent). A server that has
got it has taken the mail upon itself as soon as it answers 250 (section 4.2.5), and may have done so when the
connection is lost before the answer arrives; this is where mails are doubled (RFC 1047), since neither end can know
what the other one knows. So:

- up to the end of the data whatever goes wrong is ``LOST``: the mail waits again, and nobody can have got it;
- the row is claimed before the end of the data is written, never later. The claim is asked for when the relay has taken
  the recipient, and is on its way into the store while the mail is on its way to the relay; the last five bytes wait
  for it. If it is not granted (paused, blocked meanwhile), the connection is cut in the middle of the data;
- from the moment at which these bytes are handed to the system (not: known to have arrived) nothing but an answer
  settles the mail. 2xx: accepted; 4xx: put off; 5xx: refused; anything else (lost, too slow, not understood): unsure.

The answer to the end of the data is waited for ten minutes (section 4.5.3.2.6), since a server may be scanning the
mail. An answer that is there before its question means that the two ends have lost each other's place: it is not
taken for the answer to the mail, and the connection is cut.

Where the relay offers PIPELINING (RFC 2920), MAIL, RCPT and DATA go in one piece; the line is not touched by that.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from store.outbox.connecting import Line, Patience, connect, context_of, secret_of, words_of
from store.outbox.outcome import Ending, Outcome
from store.outbox.relay import Relay
from store.secrets import Secret

END: Final = b".\r\n"
"""What ends the data, behind the CRLF that ends its last line."""

_BLOCK: Final = 64 * 1024
_LONGEST_REPLY: Final = 64 * 1024
_DOT: Final = re.compile(rb"^\.", re.MULTILINE)
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f<>]")
_CLOSING: Final = 421
_GO_ON: Final = 354

Claim = Callable[[], Awaitable[bool]]
"""Claims the mail that is under way; returns whether its end may be sent."""


class Reply(NamedTuple):
    """An answer: its code, and the text of all its lines."""

    code: int
    words: str

    @property
    def good(self) -> bool:
        """Whether it is an answer 2xx."""
        return 200 <= self.code < 300


class Broken(Exception):
    """The connection is of no use any more; the text says why."""


class Stopped(Exception):
    """The claim was not granted; nothing of the mail has left, and the connection is cut."""


@dataclass(slots=True)
class Dialogue:
    """A connection on which mails are handed over, one after the other.

    Attributes:
        mails: how many were handed over or tried on it.
        usable: whether another one can be.
    """

    line: Line
    patience: Patience
    mails: int = 0
    usable: bool = True

    @property
    def ready(self) -> bool:
        """Whether another mail can be handed over, as far as can be told without asking."""
        line = self.line
        return self.usable and not (line.writer.transport.is_closing() or line.reader.at_eof() or line.reader.unread)

    async def hand_over(self, sender: str, recipient: str, mail: bytes, claim: Claim) -> Outcome:
        """Hand over one mail, and tell how that ended.

        Args:
            sender: of the envelope; "" for none.
            recipient: of the envelope.
            mail: the whole mail with CRLF line ends, the last line's among them; not dot-stuffed.
            claim: claims the mail; awaited before the end of the data is sent.

        Raises:
            Stopped: the claim was not granted.
        """
        self.mails += 1
        if not mail.endswith(b"\r\n"):
            mail += b"\r\n"
        try:
            refused = await self._envelope(sender, recipient, len(mail))
            if refused is not None:
                return refused
        except Broken as error:
            self.cut()
            return Outcome(Ending.LOST, words=str(error))
        claiming = asyncio.ensure_future(claim())
        try:
            return await self._data(_DOT.sub(b"..", mail), claiming)
        finally:
            # The claim is over, one way or the other, before the outcome is recorded.
            if not claiming.done():
                await asyncio.wait([claiming])

    async def _data(self, data: bytes, claiming: asyncio.Future[bool]) -> Outcome:
        try:
            for at in range(0, len(data), _BLOCK):
                await self._write(data[at : at + _BLOCK])
        except Broken as error:
            self.cut()
            return Outcome(Ending.LOST, "DATA", words=str(error))
        granted = False
        try:
            granted = await asyncio.shield(claiming)
        finally:
            if not granted:
                self.cut()
        if not granted:
            raise Stopped
        if not self.ready:
            words = await self._last_words("the relay closed the connection during the mail")
            self.cut()
            return Outcome(Ending.LOST, "DATA", words=words)
        # From here on only an answer tells what became of the mail.
        self.line.writer.write(END)
        try:
            reply = await self._reply(self.patience.end_s)
        except Broken as error:
            self.cut()
            return Outcome(Ending.UNSURE, "DATA", words=f"the end of the mail was sent, and {error}")
        return self._final(reply)

    async def _envelope(self, sender: str, recipient: str, size: int) -> Outcome | None:
        """Say MAIL, RCPT and DATA; return how it ended unless the relay wants the mail."""
        extensions = self.line.extensions
        utf8 = " SMTPUTF8" if not (sender + recipient).isascii() else ""
        if utf8 and "smtputf8" not in extensions:
            return Outcome(Ending.HELD, words="the relay takes no addresses with letters beyond ASCII (no SMTPUTF8)")
        if _UNSAFE.search(sender) or _UNSAFE.search(recipient):
            return Outcome(Ending.HELD, words="the address holds a character that no envelope can hold")
        said = f" SIZE={size}" if "size" in extensions else ""
        steps = (
            ("MAIL", f"MAIL FROM:<{sender}>{said}{utf8}\r\n".encode(), self.patience.mail_s),
            ("RCPT", f"RCPT TO:<{recipient}>\r\n".encode(), self.patience.rcpt_s),
            ("DATA", b"DATA\r\n", self.patience.data_s),
        )
        if "pipelining" in extensions:
            return await self._at_once(steps)
        for command, line, timeout_s in steps:
            await self._write(line)
            reply = await self._reply(timeout_s)
            if not (reply.code == _GO_ON if command == "DATA" else reply.good):
                return await self._turned_down(command, reply)
        return None

    async def _at_once(self, steps: tuple[tuple[str, bytes, float], ...]) -> Outcome | None:
        await self._write(b"".join(line for _, line, _ in steps))
        replies = [(command, await self._reply(timeout_s)) for command, _, timeout_s in steps]
        for command, reply in replies[:-1]:
            if not reply.good:
                if replies[-1][1].code == _GO_ON:
                    # It wants the mail of a transaction without a recipient: it gets none (RFC 2920, section 3.1).
                    await self._write(END)
                    await self._reply(self.patience.end_s)
                return await self._turned_down(command, reply)
        command, reply = replies[-1]
        return None if reply.code == _GO_ON else await self._turned_down(command, reply)

    async def _turned_down(self, command: str, reply: Reply) -> Outcome:
        """Return what an answer before the mail means; one to MAIL is not about the recipient."""
        ending = {4: Ending.DEFERRED, 5: Ending.REFUSED}.get(reply.code // 100, Ending.LOST)
        if command == "MAIL" or reply.code == _CLOSING:
            ending = Ending.LOST
        if reply.code // 100 not in {4, 5} or reply.code == _CLOSING:
            self.cut()
        else:
            await self._reset()
        return Outcome(ending, command, reply.code, reply.words)

    def _final(self, reply: Reply) -> Outcome:
        """Return what the answer to the end of the data means."""
        ending = {2: Ending.ACCEPTED, 4: Ending.DEFERRED, 5: Ending.REFUSED}.get(reply.code // 100, Ending.UNSURE)
        if ending is Ending.UNSURE or reply.code == _CLOSING:
            self.cut()
        return Outcome(ending, "DATA", reply.code, reply.words)

    async def _reset(self) -> None:
        """End the transaction; a connection on which that fails is closed, and the answer before it stands."""
        try:
            await self._write(b"RSET\r\n")
            if not (await self._reply(self.patience.mail_s)).good:
                self.cut()
        except Broken:
            self.cut()

    async def quit(self) -> None:
        """Take leave; what the relay answers does not matter."""
        if self.usable:
            try:
                await self._write(b"QUIT\r\n")
                await self._reply(2.0)
            except Broken:
                pass
        self.cut()

    def cut(self) -> None:
        """Close the connection at once: what is not sent yet is thrown away."""
        self.usable = False
        self.line.writer.transport.abort()

    async def _write(self, data: bytes) -> None:
        writer = self.line.writer
        if writer.transport.is_closing():
            raise Broken(await self._last_words("the relay closed the connection"))
        writer.write(data)
        try:
            async with asyncio.timeout(self.patience.block_s):
                await writer.drain()
        except TimeoutError:
            raise Broken("the relay takes nothing any more") from None
        except OSError as error:
            raise Broken(await self._last_words(f"the connection was lost ({_why(error)})")) from error

    async def _last_words(self, otherwise: str) -> str:
        """Return what the relay said before it closed the connection, if it said something."""
        try:
            reply = await self._reply(0.1)
        except Broken:
            return otherwise
        return f"the relay closed the connection: {reply.code} {reply.words}"

    async def _reply(self, timeout_s: float) -> Reply:
        """Return the next answer.

        Raises:
            Broken: none came in time, or none that is one.
        """
        words: list[str] = []
        size = 0
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    line = await self.line.reader.line()
                    size += len(line)
                    code, mark = line[:3], line[3:4]
                    if not code.isdigit() or mark not in b" -\r\n" or size > _LONGEST_REPLY:
                        raise Broken(f"the relay answers what is not understood: {words_of(_text(line))}")
                    words.append(_text(line[4:]))
                    if mark != b"-":
                        return Reply(int(code), words_of(" ".join(words)))
        except TimeoutError:
            raise Broken(f"the relay did not answer within {timeout_s:,.0f} s") from None
        except asyncio.IncompleteReadError:
            raise Broken("the relay closed the connection") from None
        except (OSError, asyncio.LimitOverrunError, ValueError) as error:
            raise Broken(f"the connection was lost ({_why(error)})") from error


async def greet(
    relay: Relay, patience: Patience, secret: Callable[[Relay], Secret | None] = secret_of
) -> frozenset[str]:
    """Connect, log in and take leave; return what the relay can do.

    Raises:
        Unreachable: it is not there, or not now.
        Refused: it does not take us.
    """
    line = await connect(relay, context_of(relay), lambda: secret(relay), patience)
    await Dialogue(line, patience).quit()
    return line.extensions


def _text(line: bytes) -> str:
    return line.decode("utf-8", "backslashreplace").strip()


def _why(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower().rstrip(".")
