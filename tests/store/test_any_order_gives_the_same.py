"""Whatever is read first, and however often: in the end the store holds the same."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from store.actions.imports import import_recipients
from store.database import Store, open_store
from store.ingest import ingest
from store.journal import Operator
from tests.feeds.esp.payloads import brevo, postmark, sendgrid, ses, ses_bounce, sns
from tests.store.building import careless

WHO = Operator("ines", "desk")
BEGIN = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)
NOW = BEGIN + timedelta(days=60)
LINKS = [f"https://shop.example/{number}" for number in range(8)]
Step = Callable[[Store], object]
World = Callable[["Desk"], None]


def at(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


def iso(minutes: float) -> str:
    return at(minutes).isoformat().replace("+00:00", "Z")


def person(number: int) -> str:
    return f"p{number:02}@shop.example"


def log_lines(number: int, minutes: float, ends: Sequence[tuple[float, str]], key: str, ident: str) -> list[str]:
    """Return what Postfix logs of one mail: each end is (minutes, "dsn status (words)")."""
    queue = f"4bT{number:05X}{'ABCDEFGH'[len(key) % 8]}z1"

    def line(when: float, service: str, said: str) -> str:
        return f"{at(when).isoformat(timespec='microseconds')} mx postfix/{service}[7]: {queue}: {said}\n"

    to = person(number)
    lines = [line(minutes, "cleanup", f"message-id=<{ident}>")]
    if key:
        said = f"info: header X-Campaign-ID: {key} from app[192.0.2.2]; from=<news@news.example> to=<{to}> proto=ESMTP"
        lines.append(line(minutes, "cleanup", said))
    lines.append(line(minutes, "qmgr", "from=<news@news.example>, size=800, nrcpt=1 (queue active)"))
    for when, end in ends:
        dsn, _, rest = end.partition(" ")
        service, who = ("qmgr", "from=<news@news.example>") if rest.startswith("expired") else ("smtp", f"to=<{to}>")
        relay = "" if service == "qmgr" else f" relay=mx[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn={dsn},"
        lines.append(line(when, service, f"{who},{relay} status={rest}"))
    return [*lines, line(ends[-1][0] + 0.01, "qmgr", "removed")]


SENT, GONE = "2.0.0 sent (250 2.0.0 Ok)", "5.1.1 bounced (host mx said: 550 5.1.1 unknown user)"
LATER, OVER = "4.2.2 deferred (host mx said: 452 4.2.2 mailbox full)", "4.2.2 expired, returned to sender"


def notice(number: int, minutes: float, status: str, words: str, returned: str) -> str:
    """Return a DSN about a mail of whose header ``returned`` is the rest."""
    to, stamp = person(number), at(minutes).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return f"""\
From: MAILER-DAEMON@mx.example
To: news@news.example
Date: {stamp}
Message-ID: <dsn-{number}-{minutes}@mx.example>
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver it.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: {stamp}

Final-Recipient: rfc822; {to}
Action: failed
Status: {status}
Diagnostic-Code: smtp; {words}

--b
Content-Type: text/rfc822-headers

