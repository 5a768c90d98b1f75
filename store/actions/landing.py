"""From the lines of a recipient list to contacts and recipients, in few statements over all lines.

The lines stand in the temporary table ``import_line`` in file order. A new contact gets the id ``contact_base`` + line
id, a new recipient ``recipient_base`` + line id: so recipients stand in file order, which is send order, and a line
that met a row already there (or an earlier line of its own address) is known by the gap it leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from store import derive
from store.addresses import search_fold
from store.database import Store
from store.searching import unwatched
from store.vocabulary import Delivery, Engagement, SkipReason, Triage

_STAGE = """
CREATE TEMP TABLE import_line (
    id INTEGER PRIMARY KEY, address TEXT, key TEXT, bad INTEGER, name TEXT, folded_name TEXT, company TEXT,
    folded_company TEXT, language TEXT, responsible TEXT, crm_id TEXT, consent INTEGER, tracking INTEGER,
    former INTEGER,
    occurrence INTEGER NOT NULL DEFAULT 0, contact_id INTEGER)
"""
_STAGED = (
    *("address", "key", "bad", "name", "folded_name", "company", "folded_company", "language", "responsible"),
    *("crm_id", "consent", "tracking", "former"),
)
_STAGE_CACHE_KIB = 32 * 1024
# Indexes grow in random order; where they do not fit, each line costs several pages read and written.
_CACHE_KIB = 128 * 1024
UNKNOWN = -1
"""Stands for None in a staged line: sqlite3 takes five times as long to bind None or a bool as an int."""
PLAIN = -1
"""Stands in ``bad`` for a plain ASCII address, of which the key is the folded text."""
_TABLES = ("import_line", "import_again", "import_change", "import_skip")


@dataclass(slots=True)
class Landing:
    """What a landing needs to know, and what it found.

    Attributes:
        campaign_id: where the recipients go.
        now: epoch milliseconds.
        asks_consent, asks_tracking: whether the list has such a column; then silence is no consent.
        source: what the list is called, for those of whom it tells whether they may be tracked.
        contact_base, recipient_base: the highest ids before.
        lines: how many lines are staged.
        added: new recipients, the skipped ones among them.
        updated: lines whose recipient was there and who, or whose contact, was changed.
        contacts_added: new contacts.
        contacts_changed: contacts changed.
        rebuilt: whether indexes were built anew (they have no statistics then).
        skipped: reason -> number, of the new recipients.
    """

    campaign_id: int
    now: int
    asks_consent: bool
    asks_tracking: bool
    source: str = ""
    contact_base: int = 0
    recipient_base: int = 0
    lines: int = 0
    added: int = 0
    updated: int = 0
    contacts_added: int = 0
    contacts_changed: int = 0
    rebuilt: bool = False
    skipped: dict[SkipReason, int] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, Any]:
        """The named parameters of the statements."""
        return {
            "campaign": self.campaign_id,
            "now": self.now,
            "asks_consent": self.asks_consent,
            "no_consent": False if self.asks_consent else None,
            "no_tracking": False if self.asks_tracking else None,
            "source": self.source,
            "contact_base": self.contact_base,
            "recipient_base": self.recipient_base,
        }


@contextmanager
def stage_open(store: Store) -> Iterator[None]:
    """Have the empty table of lines, and room in memory, on this thread's connection meanwhile."""
    _drop_tables(store)
    with store.roomy(_CACHE_KIB, _STAGE_CACHE_KIB):
        store.execute(_STAGE)
        try:
            yield
        finally:
            _drop_tables(store)


def _drop_tables(store: Store) -> None:
    for name in _TABLES:
        store.execute(f"DROP TABLE IF EXISTS temp.{name}")


def stage(store: Store, rows: Iterable[tuple[str | int, ...]]) -> None:
    """Append lines.

    Args:
        store: the open store, with the table on this thread's connection.
        rows: address, address key, what is wrong with the address (code of the reason to skip, 0, or ``PLAIN``), name,
            folded name, company, folded company, language, responsible, CRM id, consent, tracking consent (0, 1 or
            ``UNKNOWN``), former employee (0 or 1).
    """
    store.insert_rows("import_line", _STAGED, rows)


