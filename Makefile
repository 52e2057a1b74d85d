# make run starts the service, make test tests it; both install what they need.

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.DEFAULT_GOAL := help

.PHONY: help
help:  ## show what there is
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*##/:/' | column -t -s:

.PHONY: run
run: .venv/running  ## start the service; with options as in: make run ARGS="--port 8080"
	@exec $(BIN)/python run.py $(ARGS)

.PHONY: test
test: .venv/testing packages  ## run all tests; some of them as in: make test ARGS="-k csv"
	$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

.PHONY: check
check: .venv/testing  ## check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: bench
bench: PROGRAMS := wrk:wrk sqlite3:sqlite3 curl:curl
bench: .venv-bench/installed packages  ## time exports and requests beside others, as in: make bench ARGS="--quick"
	.venv-bench/bin/python -m benchmarks $(ARGS)

.PHONY: clean
clean:  ## remove what was installed and cached; instance/ stays
	rm -rf .venv .venv-bench .cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: what is installed is installed again only when its list has changed.

.venv/running: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/testing: requirements.txt requirements-dev.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ .venv/running

.venv-bench/installed: requirements.txt requirements-bench.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; name it with PYTHON=, as in: make run PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv

# Programs that tests need, each with Debian's package. None of these packages starts a service; PostgreSQL comes with pip.

PROGRAMS := chromium:chromium curl:curl mariadbd:mariadb-server-core my_print_defaults:mariadb-client-core \
	redis-check-rdb:redis-tools

.PHONY: packages
packages:
	@PATH="$$PATH:/usr/sbin"; missing=""; for pair in $(PROGRAMS); do \
		command -v $${pair%:*} >/dev/null || missing="$$missing $${pair#*:}"; done; \
	test -z "$$missing" && exit 0; \
	command -v apt-get >/dev/null || { echo "The tests need these packages; please install them:$$missing" >&2; exit 1; }; \
	if test "$$(id -u)" = 0; then sudo=""; else sudo=sudo; fi; \
	echo "Installing:$$missing"; \
	$$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing || \
		{ echo "These could not be installed; please install them by hand:$$missing" >&2; exit 1; }
