"""Every query of the store has its plan pinned in plans.txt: whoever makes a new one, or changes one, looks at it.

Write the file anew with ``PLANS=write python -m pytest -n 0`` and this file, and read what has changed.
"""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sample_data.world import FIXED_NOW
from store import queries
from store.actions.lists import add
from store.asking import Grouping, JournalFilter, RecipientFilter, Selection, Sort
from store.database import Store, open_store
from store.errors import NotFound
from store.journal import Operator
from store.outbox.gate import open_case
from store.outbox.whom import Whom
from store.policy import Policy
from store.queries import (
    addresses,
    audience,
    blocked,
    bounces,
    campaigns,
    complaints,
    corrections,
    domains,
    history,
    identity,
    journal,
    journal_lines,
    links,
    lists,
    mails,
    mappings,
    monitor,
    objections,
    outbox,
    outbox_mails,
    people,
    person,
    person_data,
    policy,
    policy_trials,
    recipients,
    reconciliation,
    relays,
    reloading,
    reminders,
    reports,
    resends,
    retention,
    segments,
    strangers,
    suggestions,
    tripwires,
    unreached,
    vouches,
    wrong,
)
from store.queries.view import RecipientView
from store.suggestions.domains import KnownDomains
from store.vocabulary import ListKind, OutboxState, State
from tests.outbox.writing import how, message
from tests.store.queries.explaining import explained, plans
from tests.store.queries.test_plans_of_hot_queries import STATISTICS

VERSION = (3, 40)
"""The SQLite whose plans are pinned."""

PINNED = Path(__file__).parent / "plans.txt"
SHARED = frozenset({
    "snapshot.Snapshot",
    "queued.queued",
    "unreached.chosen",
    "unreached.family_root",
    "unreached.fill_family",
    "unreached.sift",
    "wrong.chosen",
    "wrong.counted",
    "wrong.split",
})
"""What others are made of, and what asks another program first."""

BIG = frozenset({"recipient", "event", "outbox", "contact", "contact_search", "clicker", "address", "list_member"})
"""Tables that may hold millions of rows."""

SPARSE = ("address_blocked", "recipient_bounced")
"""Indexes that hold few of a table's rows, all of which are wanted."""

WHOLE = {
    "audience.audience": "addresses have a row only where something speaks against mail to them",
    "complaints.ComplaintsView": "complaints are few among all recipients, and have no index",
    "identity.who_is": "a word may stand anywhere in a name or address",
    "people.PeopleView": "a word may stand anywhere in a name or address; names are walked in their index",
    "person_data.person_data": "any text may name somebody",
    "reconciliation.reconcile": "everything is counted",
    "retention.old_words": "all that is older than a day is counted",
    "reloading.changes": "all that is known of addresses is compared with a list",
    "reloading.look": "all that is known of addresses is compared with a list",
    "reminders.ReminderView": "addresses have a row only where something speaks against mail to them",
    "reminders.reminder_counts": "addresses have a row only where something speaks against mail to them",
    "resends.resend_counts": "addresses have a row only where something speaks against mail to them",
    "resends.resent": "addresses have a row only where something speaks against mail to them",
    "suggestions.known_domains": "every domain is counted",
    "unreached.named": "addresses have a row only where something speaks against mail to them",
    "unreached.unreached": "addresses have a row only where something speaks against mail to them",
    "view.RecipientView": "a word may stand anywhere in a name or address; names are walked in their index",
}
"""Queries that read a big table from one end to the other, and why they may."""

FAILED: list[int] = []
"""Some recipients of the sample world whose mail failed."""


def recipient_view(store: Store) -> None:
    """Everything that the pane of recipients asks for."""
    with closing(RecipientView(store)) as view:
        states = [frozenset({state}) for state in State]
        wanted = [RecipientFilter(1), RecipientFilter(), RecipientFilter(1, text="an"), RecipientFilter(1, link_id=1)]
        wanted += [RecipientFilter(1, each) for each in states] + [RecipientFilter(1, list_id=1)]
        wanted += [replace(RecipientFilter(1), company="Nord"), replace(RecipientFilter(1), domain="mail.example")]
        for one in wanted:
            view.first(one, Sort(), 50)
            view.build(one, Sort())
        for name in ("name", "address", "company", "state", "reason", "sent", "bounced", "opened", "clicked"):
            view.first(RecipientFilter(1), Sort(name), 50)
            view.build(RecipientFilter(1), Sort(name))
        id_ = view.id_at(0) or 0
        view.page(0, 50)
        view.rows_of([id_])
        view.position(id_)
        view.ids_between(0, 9)
        view.like(id_, "name")
        view.find("an", 0)
        view.resolve(Selection(frozenset({id_}), inverted=True), 9)


