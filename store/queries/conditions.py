"""From a filter to SQL: the condition on ``recipient AS r`` that a recipient must fulfil."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from store.addresses import address_key, search_fold
from store.asking import RecipientFilter
from store.vocabulary import FAILED_DELIVERY, BounceKind, Delivery, SkipReason, State, Triage

Parameters = dict[str, int | str]

LONGEST_PATTERN = 1000
"""Longer terms are looked for with instr(); SQLite refuses LIKE patterns above 50,000 bytes."""

_SKIP_WORDS = " ".join(f"WHEN {reason.code} THEN '{reason.value}'" for reason in SkipReason)
REASON = (
    f"coalesce(r.reason, CASE WHEN r.delivery = {Delivery.SKIPPED.code} THEN CASE r.skip_reason {_SKIP_WORDS} END END)"
)
"""Why a recipient failed or was skipped; NULL for the others."""

_FAILED = frozenset(FAILED_DELIVERY)
_SENT = frozenset(Delivery) - {Delivery.READY, Delivery.SKIPPED}
_HUMAN = "(r.opened_at IS NOT NULL OR r.clicked_at IS NOT NULL)"

_STATES: dict[State, tuple[frozenset[Delivery] | None, str | None]] = {
    State.READY: (frozenset({Delivery.READY}), None),
    State.SKIPPED: (frozenset({Delivery.SKIPPED}), None),
    State.SENT: (_SENT, None),
    State.DEFERRED: (frozenset({Delivery.DEFERRED}), None),
    State.DELIVERED: (frozenset({Delivery.DELIVERED}), None),
    State.UNREAD: (frozenset({Delivery.DELIVERED}), f"NOT {_HUMAN}"),
    State.READ: (None, _HUMAN),
    State.CLICKED: (None, "r.clicked_at IS NOT NULL"),
    State.BOUNCED: (_FAILED, None),
    State.HARD: (_FAILED, f"r.bounce_kind = {BounceKind.HARD.code}"),
    State.SOFT: (_FAILED, f"r.bounce_kind = {BounceKind.SOFT.code}"),
    State.OPEN: (_FAILED, f"r.triage IN ({Triage.OPEN.code}, {Triage.LATER.code})"),
    State.BLOCKED: (None, None),
    State.UNSUBSCRIBED: (None, "r.unsubscribed_at IS NOT NULL"),
    State.COMPLAINED: (None, "r.complained_at IS NOT NULL"),
}
"""Each state's delivery states (None: any), and what else must hold; the index begins with campaign and delivery."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a recipient must fulfil.

    Attributes:
        campaign_id: the campaign; None: any. Not part of ``sql``.
        deliveries: codes of the delivery states that come into question; None: all. Not part of ``sql``.
        sql: the rest, "" if there is none; it stands alone, without further joins.
        parameters: of ``sql``, and "campaign".
        searching: whether texts or properties are looked at that no index has, which reads the whole campaign.
        ids: a statement that gives the same as ``sql``, the ids of all who fit in any campaign; "" if there is none.
    """

    campaign_id: int | None
    deliveries: tuple[int, ...] | None
    sql: str
    parameters: Parameters
    searching: bool
    ids: str = ""


def condition(
    wanted: RecipientFilter, *, lazily: bool = False, indexed: bool = False, narrow: str | None = None
) -> Condition:
    """Return the condition of a filter.

    Args:
        wanted: the filter.
        lazily: judge row by row, which is best for the first few rows; else find all at once.
        indexed: the store tells which recipients' addresses may stand elsewhere than with their contacts; the
            condition takes "low" and "high", the lowest and highest id that come into question, too.
        narrow: what the index is asked for (:func:`store.searching.narrowing`); None: all contacts are read.
    """
    parameters: Parameters = {} if wanted.campaign_id is None else {"campaign": wanted.campaign_id}
    deliveries, states = _states(wanted.states, wanted.campaign_id is not None)
    parts = [states] if states else []
    terms = words(wanted)
    without = folded(wanted.without)
    ids = ""
    if terms and indexed:
        ids = _of_contacts(terms, narrow, parameters)
        parts.append(f"r.id IN ({ids})")
    elif terms:
        parts.append(_all_terms(terms, parameters, wanted.campaign_id is not None, lazily))
    if without:
        parts.append(_no_term(without, parameters, lazily))
    if wanted.link_id is not None:
        parts.append(
            "r.id IN (SELECT recipient_id FROM clicker WHERE campaign_id = (SELECT campaign_id FROM link"
            " WHERE id = :link) AND link_id = :link AND clicks > 0)"
        )
        parameters["link"] = wanted.link_id
    if wanted.list_id is not None:
        parts.append(
            "r.id IN (SELECT recipient_id FROM list_member WHERE list_id = (SELECT id FROM mail_list"
            " WHERE id = :list AND deleted_at IS NULL))"
        )
        parameters["list"] = wanted.list_id
    properties = _properties(wanted, parameters)
    parts += properties
    searching = bool(terms or without or properties)
    ids = ids if len(parts) == 1 else ""
    return Condition(wanted.campaign_id, deliveries, " AND ".join(parts), parameters, searching, ids)


def _properties(wanted: RecipientFilter, parameters: Parameters) -> list[str]:
    """Return the conditions on what stands with the contact, the address or the failure."""
    contact = []
    if wanted.responsible is not None:
        contact.append("lower(trim(pc.responsible)) = lower(:responsible)")
        parameters["responsible"] = wanted.responsible.strip()
    if wanted.company is not None:
        contact.append("trim(pc.company_key) = :company")
        parameters["company"] = search_fold(wanted.company).strip()
    found = []
    if contact:
        found.append(f"EXISTS (SELECT 1 FROM contact AS pc WHERE pc.id = r.contact_id AND {' AND '.join(contact)})")
    if wanted.domain is not None:
        found.append("substr(r.address_key, -length(:domain)) = :domain")
        parameters["domain"] = "@" + address_key(f"x@{wanted.domain.strip().removeprefix('@')}").rpartition("@")[2]
    if wanted.reason is not None:
        found.append(f"coalesce({REASON}, '') = :reason")
        parameters["reason"] = wanted.reason
    return found


def edge(end: str, campaign: str) -> str:
    """Return the SQL of a campaign's lowest or highest recipient id, in brackets, found without reading recipients.

    Args:
        end: "min" or "max".
        campaign: the parameter that holds the campaign.
    """
    each = " UNION ALL ".join(
        f"SELECT (SELECT {end}(id) FROM recipient WHERE campaign_id = {campaign} AND delivery = {delivery.code}) AS id"
        for delivery in Delivery
    )
    return f"(SELECT coalesce({end}(id), 0) FROM ({each}))"


def where(asked: Condition) -> str:
    """Return a whole condition as a WHERE clause with a blank in front; "" if everybody fits."""
    parts = [] if asked.campaign_id is None else ["r.campaign_id = :campaign"]
    if asked.deliveries is not None:
        parts.append(f"r.delivery IN ({codes(asked.deliveries)})")
    parts += [asked.sql] if asked.sql else []
    return f" WHERE {' AND '.join(parts)}" if parts else ""


def state_sql(state: State, campaign: bool) -> str:
    """Return the condition of one state, whole; ``campaign``: the parameter ":campaign" is there to narrow it."""
    deliveries, states = _states(frozenset({state}), campaign)
    parts = [f"r.delivery IN ({codes(deliveries)})"] if deliveries is not None else []
    return " AND ".join([*parts, states] if states else parts)


def words(wanted: RecipientFilter) -> tuple[str, ...]:
    """Return the terms of a filter's search as they are compared."""
    return folded(wanted.text.split())