def land(store: Store, landing: Landing) -> None:
    """Bring all staged lines into the campaign, inside the caller's transaction; the counts go into ``landing``."""
    landing.contact_base = _highest(store, "contact")
    landing.recipient_base = _highest(store, "recipient")
    landing.lines = _highest(store, "import_line")
    for name in _TABLES[1:]:
        store.execute(f"DROP TABLE IF EXISTS temp.{name}")
    store.execute("CREATE TEMP TABLE import_change (line_id INTEGER PRIMARY KEY, contact_id INTEGER)")
    store.gauge("import_line")
    store.teach("search_fold", search_fold, f"SELECT DISTINCT address FROM import_line WHERE bad <> {PLAIN}")
    _find_contacts(store, landing)
    _add_contacts(store, landing)
    _change_contacts(store, landing)
    landing.added = _add_recipients(store, landing, repeated=False)
    if landing.added < landing.lines:
        _number_repeated(store, landing)
        landing.added += _add_recipients(store, landing, repeated=True)
    if landing.added < landing.lines:
        _change_recipients(store, landing)
    store.took_ids("contact")
    store.took_ids("recipient")
    landing.skipped = {
        SkipReason.of(code): number
        for code, number in store.execute(
            "SELECT skip_reason, count(*) FROM recipient WHERE id > ? AND skip_reason IS NOT NULL"
            " GROUP BY skip_reason ORDER BY skip_reason",
            (landing.recipient_base,),
        ).fetchall()
    }
    _count(store, landing)


def _count(store: Store, landing: Landing) -> None:
    """Bring the campaign's counters up to date; to count all of its recipients takes as long as an index."""
    if landing.updated:
        derive.recount(store, landing.campaign_id)
        return
    skipped = sum(landing.skipped.values())
    for delivery, number in ((Delivery.READY, landing.added - skipped), (Delivery.SKIPPED, skipped)):
        if number:
            store.execute(
                "INSERT INTO campaign_stat (campaign_id, delivery, triage, facts, n) VALUES (?, ?, ?, 0, ?)"
                " ON CONFLICT (campaign_id, delivery, triage, facts) DO UPDATE SET n = campaign_stat.n + excluded.n",
                (landing.campaign_id, delivery.code, Triage.NONE.code, number),
            )


def _highest(store: Store, table: str) -> int:
    return int(store.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])


def _run(store: Store, sql: str, landing: Landing) -> int:
    """Run a statement and return how many rows it changed."""
    return int(store.execute(sql, landing.parameters).rowcount)


_IDENT = """CASE WHEN s.crm_id <> '' THEN 'crm:' || s.crm_id WHEN s.key <> '' THEN 'mail:' || s.key
    ELSE 'name:' || s.folded_name || ' ' || s.folded_company END"""
_FOLDED_MAIL = f"CASE s.bad WHEN {PLAIN} THEN s.key ELSE search_fold(s.address) END"


def _find_contacts(store: Store, landing: Landing) -> None:
    """Find the contacts that are there; a line with a CRM id takes over a contact that was known by mail only."""
    if not landing.contact_base:
        return
    _run(
        store,
        f"""UPDATE import_line AS s SET contact_id = CASE WHEN s.crm_id <> '' THEN coalesce(
                (SELECT id FROM contact WHERE ident = 'crm:' || s.crm_id),
                (SELECT min(id) FROM contact WHERE email_key = s.key AND crm_id IS NULL AND s.key <> ''))
            ELSE coalesce(
                (SELECT min(id) FROM contact WHERE email_key = s.key AND s.key <> ''),
                (SELECT id FROM contact WHERE ident = {_IDENT})) END""",
        landing,
    )
    store.execute(
        "INSERT INTO import_change SELECT min(s.id), s.contact_id FROM import_line AS s CROSS JOIN contact AS c"
        " ON c.id = s.contact_id WHERE s.crm_id <> '' AND c.crm_id IS NULL GROUP BY s.contact_id"
    )
    _run(
        store,
        """UPDATE contact SET ident = 'crm:' || s.crm_id, crm_id = s.crm_id, updated_at = :now
            FROM import_change AS d CROSS JOIN import_line AS s ON s.id = d.line_id WHERE contact.id = d.contact_id""",
        landing,
    )
    _run(
        store,
        """UPDATE import_line AS s SET contact_id = NULL WHERE s.crm_id <> '' AND s.contact_id IS NOT NULL
            AND (SELECT crm_id FROM contact WHERE id = s.contact_id) <> s.crm_id""",
        landing,
    )


