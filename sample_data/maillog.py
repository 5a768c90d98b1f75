"""The mail server's log: what a Postfix writes (RFC 3339 stamps) while it sends the campaigns and lives its day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from zlib import crc32

from sample_data.fates import ALIAS, LOCAL, NO_HOST, TAKEN, UNKNOWN_USER, End, Reply
from sample_data.names import APP_HOST, OUR_DOMAIN, OUR_HOST, OUR_MTA
from sample_data.people import wire_domain
from sample_data.plan import Plan, Sending

QUEUE_LIFETIME = timedelta(hours=20)
"""How long the server tries before it gives a mail back."""
_APP_IP = "192.0.2.10"
_BASE_52 = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
_RETRY_S = (300, 600, 1200, 2400, 4000)


def queue_id(at: datetime, number: int) -> str:
    """Return a long queue id as Postfix makes it: the time, a "z", the file's number (without vowels)."""
    seconds, micros = int(at.timestamp()), at.microsecond
    return f"{_base(seconds, 52, 6)}{_base(micros, 52, 4)}z{_base(900000 + number, 51, 4)}"


def _base(number: int, base: int, width: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, base)
        text = _BASE_52[digit] + text
    return text.rjust(width, "0")


def mail_host(domain: str) -> tuple[str, str]:
    """Return name and address (RFC 5737) of the server that takes a domain's mail; always the same ones."""
    number = crc32(domain.encode())
    net = ("198.51.100", "203.0.113")[number % 2]
    return f"mx{number % 3 + 1}.{wire_domain(domain)}", f"{net}.{number // 7 % 250 + 2}"