def bounce_view(store: Store) -> None:
    """Everything that the bounce inbox asks for."""
    for by in Grouping:
        with closing(bounces.BounceView(store)) as view:
            view.build(1, by)
    with closing(bounces.BounceView(store)) as view:
        view.build(None, Grouping.CAUSE)
        view.groups(0, 50)
        view.singles(0, 50)
        view.singles_of(FAILED)
        view.undecided([0])
        view.next_group(0)
        view.next_single(0, 50)
        view.recount()


def other_view(view: Any, *given: Any) -> None:
    """What every other pane of rows asks for."""
    with closing(view):
        view.build(*given)
        view.page(0, 50)
        view.position(1)


def exhaust(items: Iterator[object]) -> None:
    for _ in items:
        pass


_MAIL = message()
NAMED: dict[str, Callable[[Store], object]] = {
    "addresses.recipients_of_address": lambda s: addresses.recipients_of_address(s, "a@x.example"),
    "audience.audience": lambda s: audience.audience(
        s, Whom(wanted=RecipientFilter(1)), open_case(_MAIL, how(), FIXED_NOW).composer, digest="none"
    ),
    "blocked.BlockedView": lambda s: other_view(blocked.BlockedView(s), Sort("address")),
    "blocked.blocked_groups": lambda s: blocked.blocked_groups(s, "domain"),
    "blocked.blocked_ids": lambda s: blocked.blocked_ids(s, ["a@x.example"]),
    "blocked.newest_recipients": lambda s: blocked.newest_recipients(s, [1]),
    "bounces.BounceView": bounce_view,
    "bounces.group_members": lambda s: bounces.group_members(s, 1, "c"),
    "campaigns.any_trip": campaigns.any_trip,
    "campaigns.list_campaigns": campaigns.list_campaigns,
    "campaigns.find_campaign": lambda s: campaigns.find_campaign(s, campaigns.list_campaigns(s)[0].name),
    "complaints.ComplaintsView": lambda s: other_view(complaints.ComplaintsView(s)),
    "corrections.corrections": corrections.corrections,
    "corrections.count_corrections": corrections.count_corrections,
    "corrections.stream_corrections": lambda s: exhaust(corrections.stream_corrections(s)),
    "domains.DomainView": lambda s: other_view(domains.DomainView(s), 1, Sort("delivered")),
    "history.history": lambda s: history.history(s, FAILED[0]),
    "history.outcomes": lambda s: history.outcomes(s, FAILED),
    "history.with_outcomes": lambda s: exhaust(
        history.with_outcomes(s, recipients.stream(s, RecipientFilter(1, frozenset({State.BOUNCED}))))
    ),
    "journal.journal": journal.journal,
    "journal.journal_entry": lambda s: journal.journal_entry(s, 1),
    "journal.newer_entries": lambda s: journal.newer_entries(s, 1),
    "journal.JournalView": lambda s: other_view(journal.JournalView(s), JournalFilter("an", campaign_id=1)),
    "journal_lines.EntryLines": lambda s: journal_lines.EntryLines(s, 1).page(0, 50),
    "links.list_links": lambda s: links.list_links(s, 1),
    "links.ClickersView": lambda s: other_view(links.ClickersView(s), 1),
    "lists.list_lists": lists.list_lists,
    "lists.find_list": lambda s: lists.find_list(s, "mine"),
    "mails.raw_mail": lambda s: mails.raw_mail(s, 1),
    "mails.raw_record": lambda s: mails.raw_record(s, 1),
    "mappings.load": lambda s: mappings.load(s, "mine"),
    "mappings.saved": mappings.saved,
    "monitor.SendMonitor": lambda s: monitor_read(s),
    "objections.objections": lambda s: objections.objections(s, [objections.Wanted(1, 1, 1, "a@x.example")]),
    "outbox.children": lambda s: outbox.children(s, 1, FIXED_NOW),
    "outbox.find_send": lambda s: outbox.find_send(s, "none", FIXED_NOW),
    "outbox.list_sends": lambda s: outbox.list_sends(s, FIXED_NOW),
    "outbox.mails": lambda s: [outbox.mails(s, 1), outbox.mails(s, 1, [OutboxState.WAITING])],
    "outbox.message_of": lambda s: outbox.message_of(s, 1),
    "outbox.sent_message": lambda s: outbox.sent_message(s, 1),
    "outbox_mails.MailsView": lambda s: other_view(outbox_mails.MailsView(s), 1, (OutboxState.UNSURE,), "an"),
    "outbox.send_row": lambda s: outbox.send_row(s, 1, FIXED_NOW),
    "people.PeopleView": lambda s: people_view(s),
    "people.newest_rows": lambda s: people.newest_rows(s, [1]),
    "identity.identity_of": lambda s: identity.identity_of(s, [1]),
    "identity.who_is": lambda s: identity.who_is(s, "nobody@nowhere.example"),
    "mails.mail_bytes": lambda s: mails.mail_bytes(s, 1),
    "retention.due": lambda s: retention.due(s, FIXED_NOW),
    "retention.load_rules": lambda s: retention.load_rules(s),
    "retention.old_campaigns": lambda s: retention.old_campaigns(s, FIXED_NOW),
    "retention.old_events": lambda s: list(
        retention.old_events(s, retention.OldCampaign(1, "", 1, 5000), 1, FIXED_NOW)
    ),
    "retention.old_mails": lambda s: list(retention.old_mails(s, FIXED_NOW)),
    "retention.old_words": lambda s: retention.old_words(s, FIXED_NOW),
    "person.person": lambda s: person.person(s, 1),
    "person_data.person_data": lambda s: person_data.person_data(s, identity.identity_of(s, [1])),
    "policy.load": policy.load,
    "policy_trials.trial": lambda s: exhaust(policy_trials.trial(s, Policy())),
    "recipients.stream": lambda s: exhaust(recipients.stream(s, RecipientFilter(1))),
    "recipients.counted_stream": lambda s: recipients.counted_stream(s, RecipientFilter(1)).__enter__(),
    "recipients.ids_of": lambda s: recipients.ids_of(s, RecipientFilter(1)),
    "recipients.count": lambda s: [recipients.count(s, RecipientFilter(1)), recipients.count(s, RecipientFilter())],
    "recipients.count_states": lambda s: recipients.count_states(s, RecipientFilter(1)),
    "reconciliation.reconcile": reconciliation.reconcile,
    "reconciliation.defects": lambda s: reconciliation.defects(s, 1),
    "relays.find_relay": lambda s: relays.find_relay(s, "none"),
    "relays.list_relays": relays.list_relays,
    "reloading.changes": lambda s: reloading.changes(s, 1),
    "reloading.look": lambda s: reloading.look(s, 1),
    "reminders.reminder_counts": lambda s: reminders.reminder_counts(s, 1, 3, FIXED_NOW),
    "reminders.ReminderView": lambda s: other_view(reminders.ReminderView(s), 1, 3, FIXED_NOW),
    "reports.report": lambda s: reports.report(s, 1, 2),
    "reports.growing_report": lambda s: exhaust(reports.growing_report(s, 1)),
    "resends.resend_list": lambda s: resends.resend_list(s, 1),
    "resends.resend_counts": lambda s: resends.resend_counts(s, 1),
    "resends.resent": lambda s: resends.resent(s, 1, touched=False),
    "segments.list_segments": segments.list_segments,
    "segments.find_segment": lambda s: segments.find_segment(s, "none"),
    "segments.find_source": lambda s: segments.find_source(s, "mine"),
    "segments.filter_in_words": lambda s: segments.filter_in_words(s, RecipientFilter(1, list_id=1, link_id=1)),
    "strangers.strangers": lambda s: exhaust(strangers.strangers(s, 1)),
    "strangers.newest_strangers": lambda s: strangers.newest_strangers(s, 50),
    "strangers.records": lambda s: strangers.records(s, [1]),
    "suggestions.known_domains": suggestions.known_domains,
    "suggestions.advice": lambda s: suggestions.advice(s, FAILED, known(s)),
    "suggestions.advised": lambda s: exhaust(suggestions.advised(s, FAILED, known(s))),
    "suggestions.doubtful": lambda s: suggestions.doubtful(s, 1),
    "tripwires.load": tripwires.load,
    "tripwires.standing": lambda s: tripwires.standing(s, FIXED_NOW),
    "tripwires.trips": tripwires.trips,
    "tripwires.watched": lambda s: exhaust(tripwires.watched(s, tripwires.load(s), FIXED_NOW)),
    "tripwires.Counting": lambda s: counted(s),
    "unreached.named": lambda s: unreached.named(s, unreached.Wanted(1, unreached.Sought.FIXED), left_out=True),
    "unreached.unreached": lambda s: [
        unreached.unreached(s, wanted)
        for wanted in (
            unreached.Wanted(1, unreached.Sought.NOT_REACHED),
            unreached.Wanted(1, ids=(1,)),
            unreached.Wanted(1, list_id=1),
        )
    ],
    "view.RecipientView": recipient_view,
    "vouches.vouches": lambda s: vouches.vouches(s, "none"),
    "wrong.named": lambda s: wrong.named(s, 1, wrong.Part.ERRATUM),
    "wrong.wrong_row": lambda s: wrong.wrong_row(
        s, 1, FIXED_NOW, wrong.Narrow(link_id=1, segment=RecipientFilter(1, frozenset({State.READ})))
    ),
}
"""A name in store.queries -> what asks it."""


