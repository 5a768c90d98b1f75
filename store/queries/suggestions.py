"""What the store knows about misspelled addresses: where its mail arrives, who works where, who had which address."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from store.addresses import address_key
from store.cleaning import clean
from store.database import Store
from store.mailhosts import MailHosts
from store.queries.objections import Wanted, objections
from store.rows import AdviceRow, SuggestionRow
from store.suggestions.doctor import DOUBTS, Case, Doubt, Idea, Other, sure, weigh
from store.suggestions.domains import KnownDomains, shown
from store.suggestions.people import Habit, habit
from store.times import from_ms
from store.vocabulary import FAILED_DELIVERY, MARKED_BY_OPERATOR, Decision, Delivery, SkipReason, Triage

_DOMAINS: Final = (
    "SELECT substr(address_key, instr(address_key, '@') + 1), sum(delivery = ?), count(*) FROM recipient"
    f" WHERE delivery NOT IN ({Delivery.READY.code}, {Delivery.SKIPPED.code}) GROUP BY 1"
)
_DELIVERED: Final = "SELECT count(DISTINCT campaign_id), coalesce(sum(n), 0) FROM campaign_stat WHERE delivery = ?"
_CASES: Final = (
    "SELECT r.id, r.campaign_id, p.name, r.contact_id, r.address, r.address_key, r.delivery, r.skip_reason, r.reason,"
    " r.status, r.reply, r.triage, r.decision, r.bounced_at, c.name, c.company_key, c.email, c.email_key"
    " FROM json_each(?) AS j CROSS JOIN recipient AS r ON r.id = j.value CROSS JOIN contact AS c ON c.id = r.contact_id"
    " CROSS JOIN campaign AS p ON p.id = r.campaign_id"
)
_ARRIVED: Final = (
    f"CASE WHEN o.delivery = {Delivery.DELIVERED.code} THEN coalesce(o.delivered_at, o.engaged_at, o.sent_at) END"
)
_OTHERS: Final = (
    f"SELECT o.contact_id, {{}}, o.address_key, max({_ARRIVED}) FROM json_each(?) AS j"
    " CROSS JOIN recipient AS o ON o.contact_id = j.value"
    " GROUP BY o.contact_id, o.address_key"
)
_CORRECTED: Final = (
    "SELECT DISTINCT o.address_key, c.id, c.email FROM json_each(?, '$') AS j CROSS JOIN recipient AS o"
    " ON o.address_key = j.value CROSS JOIN contact AS c ON c.id = o.contact_id"
    " WHERE c.email_key <> '' AND c.email_key <> o.address_key"
)
_COLLEAGUES: Final = (
    "SELECT s.id, s.name, s.email_key FROM (SELECT id, name, email_key FROM contact WHERE company_key = ?"
    " AND company_key <> '' AND email_key <> '' LIMIT ?) AS s WHERE EXISTS (SELECT 1 FROM recipient AS r"
    " WHERE r.contact_id = s.id AND r.delivery = ? AND r.address_key = s.email_key) LIMIT ?"
)
_WORDS: Final = (
    "SELECT e.recipient_id, e.diagnostic FROM json_each(?) AS j CROSS JOIN event AS e ON e.recipient_id = j.value"
    " WHERE e.diagnostic LIKE '%<%@%>%'"
)
_READ_COLLEAGUES: Final = 200
_KEPT_COLLEAGUES: Final = 60
_MOVED_REPLIES: Final = frozenset({251, 551})
_FAILED: Final = frozenset(delivery.code for delivery in FAILED_DELIVERY)
_MOST: Final = 9
_ENOUGH: Final = 100


class _Told(NamedTuple):
    """One recipient, as the tables hold it."""

    id: int
    campaign_id: int
    campaign: str
    contact_id: int
    address: str
    key: str
    delivery: int
    skip_reason: int | None
    reason: str | None
    status: str | None
    reply: int | None
    triage: int
    decision: int | None
    bounced_at: int | None
    name: str
    company: str
    email: str
    email_key: str

    def doubt(self) -> Doubt | None:
        """Return what is in doubt; None if nothing speaks against the address, or if it was corrected."""
        if self.decision == Decision.FIXED.code and self.triage != Triage.OPEN.code:
            return None
        if self.skip_reason == SkipReason.INVALID.code:
            return Doubt.FORM
        if self.delivery not in _FAILED:
            return None
        if self.reason == MARKED_BY_OPERATOR:
            return Doubt.USER
        return DOUBTS.get(self.reason or "undefined")

    def moved(self) -> bool:
        """Tell whether the server may have said where the mailbox is now (RFC 5321 3.4)."""
        return self.reason == "hasmoved" or self.reply in _MOVED_REPLIES or (self.status or "").endswith(".1.6")


@dataclass(frozen=True, slots=True)
class _Around:
    """What is known around some recipients, by contact, address key, company or recipient."""

    others: dict[int, list[tuple[str, str, int | None]]] = field(default_factory=lambda: defaultdict(list))
    corrected: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    colleagues: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)
    words: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


_kept: dict[str, tuple[tuple[int, int], KnownDomains]] = {}
_keeping = threading.Lock()


def known_domains(store: Store) -> KnownDomains:
    """Return where the store's mail arrives: one pass over all recipients, so call it in a thread.

    The last answer is kept, and given again while the number of mails that arrived is the same but for a hundredth.
    """
    campaigns, delivered = store.rows(_DELIVERED, (Delivery.DELIVERED.code,))[0]
    with _keeping:
        kept = _kept.get(store.place)
        if kept and kept[0][0] == campaigns and abs(delivered - kept[0][1]) * _ENOUGH <= delivered:
            return kept[1]
    arrived: dict[str, int] = {}
    failing: dict[str, int] = {}
    for some in store.stream(_DOMAINS, (Delivery.DELIVERED.code,)):
        for domain, good, count in some:
            if good:
                arrived[domain] = good
            else:
                failing[domain] = count
    known = KnownDomains(arrived, failing)
    with _keeping:
        _kept.clear()
        _kept[store.place] = (campaigns, delivered), known
    return known


def advice(store: Store, ids: Sequence[int], known: KnownDomains) -> dict[int, AdviceRow]:
    """Return recipient id -> what may be meant by its address; those without any idea are left out.

    Only failures that speak against the address, and addresses that are none, are looked at. The ids go in one
    statement: a few hundred at once.
    """
    told = {row.id: row for row in map(_Told._make, store.rows(_CASES, (json.dumps(list(ids)),)))}
    doubted = {id_: doubt for id_, row in told.items() if (doubt := row.doubt()) is not None}
    rows = [told[id_] for id_ in doubted]
    around = _around(store, rows, known)
    ideas = {row.id: weigh(_case(row, doubted[row.id], around), known)[:_MOST] for row in rows}
    wanted = [Wanted(row.id, row.campaign_id, row.contact_id, idea.key) for row in rows for idea in ideas[row.id]]
    against = objections(store, wanted, bounced=True)
    return {row.id: _advice(row, ideas[row.id], against) for row in rows if ideas[row.id]}


def advised(store: Store, ids: Sequence[int], known: KnownDomains, size: int = 300) -> Iterator[AdviceRow]:
    """Yield what may be meant by the addresses of any number of recipients, in their order."""
    for start in range(0, len(ids), size):
        some = ids[start : start + size]
        found = advice(store, some, known)
        yield from (found[id_] for id_ in some if id_ in found)


def _advice(row: _Told, ideas: Iterable[Idea], against: Mapping[tuple[int, str], str]) -> AdviceRow:
    choices = []
    for idea in ideas:
        said = against.get((row.id, idea.key), "")
        if not said and row.email_key not in {row.key, idea.key}:
            said = (
                f"is not what the contact has by now, {clean(row.email)}"
                if row.email_key
                else "has no contact any more"
            )
        choices.append(SuggestionRow(idea.address, idea.score, idea.why, f"It {said}." if said else ""))
    return _ranked(
        AdviceRow(row.id, row.campaign_id, clean(row.campaign), clean(row.name), clean(row.address)), choices
    )


def _ranked(advice: AdviceRow, choices: Iterable[SuggestionRow]) -> AdviceRow:
    """Put choices in order, and choose the one to offer: sure enough, and well ahead of the next."""
    ordered = sorted(choices, key=lambda choice: (bool(choice.against), -choice.score))
    free = [choice for choice in ordered if not choice.against]
    best = free[0] if sure([choice.score for choice in free]) else None
    return replace(advice, choices=tuple(ordered), best=best)


def with_dns(rows: Sequence[AdviceRow], hosts: MailHosts) -> list[AdviceRow]:
    """Ask the DNS about the domains of all choices; those that take no mail are not offered any more."""
    verdicts = hosts.ask(_domain(choice.address) for row in rows for choice in row.choices)
    found = []
    for row in rows:
        choices = []
        for choice in row.choices:
            verdict = verdicts[_domain(choice.address)]
            against = choice.against or ("" if verdict.takes is not False else f"Its domain {verdict.words}.")
            choices.append(replace(choice, against=against, asked=verdict.words))
        found.append(_ranked(row, choices))
    return found


def domain_meant(known: KnownDomains, domain: str, reason: str | None) -> str:
    """Return what is probably meant by a receiving domain as people write it; "" if nothing is sure enough.

    Args:
        known: where mail arrives.
        domain: in any spelling.
        reason: why mail to it failed.
    """
    doubt = DOUBTS.get(reason or "undefined")
    if doubt is None:
        return ""
    near = known.near(_domain(f"x@{domain}"), unknown=doubt is Doubt.HOST)
    return clean(shown(near[0].domain)) if sure([one.score for one in near]) else ""


def _domain(address: str) -> str:
    return address_key(address).rpartition("@")[2]


def _around(store: Store, rows: Sequence[_Told], known: KnownDomains) -> _Around:
    found = _Around()
    contacts = json.dumps(sorted({row.contact_id for row in rows}))
    others = _OTHERS.format(store.of_highest("o.address", _ARRIVED))
    for contact, address, key, arrived in store.rows(others, (contacts,)):
        found.others[contact].append((address, key, arrived))
    keys = json.dumps(sorted({row.key for row in rows if row.key}))
    for key, contact, email in store.rows(_CORRECTED, (keys,)):
        found.corrected[key].append((contact, email))
    for company in {row.company for row in rows if row.company}:
        given = (company, _READ_COLLEAGUES, Delivery.DELIVERED.code, _KEPT_COLLEAGUES)
        found.colleagues[company] = [
            (id_, name, key)
            for id_, name, key in store.rows(_COLLEAGUES, given)
            if not known.is_provider(key.rpartition("@")[2])
        ]
    moved = [row.id for row in rows if row.moved()]
    if moved:
        for id_, words in store.rows(_WORDS, (json.dumps(moved),)):
            found.words[id_].append(words)
    return found


def _case(row: _Told, doubt: Doubt, around: _Around) -> Case:
    habits: Habit | None = habit(
        (name, key) for id_, name, key in around.colleagues.get(row.company, ()) if id_ != row.contact_id
    )
    present = row.email if row.email_key and row.email_key != row.key else ""
    return Case(
        row.address,
        doubt,
        row.name,
        present,
        tuple(
            Other(
                address,
                from_ms(arrived).date().isoformat() if arrived else "",
                bool(arrived and arrived > (row.bounced_at or 0)),
            )
            for address, key, arrived in around.others[row.contact_id]
            if key not in {row.key, address_key(present)}
        ),
        tuple(email for contact, email in around.corrected[row.key] if contact != row.contact_id),
        " ".join(around.words[row.id]),
        habits,
    )


def doubtful(store: Store, campaign_id: int | None) -> list[int]:
    """Return the recipients whose address is in doubt and nobody has decided about: failures, and what was no address.

    In the order of the plan; of all campaigns for None.
    """
    within, given = ("", []) if campaign_id is None else (" AND campaign_id = ?", [campaign_id])
    reasons = [*DOUBTS, MARKED_BY_OPERATOR]
    marks = ", ".join("?" * len(reasons))
    sql = (
        f"SELECT id FROM recipient WHERE bounced_at IS NOT NULL AND triage IN ({Triage.OPEN.code}, {Triage.LATER.code})"
        f" AND coalesce(reason, 'undefined') IN ({marks}){within}"
        f" UNION SELECT id FROM recipient WHERE delivery = {Delivery.SKIPPED.code} AND skip_reason ="
        f" {SkipReason.INVALID.code} AND coalesce(decision, 0) <> {Decision.FIXED.code}{within} ORDER BY 1"
    )
    return [id_ for (id_,) in store.rows(sql, [*reasons, *given, *given])]
