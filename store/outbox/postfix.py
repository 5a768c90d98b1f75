"""Asking and telling a Postfix on this machine about its queue, by its own commands.

Whoever ``authorized_mailq_users`` allows can list the queue; the mails in it, and ``postsuper``, are root's
(postqueue(1), postcat(1), postsuper(1)). Only ids that look like queue ids ever reach a command.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from store.cleaning import clean
from store.errors import NotFound, Refused, Unreachable
from store.feeds.mailqueue import QUEUE_ID, Headers, Queued, read_headers, read_queue

VARIABLE: Final = "AFTERSEND_POSTFIX"
"""The environment variable that names the configuration directory of a Postfix that is not the machine's own."""

Doing = Literal["hold", "release", "delete"]

_SBIN: Final = "/usr/sbin:/usr/local/sbin:/usr/bin"
_AT_ONCE: Final = 50
_PATIENCE_S: Final = 120
_OPTIONS: Final[dict[Doing, str]] = {"hold": "-h", "release": "-H", "delete": "-d"}
_SAID: Final[dict[Doing, str]] = {"hold": "placed on hold", "release": "released from hold", "delete": "removed"}
_DONE: Final = re.compile(r"^postsuper: (?:info: )?(\w+): (placed on hold|released from hold|removed)$", re.MULTILINE)
_FATAL: Final = re.compile(r"^\w+: (?:fatal|error): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Instance:
    """A Postfix.

    Attributes:
        config: its configuration directory, absolute; "": the machine's own.
    """

    config: str = ""

    @property
    def words(self) -> str:
        """How people call it."""
        return f"Postfix ({self.config})" if self.config else "Postfix"

    def mails(self) -> tuple[Queued, ...]:
        """Return what waits in the queue.

        Raises:
            NotFound: there is no Postfix.
            Refused: who runs this may not look at it.
            Unreachable: Postfix does not answer.
        """
        done = self._run("postqueue", "-j")
        if done.returncode:
            raise self._failed("postqueue", done.stderr)
        return tuple(read_queue(done.stdout))

    def headers(self, ids: Sequence[str]) -> dict[str, Headers]:
        """Return queue id -> what the headers of these mails say; those that have gone meanwhile are left out.

        Raises:
            Refused: who runs this may not read them.
        """
        found: dict[str, Headers] = {}
        for first in range(0, len(ids), _AT_ONCE):
            found |= self._headers(_checked(ids[first : first + _AT_ONCE]))
        return found

    def tell(self, doing: Doing, ids: Iterable[str]) -> frozenset[str]:
        """Hold mails, release them from hold or delete them, and return the ids with which that was done.

        Raises:
            Refused: who runs this may not.
            Unreachable: Postfix's command failed.
        """
        chosen = _checked(list(ids))
        if not chosen:
            return frozenset()
        done = self._run("postsuper", _OPTIONS[doing], "-", given="".join(f"{id_}\n" for id_ in chosen).encode())
        said = done.stderr.decode("utf-8", "replace")
        told = {id_ for id_, what in _DONE.findall(said) if what == _SAID[doing]}
        if done.returncode and not told:
            raise self._failed("postsuper", done.stderr)
        return frozenset(told.intersection(chosen))

    def _headers(self, ids: list[str]) -> dict[str, Headers]:
        if not ids:
            return {}
        done = self._run("postcat", "-qeh", *ids)
        if not done.returncode:
            return read_headers(done.stdout)
        if b"Permission denied" in done.stderr:
            raise self._failed("postcat", done.stderr)
        if len(ids) == 1:
            return {}
        # One that has just left ends the command for all that stand behind it.
        half = len(ids) // 2
        return self._headers(ids[:half]) | self._headers(ids[half:])

    def _run(self, command: str, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        program = shutil.which(command) or shutil.which(command, path=_SBIN)
        if program is None:
            raise NotFound(f"There is no Postfix on this machine ({command} is missing).")
        where = ("-c", self.config) if self.config else ()
        try:
            return subprocess.run(
                [program, *where, *arguments], input=given, capture_output=True, check=False, timeout=_PATIENCE_S
            )
        except subprocess.TimeoutExpired:
            raise Unreachable(f"{command} did not answer within {_PATIENCE_S} seconds.") from None
        except OSError as error:
            raise Unreachable(f"{command} could not be run: {error.strerror}.") from error

    def _failed(self, command: str, said: bytes) -> Refused | Unreachable:
        words = said.decode("utf-8", "replace")
        fatal = _FATAL.search(words)
        why = clean(fatal[1] if fatal else words.strip() or "it gave no reason")
        if "superuser" in why or "ermission denied" in why or "not authorized" in why or "unauthorized" in why:
            return Refused(
                f"Only root may use {command} on the mail queue; run this command again with sudo, and name the store"
                " with --store."
            )
        if "main.cf: No such file" in why:
            return Unreachable(f"No Postfix is set up on this machine; {VARIABLE} names the configuration of another.")
        return Unreachable(f"{self.words} cannot be asked ({command}): {why}.")


def instance(config: str | Path | None) -> Instance:
    """Return the Postfix with this configuration directory; None or "": the machine's own.

    Raises:
        NotFound: there is no configuration in that directory.
    """
    if not config:
        return Instance()
    folder = Path(config).expanduser().resolve()
    if not (folder / "main.cf").is_file():
        raise NotFound(f"{clean(str(folder))} is no configuration of a Postfix: there is no main.cf in it.")
    return Instance(str(folder))


def _checked(ids: Sequence[str]) -> list[str]:
    return [id_ for id_ in dict.fromkeys(ids) if QUEUE_ID.fullmatch(id_)]
