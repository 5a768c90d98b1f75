from pathlib import Path

from store.asking import RecipientFilter
from store.queries.recipients import stream
from store.queries.strangers import strangers
from store.vocabulary import BounceKind, Decision, Delivery, EventType
from tests.store.plan import happen
from tests.tui.conftest import Walk, Walker, strange, stray
from tui.panes.strangers import StrangersPane


def listed(w: Walker) -> list[str]:
    """Return the addresses of the strangers, as the screen on top lists them."""
    table = w.app.screen.query_one(StrangersPane).table
    return [row.address for row in table.source.page(0, 100)]


async def test_failures_of_strangers_stand_newest_first_and_everything_on_demand(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("S")
        assert listed(w) == ["h.stray@example.org", "old@elsewhere.example"]
        assert "✗ Bounced hard" in w.text
        assert "unknown user" in w.text
        assert "2 outcomes" in w.text
        await w.press("t")
        assert listed(w) == ["h.stray@example.org", "order@elsewhere.example", "old@elsewhere.example"]
        assert "✓ Delivered" in w.text
        assert "all mail about nobody in a plan" in w.text
        await w.press("O")
        assert listed(w)[0] == "old@elsewhere.example"
        await w.press("o", "j", "j", "enter")
        assert listed(w) == ["h.stray@example.org", "old@elsewhere.example", "order@elsewhere.example"]
        await w.press("escape")
        assert "Autumn newsletter" in w.text


async def test_a_strangers_bounce_is_given_to_one_of_the_same_domain_and_taken_back(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("S", "a")
        assert "1 record of h.stray@example.org" in w.text
        assert "Bounced hard · There is no such mailbox" in w.text
        assert "“@example.org”" in w.text
        await w.type("hans")
        await w.press("enter")
        assert listed(w) == ["old@elsewhere.example"]
        assert w.row("hans").delivery is Delivery.BOUNCED
        assert "u takes it back" in w.text
        assert w.journal()[0] == (
            "assign",
            "1 record of h.stray@example.org assigned to Hans (hans@example.org) in Autumn newsletter",
        )
        await w.press("u")
        assert listed(w)[0] == "h.stray@example.org"
        assert w.row("hans").delivery is Delivery.READY
        await w.press("U")
        assert w.row("hans").delivery is Delivery.BOUNCED


async def test_marked_strangers_are_assigned_together(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("S", "asterisk", "a")
        assert "2 records of h.stray@example.org, old@elsewhere.example" in w.text
        assert "Type a part of the address or of the name." in w.text
        await w.type("emil")
        await w.press("enter")
        assert listed(w) == []
        row = w.row("emil")
        assert (row.delivery, row.bounce_kind) == (Delivery.BOUNCED, BounceKind.HARD)
        assert "marked" not in w.text.splitlines()[0]
        assert [row.address for row in strangers(w.app.store)] == ["order@elsewhere.example"]


async def test_many_records_ask_for_their_number_to_be_typed(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        strange(w.app.store, *(stray("many@elsewhere.example", minutes) for minutes in range(101)))
        await w.press("S", "o", "j", "j", "enter", "j", "a")
        await w.type("emil")
        await w.press("enter")
        assert "Type 101 to go on" in w.text
        await w.press("escape")
        assert w.journal() == []


async def test_nobody_is_offered_who_does_not_fit_and_enter_says_so(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("S", "a")
        await w.type("zebra")
        assert "Nobody fits." in w.text
        await w.press("enter")
        assert "Nobody fits; type another name or address." in w.text
        await w.press("escape")
        assert w.journal() == []


async def test_enter_shows_the_record_whole_with_its_mail(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("S", "enter")
        assert "bounced · bounce mail" in w.text
        assert "userunknown (There is no such mailbox)" in w.text
        assert "550 No such person" in w.text
        assert "This was read from no file." in w.text
        await w.press("a")
        await w.type("gina")
        await w.press("enter")
        assert listed(w) == ["old@elsewhere.example"]
        assert w.row("gina").delivery is Delivery.BOUNCED


def from_file(w: Walker, path: Path, text: str, where: str, minutes: int) -> None:
    """Let a bounce of bert have been read from a file."""
    path.write_text(text)
    store = w.app.store
    happen(store, w.ids["bert"], EventType.BOUNCED, minutes, BounceKind.SOFT, where=where, reason="mailboxfull")

    def tell() -> None:
        feed = store.execute(
            "INSERT INTO feed (path, format, inode, size_bytes, mtime_ns, fingerprint, position, records, defects,"
            " read_at) VALUES (?, 'bounce mailbox', 0, 0, 0, '', 0, 0, 0, 0)",
            (str(path),),
        ).lastrowid
        store.execute("UPDATE event SET feed_id = ? WHERE location = ?", (feed, where))

    store.run(tell)


async def test_the_mails_behind_a_history_are_shown_newest_first(walk: Walk, tmp_path: Path) -> None:
    async with walk() as w:
        from_file(w, tmp_path / "a.eml", "Subject: first [b]\n\nbert@example.org\n", "a.eml", 1500)
        from_file(w, tmp_path / "b.eml", "Subject: second\n\n" + "bert \x1b[2J\n" * 40, "b.eml", 1600)
        await w.press("j", "enter", "m")
        assert "Mail · Bert · 1 of 2 · b.eml · " in w.text
        assert " Subject: second" in w.text
        assert "bert \u241b[2J" in w.text
        await w.press("G", "m")
        assert "2 of 2 · a.eml" in w.text
        assert " Subject: first [b]" in w.text
        await w.press("m")
        assert " Subject: second" in w.text
        (tmp_path / "a.eml").unlink()
        await w.press("m")
        assert "is gone; it was there at a.eml." in " ".join(w.text.split())
        await w.press("escape", "b")
        assert w.row("bert").decision is Decision.MARKED_HARD


async def test_a_history_without_files_has_no_mail_to_show(walk: Walk) -> None:
    async with walk() as w:
        await w.press("j", "enter", "m")
        assert "Nothing that is known of this recipient was read from a file." in w.text


async def test_the_legend_counts_the_strangers_of_the_campaign(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        store = w.app.store
        (campaign,) = {row.campaign_id for row in stream(store, RecipientFilter(text="hans"))}
        store.run(lambda: store.execute("UPDATE stranger SET campaign_id = ? WHERE id < 3", (campaign,)))
        w.app.stir()
        await w.settle()
        assert "+ 2 strangers" in w.text
        await w.press("S", "a")
        await w.type("hans")
        await w.press("enter", "escape")
        assert "+ 1 stranger" in w.text
