"""To which recipient of which campaign a record belongs, and how surely.

In this order: the campaign key that the mail carries (or that begins its Message-ID) with the address asked for, the
VERP address or the final address; a Message-ID that the recipient is known to have got; at last address and time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from store.addresses import address_key, campaign_key
from store.database import Store
from store.feeds.record import Record
from store.vocabulary import Attribution, Source

DAY_MS = 24 * 3600 * 1000
BEFORE_START_MS = DAY_MS
"""How long before a campaign's first known event mail is still taken for the campaign's."""
AFTER_START_MS = 30 * DAY_MS
"""How long after a campaign's start mail, opens and clicks are still taken for the campaign's."""

CARRYING = frozenset({Source.POSTFIX, Source.EXIM, Source.KUMOMTA, Source.POWERMTA, Source.BOUNCE_MAIL})
"""Sources that show the campaign key where the mail carries one."""

_ORDERLY = 100
"""Recipients that must be known before the order of their rows tells anything."""

_ROWS_OF = "SELECT address_key, id FROM recipient WHERE +campaign_id = ? AND id BETWEEN ? AND ? AND occurrence = 0"

_WORDS = 1000
"""Words for campaigns of which it is remembered which one they name."""

CONTACT = "crm:"
"""Before the key of a record that names a contact's id in the CRM, as before ``Contact.ident``."""


@dataclass(slots=True)
class Match:
    """The recipient a record belongs to; ``key`` is the recipient's address key.

    Not frozen for the reason that a record is not.
    """

    recipient_id: int
    campaign_id: int
    key: str
    attribution: Attribution


@dataclass(frozen=True, slots=True)
class Campaign:
    """What matching knows of a campaign: when it was made, and when its mail began, as records tell that name it."""

    id: int
    key: str
    created_at: int
    begun_at: int | None


