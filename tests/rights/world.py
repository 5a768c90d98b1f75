"""A store in whose every text somebody stands who wants to be forgotten: Nadja Needlemann, among other people."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

from store.actions.contacts import fix
from store.actions.imports import import_recipients
from store.actions.lists import add
from store.actions.strangers import assign
from store.actions.triage import mark_hard
from store.addresses import address_key
from store.database import Store
from store.feeds.record import Record
from store.feeds.storing import record_to_json
from store.ingest import ingest
from store.journal import Operator
from store.landing import insert_strangers, land, stranger_row
from store.matching import Matcher
from store.queries.addresses import recipients_of_address
from store.searching import index_new
from store.vocabulary import Actor, BounceKind, EventType, ListKind, Source

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
WHO = Operator("ann", "desk")
BASE = 1_772_438_400_000

OLD = "nadja.needlemann@secret-host.example"
TODAY = "Nadja.N@secret-host.example"
LED_TO = "privat.nadel@elsewhere.example"
NAME = "Nadja Needlemann"
COMPANY = "Needlework GmbH"
CRM = "CRM-NEEDLE-77"
LANGUAGE, RESPONSIBLE = "xn-needle", "Mr Needle-Keeper"
MESSAGE = "0815.needle-message@mta.example"
QUEUE = "NEEDLEQUEUE1"

NEEDLES = (OLD, TODAY, LED_TO, NAME, COMPANY, CRM, LANGUAGE, RESPONSIBLE, MESSAGE, QUEUE)
"""Whatever tells who it is."""

FOLDED = (*(needle.casefold() for needle in NEEDLES), "needlemann", "needle-message", "privat.nadel")
"""What must be nowhere in the file, in any case."""

HEAD = "E-mail;Name;Company;Language;Responsible;CRM ID;Tracking consent\n"
OTHERS = "bo@example.org;Bo Berg;Berg AG;de;ann;CRM-1;yes\ncy@example.org;Cy Clay;Clay AG;de;ann;CRM-2;\n"


def build(store: Store, folder: Path) -> int:
    """Fill every table and return the contact's id."""
    for campaign, address in (("Spring", OLD), ("Autumn", OLD)):
        _import(store, folder, campaign, address)
    (own,) = recipients_of_address(store, OLD, _campaign(store, "Spring"))
    (other,) = recipients_of_address(store, "bo@example.org", _campaign(store, "Spring"))
    _happen(store)
    mark_hard(store, [own], WHO, NOW)
    fix(store, own, TODAY, WHO, NOW)
    add(store, [own, other], ListKind.PROJECT, f"Friends of {NAME}", WHO, NOW)
    _assigned(store, own)
    _guessed(store, folder)
    _written(store, own)
    index_new(store)
    (contact,) = store.row("SELECT contact_id FROM recipient WHERE id = ?", (own,)) or (0,)
    return int(contact)


def _import(store: Store, folder: Path, campaign: str, address: str) -> None:
    path = folder / "list.csv"
    path.write_text(f"{HEAD}{address};{NAME};{COMPANY};{LANGUAGE};{RESPONSIBLE};{CRM};yes\n{OTHERS}", encoding="utf-8")
    import_recipients(store, path, campaign, WHO, NOW)


def _campaign(store: Store, name: str) -> int:
    return int((store.row("SELECT id FROM campaign WHERE name = ?", (name,)) or (0,))[0])


def records() -> list[Record]:
    """Return what a log tells, as it tells it every time it is read: of Nadja, and of Bo, whose mail is led on to her.

    It is also what comes again after she was forgotten.
    """
    told = {"address": OLD, "source": Source.POSTFIX, "campaign": "spring", "message_id": MESSAGE}
    link = f"https://example.org/?who={OLD.replace('@', '%40')}"
    return [
        Record(EventType.SENT, BASE, where="line 1", **told),  # type: ignore[arg-type]
        Record(EventType.DELIVERED, BASE + 1000, where="line 2", diagnostic=f"250 for {OLD}", **told),  # type: ignore[arg-type]
        Record(EventType.OPENED, BASE + 60_000, OLD, Source.POSTFIX, campaign="spring", actor=Actor.HUMAN),
        Record(EventType.CLICKED, BASE + 61_000, OLD, Source.POSTFIX, campaign="spring", actor=Actor.HUMAN, url=link),
        Record(
            EventType.BOUNCED,
            BASE + 120_000,
            LED_TO,
            Source.BOUNCE_MAIL,
            original=OLD,
            campaign="spring",
            message_id=MESSAGE,
            kind=BounceKind.HARD,
            diagnostic=f"550 {NAME} has left; was <{LED_TO}>",
            where=f"{OLD}.eml",
        ),
        Record(EventType.SENT, BASE, "bo@example.org", Source.POSTFIX, campaign="spring", message_id="bo@mta.example"),
        Record(
            EventType.BOUNCED,
            BASE + 5000,
            OLD,
            Source.BOUNCE_MAIL,
            original="bo@example.org",
            campaign="spring",
            message_id="bo@mta.example",
            kind=BounceKind.SOFT,
            diagnostic=f"452 {OLD} is full",
        ),
        Record(EventType.SENT, BASE, "cy@example.org", Source.POSTFIX, campaign="spring", message_id="cy@mta.example"),
        Record(
            EventType.BOUNCED,
            BASE + 5000,
            "cy@example.org",
            Source.BOUNCE_MAIL,
            campaign="spring",
            kind=BounceKind.SOFT,
            diagnostic=f"450 ask {NAME} ({OLD})",
        ),
        Record(EventType.OPENED, BASE + 7000, OLD, Source.POSTFIX, campaign="of-nobody", name=NAME),
        Record(EventType.BOUNCED, BASE, OLD, Source.BOUNCE_MAIL, original="who@nowhere.example", diagnostic=NAME),
    ]


