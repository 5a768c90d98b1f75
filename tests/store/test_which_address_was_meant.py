"""The typo doctor against its table: what was meant is offered, and what is right is left alone."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.addresses import address_key
from store.cleaning import clean
from store.suggestions.doctor import DOUBTS, LISTED, Case, Doubt, Idea, sure, weigh
from store.suggestions.domains import KnownDomains
from store.suggestions.letters import neighbours
from store.suggestions.providers import providers
from store.syntax import is_address
from tests.store.meant import DELIVERED, FAILING, NOTHING, PAIRS, SILENT, Meant

KNOWN = KnownDomains(DELIVERED, FAILING)


def ideas(case: Meant) -> tuple[Idea, ...]:
    typed, _, doubt, name, habit, present, others, corrected, words = case
    return weigh(Case(typed, doubt, name, present, others, corrected, words, habit), KNOWN)


def offered(case: Meant) -> str:
    found = ideas(case)
    return found[0].address if sure([idea.score for idea in found]) else ""


def test_the_table_is_large_enough() -> None:
    assert len(PAIRS) >= 120
    assert len(NOTHING) + len(SILENT) >= 120
    assert len({(pair.typed, pair.doubt) for pair in PAIRS}) == len(PAIRS)


def test_what_was_meant_is_offered_and_nothing_else() -> None:
    got = [(case, offered(case)) for case in PAIRS]
    wrong = [(case.typed, found) for case, found in got if found and address_key(found) != address_key(case.meant)]
    missed = [case.typed for case, found in got if not found]
    assert wrong == []
    assert len(missed) <= 0.05 * len(PAIRS), missed


def test_what_is_right_or_cannot_be_told_is_left_alone() -> None:
    alarms = [(case.typed, case.doubt, found) for case in NOTHING if (found := offered(case))]
    assert alarms == []


def test_what_was_meant_is_among_the_choices_even_where_it_is_not_offered() -> None:
    hidden = [
        case.typed
        for case in PAIRS
        if address_key(case.meant) not in {address_key(idea.address) for idea in ideas(case)}
    ]
    assert hidden == []


@pytest.mark.parametrize(("reason", "address"), SILENT)
def test_failures_that_say_nothing_against_the_address_put_nothing_in_doubt(reason: str, address: str) -> None:
    assert reason not in DOUBTS


def test_every_idea_has_a_reason_in_words_and_a_score() -> None:
    for case in PAIRS:
        for idea in ideas(case):
            assert idea.why.endswith("."), case.typed
            assert "{" not in idea.why
            assert LISTED <= idea.score <= 99


def test_the_reason_names_the_slip_and_how_sure_the_domain_is() -> None:
    (idea,) = weigh(Case("anna@gamil.com", Doubt.HOST), KNOWN)
    assert idea.why == "gamil.com is one swap from gmail.com, where 4,120 of your mails arrived."


def test_a_domain_to_which_one_mail_arrived_is_no_slip() -> None:
    known = KnownDomains(DELIVERED | {"gamil.com": 1}, {})
    assert weigh(Case("anna@gamil.com", Doubt.USER), known) == ()


def test_two_domains_as_near_are_choices_and_no_offer() -> None:
    known = KnownDomains({"rosental.example": 50, "rosentan.example": 50}, {})
    found = weigh(Case("a@rosenta.example", Doubt.HOST), known)
    assert {idea.address for idea in found} == {"a@rosental.example", "a@rosentan.example"}
    assert not sure([idea.score for idea in found])


def test_the_slips_of_top_level_domains_are_none_themselves() -> None:
    from importlib.resources import files

    real = files("hypothesis").joinpath("vendor/tlds-alpha-by-domain.txt").read_text().casefold().split()
    data = providers()
    assert set(data.slips) & set(real) == set()
    assert set(data.slips.values()) <= set(real)
    assert {domain.rpartition(".")[2] for domain in data.names} <= set(real)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.sampled_from(Doubt), st.text(max_size=20))
def test_whatever_was_typed_an_idea_is_an_address_and_safe_to_show(typed: str, doubt: Doubt, name: str) -> None:
    for idea in weigh(Case(typed, doubt, name, words=typed), KNOWN):
        assert is_address(idea.address)
        assert clean(idea.address) == idea.address
        assert idea.address != typed
        assert clean(idea.why) == idea.why


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(DELIVERED)), st.from_regex(r"[a-z]{2,8}", fullmatch=True), st.sampled_from(Doubt))
def test_no_known_domain_is_ever_doubted(domain: str, local: str, doubt: Doubt) -> None:
    for idea in weigh(Case(f"{local}@{domain}", doubt), KNOWN):
        assert address_key(idea.address).endswith(f"@{domain}")


def slips(count: int) -> list[tuple[str, str]]:
    """Return (typed, meant): random slips of a finger in domains that many people have, never in the first letter."""
    dice = random.Random(7)
    large = [domain for domain, mails in DELIVERED.items() if mails >= 40 and domain in providers().names]
    found = []
    while len(found) < count:
        meant = dice.choice(large)
        at = dice.randrange(1, len(meant))
        near = [letter for letter in "abcdefghijklmnopqrstuvwxyz" if neighbours(meant[at], letter)] or [meant[at]]
        typed = dice.choice((
            meant[:at] + meant[at + 1 : at + 2] + meant[at] + meant[at + 2 :],
            meant[:at] + meant[at + 1 :],
            meant[:at] + meant[at] + meant[at:],
            meant[:at] + dice.choice(near) + meant[at + 1 :],
        ))
        if typed != meant and not KNOWN.knows(typed):
            found.append((typed, meant))
    return found


def test_of_random_slips_nearly_all_are_understood_and_hardly_any_is_misunderstood() -> None:
    pairs = slips(1000)
    got = [(meant, offered(Meant(f"anna.berg@{typed}", ""))) for typed, meant in pairs]
    assert sum(found == f"anna.berg@{meant}" for meant, found in got) >= 900
    assert sum(found not in {"", f"anna.berg@{meant}"} for meant, found in got) <= 5


def test_a_provider_that_is_on_no_list_is_hardly_ever_taken_for_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    data = providers()
    alarms = []
    for domain in data.names:
        names = {name: provider for name, provider in data.names.items() if name != domain}
        monkeypatch.setattr("store.suggestions.domains.providers", lambda names=names: replace(data, names=names))
        known = KnownDomains({name: mails for name, mails in DELIVERED.items() if name != domain}, {})
        found = weigh(Case(f"anna.berg@{domain}", Doubt.USER), known)
        if sure([idea.score for idea in found]):
            alarms.append(domain)
    assert len(alarms) <= 0.01 * len(data.names), alarms
