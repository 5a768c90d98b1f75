"""A made campaign, counted by hand and by the store."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from store.asking import RecipientFilter, Sort
from store.database import Store
from store.errors import BadInput, NotFound
from store.queries.domains import COLUMNS, DomainView
from store.queries.recipients import stream
from store.queries.reports import growing_report, report
from store.queries.view import Interrupted
from store.rows.reports import DomainRow, OpeningsRow
from store.times import from_ms
from store.vocabulary import FAILED_DELIVERY, BounceKind, Delivery, Engagement
from tests.store.building import BASE, DAY, HOUR, Builder

PEOPLE = 160
DOMAINS = ("gmail.example", "north.example", "xn--brse-5qa.example", "south.example", "sub.north.example")
FAILED = {delivery.code for delivery in FAILED_DELIVERY}


@pytest.fixture
def build(store: Store) -> Builder:
    return Builder(store)


@pytest.fixture
def made(build: Builder) -> tuple[int, list[dict[str, Any]]]:
    """A campaign and its recipients as they were written, and an earlier one with every fourth of them."""
    dice = random.Random(20260302)
    earlier = build.campaign("Spring", started_at=BASE - 30 * DAY)
    campaign = build.campaign("Autumn", started_at=BASE)
    people = []
    for number in range(PEOPLE):
        domain = dice.choice(DOMAINS)
        contact = build.contact(f"p{number}@{domain}", tracking_consent=dice.choice((True, False, None)))
        if number % 4 == 0:
            build.delivered(earlier, contact)
        facts = _facts(dice)
        id_ = build.recipient(campaign, contact, **facts)
        consent = build.store.row("SELECT tracking_consent FROM contact WHERE id = ?", (contact,))
        assert consent
        people.append(facts | {"id": id_, "domain": domain, "tracking": consent[0]})
    build.count()
    return campaign, people


def _facts(dice: random.Random) -> dict[str, Any]:
    """Return what happened to a recipient, by chance but never against the fold."""

    def perhaps(chance: float) -> int | None:
        # From an hour before the sending (a clock that is wrong) to four days behind it.
        return BASE + dice.randrange(-HOUR, 4 * DAY) if dice.random() < chance else None

    facts: dict[str, Any] = {
        "opened_at": perhaps(0.3),
        "clicked_at": perhaps(0.15),
        "machine_opened_at": perhaps(0.3),
        "machine_clicked_at": perhaps(0.1),
        "deferred_at": perhaps(0.2),
    }
    seen = [facts[name] for name in ("clicked_at", "opened_at", "machine_clicked_at", "machine_opened_at")]
    words = (Engagement.CLICKED, Engagement.OPENED, Engagement.MACHINE, Engagement.MACHINE)
    engagement = next((word for word, when in zip(words, seen, strict=True) if when is not None), Engagement.NONE)
    delivery = Delivery.DELIVERED if engagement is not Engagement.NONE else dice.choice(list(Delivery))
    kind = None
    if delivery in FAILED_DELIVERY:
        facts["bounced_at"] = BASE + HOUR
        kind = dice.choice([*BounceKind, None])
    return facts | {
        "delivery": delivery.code,
        "engagement": engagement.code,
        "bounce_kind": None if kind is None else kind.code,
    }


def counted(times: Iterable[int]) -> OpeningsRow:
    """Return first openings counted one by one."""
    hours = [0] * 48
    before = later = 0
    quarters: Counter[int] = Counter()
    for at in times:
        quarters[at - at % (HOUR // 4)] += 1
        if at < BASE:
            before += 1
        elif at >= BASE + 48 * HOUR:
            later += 1
        else:
            hours[(at - BASE) // HOUR] += 1
    return OpeningsRow(tuple(hours), before, later, tuple((from_ms(at), quarters[at]) for at in sorted(quarters)))


def first_by_people(person: dict[str, Any]) -> int | None:
    return person["clicked_at"] if person["opened_at"] is None else person["opened_at"]  # type: ignore[no-any-return]


def first_by_machines(person: dict[str, Any]) -> int | None:
    if first_by_people(person) is not None:
        return None
    at = person["machine_opened_at"]
    return person["machine_clicked_at"] if at is None else at  # type: ignore[no-any-return]


def test_first_openings_are_those_counted_by_hand(store: Store, made: tuple[int, list[dict[str, Any]]]) -> None:
    campaign, people = made
    found = report(store, campaign)
    assert found.people == counted(at for person in people if (at := first_by_people(person)) is not None)
    assert found.machines == counted(at for person in people if (at := first_by_machines(person)) is not None)
    assert found.people is not None
    assert found.machines is not None
    assert (found.people.total, found.machines.total) == (found.campaign.opened, found.campaign.machine)
    assert found.people.before
    assert found.people.later


def test_unknown_are_delivered_ones_who_refuse_tracking_and_of_whom_nothing_was_seen(
    store: Store, made: tuple[int, list[dict[str, Any]]]
) -> None:
    campaign, people = made
    unknown = [
        person
        for person in people
        if person["tracking"] == 0
        and person["delivery"] == Delivery.DELIVERED.code
        and person["engagement"] == Engagement.NONE.code
    ]
    assert report(store, campaign).unknown == len(unknown) > 0


def test_a_report_grows_part_by_part(store: Store, made: tuple[int, list[dict[str, Any]]]) -> None:
    campaign, _ = made
    parts = list(growing_report(store, campaign, campaign - 1))
    read = [
        [name for name in ("links", "people", "machines", "unknown") if getattr(part, name) is not None]
        for part in parts
    ]
    assert read[:4] == [[], ["links"], ["links", "people"], ["links", "people", "machines", "unknown"]]
    assert [part.comparison.both for part in parts if part.comparison] == [None, None, None, None, PEOPLE // 4]
    assert parts[-1].comparison is not None
    assert parts[-1].comparison.other.name == "Spring"
    assert parts[-1].earlier == 1


def test_without_a_beginning_there_are_hours_of_the_week_only(store: Store, build: Builder) -> None:
    campaign = build.campaign("Never begun")
    build.delivered(campaign, build.contact("ann@example.org"), opened_at=BASE + HOUR, engagement=20)
    build.count()
    found = report(store, campaign).people
    assert found is not None
    assert (found.hours, found.total) == ((), 1)


def test_a_campaign_that_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(NotFound, match="not in the store any more"):
        report(store, 7)


def by_hand(people: list[dict[str, Any]]) -> dict[str, Counter[str]]:
    """Return domain -> its numbers, counted one by one."""
    found: dict[str, Counter[str]] = {}
    kinds = {BounceKind.HARD.code: "hard", BounceKind.SOFT.code: "soft", BounceKind.BLOCK.code: "block"}
    for person in people:
        numbers = found.setdefault(person["domain"], Counter())
        numbers["planned"] += 1
        if person["delivery"] in FAILED:
            numbers[kinds.get(person["bounce_kind"], "other")] += 1
        else:
            numbers["delivered" if person["delivery"] == Delivery.DELIVERED.code else "waiting"] += 1
        numbers["deferred"] += person["deferred_at"] is not None
        numbers["opened"] += first_by_people(person) is not None
        numbers["machine"] += first_by_machines(person) is not None
        numbers["clicked"] += person["clicked_at"] is not None
    return found


def domains(store: Store, campaign: int, sort: Sort | None = None) -> list[DomainRow]:
    view = DomainView(store)
    try:
        total = view.build(campaign, sort or Sort("planned", reverse=True))
        rows = list(view.page(0, total))
        assert [view.position(row.id) for row in rows] == list(range(total))
        return rows
    finally:
        view.close()


def test_domains_are_those_counted_by_hand(store: Store, made: tuple[int, list[dict[str, Any]]]) -> None:
    campaign, people = made
    rows = domains(store, campaign)
    expected = by_hand(people)
    assert {row.key: {name: getattr(row, name) for name in COLUMNS} for row in rows} == {
        domain: {name: numbers[name] for name in COLUMNS} for domain, numbers in expected.items()
    }
    for row in rows:
        assert row.planned == row.waiting + row.delivered + row.hard + row.soft + row.block + row.other


def test_each_domain_has_the_recipients_that_its_filter_finds(
    store: Store, made: tuple[int, list[dict[str, Any]]]
) -> None:
    campaign, _ = made
    for row in domains(store, campaign):
        found = list(stream(store, RecipientFilter(campaign, domain=row.key)))
        assert len(found) == row.planned
        assert row.id == min(recipient.id for recipient in found)


@pytest.mark.parametrize("column", COLUMNS)
def test_domains_stand_in_the_order_of_any_number(
    store: Store, made: tuple[int, list[dict[str, Any]]], column: str
) -> None:
    campaign, _ = made
    up = [getattr(row, column) for row in domains(store, campaign, Sort(column))]
    down = [getattr(row, column) for row in domains(store, campaign, Sort(column, reverse=True))]
    assert (up, down) == (sorted(up), sorted(down, reverse=True))


def test_a_domain_is_written_as_people_write_it_and_stands_behind_the_last_at(store: Store, build: Builder) -> None:
    campaign = build.campaign("Autumn", started_at=BASE)
    for address in ("jo@Börse.example", '"a@b"@north.example', "kim@north.example", "no address at all"):
        contact = build.contact(f"c{address}")
        build.recipient(campaign, contact, address=address)
    build.count()
    rows = domains(store, campaign, Sort("domain"))
    assert [(row.key, row.domain, row.planned) for row in rows] == [
        ("", "", 1),
        ("north.example", "north.example", 2),
        ("xn--brse-5qa.example", "börse.example", 1),
    ]


def test_domains_counted_anew_keep_their_places(
    store: Store, build: Builder, made: tuple[int, list[dict[str, Any]]]
) -> None:
    campaign, _ = made
    old, new, fresh = DomainView(store), DomainView(store), DomainView(store)
    sort = Sort("planned", reverse=True)
    old.build(campaign, sort)
    last = old.page(old.total - 1, 1)[0]
    for number in range(PEOPLE):
        build.recipient(campaign, build.contact(f"x{number}@{last.key}"))
    build.recipient(campaign, build.contact("one@new.example"))
    new.build(campaign, sort, old)
    fresh.build(campaign, sort)
    assert new.ids() == old.ids()
    assert new.page(new.total - 1, 1)[0].planned == last.planned + PEOPLE
    assert fresh.total == old.total + 1
    assert fresh.page(0, 1)[0].id == last.id
    for view in (old, new, fresh):
        view.close()
    assert old.page(0, 10) == ()


def test_an_order_that_is_not_known_and_a_view_that_is_closed_are_refused(store: Store) -> None:
    view = DomainView(store)
    with pytest.raises(BadInput, match=r"cannot be sorted by “name”; there are domain, planned"):
        view.build(1, Sort("name"))
    view.close()
    with pytest.raises(Interrupted):
        view.build(1, Sort("domain"))
