"""Events of mail providers in the tables: how sure it is whom they mean, and to which campaign their words lead."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.database import Store, open_store
from store.ingest import ingest
from store.vocabulary import Attribution, Delivery, Engagement
from tests.feeds.esp.payloads import (
    ANN,
    BO,
    ISO,
    LINK,
    Event,
    brevo,
    mailgun,
    mailjet,
    mandrill,
    postmark,
    sendgrid,
    ses,
    ses_bounce,
    sns,
    sparkpost,
)
from tests.store.plan import counters_are_right, plan

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = open_store(tmp_path / "store.db")
    plan(found, "spring-26", [BO, ANN, "cy@shop.example"])
    plan(found, "autumn-26", [BO])
    return found


def read(store: Store, path: Path, *events: Event) -> None:
    path.write_text("\n".join(map(json.dumps, events)), encoding="utf-8")
    [report] = ingest(store, [path], NOW)
    assert report.defects == []


def state(store: Store, address: str, campaign: str = "spring-26") -> tuple[Delivery, Engagement]:
    found = store.row(
        "SELECT r.delivery, r.engagement FROM recipient AS r JOIN campaign AS c ON c.id = r.campaign_id"
        " WHERE r.address = ? AND c.name = ?",
        (address, campaign),
    )
    assert found
    return Delivery.of(found[0]), Engagement.of(found[1])


def attributions(store: Store) -> set[Attribution]:
    return {Attribution.of(code) for (code,) in store.rows("SELECT attribution FROM event")}


def test_an_open_that_names_nobody_is_kept_as_fanned_out(store: Store, tmp_path: Path) -> None:
    read(store, tmp_path / "x", ses("Open", ANN, BO, open={"timestamp": ISO}))
    assert state(store, ANN)[1] is state(store, BO)[1] is Engagement.OPENED
    assert attributions(store) == {Attribution.FAN_OUT}


def test_the_weaker_of_two_doubts_stays_with_the_event(store: Store, tmp_path: Path) -> None:
    read(store, tmp_path / "x", ses("Open", ANN, "cy@shop.example", mail={"tags": {}}, open={"timestamp": ISO}))
    assert attributions(store) == {Attribution.INFERRED}


def test_one_of_several_tags_names_the_campaign(store: Store, tmp_path: Path) -> None:
    read(store, tmp_path / "x", sendgrid("click", url=LINK, category=["newsletter", " Spring-26 "]))
    assert state(store, BO)[1] is Engagement.CLICKED
    assert state(store, BO, "autumn-26")[1] is Engagement.NONE
    assert attributions(store) == {Attribution.EXACT}


def test_tags_that_name_two_campaigns_name_none(store: Store, tmp_path: Path) -> None:
    read(store, tmp_path / "x", sendgrid("delivered", category=["autumn-26", "spring-26"]))
    assert store.rows("SELECT 1 FROM event") == []
    read(store, tmp_path / "y", sendgrid("delivered", category=["autumn-26", "spring-26"], campaign="spring-26"))
    assert state(store, BO)[0] is Delivery.DELIVERED


STORY = [
    ses("Send", mail={"tags": {"campaign": ["spring-26"]}}),
    sns(ses_bounce("Permanent", "NoEmail", BO, status="5.1.1")),
    ses_bounce("Permanent", "NoEmail", BO, status="5.1.1"),
    sendgrid("open", email=ANN),
    mailgun("delivered", recipient=ANN),
    postmark("Click", Recipient="cy@shop.example", OriginalLink=LINK),
    mandrill("soft_bounce", {"email": "cy@shop.example"}, ts=1772438300),
    brevo("opened", email="cy@shop.example"),
    brevo("unique_opened", email="cy@shop.example"),
    sparkpost("delivery", raw_rcpt_to="CY@shop.example"),
    mailjet("unsub", email=ANN),
]


@pytest.mark.parametrize("turn", range(4))
def test_read_again_and_in_any_order_it_is_the_same(store: Store, tmp_path: Path, turn: int) -> None:
    cut = turn * 3
    read(store, tmp_path / "x", *STORY[cut:], *STORY[:cut])
    read(store, tmp_path / "y", *reversed(STORY))
    assert state(store, BO) == (Delivery.BOUNCED, Engagement.NONE)
    assert state(store, ANN) == (Delivery.DELIVERED, Engagement.UNSUBSCRIBED)
    assert state(store, "cy@shop.example")[1] is Engagement.CLICKED
    assert store.rows("SELECT count(*) FROM event") == [(len(STORY) - 2,)]
    assert counters_are_right(store)