class Matcher:
    """Matches batches of records against the plan as it stands."""

    def __init__(self, store: Store) -> None:
        """Read the campaigns' keys."""
        self._store = store
        self._campaigns: dict[int, Campaign] = {}
        self._keys: dict[str, int] = {}
        self._named: dict[tuple[str | None, tuple[str, ...]], int | None] = {}
        self._keyed_since: int | None = None
        self._ahead: dict[int, tuple[int, int]] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read the campaigns anew (their start and since when mail carries keys may have become known)."""
        first: list[int] = []
        self._named.clear()
        for id_, name, key, created_at, begun_at, keyed_at in self._store.rows(
            "SELECT id, name, key, created_at, begun_at, keyed_at FROM campaign ORDER BY id DESC"
        ):
            self._campaigns[id_] = Campaign(id_, key, created_at, begun_at)
            self._keys[campaign_key(name)] = id_
            self._keys[campaign_key(key)] = id_
            first += [] if keyed_at is None else [keyed_at]
        self._keyed_since = min(first) - BEFORE_START_MS if first else None

    def campaign_of(self, record: Record) -> int | None:
        """Return the campaign whose key the record carries, or None."""
        words = (record.campaign, record.keys)
        try:
            found = self._named[words]
        except KeyError:
            if len(self._named) >= _WORDS:
                self._named.clear()
            found = self._named[words] = self._named_by(*words)
        if found is None and record.message_id:
            return self._keys.get(record.message_id.partition(".")[0].lower())
        return found

    def _named_by(self, campaign: str | None, keys: tuple[str, ...]) -> int | None:
        if campaign and campaign not in keys:
            found = self._keys.get(campaign_key(campaign))
            if found is not None:
                return found
        # Words of the same rank: if they name two campaigns, none of them is taken.
        named = {self._keys[key] for key in map(campaign_key, keys) if key in self._keys}
        return named.pop() if len(named) == 1 else None

    def exact(self, records: Sequence[Record]) -> list[Match | None]:
        """Match records by the campaign key they carry; None where that does not decide."""
        wanted: dict[int, set[str]] = defaultdict(set)
        asked: list[tuple[int, list[str]] | None] = []
        for record in records:
            campaign = self.campaign_of(record)
            if campaign is None:
                asked.append(None)
                continue
            keys = keys_of(record)
            wanted[campaign].update(keys)
            asked.append((campaign, keys))
        planned = {campaign: self._planned_in(campaign, some) for campaign, some in wanted.items()}
        return [None if one is None else _within(one[1], one[0], planned[one[0]]) for one in asked]

    def by_message(self, records: Sequence[Record]) -> list[Match | None]:
        """Match records that :meth:`exact` left over by a Message-ID that the recipient is known to have got."""
        planned = self._planned(key for record in records for key in keys_of(record))
        known = self._known_messages(records, planned)
        return [self._by_message(record, planned, known) for record in records]

    def inferred(self, records: Sequence[Record], times: Sequence[int]) -> list[Match | None]:
        """Match records that :meth:`exact` left over: by a known Message-ID, else by address and time.

        Args:
            records: what is left over.
            times: the first moment of each record's mail.
        """
        planned = self._planned(key for record in records for key in keys_of(record))
        known = self._known_messages(records, planned)
        return [
            self._by_message(record, planned, known) or self._by_time(record, ts, planned)
            for record, ts in zip(records, times, strict=True)
        ]

    def _planned_in(self, campaign: int, keys: AbstractSet[str]) -> dict[str, int]:
        """Return the recipients of a campaign under the keys that it has, and maybe others of it."""
        ahead = self._ahead.pop(campaign, None)
        planned: dict[str, int] = dict(self._store.rows(_ROWS_OF, (campaign, *ahead))) if ahead else {}
        wanted = sorted(keys - planned.keys())
        # By the address first: the campaign alone has a million recipients.
        sql = "SELECT address_key, id FROM recipient WHERE occurrence = 0 AND +campaign_id = ? AND address_key IN ({})"
        planned.update(self._store.among(sql, wanted, (campaign,)))
        sql = (
            "SELECT c.ident, r.id FROM contact AS c JOIN recipient AS r ON r.contact_id = c.id"
            " WHERE r.occurrence = 0 AND +r.campaign_id = ? AND c.ident IN ({})"
        )
        planned.update(self._store.among(sql, _contacts(wanted), (campaign,)))
        self._look_ahead(campaign, sorted(planned[key] for key in keys if key in planned))
        return planned

    def _look_ahead(self, campaign: int, ids: Sequence[int]) -> None:
        """Expect the rows behind these if they lie close together: mail mostly leaves in the order of the plan.

        Side by side they are read in a fraction of the time that the index on addresses takes to find them one by one.
        """
        count = len(ids)
        if count < _ORDERLY:
            return
        # Some stragglers do not matter.
        first, last = ids[count // 10], ids[-1 - count // 10]
        if last - first < 2 * count:
            self._ahead[campaign] = (last - count // 4, last + count + count // 2)

    def _planned(self, keys: Iterable[str]) -> dict[str, dict[int, int]]:
        """Return the recipients under these keys: key -> campaign -> recipient."""
        planned: dict[str, dict[int, int]] = defaultdict(dict)
        sql = "SELECT address_key, campaign_id, id FROM recipient WHERE occurrence = 0 AND address_key IN ({})"
        wanted = sorted(set(keys))
        for key, campaign, recipient in self._store.among(sql, wanted):
            planned[key][campaign] = recipient
        sql = (
            "SELECT c.ident, r.campaign_id, r.id FROM contact AS c JOIN recipient AS r ON r.contact_id = c.id"
            " WHERE r.occurrence = 0 AND c.ident IN ({})"
        )
        for key, campaign, recipient in self._store.among(sql, _contacts(wanted)):
            planned[key][campaign] = recipient
        return planned

    def _known_messages(self, records: Sequence[Record], planned: dict[str, dict[int, int]]) -> set[tuple[int, str]]:
        """Return which candidates are known to have got which Message-ID; what was guessed is not known."""
        wanted = {
            recipient
            for record in records
            if record.message_id
            for key in keys_of(record)
            for recipient in planned.get(key, {}).values()
        }
        sql = (
            "SELECT DISTINCT e.recipient_id, e.message_id FROM event AS e WHERE e.message_id IS NOT NULL"
            " AND e.recipient_id IN ({}) AND NOT EXISTS (SELECT 1 FROM guess AS g WHERE g.dedupe = e.dedupe)"
        )
        return {(recipient, message_id) for recipient, message_id in self._store.among(sql, sorted(wanted))}

    def _by_message(
        self, record: Record, planned: dict[str, dict[int, int]], known: set[tuple[int, str]]
    ) -> Match | None:
        if not record.message_id:
            return None
        for key in keys_of(record):
            for campaign, recipient in planned.get(key, {}).items():
                if (recipient, record.message_id) in known:
                    return Match(recipient, campaign, key, Attribution.EXACT)
        return None

    def _by_time(self, record: Record, ts: int, planned: dict[str, dict[int, int]]) -> Match | None:
        # Once campaign mail carries keys, mail without one (an order confirmation) is no campaign's, not even of one
        # that was imported a moment ago and has sent nothing yet.
        keyed = self._keyed_since is not None and ts >= self._keyed_since
        if keyed and record.message_id and record.source in CARRYING:
            return None
        for key in keys_of(record):
            choice = [self._campaigns[id_] for id_ in planned.get(key, {}) if id_ in self._campaigns]
            campaign = _under_way(choice, ts) or _waiting(choice, ts)
            if campaign is not None:
                return Match(planned[key][campaign.id], campaign.id, key, Attribution.INFERRED)
        return None


def keys_of(record: Record) -> list[str]:
    """Return the keys under which a record's recipient may be planned, the surest first: addresses, then a contact."""
    if record.original or record.verp:
        keys = [address_key(text) for text in (record.original, record.verp, record.address) if text]
    else:
        keys = [address_key(record.address)] if record.address else []
    if record.contact:
        keys.append(CONTACT + record.contact)
    return keys


def _contacts(keys: Iterable[str]) -> list[str]:
    return [key for key in keys if key.startswith(CONTACT)]


def _within(keys: Sequence[str], campaign: int, planned: Mapping[str, int]) -> Match | None:
    for key in keys:
        recipient = planned.get(key)
        if recipient is not None:
            return Match(recipient, campaign, key, Attribution.EXACT)
    return None


def _under_way(campaigns: Sequence[Campaign], ts: int) -> Campaign | None:
    """Return the campaign that began last before ``ts``, else one that begins within the day."""
    begun = [(c.begun_at, c) for c in campaigns if c.begun_at is not None and _in_time(ts, c.begun_at)]
    return max(begun, key=lambda one: (one[0] <= ts, one[0], one[1].key))[1] if begun else None


def _waiting(campaigns: Sequence[Campaign], ts: int) -> Campaign | None:
    """Return the campaign that was made last before ``ts``, else the first one, of those whose start nothing tells."""
    made = [(c.created_at, c) for c in campaigns if c.begun_at is None]
    earlier = [one[0] for one in made if one[0] <= ts]
    when = max(earlier) if earlier else min((one[0] for one in made), default=None)
    found = [campaign for created_at, campaign in made if created_at == when]
    return found[0] if len(found) == 1 else None


def _in_time(ts: int, begun_at: int) -> bool:
    return begun_at - BEFORE_START_MS <= ts <= begun_at + AFTER_START_MS
