"""Who would get a message: everybody is looked at, and every mail is tried, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice

from store.cleaning import clean
from store.database import Store
from store.errors import BadInput
from store.outbox.checks.finding import Audience, Failure
from store.outbox.compose import Composer
from store.outbox.content import Person
from store.outbox.template import FieldError
from store.outbox.whom import Whom, everybody, people, sifted
from store.vocabulary import Delivery, OutboxState, SkipReason

FAILURES_KEPT = 1000
"""So many of those whose mail cannot be built are named."""

_NAMED = 5
_LOOKED_AT = 2000
_STEP = 1000
_GOT = f"r.delivery IN ({Delivery.SENT.code}, {Delivery.DEFERRED.code}, {Delivery.DELIVERED.code})"
_GETTING = (
    "EXISTS (SELECT 1 FROM outbox AS o WHERE o.recipient_id = r.id AND o.state IN"
    f" ({OutboxState.WAITING.code}, {OutboxState.SENDING.code}, {OutboxState.UNSURE.code}))"
)
_SAME = "(SELECT m.campaign_id FROM message AS m WHERE m.digest = ?1 AND m.campaign_id <> ?2)"
_AGAIN = (
    "SELECT s.id, s.address, r.campaign_id FROM sifting AS s CROSS JOIN recipient AS r ON r.{}"
    f" WHERE s.skip IS NULL AND r.campaign_id IN {_SAME} AND ({_GOT} OR {_GETTING})"
)
_EITHER = f"{_AGAIN.format('contact_id = s.contact_id')} UNION {_AGAIN.format('address_key = s.key')}"


def audience(
    store: Store,
    whom: Whom,
    composer: Composer | None,
    *,
    digest: str = "",
    campaign_id: int = 0,
    on_tried: Callable[[int, int], None] | None = None,
) -> Audience:
    """Look at everybody who was chosen.

    Args:
        store: the open store.
        whom: who was chosen.
        composer: what tries the mails; None: they are not tried.
        digest: of the message, to find who got it before; "": not looked for.
        campaign_id: of the send itself, if it was prepared already; 0: it was not.
        on_tried: told now and then how many mails were tried, of how many.

    Raises:
        NotFound: the list or the segment is no longer there.
    """
    with sifted(store, whom) as found:
        made = Audience(clean(whom.words), found.count, dict(found.left_out))
        _name(store, made)
        if composer is not None:
            _try(store, composer, made, on_tried)
        if digest:
            _again(store, made, digest, campaign_id)
        return made


def _name(store: Store, made: Audience) -> None:
    """Name the first ones that are left out, by reason."""
    named: dict[SkipReason, list[str]] = {reason: [] for reason in made.left_out}
    reasons = {reason.value: reason for reason in named}
    for row in islice(everybody(store, left_out=True), _LOOKED_AT):
        some = named[reasons[row.because]]
        if len(some) < _NAMED:
            some.append(row.address or row.name)
    made.named = {reason: tuple(some) for reason, some in named.items()}


def _try(store: Store, composer: Composer, made: Audience, on_tried: Callable[[int, int], None] | None) -> None:
    failures: list[Failure] = []
    for number, one in enumerate(people(store), 1):
        person = named(composer, one, number)
        failure = tried(composer, person)
        if failure is not None:
            made.failed += 1
            failures += [failure] if len(failures) < FAILURES_KEPT else []
        elif made.first is None:
            made.first = person
        if on_tried is not None and number % _STEP == 0:
            on_tried(number, made.count)
    made.failures = tuple(failures)


def named(composer: Composer, person: Person, number: int) -> Person:
    """Return a person whose mail has a Message-ID, made up if nothing was prepared yet."""
    if person.mail_id:
        return person
    return replace(person, mail_id=f"{composer.how.campaign}.check{number}@{composer.domain}")


def tried(composer: Composer, person: Person) -> Failure | None:
    """Try the mail of one person; return why it cannot be built, None if it can."""
    try:
        composer.try_out(person)
    except FieldError as error:
        message = composer.message
        part = message.part(error.part) if error.part else ""
        where = f"{part}, line {error.line}" if error.line and error.part in {"text", "html"} else part
        return Failure(clean(person.address), clean(person.name), str(error), error.field or "an expression", where)
    except BadInput as error:
        return Failure(clean(person.address), clean(person.name), str(error), "", "")
    return None


def _again(store: Store, made: Audience, digest: str, campaign_id: int) -> None:
    rows = store.execute(
        f"SELECT count(DISTINCT id), group_concat(DISTINCT campaign_id) FROM ({_EITHER})", (digest, campaign_id)
    )
    count, campaigns = rows.fetchone()
    if not count:
        return
    made.again = int(count)
    some = store.execute(
        f"SELECT address FROM ({_EITHER}) GROUP BY address ORDER BY min(id) LIMIT {_NAMED}", (digest, campaign_id)
    )
    made.again_named = tuple(clean(address) for (address,) in some.fetchall())
    ids = [int(text) for text in str(campaigns).split(",")]
    names = store.among("SELECT name FROM campaign WHERE id IN ({}) ORDER BY id", ids[:_NAMED])
    made.again_in = tuple(clean(name) for (name,) in names)
