from datetime import datetime

from store.database import Store
from store.journal import Operator
from tests.store.plan import plan
from tests.tui.conftest import Walker
from tui.app import AftersendApp


async def test_it_says_which_two_commands_to_type_and_gives_way_to_the_first_campaign(
    store: Store, clock: datetime
) -> None:
    app = AftersendApp(store, Operator("ann", "desk-1"), clock=lambda: clock)
    async with app.run_test(size=(80, 24)) as pilot:
        w = Walker(app, pilot, {})
        await w.settle()
        assert "aftersend import recipients" in w.text
        assert "aftersend ingest" in w.text
        await w.press("question_mark", "escape")
        plan(store, "First one", ["anna@example.org"])
        app.check_changes()
        await w.settle()
        assert "First one" in w.text