From: news@news.example
To: {to}
Subject: News
{returned}
--b--
"""


def campaign_log() -> list[str]:
    ends = {
        **{number: [(number, SENT)] for number in (1, 5, 6, 7, 8, 15)},
        2: [(2, GONE)],
        3: [(3, LATER), (33, SENT)],
        4: [(4, LATER), (34, LATER), (300, OVER)],
    }
    lines = [
        line for n, some in ends.items() for line in log_lines(n, n - 0.5, some, "spring-26", f"c1.{n}@news.example")
    ]
    lines += log_lines(9, 400, [(401, GONE)], "", "order-9@news.example")
    return sorted(lines)


def bounce_mails() -> list[str]:
    keyed = "X-Campaign-ID: spring-26\nMessage-ID: <c1.{}@news.example>\n"
    gone, full = ("5.1.1", "550 5.1.1 unknown user"), ("4.2.2", "452 4.2.2 mailbox full")
    return [
        notice(2, 2.1, *gone, keyed.format(2)),
        notice(4, 300.1, *full, keyed.format(4)),
        notice(5, 90, *gone, keyed.format(5)),
        notice(8, 95, *gone, "Message-ID: <c1.8@news.example>\n"),
        notice(10, 96, *gone, ""),
        notice(9, 402, *gone, "Message-ID: <order-9@news.example>\n"),
        notice(20, 97, *gone, keyed.format(20)),
        notice(21, 98, *gone, ""),
    ]


def ses_events() -> list[dict[str, Any]]:
    def mail(*numbers: int) -> dict[str, Any]:
        return {"timestamp": iso(1), "messageId": f"ses-{numbers[0]}", "destination": [person(n) for n in numbers]}

    def said(kind: str, *numbers: int, **more: Any) -> dict[str, Any]:
        return ses(kind, mail=mail(*numbers), **more)

    bounce = ses_bounce("Permanent", "NoEmail", person(12), person(22), status="5.1.1")
    clicks = [{"timestamp": iso(60 + n / 100), "link": LINKS[n], "userAgent": "Mail/1"} for n in range(3)]
    return [
        said("Send", 10, send={}),
        said("Delivery", 10, delivery={"recipients": [person(10)], "timestamp": iso(10)}),
        said("Send", 11, 12, send={}),
        said("Open", 11, 12, open={"timestamp": iso(50), "userAgent": "Mail/1"}),
        sns(said("Open", 10, open={"timestamp": iso(51), "userAgent": "Mozilla/5.0", "ipAddress": "17.58.0.9"})),
        bounce,
        sns({"notificationType": "Bounce", **{key: bounce[key] for key in ("mail", "bounce")}}),
        *(said("Click", 10, click=click) for click in clicks),
    ]


def other_events() -> list[dict[str, Any]]:
    def seconds(minutes: float) -> int:
        return int(at(minutes).timestamp())

    known = {"smtp-id": "<c1.1@news.example>", "category": None}
    return [
        sendgrid("open", email=person(1), timestamp=seconds(70), **known),
        sendgrid("click", email=person(1), timestamp=seconds(71), url=LINKS[0], sg_event_id="e2", **known),
        sendgrid("open", email=person(13), timestamp=seconds(72), category=None, **{"smtp-id": "<x1@news.example>"}),
        sendgrid(
            "delivered", email=person(13), timestamp=seconds(13), category=None, **{"smtp-id": "<x1@news.example>"}
        ),
        postmark("Open", Recipient=person(6), Tag="", ReceivedAt=iso(80)),
        postmark("SpamComplaint", Email=person(7), BouncedAt=iso(81)),
        brevo("unique_proxy_open", email=person(3), ts_epoch=seconds(82) * 1000),
        brevo("opened", email=person(3), ts_epoch=seconds(90) * 1000),
        brevo("delivered", email=person(15), ts_epoch=seconds(15.2) * 1000),
        brevo("click", email=person(23), ts_epoch=seconds(91) * 1000, link=LINKS[1], tags=["spring-26"]),
    ]


def export_rows() -> list[str]:
    """Opens and clicks without any campaign, among them half of a burst, one too late and one of a stranger."""
    burst = [f"{person(10)},clicked,{iso(60 + number / 100)},{LINKS[number]}" for number in range(2, 6)]
    human = [f"{person(5)},clicked,{iso(200)},{LINKS[0]}", f"{person(14)},opened,{iso(210)},"]
    return [*burst, *human, f"{person(14)},opened,{iso(60 * 24 * 40)},", f"{person(24)},opened,{iso(220)},"]


def parts(items: Sequence[Any], chance: random.Random) -> list[Sequence[Any]]:
    """Cut a list at one place, or not at all."""
    cut = chance.randint(0, len(items))
    return [part for part in (items[:cut], items[cut:]) if part]


class Desk:
    """Writes feeds into a folder and notes what an operator may do with them, in any order."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder
        self.chance = chance
        self.steps: list[Step] = []
        folder.mkdir()

    def feed(self, name: str, text: str) -> None:
        path = self.folder / f"{len(self.steps)}-{name}"
        path.write_text(text)
        self.steps.append(lambda store: ingest(store, [path], NOW, reread=True))

    def events(self, name: str, events: Sequence[dict[str, Any]]) -> None:
        for part in parts(events, self.chance):
            self.feed(name, self.chance.choice(["\n", "", ",\n"]).join(json.dumps(event) for event in part))

    def rows(self, rows: Sequence[str]) -> None:
        for part in parts(rows, self.chance):
            self.feed("export.csv", "\n".join(["email,event,time,url", *part]) + "\n")

    def log(self, lines: Sequence[str]) -> None:
        """A log that was rotated somewhere."""
        rotated = self.folder / f"{len(self.steps)}-log"
        rotated.mkdir()
        half = self.chance.randint(1, len(lines) - 1)
        (rotated / "mail.log.1").write_text("".join(lines[:half]))
        (rotated / "mail.log").write_text("".join(lines[half:]))
        self.steps.append(lambda store: ingest(store, [rotated], NOW, reread=True))
        # The newer part by itself begins in the middle of mails.
        self.feed("mail.log", "".join(lines[half:]))

    def bounces(self, mails: Sequence[str]) -> None:
        for part in parts(mails, self.chance):
            maildir = self.folder / f"{len(self.steps)}-bounces"
            for name in ("cur", "new", "tmp"):
                (maildir / name).mkdir(parents=True)
            for place, mail in enumerate(part):
                (maildir / self.chance.choice(["cur", "new"]) / f"{place}.mx").write_text(mail)
            self.steps.append(lambda store, maildir=maildir: ingest(store, [maildir], NOW, reread=True))  # type: ignore[misc]

    def people(self, campaign: str, key: str, numbers: Sequence[int]) -> None:
        path = self.folder / f"{len(self.steps)}-people.csv"
        path.write_text("email,name\n" + "".join(f"{person(n)},P {n}\n" for n in numbers))
        self.steps.append(lambda store: import_recipients(store, path, campaign, WHO, BEGIN, key=key))


