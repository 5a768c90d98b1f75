from pathlib import Path

import pytest

from store.errors import StoreUnavailable
from tui import run as running


def test_without_a_terminal_it_says_so_and_exits_with_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert running.run(str(tmp_path / "new.db")) == 2
    assert "needs a terminal" in capsys.readouterr().err
    assert not (tmp_path / "new.db").exists()


def test_a_store_that_cannot_be_opened_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(running, "terminal_refusal", lambda: None)
    with pytest.raises(StoreUnavailable, match="is a folder"):
        running.run(str(tmp_path))
