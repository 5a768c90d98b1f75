"""docs/dependencies.md, from dependencies.toml, constraints.txt and a measurement: ``python docs/dependencies.py``.

What a package costs is what Python's own ``-X importtime`` says, the quickest of several processes. That switch slows
imports down, so the times are upper bounds; they are there to be compared with one another.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement

from sample_data.demo import STORE_NAME, build
from sample_data.world import FIXED_NOW

ROOT = Path(__file__).parent.parent
TIMES = 5
_LEAST_US = 50
"""Less is the look at what is missing on purpose (store.drivers)."""

OWN = ("store", "tui", "sample_data")
_STATUS = "import sys; sys.argv = ['aftersend', '--store', {store!r}, 'status']; from tui.cli import main; main()"
_SCREEN = """
import asyncio
import tui.cli.screen
from store.database import open_store
from store.journal import Operator
from tui.app import AftersendApp

async def look(app):
    async with app.run_test() as pilot:
        await pilot.pause(0.5)

asyncio.run(look(AftersendApp(open_store({store!r}), Operator("ann", "desk"))))
"""
_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)")
_INTRODUCTION = """\
# What aftersend is built from

Everything that `pip` installs for it, with the exact version that tests and releases use (`constraints.txt`); **bold**
is what the project itself asks for (`pyproject.toml`), the rest is brought along. Times are milliseconds of Python's
`-X importtime`, the best of {times} runs of one machine ({python}), and upper bounds: that switch slows imports down.
*Status* is what `aftersend status` spends on loading the package, *screen* what opening the screen does; an empty cell:
it is not loaded there. *First use* is a process that loads the package alone with all that it needs.

`make audit` asks for known vulnerabilities of these versions (`pip-audit`, in an environment of its own), and fails if
there are any, or if it could not ask about one. It needs the public package index, so it is no part of `make check`.

This page is written by `make dependencies` from `docs/dependencies.toml`; a test compares it with what is pinned.
"""


@dataclass(frozen=True, slots=True)
class Package:
    """One package of constraints.txt.

    Attributes:
        name: as it stands there.
        version: the one that is pinned.
        use: what for.
        kept: by whom.
        licence: its SPDX name.
        module: what to import; "" if it is no library.
    """

    name: str
    version: str
    use: str
    kept: str
    licence: str
    module: str


def key(name: str) -> str:
    """Return a distribution's name in the form in which all spellings are the same (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def packages() -> list[Package]:
    """Return what is pinned, in that order.

    Raises:
        KeyError: dependencies.toml knows nothing of one.
    """
    told = tomllib.loads((ROOT / "docs" / "dependencies.toml").read_text(encoding="utf-8"))
    pinned = (line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split())
    return [Package(name, version, **{"module": _module(name)} | told[name]) for name, version in pinned]


def _module(name: str) -> str:
    """Return what is imported of a distribution that is installed here."""
    own = (module for module, names in packages_distributions().items() if key(name) in map(key, names))
    return min((module for module in own if not module.startswith("_")), key=len, default="")


def extras() -> dict[str, list[Requirement]]:
    """Return extra -> what it asks for, as pyproject.toml has it; "" for what is always there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {"": project["dependencies"]} | project["optional-dependencies"]
    return {extra: list(map(Requirement, texts)) for extra, texts in named.items()}


def with_theirs(asked: Iterable[Requirement]) -> set[str]:
    """Return the packages that are asked for, with all that they bring along in turn on this machine."""
    seen, left = set[tuple[str, str]](), [(key(one.name), extra) for one in asked for extra in ("", *one.extras)]
    while left:
        wanted = left.pop()
        if wanted in seen:
            continue
        seen.add(wanted)
        name, extra = wanted
        for one in map(Requirement, requires(name) or ()):
            if one.marker is None or one.marker.evaluate({"extra": extra}):
                left += [(key(one.name), more) for more in ("", *one.extras)]
    return {name for name, _ in seen}


def cost_of(code: str, owner: Mapping[str, str]) -> Counter[str]:
    """Return distribution -> the microseconds that a process spends on loading its modules."""
    done = subprocess.run([sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, check=True)
    spent = Counter[str]()
    for own_us, _, module in _LINE.findall(done.stderr):
        top = module.partition(".")[0]
        spent["aftersend" if top in OWN else owner.get(top, "Python")] += int(own_us)
    return spent


def best_of(code: str, owner: Mapping[str, str]) -> Counter[str]:
    """Return the quickest of several runs, package by package."""
    runs = [cost_of(code, owner) for _ in range(TIMES)]
    return Counter({name: min(run[name] for run in runs) for name in runs[0]})


def page() -> str:
    """Return the page, with times measured now."""
    owner = {module: key(names[0]) for module, names in packages_distributions().items()}
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / STORE_NAME)
        build(Path(folder), FIXED_NOW)
        status, screen = (best_of(code.format(store=store), owner) for code in (_STATUS, _SCREEN))
    named = extras()
    direct = {key(one.name) for asked in named.values() for one in asked}
    always = with_theirs(named[""])
    optional = with_theirs(one for extra, asked in named.items() if extra not in {"", "dev"} for one in asked) - always
    parts = [("Always there", always), ("Optional", optional)]
    lines = [_INTRODUCTION.format(times=TIMES, python=f"Python {sys.version.split()[0]}")]
    for heading, names in parts:
        chosen = [package for package in packages() if key(package.name) in names]
        lines += [f"## {heading}", "", *_costly(chosen, direct, status, screen, owner), ""]
    lines += ["For comparison:", "", "| | status | screen |", "|---|--:|--:|"]
    lines += [f"| {name} | {_ms(status[name])} | {_ms(screen[name])} |" for name in ("aftersend", "Python")]
    tools = [package for package in packages() if key(package.name) not in always | optional]
    lines += [
        "",
        "## Only to develop",
        "",
        "| package | version | what for | kept by | licence |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {_cells(package, direct)} |" for package in tools]
    return "\n".join(lines) + "\n"


def _costly(
    chosen: list[Package], direct: set[str], status: Counter[str], screen: Counter[str], owner: Mapping[str, str]
) -> Iterator[str]:
    yield "| package | version | what for | kept by | licence | status | screen | first use |"
    yield "|---|---|---|---|---|--:|--:|--:|"
    for package in chosen:
        name = key(package.name)
        first = ""
        if package.module and not _ms(screen[name]) and not _ms(status[name]):
            spent = best_of(f"import {package.module}", owner)
            alone = best_of("pass", owner)
            first = _ms(spent.total() - alone.total())
        yield f"| {_cells(package, direct)} | {_ms(status[name])} | {_ms(screen[name])} | {first} |"


def _cells(package: Package, direct: set[str]) -> str:
    name = f"**{package.name}**" if key(package.name) in direct else package.name
    return f"{name} | {package.version} | {package.use} | {package.kept} | {package.licence}"


def _ms(microseconds: int) -> str:
    return f"{microseconds / 1000:.1f}" if microseconds >= _LEAST_US else ""


if __name__ == "__main__":
    (ROOT / "docs" / "dependencies.md").write_text(page(), encoding="utf-8")