def one_campaign(desk: Desk) -> None:
    desk.people("Spring", "spring-26", range(1, 16))
    desk.log(campaign_log())
    desk.bounces(bounce_mails())
    desk.events("ses", ses_events())
    desk.events("hooks", other_events())
    desk.rows(export_rows())


def two_campaigns(desk: Desk) -> None:
    """Most people are in both; much of what comes back names neither."""
    day = 24 * 60
    desk.people("Spring", "spring-26", range(1, 9))
    desk.people("Summer", "summer-26", range(3, 12))
    spring = [
        line for n in range(1, 7) for line in log_lines(n, n, [(n + 1, SENT)], "spring-26", f"c1.{n}@news.example")
    ]
    late = range(3, 9)
    lines = [log_lines(n, 2 * day + n, [(2 * day + n + 1, SENT)], "summer-26", f"c2.{n}@news.example") for n in late]
    desk.log(sorted(spring))
    desk.log(sorted(line for some in lines for line in some))
    gone = ("5.1.1", "550 5.1.1 unknown user")
    mails = [notice(n, 3 * day, *gone, f"Message-ID: <c1.{n}@news.example>\n") for n in (3, 4)]
    mails += [notice(5, 3 * day + 1, *gone, ""), notice(1, 3 * day + 2, *gone, "Message-ID: <c9.1@news.example>\n")]
    desk.bounces([*mails, notice(7, 3 * day, *gone, "X-Campaign-ID: spring-26\nMessage-ID: <k7@news.example>\n")])

    def seconds(minutes: float) -> int:
        return int(at(minutes).timestamp())

    def told(kind: str, number: int, minutes: float, ident: str, **more: Any) -> dict[str, Any]:
        known = {"category": None, "sg_event_id": f"{kind}{minutes}", "smtp-id": f"<{ident}@news.example>"}
        return sendgrid(kind, email=person(number), timestamp=seconds(minutes), **known, **more)

    hooks = [told("open", 3, 3 * day, "c1.3"), told("open", 3, 4 * day, "c2.3"), told("open", 7, 4 * day, "k7")]
    hooks += [told("delivered", 6, day, "x6"), told("open", 6, 3 * day, "x6"), told("spamreport", 8, 3 * day, "x8")]
    hooks += [told("click", 9, 5 * day, "x9", url=LINKS[1]), told("open", 2, 40 * day, "x2")]
    desk.events("hooks", hooks)
    mail = {"destination": [person(10)], "messageId": "ses-10", "timestamp": iso(2 * day), "tags": {"c": ["summer-26"]}}
    desk.events("ses", [ses("Send", mail=mail, send={}), ses("Open", mail=mail, open={"timestamp": iso(3 * day)})])
    opened = [f"{person(n)},opened,{iso(when * day)}," for n in range(1, 13) for when in (0.5, 2.5, 35)]
    desk.rows([*opened, f"{person(4)},clicked,{iso(day)},{LINKS[2]}", f"{person(4)},clicked,{iso(3 * day)},{LINKS[2]}"])


