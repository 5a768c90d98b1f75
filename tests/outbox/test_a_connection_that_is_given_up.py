"""A relay that says nothing is given up when the sending ends; nothing of the connection stays open."""

from __future__ import annotations

import asyncio
import gc
import warnings

import pytest

from store.outbox.connecting import Patience, connect
from store.outbox.relay import relay_at
from tests.smtp_server import HANG, SmtpServer, running


@pytest.mark.parametrize("silent_at", ["connect", "ehlo"])
def test_it_is_closed_when_it_is_cancelled(silent_at: str) -> None:
    async def give_up(port: int) -> None:
        relay = relay_at("local", f"smtp://127.0.0.1:{port}")
        connecting = asyncio.create_task(connect(relay, None, lambda: None, Patience()))
        while not any(session.last == silent_at for session in server.sessions):
            await asyncio.sleep(0)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting

    with running(SmtpServer(lambda stage, _: HANG if stage == silent_at else None)) as server:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            asyncio.run(give_up(server.port))
            gc.collect()
        assert [str(one.message) for one in warned if one.category is ResourceWarning] == []
