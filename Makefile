# Needs Python 3.11 or newer and make; `check` also Node, the browser tests Chromium. Set-up happens by itself, once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
INSTALLED := $(VENV)/.installed
LINTERS := node_modules/.ready
UV_VERSION := 0.13.9

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check format fuzz crashes bench bench-full requirements schema docs screens lock clean

help: ## List the commands.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

demo: $(INSTALLED) ## Start a whole synthetic operator and print where to log in (ARGS="--port 9000").
	@$(BIN)/konter demo $(ARGS)

test: $(INSTALLED) ## Run all tests on a real PostgreSQL, those in a browser too (ARGS="tests/sales -x").
	@$(BIN)/python -m tools.run_tests $(ARGS)

check: $(INSTALLED) $(LINTERS) ## Format, lint, types, imports, the rules of the house, and the pages' script and style.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest tests/tidy
	@npm run --silent lint

format: $(INSTALLED) ## Format the code and mend what the linter can mend.
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

fuzz: $(INSTALLED) ## Throw generated requests at a served demo for ten minutes (ARGS=60: one).
	@$(BIN)/python -m tools.fuzz $(or $(ARGS),600)

crashes: $(INSTALLED) ## Kill everything at random while clients sell, then prove the books (ARGS="--kills 1000 --seed 1 2").
	@$(BIN)/python -m tests.crashes $(ARGS)

bench: $(INSTALLED) ## Measure Konter against pgbench, then points, in a quarter of an hour (ARGS="--only a,b": those alone).
	@$(BIN)/python -m bench $(ARGS)
ifeq ($(ARGS),)
	-@$(BIN)/python -m bench.points
	-@$(BIN)/python -m bench.rewards
	-@$(BIN)/python -m bench.whole_base
endif

bench-full: $(INSTALLED) ## The same with long runs and ten million entries: about half an hour.
	@$(BIN)/python -m bench --full $(ARGS)

requirements: $(INSTALLED) ## List each requirement with the tests that prove it, and name those that none proves.
	@$(BIN)/python -m tools.requirements

schema: $(INSTALLED) ## Write schema.sql from the migrations.
	@$(BIN)/python -m tools.write_schema

docs: $(INSTALLED) ## Write the API's description to docs/api/.
	@$(BIN)/python -m tools.write_openapi

screens: $(INSTALLED) ## Take the README's pictures and those of every page from served demos.
	@$(BIN)/python -m tools.screens
	@$(BIN)/python -m tools.screens_pages

lock: build/uv/bin/uv ## Choose the newest versions that pyproject.toml allows and write requirements.lock.
	@build/uv/bin/uv pip compile pyproject.toml --extra dev --extra analytics --upgrade --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --quiet --output-file requirements.lock

clean: ## Remove what was made here: environment, linters, caches. Data under .konter/ stays.
	rm -rf $(VENV) node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis .import_linter_cache

# An environment without its stamp is half made, and made again.
$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Konter needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -e $@ || { rm -rf $(VENV) && $(PYTHON) -m venv $(VENV); } || { \
		echo "Python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@rm -f $@
	@echo "Installing what requirements.lock names ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(INSTALLED): $(READY) pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(LINTERS): package-lock.json package.json .npmrc
	@command -v npm >/dev/null || { \
		echo "make check needs Node and npm for the pages' linters; on Debian: apt-get install nodejs npm" >&2; exit 1; }
	@npm ci --ignore-scripts --silent
	@touch $@

build/uv/bin/uv:
	@$(PYTHON) -m venv build/uv && build/uv/bin/python -m pip install --quiet uv==$(UV_VERSION)
