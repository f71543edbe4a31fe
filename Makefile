# Two commands matter: `make run` shows the main job on real data, `make test` proves that it works.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
DATA ?= $(wildcard ../shared/data)
ENQUIRY := 14 year old battered in Leith, lives in Fife, not sleeping
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help python setup run test drills check lint format lock clean

help: ## list what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## / — /' | sort

$(VENV)/.python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or set PYTHON=/path/to/python3."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.python requirements.lock pyproject.toml
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.python requirements-dev.lock pyproject.toml
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run

python:
	@test -n "$(PYTHON)" && $(PYTHON) -c "import venv, ensurepip"

setup: $(VENV)/.dev ## install everything a developer needs into .venv

run: $(VENV)/.run ## set up on real data, show one worked match, then serve on port 8000
	$(BIN)/waymark setup $(if $(DATA),--data $(DATA))
	@echo
	@echo 'waymark match "$(ENQUIRY)"'
	@$(BIN)/waymark match "$(ENQUIRY)"
	@echo
	$(BIN)/waymark serve

test: $(VENV)/.dev ## set up and run the tests
	$(BIN)/python -m pytest --numprocesses auto

drills: $(VENV)/.dev ## kill, race, refuse and leak at full size; on PostgreSQL too with WAYMARK_TEST_DATABASE_URL
	WAYMARK_DRILLS=full $(BIN)/python -m pytest tests/drills

lint: $(VENV)/.dev ## format, style, types and directions; all of them, then the verdict
	@failed=0; \
	$(BIN)/ruff format --check . || failed=1; \
	$(BIN)/ruff check . || failed=1; \
	$(BIN)/mypy || failed=1; \
	$(BIN)/lint-imports || failed=1; \
	exit $$failed

check: lint test ## everything that must hold before a commit

format: $(VENV)/.dev ## put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

COMPILE = $(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host --strip-extras \
	--allow-unsafe --no-annotate --no-header --build-deps-for editable

lock: $(VENV)/.dev ## pin dependencies anew, with hashes and no addresses
	$(COMPILE) --output-file requirements.lock pyproject.toml
	$(COMPILE) --extra dev --output-file requirements-dev.lock pyproject.toml

clean: ## remove what was built; the record in var/ stays
	rm -rf $(VENV) *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