def _add_contacts(store: Store, landing: Landing) -> None:
    missing = landing.lines
    if landing.contact_base:
        missing = store.execute("SELECT count(*) FROM import_line WHERE contact_id IS NULL").fetchone()[0]
    # More new contacts than old ones: the indexes are built in a third of the time afterwards, sorted.
    landing.rebuilt = missing > landing.contact_base
    indexes = store.drop_indexes("contact") if landing.rebuilt else []
    landing.contacts_added = _run(
        store,
        f"""INSERT INTO contact (id, ident, crm_id, email, email_key, name, company, language, responsible, consent,
                tracking_consent, former, sort_key, company_key, created_at, updated_at, tracking_at, tracking_source)
            SELECT :contact_base + s.id, {_IDENT}, nullif(s.crm_id, ''), s.address, s.key, s.name, s.company,
                s.language, s.responsible, CASE s.consent WHEN 1 THEN TRUE WHEN 0 THEN FALSE ELSE :no_consent END,
                CASE s.tracking WHEN 1 THEN TRUE WHEN 0 THEN FALSE ELSE :no_tracking END, s.former = 1,
                CASE WHEN s.name <> '' THEN s.folded_name ELSE {_FOLDED_MAIL} END, s.folded_company, :now, :now,
                CASE WHEN s.tracking <> {UNKNOWN} THEN :now END, CASE WHEN s.tracking <> {UNKNOWN} THEN :source END
            FROM import_line AS s WHERE s.contact_id IS NULL ORDER BY s.id ON CONFLICT (ident) DO NOTHING""",
        landing,
    )
    for sql in indexes:
        store.execute(sql)
    if landing.contacts_added < missing:
        _run(
            store,
            f"""UPDATE import_line AS s SET contact_id = (SELECT id FROM contact WHERE ident = {_IDENT})
                WHERE s.contact_id IS NULL AND NOT EXISTS (SELECT 1 FROM contact WHERE id = :contact_base + s.id)""",
            landing,
        )
    with unwatched(store, "contact_search", landing.contact_base, missing):
        _run(
            store,
            f"""INSERT INTO contact_search (contact_id, s)
                SELECT :contact_base + s.id, s.folded_name || ' ' || {_FOLDED_MAIL} || ' ' || s.folded_company
                FROM import_line AS s WHERE s.contact_id IS NULL ORDER BY s.id""",
            landing,
        )


# What the list says anew, field by field. An empty field says nothing; "yes" does not take back what the person
# withdrew by a complaint or an unsubscription; an address that the person was reached at before is not news.
_NEW_EMAIL = """s.crm_id <> '' AND s.bad <= 0 AND s.key <> c.email_key AND NOT EXISTS
    (SELECT 1 FROM recipient AS r WHERE r.contact_id = c.id AND r.address_key = s.key)"""
_NEW_CONSENT = f"""s.consent <> {UNKNOWN} AND (s.consent = 1) IS NOT c.consent AND NOT (s.consent = 1 AND EXISTS
    (SELECT 1 FROM address AS a WHERE a.key = s.key AND coalesce(a.complained_at, a.unsubscribed_at) IS NOT NULL))"""