def land_again(store: Store) -> None:
    """Land the records, as reading the log (again) does."""
    store.run(lambda: land(store, Matcher(store), {}, None, records()))


def _happen(store: Store) -> None:
    land_again(store)


def _assigned(store: Store, own: int) -> None:
    """Give a stranger's record to her by hand."""
    record = Record(EventType.BOUNCED, BASE + 9000, LED_TO, Source.BOUNCE_MAIL, message_id=MESSAGE, diagnostic=NAME)
    store.run(lambda: insert_strangers(store, [stranger_row(record, None, None)]))
    (id_,) = store.row("SELECT id FROM stranger WHERE address_key = ?", (LED_TO,)) or (0,)
    assign(store, [id_], own, WHO, NOW)


def _guessed(store: Store, folder: Path) -> None:
    """Read an event that only address and time tell about."""
    path = folder / "events.csv"
    path.write_text(f"email,event,timestamp\n{OLD},open,2026-03-02T09:00:00Z\n", encoding="utf-8")
    ingest(store, [path], NOW)
    path.unlink()


def _written(store: Store, own: int) -> None:
    """Let what operators, readers and the sender wrote mention her."""
    told = f"{NAME} <{OLD}> and {TODAY.lower()}, {CRM}"
    part = json.dumps([{"name": told, "type": "text/plain", "content": b64encode(b"-").decode(), "content_id": ""}])
    snapshot = zlib.compress(json.dumps({"reader": [record_to_json(records()[1])]}).encode("ascii"))

    def write() -> None:
        feed = store.execute(
            "INSERT INTO feed (path, format, inode, size_bytes, mtime_ns, fingerprint, position, records, defects,"
            " read_at) VALUES (?, 'Postfix', 0, 0, 0, '', 0, 0, 0, 0)",
            (f"/var/mail/{OLD}/{NAME}",),
        ).lastrowid
        store.execute("INSERT INTO feed_defect (feed_id, location, sentence) VALUES (?, ?, ?)", (feed, OLD, told))
        store.execute("INSERT INTO feed_piece (feed_id, name) VALUES (?, ?)", (feed, f"1,{OLD}:2,S"))
        store.execute(
            "INSERT INTO feed_position (feed_id, position, snapshot, updated_at) VALUES (?, ?, ?, 0)",
            (feed, json.dumps({"mail": OLD}), snapshot),
        )
        store.execute("INSERT INTO mapping (name, spec, created_at) VALUES ('crm', ?, 0)", (told,))
        store.execute("UPDATE mail_list SET note = ?", (told,))
        store.execute(
            "INSERT INTO segment (name, spec, note, created_at, created_by) VALUES (?, ?, ?, 0, 'ann')",
            (f"with {NAME}", json.dumps({"text": OLD}), told),
        )
        store.execute("INSERT INTO setting (name, value) VALUES ('hook', ?)", (f"mail {OLD}",))
        store.execute(
            'INSERT INTO trip (campaign_id, wire, subject, part, whole, "limit", tripped_at, hook_note)'
            " VALUES (1, 'complaints', ?, 1, 2, 1, 0, ?)",
            (OLD, told),
        )
        message = store.execute(
            "INSERT INTO message (campaign_id, state, why, subject, sender, reply_to, text, html, headers, fields,"
            " parts, front, digest, relay, made_at, made_by) VALUES (1, 4, ?, ?, 'us@ours.example', '', ?, ?, ?, ?,"
            " ?, ?, 'd', '', 0, 'ann')",
            (told, told, told, told, json.dumps({"x": OLD}), json.dumps({"x": NAME}), part, json.dumps({"x": told})),
        ).lastrowid
        store.execute(
            "INSERT INTO outbox (message_id, recipient_id, state, attempts, next_at, landed, mail_id, diagnostic)"
            " VALUES (?, ?, 2, 1, 0, TRUE, ?, ?)",
            (message, own, MESSAGE, told),
        )
        store.execute(
            "INSERT INTO pulled (campaign_id, recipient_id, instance, queue_id, arrived_at, sender, message_id, state,"
            " changed_at) VALUES (1, ?, '', ?, 0, 'us@ours.example', ?, 1, 0)",
            (own, QUEUE, MESSAGE),
        )
        store.execute(
            "INSERT INTO vouch (digest, rule, subject, said, reason) VALUES ('d', 'links', ?, ?, ?)", (told, told, told)
        )
        store.execute("UPDATE campaign SET subject = ? WHERE id = 1", (f"For {NAME}",))
        # A contact of the same address in another spelling was corrected before: its old bytes lie in free space.
        store.execute("UPDATE contact SET name = name WHERE email_key = ?", (address_key(TODAY),))

    store.run(write)
