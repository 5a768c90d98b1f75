from store.vocabulary import BounceKind, Decision, Delivery, Triage
from tests.tui.conftest import Walk


async def test_one_key_marks_the_row_hard_steps_on_and_says_how_to_take_it_back(walk: Walk) -> None:
    async with walk() as w:
        assert w.at == "anna"
        await w.press("j", "b")
        row = w.row("bert")
        assert (row.delivery, row.bounce_kind, row.triage) == (Delivery.BOUNCED, BounceKind.HARD, Triage.DONE)
        assert row.decision is Decision.MARKED_HARD
        assert w.at == "cora"
        assert w.journal() == [("mark-hard", "1 recipient marked as bounced hard")]
        assert "1 recipient marked as bounced hard. u takes it back." in w.text


async def test_a_row_that_cannot_be_cleared_says_why_and_nothing_is_journalled(walk: Walk) -> None:
    async with walk() as w:
        await w.press("j", "j", "j", "c")
        assert "There is no bounce to clear." in w.text
        assert w.journal() == []


async def test_keys_typed_fast_decide_about_one_row_each(walk: Walk) -> None:
    async with walk() as w:
        await w.pilot.press("s", "s", "s")
        await w.settle()
        assert [verb for verb, _ in w.journal()] == ["mark-soft"] * 3
        assert {name for name in w.ids if w.row(name).decision is Decision.MARKED_SOFT} == {"anna", "bert", "cora"}
        assert w.at == "dora"
