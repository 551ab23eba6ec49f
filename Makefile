# Hutong. `make` or `make help` lists what there is.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
BUILD := src/hutong/console_build/index.html
PORT ?= 8000
# Each of the hundred processes of the tests and of the demo would compile its modules anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

help: ## list the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@echo "→ Python environment in .venv (once: a few minutes)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

CONSOLE_SOURCES := $(shell find console -path console/node_modules -prune -o -type f -print 2>/dev/null)

console/node_modules/.ready: console/package-lock.json $(READY)
	@echo "→ console dependencies (once: a minute)"
	@cd console && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILD): console/node_modules/.ready $(CONSOLE_SOURCES)
	@echo "→ console build (half a minute)"
	@cd console && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent build -- --logLevel warn

setup: $(READY) ## make the Python environment
console: $(BUILD) ## build the web console

demo: $(READY) $(BUILD) ## the storm night in central Shanghai on http://127.0.0.1:8000
	@$(BIN)/hutong demo --port $(PORT)

test: $(READY) ## unit, store (SQLite and PostgreSQL), engine, API and scenario tests
	@$(BIN)/python -m pytest -n 3 --dist loadfile tests

coverage: $(READY) ## the same with line coverage, which takes half as long again
	@$(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=term:skip-covered tests

POSTGRES_BIN ?= /usr/lib/postgresql/15/bin
test-postgresql: $(READY) ## the PostgreSQL half of the tests on an installed server's programs (POSTGRES_BIN, Debian's 15)
	@HUTONG_TEST_POSTGRES_BIN="$(POSTGRES_BIN)" $(BIN)/python -m pytest -n 2 --dist loadfile -k postgres \
		tests/store tests/engine tests/api

test-browser: $(READY) $(BUILD) ## the console in Debian's Chromium: a case from gauge to 结案, axe, phone
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tools/browser_run.py

test-clients: $(READY) ## other people's clients (frost_sta_client, pygeoapi, schemathesis) against a running city
	@$(BIN)/python tests_clients/run.py

check: $(READY) ## format, lint, types, imports, packs, sizes
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/hutong check
	@$(BIN)/python tools/house.py

KILLS ?= 10
faults: $(READY) ## kill -9 of nights, packers and servers; a full disk
	@$(BIN)/python -m pytest tests_faults -s --kills $(KILLS)

MINUTES ?= 10
bench: $(READY) ## the headline figures, beside their peers, on a quiet machine
	@$(BIN)/python -m benchmarks.observe --minutes $(MINUTES)
	@$(BIN)/python -m benchmarks.judge
	@$(BIN)/python -m benchmarks.data_arrays
	@$(BIN)/python -m benchmarks.single_posts
	@$(BIN)/python -m benchmarks.hj212
	@$(BIN)/python -m benchmarks.mqtt_warning
	@$(BIN)/python -m benchmarks.latest_pages
	@$(BIN)/python -m benchmarks.aggregates
	@$(BIN)/python -m benchmarks.expand_latest --rows 50000000 --peer
	@$(BIN)/python -m benchmarks.commit_latency
	@$(BIN)/python -m benchmarks.growth
	@$(BIN)/python -m benchmarks.case_lifecycles
	@$(BIN)/python -m benchmarks.case_lists
	@$(BIN)/python -m benchmarks.case_peers

bench-million: $(READY) ## one million cases beside ten thousand: under an hour and 25 GB of disk in FOLDER, both databases
	@$(BIN)/python -m benchmarks.case_million $(if $(DATABASE),--database $(DATABASE)) $(if $(CASES),--cases $(CASES)) \
		$(if $(STAGE),--stage $(STAGE)) $(if $(FOLDER),--folder $(FOLDER))

FLINK := .venv-flink
bench-flink: $(READY) ## the keyed pattern beside Apache Flink, which gets an environment of its own (it needs Java)
	@test -x $(FLINK)/bin/python || $(PYTHON) -m venv $(FLINK)
	@$(FLINK)/bin/python -m pip install --quiet --disable-pip-version-check "apache-flink>=2.0"
	@$(BIN)/python -m benchmarks.flink_pattern --flink $(FLINK)/bin/python

docs-run: $(READY) ## run every command that the documentation marks as runnable
	@$(BIN)/python tools/docs_run.py

format: $(READY) ## put every file into the house's form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: help setup console demo test coverage test-postgresql test-browser test-clients faults bench bench-million bench-flink check docs-run format