def folded(terms: Iterable[str]) -> tuple[str, ...]:
    """Return the terms of a search as they are compared; lone surrogates, which no database takes, become "?"."""
    plain = (term.strip().encode("utf-8", "replace").decode("utf-8") for term in terms)
    return tuple(dict.fromkeys(term for term in map(search_fold, plain) if term))


def matches(terms: Sequence[str], parameters: Parameters) -> str:
    """Return the condition that each term occurs in a recipient's name, address (of then or of today) or company."""
    return " AND ".join(
        f"({_in('r.address_key', mark)} OR EXISTS (SELECT 1 FROM contact_search AS cs"
        f" WHERE cs.contact_id = r.contact_id AND {_in('cs.s', mark)}))"
        for mark in _marks(terms, parameters)
    )


def codes(deliveries: Iterable[int]) -> str:
    """Return codes as SQL writes them in a list."""
    return ", ".join(map(str, deliveries))


def _states(states: frozenset[State], campaign: bool) -> tuple[tuple[int, ...] | None, str]:
    if not states:
        return None, ""
    narrow: set[int] | None = set()
    tests = []
    plain = True
    for state in (state for state in State if state in states):
        deliveries, rest = _STATES[state]
        if state is State.BLOCKED:
            rest = _blocked(campaign)
        among = sorted(delivery.code for delivery in deliveries or ())
        parts = [f"r.delivery IN ({codes(among)})"] if deliveries else []
        tests.append(" AND ".join([*parts, rest] if rest else parts))
        narrow = narrow | set(among) if deliveries and narrow is not None else None
        plain = plain and rest is None
    found = None if narrow is None else tuple(sorted(narrow))
    return found, "" if plain else f"({' OR '.join(f'({test})' for test in tests)})"


