from store.vocabulary import Decision, EventType
from tests.store.plan import happen
from tests.tui.conftest import Walk


async def test_the_servers_words_stand_there_and_decisions_work_there(walk: Walk) -> None:
    async with walk() as w:
        words = "host mx.example.org said: 550 5.1.1 [/b] no such user"
        happen(w.app.store, w.ids["bert"], EventType.DEFERRED, 1500, diagnostic=words)
        await w.press("j", "enter")
        assert words in w.text
        assert "mailbox full, 5.2.2" in w.text
        assert "The mailbox is full." in w.text
        await w.press("b")
        assert w.row("bert").decision is Decision.MARKED_HARD
        assert "ann: 1 recipient marked as bounced hard" in w.text
        await w.press("escape")
        assert w.at == "bert"