_NEW_TRACKING = f"s.tracking <> {UNKNOWN} AND (s.tracking = 1) IS NOT c.tracking_consent"
_NEW_FIELDS = {
    "email": (_NEW_EMAIL, "s.address"),
    "email_key": (_NEW_EMAIL, "s.key"),
    "name": ("s.name <> '' AND s.name <> c.name", "s.name"),
    "company": ("s.company <> '' AND s.company <> c.company", "s.company"),
    "language": ("s.language <> '' AND s.language <> c.language", "s.language"),
    "responsible": ("s.responsible <> '' AND s.responsible <> c.responsible", "s.responsible"),
    "consent": (_NEW_CONSENT, "s.consent = 1"),
    "tracking_consent": (_NEW_TRACKING, "s.tracking = 1"),
    "tracking_at": (_NEW_TRACKING, ":now"),
    "tracking_source": (_NEW_TRACKING, ":source"),
    "former": ("s.former = 1 AND NOT c.former", "TRUE"),
}


def _change_contacts(store: Store, landing: Landing) -> None:
    """Bring what the list says anew into contacts that were there before; the first line of a contact counts."""
    if not landing.contact_base:
        return
    any_new = " OR ".join(f"({test})" for test, _ in {text: (text, "") for text, _ in _NEW_FIELDS.values()}.values())
    chosen = ", ".join(
        f"CASE WHEN {test} THEN {value} ELSE c.{name} END AS {name}" for name, (test, value) in _NEW_FIELDS.items()
    )
    _run(
        store,
        f"""INSERT OR IGNORE INTO import_change SELECT s.id, s.contact_id
            FROM import_line AS s CROSS JOIN contact AS c ON c.id = s.contact_id
            WHERE s.contact_id <= :contact_base AND ({any_new})""",
        landing,
    )
    if not store.execute("SELECT EXISTS (SELECT 1 FROM import_change)").fetchone()[0]:
        return
    store.execute("CREATE INDEX temp.import_line_contact ON import_line (contact_id)")
    store.execute(
        "DELETE FROM import_change AS d WHERE EXISTS (SELECT 1 FROM import_line AS s"
        " WHERE s.contact_id = d.contact_id AND s.id < d.line_id)"
    )
    landing.contacts_changed = _run(
        store,
        f"""UPDATE contact SET ({", ".join(_NEW_FIELDS)}, updated_at) = (SELECT {chosen}, :now
                FROM import_change AS d CROSS JOIN import_line AS s ON s.id = d.line_id
                CROSS JOIN contact AS c ON c.id = d.contact_id WHERE d.contact_id = contact.id)
            WHERE id IN (SELECT contact_id FROM import_change)""",
        landing,
    )
    changed = "FROM contact WHERE id IN (SELECT contact_id FROM import_change)"
    texts = f"SELECT CASE WHEN name <> '' THEN name ELSE email END {changed} UNION SELECT company {changed}"
    store.teach("search_fold", search_fold, f"{texts} UNION SELECT name || ' ' || email || ' ' || company {changed}")
    _run(
        store,
        """UPDATE contact SET sort_key = search_fold(CASE WHEN name <> '' THEN name ELSE email END),
                company_key = search_fold(company)
            WHERE id IN (SELECT contact_id FROM import_change)""",
        landing,
    )
    _run(
        store,
        """INSERT INTO contact_search (contact_id, s)
            SELECT id, search_fold(name || ' ' || email || ' ' || company) FROM contact
            WHERE id IN (SELECT contact_id FROM import_change)
            ON CONFLICT (contact_id) DO UPDATE SET s = excluded.s""",
        landing,
    )


_SKIP = f"""CASE
    WHEN s.bad > 0 THEN s.bad
    WHEN s.occurrence > 0 THEN {SkipReason.DUPLICATE.code}
    WHEN a.complained_at IS NOT NULL THEN {SkipReason.COMPLAINED.code}
    WHEN a.unsubscribed_at IS NOT NULL THEN {SkipReason.UNSUBSCRIBED.code}
    WHEN a.blocked_at IS NOT NULL THEN {SkipReason.BLOCKED.code}
    WHEN c.former THEN {SkipReason.FORMER.code}
    WHEN :asks_consent AND s.consent <> 1 OR c.consent IS FALSE THEN {SkipReason.NO_CONSENT.code} END"""