def people_view(store: Store) -> None:
    """Everything that the pane of people asks for."""
    for text in ("an", ""):
        with closing(people.PeopleView(store)) as view:
            view.first(text, 50, patience_s=60)
            view.build(text)
            view.page(0, 50)
            view.people([1])


def monitor_read(store: Store) -> None:
    with closing(monitor.SendMonitor(store, 1)) as watched:
        watched.read(FIXED_NOW)


def known(store: Store) -> KnownDomains:
    """Return the domains, whose plans stand elsewhere."""
    found = suggestions.known_domains(store)
    plans.clear()
    return found


def counted(store: Store) -> None:
    held = tripwires.load(store)
    counting = tripwires.Counting(store)
    for sums in tripwires.watched(store, held, FIXED_NOW):
        counting.counts(sums, held.of(sums.campaign_id), frozenset({"mail.example"}))


def names_in_the_store() -> set[str]:
    """Return the public functions and classes of store.queries that take a store."""
    found = set()
    for module in pkgutil.iter_modules(queries.__path__):
        held = importlib.import_module(f"{queries.__name__}.{module.name}")
        for name, one in vars(held).items():
            if name.startswith("_") or getattr(one, "__module__", None) != held.__name__:
                continue
            first = 1 if inspect.isclass(one) else 0
            made = one.__init__ if inspect.isclass(one) else one
            given = list(inspect.signature(made).parameters.values()) if inspect.isfunction(made) else []
            if len(given) > first and str(given[first].annotation) in {"Store", "<class 'store.database.Store'>"}:
                found.add(f"{module.name}.{name}")
    return found


