"""Every command that prints, on a store in which every text is hostile, and with hostile words on its command line."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from store.feeds.places import piece_at
from tests.hostile.needles import HEAD, TAG, unprintable
from tests.hostile.world import KNOWN
from tui.cli import aftersend
from tui.cli.group import COMPLETE_VARIABLE

Run = Callable[..., Result]

ON_THE_STORE = """
status | status {key} | status --json | status {key} --json | monitor {key} --all | monitor {key} --json
report {key} | report {key} --figures | report {key} --domains | report {key} --json | report {key} --html -
report {key} --compare {other} | find Zq | find Zq --json --limit 3 | find {known} | recipients {key}
recipients {key} --json | recipients --list Fair | recipients --strangers | recipients --strangers --json
bounces | bounces --json | bounces --group cause | bounces --group domain --json | bounces --group time
suggest --all | suggest --json | links {key} | links {key} --json | links {key} --clickers {link}
links {key} --clickers {link} --json | blocked | blocked --json | blocked --group domain | blocked --group by
blocked --to - | lists show | lists show --json | lists members Fair | lists members Fair --json
lists split Fair --dry-run | segments | segments --json | history {known} | history {known} --json
history {known} --raw | corrections | corrections --json | corrections --to - | complaints | complaints --json
complaints --to - | reconcile | reconcile --json | journal | journal --json | journal --to - | journal 8
journal 8 --json | remind {key} --dry-run | remind {key} --left-out | resend {key} --dry-run
resend {key} --not-reached --left-out | wrong {key} | wrong {key} --json | reload Fair --dry-run --json
send mails {send} | send mails {send} --json | send status {send} | send tokens {send} | relay list
relay list --json | tripwire show {key} | tripwire list | tripwire list --json | export {key} --to -
check {message} --to Fair | check {message} --to Fair --preview
check {message} --to Fair --json | send new {message} --to Fair --dry-run | doctor | person export {known} -
"""
SILENT = {
    "check {message} --to Fair --preview",
    "tripwire show {key}",
    "tripwire list",
    "tripwire list --json",
    "doctor",
    "reload Fair --dry-run --json",
    "pull {key}",
}
"""Commands that print no text of the store, or none where nothing rings."""

QUOTING = (
    ("lists", "show", HEAD),
    (HEAD,),
    ("status", HEAD),
    ("status", "one", HEAD),
    ("status", f"--{HEAD}"),
    ("recipients", "x", "--state", HEAD),
    ("ingest", HEAD),
    ("ingest", f"imaps://{HEAD}@{HEAD}/{HEAD}"),
    ("ingest", f"postgresql://{HEAD}@{HEAD}/{HEAD}?source=listmonk"),
    ("ingest", f"{HEAD}://x"),
    ("ingest", "{message}/text.txt", "--map", f"{HEAD}={HEAD}"),
    ("ingest", "{message}/text.txt", "--use-map", HEAD),
    ("ingest", "{message}/text.txt", "--zone", HEAD),
    ("follow", HEAD, "--exit-when-idle", "--preset", HEAD),
    ("import", "recipients", HEAD, "--campaign", "x"),
    ("import", "recipients", "{message}/text.txt", "--campaign", "x", "--encoding", HEAD),
    ("add", "x", "--to", HEAD),
    ("fix", "{key}", KNOWN, f"{HEAD}@x.example"),
    ("mark-hard", "{key}", HEAD),
    ("history", HEAD),
    ("find", HEAD),
    ("links", "{key}", "--clickers", HEAD),
    ("lists", "members", HEAD),
    ("lists", "rename", "Fair", f"new {HEAD}"),
    ("add", "{key}", KNOWN, "--to", f"project:{HEAD}"),
    ("segment", "save", HEAD, "--text", HEAD),
    ("check", HEAD, "--to", "Fair"),
    ("check", "{message}", "--to", HEAD),
    ("check", "{message}", "--to", "Fair", "--override", HEAD, "--because", HEAD),
    ("send", "pause", HEAD),
    ("send", "unsure", "{send}", HEAD),
    ("relay", "set", HEAD, HEAD),
    ("relay", "test", HEAD),
    ("policy", "set", HEAD),
    ("policy", "set", f"block-after={HEAD}"),
    ("tripwire", "set", f"hook={HEAD}"),
    ("undo", "--entry", HEAD),
    ("journal", "--verb", HEAD, "--operator", HEAD),
    ("blocked", "--to", f"{HEAD}.csv"),
    ("blocked", "--to", f"{HEAD}/x.csv"),
    ("journal", "--to", f"{HEAD}.txt"),
    ("corrections", "--to", f"{HEAD}.html"),
    ("report", "{key}", "--html", f"{HEAD}.htm"),
    ("export", "{key}", "--to", f"{HEAD}.xlsx"),
    ("read", HEAD),
    ("completion", HEAD),
    ("forget", HEAD),
    ("person", "export", HEAD, "-"),
    ("doctor", HEAD),
    ("backup", f"{HEAD}/{HEAD}"),
    ("restore", HEAD),
)
"""What commands quote of their own command line: names there may come from a stranger's folder, by ``*``."""


