"""Running the operator's program when a wire trips: without a shell, for a limited time, and never to our harm."""

from __future__ import annotations

import json
import os
import shlex
import signal
import stat
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from store.cleaning import clean
from store.errors import BadInput
from store.rows.tripwires import TripRow
from store.tripwires import Tripwires, command_of

VARIABLE: Final = "AFTERSEND_HOOK"
_OURS = "AFTERSEND_"
_WORDS = 300
_LONGEST = 4000
"""Characters of a variable; the system takes no longer ones than 128 KiB, and no more than some MiB in all."""


def hook_of(wires: Tripwires, store: str | Path, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the program that this process runs for a trip; empty: none.

    What stands in the environment (``AFTERSEND_HOOK``) goes before what stands in the store. That is only believed
    where nobody else can write the store: whoever can would otherwise have their program run under our name.

    Raises:
        BadInput: the command line in the environment is none, or others may write the store.
    """
    text = environment.get(VARIABLE, "").strip()
    if text:
        try:
            return command_of(text)
        except ValueError:
            raise BadInput(f"{VARIABLE} must be the whole path of a program with its arguments.") from None
    if wires.hook and not _our_own(store):
        raise BadInput(
            f"The hook is not run: others may write {store}, and so may have set it; name it in {VARIABLE}"
            " for the process that shall run it."
        )
    return wires.hook


def run(command: Sequence[str], told: Mapping[str, Any], timeout_s: float, environment: Mapping[str, str]) -> str:
    """Run a program and return how it failed, in one sentence; "" if it ended well.

    Args:
        command: the program's path and its arguments.
        told: what it gets, as one JSON object on its stdin; texts and numbers also as ``AFTERSEND_…``.
        timeout_s: seconds after which it and all that it started is ended.
        environment: of this process; its own ``AFTERSEND_…`` (passwords may be among them) are not handed on.
    """
    kept = {name: value for name, value in environment.items() if not name.startswith(_OURS)}
    kept |= {f"{_OURS}{name.upper()}": str(value)[:_LONGEST] for name, value in told.items() if value is not None}
    name = clean(shlex.quote(command[0]))
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        given.seek(0)
        try:
            process = subprocess.Popen(
                list(command), stdin=given, stdout=said, stderr=said, env=kept, start_new_session=True
            )
        except OSError as error:
            return f"{name} cannot be run: {error.strerror}."
        except ValueError:
            return f"{name} cannot be run: its environment cannot hold what tripped."
        code = _ended(process, timeout_s)
        if code is None:
            return f"{name} was ended: it took longer than {timeout_s:g} s."
        return "" if code == 0 else f"{name} {_how(code)}{_last_words(said)}."


def told(trip: TripRow, store: str | Path) -> dict[str, Any]:
    """Return what a hook is told of a trip."""
    return {
        "campaign": trip.campaign,
        "campaign_key": trip.key,
        "wire": trip.wire.value,
        "domain": trip.domain or None,
        "part": trip.part,
        "whole": trip.whole,
        "limit": trip.limit,
        "why": trip.why,
        "tripped_at": trip.tripped_at.isoformat(),
        "store": str(store),
    }


def _our_own(store: str | Path) -> bool:
    """Tell whether nobody else can write the store; on a server somebody always can."""
    try:
        found = Path(store).stat()
    except OSError:
        return False
    return found.st_uid in {os.geteuid(), 0} and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _ended(process: subprocess.Popen[bytes], timeout_s: float) -> int | None:
    """Wait for the program; return its code, or None if it had to be ended."""
    try:
        return process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None


def _how(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"failed with exit code {code}"


def _last_words(said: IO[bytes]) -> str:
    said.seek(0, os.SEEK_END)
    said.seek(max(0, said.tell() - 4 * _WORDS))
    lines = [line.strip() for line in said.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return f": {clean(lines[-1])[:_WORDS].rstrip('.')}" if lines else ""