TABLES = {
    "recipients": "SELECT r.address, p.name, r.delivery, r.engagement, r.triage, r.partly, r.bounce_kind, r.reason,"
    " r.status, r.reply, r.sent_at, r.deferred_at, r.delivered_at, r.bounced_at, r.failed_at, r.opened_at,"
    " r.machine_opened_at, r.clicked_at, r.machine_clicked_at, r.engaged_at, r.replied_at, r.complained_at,"
    " r.unsubscribed_at, r.clicks, r.outcome_min, r.outcome_max FROM recipient AS r"
    " JOIN campaign AS p ON p.id = r.campaign_id",
    "events": "SELECT r.address, p.name, e.type, e.ts, e.source, e.address, e.message_id, e.outcome, l.url, e.kind,"
    " e.expired, e.reason, e.status, e.reply, e.diagnostic, e.actor, e.hop, e.attribution, hex(e.dedupe)"
    " FROM event AS e JOIN recipient AS r ON r.id = e.recipient_id JOIN campaign AS p ON p.id = e.campaign_id"
    " LEFT JOIN link AS l ON l.id = e.link_id",
    "clickers": "SELECT l.url, r.address, c.clicks, c.machine_clicks, c.first_at, c.last_at FROM clicker AS c"
    " JOIN link AS l ON l.id = c.link_id JOIN recipient AS r ON r.id = c.recipient_id",
    "links": "SELECT p.name, l.url FROM link AS l JOIN campaign AS p ON p.id = l.campaign_id",
    "strangers": "SELECT p.name, s.type, s.ts, s.address_key, s.message_id, hex(s.dedupe) FROM stranger AS s"
    " LEFT JOIN campaign AS p ON p.id = s.campaign_id",
    "addresses": "SELECT key, address, consecutive, last_bounce_at, last_success_at, blocked_at, block_reason,"
    " unsubscribed_at, complained_at FROM address",
    "people": "SELECT email, consent FROM contact",
    "campaigns": "SELECT name, key, keyed, started_at, ended_at FROM campaign",
    "counters": "SELECT p.name, s.delivery, s.triage, s.facts, s.n FROM campaign_stat AS s"
    " JOIN campaign AS p ON p.id = s.campaign_id",
}


def contents(store: Store) -> dict[str, list[str]]:
    return {name: sorted(map(str, store.rows(sql))) for name, sql in TABLES.items()}


def read_all(world: World, path: Path, chance: random.Random, *, shuffled: bool) -> dict[str, list[str]]:
    desk = Desk(path, chance)
    world(desk)
    todo = desk.steps
    if shuffled:
        todo += chance.sample(todo, 3)
        chance.shuffle(todo)
    store = open_store(path / "aftersend.db")
    careless(store)
    try:
        for step in todo:
            step(store)
        return contents(store)
    finally:
        store.close()


@pytest.fixture(scope="module", params=[one_campaign, two_campaigns])
def straight(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[World, dict[str, list[str]]]:
    """A world, and what the store holds when the lists come first and each feed after them, once."""
    folder = tmp_path_factory.mktemp("straight") / "s"
    return request.param, read_all(request.param, folder, random.Random(0), shuffled=False)


@pytest.mark.parametrize("seed", range(40))
def test_the_order_in_which_feeds_are_read_does_not_matter(
    seed: int, straight: tuple[World, dict[str, list[str]]], tmp_path: Path
) -> None:
    world, expected = straight
    assert read_all(world, tmp_path / "s", random.Random(seed), shuffled=True) == expected