@pytest.fixture(scope="module")
def path(_hostile_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copy(_hostile_path, tmp_path_factory.mktemp("printed") / "hostile.db"))


@pytest.fixture(scope="module")
def names(path: Path, _sample_path: Path) -> dict[str, str]:
    """What stands for a name in braces."""
    asked = {
        "key": "SELECT key FROM campaign WHERE id = 1",
        "other": "SELECT key FROM campaign WHERE id = 2",
        "send": "SELECT key FROM campaign WHERE id = 4",
        "link": "SELECT id FROM link WHERE campaign_id = 1",
    }
    db = sqlite3.connect(path)
    found = {name: str(db.execute(sql).fetchone()[0]) for name, sql in asked.items()}
    db.close()
    return found | {"known": KNOWN, "message": str(_sample_path.parent / "messages" / "open-day")}


@pytest.fixture
def run(path: Path, names: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command; stdout and stderr are as on a terminal, where click leaves escape sequences in."""
    monkeypatch.chdir(tmp_path)
    env = {"AFTERSEND_STORE": str(path), "USER": HEAD, "SUDO_USER": None, "SSH_CONNECTION": f"{HEAD} 1 2 3"}

    def call(*words: str, **more: str) -> Result:
        args = [word.format(**names) if word[:1] == "{" else word for word in words]
        return CliRunner().invoke(aftersend, args, env=env | more, prog_name="aftersend", color=True)

    return call


def shown(result: Result) -> str:
    """Return what a command printed, once it is plain that it did not fail with a traceback."""
    if not (result.exception is None or isinstance(result.exception, SystemExit)):
        raise result.exception
    text = result.stdout + result.stderr
    assert unprintable(text, "\n\t") == []
    return text


@pytest.mark.parametrize("line", [one.strip() for one in ON_THE_STORE.replace("\n", "|").split("|") if one.strip()])
def test_texts_of_the_store_are_printed_as_text(run: Run, line: str) -> None:
    result = run(*line.split(" "))
    assert result.exit_code in {0, 1, 3}, result.stderr
    assert TAG in shown(result) or line in SILENT


@pytest.mark.parametrize("words", QUOTING, ids=lambda words: " ".join(words)[:24])
def test_words_of_the_command_line_are_quoted_as_text(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words)
    shown(result)
    assert result.exit_code in {0, 1, 2, 3}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("words", ["status ", "lists members ", "recipients --segment ", "export --list "])
def test_a_shell_completes_to_text(run: Run, shell: str, words: str) -> None:
    line = f"aftersend {words}"
    env = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    completed = run(**{COMPLETE_VARIABLE: f"{shell}_complete", **env})
    assert unprintable(completed.stdout, "\n\t") == []


def test_a_mail_is_looked_for_under_no_name_that_cannot_be(tmp_path: Path) -> None:
    assert piece_at(tmp_path / "a\0b", "mail 1", lambda data: True) is None
    assert piece_at(tmp_path, "a\0b", lambda data: True) is None


def test_what_a_relay_says_it_can_do_is_printed_as_text(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def greet(*_: object) -> dict[str, str]:
        return {f"x{HEAD}": HEAD}

    monkeypatch.setattr("store.outbox.dialogue.greet", greet)
    store = str(tmp_path / "new.db")
    assert run("--store", store, "relay", "set", "near", "smtp://127.0.0.1:25").exit_code == 0
    assert TAG in shown(run("--store", store, "relay", "test", "near"))