@dataclass(slots=True)
class MailLog:
    """The lines of the log so far, each with its time.

    Attributes:
        now: nothing is written that lies later.
        returned: Message-ID -> (time, queue id, queue id of the failed mail) of the bounce mails our server made.
    """

    rng: Random
    now: datetime
    lines: list[tuple[datetime, int, str]] = field(default_factory=list)
    returned: dict[str, tuple[datetime, str, str]] = field(default_factory=dict)
    _files: int = 0

    def write(self, at: datetime, service: str, text: str) -> None:
        """Append a line, unless it lies in the future."""
        if at <= self.now:
            pid = 20000 + crc32(service.encode()) % 4000
            stamp = at.isoformat(timespec="microseconds")
            self.lines.append((at, len(self.lines), f"{stamp} {OUR_HOST} postfix/{service}[{pid}]: {text}"))

    def text(self, since: datetime, until: datetime) -> str:
        """Return the lines of a span of time (``until`` not in it) in their order, as one text."""
        return "".join(line + "\n" for at, _, line in sorted(self.lines) if since <= at < until)

    def new_queue_id(self, at: datetime) -> str:
        """Return the queue id of a mail that comes in."""
        self._files += 1
        return queue_id(at, self._files % 4000)

    def plan(self, plan: Plan) -> None:
        """Write what the server logs of a campaign."""
        for sending in plan.sendings:
            self._send(sending)

    def _send(self, sending: Sending) -> None:
        at, address = sending.at, sending.person.wire_address
        if sending.fate.end is End.REJECTED and sending.fate.reply is not None:
            words = _filled(sending.fate.reply, sending, "", "")
            self.write(
                at,
                "smtpd",
                f"NOQUEUE: reject: RCPT from {APP_HOST}[{_APP_IP}]: {words}; from=<{sending.bounce_address}>"
                f" to=<{address}> proto=ESMTP helo=<{APP_HOST}>",
            )
            return
        queue = self.new_queue_id(at)
        envelope = f"from=<{sending.bounce_address}> to=<{address}> proto=ESMTP helo=<{APP_HOST}>"
        self.write(at, "smtpd", f"{queue}: client={APP_HOST}[{_APP_IP}]")
        self.write(_after(at, 0.001), "cleanup", f"{queue}: message-id=<{sending.message_id}>")
        header = f"info: header X-Campaign-ID: {sending.campaign.key} from {APP_HOST}[{_APP_IP}]; {envelope}"
        self.write(_after(at, 0.0011), "cleanup", f"{queue}: {header}")
        size = 31000 + sending.number % 700
        active = f"{queue}: from=<{sending.bounce_address}>, size={size}, nrcpt=1 (queue active)"
        self.write(_after(at, 0.003), "qmgr", active)
        if sending.fate is ALIAS:
            self._expand(sending, queue)
            return
        first = at
        for attempt, moment in enumerate(self._deferrals(sending)):
            if attempt:
                self.write(moment, "qmgr", active)
            assert sending.fate.deferral is not None
            self._attempt(_after(moment, 0.8), sending, queue, sending.fate.deferral, "deferred", first)
            at = _after(moment, _RETRY_S[min(attempt, len(_RETRY_S) - 1)])
        self._finish(sending, queue, active, at, first)

    def _deferrals(self, sending: Sending) -> Iterator[datetime]:
        """Yield when each attempt begins that is put off."""
        if sending.fate.deferral is None:
            return
        moment, attempt = sending.at, 0
        endless = sending.fate.end in {End.EXPIRED, End.UNDER_WAY}
        while (moment - sending.at < QUEUE_LIFETIME) if endless else attempt < sending.fate.retries:
            yield moment
            moment = _after(moment, _RETRY_S[min(attempt, len(_RETRY_S) - 1)])
            attempt += 1

    def _finish(self, sending: Sending, queue: str, active: str, at: datetime, first: datetime) -> None:
        if sending.fate.end is End.UNDER_WAY:
            return
        if at > first:
            self.write(at, "qmgr", active)
        if sending.fate.end is End.EXPIRED:
            done = _after(at, 0.4)
            self.write(done, "qmgr", f"{queue}: from=<{sending.bounce_address}>, status=expired, returned to sender")
            self._return(sending, queue, done)
        else:
            done = _after(at, 0.4 + self.rng.random() * 1.6)
            failed = sending.fate.reply is not None
            reply = sending.fate.reply or taken(sending.person.domain)
            self._attempt(done, sending, queue, reply, "bounced" if failed else "sent", first)
            if failed:
                self._return(sending, queue, done)
        self.write(_after(done, 0.02), "qmgr", f"{queue}: removed")

    def _attempt(self, at: datetime, sending: Sending, queue: str, reply: Reply, status: str, first: datetime) -> None:
        host, ip = mail_host(sending.person.domain)
        relay = f"{host}[{ip}]:25" if reply.command else "none"
        words = _filled(reply, sending, host, ip)
        service = "smtp"
        if sending.fate is LOCAL:
            service, relay, words = "local", "local", "delivered to maildir"
        elif status != "sent" and reply.command:
            words = f"host {host}[{ip}] said: {words} (in reply to {reply.command} command)"
        delay = (at - first).total_seconds()
        waited = max(delay - 0.6, 0.0)
        self.write(
            at,
            service,
            f"{queue}: to=<{sending.person.wire_address}>, relay={relay}, delay={delay:.2g},"
            f" delays={waited:.2g}/0.01/0.2/0.4, dsn={reply.dsn}, status={status} ({words})",
        )

    def _return(self, sending: Sending, queue: str, at: datetime) -> None:
        """Write how our server gives a mail back: a new mail with an empty sender to the bounce mailbox."""
        at = _after(at, 0.004)
        back = self.new_queue_id(at)
        self.returned[sending.message_id] = (at, back, queue)
        self.write(at, "cleanup", f"{back}: message-id=<{at:%Y%m%d%H%M%S}.{back}@{OUR_MTA}>")
        self.write(at, "bounce", f"{queue}: sender non-delivery notification: {back}")
        self.write(_after(at, 0.001), "qmgr", f"{back}: from=<>, size=34112, nrcpt=1 (queue active)")
        self.write(
            _after(at, 0.005),
            "virtual",
            f"{back}: to=<{sending.bounce_address}>, relay=virtual, delay=0.01, delays=0/0/0/0, dsn=2.0.0,"
            " status=sent (delivered to maildir)",
        )
        self.write(_after(at, 0.006), "qmgr", f"{back}: removed")

    def _expand(self, sending: Sending, queue: str) -> None:
        """Write how an alias of our own domain becomes four people, of whom one is unknown where he was."""
        alias = sending.person.wire_address
        people = (f"grit.sommerau@{OUR_DOMAIN}", f"aron.heidt@{OUR_DOMAIN}")
        for place, local in enumerate(people):
            self.write(
                _after(sending.at, 0.01 + place / 1000),
                "local",
                f"{queue}: to=<{local}>, orig_to=<{alias}>, relay=local, delay=0.01, delays=0/0/0/0, dsn=2.0.0,"
                " status=sent (delivered to maildir)",
            )
        at = _after(sending.at, 0.014)
        onward = self.new_queue_id(at)
        self.write(_after(at, -0.001), "cleanup", f"{onward}: message-id=<{sending.message_id}>")
        self.write(
            at,
            "local",
            f"{queue}: to=<{alias}>, relay=local, delay=0.01, delays=0/0/0/0, dsn=2.0.0,"
            f" status=sent (forwarded as {onward})",
        )
        self.write(_after(at, 0.001), "qmgr", f"{queue}: removed")
        active = f"{onward}: from=<{sending.bounce_address}>, size=31500, nrcpt=2 (queue active)"
        self.write(_after(at, 0.002), "qmgr", active)
        outside = (
            ("w.kaulitz@hafenkontor.example", TAKEN[0], "sent"),
            ("m.dorn@altmark.example", UNKNOWN_USER[0].reply, "bounced"),
        )
        for place, (address, reply, status) in enumerate(outside):
            assert reply is not None
            host, ip = mail_host(address.rpartition("@")[2])
            words = reply.text.format(address=address, id=onward)
            if status == "bounced":
                words = f"host {host}[{ip}] said: {words} (in reply to {reply.command} command)"
            self.write(
                _after(at, 0.5 + place / 10),
                "smtp",
                f"{onward}: to=<{address}>, orig_to=<{alias}>, relay={host}[{ip}]:25, delay=0.5,"
                f" delays=0/0.01/0.2/0.3, dsn={reply.dsn}, status={status} ({words})",
            )
        self._return(sending, onward, _after(at, 0.7))
        self.write(_after(at, 0.8), "qmgr", f"{onward}: removed")


def taken(domain: str) -> Reply:
    """Return the words in which the servers of a domain take a mail."""
    return TAKEN[crc32(domain.encode()) % len(TAKEN)]


def answer(sending: Sending) -> str:
    """Return the server's words that made a mail fail, or the last ones that put it off."""
    reply = sending.fate.reply or sending.fate.deferral or NO_HOST
    host, ip = mail_host(sending.person.domain)
    return _filled(reply, sending, host, ip)


def _filled(reply: Reply, sending: Sending, host: str, ip: str) -> str:
    address = sending.person.wire_address
    local, _, domain = address.rpartition("@")
    return reply.text.format(
        address=address,
        local=local,
        domain=domain,
        mx=host,
        ip=ip,
        mid=sending.message_id,
        number=8000000 + sending.number,
        id=f"{sending.number * 48271 & 0xFFFFFFFFFF:010X}",
    )


def _after(at: datetime, seconds: float) -> datetime:
    return at + timedelta(seconds=seconds)