_DELIVERY = f"CASE WHEN {{}} IS NULL THEN {Delivery.READY.code} ELSE {Delivery.SKIPPED.code} END"


def _add_recipients(store: Store, landing: Landing, *, repeated: bool) -> int:
    """Add the lines that are not there yet and return their number."""
    with unwatched(store, "recipient", landing.recipient_base, landing.lines):
        return _run(
            store,
            f"""INSERT INTO recipient (id, campaign_id, contact_id, address, address_key, occurrence, skip_reason,
                    delivery, engagement, triage, partly, clicks)
                SELECT :recipient_base + id, :campaign, contact_id, address, key, occurrence, skip,
                    {_DELIVERY.format("skip")}, {Engagement.NONE.code}, {Triage.NONE.code}, FALSE, 0
                FROM (SELECT s.id, c.id AS contact_id, s.address, s.key, s.occurrence, {_SKIP} AS skip
                    FROM import_line AS s CROSS JOIN contact AS c ON c.id = coalesce(s.contact_id, :contact_base + s.id)
                    LEFT JOIN address AS a ON a.key = s.key WHERE {"s.occurrence > 0" if repeated else "TRUE"}
                    ORDER BY s.id)
                WHERE TRUE ON CONFLICT (address_key, campaign_id, occurrence) DO NOTHING""",
            landing,
        )


def _number_repeated(store: Store, landing: Landing) -> None:
    """Number the lines of addresses that stand in the file more than once."""
    store.execute("CREATE TEMP TABLE import_again (id INTEGER PRIMARY KEY, occurrence INTEGER)")
    _run(
        store,
        """INSERT INTO import_again SELECT id, nth FROM (
                SELECT id, row_number() OVER (PARTITION BY key ORDER BY id) - 1 AS nth FROM import_line WHERE key IN
                    (SELECT s.key FROM import_line AS s
                     WHERE NOT EXISTS (SELECT 1 FROM recipient WHERE id = :recipient_base + s.id)))
            WHERE nth > 0""",
        landing,
    )
    store.execute("UPDATE import_line SET occurrence = g.occurrence FROM import_again AS g WHERE g.id = import_line.id")


def _change_recipients(store: Store, landing: Landing) -> None:
    """Decide anew whom to skip of those who were planned before, got nothing yet and were not decided about."""
    there = """import_line AS s CROSS JOIN recipient AS r ON r.address_key = s.key AND r.campaign_id = :campaign
        AND r.occurrence = s.occurrence AND r.id <= :recipient_base"""
    _run_script = f"""CREATE TEMP TABLE import_skip AS SELECT line_id, recipient_id, skip FROM (
            SELECT s.id AS line_id, r.id AS recipient_id, r.skip_reason AS was, {_SKIP} AS skip
            FROM {there} CROSS JOIN contact AS c ON c.id = r.contact_id LEFT JOIN address AS a ON a.key = s.key
            WHERE r.delivery IN ({Delivery.READY.code}, {Delivery.SKIPPED.code})
                AND r.override IS NULL AND r.decision IS NULL)
        WHERE skip IS NOT was"""
    _run(store, _run_script, landing)
    store.execute(
        f"UPDATE recipient SET skip_reason = k.skip, delivery = {_DELIVERY.format('k.skip')}"
        " FROM import_skip AS k WHERE recipient.id = k.recipient_id"
    )
    changed = "SELECT line_id FROM import_skip"
    if landing.contacts_changed:
        changed += f" UNION SELECT s.id FROM {there} WHERE s.id IN (SELECT line_id FROM import_change)"
    landing.updated = store.execute(f"SELECT count(*) FROM ({changed})", landing.parameters).fetchone()[0]
