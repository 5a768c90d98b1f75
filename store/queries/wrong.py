"""Who got a wrong mail and who did not: the people of a campaign, each in one class, to count, to name and to send.

Whoever got it, or may have got it, is told of the error; who surely did not gets the right mail without a word about
the wrong one; who bounced, unsubscribed, complained or is blocked gets nothing. Nobody is told twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from store.asking import RecipientFilter
from store.cleaning import clean
from store.database import Store, spoken
from store.errors import NotFound
from store.obstacles import FORBIDDING, TODAY, WORDS
from store.queries.conditions import condition, where
from store.queries.outbox import list_sends
from store.queries.unreached import family_root, fill_family
from store.rows.unreached import UnreachedRow
from store.rows.wrong import SplitCounts, WrongRow
from store.vocabulary import FAILED_DELIVERY, Delivery, FollowUp, OutboxState


class Part(StrEnum):
    """The parts into which the people of a campaign fall."""

    ERRATUM = "erratum"
    RIGHT = "right mail"
    NOTHING = "nothing"
    NARROWED = "not among those chosen"


@dataclass(frozen=True, slots=True)
class Narrow:
    """Who of those that got the wrong mail is told of it; all given conditions hold together, none: everybody.

    Attributes:
        readers: only those who opened or clicked it themselves.
        clickers: only those who clicked anything in it.
        link_id: only those who clicked this link.
        segment: only those who fit this filter.
        words: that, for people.
    """

    readers: bool = False
    clickers: bool = False
    link_id: int | None = None
    segment: RecipientFilter | None = None
    words: str = "everybody who got it"


EVERYBODY: Final = Narrow()

_GOT: Final = ("delivered", "may have got it: on its way, or nobody can tell")
_NOT_GOT: Final = ("still waits in our outbox", "pulled from the mail queue", "not sent to them")
_NOTHING: Final = (
    "told already",
    *(WORDS[obstacle] for obstacle in WORDS if obstacle in FORBIDDING),
    "bounced",
    "skipped",
)
_CLASSES: Final = (*_GOT, *_NOT_GOT, *_NOTHING, Part.NARROWED.value)
_PARTS: Final = {
    Part.ERRATUM: range(len(_GOT)),
    Part.RIGHT: range(len(_GOT), len(_GOT) + len(_NOT_GOT)),
    Part.NOTHING: range(len(_GOT) + len(_NOT_GOT), len(_CLASSES) - 1),
    Part.NARROWED: range(len(_CLASSES) - 1, len(_CLASSES)),
}
_FAILED: Final = ", ".join(str(delivery.code) for delivery in sorted(FAILED_DELIVERY))
_OPEN: Final = f"{OutboxState.SENDING.code}, {OutboxState.UNSURE.code}, {OutboxState.ACCEPTED.code}"
_HELD: Final = f"{OutboxState.WAITING.code}, {OutboxState.HELD.code}"
_TELLING: Final = f"{FollowUp.ERRATUM.code}, {FollowUp.RIGHT.code}"
_READY: Final = Delivery.READY.code

# One look at the rows of a person: what the best of their mails came to.
_SUMMED: Final = (
    "CREATE TEMP TABLE summed AS SELECT f.contact_id, min(f.id) AS recipient_id,"
    f" max(f.delivery = {Delivery.DELIVERED.code}) AS got,"
    f" max(f.delivery IN ({Delivery.SENT.code}, {Delivery.DEFERRED.code}) OR f.delivery = {_READY}"
    f" AND coalesce(o.state, -1) IN ({_OPEN})) AS may,"
    f" max(f.delivery = {_READY} AND coalesce(o.state, -1) IN ({_HELD})) AS waits,"
    f" max(f.delivery IN ({_FAILED}) AND coalesce(f.reason, '') = 'pulled') AS pulled,"
    f" max(f.delivery IN ({_FAILED}) AND coalesce(f.reason, '') <> 'pulled') AS failed,"
    f" max(f.delivery = {_READY} AND o.id IS NULL) AS ready,"
    " max(f.opened_at IS NOT NULL OR f.clicked_at IS NOT NULL) AS readers, max(f.clicked_at IS NOT NULL) AS clickers"
    " FROM family AS q CROSS JOIN recipient AS f ON f.campaign_id = q.id AND f.occurrence = 0"
    " LEFT JOIN outbox AS o ON o.recipient_id = f.id GROUP BY +f.contact_id"
)
_TOLD: Final = (
    "k.contact_id IN (SELECT r.contact_id FROM campaign AS p CROSS JOIN recipient AS r ON r.campaign_id = p.id"
    f" WHERE p.parent_id IN (SELECT id FROM family) AND p.follow_up IN ({_TELLING})"
    f" AND r.delivery NOT IN ({Delivery.SKIPPED.code}, {_FAILED}))"
)
_OBSTACLES: Final = tuple(
    (f"k.today & {obstacle.value} <> 0", word) for obstacle, word in WORDS.items() if obstacle in FORBIDDING
)
_LADDER: Final = (
    (_TOLD, "told already"),
    *_OBSTACLES,
    ("k.got AND k.chosen", _GOT[0]),
    ("k.got", Part.NARROWED.value),
    ("k.may AND k.chosen", _GOT[1]),
    ("k.may", Part.NARROWED.value),
    ("k.waits", _NOT_GOT[0]),
    ("k.pulled", _NOT_GOT[1]),
    ("k.failed", "bounced"),
    ("k.ready", _NOT_GOT[2]),
)
_CASES: Final = " ".join(f"WHEN {test} THEN {_CLASSES.index(name)}" for test, name in _LADDER)
_KNOWN: Final = (
    f"CREATE TEMP TABLE known AS SELECT s.*, {TODAY} AS today, {{}} AS chosen FROM temp.summed AS s CROSS JOIN contact"
    " AS c ON c.id = s.contact_id"
)
_SPLIT: Final = (
    "CREATE TEMP TABLE split AS SELECT k.contact_id, k.recipient_id,"
    f" CASE {_CASES} ELSE {_CLASSES.index('skipped')} END AS class FROM temp.known AS k"
)


def split(store: Store, campaign_id: int, narrow: Narrow = EVERYBODY) -> None:
    """Fill the temporary table ``split`` with everybody of a campaign and their class.

    Call it where the connection stays: inside a transaction, or in :meth:`store.database.Store.connected`.

    Raises:
        NotFound: there is no such campaign.
    """
    fill_family(store, family_root(store, campaign_id))
    for table in ("summed", "within", "known", "split"):
        store.execute(f"DROP TABLE IF EXISTS temp.{table}")
    store.execute(_SUMMED)
    tests = ["s.readers"] * narrow.readers + ["s.clickers"] * narrow.clickers
    if narrow.link_id is not None:
        clicked = "SELECT r.contact_id FROM clicker AS k JOIN recipient AS r ON r.id = k.recipient_id"
        tests.append(f"s.contact_id IN ({clicked} WHERE k.link_id = {int(narrow.link_id)} AND k.clicks > 0)")
    if narrow.segment is not None:
        asked = condition(narrow.segment)
        store.execute(
            f"CREATE TEMP TABLE within AS SELECT DISTINCT r.contact_id FROM recipient AS r{where(asked)}",
            asked.parameters,
        )
        tests.append("s.contact_id IN (SELECT contact_id FROM temp.within)")
    store.execute(_KNOWN.format(" AND ".join(tests) or "TRUE"))
    store.execute(_SPLIT)


def counted(store: Store) -> SplitCounts:
    """Return the numbers of the table ``split``."""
    numbers = dict(store.execute("SELECT class, count(*) FROM temp.split GROUP BY class").fetchall())

    def of(part: Part) -> dict[str, int]:
        return {_CLASSES[number]: numbers[number] for number in _PARTS[part] if number in numbers}

    return SplitCounts(of(Part.ERRATUM), of(Part.RIGHT), of(Part.NOTHING), sum(of(Part.NARROWED).values()))


def chosen(store: Store, part: Part) -> tuple[int, ...]:
    """Return a recipient id of each person of a part of the table ``split``."""
    found = store.execute(f"SELECT recipient_id FROM temp.split WHERE {_within(part)} ORDER BY recipient_id")
    return tuple(id_ for (id_,) in found.fetchall())


def wrong_row(store: Store, campaign_id: int, now: datetime, narrow: Narrow = EVERYBODY) -> WrongRow:
    """Return how a campaign that went out wrong stands, and who gets what.

    Raises:
        NotFound: there is no such campaign.
    """
    found = store.row("SELECT name FROM campaign WHERE id = ?", (campaign_id,))
    if found is None:
        raise NotFound("This campaign is no longer there.")
    with store.connected(), spoken(store.place):
        split(store, campaign_id, narrow)
        counts = counted(store)
        family = {id_ for (id_,) in store.execute("SELECT id FROM family").fetchall()}
    sends = tuple(send for send in list_sends(store, now) if send.campaign_id in family)
    unsure = sum(send.counts[OutboxState.UNSURE] for send in sends)
    return WrongRow(campaign_id, clean(found[0]), sends, sum(send.left for send in sends), unsure, counts)


def named(
    store: Store, campaign_id: int, part: Part, narrow: Narrow = EVERYBODY, limit: int = -1
) -> tuple[UnreachedRow, ...]:
    """Return the people of a part by name, each with why they are in it.

    Raises:
        NotFound: there is no such campaign.
    """
    with store.connected(), spoken(store.place):
        split(store, campaign_id, narrow)
        found = store.execute(
            "SELECT u.recipient_id, u.contact_id, c.name, coalesce(nullif(c.email, ''), r.address), r.address, u.class"
            " FROM temp.split AS u CROSS JOIN contact AS c ON c.id = u.contact_id CROSS JOIN recipient AS r"
            f" ON r.id = u.recipient_id WHERE u.{_within(part)} ORDER BY u.class, c.sort_key, c.id LIMIT ?",
            (limit,),
        ).fetchall()
    return tuple(
        UnreachedRow(recipient, contact, clean(name), clean(email), clean(old), _CLASSES[number])
        for recipient, contact, name, email, old, number in found
    )


def _within(part: Part) -> str:
    numbers = _PARTS[part]
    return f"class BETWEEN {numbers.start} AND {numbers.stop - 1}"
