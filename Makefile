# What this project can do; `make help` lists it. Needs python3 (3.11 or newer) and the package index, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 4

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench bench-page bench-quick fuzz soak soak-send soak-several soak-faults shots docs dependencies audit

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(READY) ## install aftersend and its tools into .venv

$(READY): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "aftersend needs python3 (3.11 or newer), and there is none here." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("aftersend needs Python 3.11 or newer; %s is %d.%d." % (sys.executable, *sys.version_info[:2]))'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) has no venv module (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }
	@test -x $(BIN)/python && $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(READY)

demo: $(READY) ## open the app on a copy of the sample world
	$(BIN)/aftersend demo

test: $(READY) ## run all tests
	$(BIN)/python -m pytest -n $(WORKERS)

check: $(READY) ## everything that must hold: format, lint, types, layers, tests, benchmarks' smoke run
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test
	$(MAKE) bench-quick

fuzz: $(READY) ## other random examples in all tests that have some, and bounce mails broken for some minutes
	$(BIN)/python -m pytest -n $(WORKERS) -m hypothesis --hypothesis-profile other
	PATTERN_CHARS=2000 $(BIN)/python -m pytest tests/hostile/test_patterns_are_quick.py
	FUZZ_EXAMPLES=20000 $(BIN)/python -m pytest --hypothesis-profile other tests/feeds/test_broken_bounces.py

soak: $(READY) ## kill `aftersend follow` fifty times while its log is written and rotated (SEED=n)
	FOLLOW_KILLS=50 FOLLOW_MAILS=2500 FOLLOW_SEED=$(or $(SEED),1) $(BIN)/python -m pytest tests/following/test_killed_at_any_moment.py

soak-send: $(READY) ## kill `aftersend send` fifty times over ten thousand mails, and its relay, too (SEED=n)
	SEND_KILLS=50 SEND_MAILS=10000 SEND_SEED=$(or $(SEED),1) $(BIN)/python -m pytest -s tests/outbox/test_killed_at_any_moment.py

soak-several: $(READY) ## two screens, one that looks on, a follow and a send at one store for 400 decisions (SEED=n)
	SEVERAL_STEPS=200 SEVERAL_SEED=$(or $(SEED),1) $(BIN)/python -m pytest -s tests/several

soak-faults: $(READY) ## kill every command and the screen at touches of the disk, and let the disk fail (KILLS=n each, SEED=n)
	FAULT_KILLS=$(or $(KILLS),40) FAULT_SEED=$(or $(SEED),1) $(BIN)/python -m pytest -s tests/faults

bench: $(READY) ## measure with up to a million recipients and 20 million events, beside peers (SIZE=n: smaller)
	$(BIN)/python -m benchmarks $(addprefix --size ,$(SIZE))

bench-page: $(READY) ## the same, and write docs/performance.md from it
	$(BIN)/python -m benchmarks $(addprefix --size ,$(SIZE)) --json > docs/performance.jsonl
	$(BIN)/python -m benchmarks --page docs/performance.jsonl > docs/performance.md

bench-quick: $(READY) ## the same on a few thousand rows: does it run?
	$(BIN)/python -m benchmarks --quick

shots: $(READY) ## draw docs/screenshots from the real app
	$(BIN)/python docs/shots.py

dependencies: $(READY) ## measure what the packages cost, and write docs/dependencies.md
	$(BIN)/python docs/dependencies.py

audit: ## ask the public package index for known vulnerabilities of what is pinned (needs the network)
	@test -x .venv-audit/bin/pip-audit || { $(PYTHON) -m venv .venv-audit && .venv-audit/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.10,<3'; }
	.venv-audit/bin/pip-audit --strict --disable-pip --no-deps --requirement constraints.txt

docs: $(READY) ## write docs/keys.md, docs/commands.md and docs/feeds.md from the app itself
	$(BIN)/python -c "from tui.keys import keys_page; print(keys_page(), end='')" > docs/keys.md
	$(BIN)/python -m tui.cli.page > docs/commands.md
	$(BIN)/python -m store.feeds.page > docs/feeds.md
