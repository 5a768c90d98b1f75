"""Whether what is derived follows from the events, and deriving it anew where it does not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from store import derive, journal
from store.database import Store
from store.figures import counted, number
from store.fold import SENDING
from store.journal import Operator
from store.recompute import Difference, differences
from store.rows.health import Finding, Verdict
from store.standing import settle_keys
from store.upkeep.copying import Told
from store.withdrawal import refold

_EXAMPLES = 5
_SOME = 5000
_SENDING = ", ".join(str(type_.code) for type_ in sorted(SENDING))
_WORDS = {
    "recipient": "values of recipients",
    "campaign_stat": "counters",
    "clicker": "rows of clickers",
    "campaign": "dates of campaigns",
    "address": "values of addresses",
}


@dataclass(slots=True)
class Astray:
    """What does not follow, by what has to be derived anew; differences themselves are not held, there may be millions.

    Attributes:
        counts: (table, column) -> how many.
        examples: the first ones.
        recipients: their ids.
        clicks: recipient -> the links on which its clicks are wrong.
        campaigns: campaigns whose counters or dates are wrong.
        keys: of addresses.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[Difference] = field(default_factory=list)
    recipients: set[int] = field(default_factory=set)
    clicks: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    campaigns: set[int] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)

    def take(self, one: Difference) -> None:
        """Note a difference; an event of nobody is no matter of what is derived."""
        if one.table == "event":
            return
        self.counts[one.table, one.column] += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(one)
        match one.table, one.key:
            case "recipient", (int(id_),):
                self.recipients.add(id_)
            case "clicker", (_, int(link), int(recipient)):
                self.clicks[recipient].add(link)
            case "campaign" | "campaign_stat", (int(campaign), *_):
                self.campaigns.add(campaign)
            case "address", (str(key),):
                self.keys.add(key)


def look(store: Store, campaign_id: int | None, tell: Told, *, thorough: bool) -> Astray:
    """Return what does not follow from events and marks, of one campaign or of all."""
    which = "" if campaign_id is None else f" WHERE campaign_id = {int(campaign_id)}"
    total = store.rows(f"SELECT count(*) FROM recipient{which}")[0][0]
    astray = Astray()

    def told(done: int) -> None:
        tell("comparing", done, total)

    told(0)
    for one in differences(store, told, campaign_id=campaign_id, thorough=thorough):
        astray.take(one)
    return astray


def findings(astray: Astray, recipients: int) -> list[Finding]:
    """Return what is to be said of it, ``recipients`` of which were looked at."""
    if not astray.counts:
        said = f"0 differences: what is derived of {counted(recipients, 'recipient')} follows from the events."
        return [Finding("derived", Verdict.FINE, said)]
    tables: dict[str, Counter[str]] = defaultdict(Counter)
    for (table, column), count in astray.counts.items():
        tables[table][column] += count
    parts = []
    for table, columns in tables.items():
        named = ", ".join(f"{column} {number(count)}" for column, count in columns.most_common(3) if column)
        parts.append(f"{number(columns.total())} {_WORDS[table]}{f' ({named})' if named else ''}")
    return [
        Finding(
            "derived",
            Verdict.WRONG,
            f"Does not follow from the events: {', '.join(parts)}.",
            "aftersend doctor --repair",
            tuple(map(_sentence, astray.examples)),
        )
    ]


def _sentence(one: Difference) -> str:
    key = ", ".join(map(str, one.key))
    of = f"{one.table} {key}{f': {one.column}' if one.column else ''}"
    return f"{of} is {_value(one.kept)}, should be {_value(one.derived)}"


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_value, value))
    return "missing" if value is None else str(value)


def repair(store: Store, astray: Astray, who: Operator, now: datetime, tell: Told) -> str:
    """Derive anew what does not follow, a transaction a campaign with its entry in the journal; return what was done.

    What a follower or an operator changes meanwhile is taken as it is in that moment.
    """
    by_campaign: dict[int, set[int]] = defaultdict(set)
    for recipient, campaign in store.among(
        "SELECT id, campaign_id FROM recipient WHERE id IN ({})", sorted(astray.recipients | astray.clicks.keys())
    ):
        by_campaign[campaign].add(recipient)
    nobody = astray.clicks.keys() - set().union(*by_campaign.values())
    campaigns = sorted(by_campaign.keys() | astray.campaigns)
    for at, campaign in enumerate(campaigns):
        tell("repairing", at, len(campaigns))
        ids = sorted(by_campaign[campaign])
        store.run(lambda campaign=campaign, ids=ids: _campaign(store, campaign, ids, astray, who, now))  # type: ignore[misc]
    if astray.keys or nobody:
        keys = sorted(astray.keys)
        store.run(lambda: _addresses(store, keys, sorted(nobody), who, now))
    told = [counted(len(campaigns), "campaign")] if campaigns else []
    return " and ".join([*told, *([counted(len(astray.keys), "address") + "es"] if astray.keys else [])])


def _campaign(store: Store, campaign: int, ids: Sequence[int], astray: Astray, who: Operator, now: datetime) -> None:
    for start in range(0, len(ids), _SOME):
        some = ids[start : start + _SOME]
        derive.touch(store, some)
        # The failure that counts is only ever replaced by another one, or taken away where one was told of.
        store.execute(
            "UPDATE recipient SET bounced_at = NULL, bounce_kind = NULL, reason = NULL, status = NULL, reply = NULL,"
            " partly = FALSE WHERE id IN (SELECT id FROM touched)"
        )
        refold(store, {id_: sorted(astray.clicks.get(id_, ())) for id_ in some})
    derive.recount(store, campaign)
    store.execute(
        "UPDATE campaign SET (started_at, ended_at) = (SELECT min(ts), max(ts) FROM event"
        f" WHERE campaign_id = campaign.id AND type IN ({_SENDING})) WHERE id = ?",
        (campaign,),
    )
    found = store.execute("SELECT name FROM campaign WHERE id = ?", (campaign,)).fetchone()
    name = found[0] if found else f"campaign {campaign}"
    said = f"Derived anew from the events of {name}: {counted(len(ids), 'recipient')}, counters, dates"
    journal.write(store, who, now, "repair", said, undoable=False, subjects=len(ids))


def _addresses(store: Store, keys: Sequence[str], nobody: Sequence[int], who: Operator, now: datetime) -> None:
    store.execute_many("DELETE FROM clicker WHERE recipient_id = ?", [(id_,) for id_ in nobody])
    for start in range(0, len(keys), _SOME):
        settle_keys(store, keys[start : start + _SOME])
    said = f"Derived anew from all campaigns: {number(len(keys))} {'address' if len(keys) == 1 else 'addresses'}"
    journal.write(store, who, now, "repair", said, undoable=False, subjects=len(keys))
