"""Files made to take memory or time are read within bounds by the real command, and told of in sentences."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.bombs import BOMBS, GOOD
from tests.hostile.needles import unprintable

MEMORY_BYTES = 640 << 20
CPU_S = 60
"""Far more than it takes, on any machine; what is quadratic takes hours."""

TOLD = {
    "zeros.json.gz": "is a binary file",
    "gzip.json.gz": "is a binary file",
    "zeros.json.zst": "is a binary file",
    "window.json.zst": "is a damaged zstd archive",
    "nested.json": "line 1, column 1: this JSON is nested too deep",
    "objects.json": "line 1, column 1: this JSON is nested too deep",
    "string.json": "line 1, column 31: this is no JSON: unterminated string",
    "number.json": "line 1, column 1: this JSON is nested too deep or holds a number that is too long",
    "keys.json": "line 1: the address is missing",
    "field.csv": "line 3: ",
    "bad.csv": "line 3: 3 columns were expected, 1 found",
    "quotes.csv": ": 3 columns were expected, 1 found",
    "nested.eml": "names none",
    "forwarded.eml": "names none",
    "header.eml": "names none",
    "words.eml": "names none",
    "base64.eml": "names none",
    "line.log": "line 1: a line of more than a megabyte is none of a log",
}
"""What is said of a file that holds something unreadable."""

RECORDS = dict.fromkeys(("nested.json", "objects.json", "string.json", "number.json", "keys.json"), 1) | {
    "surrogates.json": 4,
    "field.csv": 1,
    "bad.csv": 1,
    "quotes.csv": 1,
    "columns.csv": 1,
    "good.json": 1,
}
"""How many records are read of a file beside the bomb in it."""


def bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, int], str]:
    """Records by file, and what stood on stderr, after all bombs and one good file were read together."""
    folder = tmp_path_factory.mktemp("bombs")
    for name, make in BOMBS.items():
        make(folder / name)
    (folder / "good.json").write_text(f"{GOOD}\n".replace("'", '"'))
    store = folder / "store.db"
    plan = folder / "list.csv"
    plan.write_text("name,email\nEve,eve@north.example\n")
    command = [sys.executable, "-m", "tui.cli", "--store", str(store)]
    env = os.environ | {"USER": "ann"}
    subprocess.run([*command, "import", "recipients", str(plan), "--campaign", "autumn"], check=True, env=env)
    done = subprocess.run(
        [*command, "ingest", *(str(folder / name) for name in (*BOMBS, "good.json"))],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=bounded,
    )
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    assert done.returncode == 1, done.stderr[-2000:]
    assert unprintable(done.stdout + done.stderr, "\n\t") == []
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    return {Path(row[0]).name: int(row[-5].replace(",", "")) for row in rows}, done.stderr


def test_no_line_that_is_said_is_long(read: tuple[dict[str, int], str]) -> None:
    assert max(map(len, read[1].splitlines())) < 1_000


@pytest.mark.parametrize("name", TOLD)
def test_what_cannot_be_read_is_told_with_its_place(read: tuple[dict[str, int], str], name: str) -> None:
    lines = read[1].splitlines()
    begin = next(at for at, line in enumerate(lines) if f"/{name}" in line)
    assert any(TOLD[name] in line for line in lines[begin : begin + 2]), lines[begin : begin + 4]


@pytest.mark.parametrize("name", RECORDS)
def test_good_records_beside_a_bomb_are_read(read: tuple[dict[str, int], str], name: str) -> None:
    assert read[0][name] == RECORDS[name]
