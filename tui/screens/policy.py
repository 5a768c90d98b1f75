"""The policy as a screen."""

from __future__ import annotations

from functools import partial

from textual import work

from store.policy import Policy
from store.queries.policy import load
from tui.messages import PolicyRequested
from tui.panes.pane import TablePane
from tui.panes.policy import PolicyPane
from tui.screens.tables import TableScreen


class PolicyScreen(TableScreen):
    """When an address is blocked, setting by setting."""

    heading = "Policy · when an address is blocked"
    noun = ("setting", "settings")

    def pane(self) -> TablePane:
        """Return the settings."""
        return PolicyPane()

    @work(group="request")
    async def on_policy_requested(self, event: PolicyRequested) -> None:
        """Ask for the value, showing what it would block and free, and save it."""
        from store.actions.policy import set_policy
        from store.actions.unchanged import on_setting
        from store.queries.policy_trials import trial
        from tui.dialogs.policy import ChangeSetting

        store, setting = self.desk.store, event.setting

        def count(policy: Policy) -> tuple[int, int]:
            blocks = frees = 0
            try:
                for row in trial(store, policy):
                    blocks, frees = blocks + row.blocks, frees + (not row.blocks)
            finally:
                store.close()
            return blocks, frees

        value = await self.app.push_screen_wait(ChangeSetting(setting, load(store), count))
        if value is not None:
            who, now = self.desk.operator, self.desk.clock()
            write = partial(set_policy, store, {setting.name: value}, who, now)
            if event.seen is not None:
                write = partial(on_setting, store, self.sight(event.seen), setting.name, write)
            self.write(write)