def _blocked(campaign: bool) -> str:
    within = "m.campaign_id = :campaign AND " if campaign else ""
    return (
        f"r.id IN (SELECT m.id FROM address AS a CROSS JOIN recipient AS m ON m.address_key = a.key WHERE {within}"
        f"a.blocked_at IS NOT NULL UNION ALL SELECT m.id FROM recipient AS m WHERE {within}"
        f"m.delivery = {Delivery.SKIPPED.code} AND m.skip_reason = {SkipReason.BLOCKED.code})"
    )


def _all_terms(terms: Sequence[str], parameters: Parameters, campaign: bool, lazily: bool) -> str:
    if lazily:
        return matches(terms, parameters)
    marks = _marks(terms, parameters)
    within = "m.campaign_id = :campaign AND " if campaign else ""
    contact = " AND ".join(_in("cs.s", mark) for mark in marks)
    some = " OR ".join(_in("m.address_key", mark) for mark in marks)
    by_contact = (
        "SELECT m.id FROM contact_search AS cs CROSS JOIN recipient AS m ON m.contact_id = cs.contact_id"
        f" WHERE {within}{contact}"
    )
    by_address = f"SELECT m.id FROM recipient AS m INDEXED BY recipient_address WHERE {within}({some})"
    if len(terms) > 1:
        each = " AND ".join(f"({_in('m.address_key', mark)} OR {_in('cs.s', mark)})" for mark in marks)
        by_address = (
            "SELECT m.id FROM recipient AS m INDEXED BY recipient_address CROSS JOIN contact_search AS cs"
            f" ON cs.contact_id = m.contact_id WHERE {within}({some}) AND {each}"
        )
    return f"r.id IN ({by_contact} UNION {by_address})"


def _of_contacts(terms: Sequence[str], narrow: str | None, parameters: Parameters) -> str:
    """Return the statement that finds all terms, where few recipients' own addresses need be looked at.

    Lists in place of joins: SQLite would read all recipients for the Bloom filter of a join.
    """
    text = " AND ".join(_in("cs.s", mark) for mark in _marks(terms, parameters))
    contacts = f"SELECT cs.contact_id FROM contact_search AS cs WHERE {text}"
    if narrow is not None:
        parameters["trigrams"] = narrow
        among = "SELECT rowid FROM contact_trigram WHERE contact_trigram MATCH :trigrams"
        contacts = (
            f"{contacts} AND cs.contact_id IN ({among}) UNION ALL"
            f" {contacts} AND cs.contact_id > (SELECT contacts FROM indexed)"
        )
    test = matches(terms, parameters)
    return (
        "SELECT r.id FROM recipient AS r INDEXED BY recipient_contact"
        f" WHERE r.contact_id IN ({contacts}) AND r.id BETWEEN :low AND :high"
        " UNION SELECT r.id FROM recipient AS r"
        f" WHERE r.id IN (SELECT id FROM elsewhere WHERE id BETWEEN :low AND :high) AND {test}"
        " UNION SELECT r.id FROM recipient AS r"
        f" WHERE r.id BETWEEN max(:low, (SELECT recipients + 1 FROM indexed)) AND :high AND {test}"
    )


def _no_term(terms: Sequence[str], parameters: Parameters, lazily: bool) -> str:
    marks = _marks(terms, parameters, "w")
    address = " OR ".join(_in("r.address_key", mark) for mark in marks)
    contact = " OR ".join(_in("cs.s", mark) for mark in marks)
    if lazily:
        found = f"EXISTS (SELECT 1 FROM contact_search AS cs WHERE cs.contact_id = r.contact_id AND ({contact}))"
    else:
        found = f"r.contact_id IN (SELECT cs.contact_id FROM contact_search AS cs WHERE {contact})"
    return f"NOT ({address} OR {found})"


def _marks(terms: Sequence[str], parameters: Parameters, letter: str = "t") -> list[tuple[str, bool]]:
    """Put terms among the parameters; return their names and whether LIKE (quicker) can look for them."""
    marks = []
    for number, term in enumerate(terms):
        pattern = len(term) <= LONGEST_PATTERN and not {"%", "_", "\0"} & set(term)
        parameters[f"{letter}{number}"] = f"%{term}%" if pattern else term
        marks.append((f":{letter}{number}", pattern))
    return marks


def _in(text: str, mark: tuple[str, bool]) -> str:
    name, pattern = mark
    return f"{text} LIKE {name}" if pattern else f"instr({text}, {name}) > 0"