@pytest.fixture
def store(sample_path: Path) -> Iterator[Store]:
    """The sample world with the statistics of a large one, on connections that keep plans."""
    with explained():
        opened = open_store(sample_path)
        opened.execute("DELETE FROM sqlite_stat1")
        rows = [(table, index, numbers) for (table, index), numbers in STATISTICS.items()]
        opened.execute_many("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", rows)
        opened.close()
        opened = open_store(sample_path)
        FAILED[:] = [id_ for (id_,) in opened.rows("SELECT id FROM recipient WHERE bounced_at IS NOT NULL LIMIT 5")]
        add(opened, FAILED, ListKind.SELECTION, "mine", Operator("ann", "desk"), FIXED_NOW)
        yield opened
        opened.close()


def asked(store: Store, name: str) -> list[str]:
    """Return the plans of what a query runs, each once, in their order."""
    with explained():
        again = open_store(store.path)
        plans.clear()
        with suppress(NotFound):
            NAMED[name](again)
        again.close()
        return list(dict.fromkeys(plans))


def pinned() -> dict[str, list[str]]:
    """Return what plans.txt holds: name -> plans."""
    found: dict[str, list[str]] = {}
    for block in PINNED.read_text(encoding="utf-8").split("\n\n"):
        name, _, rest = block.strip("\n").partition("\n")
        found[name] = [plan.strip().replace("\n    ", "\n") for plan in rest.split("\n    --\n")] if rest else []
    return found


def written(asked_for: dict[str, list[str]]) -> str:
    """Return the plans of queries as plans.txt holds them."""
    blocks = []
    for name, some in sorted(asked_for.items()):
        steps = "\n    --\n".join("    " + plan.replace("\n", "\n    ") for plan in some)
        blocks.append(f"{name}\n{steps}" if steps else name)
    return "\n\n".join(blocks) + "\n"


def test_every_query_is_named_here() -> None:
    assert names_in_the_store() - SHARED == set(NAMED)


@pytest.mark.skipif("PLANS" in os.environ, reason="the plans are written anew")
@pytest.mark.skipif(sqlite3.sqlite_version_info[:2] != VERSION, reason="another SQLite says the same otherwise")
@pytest.mark.parametrize("name", sorted(NAMED))
def test_the_plan_is_the_one_that_was_looked_at(store: Store, name: str) -> None:
    assert asked(store, name) == pinned()[name]


@pytest.mark.skipif("PLANS" not in os.environ, reason="only when the plans are written anew")
def test_writing_the_plans_anew(store: Store) -> None:
    PINNED.write_text(written({name: asked(store, name) for name in NAMED}), encoding="utf-8")


def scanned(some: list[str]) -> set[str]:
    """Return the big tables that plans read from one end to the other."""
    steps = [step.split() for plan in some for step in plan.splitlines() if not step.endswith(SPARSE)]
    return {words[1] for words in steps if words[0] == "SCAN" and words[1] in BIG}


def test_no_other_query_reads_a_big_table_from_one_end_to_the_other() -> None:
    assert {name for name, some in pinned().items() if scanned(some)} == set(WHOLE)
