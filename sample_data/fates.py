"""What can become of one mail on its way, with the words in which servers say so (invented wordings, real codes)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class End(StrEnum):
    """How a mail ends, as the store's buckets name it."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    EXPIRED = "expired"
    REJECTED = "rejected"
    UNDER_WAY = "under_way"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a delivery attempt.

    Attributes:
        dsn: RFC 3463 code that our server logs.
        text: the words; {address}, {local}, {domain}, {mx}, {ip}, {mid} and {id} are filled in.
        command: the command that the other server answered; "" if our own server found it out by itself.
    """

    dsn: str
    text: str
    command: str = "RCPT TO"


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a mail.

    Attributes:
        deferral: the temporary answer that comes first, ``retries`` times; None if the first attempt decides.
        reply: the answer that decides; None where none comes (expired, still waiting).
        late: a bounce mail that says that it failed after all comes hours after the server took it.
        lies_with_us: the failure is no fault of the recipient.
    """

    name: str
    end: End
    reply: Reply | None = None
    deferral: Reply | None = None
    retries: int = 0
    late: bool = False
    lies_with_us: bool = False


TAKEN = (
    Reply("2.0.0", "250 2.0.0 Ok: queued as {id}", "end of DATA"),
    Reply("2.6.0", "250 2.6.0 <{mid}> [InternalId={number}, Hostname={mx}] Queued mail for delivery", "end of DATA"),
    Reply("2.0.0", "250 OK id={id}", "end of DATA"),
    Reply("2.0.0", "250 2.0.0 accepted for delivery, ticket {id}", "end of DATA"),
)
"""Four families of servers taking a mail; a domain always answers in the words of one of them."""

_GREY = Reply("4.2.0", "450 4.2.0 <{address}>: Recipient address rejected: Greylisted, come back in 5 minutes")
_RATE = Reply(
    "4.7.0",
    "421 4.7.0 [{ip}] More mail from your host than we are used to, some of it must wait; try again later",
    "end of DATA",
)
_FULL_4XX = Reply("4.2.2", "452 4.2.2 <{address}>: The mailbox is over its quota; please try again later")
_REFUSED = Reply("4.4.1", "connect to {mx}[{ip}]:25: Connection refused", "")
_TIMEOUT = Reply("4.4.1", "connect to {mx}[{ip}]:25: Connection timed out", "")
_UNKNOWN = (
    Reply("5.1.1", "550 5.1.1 <{address}>: Recipient address rejected: User unknown in virtual mailbox table"),
    Reply("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {address} not found by SMTP address lookup"),
    Reply("5.0.0", "550 No such person at this address: {address}"),
    Reply(
        "5.1.1",
        "550-5.1.1 There is no account of the name you wrote to. Look for a slip of the 550-5.1.1 finger or for"
        " blanks, then send it again. 550 5.1.1 More under https://help.{domain}/no-such-user",
    ),
)
NO_HOST = Reply(
    "5.4.4", "Host or domain name not found. Name service error for name={domain} type=AAAA: Host not found", ""
)

DELIVERED = Fate("delivered", End.DELIVERED)
GREYLISTED = Fate("greylisted, then delivered", End.DELIVERED, deferral=_GREY, retries=1)
THROTTLED = Fate("throttled, then delivered", End.DELIVERED, deferral=_RATE, retries=2)
ALIAS = Fate("alias", End.DELIVERED)
LOCAL = Fate("delivered in the house", End.DELIVERED)
UNKNOWN_USER = tuple(Fate("unknown user", End.BOUNCED, reply=reply) for reply in _UNKNOWN)
UNKNOWN_HOST = Fate("unknown host", End.BOUNCED, reply=NO_HOST)
DISABLED = Fate(
    "mailbox disabled",
    End.BOUNCED,
    reply=Reply("5.2.1", "550 5.2.1 <{address}>: This mailbox is disabled and takes no more mail"),
)
FULL = Fate(
    "mailbox full",
    End.BOUNCED,
    reply=Reply("5.2.2", "552 5.2.2 <{address}>: Mailbox full, quota exceeded", "end of DATA"),
)
SPAM = Fate(
    "taken for spam",
    End.BOUNCED,
    reply=Reply("5.7.1", "554 5.7.1 Message refused: our filter takes it for spam (score 8.4)", "end of DATA"),
    lies_with_us=True,
)
LISTED = Fate(
    "our server is on a block list",
    End.BOUNCED,
    reply=Reply("5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using bl.listing.example"),
    lies_with_us=True,
)
TOO_BIG = Fate(
    "too big",
    End.BOUNCED,
    reply=Reply("5.3.4", "552 5.3.4 Message size exceeds the fixed limit of 2000000 bytes here", "MAIL FROM"),
    lies_with_us=True,
)
DMARC = Fate(
    "refused for DMARC",
    End.BOUNCED,
    reply=Reply(
        "5.7.26",
        "550-5.7.26 Mail from news.brightwell.example did not pass authentication, and the policy that its owner"
        " 550-5.7.26 published asks us to refuse it: SPF soft fail, DKIM did not pass. 550 5.7.26 Ask the"
        " administrator of news.brightwell.example to look at https://help.{domain}/dmarc",
        "end of DATA",
    ),
    lies_with_us=True,
)
FULL_EXPIRED = Fate("mailbox full until we gave up", End.EXPIRED, deferral=_FULL_4XX)
DOWN_EXPIRED = Fate("server down until we gave up", End.EXPIRED, deferral=_REFUSED)
MUTE_EXPIRED = Fate("server mute until we gave up", End.EXPIRED, deferral=_TIMEOUT)
NOBODY_HERE = Fate(
    "refused at our own door",
    End.REJECTED,
    reply=Reply("5.1.1", "550 5.1.1 <{address}>: Recipient address rejected: User unknown in local recipient table"),
)
WAITING = tuple(Fate("waiting", End.UNDER_WAY, deferral=reply) for reply in (_GREY, _RATE, _TIMEOUT, _FULL_4XX))
LATE_UNKNOWN = Fate("bounced late, unknown user", End.BOUNCED, late=True)
LATE_FULL = Fate("bounced late, mailbox full", End.BOUNCED, late=True)
LATE_POLICY = Fate("bounced late, policy", End.BOUNCED, late=True, lies_with_us=True)
